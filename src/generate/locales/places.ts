/**
 * Places whose parts agree: city, region, postcodes and the telephone numbers kept for fiction there.
 *
 * Persons and addresses of one row live in the same place, so a Seattle address comes with a Seattle
 * area code. What always stands together is one word (", Seattle, WA 98101"), since a cell's cost is its
 * number of parts.
 */
import type { Words } from "../column.ts";
import type { Block, FieldContext, Generator } from "../kind.ts";
import { bits, idsBelow, type Stream } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";
import { combine } from "./locale.ts";
import { LOCALES, type Owner, perLocale, sharedName } from "./locales.ts";

/** Words of each place: those of place `p` are number first[p] to first[p] + count[p] - 1. */
export interface Choices {
  readonly vocabulary: Vocabulary;
  readonly first: Uint32Array;
  readonly count: Uint32Array;
  /** What may follow each of the words. */
  readonly ends?: Vocabulary | undefined;
}

/** The id of each word is the place's number. */
export const citiesOf = perLocale(({ places }) => makeVocabulary(places.map(([city]) => city)));
export const regionsOf = perLocale(({ places }) => makeVocabulary(places.map(([, region]) => region)));

export const postcodesOf = perLocale(({ places, postcodeEnds }): Choices => {
  const starts = choicesOf(places.map((place) => expandRanges(place[2])));
  return { ...starts, ends: postcodeEnds && makeVocabulary(postcodeEnds) };
});

/** City, region and postcode as they end an address; where the postcode is last, its end remains a part of its own. */
export const linesOf = perLocale(({ places, postcodeEnds = [""], line }, locale): Choices => {
  const isLast = line("", "", "#").endsWith("#");
  const lines = choicesOf(
    places.map(([city, region, postcodes, , more]) =>
      combine(expandRanges(postcodes), isLast ? [""] : postcodeEnds).map((code) => line(city, region, code, more)),
    ),
  );
  return isLast ? { ...lines, ends: postcodesOf(locale).ends } : lines;
});

export const phonesOf = perLocale(({ places }) => choicesOf(places.map((place) => expandDigits(place[3]))));

/** Streets with the blank or comma that parts them from the house number. */
export const streetsOf = perLocale(({ streets, street }) => makeVocabulary(streets().map(street)));

/** The place number of each row; fields with the same `as` and `locale` share it. */
export function placeIds(context: FieldContext, owner: Owner): (block: Block) => Uint32Array {
  const name = sharedName("place", owner);
  const stream = context.tableStream(name);
  const count = LOCALES[owner.locale].places.length;
  return (block) => block.shared(name, () => idsBelow(stream, block.draws, count));
}

/** Words of a vocabulary drawn evenly from a stream of the table. */
export function drawFrom(context: FieldContext, name: string, vocabulary: Vocabulary): (block: Block) => Words {
  const stream = context.tableStream(name);
  return ({ draws }) => ({ kind: "words", vocabulary, ids: idsBelow(stream, draws, vocabulary.words.length) });
}

/** One of the words of each row's place with one of the ends, all as likely; the end, if any, is a second part. */
export function drawOfPlace(context: FieldContext, purpose: string, owner: Owner, choices: Choices) {
  const place = placeIds(context, owner);
  const stream = context.tableStream(sharedName(purpose, owner));
  const { vocabulary, ends } = choices;
  return (block: Block): Words[] => {
    const ids = idsOfPlaces(stream, block.draws, place(block), choices);
    const words: Words = { kind: "words", vocabulary, ids };
    return ends ? [words, { kind: "words", vocabulary: ends, ids: splitIds(ids, ends.words.length) }] : [words];
  };
}

/** The column of such parts, with its vocabulary when it is one list of words. */
export function columnOfPlace(context: FieldContext, purpose: string, owner: Owner, choices: Choices): Generator {
  const draw = drawOfPlace(context, purpose, owner, choices);
  if (choices.ends) return { column: (block) => ({ kind: "joined", parts: draw(block) }) };
  return { vocabulary: choices.vocabulary, column: (block) => draw(block)[0] as Words };
}

/** Number word x ends + end for each row. */
function idsOfPlaces(stream: Stream, draws: Float64Array, places: Uint32Array, { first, count, ends }: Choices) {
  const ids = new Uint32Array(draws.length);
  const endCount = ends?.words.length ?? 1;
  for (let i = 0; i < ids.length; i++) {
    const place = places[i] as number;
    const drawn = (bits(stream, draws[i] as number) / 4294967296) * ((count[place] as number) * endCount);
    ids[i] = (first[place] as number) * endCount + drawn;
  }
  return ids;
}

/** Leaves the words' ids where they were and returns the ends'. */
function splitIds(ids: Uint32Array, endCount: number): Uint32Array {
  const ends = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    const word = Math.floor(id / endCount);
    ids[i] = word;
    ends[i] = id - word * endCount;
  }
  return ends;
}

/** Lists that are equal, as those of towns without telephone numbers of their own, are kept once. */
function choicesOf(lists: readonly (readonly string[])[]): Choices {
  const words: string[] = [];
  const known = new Map<string, number>();
  const first = lists.map((list) => {
    const start = known.get(list[0] as string) ?? words.length;
    if (start === words.length) words.push(...list);
    known.set(list[0] as string, start);
    return start;
  });
  return {
    vocabulary: makeVocabulary(words),
    first: Uint32Array.from(first),
    count: Uint32Array.from(lists, (list) => list.length),
  };
}

/** "10115 20095-20099" as the six postcodes it stands for. */
function expandRanges(list: string): string[] {
  return list.split(" ").flatMap((item) => {
    const [from = "", to] = item.split("-");
    if (to === undefined) return [from];
    const least = Number(from);
    return Array.from({ length: Number(to) - least + 1 }, (_, n) => String(least + n).padStart(from.length, "0"));
  });
}

/** "555-01##" as "555-0100" to "555-0199". */
function expandDigits(pattern: string): string[] {
  const digits = pattern.split("#").length - 1;
  return Array.from({ length: 10 ** digits }, (_, n) => {
    const text = String(n).padStart(digits, "0");
    let at = 0;
    return pattern.replace(/#/g, () => text[at++] as string);
  });
}
