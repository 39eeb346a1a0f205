/** Planted defects: the checks find each of them, count it exactly, and find nothing else. */
import { describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import { type SchemaDocument, schemaDocument } from "../../src/dataset/schema.ts";
import { checkBlock } from "../../src/generate/check.ts";
import type { Column, Numbers, Words } from "../../src/generate/column.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import type { CompiledTable } from "../../src/generate/engine.ts";
import type { Block } from "../../src/generate/kind.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";
import { findFlaws, sumChecks } from "../../src/quality/tally.ts";

const preset = PRESETS.get("ecommerce") as SchemaDocument;
const engine = compileSchema(preset, 42, "2026-01-01");
const CLEAN = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };

/** What the checks say of a table whose field `name` is changed by `spoil` before they look. */
function checkSpoiled(table: number, name: string, spoil: (column: Column) => Column) {
  const compiled = engine.tables[table] as CompiledTable;
  const field = compiled.table.fields.findIndex((candidate) => candidate.name === name);
  const block = engine.block(table, 0, 20);
  const spoiled: Block = {
    ...block,
    column: (place) => (place === field ? spoil(block.column(place)) : block.column(place)),
  };
  return checkBlock(engine, compiled, spoiled);
}

const set =
  (...changes: [place: number, value: number][]) =>
  (column: Column): Column => {
    const values = Float64Array.from((column as Numbers).values);
    for (const [place, value] of changes) values[place] = value;
    return { ...(column as Numbers), values };
  };

const setNull = (column: Column): Column => {
  const nulls = new Uint8Array(20);
  nulls[3] = 1;
  return { ...column, nulls } as Column;
};

describe("the checks", () => {
  test.each([0, 1, 2])("find nothing in a hundred thousand sound rows of table %i", (table) => {
    const rows = { customers: 100_000, products: 100_000, orders: 100_000 } as Record<string, number>;
    const document = { ...preset, tables: preset.tables.map((t) => ({ ...t, rows: rows[t.name] ?? 0 })) };
    const large = compileSchema(document, 5, "2026-01-01");
    expect(checkBlock(large, large.tables[table] as CompiledTable, large.block(table, 0, 100_000))).toEqual(CLEAN);
  });

  test("count references to no row, before the first and after the last", () => {
    const { orphans, brokenRules } = checkSpoiled(2, "customer_id", set([0, 1_000], [1, 1_021], [2, 1_020]));
    expect([orphans, brokenRules]).toEqual([2, 0]);
  });

  test("count a primary key that stands in another row", () => {
    expect(checkSpoiled(2, "order_id", set([4, 3_001], [5, 3_001]))).toEqual({ ...CLEAN, duplicateKeys: 2 });
  });

  test("count an e-mail that is another row's", () => {
    const copyFirst = (column: Column): Column => {
      if (column.kind !== "joined") throw new Error("an e-mail is joined of names");
      const parts = column.parts.map((part) =>
        part.kind === "words" ? { ...part, ids: Uint32Array.from(part.ids) } : part,
      );
      for (const part of parts.slice(0, 2) as Words[]) part.ids[7] = part.ids[0] as number;
      return { ...column, parts };
    };
    expect(checkSpoiled(0, "email", copyFirst)).toEqual({ ...CLEAN, duplicateKeys: 1 });
  });

  test("count an amount that is a cent off", () => {
    const offByOne = (column: Column): Column => set([6, ((column as Numbers).values[6] as number) + 1])(column);
    expect(checkSpoiled(2, "total_amount", offByOne)).toEqual({ ...CLEAN, brokenRules: 1 });
  });

  test("count a day before the parent's day, and one after today", () => {
    expect(checkSpoiled(2, "order_date", set([1, 0]))).toEqual({ ...CLEAN, brokenRules: 1 });
    expect(checkSpoiled(2, "order_date", set([1, 40_000]))).toEqual({ ...CLEAN, brokenRules: 1 });
  });

  test("count values below a minimum, above a maximum, outside an enum, NULL where required, too long", () => {
    expect(checkSpoiled(1, "stock_quantity", set([0, -1]))).toEqual({ ...CLEAN, brokenRules: 1 });
    expect(checkSpoiled(1, "rating", set([0, 51], [1, 9], [2, 50], [3, 10]))).toEqual({ ...CLEAN, brokenRules: 2 });
    const rename = (column: Column): Column => {
      const { vocabulary } = column as Words;
      const words = vocabulary.words.map((word) => (word === "Bronze" ? "Iron" : word));
      return { ...(column as Words), vocabulary: makeVocabulary(words) };
    };
    const tiers = engine.block(0, 0, 20).column(7) as Words;
    const bronze = tiers.ids.filter((id) => tiers.vocabulary.words[id] === "Bronze").length;
    expect(bronze).toBeGreaterThan(0);
    expect(checkSpoiled(0, "customer_tier", rename)).toEqual({ ...CLEAN, brokenRules: bronze });
    expect(checkSpoiled(0, "last_name", setNull)).toEqual({ ...CLEAN, brokenRules: 1 });
    const lengthen = (): Column => {
      const ids = new Uint32Array(20);
      ids[9] = 1;
      return { kind: "words", vocabulary: makeVocabulary(["x".repeat(300), "y".repeat(301)]), ids };
    };
    expect(checkSpoiled(1, "description", lengthen)).toEqual({ ...CLEAN, brokenRules: 1 });
  });

  test("let a NULL pass where it is allowed", () => {
    expect(checkSpoiled(1, "rating", setNull)).toEqual(CLEAN);
  });
});

describe("the tally", () => {
  const tables = [{ name: "things", rows: 10, chunkRows: 5, chunks: 2 }];
  const record = (chunk: number, checks = CLEAN) => ({ table: 0, chunk, rows: 5, bytes: 1, checks });

  test("adds the chunks up", () => {
    const bad = { orphans: 1, duplicateKeys: 2, brokenRules: 3 };
    expect(sumChecks([record(0, bad), record(1, bad)])).toEqual({ orphans: 2, duplicateKeys: 4, brokenRules: 6 });
  });

  test("finds no flaw in a whole dataset and names each in a broken one", () => {
    expect(findFlaws(tables, [record(0), record(1)])).toEqual([]);
    expect(findFlaws(tables, [record(0)])).toEqual(["things has 1 of 2 chunks"]);
    expect(findFlaws(tables, [record(0), { ...record(1), rows: 4 }])).toEqual(["things has 9 of 10 rows"]);
    const bad = { orphans: 1, duplicateKeys: 2, brokenRules: 3 };
    expect(findFlaws(tables, [record(0), record(1, bad)])).toEqual([
      "1 references lead to no row",
      "2 keys are not unique",
      "3 values break a rule of the schema",
    ]);
  });
});

test("a schema document with an unknown key is refused where it stands", () => {
  const parsed = schemaDocument.safeParse({ ...preset, tables: [{ ...preset.tables[0], colour: "red" }] });
  expect(parsed.error?.issues[0]).toMatchObject({ code: "unrecognized_keys", path: ["tables", 0], keys: ["colour"] });
});
