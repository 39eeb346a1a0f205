/**
 * A column: the values of one field for one block of rows, in the form that is cheapest to make,
 * check and write. Strings exist only as ids into a vocabulary, or as joins of such ids.
 */
import { JobFailure } from "../dataset/errors.ts";
import { type Field, scaleOf } from "../dataset/schema.ts";
import { newIds, newNumbers } from "./reuse.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";

/**
 * Whole numbers: plain integers, 10^-scale units (money in cents), days since 1970-01-01, milliseconds
 * since then (datetime) or since midnight (time), or 0 and 1.
 */
export interface Numbers {
  readonly kind: "numbers";
  readonly as: "number" | "date" | "datetime" | "time" | "boolean";
  readonly values: Float64Array;
  /** Decimal places, of a datetime or time those of the seconds, 0 or 3; 0 for dates and booleans. */
  readonly scale: number;
  /** 1 where the value is NULL. */
  readonly nulls?: Uint8Array | undefined;
}

/** One word a row. */
export interface Words {
  readonly kind: "words";
  readonly vocabulary: Vocabulary;
  readonly ids: Uint32Array;
  readonly nulls?: Uint8Array | undefined;
}

/** The same piece of text in every row: the ", " between street and city. */
export interface Literal {
  readonly kind: "literal";
  /** Exactly one word. */
  readonly vocabulary: Vocabulary;
  readonly nulls?: undefined;
}

/** Several columns written one after the other as one string; a NULL part is written as nothing. */
export interface Joined {
  readonly kind: "joined";
  readonly parts: readonly (Numbers | Words | Literal)[];
  readonly nulls?: Uint8Array | undefined;
}

export type Column = Numbers | Words | Literal | Joined;

/** A cell as clients of JSON see it: decimals and dates as exact text, NULL as null. */
export type Cell = string | number | boolean | null;

/**
 * Longest text that is made, in characters of a function's result or bytes of joined columns: fields that
 * join or replace each other's could otherwise double it at every step.
 */
export const LONGEST_TEXT = 100_000;

/** Bytes that a number, date or datetime takes at most. */
const LONGEST_NUMBER = 24;

/** Columns written one after the other; `source` names them in the error that ends the job when they could be too long. */
export function join(parts: Joined["parts"], source: string, nulls?: Uint8Array): Joined {
  const joined: Joined = { kind: "joined", parts, nulls };
  const longest = mostBytes(joined);
  if (longest <= LONGEST_TEXT) return joined;
  const message = `"${source}" could take ${longest} bytes, over ${LONGEST_TEXT}; join fewer fields.`;
  throw new JobFailure("overflow", message);
}

/** An upper bound of the bytes of any cell, and so of its UTF-16 units, of which each takes a byte at least. */
export function mostBytes(column: Column): number {
  if (column.kind === "numbers") return LONGEST_NUMBER;
  if (column.kind === "joined") return column.parts.reduce((sum, part) => sum + mostBytes(part), 0);
  // An empty part counts too: joins of joins would else have ever more of them.
  return Math.max(1, column.vocabulary.longest);
}

/** Numbers as the value of a string field. */
export function asText(column: Numbers): Joined {
  return { kind: "joined", parts: [column] };
}

/** The cell of row `i` of the block (not of the table). */
export function cellAt(column: Column, i: number): Cell {
  if (column.nulls?.[i]) return null;
  switch (column.kind) {
    case "numbers": {
      const value = column.values[i] as number;
      if (column.as === "boolean") return value !== 0;
      if (column.as === "number") return column.scale === 0 ? value : decimalText(value, column.scale);
      return instantText(column.as, value, column.scale);
    }
    case "words":
      return column.vocabulary.words[column.ids[i] as number] as string;
    case "literal":
      return column.vocabulary.words[0] as string;
    case "joined":
      return column.parts.map((part) => cellAt(part, i) ?? "").join("");
  }
}

/** 1 where either has 1; each is undefined where it has none. */
export function eitherNull(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a && b ? a.map((isNull, i) => isNull | (b[i] as number)) : (a ?? b);
}

/** The column with NULL also where `missing` has 1; a literal becomes words. */
export function withMissing<C extends Column>(column: C, missing: Uint8Array | undefined, count: number): C | Words {
  if (!missing) return column;
  const nulls = eitherNull(missing, column.nulls);
  if (column.kind !== "literal") return { ...column, nulls };
  return { kind: "words", vocabulary: column.vocabulary, ids: new Uint32Array(count), nulls };
}

/** A column of a field's form that is NULL where `nulls` has 1, and of no account elsewhere. */
export function nullColumn(field: Field, nulls: Uint8Array): Column {
  const { type } = field;
  if (type === "string" || type === "uuid") {
    return { kind: "words", vocabulary: makeVocabulary([""]), ids: new Uint32Array(nulls.length), nulls };
  }
  const as = type === "integer" ? "number" : type;
  return { kind: "numbers", as, scale: scaleOf(field), values: new Float64Array(nulls.length), nulls };
}

/** The rows at these places of a column, in this order. */
export function takeRows<C extends Column>(column: C, places: Float64Array): C {
  const nulls = column.nulls && takeNulls(column.nulls, places);
  switch (column.kind) {
    case "numbers":
      return { ...column, nulls, values: takeNumbers(column.values, places) };
    case "words":
      return { ...column, nulls, ids: takeIds(column.ids, places) };
    case "literal":
      return column;
    case "joined":
      return { ...column, nulls, parts: column.parts.map((part) => takeRows(part, places)) };
  }
}

function takeNumbers(from: Float64Array, places: Float64Array): Float64Array {
  const taken = newNumbers(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = from[places[i] as number] as number;
  return taken;
}

/** Apart from `takeNumbers`, because a loop over several kinds of array is several times as slow. */
function takeIds(from: Uint32Array, places: Float64Array): Uint32Array {
  const taken = newIds(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = from[places[i] as number] as number;
  return taken;
}

function takeNulls(from: Uint8Array, places: Float64Array): Uint8Array {
  const taken = new Uint8Array(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = from[places[i] as number] as number;
  return taken;
}

/** 1999 at scale 2 is "19.99", -5 is "-0.05": exact, without floating point. */
export function decimalText(units: number, scale: number): string {
  if (scale === 0) return String(units);
  const digits = String(Math.abs(units)).padStart(scale + 1, "0");
  return `${units < 0 ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/**
 * A day as YYYY-MM-DD, milliseconds as YYYY-MM-DDTHH:MM:SSZ or HH:MM:SS, with the seconds' decimals at
 * scale 3; the part of a second that the scale leaves out is dropped.
 */
export function instantText(as: "date" | "datetime" | "time", value: number, scale: number): string {
  if (as === "date") return dayText(value);
  const text = new Date(value).toISOString();
  const clock = text.slice(0, scale === 3 ? -1 : -5);
  return as === "time" ? clock.slice(-(scale === 3 ? 12 : 8)) : `${clock}Z`;
}

/** Days since 1970-01-01 as YYYY-MM-DD. */
export function dayText(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** YYYY-MM-DD as days since 1970-01-01; NaN when there is no such day, like 2026-02-30, which Date takes for March. */
export function parseDay(text: string): number {
  const day = Date.parse(`${text}T00:00:00Z`) / MS_PER_DAY;
  return Number.isInteger(day) && dayText(day) === text ? day : Number.NaN;
}

const MS_PER_DAY = 86_400_000;

/** True for the days of the years 0000 to 9999, which four digits can write. */
export function isWritableDay(day: number): boolean {
  return day >= FIRST_DAY && day <= LAST_DAY;
}

const FIRST_DAY = parseDay("0000-01-01");
const LAST_DAY = parseDay("9999-12-31");
