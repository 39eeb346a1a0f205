/**
 * How varied a list of texts is, by figures that need no model: models repeat themselves in openings and
 * phrases long before they repeat a whole text.
 */
import { gzipSync } from "node:zlib";

export interface Diversity {
  /** Texts that are measured. */
  readonly texts: number;
  /** Share of texts that stand in the list before, letter case and blanks at the ends aside; 0 to 1. */
  readonly duplicates: number;
  /** Different words, and pairs of neighbouring words, over all of them (Li et al. 2016, distinct-n); 0 to 1, higher is more varied. */
  readonly distinct1: number;
  readonly distinct2: number;
  /** Bytes over gzipped bytes of all texts, a line each (Shaib et al. 2024, compression ratio); 1 up, lower is more varied. */
  readonly compression: number;
  /**
   * Mean over the texts of ln(1 + r), r being how often their different runs of four words are found in other
   * texts, once a text (Shaib et al. 2024, self-repetition); 0 up, lower is more varied.
   */
  readonly selfRepetition: number;
  /** Share of texts whose first three words are the first three of another; 0 to 1. */
  readonly sharedOpenings: number;
}

/**
 * Throws nothing; all shares of an empty list are 0, and its compression is 1. All figures but the shares of
 * texts depend on how many texts there are and how long they are: compare lists of about the same size.
 */
export function measureDiversity(texts: readonly string[]): Diversity {
  const words = texts.map(wordsOf);
  const pairs = words.map((own) => own.slice(1).map((word, i) => `${own[i]} ${word}`));
  const openings = words.map((own) => own.slice(0, 3).join(" "));
  const counts = Map.groupBy(openings, (opening) => opening);
  const shared = openings.filter((opening) => (counts.get(opening)?.length ?? 0) > 1).length;
  const lines = Buffer.from(texts.join("\n"));
  return {
    texts: texts.length,
    duplicates: share(texts.length - new Set(texts.map((text) => text.trim().toLowerCase())).size, texts.length),
    distinct1: distinct(words),
    distinct2: distinct(pairs),
    compression: lines.length === 0 ? 1 : lines.length / gzipSync(lines).length,
    selfRepetition: selfRepetition(words),
    sharedOpenings: share(shared, texts.length),
  };
}

function selfRepetition(texts: readonly (readonly string[])[]): number {
  const runs = texts.map((words) => new Set(words.slice(3).map((_, i) => words.slice(i, i + 4).join(" "))));
  const textsWith = new Map<string, number>();
  for (const run of runs.flatMap((own) => [...own])) textsWith.set(run, (textsWith.get(run) ?? 0) + 1);
  const elsewhere = (own: ReadonlySet<string>) => [...own].reduce((sum, run) => sum + (textsWith.get(run) ?? 1) - 1, 0);
  const sum = runs.reduce((total, own) => total + Math.log1p(elsewhere(own)), 0);
  return share(sum, texts.length);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function distinct(pieces: readonly (readonly string[])[]): number {
  const all = pieces.flat();
  return share(new Set(all).size, all.length);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
