import { describe, expect, test } from "vitest";
import {
  type ContinuousLaw,
  exponentialLaw,
  lognormalLaw,
  nearlyNormalLaw,
  normalLaw,
  shareBelow,
} from "../../../src/generate/laws/continuous.ts";

const quantile = (law: ContinuousLaw, share: number) => law.quantiles(Float64Array.of(share))[0] as number;

describe("quantiles", () => {
  // Scores from tables of the normal distribution.
  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.001, -3.090232306167813],
  ])("of the share %f", (share, score) => {
    expect(quantile(normalLaw(10, 2), share)).toBeCloseTo(10 + 2 * score, 7);
    expect(quantile(lognormalLaw(1, 0.5), share)).toBeCloseTo(Math.exp(1 + 0.5 * score), 6);
    expect(quantile(exponentialLaw(3), share)).toBeCloseTo(-3 * Math.log(1 - share), 12);
    expect(quantile(nearlyNormalLaw(10, 2, 0, 0), share)).toBeCloseTo(10 + 2 * score, 7);
  });

  test("of a skewed law are moved by the terms of Cornish and Fisher", () => {
    // At the score 2 with skewness 0.1 and kurtosis 0.02: 2 + 0.1·3/6 + 0.02·2/24 - 0.01·6/36.
    const share = 0.9772498680518208;
    expect(quantile(nearlyNormalLaw(0, 1, 0.1, 0.02), share)).toBeCloseTo(2 + 0.05 + 0.04 / 24 - 0.06 / 36, 7);
  });

  test("are written over their shares", () => {
    const shares = Float64Array.of(0.1, 0.9);
    expect(exponentialLaw(1).quantiles(shares)).toBe(shares);
  });
});

describe("the share below a value", () => {
  test("is the inverse of the quantile, into both tails", () => {
    for (const value of [1e-9, 0.5, 3, 20]) {
      expect(Math.abs(shareBelow(exponentialLaw(2), value) + Math.expm1(-value / 2))).toBeLessThan(1e-15);
    }
    expect(shareBelow(normalLaw(0, 1), 1)).toBeCloseTo(0.841344746068543, 8);
  });

  test("is 0 and 1 beyond all values, and a step where there is one value only", () => {
    expect([-1, 0, 1_000].map((value) => shareBelow(exponentialLaw(2), value))).toEqual([0, 0, 1]);
    expect([4.9, 5.1].map((value) => shareBelow(normalLaw(5, 0), value))).toEqual([0, 1]);
  });
});
