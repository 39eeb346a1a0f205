import { describe, expect, test } from "vitest";
import type { ChunkRecord } from "../../src/dataset/chunk.ts";
import { findFlaws, sumChecks } from "../../src/quality/tally.ts";

const tables = [
  { name: "customers", rows: 10, chunkRows: 10, chunks: 1 },
  { name: "orders", rows: 25, chunkRows: 10, chunks: 3 },
];
const record = (
  table: number,
  chunk: number,
  rows: number,
  checks: Partial<ChunkRecord["checks"]> = {},
): ChunkRecord => ({
  table,
  chunk,
  rows,
  bytes: rows * 10,
  checks: { orphans: 0, duplicateKeys: 0, brokenRules: 0, ...checks },
});
const whole = [record(0, 0, 10), record(1, 0, 10), record(1, 1, 10), record(1, 2, 5)];

test("sumChecks adds up all chunks of all tables", () => {
  const records = [
    record(0, 0, 10, { orphans: 1, duplicateKeys: 2, brokenRules: 3 }),
    record(1, 0, 10, { orphans: 10, brokenRules: 30 }),
    record(1, 1, 10, { duplicateKeys: 200 }),
  ];
  expect(sumChecks(records)).toEqual({ orphans: 11, duplicateKeys: 202, brokenRules: 33 });
  expect(sumChecks([])).toEqual({ orphans: 0, duplicateKeys: 0, brokenRules: 0 });
});

describe("findFlaws", () => {
  test("finds none in all chunks of all rows, in whatever order they came", () => {
    expect(findFlaws(tables, whole)).toEqual([]);
    expect(findFlaws(tables, whole.toReversed())).toEqual([]);
  });

  test.each<[string, ChunkRecord[], string[]]>([
    ["a missing chunk", whole.slice(0, 3), ["orders has 2 of 3 chunks"]],
    ["a table without any", whole.slice(1), ["customers has 0 of 1 chunks"]],
    ["a chunk too many", [...whole, record(0, 1, 0)], ["customers has 2 of 1 chunks"]],
    ["rows that are missing", [...whole.slice(0, 3), record(1, 2, 4)], ["orders has 24 of 25 rows"]],
    ["orphans", [...whole.slice(0, 3), record(1, 2, 5, { orphans: 2 })], ["2 references lead to no row"]],
    ["duplicates", [...whole.slice(0, 3), record(1, 2, 5, { duplicateKeys: 3 })], ["3 keys are not unique"]],
    [
      "broken rules",
      [...whole.slice(0, 3), record(1, 2, 5, { brokenRules: 4 })],
      ["4 values break a rule of the schema"],
    ],
    [
      "everything at once",
      [record(0, 0, 9), record(1, 0, 10, { orphans: 1, duplicateKeys: 1, brokenRules: 1 })],
      [
        "customers has 9 of 10 rows",
        "orders has 1 of 3 chunks",
        "1 references lead to no row",
        "1 keys are not unique",
        "1 values break a rule of the schema",
      ],
    ],
  ])("tells %s", (_, records, flaws) => {
    expect(findFlaws(tables, records)).toEqual(flaws);
  });
});
