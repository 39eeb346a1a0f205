/** Every fault a schema document can have beyond its shape: its code, where it is, and several at once. */
import { describe, expect, test } from "vitest";
import type { Field, SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { parentsFirst, structureFaults } from "../../src/plan/structure.ts";
import { childOf, faultsOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const value = (generator: Field["generator"], more: Partial<Field> = {}): Field => ({
  name: "value",
  type: "string",
  ...(generator ? { generator } : {}),
  ...more,
});
const AT = "/tables/0/fields/1/generator";

describe("a generator is refused", () => {
  test.each<[string, Field, string]>([
    ["without a kind that exists", value({ kind: "magic" }), `unknown-kind ${AT}/kind`],
    ["when it is missing", value(undefined), `missing-generator ${AT}`],
    [
      "with a parameter out of bounds",
      value({ kind: "sequence", step: 0 }, { type: "integer" }),
      `bad-parameter ${AT}/step`,
    ],
    ["with weights that add up to nothing", value({ kind: "category", values: { a: 0 } }), `no-weight ${AT}/values`],
    [
      "with a value of another type",
      value({ kind: "constant", value: "x" }, { type: "integer" }),
      `type-mismatch ${AT}`,
    ],
    [
      "with min above max",
      value({ kind: "uniform", min: 2, max: 1 }, { type: "integer" }),
      `impossible-range ${AT}/min`,
    ],
    ["that makes numbers for a string", value({ kind: "normal" }), `type-mismatch ${AT}`],
    [
      "with an unknown faker method",
      value({ kind: "faker", method: "commerce.nothing" }),
      `unknown-method ${AT}/method`,
    ],
    [
      "that reaches behind faker",
      value({ kind: "faker", method: "constructor.constructor" }),
      `unknown-method ${AT}/method`,
    ],
    ["that asks for __proto__", value({ kind: "faker", method: "commerce.__proto__" }), `unknown-method ${AT}/method`],
    ["that looks up no field", value({ kind: "lookup", field: "nothing" }), `unknown-field ${AT}`],
    ["that looks up no parent", value({ kind: "lookup", field: "nobody.name" }), `unknown-parent ${AT}`],
    [
      "whose expression can't be read",
      value({ kind: "expression", expr: "1 +" }, { type: "number" }),
      `bad-expression ${AT}`,
    ],
    ["whose expression calls code", value({ kind: "expression", expr: "id.constructor('x')" }), `bad-expression ${AT}`],
    ["whose expression is of another type", value({ kind: "expression", expr: "id > 1" }), `type-mismatch ${AT}/expr`],
    ["whose prompt names no field", value({ kind: "text", prompt: "Of {{nothing}}" }), `unknown-field ${AT}`],
    [
      "inside another",
      value({ kind: "text", prompt: "x", fallback: { kind: "magic" } }),
      `unknown-kind ${AT}/fallback/kind`,
    ],
  ])("%s", (_, field, fault) => {
    expect(faultsOf([tableOf("things", [field])])).toEqual([fault]);
  });

  test("when fields wait for each other in a circle, once", () => {
    const a: Field = { name: "a", type: "integer", generator: { kind: "expression", expr: "b + 1" } };
    const b: Field = { name: "b", type: "integer", generator: { kind: "expression", expr: "a + 1" } };
    expect(fullFaultsOf([tableOf("things", [a, b])])).toEqual([
      expect.objectContaining({ code: "circular", message: expect.stringContaining("depends on itself") }),
    ]);
  });

  test("together with all the others of the document", () => {
    const tables = [
      tableOf("one", [value({ kind: "magic" })]),
      tableOf("two", [value({ kind: "lookup", field: "nothing" })], { rules: [{ name: "odd", expr: "id + 1" }] }),
    ];
    expect(faultsOf(tables)).toEqual([
      `unknown-kind ${AT}/kind`,
      "unknown-field /tables/1/fields/1/generator",
      "type-mismatch /tables/1/rules/0/expr",
    ]);
  });
});

test("a unique field needs a generator that never repeats", () => {
  const drawn = value({ kind: "category", values: ["a", "b"] }, { constraints: { unique: true } });
  expect(faultsOf([tableOf("things", [drawn])])).toEqual(["not-unique /tables/0/fields/1/constraints/unique"]);
});

describe("the structure of a document", () => {
  const { field, key } = childOf("parents");
  const parents = tableOf("parents", []);
  const children = (more: Partial<Table> = {}, own: Field = field): Table =>
    tableOf("children", [own], { foreignKeys: [key], ...more });
  const codes = (...tables: Table[]) =>
    structureFaults(documentOf(...tables)).map(({ code, pointer }) => `${code} ${pointer}`);
  const documentOf = (...tables: Table[]): SchemaDocument => ({ name: "small", tables });

  test("is sound when names, keys and references are", () => {
    expect(codes(children(), parents)).toEqual([]);
    const order = parentsFirst(documentOf(children(), parents));
    expect(order).toEqual([1, 0]);
  });

  test.each<[string, Table[], string]>([
    ["a table named twice", [parents, tableOf("parents", [])], "duplicate-name /tables/1"],
    [
      "a field named twice",
      [tableOf("things", [value(undefined), value(undefined)])],
      "duplicate-name /tables/0/fields/2",
    ],
    ["a key of no field", [tableOf("things", [], { primaryKey: ["nothing"] })], "unknown-field /tables/0/primaryKey"],
    [
      "an index of no field",
      [tableOf("things", [], { indexes: [{ fields: ["nothing"] }] })],
      "unknown-field /tables/0/indexes/0",
    ],
    [
      "a key that may be NULL",
      [tableOf("things", [value(undefined, { nullRate: 0.1, constraints: { unique: true } })])],
      "null-key /tables/0/fields/1/nullRate",
    ],
    ["a reference to no table", [children()], "unknown-table /tables/0/foreignKeys/0"],
    [
      "a reference to a field that is no key",
      [
        children({ foreignKeys: [{ ...key, reference: { resource: "parents", fields: ["value"] } }] }),
        tableOf("parents", [value(undefined)]),
      ],
      "not-a-key /tables/0/foreignKeys/0",
    ],
    [
      "a reference of another type",
      [children({}, { ...field, type: "string" }), parents],
      "type-mismatch /tables/0/foreignKeys/0",
    ],
    [
      "a reference with a generator of its own",
      [children({}, { ...field, generator: { kind: "sequence" } }), parents],
      "not-a-reference /tables/0/foreignKeys/0",
    ],
    ["children without any parent", [children(), { ...parents, rows: 0 }], "no-parents /tables/0/foreignKeys/0"],
    [
      "a primary key of two fields",
      [tableOf("things", [value(undefined)], { primaryKey: ["id", "value"] })],
      "unsupported /tables/0/primaryKey",
    ],
  ])("is refused for %s", (_, tables, fault) => {
    expect(codes(...tables)).toContain(fault);
  });

  test("is refused for a circle of references, with the way round", () => {
    const back = childOf("children");
    const looped = tableOf("parents", [back.field], { foreignKeys: [back.key] });
    expect(structureFaults(documentOf(looped, children()))).toEqual([
      {
        pointer: "/tables/0/foreignKeys",
        code: "cycle",
        message: "Tables refer to each other in a circle: parents -> children -> parents. Remove one reference.",
      },
    ]);
  });
});
