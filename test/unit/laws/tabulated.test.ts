/** Gamma and beta against closed forms of their distribution functions, and against integrals where there are none. */
import { describe, expect, test } from "vitest";
import type { ContinuousLaw } from "../../../src/generate/laws/continuous.ts";
import { betaLaw, gammaLaw } from "../../../src/generate/laws/tabulated.ts";
import { distribution, integrate } from "../../support/laws.ts";

const SHARES = [
  ...Array.from({ length: 499 }, (_, i) => (i + 1) / 500),
  ...[1e-4, 1e-6, 1e-9, 1e-12].flatMap((tail) => [tail, 1 - tail]),
];

/**
 * Kolmogorov's distance of the table to the exact law, as far as floating point can write its values:
 * a share counts as right when the law passes it between a value's two neighbours.
 */
function distance(law: ContinuousLaw, shareBelow: (x: number) => number, end = Number.POSITIVE_INFINITY): number {
  const values = law.quantiles(Float64Array.from(SHARES));
  const misses = SHARES.map((share, i) => {
    const value = values[i] as number;
    const before = shareBelow(Math.max(0, value * (1 - 2 ** -52) - 2 ** -1022));
    const after = shareBelow(Math.min(end, value * (1 + 2 ** -52) + 2 ** -1022));
    return Math.max(0, before - share, share - after);
  });
  return Math.max(...misses);
}

/** Of a whole shape: one minus the chance that fewer than `shape` events have happened by x. */
function erlang(shape: number, x: number): number {
  let term = Math.exp(-x);
  let sum = 0;
  for (let k = 0; k < shape; k++) {
    sum += term;
    term *= x / (k + 1);
  }
  return 1 - sum;
}

/** Of a shape near 0, by the power series; Γ(1 + a) by its own. */
function smallGamma(a: number, x: number): number {
  if (x === 0) return 0;
  const logGamma = -0.5772156649015329 * a + (1.6449340668482264 / 2) * a * a - (1.2020569031595942 / 3) * a ** 3;
  let term = Math.exp(a * Math.log(x) - x - logGamma);
  let sum = 0;
  for (let n = 1; term > 1e-18; n++) {
    sum += term;
    term *= x / (a + n);
  }
  return sum;
}

/** The error function's integral. */
const halfGamma = (x: number) => (2 / Math.sqrt(Math.PI)) * integrate((t) => Math.exp(-t * t), 0, Math.sqrt(x), 40);

describe("gamma", () => {
  test.each<[number, (x: number) => number]>([
    [0.001, (x) => smallGamma(0.001, x)],
    [0.01, (x) => smallGamma(0.01, x)],
    [0.5, halfGamma],
    [1, (x) => 1 - Math.exp(-x)],
    [1.5, (x) => halfGamma(x) - (2 / Math.sqrt(Math.PI)) * Math.sqrt(x) * Math.exp(-x)],
    [2, (x) => erlang(2, x)],
    [5, (x) => erlang(5, x)],
    [40, (x) => erlang(40, x)],
  ])("of shape %f is within 10^-8 of its law", (shape, shareBelow) => {
    expect(distance(gammaLaw(shape, 1), shareBelow)).toBeLessThan(1e-8);
    expect(distance(gammaLaw(shape, 2.5), (x) => shareBelow(x / 2.5))).toBeLessThan(1e-8);
  });

  test.each([2.7, 100_000, 1e9])("of shape %f is within 10^-8 of the integral of its density", (shape) => {
    const [deviation, top] = [Math.sqrt(shape), shape - 1];
    const logDensity = (x: number) => top * (Math.log1p((x - top) / top) - (x - top) / top);
    const from = Math.max(1e-9, shape - 9 * deviation);
    const law = distribution((x) => Math.exp(logDensity(x)), from, shape + 20 * deviation, 4_000);
    expect(distance(gammaLaw(shape, 1), law.shareBelow)).toBeLessThan(1e-8);
  });
});

/** Of whole parameters: the chance of at least alpha successes in alpha + beta - 1 trials. */
function wholeBeta(alpha: number, beta: number, x: number): number {
  const n = alpha + beta - 1;
  let ways = 1;
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    if (k >= alpha) sum += ways * x ** k * (1 - x) ** (n - k);
    ways *= (n - k) / (k + 1);
  }
  return sum;
}

/** Of two equal parameters near 0: with t = s^(1/a) the pole at 0 is gone, and 1/2 is the middle. */
function symmetricBeta(a: number): (x: number) => number {
  const upTo = (end: number) => integrate((s) => (1 - s ** (1 / a)) ** (a - 1), 0, end ** a, 60);
  const whole = 2 * upTo(0.5);
  return (x) => (x <= 0.5 ? upTo(x) / whole : 1 - upTo(1 - x) / whole);
}

describe("beta", () => {
  test.each<[number, number, (x: number) => number]>([
    [1, 1, (x) => x],
    [2, 3, (x) => wholeBeta(2, 3, x)],
    [5, 1, (x) => x ** 5],
    [30, 12, (x) => wholeBeta(30, 12, x)],
    [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [1, 0.3, (x) => 1 - (1 - x) ** 0.3],
    [0.3, 1, (x) => x ** 0.3],
    [0.02, 1, (x) => x ** 0.02],
  ])("of %f and %f is within 10^-8 of its law", (alpha, beta, shareBelow) => {
    expect(distance(betaLaw(alpha, beta), shareBelow, 1)).toBeLessThan(1e-8);
  });

  test("with both parameters near 0 is within 10^-5 of its law", () => {
    expect(distance(betaLaw(0.1, 0.1), symmetricBeta(0.1), 1)).toBeLessThan(1e-5);
    expect(distance(betaLaw(0.05, 0.05), symmetricBeta(0.05), 1)).toBeLessThan(1e-5);
  });

  test("of large parameters is within 10^-8 of the integral of its density", () => {
    const [a, b] = [3_000, 70_000];
    const top = (a - 1) / (a + b - 2);
    const logDensity = (x: number) => (a - 1) * Math.log(x / top) + (b - 1) * Math.log1p((top - x) / (1 - top));
    const law = distribution((x) => Math.exp(logDensity(x)), top * 0.8, top * 1.2, 2_000);
    expect(distance(betaLaw(a, b), law.shareBelow)).toBeLessThan(1e-8);
  });

  test("is stretched to its ends", () => {
    expect(distance(betaLaw(2, 3, 10, 30), (x) => wholeBeta(2, 3, (x - 10) / 20))).toBeLessThan(1e-8);
  });
});

test.each([gammaLaw(0.05, 1), gammaLaw(3, 1), gammaLaw(1e6, 1), betaLaw(0.01, 4), betaLaw(8, 2)])(
  "quantiles rise and are finite at every share",
  (law) => {
    const shares = Float64Array.from({ length: 100_001 }, (_, i) => Math.min(1 - 2 ** -53, i / 100_000));
    const values = law.quantiles(shares);
    expect(values.every((value, i) => Number.isFinite(value) && value >= (values[i - 1] ?? 0))).toBe(true);
  },
);
