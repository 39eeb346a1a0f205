/**
 * What is summed over a column, so that file and table can be held against each other.
 *
 * Every field has a measure, a whole number a value: a decimal its units of 10^-scale, a date its days and
 * an instant or time its milliseconds since 1970, a text or UUID a hash of 32 bits. Sums of whole numbers are
 * exact and don't hang on the order of rows. One more sum, of a number of each row, ties values to their rows. Here
 * they are taken from the rows on their way in; a target takes the same in SQL over what it holds.
 */
import { hash } from "node:crypto";
import type { Field, Table } from "../dataset/schema.ts";
import type { Row, Value } from "./row.ts";

/** By field, the values that are not NULL and the sum of their measures, as "values:sum". */
type Checksums = Record<string, string>;

/** What is summed over a table's rows. */
export interface Sums {
  checksums: Checksums;
  /** The sum of the rows' numbers (`rowNumber`), which no two values can change places under. */
  rowSum: string;
}

/** The largest prime below 2^26: products of two remainders are below 2^52, exact in doubles as in 64 bits. */
export const ROW_PRIME = 67_108_859;
/** Its powers are all remainders but 0, so that no two columns weigh the same. */
const ROW_BASE = 27_182_818;
/** The measure of NULL in a row's number: nothing, only not 0, which is the measure of a value that is often beside it. */
export const NULL_MEASURE = 31_415_926;

/**
 * How a target hashes a text: the first four bytes of the SHA-256 of its bytes in SQL Server (UTF-16) and
 * Babelfish (UTF-8); SQLite has no hash and is lent a faster one, 32 bits as well.
 */
export type TextHash = "sha256-utf16le" | "sha256-utf8" | "fnv1a";

/** What a column sums. */
export type Measure = "units" | "days" | "milliseconds" | "text" | "uuid";

export function measureOf({ type }: Field): Measure {
  switch (type) {
    case "string":
      return "text";
    case "uuid":
      return "uuid";
    case "date":
      return "days";
    case "datetime":
    case "time":
      return "milliseconds";
    default:
      return "units";
  }
}

/** Texts of a column that are remembered: those of an enumeration, or of few parents. */
const KEPT_TEXTS = 4096;

/** A text's hash, a whole number of 32 bits. */
export function textDigest(hash: TextHash): (text: string) => number {
  switch (hash) {
    case "fnv1a":
      return fnv1a;
    case "sha256-utf8":
      return sha256Start((text) => text);
    case "sha256-utf16le":
      return sha256Start((text) => Buffer.from(text, "utf16le"));
  }
}

/** SHA-256 takes 0.8 µs, for a text that was seen before none. */
function sha256Start(bytes: (text: string) => string | Buffer): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = Number.parseInt(hash("sha256", bytes(text), "hex").slice(0, 8), 16);
    // A copy: the text itself may be a cut of a longer one, and would keep all of that.
    if (known.size < KEPT_TEXTS) known.set(Buffer.from(text, "utf16le").toString("utf16le"), value);
    return value;
  };
}

/**
 * FNV-1a over the UTF-16 units (of ASCII the published one over bytes), then the last steps of MurmurHash3, so
 * that changes of last characters can't make up for each other in a sum. Any one changed unit changes it.
 */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Sums the rows of a table as they pass. */
export function sumRows(table: Table, hash: TextHash): { add(row: Row): void; sums(): Sums } {
  const columns = table.fields.map((field) => ({ name: field.name, measure: measurer(field, hash), sum: newSum() }));
  const rows = newSum();
  return {
    add: (row) => {
      let mixed = 0;
      for (let i = 0; i < columns.length; i++) {
        const value = row[i + 1] as Value;
        const column = columns[i] as (typeof columns)[number];
        let part = NULL_MEASURE;
        if (value !== null) {
          const measure = column.measure(value);
          column.sum.add(measure);
          part = small(measure);
        }
        mixed = remainder(mixed * ROW_BASE + part);
      }
      rows.add(rowNumber(mixed));
    },
    sums: () => ({
      checksums: Object.fromEntries(columns.map(({ name, sum }) => [name, `${sum.count()}:${sum.total()}`])),
      rowSum: String(rows.total()),
    }),
  };
}

const LARGE_PRIME = BigInt(ROW_PRIME);

/** A measure below 2^52, or what is left of it. */
function small(measure: number | bigint): number {
  const isSmall = typeof measure === "number" && Math.abs(measure) < 2 ** 52;
  return isSmall ? measure : Number(BigInt(measure) % LARGE_PRIME);
}

/** The nearest to 0, of at most 2^53 - 2^26: a third of the time of `%`, and what differs by the prime counts as equal. */
const remainder = (value: number): number => value - Math.floor(value * (1 / ROW_PRIME) + 0.5) * ROW_PRIME;

/**
 * A row's number: its measures, each times its column's weight, to the fourth power modulo the prime. In a sum of
 * weighted measures two values could change places, and in one of squares four could, crosswise. Remainders may be
 * negative on the way, here as in SQL: only the last one must be the same on all sides, and is of a square.
 */
function rowNumber(mixed: number): number {
  const square = remainder(mixed * mixed);
  return (square * square) % ROW_PRIME;
}

/** What each column's measure is multiplied by: powers of the base, the last column's 1. */
export function rowWeights(columns: number): number[] {
  const weights = new Array<number>(columns).fill(1);
  for (let i = columns - 2; i >= 0; i--) weights[i] = ((weights[i + 1] as number) * ROW_BASE) % ROW_PRIME;
  return weights;
}

/** A sum that is exact beyond 2^53 at the price of doubles: it spills into a bigint before it could round. */
function newSum() {
  let count = 0;
  let small = 0;
  let large = 0n;
  return {
    add: (value: number | bigint): void => {
      count++;
      if (typeof value === "bigint") large += value;
      else if (Number.isSafeInteger(small + value)) small += value;
      else {
        large += BigInt(small) + BigInt(value);
        small = 0;
      }
    },
    count: (): number => count,
    total: (): bigint => large + BigInt(small),
  };
}

function measurer(field: Field, hash: TextHash): (value: NonNullable<Value>) => number | bigint {
  switch (measureOf(field)) {
    case "units":
      return (value) => value as number | bigint;
    case "text":
      return textDigest(hash) as (value: NonNullable<Value>) => number;
    case "uuid": {
      // Always of ASCII, and seldom the same twice.
      const digest = textDigest(hash);
      return (value) => digest((value as string).toUpperCase());
    }
    case "days":
      return (value) => Date.parse(value as string) / 86_400_000;
    case "milliseconds":
      return field.type === "time"
        ? (value) => Date.parse(`1970-01-01T${value}Z`)
        : (value) => Date.parse(value as string);
  }
}
