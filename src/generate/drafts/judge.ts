/**
 * Whether a text that a model wrote may stand in a cell: a text that reads as one, of the length that was
 * asked for, and no refusal, placeholder or echo of the request. Nothing here knows the truth of a text.
 */
import type { FallbackReason } from "../../dataset/fallback.ts";
import type { Field } from "../../dataset/schema.ts";
import { piecesOf } from "../holes.ts";
import { limitsOfText } from "../rules.ts";
import { wholeSentences } from "./fit.ts";
import { maxCharsOf } from "./groups.ts";
import type { Draft, Item } from "./lay-out.ts";
import type { Style } from "./style.ts";

/** Texts in the order of the draft's fields, or why one of them won't do. */
export type Judged =
  | { readonly texts: readonly string[]; readonly reason?: undefined }
  | { readonly texts?: undefined; readonly reason: FallbackReason };

/** A text cut at the end of a sentence must keep this share of what may stand. */
const LEAST_KEPT = 0.6;

/** A text of this share of its wanted length is too short; models count characters badly. */
const LEAST_LENGTH = 0.4;

/** As spreadsheets read them: a drafted text never starts like a formula. */
const FORMULA_START = /^[=+\-@\s\uff1d\uff0b\uff0d\uff20]+/;

/**
 * What nobody sees: control and bidirectional characters, half surrogates, zero-width ones and tags. Joiners
 * stay where scripts and emoji need them, that is, not after Latin.
 */
const INVISIBLE =
  /[^\P{Cc}\n\t]|\p{Cs}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|(?<=^|[\p{ASCII}\p{Script=Latin}])[\u200c\u200d]+/gu;

const QUOTED = /^(?:"([^"]*)"|\u201c([^\u201c\u201d]*)\u201d)$/;

/**
 * A model that speaks of its task. The words alone are no refusal, since people in texts say "I can't help
 * laughing" and "I'm sorry, but your parcel is late": they stand where a sentence begins and name the task.
 */
const UNABLE =
  "(?:can(?:no|['\u2019])?t|can not|could not|couldn['\u2019]t|won['\u2019]t|will not|must decline|am (?:unable|not able)|['\u2019]m (?:unable|not able))";
const WRITE = "write|provide|create|generate|produce|fulfil+|complete|answer|process|do";
const TASK = "(?:requests?|content|texts?|descriptions?|responses?|information|reviews?|notes?|rows?)";
const REFUSALS = [
  /\bas an? (?:ai|artificial intelligence)(?:,| i\b| (?:language )?(?:model|assistant)\b)|\bas a (?:large )?language model\b/i,
  /\bals ki-?(?:sprach)?modell\b|\ben tant (?:que mod\u00e8le de langage|qu['\u2019]ia\b)|\bcomo modelo de lenguaje\b|\bcome modello linguistico\b|\bals (?:ai-)?taalmodel\b/i,
  new RegExp(
    `(?:^|[.!?]\\s+)(?:[^.!?]{0,30}\\b(?:sorry|apologi[sz]e|apologies|unfortunately)\\b[,.]?(?: but)? )?i ?${UNABLE}(?: be able)?(?: to)? (?:assist|comply|help(?: you)? with (?:th|your|such)|(?:${WRITE})\\b(?:[^.!?]{0,40}\\b${TASK}\\b| (?:this|that|it)[.,!]))`,
    "i",
  ),
];

/** An answer to somebody instead of a text. */
const CHATTER =
  /^(?:sure|certainly|of course|absolutely|okay)\b[,!.:]* here\b|^here(?:['\u2019]s| is| are) [^.!?\n:]{0,40}\b(?:description|text|note|name|title|review|answer|output|row|list|summary|version|response|draft|json)s?\b[^.!?\n]{0,60}(?::|$)/i;

const PLACEHOLDER =
  /\[[A-Za-z][^\][]{0,30}\]|<[A-Za-z][\w -]{0,30}>|\{[A-Za-z][\w .-]{0,30}\}|\b(?:TODO|TBD|XXX+|N\/A)\b|\b[Ll](?:orem ipsum|OREM IPSUM)\b|^(?:null|undefined|NaN)$/;

/** JSON, Markdown, HTML, an escaped line break, and the sign of bytes that were none of UTF-8. */
const MARKUP =
  /```|^\s*[{[]\s*"|^#{1,6} |\*\*[^*]+\*\*|\]\(https?:|^\|.*\|$|<\/?(?:a|b|br|em|h[1-6]|i|li|ol|p|span|strong|ul|div)\b[^>]*>|<\/[a-z]+>|&(?:amp|lt|gt|quot|nbsp|#\d+);|\\[n"]|\ufffd/m;

/** From so many characters on, a prompt's own words in their order are an echo of it, with values filled in. */
const LEAST_ECHO = 24;

/** Judges the texts of one row; they come back as they are to be kept. */
export function judge({ fields, slots }: Draft, item: Item, row: Readonly<Record<string, string>>): Judged {
  const texts: string[] = [];
  for (const [k, field] of fields.entries()) {
    const text = shorten(tidy(row[field.name] ?? ""), maxCharsOf(field));
    const { least } = item.style.lengths[k] as { least: number };
    const reason = text === undefined ? "too-long" : reasonAgainst(text, field, slots, item.style, least);
    if (reason) return { reason };
    texts.push(text as string);
  }
  return { texts };
}

function reasonAgainst(
  text: string,
  field: Field,
  slots: readonly string[],
  style: Style,
  least: number,
): FallbackReason | undefined {
  if (text === "") return "empty";
  if (REFUSALS.some((refusal) => refusal.test(text))) return "refusal";
  if (isEcho(text, field, style)) return "echo";
  const pieces = piecesOf(text);
  if (pieces.some((piece, place) => place % 2 === 1 && !slots.includes(piece))) return "unknown-slot";
  const literals = pieces.filter((_, place) => place % 2 === 0).join(" ");
  if (/[{}]{2}/.test(literals)) return "unknown-slot";
  if (MARKUP.test(literals) || CHATTER.test(literals)) return "not-text";
  if (PLACEHOLDER.test(literals)) return "placeholder";
  if (text.length > (field.constraints?.maxLength ?? text.length)) return "constraint";
  // What has slots is held to its limits when they are filled.
  if (pieces.length === 1 && !limitsOfText(field)(text)) return "constraint";
  return [...text].length < least * LEAST_LENGTH ? "too-short" : undefined;
}

/** NFC and visible; without quotes around it; blanks single, paragraphs kept; no formula at the start. */
function tidy(text: string): string {
  return text
    .normalize("NFC")
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n")
    .replace(INVISIBLE, "")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[\n ]*/g, (breaks) => (breaks.split("\n").length > 2 ? "\n\n" : "\n"))
    .trim()
    .replace(QUOTED, "$1$2")
    .replace(FORMULA_START, "")
    .trim();
}

/** The text, or its sentences that fit in `most` UTF-16 units when they are most of it; undefined when they aren't. */
function shorten(text: string, most: number): string | undefined {
  if (text.length <= most) return text;
  const kept = wholeSentences(text, most);
  return kept && kept.length >= most * LEAST_KEPT ? kept : undefined;
}

/** The prompt itself, or what else the model was told: it copies instead of writing. */
function isEcho(text: string, { generator }: Field, { angle }: Style): boolean {
  const said = fold(text);
  const prompt = String(generator?.prompt ?? "");
  if (said === fold(prompt) || said.includes(fold(angle))) return true;
  if (/"(?:i|tone|voice|angle|length)"\s*:|\b(?:tone|voice|angle)\s*:.*\b(?:voice|angle|length)\s*:/s.test(text))
    return true;
  const literals = piecesOf(prompt).flatMap((piece, place) => (place % 2 === 0 ? fold(piece) : []));
  let from = 0;
  const isInOrder = literals.every((literal) => {
    const found = said.indexOf(literal, from);
    from = found + literal.length;
    return found >= 0;
  });
  return isInOrder && literals.join("").length >= LEAST_ECHO;
}

/** For comparing: compatibility forms, case, punctuation and blanks don't count. */
function fold(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}

/** As `fold`, but emoji without a word remain what they are. */
function foldWhole(text: string): string {
  return fold(text) || text;
}

/** Share of three-letter pieces in common (Jaccard) from which two texts are the same in other words. */
const NEAR = 0.8;

/**
 * MinHash signatures of 8 bands with 4 hashes each (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4): texts
 * that are 0.8 alike share a band with a likelihood of 1 - (1 - 0.8^4)^8 = 98 %, others that are 0.2 alike with 1 %.
 */
const BANDS = 8;
const BAND_HASHES = 4;

/** Texts seen so far, of one field. */
export interface Seen {
  /** Whether this text, or one that is nearly the same, was added. */
  find(text: string): "duplicate" | "near-duplicate" | undefined;
  add(text: string): void;
}

/** Finds repetitions: texts whose signatures have a band in common are compared, no others. */
export function makeSeen(): Seen {
  const exact = new Set<string>();
  const buckets = new Map<string, Set<string>[]>();
  return {
    find: (text) => {
      const folded = foldWhole(text);
      if (exact.has(folded)) return "duplicate";
      const pieces = gramsOf(folded);
      const candidates = new Set(bandsOf(pieces).flatMap((band) => buckets.get(band) ?? []));
      for (const candidate of candidates) if (jaccard(pieces, candidate) >= NEAR) return "near-duplicate";
      return undefined;
    },
    add: (text) => {
      const folded = foldWhole(text);
      exact.add(folded);
      const pieces = gramsOf(folded);
      for (const band of bandsOf(pieces)) buckets.set(band, [...(buckets.get(band) ?? []), pieces]);
    },
  };
}

function gramsOf(folded: string): Set<string> {
  const pieces = new Set<string>();
  for (let i = 0; i < Math.max(1, folded.length - 2); i++) pieces.add(folded.slice(i, i + 3));
  return pieces;
}

/** Each band of the signature as a key. */
function bandsOf(pieces: ReadonlySet<string>): string[] {
  const hashes = Array.from(pieces, hashOf);
  return Array.from({ length: BANDS }, (_, band) => {
    const least = Array.from({ length: BAND_HASHES }, (_, k) => leastHash(hashes, band * BAND_HASHES + k));
    return `${band}:${least.join()}`;
  });
}

/** The least of the hashes after mixing them by one of many functions (the finaliser of MurmurHash3). */
function leastHash(hashes: readonly number[], salt: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const hash of hashes) {
    let mixed = Math.imul(hash ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    least = Math.min(least, (mixed ^ (mixed >>> 16)) >>> 0);
  }
  return least;
}

/** FNV-1a. */
function hashOf(piece: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < piece.length; i++) hash = Math.imul(hash ^ piece.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const piece of a) if (b.has(piece)) common++;
  return common / (a.size + b.size - common);
}
