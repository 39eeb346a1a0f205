import { describe, expect, test } from "vitest";
import {
  binomialLaw,
  cutLaw,
  type DiscreteLaw,
  fixedLaw,
  geometricLaw,
  histogramLaw,
  meanOf,
  poissonLaw,
  quantileAll,
  quantileOf,
  rangeLaw,
  tiltTo,
  withZeroShare,
  zipfLaw,
} from "../../../src/generate/laws/discrete.ts";

/** Probability of `k`, 0 outside of the table. */
const at = ({ min, weights }: DiscreteLaw, k: number) => weights[k - min] ?? 0;
const total = ({ weights }: DiscreteLaw) => weights.reduce((sum, weight) => sum + weight, 0);
const variance = (law: DiscreteLaw) => {
  const mean = meanOf(law);
  return law.weights.reduce((sum, weight, i) => sum + weight * (law.min + i - mean) ** 2, 0);
};
const logFactorial = (n: number) => {
  let sum = 0;
  for (let k = 2; k <= n; k++) sum += Math.log(k);
  return sum;
};
const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

describe("every law", () => {
  test.each<[string, DiscreteLaw, number]>([
    ["fixed", fixedLaw(7), 7],
    ["range", rangeLaw(2, 5), 3.5],
    ["Poisson", poissonLaw(2.5), 2.5],
    ["Poisson of 0", poissonLaw(0), 0],
    ["Poisson of 100,000", poissonLaw(100_000), 100_000],
    ["binomial", binomialLaw(10, 0.3), 3],
    ["binomial of few of many", binomialLaw(1e12, 1e-6), 1e6],
    ["binomial of none and of all", binomialLaw(9, 1), 9],
    ["geometric", geometricLaw(4), 4],
    ["geometric of 100,000", geometricLaw(100_000), 100_000],
    ["Zipf", zipfLaw(2, 3), (1 + 1 / 2 + 1 / 3) / (1 + 1 / 4 + 1 / 9)],
    ["histogram", histogramLaw({ "1": 1, "4": 3 }), 3.25],
    ["Poisson without zeros but a tenth", withZeroShare(poissonLaw(3), 0.1), (0.9 * 3) / (1 - Math.exp(-3))],
  ])("adds up to 1 and has its mean: %s", (_, law, mean) => {
    expect(Math.abs(total(law) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(meanOf(law) - mean)).toBeLessThan(1e-10 * Math.max(1, mean));
  });

  test("has the probabilities of its formula", () => {
    for (const k of [0, 1, 2, 5, 20]) {
      expect(relative(at(poissonLaw(2.5), k), Math.exp(k * Math.log(2.5) - 2.5 - logFactorial(k)))).toBeLessThan(1e-12);
      expect(relative(at(geometricLaw(4), k), 0.2 * 0.8 ** k)).toBeLessThan(1e-12);
    }
    for (const k of [0, 3, 10]) {
      const ways = Math.exp(logFactorial(10) - logFactorial(k) - logFactorial(10 - k));
      expect(relative(at(binomialLaw(10, 0.3), k), ways * 0.3 ** k * 0.7 ** (10 - k))).toBeLessThan(1e-12);
    }
    const logPeak = 100_000 * Math.log(100_000) - 100_000 - logFactorial(100_000);
    expect(relative(at(poissonLaw(100_000), 100_000), Math.exp(logPeak))).toBeLessThan(1e-8);
    expect(relative(variance(poissonLaw(100_000)), 100_000)).toBeLessThan(1e-9);
    expect([...zipfLaw(1, 3).weights].map((weight) => (weight * 11).toFixed(9))).toEqual(
      [6, 3, 2].map((n) => n.toFixed(9)),
    );
    expect(zipfLaw(1, 4, 2).min).toBe(2);
    expect([...zipfLaw(1, 4, 2).weights].map((weight) => (weight * 13).toFixed(9))).toEqual(
      [6, 4, 3].map((n) => n.toFixed(9)),
    );
    expect(histogramLaw({ "3": 2, "1": 6, "9": 0 })).toEqual({ min: 1, weights: Float64Array.of(0.75, 0, 0.25) });
  });

  test("is cut where what is left is below 10^-15, and not before", () => {
    for (const law of [poissonLaw(0.5), poissonLaw(5_000), geometricLaw(20), geometricLaw(0.001)]) {
      const last = law.weights.at(-1) as number;
      const ratio = last / (law.weights.at(-2) as number);
      expect((last * ratio) / (1 - ratio)).toBeLessThan(1e-15);
    }
    expect(poissonLaw(5_000).weights.length).toBeLessThan(20 * Math.sqrt(5_000));
  });
});

describe("a share of zeros", () => {
  test("leaves the others in their proportions", () => {
    const law = withZeroShare(rangeLaw(0, 3), 0.4);
    expect([...law.weights].map((weight) => weight.toFixed(6))).toEqual([
      "0.400000",
      "0.200000",
      "0.200000",
      "0.200000",
    ]);
    expect(withZeroShare(fixedLaw(2), 0.25)).toEqual({ min: 0, weights: Float64Array.of(0.25, 0, 0.75) });
    expect(withZeroShare(rangeLaw(1, 2), 1)).toEqual(fixedLaw(0));
  });

  test("needs values for the others", () => {
    expect(() => withZeroShare(fixedLaw(0), 0.5)).toThrow(RangeError);
    expect(() => histogramLaw({ "1": 0 })).toThrow(RangeError);
  });
});

describe("a cut law", () => {
  test("keeps proportions between its bounds, and is none where it has next to nothing", () => {
    expect(cutLaw(rangeLaw(0, 9), 8, 20, 1e-12)).toEqual({ min: 8, weights: Float64Array.of(0.5, 0.5) });
    expect(cutLaw(rangeLaw(0, 9), -5, 0, 1e-12)).toEqual({ min: 0, weights: Float64Array.of(1) });
    for (const [min, max] of [
      [10, 12],
      [-3, -1],
    ] as const) {
      expect(cutLaw(rangeLaw(0, 9), min, max, 1e-12)).toBeUndefined();
    }
    expect(cutLaw(binomialLaw(100, 0.5), 99, 100, 1e-12)).toBeUndefined();
  });
});

describe("a tilted law", () => {
  test("of a binomial is the binomial of that mean, since tilting only moves its odds", () => {
    const tilted = tiltTo(binomialLaw(20, 0.5), 13);
    const expected = binomialLaw(20, 0.65);
    expect(tilted.min).toBe(0);
    for (let k = 0; k <= 20; k++) expect(relative(at(tilted, k), at(expected, k))).toBeLessThan(1e-9);
  });

  test.each([1.0001, 1.5, 30, 999, 999.999])("has the mean %f and the same support", (mean) => {
    const law = zipfLaw(1.2, 1_000);
    const tilted = tiltTo(law, mean);
    expect(relative(meanOf(tilted), mean)).toBeLessThan(1e-11);
    expect([tilted.min, tilted.weights.length]).toEqual([1, 1_000]);
    expect(Math.abs(total(tilted) - 1)).toBeLessThan(1e-12);
  });

  test("keeps what has no weight without, and refuses means that no weights can give", () => {
    const law = histogramLaw({ "0": 1, "4": 1, "9": 1 });
    const tilted = tiltTo(law, 6);
    expect([...tilted.weights.entries()].filter(([, weight]) => weight > 0).map(([k]) => k)).toEqual([0, 4, 9]);
    for (const mean of [0, 9, -1, 10, Number.NaN]) expect(() => tiltTo(law, mean)).toThrow(RangeError);
  });
});

describe("quantiles", () => {
  test("are the least value whose sum of probabilities is above the share", () => {
    for (const law of [
      poissonLaw(0.7),
      poissonLaw(90),
      zipfLaw(1.1, 300),
      histogramLaw({ "2": 1, "5": 2, "6": 0, "9": 1 }),
    ]) {
      const quantile = quantileOf(law);
      for (let step = 0; step < 5_000; step++) {
        const share = step / 5_000 + 1e-7;
        let sum = 0;
        let k = law.min - 1;
        while (sum <= share) sum += at(law, ++k);
        expect(quantile(share)).toBe(k);
      }
    }
  });

  test("never leave the support, at no share", () => {
    const quantile = quantileOf(histogramLaw({ "2": 0, "5": 1, "9": 2, "12": 0 }));
    expect([0, 2 ** -53, 1 - 2 ** -53].map(quantile)).toEqual([5, 5, 9]);
    const law = poissonLaw(1_000);
    const last = quantileOf(law)(1 - 2 ** -53);
    expect(last).toBeLessThan(law.min + law.weights.length);
  });

  test("of a block are those of its shares", () => {
    const law = poissonLaw(12);
    const shares = Float64Array.from({ length: 1_000 }, (_, i) => (i * 0.618034) % 1);
    const expected = Array.from(shares, quantileOf(law));
    expect([...quantileAll(law)(shares)]).toEqual(expected);
  });
});
