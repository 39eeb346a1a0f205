/**
 * The load into SQLite of keys beyond "one field refers to one field": composite ones, a table that
 * refers to itself, two tables that refer to each other, references to unique keys, and NULL in all of them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SchemaDocument, schemaDocument } from "../../src/dataset/schema.ts";
import { loadDataset } from "../../src/load/load.ts";
import { sqliteTarget } from "../../src/load/sqlite/target.ts";
import { type Files, manifestOf, opener } from "../support/load-fixtures.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relata-load-"));
  file = join(folder, "sql", "keys.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (files: Files, schema: SchemaDocument) =>
  loadDataset(sqliteTarget(file), { manifest: manifestOf(files, schema, "keys"), open: opener(files) });

function query(sql: string): unknown[][] {
  const db = new DatabaseSync(file, { readOnly: true, returnArrays: true });
  try {
    return db.prepare(sql).all() as unknown as unknown[][];
  } finally {
    db.close();
  }
}

const cut = (text: string | undefined, from: string, to: string): string => {
  if (!text?.includes(from)) throw new Error(`the fixture has no ${JSON.stringify(from)}`);
  return text.replace(from, to);
};

/** Orders of stores have numbers that start again in each store, and a code; a line may be without an order. */
const orders: SchemaDocument = schemaDocument.parse({
  name: "orders",
  tables: [
    {
      name: "orders",
      primaryKey: ["store", "number"],
      uniqueKeys: [["code"]],
      fields: [
        { name: "store", type: "string" },
        { name: "number", type: "integer" },
        { name: "code", type: "uuid", constraints: { required: true } },
        {
          name: "placed_at",
          type: "datetime",
          constraints: { minimum: "2025-01-01T00:00Z", maximum: "2025-12-31T12:00:00Z" },
        },
        { name: "opens", type: "time", scale: 3, constraints: { minimum: "06:00", maximum: "22:00" } },
      ],
    },
    {
      name: "lines",
      primaryKey: ["line"],
      uniqueKeys: [["line", "store"]],
      foreignKeys: [
        { fields: ["store", "number"], reference: { resource: "orders", fields: ["store", "number"] }, nullRate: 0.2 },
        { fields: ["order_code"], reference: { resource: "orders", fields: ["code"] }, as: "coded", nullRate: 0.2 },
      ],
      fields: [
        { name: "line", type: "integer" },
        { name: "store", type: "string" },
        { name: "number", type: "integer" },
        { name: "order_code", type: "uuid" },
      ],
    },
  ],
});
const A = "0190a6f0-0000-7000-8000-00000000000a";
const B = "0190a6f0-0000-7000-8000-00000000000b";
const ordersFiles: Files = {
  orders: `store,number,code,placed_at,opens
east,1,${A},2025-01-01T00:00:00Z,06:00:00.000
west,1,${B},2025-12-31T12:00:00Z,22:00:00.000
west,2,0190a6f0-0000-7000-8000-00000000000c,,
`,
  lines: `line,store,number,order_code
1,east,1,${A}
2,west,2,
3,west,,${B}
4,,7,${B}
5,,,
`,
};

/** Categories by name, each below another; the first row's parent comes later, the last row's came before. */
const tree: SchemaDocument = schemaDocument.parse({
  name: "tree",
  tables: [
    {
      name: "categories",
      primaryKey: ["id"],
      foreignKeys: [{ fields: ["parent_id"], reference: { resource: "", fields: ["id"] }, nullRate: 0.5, depth: 3 }],
      fields: [
        { name: "id", type: "integer" },
        { name: "parent_id", type: "integer" },
      ],
    },
  ],
});
const treeFiles: Files = { categories: "id,parent_id\n1,3\n2,\n3,2\n4,4\n5,1\n" };

/** A department has a head, who works in a department. */
const clinic: SchemaDocument = schemaDocument.parse({
  name: "clinic",
  tables: [
    {
      name: "departments",
      primaryKey: ["id"],
      foreignKeys: [{ fields: ["head_id"], reference: { resource: "doctors", fields: ["id"] }, nullRate: 0.1 }],
      fields: [
        { name: "id", type: "integer" },
        { name: "head_id", type: "integer" },
      ],
    },
    {
      name: "doctors",
      primaryKey: ["id"],
      foreignKeys: [{ fields: ["department_id"], reference: { resource: "departments", fields: ["id"] } }],
      fields: [
        { name: "id", type: "integer" },
        { name: "department_id", type: "integer", constraints: { required: true } },
      ],
    },
  ],
});
const clinicFiles: Files = {
  departments: "id,head_id\n1,12\n2,11\n3,\n",
  doctors: "id,department_id\n11,1\n12,2\n13,2\n",
};

const cases: [string, SchemaDocument, Files][] = [
  ["composite keys, unique keys as parents and NULL in a part of a key", orders, ordersFiles],
  ["rows that refer to later, earlier and the same rows of their own table", tree, treeFiles],
  ["two tables that refer to each other", clinic, clinicFiles],
];

describe("a load", () => {
  test.each(cases)(
    "takes %s, loads them again in place, and leaves every reference enforced",
    async (_, schema, files) => {
      const first = await load(files, schema);
      const total = Object.entries(first.tables).map(([name, { total }]) => [name, total]);
      expect(total).toEqual(Object.entries(files).map(([name, text]) => [name, text.split("\n").length - 2]));
      // Other bytes: the tables of the first load are dropped, in whatever order they refer to each other.
      const [name, text] = Object.entries(files).at(-1) as [string, string];
      const fewer = { ...files, [name]: text.replace(/[^\n]*\n$/, "") };
      expect(await load(fewer, schema)).toMatchObject({ alreadyLoaded: false, orphans: 0 });
      expect(query("PRAGMA foreign_key_check")).toEqual([]);
      const keys = schema.tables.flatMap((table) =>
        (table.foreignKeys ?? []).map((key) => [table.name, key.reference.resource || table.name, key.fields]),
      );
      const inDatabase = schema.tables.flatMap(({ name }) => {
        const rows = query(
          `SELECT id, "table", json_group_array("from") FROM pragma_foreign_key_list('${name}') GROUP BY id ORDER BY id DESC`,
        );
        return rows.map(([, parent, fields]) => [name, parent, JSON.parse(String(fields))]);
      });
      expect(inDatabase).toEqual(keys);
    },
  );
});

describe("a load is refused, with key and first line,", () => {
  test.each([
    [
      "where a pair has no parent, though each of its fields has",
      orders,
      { ...ordersFiles, lines: cut(ordersFiles.lines, "1,east,1,", "1,east,2,") },
      "lines.csv line 2: fk_lines_orders_store finds no parent (1 row has none).",
    ],
    [
      "where a unique key has no such value",
      orders,
      { ...ordersFiles, lines: cut(ordersFiles.lines, `4,,7,${B}`, `4,,7,${B.replace("b", "d")}`) },
      "lines.csv line 5: fk_lines_orders_coded finds no parent (1 row has none).",
    ],
    [
      "where a row refers to none of its own table",
      tree,
      { categories: cut(treeFiles.categories, "5,1", "5,6") },
      "categories.csv line 6: fk_categories_categories finds no parent (1 row has none).",
    ],
    [
      "where the first of two tables refers to none of the second",
      clinic,
      { ...clinicFiles, departments: cut(clinicFiles.departments, "2,11", "2,14") },
      "departments.csv line 3: fk_departments_doctors finds no parent (1 row has none).",
    ],
    [
      "where the second of two tables refers to none of the first",
      clinic,
      { ...clinicFiles, doctors: cut(clinicFiles.doctors, "12,2", "12,4") },
      "doctors.csv line 3: fk_doctors_departments finds no parent (1 row has none).",
    ],
  ])("%s", async (_, schema, files, message) => {
    await expect(load(files, schema)).rejects.toMatchObject({ name: "JobFailure", code: "load-orphan", message });
    expect(query("SELECT name FROM sqlite_schema")).toEqual([]);
  });

  test.each([
    [
      "a pair that repeats",
      "west,2,",
      "west,1,",
      "load-duplicate-key",
      "orders.csv line 4: UNIQUE constraint failed: orders.store, orders.number.",
    ],
    [
      "NULL in a primary key",
      "east,1,",
      "east,,",
      "load-broken-rule",
      "orders.csv line 2: NOT NULL constraint failed: orders.number.",
    ],
    [
      "a time before the first",
      "06:00:00.000",
      "05:59:59.999",
      "load-broken-rule",
      "orders.csv line 2: CHECK constraint failed: ck_orders_opens_minimum.",
    ],
    [
      "an instant after the last",
      "12:00:00Z",
      "12:00:01Z",
      "load-broken-rule",
      "orders.csv line 3: CHECK constraint failed: ck_orders_placed_at_maximum.",
    ],
    [
      "an instant of another zone",
      "12:00:00Z",
      "12:00:00+01:00",
      "load-bad-value",
      'orders.csv line 3, field placed_at: "2025-12-31T12:00:00+01:00" is no datetime.',
    ],
  ])("by %s", async (_, from, to, code, message) => {
    const files = { ...ordersFiles, orders: cut(ordersFiles.orders, from, to) };
    await expect(load(files, orders)).rejects.toMatchObject({ name: "JobFailure", code, message });
  });
});
