import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { nearlyNormalLaw, shareBelow } from "../../../src/generate/laws/continuous.ts";
import { binomialLaw, type DiscreteLaw, meanOf, poissonLaw } from "../../../src/generate/laws/discrete.ts";
import { chiSquareLimit, goodness } from "../../support/laws.ts";
import { cellsOfField, deviation, mean } from "../../support/small-tables.ts";

const ROWS = 200_000;
type Spec = { kind: string } & Record<string, unknown>;
const numbersOf = (generator: Spec, field: Partial<Field> = {}) =>
  cellsOfField({ type: "integer", ...field, generator }, ROWS).map(Number);

const poisson = (mean: number) => (k: number) => {
  let share = Math.exp(-mean);
  for (let i = 1; i <= k; i++) share *= mean / i;
  return share;
};
const binomial = (n: number, p: number) => (k: number) => {
  let share = (1 - p) ** n;
  for (let i = 1; i <= k; i++) share *= ((n - i + 1) / i) * (p / (1 - p));
  return share;
};
const zipf = (s: number) => (k: number) => k ** -s;

describe("counts have the probabilities of their formula, and their mean", () => {
  test.each<[Spec, (k: number) => number, number, number]>([
    [{ kind: "poisson", mean: 2 }, poisson(2), 0, 40],
    [{ kind: "poisson", mean: 2, min: 1 }, poisson(2), 1, 40],
    [{ kind: "poisson", mean: 60, min: 50, max: 63 }, poisson(60), 50, 63],
    [{ kind: "binomial", n: 10, p: 0.3 }, binomial(10, 0.3), 0, 10],
    [{ kind: "binomial", n: 300, p: 0.02, min: 4, max: 9 }, binomial(300, 0.02), 4, 9],
    [{ kind: "zipf", s: 1.1, n: 200 }, zipf(1.1), 1, 200],
    [{ kind: "zipf", s: 0.7, n: 1_000_000, min: 20, max: 60 }, zipf(0.7), 20, 60],
    [{ kind: "zipf", s: 2, n: 100_000 }, zipf(2), 1, 100_000],
    [{ kind: "zipf", s: 3, n: 2_000_000, min: 1_000 }, zipf(3), 1_000, 2_000_000],
  ])("%o", (spec, weight, from, to) => {
    const values = numbersOf(spec);
    const weights = Array.from({ length: to - from + 1 }, (_, i) => weight(from + i));
    const total = weights.reduce((sum, share) => sum + share, 0);
    const shares = weights.map((share) => share / total);
    const statistic = goodness(
      values.map((value) => value - from),
      shares,
    );
    expect(statistic.value).toBeLessThan(chiSquareLimit(statistic.freedom));
    if (spec.kind === "zipf") return;
    const expected = shares.reduce((sum, share, i) => sum + share * (from + i), 0);
    expect(Math.abs(mean(values) - expected)).toBeLessThan((3.5 * deviation(values)) / Math.sqrt(ROWS));
  });

  test("sure ones are sure", () => {
    for (const [spec, value] of [
      [{ kind: "poisson", mean: 0 }, 0],
      [{ kind: "binomial", n: 7, p: 1 }, 7],
      [{ kind: "binomial", n: 7, p: 0 }, 0],
      [{ kind: "zipf", n: 1 }, 1],
    ] as const) {
      expect(new Set(numbersOf(spec))).toEqual(new Set([value]));
    }
  });

  test("are whole in a field with decimals, with bounds that need not be", () => {
    const values = numbersOf({ kind: "poisson", mean: 5, min: 2.5, max: 6.25 }, { type: "number", scale: 3 });
    expect([...new Set(values)].sort()).toEqual([3, 4, 5, 6]);
  });
});

describe("a count too large for a table", () => {
  /** The greatest miss of the expansion's distribution function, at every tenth deviation. */
  function distance(law: DiscreteLaw, [skewness, kurtosis]: readonly [number, number], variance: number): number {
    const deviation = Math.sqrt(variance);
    const nearly = nearlyNormalLaw(meanOf(law), deviation, skewness, kurtosis);
    const sums = law.weights.slice();
    for (let i = 1; i < sums.length; i++) sums[i] = (sums[i] as number) + (sums[i - 1] as number);
    let most = 0;
    for (let score = -6; score <= 6; score += 0.1) {
      const i = Math.round(meanOf(law) + score * deviation) - law.min;
      most = Math.max(most, Math.abs((sums[i] as number) - shareBelow(nearly, law.min + i + 0.5)));
    }
    return most;
  }

  test("is within 10^-7 of the exact law from the variance on where the table ends", () => {
    expect(distance(poissonLaw(1e6), [1e-3, 1e-6], 1e6)).toBeLessThan(1e-7);
    for (const [n, p] of [
      [4e6, 0.5],
      [1e8, 0.01],
    ] as const) {
      const variance = n * p * (1 - p);
      const shape = [(1 - 2 * p) / Math.sqrt(variance), (1 - 6 * p * (1 - p)) / variance] as const;
      expect(distance(binomialLaw(n, p), shape, variance)).toBeLessThan(1e-7);
    }
  });

  test.each<[Spec, number, number]>([
    [{ kind: "poisson", mean: 1e9 }, 1e9, 1e9],
    [{ kind: "poisson", mean: 1e12 }, 1e12, 1e12],
    [{ kind: "binomial", n: 1e10, p: 0.2 }, 2e9, 1.6e9],
  ])("has its mean and deviation: %o", (spec, expected, variance) => {
    const values = numbersOf(spec);
    expect(Math.abs(mean(values) - expected)).toBeLessThan(3.5 * Math.sqrt(variance / ROWS));
    expect(Math.abs(deviation(values) / Math.sqrt(variance) - 1)).toBeLessThan(0.006);
    expect(values.every(Number.isInteger)).toBe(true);
  });

  test("keeps its bounds without piling up on them", () => {
    const values = numbersOf({ kind: "poisson", mean: 1e8, min: 100_000_000, max: 100_000_009 });
    // So near to the top of so wide a hill its ten values are as good as equally likely.
    const statistic = goodness(
      values.map((value) => value - 100_000_000),
      new Array(10).fill(0.1),
    );
    expect(statistic.value).toBeLessThan(chiSquareLimit(9));
  });
});
