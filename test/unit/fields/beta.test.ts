import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { distribution, KOLMOGOROV_LIMIT, kolmogorov } from "../../support/laws.ts";
import { cellsOfField, deviation, faultsOf, mean, tableOf } from "../../support/small-tables.ts";

const ROWS = 200_000;
const numbersOf = (field: Omit<Field, "name">) => Float64Array.from(cellsOfField(field, ROWS), Number);

describe.each([
  ["whole", 0, 1, {}],
  ["cut on both sides", 0.4, 0.9, { min: 0.4, max: 0.9 }],
  ["cut where it ends anyhow", 0, 0.5, { min: -3, max: 0.5 }],
] as const)("beta of 4 and 2.5, %s", (_, from, to, limits) => {
  test("has its density, mean and deviation", () => {
    const generator = { kind: "beta", alpha: 4, beta: 2.5, ...limits };
    const values = numbersOf({ type: "number", scale: 7, generator });
    const law = distribution((x) => x ** 3 * (1 - x) ** 1.5, from, to);
    expect(kolmogorov(values, law.shareBelow)).toBeLessThan(KOLMOGOROV_LIMIT);
    expect(Math.abs(mean([...values]) - law.mean)).toBeLessThan((3.3 * law.deviation) / Math.sqrt(ROWS));
    expect(Math.abs(deviation([...values]) / law.deviation - 1)).toBeLessThan(0.02);
    expect(values.every((value) => value >= from && value <= to)).toBe(true);
  });
});

test("stretched to other ends is the same values there", () => {
  const plain = numbersOf({ type: "number", scale: 6, generator: { kind: "beta", alpha: 3, beta: 2 } });
  const stretched = numbersOf({
    type: "number",
    scale: 6,
    generator: { kind: "beta", alpha: 3, beta: 2, from: -10, to: 90 },
  });
  const misses = stretched.map((value, i) => Math.abs(value - (100 * (plain[i] as number) - 10)));
  expect(misses.every((miss) => miss < 0.0001)).toBe(true);
});

test("ends the wrong way round are refused, and so are parameters of 0", () => {
  const faults = (more: object) =>
    faultsOf([tableOf("things", [{ name: "value", type: "number", generator: { kind: "beta", ...more } }])]);
  expect(faults({ from: 2, to: 1 })).toEqual(["impossible-range /tables/0/fields/1/generator/from"]);
  expect(faults({ alpha: 0 })).toEqual(["bad-parameter /tables/0/fields/1/generator/alpha"]);
  expect(faults({ from: 2, to: 3, max: 1 })).toEqual(["impossible-range /tables/0/fields/1/generator/max"]);
});
