/**
 * Gamma and beta laws, whose distribution functions have no inverse in plain arithmetic: inverted
 * numerically once, into a table.
 *
 * On a logarithmic scale (log x, or the log of x to 1-x) both are one smooth hill, however small
 * their parameters and however wild their densities at 0 and 1. And as a function of the normal score
 * instead of the share, such a hill's quantile is nearly a straight line, tails and all. So a cubic
 * on each of 512 equal pieces of the scores is within 10^-8 of the exact share; within 10^-5 for a
 * beta with both parameters below 0.1, whose hill is a plateau.
 */
import type { ContinuousLaw } from "./continuous.ts";
import { inverseNormal, normalShare } from "./normal.ts";

/** Density ∝ x^(shape-1) exp(-x/scale), x > 0; mean shape × scale. 0.001 ≤ shape ≤ 10^9. */
export function gammaLaw(shape: number, scale: number): ContinuousLaw {
  // d = log(x / (shape scale)), the distance from the hill's top.
  const pieces = tabulate((d) => shape * (d - Math.expm1(d)));
  const top = shape * scale;
  return {
    quantiles: (shares) => {
      for (let i = 0; i < shares.length; i++) shares[i] = top * Math.exp(interpolate(pieces, shares[i] as number));
      return shares;
    },
  };
}

/** Density ∝ x^(alpha-1) (1-x)^(beta-1) stretched from 0..1 to from..to. 0.001 ≤ alpha, beta ≤ 10^9. */
export function betaLaw(alpha: number, beta: number, from = 0, to = 1): ContinuousLaw {
  // d = log(x / (1-x)) - log(alpha / beta); written so that neither sign of d can overflow.
  const p = alpha / (alpha + beta);
  const q = beta / (alpha + beta);
  const pieces = tabulate((d) =>
    d < 0
      ? alpha * d - (alpha + beta) * Math.log1p(p * Math.expm1(d))
      : -beta * d - (alpha + beta) * Math.log1p(q * Math.expm1(-d)),
  );
  const odds = beta / alpha;
  const width = to - from;
  return {
    quantiles: (shares) => {
      for (let i = 0; i < shares.length; i++) {
        shares[i] = from + width / (1 + odds * Math.exp(-interpolate(pieces, shares[i] as number)));
      }
      return shares;
    },
  };
}

const PIECES = 512;
/** The scores of the least and greatest share that a draw can give: 8.2 standard deviations. */
const LEAST = inverseNormal(0);
const GREATEST = inverseNormal(1);
const WIDTH = (GREATEST - LEAST) / PIECES;
const PIECES_PER_SCORE = 1 / WIDTH;
/**
 * The share beyond each knot's score, on its nearer side: a tail's share keeps the digits that 1 - share loses.
 * A draw's resolution is the least.
 */
const TAILS = Float64Array.from({ length: PIECES + 1 }, (_, knot) =>
  Math.max(2 ** -53, normalShare(-Math.abs(LEAST + knot * WIDTH))),
);

/** The cubic's value at the score of `share`; four coefficients a piece. */
function interpolate(pieces: Float64Array, share: number): number {
  const place = (inverseNormal(share) - LEAST) * PIECES_PER_SCORE;
  const piece = Math.min(PIECES - 1, place | 0);
  const t = place - piece;
  const at = piece * 4;
  const c0 = pieces[at] as number;
  const c1 = pieces[at + 1] as number;
  const c2 = pieces[at + 2] as number;
  return c0 + t * (c1 + t * (c2 + t * (pieces[at + 3] as number)));
}

/**
 * The quantile of a hill with its top at 0, given by its density's logarithm (0 at the top, any
 * scale, concave), as cubics with the exact values and slopes at their ends (Hermite).
 */
function tabulate(logDensity: (d: number) => number): Float64Array {
  const density = (d: number) => Math.exp(logDensity(d));
  const hill = integrateHill(density, -reach((d) => logDensity(-d)), reach(logDensity));
  const values = new Float64Array(PIECES + 1);
  const slopes = new Float64Array(PIECES + 1);
  for (let knot = 0; knot <= PIECES; knot++) {
    const score = LEAST + knot * WIDTH;
    const value = findValue(hill, (TAILS[knot] as number) * hill.total, score > 0);
    const height = density(value) / hill.total;
    values[knot] = value;
    slopes[knot] = (Math.exp((-score * score) / 2) / Math.sqrt(2 * Math.PI) / height) * WIDTH;
  }
  const pieces = new Float64Array(4 * PIECES);
  for (let piece = 0; piece < PIECES; piece++) {
    const [start, end] = [values[piece] as number, values[piece + 1] as number];
    const [rise, fall] = [slopes[piece] as number, slopes[piece + 1] as number];
    pieces.set([start, rise, 3 * (end - start) - 2 * rise - fall, 2 * (start - end) + rise + fall], piece * 4);
  }
  return pieces;
}

/** How far to the right the density falls below e^-40, less than what any draw reaches. */
function reach(logDensity: (d: number) => number): number {
  let high = 1e-9;
  while (logDensity(high) > -40) high *= 2;
  let low = high / 2;
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    if (logDensity(middle) > -40) low = middle;
    else high = middle;
  }
  return high;
}

interface Hill {
  readonly density: (d: number) => number;
  /** Rising; close together at the top, where the density bends. */
  readonly edges: Float64Array;
  /** The integral from the left end up to each edge, and from each edge to the right end. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly total: number;
}

/** Cells on each side of the top; the integral of each is good to 10^-10. */
const CELLS = 400;

function integrateHill(density: (d: number) => number, from: number, to: number): Hill {
  const edges = new Float64Array(2 * CELLS + 1);
  for (let i = 0; i <= CELLS; i++) {
    const part = (i / CELLS) ** 2;
    edges[CELLS - i] = from * part;
    edges[CELLS + i] = to * part;
  }
  const left = new Float64Array(edges.length);
  const right = new Float64Array(edges.length);
  const cells = left.map((_, i) => (i === 0 ? 0 : integral(density, edges[i - 1] as number, edges[i] as number)));
  for (let i = 1; i < edges.length; i++) left[i] = (left[i - 1] as number) + (cells[i] as number);
  for (let i = edges.length - 2; i >= 0; i--) right[i] = (right[i + 1] as number) + (cells[i + 1] as number);
  return { density, edges, left, right, total: left[edges.length - 1] as number };
}

/** The value left of which, or right of which, lies this much of the hill; at most half of it is asked for. */
function findValue({ density, edges, left, right }: Hill, area: number, fromRight: boolean): number {
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fromRight ? (right[middle] as number) > area : (left[middle] as number) < area) low = middle;
    else high = middle;
  }
  const start = edges[low] as number;
  const end = edges[high] as number;
  const missing = fromRight ? (right[low] as number) - area : area - (left[low] as number);
  let [least, most] = [start, end];
  let value = start + Math.min(1, Math.max(0, missing / integral(density, start, end))) * (end - start);
  for (let step = 0; step < 12; step++) {
    const miss = integral(density, start, value) - missing;
    if (miss > 0) most = value;
    else least = value;
    const next = value - miss / density(value);
    if (Math.abs(next - value) <= 1e-14 * (end - start)) break;
    value = next > least && next < most ? next : (least + most) / 2;
  }
  return value;
}

/** Gauss and Legendre's rule with four points. */
function integral(density: (d: number) => number, from: number, to: number): number {
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  const [near, far] = [0.3399810435848563 * half, 0.8611363115940526 * half];
  const inner = density(middle - near) + density(middle + near);
  const outer = density(middle - far) + density(middle + far);
  return half * (0.6521451548625461 * inner + 0.3478548451374538 * outer);
}
