/**
 * Rows rendered with arrays that are used again are those of an engine that makes a new one for everything: for
 * every kind of generator and every example, with parents of exactly a block, and over several blocks.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import type { Field, SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { headerLine } from "../../src/generate/csv/reference.ts";
import { renderChunk, renderReference } from "../../src/generate/render.ts";
import { BLOCK_ROWS } from "../../src/generate/reuse.ts";
import { readExamples } from "../support/examples.ts";
import { childOf, SEED, TODAY, tableOf } from "../support/small-tables.ts";

/** Three blocks and a bit. */
const ROWS = 3 * BLOCK_ROWS + 17;

/** Every table in two chunks that begin within a block, all by one engine; then as the reference writes it. */
function expectSameRows(schema: SchemaDocument): void {
  const [reusing, plain] = [compileSchema(schema, SEED, TODAY), compileSchema(schema, SEED, TODAY)];
  for (const [place, { table, rows }] of plain.tables.entries()) {
    const wanted = renderReference(plain, place, 0, rows, false);
    const cut = Math.floor(rows / 2);
    const halves = [
      { first: 0, count: cut },
      { first: cut, count: rows - cut },
    ];
    // Backwards, so that nothing is there yet when the later rows are made.
    const made = halves.toReversed().map((range) => Buffer.from(renderChunk(reusing, place, range, false).bytes));
    const header = headerLine(table.fields.map(({ name }) => name));
    const text = made.reverse().join("");
    expect(text.startsWith(header) ? text.slice(header.length) : text, table.name).toBe(wanted);
  }
}

interface Golden {
  field: Omit<Field, "name">;
  things?: Partial<Table>;
  tables?: Table[];
}

const FOLDER = new URL("../fixtures/kinds/", import.meta.url);
const kinds = readdirSync(FOLDER).map((file): [string, Golden[]] => {
  return [file.replace(/\.json$/, ""), JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"))];
});

test.each(kinds)("%s", (_, goldens) => {
  const { field: parentId, key } = childOf("parent");
  for (const { field, things = {}, tables = [] } of goldens) {
    const parent = tableOf(
      "parent",
      [
        { name: "colour", type: "string", generator: { kind: "category", values: ["red", "blue"] } },
        { name: "day", type: "date", generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" } },
      ],
      { rows: BLOCK_ROWS },
    );
    const { fields = [], foreignKeys = [], ...more } = things;
    const table = tableOf("things", [parentId, ...fields, { name: "value", ...field }], {
      ...{ rows: ROWS, ...more },
      foreignKeys: [key, ...foreignKeys],
    });
    expectSameRows({ name: "small", tables: [parent, ...tables, table] });
  }
});

test.each([BLOCK_ROWS - 1, BLOCK_ROWS, 2 * BLOCK_ROWS])(
  "chains of tables with %i rows, read over several hops",
  (rows) => {
    const hops = ["a", "b", "c"].map((parent, i) => {
      const { field, key } = childOf(parent);
      return tableOf(String.fromCharCode(98 + i), [field], { rows: i === 2 ? ROWS : rows, foreignKeys: [key] });
    });
    const [b, c, d] = hops as [Table, Table, Table];
    const read: Field[] = [
      { name: "word", type: "string", generator: { kind: "lookup", field: "c.b.a.word" } },
      { name: "size", type: "integer", generator: { kind: "expression", expr: "c.b.a.size + c.b.a_id" } },
      { name: "own", type: "integer", generator: { kind: "uniform", min: 1, max: 100 } },
    ];
    const a = tableOf(
      "a",
      [
        { name: "word", type: "string", generator: { kind: "category", values: ["red", "green", "blue"] } },
        { name: "size", type: "integer", generator: { kind: "uniform", min: 1, max: 1000 } },
      ],
      { rows },
    );
    const rules = [{ name: "bounded", expr: "own <= c.b.a.size" }];
    expectSameRows({ name: "chain", tables: [a, b, c, { ...d, fields: [...d.fields, ...read], rules }] });
  },
);

test.each([3, 40])("a tree of %i levels, which rules and fields climb", (depth) => {
  const fields: Field[] = [
    { name: "p_id", type: "integer" },
    { name: "own", type: "integer", generator: { kind: "uniform", min: 1, max: 100 } },
    { name: "sum", type: "integer", generator: { kind: "expression", expr: "coalesce(p.sum, 0) + own" } },
    { name: "day", type: "date", generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" }, nullRate: 0.2 },
    { name: "latest", type: "date", generator: { kind: "expression", expr: "day ?? p.latest" } },
  ];
  const foreignKeys = [{ fields: ["p_id"], reference: { resource: "", fields: ["id"] }, as: "p", depth }];
  const rules = [
    { name: "odd", expr: "sum % 3 != 0 && p.own + 50 >= own" },
    { name: "ordered", expr: "day >= p.latest - 200" },
  ];
  const tree = tableOf("tree", fields, { rows: ROWS, foreignKeys, rules });
  const { field, key } = childOf("tree");
  const read: Field = { name: "top", type: "integer", generator: { kind: "expression", expr: "tree.p.sum" } };
  expectSameRows({ name: "tree", tables: [tree, tableOf("leaf", [field, read], { rows: ROWS, foreignKeys: [key] })] });
});

/** The schema with so many rows in each table that names its rows and has different values for as many. */
function enlarge(schema: SchemaDocument, rows: number, kept: ReadonlySet<string> = new Set()): SchemaDocument {
  const tables = schema.tables.map((table) =>
    table.rows === undefined || kept.has(table.name) ? table : { ...table, rows },
  );
  try {
    compileSchema({ ...schema, tables }, SEED, TODAY);
  } catch (error) {
    if (!(error instanceof Unprocessable)) throw error;
    const refused = error.faults.map(({ pointer }) => tables[Number(pointer.split("/")[2])]?.name as string);
    expect(kept).not.toContain(refused[0]);
    return enlarge(schema, rows, new Set([...kept, ...refused]));
  }
  return { ...schema, tables };
}

describe.each(readExamples().map(({ name, request }) => [name, request.schema] as const))("%s", (_, schema) => {
  test.each([BLOCK_ROWS, ROWS])("with %i rows a table, where there can be as many", (rows) => {
    expectSameRows(enlarge(schema, rows));
  });
});
