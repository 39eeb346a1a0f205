import { describe, expect, test } from "vitest";
import { ENGINE_VERSION, plan } from "../../src/dataset/plan.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { countTexts, cutTable, fingerprint, makePlan, withRows } from "../../src/plan/cut.ts";
import { childOf, tableOf } from "../support/small-tables.ts";

const MIB = 1024 * 1024;
/** Cuts a table of so many rows of so many bytes. */
const cut = (rows: number, bytesPerRow: number, chunkRows?: number) =>
  cutTable("things", { rows, bytesPerRow }, chunkRows);

describe("cutTable", () => {
  test("makes chunks of 4 to 8 MiB", () => {
    for (const bytesPerRow of [1, 10, 63.7, 100, 1_000, 40_000, MIB]) {
      const { chunkRows } = cut(100_000, bytesPerRow);
      expect([chunkRows * bytesPerRow >= 4 * MIB, chunkRows * bytesPerRow <= 8 * MIB]).toEqual([true, true]);
    }
  });

  test("gives whole rows to as many chunks as they need", () => {
    expect(cut(1_000_000, 100)).toEqual({ name: "things", rows: 1_000_000, chunkRows: 62_914, chunks: 16 });
    expect(cut(62_914, 100).chunks).toBe(1);
    expect(cut(62_915, 100).chunks).toBe(2);
    expect(cut(3, 100 * MIB)).toEqual({ name: "things", rows: 3, chunkRows: 1, chunks: 3 });
  });

  test("takes the rows a chunk that it is told", () => {
    expect(cut(30, 100, 7)).toEqual({ name: "things", rows: 30, chunkRows: 7, chunks: 5 });
    expect(cut(28, 100, 7).chunks).toBe(4);
  });

  test("makes one chunk of no rows, for the header", () => {
    expect(cut(0, 100)).toMatchObject({ rows: 0, chunks: 1 });
    expect(cut(0, 100, 7)).toMatchObject({ rows: 0, chunks: 1 });
  });

  test("never makes more chunks than a blob can have blocks, 50,000", () => {
    expect(cut(50_000, 1, 1)).toMatchObject({ chunkRows: 1, chunks: 50_000 });
    expect(cut(50_001, 1, 1)).toMatchObject({ chunkRows: 2, chunks: 25_001 });
    expect(cut(10_000_000_000, 1_000)).toMatchObject({ chunkRows: 200_000, chunks: 50_000 });
    expect(cut(Number.MAX_SAFE_INTEGER, 1_000).chunks).toBeLessThanOrEqual(50_000);
  });
});

const { field, key } = childOf("things");
const schema: SchemaDocument = {
  name: "small",
  tables: [tableOf("parts", [field], { rows: 7, foreignKeys: [key] }), tableOf("things", [], { rows: 5 })],
};
/** As many tables as a test has, by the bytes of a row. */
const sizesOf = (bytesPerRow: number) => [7, 5, 1].map((rows) => ({ rows, bytesPerRow }));
const recipe = { seed: 42, referenceDate: "2026-01-01", schema, csv: { formulaGuard: false } };
const request = { ...recipe, dataset: "demo", createdAt: "2026-02-03T04:05:06.000Z", load: false };

describe("makePlan", () => {
  test("plans the tables with parents first, each by its own row size", () => {
    const sizes = [
      { rows: 7, bytesPerRow: 2 * MIB },
      { rows: 5, bytesPerRow: 3 * MIB },
    ];
    expect(makePlan(request, sizes)).toEqual({
      engineVersion: ENGINE_VERSION,
      ...request,
      text: "faker",
      reusePools: false,
      drafts: [],
      tables: [
        { name: "things", rows: 5, chunkRows: 2, chunks: 3 },
        { name: "parts", rows: 7, chunkRows: 3, chunks: 3 },
      ],
      fingerprint: fingerprint(recipe),
    });
  });

  test("comes through its own schema and JSON as it is", () => {
    const made = makePlan(request, sizesOf(100));
    expect(plan.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
  });
});

describe("the fingerprint", () => {
  const print = makePlan(request, sizesOf(100)).fingerprint;

  test("is 64 hex digits, the same every time", () => {
    expect(print).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint(structuredClone(recipe))).toBe(print);
  });

  test.each<[string, Partial<typeof recipe>]>([
    ["the seed", { seed: 43 }],
    ["the seed's high bits", { seed: 42 + 2 ** 52 }],
    ["the reference date", { referenceDate: "2026-01-02" }],
    ["the formula guard", { csv: { formulaGuard: true } }],
    ["a row count", { schema: withRows(schema, { parts: 8 }) }],
    ["a field", { schema: { ...schema, tables: [...schema.tables, tableOf("more", [])] } }],
    ["the order of tables", { schema: { ...schema, tables: schema.tables.toReversed() } }],
  ])("changes with %s", (_, change) => {
    expect(makePlan({ ...request, ...change }, sizesOf(100)).fingerprint).not.toBe(print);
  });

  test("changes with the order of a category's weights, in which they are drawn", () => {
    const of = (values: object) => {
      const size = { name: "size", type: "string", generator: { kind: "category", values } } as const;
      return fingerprint({ ...recipe, schema: { name: "small", tables: [tableOf("things", [size])] } });
    };
    expect(of({ a: 1, b: 2 })).not.toBe(of({ b: 2, a: 1 }));
  });

  test("does not change with indexes, which only the load makes", () => {
    const tables = schema.tables.map((table) => ({ ...table, indexes: [{ fields: ["id"] }] }));
    expect(fingerprint({ ...recipe, schema: { ...schema, tables } })).toBe(print);
  });

  test("does not change with the dataset's name, its time, its load or the size of its chunks", () => {
    const other = { ...request, dataset: "other", createdAt: "2027-01-01T00:00:00.000Z", load: true };
    expect(makePlan(other, sizesOf(100)).fingerprint).toBe(print);
    expect(makePlan(request, sizesOf(7_000)).fingerprint).toBe(print);
    expect(makePlan(request, sizesOf(100), 2).fingerprint).toBe(print);
  });
});

test("withRows puts in the counts of the tables named, 0 too, and leaves the document as it was", () => {
  const before = structuredClone(schema);
  expect(withRows(schema, { parts: 0 }).tables.map(({ rows }) => rows)).toEqual([0, 5]);
  expect(withRows(schema, {})).toEqual(schema);
  expect(schema).toEqual(before);
});

test("countTexts is rows times text fields, over all tables", () => {
  const text = (name: string) => ({ name, type: "string", generator: { kind: "text", prompt: "Write" } }) as const;
  const plain = { name: "plain", type: "string", generator: { kind: "address" } } as const;
  const tables = [
    tableOf("a", [text("x"), plain, text("y")], { rows: 10 }),
    tableOf("b", [text("x")], { rows: 7 }),
    tableOf("c", [plain], { rows: 100 }),
    tableOf("d", [text("x")], { rows: 0 }),
  ];
  const planned = tables.map(({ name, rows = 0 }) => ({ name, rows }));
  expect(countTexts(tables, planned)).toBe(27);
  expect(countTexts(tables, [{ name: "a", rows: 3 }])).toBe(6);
  expect(countTexts([], [])).toBe(0);
});

test("withRows goes by the request alone, also for a table named like what every object inherits", () => {
  const tables = schema.tables.map((table, i) => (i === 0 ? { ...table, name: "constructor" } : table));
  expect(withRows({ ...schema, tables }, {}).tables.map(({ rows }) => rows)).toEqual(
    schema.tables.map(({ rows }) => rows),
  );
});
