/**
 * The byte writer against its authority: whatever the columns hold, `csv.ts` writes what csv-stringify
 * writes, and csv-parse reads back what went in.
 */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Cell,
  type Column,
  cellAt,
  type Joined,
  type Literal,
  type Numbers,
  type Words,
} from "../../src/generate/column.ts";
import { makeOutput, writeRows } from "../../src/generate/csv.ts";
import { stringifyRows } from "../../src/generate/csv-reference.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";

const ROWS = 6;

/** What breaks CSV writers, and plain text between it. */
const awkward = fc.constantFrom(
  ...[
    '"',
    '""',
    ",",
    "\n",
    "\r",
    "\r\n",
    "=",
    "+1",
    "-",
    "@",
    "\t",
    "'",
    " ",
    "",
    "\uff1d",
    "\uff20x",
    "é",
    "日本",
    "👩‍🚀",
    "a",
    "0",
  ],
);
const word = fc
  .array(fc.oneof(awkward, fc.string({ unit: "grapheme", maxLength: 12 })), { maxLength: 4 })
  .map((parts) => parts.join(""));
const perRow = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { minLength: ROWS, maxLength: ROWS });
const nulls = fc.option(
  perRow(fc.constantFrom(0, 1)).map((bits) => Uint8Array.from(bits)),
  { nil: undefined },
);

const numbers: fc.Arbitrary<Numbers> = fc.oneof(
  fc.record({
    kind: fc.constant("numbers" as const),
    as: fc.constant("number" as const),
    scale: fc.integer({ min: 0, max: 9 }),
    values: perRow(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -11_000, max: 11_000 }))).map((v) =>
      Float64Array.from(v),
    ),
    nulls,
  }),
  fc.record({
    kind: fc.constant("numbers" as const),
    as: fc.constant("date" as const),
    scale: fc.constant(0),
    values: perRow(fc.integer({ min: -150_000, max: 2_900_000 })).map((v) => Float64Array.from(v)),
    nulls,
  }),
  fc.record({
    kind: fc.constant("numbers" as const),
    as: fc.constant("boolean" as const),
    scale: fc.constant(0),
    values: perRow(fc.constantFrom(0, 1)).map((v) => Float64Array.from(v)),
    nulls,
  }),
);
const words: fc.Arbitrary<Words> = fc.array(word, { minLength: 1, maxLength: 5 }).chain((list) =>
  fc.record({
    kind: fc.constant("words" as const),
    vocabulary: fc.constant(makeVocabulary(list)),
    ids: perRow(fc.nat({ max: list.length - 1 })).map((ids) => Uint32Array.from(ids)),
    nulls,
  }),
);
const literal: fc.Arbitrary<Literal> = word.map((text) => ({ kind: "literal", vocabulary: makeVocabulary([text]) }));
const joined: fc.Arbitrary<Joined> = fc.record({
  kind: fc.constant("joined" as const),
  parts: fc.array(fc.oneof(numbers, words, literal), { minLength: 1, maxLength: 5 }),
  nulls,
});
const columns: fc.Arbitrary<Column[]> = fc.array(fc.oneof(numbers, words, literal, joined), {
  minLength: 1,
  maxLength: 6,
});

function write(given: readonly Column[], guard: boolean): string {
  const output = makeOutput(0);
  writeRows(output, given, ROWS, guard);
  return new TextDecoder().decode(output.buffer.subarray(0, output.length));
}

test("any columns are written as csv-stringify writes them, with and without the formula guard", () => {
  fc.assert(
    fc.property(columns, fc.boolean(), (given, guard) => {
      expect(write(given, guard)).toBe(stringifyRows(given, ROWS, guard));
    }),
    { numRuns: 2_000 },
  );
});

test("what is written reads back as it was, NULL and the empty string apart", () => {
  const text = (cell: Cell): Cell => (cell === null ? null : String(cell));
  fc.assert(
    fc.property(columns, (given) => {
      const read = parse(write(given, false), {
        cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
        record_delimiter: "\n",
        skip_empty_lines: false,
        relax_column_count: true,
      });
      // A lone NULL is an empty line, which no CSV reader can tell from none.
      fc.pre(given.length > 1);
      expect(read).toEqual(Array.from({ length: ROWS }, (_, i) => given.map((column) => text(cellAt(column, i)))));
    }),
    { numRuns: 1_000 },
  );
});

test("writing goes on where the last write ended, however small the buffer was", () => {
  fc.assert(
    fc.property(fc.array(columns, { minLength: 1, maxLength: 4 }), fc.nat({ max: 64 }), (blocks, capacity) => {
      const output = makeOutput(capacity);
      for (const block of blocks) writeRows(output, block, ROWS, false);
      const whole = new TextDecoder().decode(output.buffer.subarray(0, output.length));
      expect(whole).toBe(blocks.map((block) => write(block, false)).join(""));
    }),
  );
});

test("the examples of the format stand as they are documented", () => {
  const ids = Uint32Array.from([0, 1, 2, 3, 4, 5]);
  const vocabulary = makeVocabulary(["plain", "", 'say "hi"', "a,b", "two\nlines", "=1+1"]);
  const some = Uint8Array.from([0, 0, 0, 0, 0, 1]);
  const given: Column[] = [
    { kind: "words", vocabulary, ids },
    { kind: "words", vocabulary, ids, nulls: some },
    { kind: "numbers", as: "number", scale: 2, values: Float64Array.from([0, 5, -5, 199_900, 1e15, 2 ** 53 - 1]) },
    { kind: "numbers", as: "date", scale: 0, values: Float64Array.from([0, -1, 20_454, 47_846, 47_847, 2_932_896]) },
  ];
  expect(write(given, false)).toBe(
    [
      "plain,plain,0.00,1970-01-01",
      '"","",0.05,1969-12-31',
      '"say ""hi""","say ""hi""",-0.05,2026-01-01',
      '"a,b","a,b",1999.00,2100-12-31',
      '"two\nlines","two\nlines",10000000000000.00,2101-01-01',
      "=1+1,,90071992547409.91,9999-12-31\n",
    ].join("\n"),
  );
  expect(write(given.slice(0, 1), true)).toContain("'=1+1\n");
});
