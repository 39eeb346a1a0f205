import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import {
  cellsOfField,
  chiSquare,
  deviation,
  faultsOf,
  fullFaultsOf,
  mean,
  tableOf,
  tally,
} from "../../support/small-tables.ts";

const ROWS = 200_000;
const numbersOf = (field: Omit<Field, "name">, count = ROWS) => cellsOfField(field, count).map(Number);

/** Share of the values below `bound`. */
const shareBelow = (values: number[], bound: number) => values.filter((value) => value < bound).length / values.length;

describe("uniform", () => {
  test("gives each whole number from min to max, both inclusive, equally often", () => {
    const values = numbersOf({ type: "integer", generator: { kind: "uniform", min: -3, max: 3 } }, 70_000);
    expect([...tally(values).keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    expect(
      chiSquare(
        values.map((value) => value + 3),
        7,
      ),
    ).toBeLessThan(27.9);
  });

  test("gives each decimal from min to max, both inclusive", () => {
    const values = numbersOf(
      { type: "number", scale: 2, generator: { kind: "uniform", min: 0.25, max: 0.29 } },
      10_000,
    );
    expect([...tally(values).keys()].sort()).toEqual([0.25, 0.26, 0.27, 0.28, 0.29]);
  });

  test("is 0 to 1 when nothing is said", () => {
    expect([...tally(numbersOf({ type: "integer", generator: { kind: "uniform" } }, 1_000)).keys()].sort()).toEqual([
      0, 1,
    ]);
  });

  test("spreads over ranges beyond 2^32 too", () => {
    const max = 4_000_000_000_000_000;
    const values = numbersOf({ type: "integer", generator: { kind: "uniform", max } }, 50_000);
    expect(
      chiSquare(
        values.map((value) => Math.min(99, Math.floor((value / max) * 100))),
        100,
      ),
    ).toBeLessThan(161.3);
    expect(values.some((value) => value % 2 === 1)).toBe(true);
  });

  test("takes the nearest decimals inside bounds that are finer than the field's scale", () => {
    const values = numbersOf(
      { type: "number", scale: 2, generator: { kind: "uniform", min: 0.004, max: 0.036 } },
      1_000,
    );
    expect([...tally(values).keys()].sort()).toEqual([0.01, 0.02, 0.03]);
    const whole = numbersOf({ type: "integer", generator: { kind: "uniform", min: 1.4, max: 2.6 } }, 100);
    expect([...tally(whole).keys()]).toEqual([2]);
  });
});

describe("normal", () => {
  const generator = { kind: "normal", mean: 100, stddev: 15 };

  test("has its mean, deviation and quantiles", () => {
    const values = numbersOf({ type: "number", scale: 2, generator });
    expect(mean(values)).toBeCloseTo(100, 0);
    expect(Math.abs(deviation(values) - 15)).toBeLessThan(0.15);
    for (const [score, share] of [
      [-2, 0.02275],
      [-1, 0.15866],
      [0, 0.5],
      [1, 0.84134],
      [2, 0.97725],
    ] as const) {
      expect(Math.abs(shareBelow(values, 100 + 15 * score) - share)).toBeLessThan(0.005);
    }
  });

  test("keeps its bounds, both inclusive, without piling values up on them", () => {
    const values = numbersOf({ type: "integer", generator: { ...generator, min: 90, max: 110 } });
    const counts = tally(values);
    expect([Math.min(...counts.keys()), Math.max(...counts.keys())]).toEqual([90, 110]);
    // The bounds are rarer than their neighbours nearer to the mean, as on the curve.
    expect(counts.get(90)).toBeLessThan(counts.get(94) as number);
    expect(counts.get(110)).toBeLessThan(counts.get(106) as number);
    // Normal density at 90 and 100 differs by exp(-(10/15)^2/2).
    expect((counts.get(90) as number) / (counts.get(100) as number)).toBeCloseTo(0.8, 1);
  });

  test("with bounds beyond which it hardly ever lies is still inside them", () => {
    const values = numbersOf({ type: "integer", generator: { ...generator, min: 200, max: 210 } }, 10_000);
    expect([Math.min(...values), Math.max(...values) <= 210]).toEqual([200, true]);
    const beyond = numbersOf({ type: "integer", generator: { ...generator, min: 1_000 } }, 100);
    expect([...tally(beyond).keys()]).toEqual([1_000]);
  });

  test("without deviation is its mean", () => {
    const values = numbersOf(
      { type: "number", scale: 1, generator: { kind: "normal", mean: 2.5, stddev: 0, min: 0 } },
      100,
    );
    expect([...tally(values)]).toEqual([[2.5, 100]]);
  });
});

describe("lognormal", () => {
  const generator = { kind: "lognormal", mu: 3, sigma: 0.5 };

  test("has its median, mean and quantiles", () => {
    const values = numbersOf({ type: "number", scale: 2, generator });
    expect(Math.abs(mean(values) - Math.exp(3.125))).toBeLessThan(0.15);
    expect(Math.abs(deviation(values.map(Math.log)) - 0.5)).toBeLessThan(0.005);
    for (const [score, share] of [
      [-1.959964, 0.025],
      [0, 0.5],
      [1.959964, 0.975],
    ] as const) {
      expect(Math.abs(shareBelow(values, Math.exp(3 + 0.5 * score)) - share)).toBeLessThan(0.005);
    }
  });

  test("keeps its bounds, both inclusive; a lower one of 0 and less is none", () => {
    const values = numbersOf({ type: "integer", generator: { ...generator, min: 10, max: 30 } });
    expect([Math.min(...tally(values).keys()), Math.max(...tally(values).keys())]).toEqual([10, 30]);
    expect(Math.min(...numbersOf({ type: "integer", generator: { ...generator, mu: 0, min: 0 } }, 1_000))).toBe(0);
    const free = numbersOf({ type: "number", generator }, 1_000);
    expect(numbersOf({ type: "number", generator: { ...generator, min: -5 } }, 1_000)).toEqual(free);
  });
});

describe("a distribution is refused", () => {
  const faults = (field: Omit<Field, "name">) => faultsOf([tableOf("things", [{ name: "value", ...field }])]);
  const at = "/tables/0/fields/1/generator";

  test.each(["uniform", "normal", "lognormal"])("%s on a field that is no number", (kind) => {
    for (const type of ["string", "boolean", "date"] as const) {
      expect(faults({ type, generator: { kind } })).toEqual([`type-mismatch ${at}`]);
    }
  });

  test.each(["uniform", "normal", "lognormal"])("%s with min above max", (kind) => {
    expect(faults({ type: "integer", generator: { kind, min: 5, max: 4 } })).toEqual([`impossible-range ${at}/min`]);
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
    expect(faults({ type: "integer", generator: { kind: "uniform", mean: 1 } })).toEqual([`bad-parameter ${at}`]);
  });
});
