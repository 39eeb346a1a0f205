import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../../src/dataset/schema.ts";
import type { Numbers, Words } from "../../../src/generate/column.ts";
import { renderChunk, renderReference } from "../../../src/generate/render.ts";
import { cellsOf, childOf, columnOf, engineOf, faultsOf, tableOf } from "../../support/small-tables.ts";

const when = (cases: [string, object][], fallback?: object) => ({
  kind: "when",
  // biome-ignore lint/suspicious/noThenProperty: the contract's name; it is never awaited.
  cases: cases.map(([condition, generator]) => ({ if: condition, then: generator })),
  ...(fallback ? { else: fallback } : {}),
});
const one = (type: Field["type"], generator: object, more: Partial<Field> = {}): Field =>
  ({ name: "value", type, generator, ...more }) as Field;
const cells = (type: Field["type"], generator: object, before: Field[] = []) =>
  cellsOf(engineOf([tableOf("things", [...before, one(type, generator)])]), "things.value", 0, 12);
const constant = (value: unknown) => ({ kind: "constant", value });

describe("when", () => {
  test("takes the first case that is true, and NULL where none is", () => {
    const fizz = when([
      ["id % 15 == 0", constant("fizzbuzz")],
      ["id % 3 == 0", constant("fizz")],
      ["id % 5 == 0", constant("buzz")],
    ]);
    expect(cells("string", fizz)).toEqual([
      null,
      null,
      "fizz",
      null,
      "buzz",
      "fizz",
      null,
      null,
      "fizz",
      "buzz",
      null,
      "fizz",
    ]);
  });

  test("counts NULL as not true", () => {
    const nothing: Field = { name: "nothing", type: "integer", nullRate: 1, generator: constant(1) };
    expect(cells("integer", when([["nothing > 0", constant(1)]], constant(2)), [nothing]).slice(0, 2)).toEqual([2, 2]);
  });

  test("asks each branch only for its rows: a range may be impossible in the others", () => {
    const parent = tableOf("parent", [one("date", { kind: "date", min: "2025-01-01", max: "2025-12-31" })]);
    const { field, key } = childOf("parent");
    const branch = { kind: "date", min: "2025-07-01", max: { field: "parent.value" } };
    const child = tableOf("things", [field, one("date", when([["parent.value >= '2025-07-01'", branch]]))], {
      foreignKeys: [key],
    });
    const values = cellsOf(engineOf([parent, child]), "things.value", 0, 1_000);
    expect(values.some((value) => value === null)).toBe(true);
    expect(values.every((value) => value === null || String(value) >= "2025-07-01")).toBe(true);
  });

  test("a row's value is its branch's own, wherever the block begins and whatever stands beside it", () => {
    const branch = { kind: "uniform", min: 0, max: 1_000_000 };
    const engine = engineOf([tableOf("things", [one("integer", when([["id % 3 == 0", branch]], branch))])]);
    const whole = cellsOf(engine, "things.value", 0, 60);
    expect([0, 7, 31].flatMap((first, i) => cellsOf(engine, "things.value", first, [7, 24, 29][i] as number))).toEqual(
      whole,
    );
    expect(new Set(whole).size).toBe(60);
  });

  test("gives each branch a stream of its own", () => {
    const branch = { kind: "uniform", min: 0, max: 1_000_000 };
    const [asThen, asElse] = ["id > 0", "id < 0"].map((condition) =>
      cells("integer", when([[condition, branch]], branch)),
    );
    expect(asThen?.some((value, i) => value === asElse?.[i])).toBe(false);
  });

  test("nests, and reaches fields of the row from inside", () => {
    const inner = when([["id > 6", { kind: "expression", expr: "id * 100" }]], constant(0));
    expect(cells("integer", when([["id % 2 == 0", inner]], constant(-1)))).toEqual([
      -1, 0, -1, 0, -1, 0, -1, 800, -1, 1000, -1, 1200,
    ]);
  });

  test("makes cells of every type of number", () => {
    expect(cells("boolean", when([["id > 2", constant(true)]], constant(false))).slice(0, 4)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(cells("number", when([["id > 1", constant(2.5)]])).slice(0, 2)).toEqual([null, "2.50"]);
  });
});

describe("the words of when", () => {
  const two = when([["id % 2 == 0", { kind: "category", values: ["a", "b"] }]], {
    kind: "category",
    values: ["b", "", "c"],
  });

  test("are those of all branches, each once, and the same in every block", () => {
    const engine = engineOf([tableOf("things", [one("string", two)])]);
    const [generator] = engine.tables[0]?.generators.slice(1) ?? [];
    expect(generator?.vocabulary?.words).toEqual(["a", "b", "", "c"]);
    for (const count of [1, 2, 100]) {
      expect((columnOf(engine, "things.value", 0, count) as Words).vocabulary).toBe(generator?.vocabulary);
    }
  });

  test("let another field depend on them", () => {
    const by = { kind: "category", by: "value", values: { a: ["A"], b: ["B"], c: ["C"], "": ["-"] } };
    const engine = engineOf([tableOf("things", [one("string", two), { name: "by", type: "string", generator: by }])]);
    const given = cellsOf(engine, "things.value", 0, 200).map((word) => String(word).toUpperCase() || "-");
    expect(cellsOf(engine, "things.by", 0, 200)).toEqual(given);
    expect(new Set(given).size).toBe(4);
  });

  test("don't exist when a branch joins columns", () => {
    const engine = engineOf([
      tableOf("things", [one("string", when([["id > 2", { kind: "template", template: "{{id}}" }]], constant("x")))]),
    ]);
    expect(engine.tables[0]?.generators[1]?.vocabulary).toBe(undefined);
  });
});

test("strings of every form stay apart from NULL, as the reference writer has them", () => {
  const cases: [string, object][] = [
    ["id % 7 == 0", constant("")],
    ["id % 7 == 1", { kind: "template", template: 'a, {{id}} "b"' }],
    ["id % 7 == 2", { kind: "template", template: "{{word}}" }],
    ["id % 7 == 3", { kind: "person", part: "email" }],
    ["id % 7 == 4", { kind: "expression", expr: "concat('=', id)" }],
    ["id % 7 == 5", { kind: "expression", expr: "concat('', '')" }],
  ];
  const word: Field = {
    name: "word",
    type: "string",
    nullRate: 0.5,
    generator: { kind: "category", values: ["", "w", "+"] },
  };
  const table: Table = tableOf("things", [word, one("string", when(cases))]);
  for (const guard of [false, true]) {
    const engine = engineOf([table]);
    const { bytes } = renderChunk(engine, 0, { first: 1, count: 500 }, guard);
    const text = Buffer.from(bytes).toString("utf8");
    expect(text).toBe(renderReference(engine, 0, 1, 500, guard));
    const ends = text
      .split("\n")
      .slice(0, 12)
      .map((line) => line.slice(line.indexOf(",", line.indexOf(",") + 1) + 1));
    expect([ends[4], ends[5]]).toEqual(["", '""']);
  }
});

describe("when is refused", () => {
  const at = "/tables/0/fields/1/generator";
  const faults = (generator: object, type: Field["type"] = "integer") =>
    faultsOf([tableOf("things", [one(type, generator)])]);

  test.each([
    ["a condition that can't be read", when([["id >", constant(1)]]), `bad-expression ${at}/cases/0/if`],
    [
      "a condition that is a number",
      when([
        ["id > 1", constant(1)],
        ["id", constant(1)],
      ]),
      `type-mismatch ${at}/cases/1/if`,
    ],
    [
      "a branch of another type",
      when([["id > 1", { kind: "person", part: "email" }]]),
      `type-mismatch ${at}/cases/0/then`,
    ],
    [
      "a wrong parameter inside",
      when([["id > 1", { kind: "uniform", min: "x" }]]),
      `bad-parameter ${at}/cases/0/then/min`,
    ],
    ["an unknown kind in else", when([["id > 1", constant(1)]], { kind: "nothing" }), `unknown-kind ${at}/else/kind`],
    [
      "an expression inside",
      when([["id > 1", { kind: "expression", expr: "day" }]]),
      `unknown-field ${at}/cases/0/then/expr`,
    ],
    ["no case", when([]), `bad-parameter ${at}/cases`],
    ["itself in its condition", when([["value > 1", constant(1)]]), `circular ${at}/cases/0/if`],
  ])("with %s", (_, generator, fault) => {
    expect(faults(generator)).toEqual([fault]);
  });
});

test("a column of numbers has the field's decimals even where every row is NULL", () => {
  const engine = engineOf([tableOf("things", [one("number", when([["id < 0", constant(1)]]), { scale: 3 })])]);
  const column = columnOf(engine, "things.value", 0, 3) as Numbers;
  expect([column.as, column.scale, column.values.length, [...(column.nulls ?? [])]]).toEqual([
    "number",
    3,
    3,
    [1, 1, 1],
  ]);
});
