/**
 * Zipf's law without a table: ranks in proportion to k^-s for any number of ranks up to 2^52.
 *
 * Rejection-inversion (Hörmann and Derflinger 1996): a point under the curve x^-s is drawn by the
 * inverse of its integral and rounded to a rank, and is kept unless it lies outside the rank's bar.
 * At most one in fifty is not, and the next attempt has its own address, so that a rank is still a
 * pure function of its row. Exact up to the 53 bits of the uniform number.
 */
import { type Stream, uniform } from "../random.ts";

/** The rank 0 to n-1 that `address` draws, rank r in proportion to (r+1)^-s; n ≤ 2^52, 0 < s ≤ 10. */
export function zipfRank(stream: Stream, address: number, n: number, s: number): number {
  return drawValue(curveOf(s, 1, n), stream, address) - 1;
}

/** `zipfRank` for each address. */
export function zipfRanks(stream: Stream, addresses: Float64Array, n: number, s: number): Float64Array {
  const ranks = zipfBetween(s, 1, n)(stream, addresses);
  for (let i = 0; i < ranks.length; i++) ranks[i] = (ranks[i] as number) - 1;
  return ranks;
}

/** Values from first to last, 1 ≤ first ≤ last ≤ 2^52, in proportion to k^-s, for each address. */
export function zipfBetween(
  s: number,
  first: number,
  last: number,
): (stream: Stream, addresses: Float64Array) => Float64Array {
  const curve = curveOf(s, first, last);
  return (stream, addresses) => {
    const values = new Float64Array(addresses.length);
    for (let i = 0; i < values.length; i++) values[i] = drawValue(curve, stream, addresses[i] as number);
    return values;
  };
}

interface Curve {
  readonly s: number;
  /** The unit of the curve's x, so that no digits are lost to a tail's small numbers. */
  readonly first: number;
  readonly last: number;
  /** The integral's ends; at `first` the bar itself begins, so that it is never refused. */
  readonly from: number;
  readonly to: number;
  /** A point at most this far left of its rank is inside the bar, whatever the rank. */
  readonly sure: number;
}

function curveOf(s: number, first: number, last: number): Curve {
  return {
    s,
    first,
    last,
    from: integral((first + 0.5) / first, s) - 1 / first,
    to: integral((last + 0.5) / first, s),
    sure: 2 - inverseIntegral(integral(2.5, s) - 2 ** -s, s),
  };
}

function drawValue(curve: Curve, stream: Stream, address: number): number {
  for (let attempt = 0; ; attempt++) {
    const area = curve.from + uniform(stream, address, attempt) * (curve.to - curve.from);
    const x = inverseIntegral(area, curve.s) * curve.first;
    // Only rounding can leave the range.
    const k = Math.min(curve.last, Math.max(curve.first, Math.floor(x + 0.5)));
    if (k - x <= curve.sure || k > ALIKE || isInside(curve, k, area)) return k;
  }
}

/** From here on bar and curve differ by less than 10^-11 of the bar, and the integral's digits would no longer tell. */
const ALIKE = 2 ** 20;

function isInside({ s, first }: Curve, k: number, area: number): boolean {
  return area >= integral((k + 0.5) / first, s) - (k / first) ** -s / first;
}

/** The integral of x^-s from 1 to x: ln x at s = 1, and exact beside it too. */
function integral(x: number, s: number): number {
  const log = Math.log(x);
  const t = (1 - s) * log;
  return Math.abs(t) > NEAR_ZERO ? Math.expm1(t) / (1 - s) : log * (1 + (t / 2) * (1 + t / 3));
}

function inverseIntegral(area: number, s: number): number {
  // Not below 0, where rounding could leave the power's domain.
  const t = (1 - s) * area;
  if (Math.abs(1 - s) > 0.01) return Math.max(0, 1 + t) ** (1 / (1 - s));
  return Math.exp(Math.abs(t) > NEAR_ZERO ? Math.log1p(t) / (1 - s) : area * (1 - (t / 2) * (1 - (2 * t) / 3)));
}

/** Below this the series' next term is under 1e-15; above it no digits cancel. */
const NEAR_ZERO = 1e-5;
