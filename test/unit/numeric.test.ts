import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { cellAt, type Numbers } from "../../src/generate/column.ts";
import type { Generator } from "../../src/generate/kind.ts";
import { columnOf, engineOf, faultsOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

/** Of a field alone in its table. */
const generatorOf = (field: Omit<Field, "name">): Generator =>
  engineOf([tableOf("things", [{ name: "value", ...field }])]).tables[0]?.generators[1] as Generator;

describe("values by number", () => {
  const spec = (kind: string, more: object) => ({ generator: { kind, ...more } });
  test.each<[Omit<Field, "name">, number, unknown, unknown]>([
    [{ type: "integer", ...spec("uniform", { min: -3, max: 3 }) }, 7, -3, 3],
    [{ type: "number", scale: 2, ...spec("uniform", { min: 0.25, max: 0.3 }) }, 6, "0.25", "0.30"],
    [{ type: "integer", ...spec("uniform", { min: 1, max: 2 ** 52 }) }, 2 ** 52, 1, 2 ** 52],
    [{ type: "integer", ...spec("poisson", { mean: 4, max: 9 }) }, 10, 0, 9],
    [{ type: "integer", ...spec("poisson", { mean: 1e8, max: 1e8 }) }, 1e8 + 1, 0, 1e8],
    [{ type: "number", scale: 1, ...spec("binomial", { n: 1_000, p: 0.5 }) }, 1_001, "0.0", "1000.0"],
    [{ type: "integer", ...spec("zipf", { n: 50, min: 11 }) }, 40, 11, 50],
    [{ type: "integer", ...spec("zipf", { n: 2 ** 40 }) }, 2 ** 40, 1, 2 ** 40],
    [{ type: "boolean", ...spec("boolean", {}) }, 2, false, true],
    [{ type: "boolean", ...spec("boolean", { probability: 1 }) }, 1, true, true],
  ])("are all of the list, of which every row has one: %o", (field, size, first, last) => {
    const generator = generatorOf(field);
    const { deck, bounds } = generator as Required<Generator>;
    expect(deck?.size).toBe(size);
    const ids = Float64Array.of(0, size - 1);
    const ends = deck?.column(ids) as Numbers;
    expect([cellAt(ends, 0), cellAt(ends, 1)]).toEqual([first, last]);
    expect([deck?.idOf(ends, 0), deck?.idOf(ends, 1)]).toEqual([0, size - 1]);
    expect(bounds).toEqual({ low: ends.values[0], high: ends.values[1] });

    const engine = engineOf([tableOf("things", [{ name: "value", ...field }])]);
    const column = columnOf(engine, "things.value", 0, 1_000) as Numbers;
    const drawn = column.values.map((_, i) => deck?.idOf(column, i) as number);
    expect(drawn.every((id) => id >= 0 && id < size)).toBe(true);
    expect(deck?.column(drawn)).toEqual(column);
  });

  test("are none for what is not on the list, or NULL", () => {
    const { deck } = generatorOf({ type: "number", scale: 1, ...spec("binomial", { n: 3 }) });
    const column: Numbers = { kind: "numbers", as: "number", scale: 1, values: Float64Array.of(-10, 5, 40, 20) };
    expect([0, 1, 2, 3].map((i) => deck?.idOf(column, i))).toEqual([-1, -1, -1, 2]);
    expect(deck?.idOf({ ...column, nulls: Uint8Array.of(0, 0, 0, 1) }, 3)).toBe(-1);
  });

  test("are no list where an end is open, or where there are more than can be dealt", () => {
    for (const more of [spec("poisson", { mean: 4 }), spec("poisson", { mean: 1e8, min: 5 })]) {
      const { deck, bounds } = generatorOf({ type: "integer", ...more });
      expect([deck, bounds]).toEqual([undefined, undefined]);
    }
    const wide = generatorOf({ type: "integer", ...spec("uniform", { min: -(2 ** 52), max: 2 ** 52 }) });
    expect([wide.deck, wide.bounds]).toEqual([undefined, { low: -(2 ** 52), high: 2 ** 52 }]);
  });
});

describe("bounds of the values are known", () => {
  const of = (kind: string, more: object) =>
    generatorOf({ type: "number", scale: 1, generator: { kind, ...more } }).bounds;

  test("where the schema or the law sets both", () => {
    expect(of("normal", { min: -1, max: 2.55 })).toEqual({ low: -10, high: 25 });
    expect(of("exponential", { max: 4 })).toEqual({ low: 0, high: 40 });
    expect(of("gamma", { min: 0.5, max: 4 })).toEqual({ low: 5, high: 40 });
    expect(of("beta", {})).toEqual({ low: 0, high: 10 });
    expect(of("beta", { from: 1, to: 5, min: 2 })).toEqual({ low: 20, high: 50 });
  });

  test("and not where one is open", () => {
    for (const kind of ["normal", "lognormal", "exponential", "gamma"]) expect(of(kind, { min: 1 })).toBeUndefined();
  });
});

describe("a distribution is refused", () => {
  const faults = (field: Omit<Field, "name">) => faultsOf([tableOf("things", [{ name: "value", ...field }])]);
  const at = "/tables/0/fields/1/generator";
  const NUMERIC = [
    ["uniform", {}],
    ["normal", {}],
    ["lognormal", {}],
    ["exponential", {}],
    ["gamma", {}],
    ["beta", {}],
    ["poisson", {}],
    ["binomial", { n: 9 }],
    ["zipf", { n: 9 }],
  ] as const;

  test.each(NUMERIC)("%s on a field that is no number", (kind, more) => {
    for (const type of ["string", "boolean", "date"] as const) {
      expect(faults({ type, generator: { kind, ...more } })).toEqual([`type-mismatch ${at}`]);
    }
  });

  test.each(NUMERIC)("%s with min above max", (kind, more) => {
    expect(faults({ type: "integer", generator: { kind, ...more, min: 5, max: 4 } })).toEqual([
      `impossible-range ${at}/min`,
    ]);
  });

  test("with no value of the field's scale between its bounds, saying so", () => {
    const value: Field = { name: "value", type: "number", generator: { kind: "uniform", min: 0.001, max: 0.004 } };
    expect(fullFaultsOf([tableOf("things", [value])])).toEqual([
      {
        pointer: `${at}/min`,
        code: "impossible-range",
        message: "There is no value of 2 decimals from min 0.001 to max 0.004.",
      },
    ]);
  });

  test("with a bound of more digits than are exact", () => {
    expect(faults({ type: "integer", generator: { kind: "uniform", max: 1e16 } })).toEqual([
      `impossible-range ${at}/max`,
    ]);
    expect(faults({ type: "number", scale: 9, generator: { kind: "normal", min: -1e7 } })).toEqual([
      `impossible-range ${at}/min`,
    ]);
  });

  test("with a negative deviation, or with a parameter it doesn't have", () => {
    expect(faults({ type: "integer", generator: { kind: "normal", stddev: -1 } })).toEqual([
      `bad-parameter ${at}/stddev`,
    ]);
    expect(faults({ type: "integer", generator: { kind: "uniform", mean: 1 } })).toEqual([`bad-parameter ${at}/mean`]);
  });

  test.each([
    ["normal", { mean: 100, stddev: 15, min: 1_000 }, "min"],
    ["normal", { mean: 1, stddev: 0, min: 2 }, "min"],
    ["lognormal", { max: -1 }, "max"],
    ["exponential", { mean: 1, min: 100 }, "min"],
    ["gamma", { shape: 3, max: -2 }, "max"],
    ["beta", { min: 2 }, "min"],
    ["poisson", { mean: 2, min: 100 }, "min"],
    ["poisson", { mean: 1e9, max: 1_000 }, "max"],
    ["binomial", { n: 9, min: 10 }, "min"],
    ["zipf", { n: 9, max: 0 }, "max"],
  ] as const)("%s where it has next to no values: %o", (kind, more, pointer) => {
    expect(faults({ type: "integer", generator: { kind, ...more } })).toEqual([`impossible-range ${at}/${pointer}`]);
  });

  test("with all its values beyond 2^53 units of the field", () => {
    const generator = { kind: "poisson", mean: 1e12 };
    expect(faults({ type: "number", scale: 9, generator })).toEqual([`impossible-range ${at}`]);
    expect(faults({ type: "integer", generator: { kind: "lognormal", mu: 700 } })).toEqual([`impossible-range ${at}`]);
  });

  test.each([
    ["exponential", { mean: 0 }, "mean"],
    ["gamma", { shape: 0 }, "shape"],
    ["gamma", { scale: -1 }, "scale"],
    ["beta", { beta: -1 }, "beta"],
    ["poisson", { mean: -1 }, "mean"],
    ["binomial", { n: 1.5 }, "n"],
    ["binomial", { n: 2, p: 1.1 }, "p"],
    ["binomial", {}, "n"],
    ["zipf", { n: 0 }, "n"],
    ["zipf", { n: 5, s: 0 }, "s"],
    ["zipf", { n: 5, s: 11 }, "s"],
  ] as const)("%s with a parameter out of bounds: %o", (kind, more, pointer) => {
    expect(faults({ type: "integer", generator: { kind, ...more } })).toEqual([`bad-parameter ${at}/${pointer}`]);
  });
});
