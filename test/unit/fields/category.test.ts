import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellAt } from "../../../src/generate/column.ts";
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
    const fixed = cellsOf(engine, "things.fixed", 0, 50);
    expect(cellsOf(engine, "things.more", 0, 50)).toEqual(fixed.map((cell) => (cell === null ? null : "b")));
    expect(fixed).toContain(null);
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

describe("category by a number or a boolean", () => {
  const by = (type: Field["type"], generator: Field["generator"], values: object, more: object = {}): Field[] => [
    { name: "given", type, generator, ...more } as Field,
    { name: "value", type: "string", generator: category(values, { by: "given" }) },
  ];

  test("goes by the cell's text, and is NULL where that is NULL", () => {
    const flags = by("boolean", category([true, false]), { true: ["yes"], false: ["no"] }, { nullRate: 0.3 });
    const levels = by("integer", { kind: "uniform", min: -1, max: 1 }, { "-1": ["low"], 0: ["mid"], 1: { high: 1 } });
    for (const [fields, words] of [
      [flags, new Map([[true, "yes"] as const, [false, "no"] as const])],
      [levels, new Map([[-1, "low"] as const, [0, "mid"] as const, [1, "high"] as const])],
    ] as const) {
      const engine = engineOf([tableOf("things", [...fields])]);
      const given = cellsOf(engine, "things.given", 0, 500);
      const expected = given.map((cell) => (cell === null ? null : (words as Map<unknown, string>).get(cell)));
      expect(cellsOf(engine, "things.value", 0, 500)).toEqual(expected);
      expect(tally(expected).size).toBe(3);
    }
  });

  test("refuses a value without a list when the schema is compiled where its values are known, else in the row", () => {
    const pointer = "/tables/0/fields/2/generator/values";
    const known = by("integer", category([1, 2]), { 1: ["one"] });
    expect(faultsOf([tableOf("things", known)])).toEqual([`missing-values ${pointer}`]);
    const flag = by("boolean", category([true, false]), { true: ["yes"] }, { nullRate: 0.5 });
    expect(faultsOf([tableOf("things", flag)])).toEqual([`missing-values ${pointer}`]);
    const wide = by("integer", { kind: "uniform", min: 1, max: 1_000_000 }, { 1: ["one"] });
    const engine = engineOf([tableOf("things", wide)]);
    expect(() => cellsOf(engine, "things.value", 0, 10)).toThrow(/^given can be "\d+", for which no values are listed/);
  });
});

describe("the deck of a category", () => {
  const deckOf = (field: Omit<Field, "name">) => {
    const deck = engineOf([tableOf("things", [{ name: "value", ...field }])]).tables[0]?.generators[1]?.deck;
    if (!deck) throw new Error("There is no deck.");
    const column = deck.column(Float64Array.from({ length: deck.size }, (_, i) => i));
    const places = Array.from({ length: deck.size }, (_, i) => i);
    return { cells: places.map((i) => cellAt(column, i)), ids: places.map((i) => deck.idOf(column, i)) };
  };

  test("has each value of some weight once", () => {
    const weights = { a: 2, b: 0, c: 1 };
    expect(deckOf({ type: "string", generator: category(weights) })).toEqual({ cells: ["a", "c"], ids: [0, 1] });
    expect(deckOf({ type: "number", generator: category([1.5, 2, 1.5]) })).toEqual({
      cells: ["1.50", "2.00"],
      ids: [0, 1],
    });
  });

  test("is not there when the values depend on another field", () => {
    const kind: Field = { name: "kind", type: "string", generator: category(["a"]) };
    const item: Field = { name: "item", type: "string", generator: category({ a: ["b"] }, { by: "kind" }) };
    expect(engineOf([tableOf("things", [kind, item])]).tables[0]?.generators[2]?.deck).toBeUndefined();
  });
});

test("many weights are drawn as few are: by the first bound above the random bits", () => {
  const weights = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`w${i}`, i % 5]));
  const counts = tally(cellsOfField({ type: "string", generator: category(weights) }, ROWS));
  const words = Object.entries(weights).filter(([, weight]) => weight > 0);
  expect([...counts.keys()].sort()).toEqual(words.map(([word]) => word).sort());
  const total = words.reduce((sum, [, weight]) => sum + weight, 0);
  const statistic = words.reduce((sum, [word, weight]) => {
    const expected = (weight / total) * ROWS;
    return sum + ((counts.get(word) as number) - expected) ** 2 / expected;
  }, 0);
  // Five standard deviations above the mean of chi-square with 239 degrees of freedom.
  expect(statistic).toBeLessThan(239 + 5 * Math.sqrt(2 * 239));
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
