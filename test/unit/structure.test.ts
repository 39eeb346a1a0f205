import { describe, expect, test } from "vitest";
import type { Table } from "../../src/dataset/schema.ts";
import { parentsFirst, structureFaults } from "../../src/plan/structure.ts";
import { childOf, tableOf } from "../support/small-tables.ts";

const faults = (...tables: Table[]) => structureFaults({ name: "small", tables });
/** A table that refers to the tables of these names. */
const referring = (name: string, ...parents: string[]): Table => {
  const children = parents.map(childOf);
  return tableOf(
    name,
    children.map(({ field }) => field),
    { foreignKeys: children.map(({ key }) => key) },
  );
};
const x = { name: "x", type: "integer", generator: { kind: "uniform" } } as const;

test("a sound document has no faults, whatever the order of its tables", () => {
  expect(faults(referring("c", "a", "b"), tableOf("a", []), referring("b", "a"))).toEqual([]);
});

describe("a fault says where it is and what to do", () => {
  test("duplicate-name, of tables, fields and parents", () => {
    const { field, key } = childOf("a");
    const other = { ...field, name: "other_id" };
    const child = tableOf("c", [field, other, x, x], {
      foreignKeys: [key, { ...key, fields: ["other_id"], as: "a" }],
    });
    expect(faults(tableOf("a", []), child, tableOf("a", []))).toEqual([
      { pointer: "/tables/2", code: "duplicate-name", message: "a is used twice; rename one." },
      { pointer: "/tables/1/fields/4", code: "duplicate-name", message: "x is used twice; rename one." },
      { pointer: "/tables/1/foreignKeys/1", code: "duplicate-name", message: "a is used twice; rename one." },
    ]);
  });

  test("unknown-field, in keys, foreign keys and indexes", () => {
    const { key } = childOf("a");
    const child = tableOf("c", [], {
      primaryKey: ["nope"],
      uniqueKeys: [["id"], ["gone"]],
      foreignKeys: [key],
      indexes: [{ fields: ["id"] }, { fields: ["id", "lost"], include: ["missing"] }],
    });
    expect(faults(tableOf("a", []), child)).toEqual([
      { pointer: "/tables/1/primaryKey", code: "unknown-field", message: "c has no field nope." },
      { pointer: "/tables/1/uniqueKeys/1", code: "unknown-field", message: "c has no field gone." },
      { pointer: "/tables/1/indexes/1", code: "unknown-field", message: "c has no field lost." },
      { pointer: "/tables/1/indexes/1", code: "unknown-field", message: "c has no field missing." },
      { pointer: "/tables/1/foreignKeys/0/fields", code: "unknown-field", message: "c has no field a_id." },
    ]);
  });

  test("unsupported, for keys of several fields", () => {
    const { field, key } = childOf("a");
    const child = tableOf("c", [field, x], {
      primaryKey: ["id", "x"],
      uniqueKeys: [["id", "a_id"]],
      foreignKeys: [{ ...key, fields: ["a_id", "x"] }],
    });
    const message = "Keys of several fields are not supported yet; use one field.";
    expect(faults(tableOf("a", []), child)).toEqual([
      { pointer: "/tables/1/primaryKey", code: "unsupported", message },
      { pointer: "/tables/1/uniqueKeys/0", code: "unsupported", message },
      { pointer: "/tables/1/foreignKeys/0/fields", code: "unsupported", message },
    ]);
  });

  test("null-key and null-required, for NULLs where there must be none", () => {
    const table = tableOf(
      "a",
      [
        { ...x, nullRate: 0.5, constraints: { unique: true } },
        { ...x, name: "y", nullRate: 0.1, constraints: { required: true } },
        { ...x, name: "z", nullRate: 0, constraints: { required: true } },
        { ...x, name: "u", nullRate: 1 },
        { ...x, name: "v", nullRate: 1 },
      ],
      { uniqueKeys: [["u"]] },
    );
    expect(faults(table)).toEqual([
      {
        pointer: "/tables/0/fields/1/nullRate",
        code: "null-key",
        message: "x is a key and can't be NULL; remove nullRate.",
      },
      {
        pointer: "/tables/0/fields/2/nullRate",
        code: "null-required",
        message: "y is required and can't be NULL; remove nullRate.",
      },
      {
        pointer: "/tables/0/fields/4/nullRate",
        code: "null-key",
        message: "u is a key and can't be NULL; remove nullRate.",
      },
    ]);
  });

  const at = "/tables/1/foreignKeys/0";
  const { field, key } = childOf("a");
  const wrong: [string, Table, Table, string][] = [
    ["unknown-table", tableOf("b", []), referring("c", "a"), "There is no table a to refer to."],
    [
      "not-a-key",
      tableOf("a", [x]),
      tableOf("c", [field], { foreignKeys: [{ ...key, reference: { resource: "a", fields: ["x"] } }] }),
      "c must refer to the primary key of a: id.",
    ],
    [
      "not-a-key",
      tableOf("a", [x]),
      tableOf("c", [field], { foreignKeys: [{ ...key, reference: { resource: "a", fields: ["id", "x"] } }] }),
      "c must refer to the primary key of a: id.",
    ],
    [
      "type-mismatch",
      tableOf("a", []),
      tableOf("c", [{ ...field, type: "string" }], { foreignKeys: [key] }),
      "a_id is string, but a.id is integer.",
    ],
    [
      "not-a-reference",
      tableOf("a", []),
      tableOf("c", [{ ...field, generator: { kind: "sequence" } }], { foreignKeys: [key] }),
      "a_id takes its parent's key; remove its generator and nullRate.",
    ],
    [
      "not-a-reference",
      tableOf("a", []),
      tableOf("c", [{ ...field, nullRate: 0.5 }], { foreignKeys: [key] }),
      "a_id takes its parent's key; remove its generator and nullRate.",
    ],
    ["no-parents", tableOf("a", [], { rows: 0 }), referring("c", "a"), "c has rows but a has none; give a at least 1."],
  ];
  test.each(wrong)("%s", (code, parent, child, message) => {
    expect(faults(parent, child)).toEqual([{ pointer: at, code, message }]);
  });

  test("two-references, from one field", () => {
    const toB = { ...key, reference: { resource: "b", fields: ["id"] }, as: "b" };
    expect(faults(tableOf("a", []), tableOf("b", []), tableOf("c", [field], { foreignKeys: [key, toB] }))).toEqual([
      {
        pointer: "/tables/2/foreignKeys/1",
        code: "two-references",
        message: "a_id can refer to one table only; remove one of its foreign keys.",
      },
    ]);
  });

  test("no fault where neither table has rows", () => {
    expect(faults(tableOf("a", [], { rows: 0 }), { ...referring("c", "a"), rows: 0 })).toEqual([]);
  });

  test("all at once", () => {
    const found = faults({ ...referring("c", "nowhere"), primaryKey: ["nope"] }, tableOf("a", [x, x]));
    expect(found.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      "unknown-field /tables/0/primaryKey",
      "unknown-table /tables/0/foreignKeys/0",
      "duplicate-name /tables/1/fields/2",
    ]);
  });
});

describe("tables that refer to each other in a circle", () => {
  const cycle = (pointer: string, way: string) => [
    { pointer, code: "cycle", message: `Tables refer to each other in a circle: ${way}. Remove one reference.` },
  ];

  test("are told with the whole way round, and without the way there", () => {
    const tables = [referring("start", "a"), referring("a", "b"), referring("b", "c"), referring("c", "a")];
    expect(faults(...tables)).toEqual(cycle("/tables/1/foreignKeys", "a -> b -> c -> a"));
  });

  test("may be one table", () => {
    expect(faults(tableOf("b", []), referring("a", "b", "a"))).toEqual(cycle("/tables/1/foreignKeys", "a -> a"));
  });

  test("are no circle when two ways lead to one table", () => {
    expect(faults(referring("d", "b", "c"), referring("b", "a"), referring("c", "a"), tableOf("a", []))).toEqual([]);
  });
});

test("parentsFirst keeps the document's order but for children before their parents", () => {
  const tables = [tableOf("z", []), referring("d", "c", "a"), referring("c", "a"), tableOf("a", []), tableOf("b", [])];
  expect(parentsFirst({ name: "small", tables })).toEqual([0, 3, 2, 1, 4]);
});
