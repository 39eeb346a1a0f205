import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { KINDS } from "../../src/generate/kinds.ts";
import { keysOf } from "../../src/generate/relations/settle.ts";
import { cellsOf, childOf, engineOf, faultsOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const at = "/tables/0/fields/1/generator";
const field = (
  name: string,
  type: Field["type"],
  generator?: Field["generator"],
  more: Partial<Field> = {},
): Field => ({
  name,
  type,
  ...(generator ? { generator } : {}),
  ...more,
});
const expression = (name: string, expr: string, type: Field["type"] = "integer") =>
  field(name, type, { kind: "expression", expr });
const kinds = [...KINDS.keys()].join(", ");

describe("a fault says where it is and what to do", () => {
  const cases: [string, Field, object][] = [
    [
      "unknown-kind",
      field("x", "string", { kind: "magic" }),
      { pointer: `${at}/kind`, message: `There is no generator kind "magic"; kinds are ${kinds}.` },
    ],
    ["missing-generator", field("x", "string"), { pointer: at, message: `x needs a generator; kinds are ${kinds}.` }],
    [
      "bad-parameter",
      field("x", "string", { kind: "person", part: "email", as: 5 }),
      { pointer: `${at}/as`, message: "person: Invalid input: expected string, received number." },
    ],
    [
      "unknown-field",
      field("x", "string", { kind: "lookup", field: "colour" }),
      { pointer: `${at}/field`, message: "colour: things has no field colour; it has id, x." },
    ],
    [
      "unknown-parent",
      field("x", "string", { kind: "lookup", field: "owner.name" }),
      { pointer: `${at}/field`, message: "owner.name: things has no parent called owner; it has none." },
    ],
    [
      "type-mismatch",
      field("x", "string", { kind: "uniform" }),
      { pointer: at, message: "Distributions make integers and numbers; x is string." },
    ],
    [
      "impossible-range",
      field("x", "integer", { kind: "uniform", min: 2, max: 1 }),
      { pointer: `${at}/min`, message: "There is no value of 0 decimals from min 2 to max 1." },
    ],
    [
      "no-weight",
      field("x", "string", { kind: "category", values: { a: 0 } }),
      { pointer: `${at}/values`, message: "The weights add up to 0; give at least one above 0." },
    ],
    [
      "unknown-method",
      field("x", "string", { kind: "faker", method: "car.horn" }),
      { pointer: `${at}/method`, message: "faker has no car.horn; name one like commerce.productName." },
    ],
    [
      "faker-call",
      field("x", "string", { kind: "faker", method: "number.int", args: [{ min: 2, max: 1 }] }),
      { pointer: `${at}/args`, message: "faker.number.int refuses these args: Max 1 should be greater than min 2." },
    ],
    [
      "bad-expression",
      expression("x", "id +"),
      { pointer: `${at}/expr`, message: '"id +" can\'t be read: Expected expression after + at character 4.' },
    ],
    [
      "circular",
      expression("x", "x + 1"),
      { pointer: `${at}/expr`, message: "x depends on itself; break the circle." },
    ],
  ];
  test.each(cases)("%s", (code, wrong, fault) => {
    expect(fullFaultsOf([tableOf("things", [wrong])])).toEqual([{ code, ...fault }]);
  });

  test("missing-values", () => {
    const given = field("given", "string", { kind: "category", values: ["a", "b"] });
    const x = field("x", "string", { kind: "category", by: "given", values: { a: ["c"] } });
    expect(fullFaultsOf([tableOf("things", [x, given])])).toEqual([
      {
        code: "missing-values",
        pointer: `${at}/values`,
        message: 'given can be "b", for which no values are listed.',
      },
    ]);
  });

  test("not-unique, for the primary key, a unique key and a unique field, each once", () => {
    const value = { kind: "normal", stddev: 1_000_000 };
    const table = tableOf(
      "things",
      [
        field("a", "integer", value),
        field("b", "integer", value),
        field("c", "integer", value, { constraints: { unique: true } }),
        field("email", "string", { kind: "person", part: "email" }, { constraints: { unique: true } }),
      ],
      { primaryKey: ["a"], uniqueKeys: [["b"], ["a"], ["id"]] },
    );
    const message = (name: string) =>
      `things.${name} can't be promised to be unique; let it be a sequence, a uuid, one of a list of values, or a foreign key with all its fields in the key.`;
    expect(fullFaultsOf([table])).toEqual([
      { code: "not-unique", pointer: "/tables/0/primaryKey", message: message("a") },
      { code: "not-unique", pointer: "/tables/0/uniqueKeys/0", message: message("b") },
      { code: "not-unique", pointer: "/tables/0/fields/3/constraints/unique", message: message("c") },
    ]);
  });

  test("rules must be true or false, and name what there is", () => {
    const rules = [
      { name: "sum", expr: "id + 1" },
      { name: "sound", expr: "id > 0" },
      { name: "wrong", expr: "colour == 'red'" },
      { name: "broken", expr: "id >" },
    ];
    const faults = fullFaultsOf([tableOf("things", [], { rules })]);
    expect(faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      "type-mismatch /tables/0/rules/0/expr",
      "unknown-field /tables/0/rules/2/expr",
      "bad-expression /tables/0/rules/3/expr",
    ]);
    expect(faults[0]?.message).toBe("Rule sum is number; it must be true or false.");
  });

  test("bad-pattern, for a regular expression that can't be read", () => {
    const x = field("x", "string", { kind: "category", values: ["a"] }, { constraints: { pattern: "(" } });
    const [fault] = fullFaultsOf([tableOf("things", [x])]);
    expect(fault).toMatchObject({ code: "bad-pattern", pointer: "/tables/0/fields/1/constraints/pattern" });
    expect(fault?.message).toMatch(/^x: .*; mend the regular expression\.$/);
  });

  test("what weighs parents is a number of them, and can be read", () => {
    const { field: parentId, key } = childOf("parent");
    const weighed = (weight: string) =>
      fullFaultsOf([
        tableOf("parent", []),
        tableOf("child", [parentId], { foreignKeys: [{ ...key, pick: { kind: "weighted", weight } }] }),
      ]);
    const pointer = "/tables/1/foreignKeys/0/pick/weight";
    expect(weighed("id > 1")).toEqual([
      { code: "type-mismatch", pointer, message: 'The weight "id > 1" is boolean; it must be a number.' },
    ]);
    expect(weighed("nope").map((fault) => `${fault.code} ${fault.pointer}`)).toEqual([`unknown-field ${pointer}`]);
  });

  test("too-many-parents, where each would have to be weighed", () => {
    const { field: parentId, key } = childOf("parent");
    const child = tableOf("child", [parentId], { foreignKeys: [{ ...key, pick: { kind: "weighted", weight: "id" } }] });
    expect(fullFaultsOf([tableOf("parent", [], { rows: 5_000_000 }), child])).toEqual([
      {
        code: "too-many-parents",
        pointer: "/tables/1/foreignKeys/0",
        message: "parent: 5000000 parents can't be weighed, 4194304 can; use zipf or uniform.",
      },
    ]);
  });

  test("unsupported-key, where parents or a tree can't be found by the fields that are shared", () => {
    const { field: storeId, key } = childOf("store");
    const number = field("no", "integer", { kind: "uniform", min: 1, max: 99 });
    const shelf = tableOf("shelf", [storeId, number], {
      primaryKey: ["id"],
      uniqueKeys: [["id", "no"]],
      foreignKeys: [key],
    });
    const child = tableOf(
      "child",
      [field("store_id", "integer"), field("shelf_id", "integer"), field("no", "integer")],
      {
        foreignKeys: [
          { fields: ["shelf_id", "no"], reference: { resource: "shelf", fields: ["id", "no"] }, as: "one" },
          { fields: ["store_id", "no"], reference: { resource: "shelf", fields: ["id", "no"] }, as: "other" },
        ],
      },
    );
    const faults = fullFaultsOf([tableOf("store", []), shelf, child]);
    expect(faults.map((fault) => `${fault.code} ${fault.pointer}`)).toEqual([
      "unsupported-key /tables/2/foreignKeys/1",
    ]);
    expect(faults[0]?.message).toMatch(
      /^other: parents that share no with another foreign key don't lie together; let a foreign key/,
    );
  });

  test("a constant of a number is written as one", () => {
    const x = field("x", "integer", { kind: "constant", value: "10" });
    expect(fullFaultsOf([tableOf("things", [x])])).toEqual([
      {
        code: "type-mismatch",
        pointer: `${at}/value`,
        message: 'x is integer; write "10" as a number, without quotes.',
      },
    ]);
  });

  test("limits must be of the field's type", () => {
    const numbers = { kind: "uniform" };
    const table = tableOf("things", [
      field("a", "integer", numbers, { constraints: { minimum: "low" } }),
      field("b", "number", numbers, { constraints: { enum: [1, "two"] } }),
      field("c", "date", { kind: "date", min: "2025-01-01" }, { constraints: { maximum: "2026-02-30" } }),
      field("d", "date", { kind: "date", min: "2025-01-01" }, { constraints: { maximum: 5 } }),
      field("e", "integer", numbers, { constraints: { minimum: 0, maximum: 1e300, enum: [0, 1] } }),
      field("f", "date", { kind: "date", min: "2025-01-01" }, { constraints: { minimum: "2025-01-01" } }),
      field("g", "integer", numbers, { constraints: { minimum: "0", maximum: "9", enum: ["1", "2"] } }),
      field("h", "string", { kind: "pattern", pattern: "[0-9]" }, { constraints: { enum: [1, "2"] } }),
      field("i", "string", { kind: "pattern", pattern: "[0-9]" }, { constraints: { minimum: 1, maximum: "9" } }),
      field("j", "uuid", { kind: "uuid" }, { constraints: { enum: ["0f8fad5b"] } }),
      field("k", "boolean", { kind: "boolean" }, { constraints: { enum: ["true", "false"] } }),
      field("l", "boolean", { kind: "boolean" }, { constraints: { enum: [1] } }),
    ]);
    const wrong = ["1 minimum", "2 enum/1", "3 maximum", "4 maximum", "7 minimum", "7 maximum", "7 enum/0", "7 enum/1"];
    const more = ["8 enum/0", "9 minimum", "9 maximum", "10 enum/0", "12 enum/0"];
    expect(faultsOf([table])).toEqual(
      [...wrong, ...more].map((at) => `type-mismatch /tables/0/fields/${at.replace(" ", "/constraints/")}`),
    );
  });

  test.each<[Field, string]>([
    [field("x", "integer", { kind: "uniform" }, { constraints: { enum: ["1"] } }), 'write "1" as a number'],
    [field("x", "string", { kind: "constant", value: "1" }, { constraints: { enum: [1] } }), "write 1 as text"],
    [
      field("x", "date", { kind: "date", min: "2025-01-01" }, { constraints: { minimum: 5 } }),
      "write it like 2026-01-31",
    ],
    [field("x", "boolean", { kind: "boolean" }, { constraints: { enum: [1] } }), "write it like true"],
    [field("x", "string", { kind: "constant", value: "1" }, { constraints: { maximum: "9" } }), "limit it by enum"],
  ])("and say how to write %j", (x, remedy) => {
    const [fault, ...others] = fullFaultsOf([tableOf("things", [x])]);
    expect(fault?.message).toContain(`; ${remedy}`);
    expect(others).toEqual([]);
  });
});

describe("faults come", () => {
  test("all at once, over all tables, fields and rules, each once", () => {
    const { field: parentId, key } = childOf("parent");
    const parent = tableOf("parent", [field("broken", "string", { kind: "magic" }), field("other", "string")]);
    const child = tableOf(
      "child",
      [
        parentId,
        field("copy", "string", { kind: "lookup", field: "parent.broken" }),
        field("again", "string", { kind: "template", template: "{{copy}} {{parent.other}}" }),
        field("own", "integer", { kind: "uniform", min: 2, max: 1 }),
      ],
      {
        foreignKeys: [key],
        rules: [
          { name: "r", expr: "parent.broken == 'x'" },
          { name: "s", expr: "nope" },
        ],
      },
    );
    const wanted = [
      "missing-generator /tables/PARENT/fields/2/generator",
      "unknown-kind /tables/PARENT/fields/1/generator/kind",
      "impossible-range /tables/CHILD/fields/4/generator/min",
      "unknown-field /tables/CHILD/rules/1/expr",
    ];
    const told = (tables: Table[], parentPlace: number, childPlace: number) =>
      expect(faultsOf(tables).sort()).toEqual(
        wanted.map((one) => one.replace("PARENT", `${parentPlace}`).replace("CHILD", `${childPlace}`)).sort(),
      );
    told([parent, child], 0, 1);
    told([child, parent], 1, 0);
  });

  test("as one error that counts them", () => {
    const table = tableOf("things", [field("a", "string"), field("b", "string")]);
    expect(() => engineOf([table])).toThrow(Unprocessable);
    expect(() => engineOf([table])).toThrow(/^2 faults: a needs a generator; kinds are /);
  });
});

describe("circles", () => {
  test("through several fields are told once, with a field that is part of it", () => {
    const table = tableOf("things", [expression("a", "b + 1"), expression("b", "c + 1"), expression("c", "a + 1")]);
    expect(fullFaultsOf([table])).toEqual([
      {
        code: "circular",
        pointer: "/tables/0/fields/3/generator/expr",
        message: "a depends on itself: things.a -> things.b -> things.c -> things.a; break the circle.",
      },
    ]);
  });

  test("a chain is none, in whatever order its fields stand", () => {
    const table = tableOf("things", [
      expression("c", "b * 2"),
      expression("b", "a * 2"),
      field("a", "integer", { kind: "constant", value: 5 }),
    ]);
    expect(cellsOf(engineOf([table]), "things.c", 0, 1)).toEqual([20]);
  });
});

describe("a foreign key field", () => {
  test("holds its parent's key, evenly over the parents", () => {
    const { field: parentId, key } = childOf("parent");
    const parent = tableOf("parent", [], { rows: 10 });
    const engine = engineOf([tableOf("child", [parentId], { foreignKeys: [key] }), parent]);
    const counts = new Map<unknown, number>();
    for (const id of cellsOf(engine, "child.parent_id", 0, 20_000)) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(Math.min(...counts.values())).toBeGreaterThan(1_800);
  });

  test("is called by `as` when there are two to one table, and each has its own parent", () => {
    const keys = ["buyer", "seller"].map((as) => ({
      fields: [`${as}_key`],
      reference: { resource: "people", fields: ["id"] },
      as,
    }));
    const people = tableOf("people", [field("city", "string", { kind: "address", part: "city" })], { rows: 500 });
    const deals = tableOf(
      "deals",
      [
        field("buyer_key", "integer"),
        field("seller_key", "integer"),
        field("from_city", "string", { kind: "lookup", field: "seller.city" }),
        field("to_city", "string", { kind: "lookup", field: "buyer.city" }),
      ],
      { foreignKeys: keys },
    );
    const engine = engineOf([people, deals]);
    const cities = cellsOf(engine, "people.city", 0, 500);
    for (const [key, city] of [
      ["seller_key", "from_city"],
      ["buyer_key", "to_city"],
    ]) {
      const ids = cellsOf(engine, `deals.${key}`, 0, 200).map(Number);
      expect(cellsOf(engine, `deals.${city}`, 0, 200)).toEqual(ids.map((id) => cities[id - 1]));
    }
    expect(cellsOf(engine, "deals.buyer_key", 0, 200)).not.toEqual(cellsOf(engine, "deals.seller_key", 0, 200));
  });
});

test("a seed and a reference date make their own values, a name of another table too", () => {
  const table = tableOf("things", [field("x", "integer", { kind: "uniform", max: 1_000_000 })]);
  const at42 = cellsOf(engineOf([table]), "things.x", 0, 20);
  expect(cellsOf(engineOf([table], 42), "things.x", 0, 20)).toEqual(at42);
  expect(cellsOf(engineOf([table], 43), "things.x", 0, 20)).not.toEqual(at42);
  expect(cellsOf(engineOf([table], 42 + 2 ** 32), "things.x", 0, 20)).not.toEqual(at42);
  expect(cellsOf(engineOf([{ ...table, name: "others" }]), "others.x", 0, 20)).not.toEqual(at42);
});

describe("keysOf", () => {
  const table = tableOf("things", [
    field("a", "integer", { kind: "sequence" }, { constraints: { unique: true } }),
    field("b", "integer", { kind: "sequence" }, { constraints: { unique: false } }),
  ]);

  test("are the primary key, the unique keys and the unique fields, with the pointers that say so", () => {
    expect(keysOf({ ...table, uniqueKeys: [["b"]] })).toEqual([
      { fields: [0], pointer: "/primaryKey" },
      { fields: [2], pointer: "/uniqueKeys/0" },
      { fields: [1], pointer: "/fields/1/constraints/unique" },
    ]);
  });

  test("name a field once, by its first pointer", () => {
    expect(keysOf({ ...table, uniqueKeys: [["id"], ["a"]] })).toEqual([
      { fields: [0], pointer: "/primaryKey" },
      { fields: [1], pointer: "/uniqueKeys/1" },
    ]);
  });
});
