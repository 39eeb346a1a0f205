import { describe, expect, test } from "vitest";
import { zipfBetween, zipfRank, zipfRanks } from "../../../src/generate/laws/zipf.ts";
import { makeStream } from "../../../src/generate/random.ts";
import { chiSquareLimit, goodness } from "../../support/laws.ts";

const stream = makeStream(42, "zipf");
const DRAWS = 200_000;
const rows = Float64Array.from({ length: DRAWS }, (_, row) => row);

/** The probabilities of first to last, added up anew. */
function exact(s: number, first: number, last: number): number[] {
  const weights = Array.from({ length: last - first + 1 }, (_, i) => (first + i) ** -s);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** 1 + 2^-s + … + n^-s, by Euler and Maclaurin beyond the first thousand. */
function harmonic(n: number, s: number): number {
  const direct = Math.min(n, 1_000);
  let sum = 0;
  for (let k = direct; k >= 1; k--) sum += k ** -s;
  if (n === direct) return sum;
  const area = s === 1 ? Math.log(n / direct) : (n ** (1 - s) - direct ** (1 - s)) / (1 - s);
  return sum + area + (n ** -s - direct ** -s) / 2 - (s * (n ** (-s - 1) - direct ** (-s - 1))) / 12;
}

describe("ranks of Zipf's law", () => {
  test.each([
    [0.1, 2],
    [0.5, 50],
    [1, 10],
    [1 + 1e-9, 100],
    [1.1, 40],
    [2, 30],
    [3.5, 6],
    [10, 3],
  ])("have the exact probabilities: s = %f, %i ranks", (s, n) => {
    const statistic = goodness(zipfRanks(stream, rows, n, s), exact(s, 1, n));
    expect(statistic.value).toBeLessThan(chiSquareLimit(statistic.freedom));
  });

  test.each([
    [0.5, 2 ** 52],
    [1, 2 ** 52],
    [1.1, 10 ** 9],
    [0.999999, 10 ** 12],
    [2, 2 ** 52],
  ])("follow the harmonic sums where no table could: s = %f, %i ranks", (s, n) => {
    const ranks = zipfRanks(stream, rows, n, s);
    const total = harmonic(n, s);
    // 20 classes between powers of n: the share of each is a difference of harmonic sums.
    const ends = Array.from({ length: 20 }, (_, i) => Math.round(n ** ((i + 1) / 20)));
    const shares = ends.map(
      (end, i) => (harmonic(end, s) - (i === 0 ? 0 : harmonic(ends[i - 1] as number, s))) / total,
    );
    const classes = ranks.map((rank) => ends.findIndex((end) => rank < end));
    const statistic = goodness(classes, shares);
    expect(statistic.value).toBeLessThan(chiSquareLimit(statistic.freedom));
    expect(ranks.every((rank) => rank >= 0)).toBe(true);
  });

  test("are one function of the address, alone or in a block, in any order", () => {
    const block = zipfRanks(stream, rows.slice(0, 1_000).reverse(), 500, 1.1);
    expect([...block]).toEqual(Array.from({ length: 1_000 }, (_, i) => zipfRank(stream, 999 - i, 500, 1.1)));
  });

  test("of one are that one", () => {
    expect(new Set(zipfRanks(stream, rows, 1, 1))).toEqual(new Set([0]));
  });

  test.each([
    [1.2, 5, 24],
    [0.3, 2, 3],
    [4, 100, 140],
  ])("between two values keep their proportions: s = %f, %i to %i", (s, first, last) => {
    const values = zipfBetween(s, first, last)(stream, rows);
    const statistic = goodness(
      values.map((value) => value - first),
      exact(s, first, last),
    );
    expect(statistic.value).toBeLessThan(chiSquareLimit(statistic.freedom));
  });
});
