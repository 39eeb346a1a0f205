import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Cell,
  type Column,
  cellAt,
  type Joined,
  type Literal,
  type Numbers,
  type Words,
} from "../../src/generate/column.ts";
import { makeOutput, writeRows } from "../../src/generate/csv/csv.ts";
import { stringifyRows } from "../../src/generate/csv/reference.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";

/** Characters at which a writer may go wrong, often side by side. */
const piece = fc.constantFrom(
  ...['"', '""', ",", "\r", "\n", "\r\n", " ", "=", "+", "-", "@", "\t", "'", "＝", "＋", "－", "＠", "\ufeff", "\0"],
  ...["a", "word", "Zoë", "東京", "🚲", "\u007f", "\ud800", "2026-01-01", "0", "-5"],
);
const text = fc.oneof(
  { weight: 3, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("").toWellFormed()) },
  fc.string({ unit: "binary", maxLength: 40 }).map((any) => any.toWellFormed()),
  // Around 128 bytes a word is no longer copied in slots.
  fc.tuple(piece, fc.integer({ min: 40, max: 140 })).map(([some, times]) => some.repeat(times).toWellFormed()),
);
const nullsOf = (rows: number) =>
  fc.option(
    fc.array(fc.integer({ min: 0, max: 1 }), { minLength: rows, maxLength: rows }).map((list) => Uint8Array.from(list)),
    { nil: undefined },
  );

const units = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.constantFrom(0, 9_999, 10_000, 99_999_999, 100_000_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
/** 0000-01-01 to 9999-12-31, often near a turn of the year: of 0, 1900 (no leap year), 1970, 2000, 2004 and 9999. */
const day = fc.oneof(
  fc.integer({ min: -719_528, max: 2_932_896 }),
  fc
    .tuple(
      fc.constantFrom(-719_162, -25_567, -25_202, 0, 10_957, 11_323, 12_418, 47_482, 2_932_896),
      fc.integer({ min: -3, max: 0 }),
    )
    .map(([first, before]) => first + before),
);
const MS_PER_DAY = 86_400_000;
const clock = fc.oneof(fc.nat(MS_PER_DAY - 1), fc.constantFrom(0, 999, 59_999, 60_000, 3_599_999, MS_PER_DAY - 1));
const instant = fc.tuple(day, clock).map(([days, ms]) => days * MS_PER_DAY + ms);

function numbersOf(rows: number): fc.Arbitrary<Numbers> {
  const values = (value: fc.Arbitrary<number>) =>
    fc.array(value, { minLength: rows, maxLength: rows }).map((list) => Float64Array.from(list));
  const kind = fc.constant("numbers" as const);
  const nulls = nullsOf(rows);
  return fc.oneof(
    fc.record({ kind, as: fc.constant("number" as const), scale: fc.nat(9), values: values(units), nulls }),
    fc.record({ kind, as: fc.constant("date" as const), scale: fc.constant(0), values: values(day), nulls }),
    fc.record({
      kind,
      as: fc.constant("datetime" as const),
      scale: fc.constantFrom(0, 3),
      values: values(instant),
      nulls,
    }),
    fc.record({ kind, as: fc.constant("time" as const), scale: fc.constantFrom(0, 3), values: values(clock), nulls }),
    fc.record({ kind, as: fc.constant("boolean" as const), scale: fc.constant(0), values: values(fc.nat(1)), nulls }),
  );
}

function wordsOf(rows: number): fc.Arbitrary<Words> {
  return fc.array(text, { minLength: 1, maxLength: 6 }).chain((list) =>
    fc.record({
      kind: fc.constant("words" as const),
      vocabulary: fc.constant(makeVocabulary(list)),
      ids: fc.array(fc.nat(list.length - 1), { minLength: rows, maxLength: rows }).map((ids) => Uint32Array.from(ids)),
      nulls: nullsOf(rows),
    }),
  );
}

const literal: fc.Arbitrary<Literal> = text.map((word) => ({ kind: "literal", vocabulary: makeVocabulary([word]) }));

function columnOf(rows: number): fc.Arbitrary<Column> {
  const part = fc.oneof(numbersOf(rows), wordsOf(rows), literal);
  const joined: fc.Arbitrary<Joined> = fc.record({
    kind: fc.constant("joined" as const),
    parts: fc.array(part, { maxLength: 4 }),
    nulls: nullsOf(rows),
  });
  return fc.oneof(numbersOf(rows), wordsOf(rows), literal, { weight: 2, arbitrary: joined });
}

const table = fc
  .integer({ min: 0, max: 6 })
  .chain((rows) =>
    fc.record({ rows: fc.constant(rows), columns: fc.array(columnOf(rows), { minLength: 1, maxLength: 5 }) }),
  );

/** A buffer that is too small and full of rubbish, as a used one is. */
function write(columns: Column[], rows: number, formulaGuard: boolean): Buffer {
  const output = makeOutput(16);
  output.buffer.fill(0xff);
  writeRows(output, columns, rows, formulaGuard);
  return Buffer.from(output.buffer.subarray(0, output.length));
}

/** A cell as the CSV has it: text, or null. */
function written(column: Column, i: number): string | null {
  const cell: Cell = cellAt(column, i);
  return cell === null ? null : String(cell);
}

describe("the writer of the hot path", () => {
  test.each([false, true])("writes what csv-stringify writes, byte for byte, with the formula guard %s", (guard) => {
    fc.assert(
      fc.property(table, ({ rows, columns }) => {
        expect(write(columns, rows, guard).toString("utf8")).toBe(stringifyRows(columns, rows, guard));
        expect(write(columns, rows, guard)).toEqual(Buffer.from(stringifyRows(columns, rows, guard)));
      }),
      { numRuns: 3_000 },
    );
  });

  test("in several calls writes what it writes in one", () => {
    fc.assert(
      fc.property(fc.array(table, { maxLength: 4 }), (tables) => {
        const output = makeOutput(0);
        for (const { rows, columns } of tables) writeRows(output, columns, rows, false);
        const whole = Buffer.concat(tables.map(({ rows, columns }) => write(columns, rows, false)));
        expect(Buffer.from(output.buffer.subarray(0, output.length))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});

test("a CSV parser reads the same cells back, and tells NULL from the empty string", () => {
  fc.assert(
    fc.property(table, ({ rows, columns }) => {
      const read = parse(write(columns, rows, false), {
        record_delimiter: "\n",
        cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
      });
      // A line of one NULL is an empty line, which a parser takes for a record all the same.
      expect(read).toEqual(Array.from({ length: rows }, (_, i) => columns.map((column) => written(column, i))));
    }),
    { numRuns: 1_500 },
  );
});
