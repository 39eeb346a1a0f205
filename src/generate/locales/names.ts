/**
 * Names with their form in an e-mail address, and the shuffle that deals pairs of them.
 *
 * A row's pair is its place in a keyed shuffle of all pairs, so no pair comes again before all have come,
 * and what is made of pairs is unique without remembering any: from the second round on a number is added.
 */
import type { Numbers } from "../column.ts";
import type { Block, FieldContext } from "../kind.ts";
import { permuteBack, permuteBackAll } from "../random.ts";
import { shuffleAll } from "../shuffle.ts";
import { makeVocabulary } from "../vocabulary.ts";
import { combine, type LocaleData } from "./locale.ts";
import { type Owner, perLocale, sharedName } from "./locales.ts";

/** Names and their slugs by id. */
export interface Names {
  readonly names: readonly string[];
  readonly slugs: readonly string[];
}

const EMAIL_DOMAINS = ["@example.com", "@example.net", "@example.org"];

const namesOf = perLocale((data) => {
  const { female, male, last } = data.people();
  return { females: new Set(female), first: named([...female, ...male], data), last: named(last, data) };
});

export const firstNamesOf = perLocale((_, locale) => makeVocabulary(namesOf(locale).first.names));
export const lastNamesOf = perLocale((_, locale) => makeVocabulary(namesOf(locale).last.names));

/** As they follow the first name. */
export const spacedLastNamesOf = perLocale((_, locale) => {
  return makeVocabulary(namesOf(locale).last.names.map((name) => ` ${name}`));
});

/** 0 for each first name of a woman, 1 of a man. */
export const sexesOf = perLocale((_, locale) => {
  const { females, first } = namesOf(locale);
  return Uint32Array.from(first.names, (name) => (females.has(name) ? 0 : 1));
});

/** Words of e-mails: `lastAtDomain` is number 3 x last name + domain, `last` stands before a number. */
export const emailWordsOf = perLocale((_, locale) => {
  const { first, last } = namesOf(locale);
  return {
    first: makeVocabulary(first.slugs.map((slug) => `${slug}.`)),
    last: makeVocabulary(last.slugs),
    lastAtDomain: makeVocabulary(combine(last.slugs, EMAIL_DOMAINS)),
  };
});

export const emailDomains = makeVocabulary(EMAIL_DOMAINS);

/** Of names with equal slugs the first is kept, so that pairs stay different. */
export function named(all: readonly string[], data: LocaleData): Names {
  const bySlug = new Map<string, string>();
  for (const name of all) {
    const slug = slugOf(name, data);
    if (!bySlug.has(slug)) bySlug.set(slug, name);
  }
  return { names: [...bySlug.values()], slugs: [...bySlug.keys()] };
}

/** A name in the letters a to z: "Björn O'Neill" is bjornoneill, in German bjoernoneill. */
export function slugOf(name: string, { spelling = {} }: LocaleData): string {
  return name
    .normalize("NFC")
    .toLowerCase()
    .replace(/./gu, (letter) => spelling[letter] ?? letter)
    .normalize("NFD")
    .replace(/[^a-z]/g, "");
}

/** The pair of each row. */
export interface Pairs {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  /** 2, 3, … from the second round through all pairs, NULL in the first; none when no row is beyond it. */
  readonly round: Numbers | undefined;
}

/** Deals pairs of a number below `firsts` and one below `seconds`; fields of one owner share them. */
export function pairsOf(context: FieldContext, purpose: string, owner: Owner, firsts: number, seconds: number) {
  const name = sharedName(purpose, owner);
  const stream = context.tableStream(name);
  const size = firsts * seconds;
  return {
    pairs: (block: Block): Pairs =>
      block.shared(name, () => {
        const { rows } = block;
        const first = new Uint32Array(rows.length);
        const second = new Uint32Array(rows.length);
        let most = 0;
        for (let i = 0; i < rows.length; i++) most = Math.max(most, rows[i] as number);
        const places = shuffleAll(stream, size, rows);
        for (let i = 0; i < places.length; i++) {
          const id = Math.floor((places[i] as number) / seconds);
          first[i] = id;
          second[i] = (places[i] as number) - id * seconds;
        }
        return { first, second, round: most < size ? undefined : roundsOf(rows, size) };
      }),
    /** The row that a pair was dealt to in a round, 1 the first. */
    rowOf: (first: number, second: number, round: number): number =>
      (round - 1) * size + permuteBack(stream, size, first * seconds + second),
    /** The rows of pairs that are all of the first round; of a second number only a `share`-th is the pair's. */
    rowsOf: (first: Uint32Array, second: Uint32Array, share: number): Float64Array => {
      const pairs = new Float64Array(first.length);
      for (let i = 0; i < pairs.length; i++) {
        pairs[i] = (first[i] as number) * seconds + (((second[i] as number) / share) | 0);
      }
      return permuteBackAll(stream, size, pairs);
    },
  };
}

function roundsOf(rows: Float64Array, size: number): Numbers {
  const values = new Float64Array(rows.length);
  const nulls = new Uint8Array(rows.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.floor((rows[i] as number) / size) + 1;
    nulls[i] = values[i] === 1 ? 1 : 0;
  }
  return { kind: "numbers", as: "number", scale: 0, values, nulls };
}
