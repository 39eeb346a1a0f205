import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { distribution, KOLMOGOROV_LIMIT, kolmogorov } from "../../support/laws.ts";
import { cellsOfField, deviation, mean } from "../../support/small-tables.ts";

const ROWS = 200_000;
const numbersOf = (field: Omit<Field, "name">) => Float64Array.from(cellsOfField(field, ROWS), Number);

describe.each([
  ["whole", 0, 200, {}],
  ["cut on the left", 5, 200, { min: 5 }],
  ["cut on both sides", 1, 7, { min: 1, max: 7 }],
] as const)("%s", (_, from, to, limits) => {
  test.each([
    ["exponential", { kind: "exponential", mean: 4 }, (x: number) => Math.exp(-x / 4)],
    ["gamma of shape 2.5", { kind: "gamma", shape: 2.5, scale: 1.5 }, (x: number) => x ** 1.5 * Math.exp(-x / 1.5)],
  ] as const)("%s has its density, mean and deviation", (_name, generator, density) => {
    const values = numbersOf({ type: "number", scale: 6, generator: { ...generator, ...limits } });
    const law = distribution(density, from, to, 4_000);
    expect(kolmogorov(values, law.shareBelow)).toBeLessThan(KOLMOGOROV_LIMIT);
    expect(Math.abs(mean([...values]) - law.mean)).toBeLessThan((3.3 * law.deviation) / Math.sqrt(ROWS));
    expect(Math.abs(deviation([...values]) / law.deviation - 1)).toBeLessThan(0.02);
    expect(values.every((value) => value >= from && value <= to)).toBe(true);
  });
});

test("a gamma of shape 1 is the exponential, value for value", () => {
  const of = (generator: { kind: string } & Record<string, unknown>) =>
    numbersOf({ type: "number", scale: 4, generator });
  const exponential = of({ kind: "exponential", mean: 3 });
  const misses = of({ kind: "gamma", scale: 3 }).map((value, i) => Math.abs(value - (exponential[i] as number)));
  expect(misses.every((miss) => miss < 0.00011)).toBe(true);
});

test("an integer field has whole numbers, up to both bounds, in the law's proportions", () => {
  const values = numbersOf({ type: "integer", generator: { kind: "exponential", mean: 2, min: 1, max: 4 } });
  const expected = [1, 2, 3, 4].map((k) => Math.exp(-(k - 0.5) / 2) - Math.exp(-(k + 0.5) / 2));
  const total = expected.reduce((sum, share) => sum + share, 0);
  for (const [i, share] of expected.entries()) {
    const count = values.filter((value) => value === i + 1).length;
    const p = share / total;
    expect(Math.abs(count - ROWS * p)).toBeLessThan(3.5 * Math.sqrt(ROWS * p * (1 - p)));
  }
});
