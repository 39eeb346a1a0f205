/**
 * A column: the values of one field for one block of rows, in the form that is cheapest to make,
 * check and write. Strings exist only as ids into a vocabulary, or as joins of such ids.
 */
import type { Vocabulary } from "./vocabulary.ts";

/** Whole numbers: plain integers, 10^-scale units (money in cents), days since 1970-01-01, or 0 and 1. */
export interface Numbers {
  readonly kind: "numbers";
  readonly as: "number" | "date" | "boolean";
  readonly values: Float64Array;
  /** Decimal places; 0 for dates and booleans. */
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
      return column.as === "date" ? dayText(value) : column.scale === 0 ? value : decimalText(value, column.scale);
    }
    case "words":
      return column.vocabulary.words[column.ids[i] as number] as string;
    case "literal":
      return column.vocabulary.words[0] as string;
    case "joined":
      return column.parts.map((part) => cellAt(part, i) ?? "").join("");
  }
}

/** The rows at these places of a column, in this order. */
export function takeRows<C extends Column>(column: C, places: Float64Array): C {
  const nulls = column.nulls && Uint8Array.from(places, (place) => column.nulls?.[place] as number);
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
  const taken = new Float64Array(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = from[places[i] as number] as number;
  return taken;
}

/** Apart from `takeNumbers`, because a loop over both kinds of array is several times as slow. */
function takeIds(from: Uint32Array, places: Float64Array): Uint32Array {
  const taken = new Uint32Array(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = from[places[i] as number] as number;
  return taken;
}

/** 1999 at scale 2 is "19.99", -5 is "-0.05": exact, without floating point. */
export function decimalText(units: number, scale: number): string {
  if (scale === 0) return String(units);
  const digits = String(Math.abs(units)).padStart(scale + 1, "0");
  return `${units < 0 ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
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
