import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import {
  cellsOf,
  cellsOfField,
  childOf,
  chiSquare,
  engineOf,
  faultsOf,
  fullFaultsOf,
  tableOf,
  tally,
} from "../../support/small-tables.ts";

const ROWS = 100_000;
const at = "/tables/0/fields/1/generator";
const category = (values: unknown, more: object = {}): Field["generator"] => ({ kind: "category", values, ...more });

describe("category", () => {
  test("draws by weight, and never what has weight 0, wherever it stands", () => {
    const weights = { never: 0, half: 50, third: 30, neither: 0, rest: 20, last: 0 };
    const counts = tally(cellsOfField({ type: "string", generator: category(weights) }, ROWS));
    expect([...counts.keys()].sort()).toEqual(["half", "rest", "third"]);
    // Five standard deviations of a share of 100,000.
    for (const [word, share] of [
      ["half", 0.5],
      ["third", 0.3],
      ["rest", 0.2],
    ] as const) {
      expect(Math.abs((counts.get(word) as number) / ROWS - share)).toBeLessThan(0.008);
    }
  });

  test("draws from a list evenly", () => {
    const words = Array.from({ length: 100 }, (_, i) => `${i}`);
    const cells = cellsOfField({ type: "string", generator: category(words) }, ROWS);
    expect(chiSquare(cells.map(Number), 100)).toBeLessThan(161.3);
  });

  test("draws once a row of a parent, by whose word the child's is chosen", () => {
    const parent = tableOf("parent", [
      { name: "kind", type: "string", generator: category({ fruit: 3, tool: 1 }) },
      {
        name: "item",
        type: "string",
        generator: category({ fruit: ["apple", "pear"], tool: { saw: 1, axe: 3 } }, { by: "kind" }),
      },
    ]);
    const { field, key } = childOf("parent");
    const child = tableOf(
      "child",
      [
        field,
        { name: "kind", type: "string", generator: { kind: "lookup", field: "parent.kind" } },
        {
          name: "item",
          type: "string",
          generator: category({ fruit: ["apple", "pear"], tool: { saw: 1, axe: 3 } }, { by: "parent.kind" }),
        },
        { name: "price", type: "integer", generator: category({ fruit: [1, 2], tool: [30] }, { by: "kind" }) },
      ],
      { foreignKeys: [key] },
    );
    const engine = engineOf([parent, child]);
    for (const table of ["parent", "child"]) {
      const kinds = cellsOf(engine, `${table}.kind`, 0, 20_000);
      const items = cellsOf(engine, `${table}.item`, 0, 20_000);
      const pairs = tally(kinds.map((kind, i) => `${kind} ${items[i]}`));
      expect([...pairs.keys()].sort()).toEqual(["fruit apple", "fruit pear", "tool axe", "tool saw"]);
      expect((pairs.get("fruit apple") as number) / (pairs.get("fruit pear") as number)).toBeCloseTo(1, 0);
      expect((pairs.get("tool axe") as number) / (pairs.get("tool saw") as number)).toBeGreaterThan(2.5);
    }
    const prices = cellsOf(engine, "child.kind", 0, 500).map(
      (kind, i) => `${kind} ${cellsOf(engine, "child.price", i, 1)}`,
    );
    expect([...tally(prices).keys()].sort()).toEqual(["fruit 1", "fruit 2", "tool 30"]);
  });

  test("may depend on anything that has a fixed list of words", () => {
    const fields: Field[] = [
      { name: "sex", type: "string", generator: { kind: "person", part: "sex" } },
      { name: "title", type: "string", generator: category({ female: ["Ms"], male: ["Mr"] }, { by: "sex" }) },
      { name: "country", type: "string", generator: { kind: "address", part: "country" } },
      { name: "code", type: "string", generator: category({ "United States": ["US"] }, { by: "country" }) },
      { name: "fixed", type: "string", generator: { kind: "constant", value: "a" }, nullRate: 0.5 },
      { name: "more", type: "string", generator: category({ a: ["b"] }, { by: "fixed" }) },
    ];
    const engine = engineOf([tableOf("things", fields)]);
    const sexes = cellsOf(engine, "things.sex", 0, 200);
    expect(cellsOf(engine, "things.title", 0, 200)).toEqual(sexes.map((sex) => (sex === "female" ? "Ms" : "Mr")));
    expect([...tally(cellsOf(engine, "things.code", 0, 50)).keys()]).toEqual(["US"]);
    expect([...tally(cellsOf(engine, "things.more", 0, 50)).keys()]).toEqual(["b"]);
  });

  test("gives values of the field's type, exactly", () => {
    const cells = cellsOfField({ type: "number", scale: 2, generator: category([0.29, 19.99, -0.07, 1e-2]) }, 200);
    expect([...tally(cells).keys()].sort()).toEqual(["-0.07", "0.01", "0.29", "19.99"]);
    expect([...tally(cellsOfField({ type: "date", generator: category(["2024-02-29"]) }, 9)).keys()]).toEqual([
      "2024-02-29",
    ]);
    expect([...tally(cellsOfField({ type: "boolean", generator: category({ true: 1 }) }, 9)).keys()]).toEqual([true]);
  });
});

describe("category refuses", () => {
  test("a word of the other field for which no values are listed, when the schema is compiled", () => {
    const kind: Field = { name: "kind", type: "string", generator: category(["fruit", "tool"]) };
    const item: Field = { name: "item", type: "string", generator: category({ fruit: ["apple"] }, { by: "kind" }) };
    expect(fullFaultsOf([tableOf("things", [kind, item])])).toEqual([
      {
        pointer: "/tables/0/fields/2/generator/values",
        code: "missing-values",
        message: 'kind can be "tool", for which no values are listed.',
      },
    ]);
    const generator = { kind: "template", template: "{{x}}", with: { x: item.generator as { kind: string } } };
    expect(faultsOf([tableOf("things", [kind, { name: "item", type: "string", generator }])])).toEqual([
      "missing-values /tables/0/fields/2/generator/with/x/values",
    ]);
  });

  test.each([
    { kind: "person", part: "email" },
    { kind: "address" },
    { kind: "template", template: "{{id}}" },
    { kind: "sequence" },
  ])("to depend on %j, whose values are no list of words", (generator) => {
    const item: Field = { name: "item", type: "string", generator: category({ a: ["b"] }, { by: "given" }) };
    expect(faultsOf([tableOf("things", [{ name: "given", type: "string", generator }, item])])).toEqual([
      "type-mismatch /tables/0/fields/2/generator/by",
    ]);
  });

  test.each([
    ["weights that add up to 0", "string", { a: 0, b: 0 }, `no-weight ${at}/values`],
    ["an empty list", "string", [], `bad-parameter ${at}/values`],
    ["a negative weight", "string", { a: -1, b: 2 }, `bad-parameter ${at}/values/a`],
    ["a word in a list of integers", "integer", [1, "two"], `type-mismatch ${at}`],
    ["a blank in a list of integers", "integer", [1, ""], `type-mismatch ${at}`],
    ["a boolean in a list of integers", "integer", [1, true], `type-mismatch ${at}`],
    ["a number beyond 2^53 units", "number", [1e15], `type-mismatch ${at}`],
    ["a day that is none", "date", ["2026-02-30"], `type-mismatch ${at}`],
    ["a number in a list of days", "date", [20_000], `type-mismatch ${at}`],
    ["a word in a list of booleans", "boolean", ["yes"], `type-mismatch ${at}`],
    ["a number for a UUID", "uuid", [1], `type-mismatch ${at}`],
  ] as const)("%s", (_, type, values, fault) => {
    const refused = faultsOf([tableOf("things", [{ name: "value", type, generator: category(values) }])]);
    expect(refused).toEqual([fault]);
  });
});
