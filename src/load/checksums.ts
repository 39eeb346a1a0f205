/**
 * What is summed over a column, so that file and table can be held against each other.
 *
 * Every field has a measure, a whole number a value: a decimal its units of 10^-scale, a date its days and
 * an instant or time its milliseconds since 1970, a text or UUID a hash of 32 bits. Sums of whole numbers are
 * exact and don't hang on the order of rows. Here they are taken from the rows on their way in; a target takes
 * the same in SQL over what it holds.
 */
import { hash } from "node:crypto";
import type { Field, Table } from "../dataset/schema.ts";
import type { Row, Value } from "./row.ts";

/** By field, the values that are not NULL and the sum of their measures, as "values:sum". */
export type Checksums = Record<string, string>;

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
export function sumRows(table: Table, hash: TextHash): { add(row: Row): void; checksums(): Checksums } {
  const columns = table.fields.map((field) => ({ name: field.name, measure: measurer(field, hash), sum: newSum() }));
  return {
    add: (row) => {
      for (let i = 0; i < columns.length; i++) {
        const value = row[i + 1] as Value;
        const column = columns[i] as (typeof columns)[number];
        if (value !== null) column.sum.add(column.measure(value));
      }
    },
    checksums: () => Object.fromEntries(columns.map(({ name, sum }) => [name, sum.text()])),
  };
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
    text: (): string => `${count}:${large + BigInt(small)}`,
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
