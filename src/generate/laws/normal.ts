/**
 * The standard normal distribution's inverse: from a share of the population to a score.
 *
 * Peter Acklam's rational approximation (2003), relative error below 1.15e-9, far finer than any
 * scale a field can have. Plain arithmetic but for the tails, so it is quick and the same everywhere.
 */

const A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const B = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
const C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
const [a1, a2, a3, a4, a5, a6] = A as [number, number, number, number, number, number];
const [b1, b2, b3, b4, b5] = B as [number, number, number, number, number];
const [c1, c2, c3, c4, c5, c6] = C as [number, number, number, number, number, number];
const [d1, d2, d3, d4] = D as [number, number, number, number];

/** Below this share, and above its mirror image, the tail's formula holds. */
const TAIL = 0.02425;

/** Shares of 0 and 1 are moved here: 8.2 standard deviations, the farthest a draw of 53 bits reaches. */
const NEAREST = 2 ** -53;

/** The score below which `share` of the population lies; share in [0, 1]. inverseNormal(0.975) is 1.96. */
export function inverseNormal(share: number): number {
  if (share < TAIL) return tail(Math.max(share, NEAREST));
  if (share > 1 - TAIL) return -tail(Math.max(1 - share, NEAREST));
  const q = share - 0.5;
  const r = q * q;
  const numerator = (((((a1 * r + a2) * r + a3) * r + a4) * r + a5) * r + a6) * q;
  return numerator / (((((b1 * r + b2) * r + b3) * r + b4) * r + b5) * r + 1);
}

function tail(share: number): number {
  const q = Math.sqrt(-2 * Math.log(share));
  const numerator = ((((c1 * q + c2) * q + c3) * q + c4) * q + c5) * q + c6;
  return numerator / ((((d1 * q + d2) * q + d3) * q + d4) * q + 1);
}

/** The share of the population below a score, by halving: the inverse of the inverse, for bounds. */
export function normalShare(score: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (inverseNormal(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}
