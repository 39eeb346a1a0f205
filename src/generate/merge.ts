/**
 * One column from columns that were made for different rows.
 *
 * A branch is asked only for its own rows, as a block of their own (its dates may be impossible in the
 * others); the columns that come back are put in place here. What the merged column looks like is
 * settled when the schema is compiled, so that it is the same in every block.
 */
import type { FieldType } from "../dataset/schema.ts";
import type { Column, Joined, Numbers, Words } from "./column.ts";
import type { Block, Generator, Within } from "./kind.ts";
import { viewBlock } from "./view.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";

/** A column with the places of its rows in the merged one, ascending. */
export interface Part {
  readonly column: Column;
  readonly places: Float64Array;
}

/** What a merged column looks like. */
export type Merged =
  | Pick<Numbers, "kind" | "as" | "scale">
  /** `idsOf` gives for each vocabulary that may come the ids of its words in the merged one. */
  | { readonly kind: "words"; readonly vocabulary: Vocabulary; readonly idsOf: ReadonlyMap<Vocabulary, Uint32Array> }
  | { readonly kind: "joined" };

/**
 * How columns of a type merge: strings are words when every branch has a vocabulary (the merged one
 * has each word once, in the order of the branches), else joined.
 */
export function mergedOf(type: FieldType, scale: number, vocabularies: readonly (Vocabulary | undefined)[]): Merged {
  if (type !== "string" && type !== "uuid") {
    return { kind: "numbers", as: type === "integer" ? "number" : type, scale };
  }
  const known = vocabularies.filter((vocabulary) => vocabulary !== undefined);
  if (known.length < vocabularies.length || known.length === 0) return { kind: "joined" };
  const ids = new Map<string, number>();
  const idsOf = new Map<Vocabulary, Uint32Array>();
  for (const vocabulary of known) {
    for (const word of vocabulary.words) if (!ids.has(word)) ids.set(word, ids.size);
    idsOf.set(
      vocabulary,
      Uint32Array.from(vocabulary.words, (word) => ids.get(word) as number),
    );
  }
  return { kind: "words", vocabulary: makeVocabulary([...ids.keys()]), idsOf };
}

/** One column of `count` rows; a row in no part is NULL. */
export function mergeColumns(parts: readonly Part[], count: number, merged: Merged): Column {
  const [first] = parts;
  if (first && first.places.length === count && merged.kind !== "words") return first.column;
  const nulls = nullsOf(parts, count);
  switch (merged.kind) {
    case "numbers": {
      const values = new Float64Array(count);
      for (const { column, places } of parts) placeNumbers((column as Numbers).values, places, values);
      return { ...merged, values, nulls };
    }
    case "words": {
      const ids = new Uint32Array(count);
      for (const { column, places } of parts) placeWords(column as Words, places, merged, ids);
      return { kind: "words", vocabulary: merged.vocabulary, ids, nulls };
    }
    case "joined":
      return { kind: "joined", parts: parts.flatMap((part) => spread(part, count)), nulls };
  }
}

function nullsOf(parts: readonly Part[], count: number): Uint8Array | undefined {
  const covered = parts.reduce((sum, { places }) => sum + places.length, 0);
  if (covered === count && !parts.some(({ column }) => column.nulls)) return undefined;
  const nulls = new Uint8Array(count).fill(1);
  for (const { column, places } of parts) {
    for (let i = 0; i < places.length; i++) nulls[places[i] as number] = column.nulls?.[i] ?? 0;
  }
  return nulls;
}

function placeNumbers(values: Float64Array, places: Float64Array, into: Float64Array): void {
  for (let i = 0; i < places.length; i++) into[places[i] as number] = values[i] as number;
}

function placeWords(
  column: Exclude<Column, Numbers | Joined>,
  places: Float64Array,
  { idsOf }: Merged & { kind: "words" },
  into: Uint32Array,
): void {
  const ids = idsOf.get(column.vocabulary);
  if (!ids) throw new Error("A column has other words than its generator promised.");
  if (column.kind === "words") {
    for (let i = 0; i < places.length; i++) into[places[i] as number] = ids[column.ids[i] as number] as number;
  } else {
    for (let i = 0; i < places.length; i++) into[places[i] as number] = ids[0] as number;
  }
}

/** The parts of a string column over all rows: NULL, so written as nothing, outside its places. */
function spread({ column, places }: Part, count: number): Joined["parts"] {
  const parts = column.kind === "joined" ? column.parts : [column];
  return parts.map((part) => {
    const nulls = new Uint8Array(count).fill(1);
    for (let i = 0; i < places.length; i++) nulls[places[i] as number] = part.nulls?.[i] ?? 0;
    if (part.kind === "numbers") {
      const values = new Float64Array(count);
      placeNumbers(part.values, places, values);
      return { ...part, values, nulls };
    }
    const ids = new Uint32Array(count);
    if (part.kind === "words") for (let i = 0; i < places.length; i++) ids[places[i] as number] = part.ids[i] as number;
    return { kind: "words", vocabulary: part.vocabulary, ids, nulls };
  });
}

/** A branch of a choice: makes the rows for which its test is the first that is true. */
export interface Branch {
  test(block: Block): Numbers;
  column(block: Block): Column;
}

/** Each row by its branch, or by `otherwise` where no test is true; without that, NULL. */
export function chooseColumns(
  block: Block,
  branches: readonly Branch[],
  otherwise: ((block: Block) => Column) | undefined,
  merged: Merged,
): Column {
  const count = block.rows.length;
  const parts: Part[] = [];
  let left = everyPlace(count);
  for (const { test, column } of branches) {
    if (left.length === 0) break;
    const { values, nulls } = test(within(block, left));
    const [taken, others] = split(left, values, nulls);
    if (taken.length > 0) parts.push({ column: column(within(block, taken)), places: taken });
    left = others;
  }
  if (otherwise && left.length > 0) parts.push({ column: otherwise(within(block, left)), places: left });
  return mergeColumns(parts, count, merged);
}

/** The block of these ascending places, which is the whole one when they are all of them. */
export function within(block: Block, places: Float64Array): Block {
  return places.length === block.rows.length ? block : viewBlock(block, places);
}

export function everyPlace(count: number): Float64Array {
  const places = new Float64Array(count);
  for (let i = 0; i < count; i++) places[i] = i;
  return places;
}

/** The places where `values` is 1 and not NULL, and the others. */
export function split(
  places: Float64Array,
  values: Float64Array | Uint8Array,
  nulls?: Uint8Array,
): [Float64Array, Float64Array] {
  const yes = new Float64Array(places.length);
  const no = new Float64Array(places.length);
  let taken = 0;
  for (let i = 0; i < places.length; i++) {
    if (values[i] === 1 && !nulls?.[i]) yes[taken++] = places[i] as number;
    else no[i - taken] = places[i] as number;
  }
  return [yes.subarray(0, taken), no.subarray(0, places.length - taken)];
}

/** The least and the greatest of several generators, when each has its own. */
export function boundsOf(generators: readonly Generator[]): Generator["bounds"] {
  const known = generators.flatMap(({ bounds }) => bounds ?? []);
  if (known.length < generators.length) return undefined;
  return { low: Math.min(...known.map(({ low }) => low)), high: Math.max(...known.map(({ high }) => high)) };
}

/** What the numbers of several generators lie within, when that is known of each. */
export function withinOf(generators: readonly Generator[]): Within | undefined {
  const known = generators.flatMap(({ within }) => within ?? []);
  if (known.length < generators.length) return undefined;
  return { low: Math.min(...known.map(({ low }) => low)), high: Math.max(...known.map(({ high }) => high)), step: 1 };
}
