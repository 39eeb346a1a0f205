/** The preset end to end in memory: plan, rows, bytes. */
import { expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { renderChunk, renderReference } from "../../src/generate/render.ts";
import { cutTable, fingerprint, withRows } from "../../src/plan/cut.ts";
import { parentsFirst, structureFaults } from "../../src/plan/structure.ts";

const schema = PRESETS.get("ecommerce") as SchemaDocument;

test("the preset is sound, and its parents come first", () => {
  expect(structureFaults(schema)).toEqual([]);
  expect(parentsFirst(schema).map((place) => schema.tables[place]?.name)).toEqual(["customers", "products", "orders"]);
});

test.each([false, true])("every table's bytes are those of the reference writer, with formula guard %s", (guard) => {
  const engine = compileSchema(schema, 42, "2026-01-01");
  for (const [place, { rows }] of schema.tables.entries()) {
    const { bytes } = renderChunk(engine, place, { first: 0, count: rows }, guard);
    const text = Buffer.from(bytes).toString();
    expect(text.slice(text.indexOf("\n") + 1)).toBe(renderReference(engine, place, 0, rows, guard));
  }
});

test("a table is cut so that each chunk is about six MiB, and a table without rows has one chunk", () => {
  const table = { ...(schema.tables[0] as SchemaDocument["tables"][number]), rows: 1_000_000 };
  expect(cutTable(table, 128)).toEqual({ name: "customers", rows: 1_000_000, chunkRows: 49_152, chunks: 21 });
  expect(cutTable({ ...table, rows: 0 }, 128).chunks).toBe(1);
  expect(cutTable(table, 128, 7).chunks).toBe(50_000);
});

test("the fingerprint follows what decides the bytes", () => {
  const recipe = { seed: 1, referenceDate: "2026-01-01", schema, csv: { formulaGuard: false } };
  const print = fingerprint(recipe);
  expect(fingerprint({ ...recipe })).toBe(print);
  const others = [
    fingerprint({ ...recipe, seed: 2 }),
    fingerprint({ ...recipe, referenceDate: "2026-01-02" }),
    fingerprint({ ...recipe, csv: { formulaGuard: true } }),
    fingerprint({ ...recipe, schema: { ...schema, tables: schema.tables.slice(0, 2) } }),
  ];
  expect(new Set([print, ...others]).size).toBe(5);
});

test("a request's row counts replace the schema's, whatever a table is called", () => {
  const table = schema.tables[0] as SchemaDocument["tables"][number];
  const named = { ...schema, tables: ["constructor", "things"].map((name) => ({ ...table, name, rows: 4 })) };
  expect(withRows(named, { things: 9 }).tables.map(({ rows }) => rows)).toEqual([4, 9]);
  expect(withRows(named, { constructor: 7 } as Record<string, number>).tables.map(({ rows }) => rows)).toEqual([7, 4]);
});
