/**
 * What is summed over a column, so that file and table can be held against each other.
 *
 * Every field has a measure, a whole number a value: a decimal its units of 10^-scale, a date its days and
 * an instant or time its milliseconds since 1970, a text or UUID the first four bytes of the SHA-256 of
 * its bytes. Sums of whole numbers are exact and don't hang on the order of rows. Here they are taken
 * from the rows on their way in; a target takes the same in SQL over what it holds.
 */
import { hash } from "node:crypto";
import type { Field, Table } from "../dataset/schema.ts";
import type { Row, Value } from "./target.ts";

/** By field, the values that are not NULL and the sum of their measures, as "values:sum". */
export type Checksums = Record<string, string>;

/** The bytes a text is hashed as. SQL Server hashes UTF-16, Babelfish UTF-8; SQLite is given a function. */
export type TextBytes = "utf16le" | "utf8";

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

/** The first four bytes of SHA-256, as a number; hashing takes 0.8 µs, a text that was seen before none. */
export function textDigest(bytes: TextBytes): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const digest = hash("sha256", bytes === "utf8" ? text : Buffer.from(text, "utf16le"), "hex");
    const value = Number.parseInt(digest.slice(0, 8), 16);
    if (known.size < KEPT_TEXTS) known.set(text, value);
    return value;
  };
}

/** Sums the rows of a table as they pass. */
export function sumRows(table: Table, bytes: TextBytes): { add(row: Row): void; checksums(): Checksums } {
  const columns = table.fields.map((field) => ({ name: field.name, measure: measurer(field, bytes), sum: newSum() }));
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

function measurer(field: Field, bytes: TextBytes): (value: NonNullable<Value>) => number | bigint {
  switch (measureOf(field)) {
    case "units":
      return (value) => value as number | bigint;
    case "text":
      return textDigest(bytes) as (value: NonNullable<Value>) => number;
    case "uuid": {
      // Always of ASCII, and seldom the same twice.
      const digest = textDigest(bytes);
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
