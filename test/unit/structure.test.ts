import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
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
      {
        pointer: "/tables/1/foreignKeys/1",
        code: "duplicate-name",
        message: 'a is used twice; give one of them another name by "as".',
      },
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

  test("an index that names a field twice", () => {
    const indexes = [
      { fields: ["id", "id desc"] },
      { fields: ["x"], include: ["id", "id"] },
      { fields: ["x", "id"], include: ["x"] },
    ];
    expect(faults(tableOf("a", [x], { indexes }))).toEqual([
      { pointer: "/tables/0/indexes/0/fields/1", code: "duplicate-name", message: "id is used twice; rename one." },
      { pointer: "/tables/0/indexes/1/include/1", code: "duplicate-name", message: "id is used twice; rename one." },
      {
        pointer: "/tables/0/indexes/2/include",
        code: "duplicate-name",
        message: "x is a field of the index anyway; remove it from include.",
      },
    ]);
  });

  test("the filter of an index, with what may stand there instead", () => {
    const indexes = [
      { fields: ["x"], where: "id > 3 AND id IS NOT NULL" },
      { fields: ["id"], where: "id > 'a' OR 1" },
    ];
    expect(faults(tableOf("a", [x], { indexes }))).toEqual([
      {
        pointer: "/tables/0/indexes/1/where",
        code: "bad-index-filter",
        message:
          `id is compared with "a"; it must be a whole number. ` +
          "Write comparisons of a field with a literal, IN or IS NULL, joined by AND: status = 'open'.",
      },
    ]);
  });

  test("a key of several fields that names one twice, or refers to another number of fields", () => {
    const { field, key } = childOf("a");
    const child = tableOf("c", [field, x], {
      primaryKey: ["id", "x"],
      uniqueKeys: [["a_id", "a_id"]],
      foreignKeys: [{ ...key, fields: ["a_id", "x"] }],
    });
    expect(faults(tableOf("a", []), child)).toEqual([
      { pointer: "/tables/1/uniqueKeys/0/1", code: "duplicate-name", message: "a_id is used twice; rename one." },
      {
        pointer: "/tables/1/foreignKeys/0/reference/fields",
        code: "not-a-key",
        message: "2 fields refer to 1; name one for each.",
      },
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
      "c must refer to a key of a: id.",
    ],
    [
      "not-a-key",
      tableOf("a", [x]),
      tableOf("c", [field], { foreignKeys: [{ ...key, reference: { resource: "a", fields: ["id", "x"] } }] }),
      "c must refer to a key of a: id.",
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
      "a_id takes its parent's key; remove its generator.",
    ],
    [
      "not-a-reference",
      tableOf("a", []),
      tableOf("c", [{ ...field, nullRate: 0.5 }], { foreignKeys: [key] }),
      "a_id takes its parent's key; remove nullRate, or give it to the foreign key.",
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

  test("two-references, from the same fields in another order, and duplicate-name, from one field twice", () => {
    const grid = tableOf("grid", [x, { ...x, name: "y" }], { primaryKey: ["x", "y"] });
    const toGrid = (fields: string[], as: string) => ({
      fields,
      reference: { resource: "grid", fields: ["x", "y"] },
      as,
    });
    const bare = (name: string): Field => ({ name, type: "integer" });
    const twice = tableOf("c", [bare("f"), bare("g")], {
      foreignKeys: [toGrid(["f", "g"], "p"), toGrid(["g", "f"], "q")],
    });
    expect(faults(grid, twice)).toEqual([
      {
        pointer: "/tables/1/foreignKeys/1",
        code: "two-references",
        message: "g, f can refer to one table only; remove one of its foreign keys.",
      },
    ]);
    expect(faults(grid, tableOf("c", [bare("f")], { foreignKeys: [toGrid(["f", "f"], "p")] }))).toEqual([
      { pointer: "/tables/1/foreignKeys/0/fields/1", code: "duplicate-name", message: "f is used twice; rename one." },
    ]);
  });

  type Key = NonNullable<Table["foreignKeys"]>[number];
  const fixed = { kind: "fixed", n: 1 } as const;
  const relations: [string, Partial<Key>, Partial<Table>, string, string][] = [
    [
      "bad-relation",
      { children: fixed, pick: { kind: "uniform" } },
      {},
      "/pick",
      "Where the parent decides by children, nothing is picked; remove pick.",
    ],
    [
      "bad-relation",
      { children: fixed, nullRate: 0.1 },
      {},
      "/nullRate",
      "A row that its parent decides has that parent; remove nullRate.",
    ],
    ["bad-relation", { depth: 2 }, {}, "/depth", "Only a self reference has a depth; remove it."],
    [
      "two-row-counts",
      { children: { by: "id", values: {} } },
      { rows: 5 },
      "/children",
      "c: rows can't be kept where children hang on a field; remove rows.",
    ],
    [
      "null-key",
      { nullRate: 0.1 },
      { uniqueKeys: [["a_id"]] },
      "/nullRate",
      "a_id is a key and can't be NULL; remove nullRate.",
    ],
  ];
  test.each(relations)("%s: %j", (code, more, table, below, message) => {
    const child = tableOf("c", [field], { foreignKeys: [{ ...key, ...more }], ...table });
    expect(faults(tableOf("a", []), child)).toEqual([{ pointer: at + below, code, message }]);
  });

  const selves: [string, Partial<Key>, string, string][] = [
    ["bad-relation", { pick: { kind: "uniform" } }, "/pick", "A self reference is a tree; remove pick."],
    ["bad-relation", { children: fixed }, "/children", "A table can't decide its own number of rows; use depth."],
  ];
  test.each(selves)("%s of a self reference: %j", (code, more, below, message) => {
    const tree = tableOf("a", [field], {
      foreignKeys: [{ ...key, reference: { resource: "", fields: ["id"] }, ...more }],
    });
    expect(faults(tree)).toEqual([{ pointer: `/tables/0/foreignKeys/0${below}`, code, message }]);
  });

  test("null-required of a self reference, whose roots are NULL", () => {
    const tree = tableOf("a", [{ ...field, constraints: { required: true } }], {
      foreignKeys: [{ ...key, reference: { resource: "", fields: ["id"] } }],
    });
    expect(faults(tree)).toEqual([
      {
        pointer: "/tables/0/foreignKeys/0",
        code: "null-required",
        message: "a_id is required and can't be NULL; the roots of a self reference are: loosen the field.",
      },
    ]);
  });

  test("two-owners, and missing-rows where nobody decides", () => {
    const [toA, toB] = [childOf("a"), childOf("b")];
    const { rows: _, ...both } = tableOf("c", [toA.field, toB.field], {
      foreignKeys: [
        { ...toA.key, children: fixed },
        { ...toB.key, children: fixed },
      ],
    });
    expect(faults(tableOf("a", []), tableOf("b", []), both)).toEqual([
      {
        pointer: "/tables/2/foreignKeys/1/children",
        code: "two-owners",
        message: "Two foreign keys of c have children; keep one.",
      },
    ]);
    const { rows: __, ...none } = referring("c", "a");
    expect(faults(tableOf("a", []), none)).toEqual([
      {
        pointer: "/tables/1/rows",
        code: "missing-rows",
        message: "c needs a number of rows, or a foreign key with children.",
      },
    ]);
  });

  test.each(["integer", "string", "date", "boolean", "uuid"] as const)("bad-scale of %s", (type) => {
    const typed = (scale: number): Field => ({ name: "typed", type, scale, generator: { kind: "sequence" } });
    expect(faults(tableOf("a", [typed(0)]))).toEqual([]);
    expect(faults(tableOf("a", [typed(3)]))).toEqual([
      {
        pointer: "/tables/0/fields/1/scale",
        code: "bad-scale",
        message: `typed is ${type}, which has no decimals; remove scale, or make it a number.`,
      },
    ]);
  });

  test("bad-scale of seconds", () => {
    const when: Field = { name: "when", type: "datetime", scale: 2, generator: { kind: "datetime" } };
    expect(faults(tableOf("a", [when, { ...when, name: "then", scale: 3 }]))).toEqual([
      {
        pointer: "/tables/0/fields/1/scale",
        code: "bad-scale",
        message: "when: seconds have 0 or 3 decimals; change scale.",
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
    {
      pointer,
      code: "cycle",
      message: `Tables refer to each other in a circle: ${way}. Remove one reference, or let one be NULL (nullRate).`,
    },
  ];

  test("are told with the whole way round, and without the way there", () => {
    const tables = [referring("start", "a"), referring("a", "b"), referring("b", "c"), referring("c", "a")];
    expect(faults(...tables)).toEqual(cycle("/tables/1/foreignKeys/0", "a -> b -> c -> a"));
  });

  test("are no circle where one reference may be NULL, which then gives way in the order", () => {
    const [a, b] = [referring("a", "b"), referring("b", "a")];
    const heads = {
      ...a,
      foreignKeys: a.foreignKeys?.map((key) => ({ ...key, nullRate: 0.1 })) as Table["foreignKeys"] & object,
    };
    expect(faults(heads, b)).toEqual([]);
    expect(parentsFirst({ name: "small", tables: [b, heads] })).toEqual([1, 0]);
  });

  test("are not a table that refers to itself, which is written with an empty name", () => {
    const { field, key } = childOf("a");
    const tree = (resource: string) =>
      tableOf("a", [field], { foreignKeys: [{ ...key, as: "boss", reference: { resource, fields: ["id"] } }] });
    expect(faults(tree(""))).toEqual([]);
    expect(faults(tree("a")).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      "bad-relation /tables/0/foreignKeys/0/reference/resource",
    ]);
  });

  test("are no circle when two ways lead to one table", () => {
    expect(faults(referring("d", "b", "c"), referring("b", "a"), referring("c", "a"), tableOf("a", []))).toEqual([]);
  });
});

test("parentsFirst keeps the document's order but for children before their parents", () => {
  const tables = [tableOf("z", []), referring("d", "c", "a"), referring("c", "a"), tableOf("a", []), tableOf("b", [])];
  expect(parentsFirst({ name: "small", tables })).toEqual([0, 3, 2, 1, 4]);
});
