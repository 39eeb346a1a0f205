import { describe, expect, test } from "vitest";
import { inverseNormal, normalShare } from "../../../src/generate/laws/normal.ts";

describe("inverseNormal", () => {
  // Scores from tables of the normal distribution; the formula is good to 1.15e-9 of each.
  test.each([
    [0.5, 0],
    [0.841344746068543, 1],
    [0.975, 1.959963984540054],
    [0.025, -1.959963984540054],
    [0.02425, -1.9729610513118845],
    [0.97575, 1.9729610513118845],
    [0.999, 3.090232306167813],
    [0.001, -3.090232306167813],
    [1e-9, -5.997807015007687],
  ])("of the share %f is the score %f", (share, score) => {
    expect(inverseNormal(share)).toBeCloseTo(score, 8);
  });

  test("rises without a step where the formulas for the tails begin", () => {
    const shares = Array.from({ length: 20_001 }, (_, i) => i / 20_000);
    const scores = shares.map(inverseNormal);
    expect(scores.every((score, i) => i === 0 || score > (scores[i - 1] as number))).toBe(true);
    for (const edge of [0.02425, 0.97575]) {
      const step = inverseNormal(edge + 1e-9) - inverseNormal(edge - 1e-9);
      expect([step > 0, step < 1e-7]).toEqual([true, true]);
    }
  });

  test("is finite for everybody and nobody: 8.2 standard deviations", () => {
    expect([inverseNormal(0), inverseNormal(1)].map((score) => score.toFixed(1))).toEqual(["-8.2", "8.2"]);
  });
});

describe("normalShare", () => {
  test("is the inverse of inverseNormal", () => {
    for (let score = -6; score <= 6; score += 0.25) expect(inverseNormal(normalShare(score))).toBeCloseTo(score, 6);
    for (const share of [1e-6, 0.02, 0.1, 0.5, 0.7, 0.9999]) {
      expect(normalShare(inverseNormal(share))).toBeCloseTo(share, 12);
    }
  });

  test("takes scores beyond all draws, since a bound may lie anywhere", () => {
    expect(normalShare(Number.NEGATIVE_INFINITY)).toBeLessThan(1e-15);
    expect(normalShare(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalShare(-40)).toBeLessThan(1e-15);
    expect(normalShare(40)).toBe(1);
  });
});
