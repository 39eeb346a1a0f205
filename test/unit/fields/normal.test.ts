import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { distribution, KOLMOGOROV_LIMIT, kolmogorov } from "../../support/laws.ts";
import { cellsOfField, deviation, mean, tally } from "../../support/small-tables.ts";

const ROWS = 200_000;
const numbersOf = (field: Omit<Field, "name">, count = ROWS) => cellsOfField(field, count).map(Number);

/** Share of the values below `bound`. */
const shareBelow = (values: number[], bound: number) => values.filter((value) => value < bound).length / values.length;

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

describe.each([
  ["the whole bell", -30, 30, {}],
  ["cut on the left", 1, 30, { min: 1 }],
  ["cut on both sides", -0.5, 3, { min: -0.5, max: 3 }],
  ["of which only a tail is left", 4, 6, { min: 4, max: 6 }],
] as const)("normal, %s", (_, from, to, limits) => {
  const values = Float64Array.from(
    numbersOf({ type: "number", scale: 6, generator: { kind: "normal", mean: 0.25, stddev: 1.5, ...limits } }),
  );
  const law = distribution((x) => Math.exp(-(((x - 0.25) / 1.5) ** 2) / 2), Math.max(-15, from), Math.min(15, to));

  test("is the curve, by Kolmogorov's distance and by its mean", () => {
    expect(kolmogorov(values, law.shareBelow)).toBeLessThan(KOLMOGOROV_LIMIT);
    expect(Math.abs(mean([...values]) - law.mean)).toBeLessThan((3.3 * law.deviation) / Math.sqrt(ROWS));
    expect(values.every((value) => value >= from && value <= to)).toBe(true);
  });
});

test("lognormal between bounds is its curve between them", () => {
  const generator = { kind: "lognormal", mu: 1, sigma: 0.7, min: 2, max: 9 };
  const values = Float64Array.from(numbersOf({ type: "number", scale: 6, generator }));
  const law = distribution((x) => Math.exp(-(((Math.log(x) - 1) / 0.7) ** 2) / 2) / x, 2, 9);
  expect(kolmogorov(values, law.shareBelow)).toBeLessThan(KOLMOGOROV_LIMIT);
  expect(Math.abs(mean([...values]) - law.mean)).toBeLessThan((3.3 * law.deviation) / Math.sqrt(ROWS));
});
