/**
 * Laws on whole numbers as tables of probabilities, and how a uniform number becomes a value of one.
 *
 * A table answers everything at once: its mean, its tilt to another mean, its values by a guide table
 * in constant time. Infinite laws are cut where what is left is below about 1e-15, less than a share
 * of 53 bits can tell from nothing.
 */

/** A law on whole numbers: `weights[i]` is the probability of `min + i`; they add up to 1. */
export interface DiscreteLaw {
  readonly min: number;
  readonly weights: Float64Array;
}

/** Weights this far below the greatest are left out: a tail of such is below 1e-15 of the whole. */
const NEGLIGIBLE = 1e-18;

/** Always `n`. */
export function fixedLaw(n: number): DiscreteLaw {
  return { min: n, weights: Float64Array.of(1) };
}

/** Each of min to max, both inclusive, equally likely. */
export function rangeLaw(min: number, max: number): DiscreteLaw {
  const count = max - min + 1;
  return { min, weights: new Float64Array(count).fill(1 / count) };
}

/** 0, 1, 2, … events where `mean` are expected; the table has about 18 standard deviations. */
export function poissonLaw(mean: number): DiscreteLaw {
  // P(k+1) / P(k) = mean / (k+1), so that no factorial or exponential can overflow.
  return fromMode(Math.floor(mean), (k) => mean / (k + 1));
}

/** How many of `n` trials succeed, each with probability `p`. */
export function binomialLaw(n: number, p: number): DiscreteLaw {
  const odds = p / (1 - p);
  return fromMode(Math.min(n, Math.floor((n + 1) * p)), (k) => ((n - k) / (k + 1)) * odds);
}

/** 0, 1, 2, … failures before the first success, each success having the probability 1 / (1 + mean). */
export function geometricLaw(mean: number): DiscreteLaw {
  if (mean === 0) return fixedLaw(0);
  const step = -Math.log1p(1 / mean);
  const count = Math.ceil(Math.log(1e-16) / step) + 1;
  const weights = new Float64Array(count);
  for (let k = 0; k < count; k++) weights[k] = Math.exp(step * k);
  return normalised(0, weights);
}

/** 1 to `max`, or `min` to `max`, in proportion to k^-s. */
export function zipfLaw(s: number, max: number, min = 1): DiscreteLaw {
  const weights = new Float64Array(max - min + 1);
  for (let i = 0; i < weights.length; i++) weights[i] = ((min + i) / min) ** -s;
  return normalised(min, weights);
}

/** Whole numbers with their weights, in any scale. Throws RangeError when no weight is above 0. */
export function histogramLaw(values: Readonly<Record<string, number>>): DiscreteLaw {
  const entries = Object.entries(values).filter(([, weight]) => weight > 0);
  if (entries.length === 0) throw new RangeError("All weights of the histogram are 0; give at least one above 0.");
  const numbers = entries.map(([value]) => Number(value));
  const min = numbers.reduce((least, value) => Math.min(least, value));
  const max = numbers.reduce((most, value) => Math.max(most, value));
  const weights = new Float64Array(max - min + 1);
  for (const [value, weight] of entries) weights[Number(value) - min] = weight;
  return normalised(min, weights);
}

/**
 * 0 with the probability `share`, and otherwise the law's values above 0 in their proportions. Throws
 * RangeError when it has none, unless all are to be 0.
 */
export function withZeroShare(law: DiscreteLaw, share: number): DiscreteLaw {
  if (share === 1) return fixedLaw(0);
  const first = Math.max(1, law.min);
  const positive = law.weights.subarray(first - law.min);
  const total = sumOf(positive);
  if (!(total > 0)) throw new RangeError("The law has no values above 0 for the rows that are to have some.");
  const weights = new Float64Array(first + positive.length);
  weights[0] = share;
  for (let i = 0; i < positive.length; i++) weights[first + i] = ((positive[i] as number) / total) * (1 - share);
  return { min: 0, weights };
}

/** The law given that its value lies from min to max, both inclusive; undefined where less than `least` of it does. */
export function cutLaw(law: DiscreteLaw, min: number, max: number, least: number): DiscreteLaw | undefined {
  const first = Math.max(min, law.min);
  const weights = law.weights.slice(first - law.min, Math.max(0, max - law.min + 1));
  return sumOf(weights) >= least ? normalised(first, weights) : undefined;
}

export function meanOf({ min, weights }: DiscreteLaw): number {
  let mean = 0;
  for (let i = 0; i < weights.length; i++) mean += (weights[i] as number) * i;
  return min + mean;
}

/**
 * The law with its weights multiplied by θ^k (exponential tilting) so that its mean is `mean`; the
 * support stays. Of all laws with that mean it is the nearest to the given one (Csiszár 1975). A tail
 * that the table left out stays out; a Poisson or geometric law is better made anew with that mean,
 * which is the same tilt of the whole law.
 * Throws RangeError unless least < mean < greatest value of the support.
 */
export function tiltTo(law: DiscreteLaw, mean: number): DiscreteLaw {
  const first = law.min + law.weights.findIndex((weight) => weight > 0);
  const last = law.min + law.weights.findLastIndex((weight) => weight > 0);
  if (!(first < mean && mean < last)) {
    throw new RangeError(`A mean of ${mean} needs values on both sides of it; there are ${first} to ${last}.`);
  }
  const logs = law.weights.map(Math.log);
  const target = mean - law.min;
  const tilted = (slope: number) => momentsOf(logs, slope);
  let low = -1;
  let high = 1;
  while (tilted(low).mean > target) low *= 2;
  while (tilted(high).mean < target) high *= 2;
  // Newton's step where it stays inside the bracket (the slope of the mean is the variance), else halving.
  let slope = 0;
  for (let step = 0; step < 200; step++) {
    const now = tilted(slope);
    const miss = now.mean - target;
    if (Math.abs(miss) <= 1e-13 * target) break;
    if (miss > 0) high = slope;
    else low = slope;
    const next = slope - miss / now.variance;
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    slope = next > low && next < high ? next : middle;
  }
  return normalised(law.min, tilted(slope).weights);
}

/** Weights exp(log + slope i), the greatest 1, with the mean and variance of i under them. */
function momentsOf(logs: Float64Array, slope: number): { weights: Float64Array; mean: number; variance: number } {
  const weights = new Float64Array(logs.length);
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logs.length; i++) most = Math.max(most, (logs[i] as number) + slope * i);
  let total = 0;
  let first = 0;
  for (let i = 0; i < logs.length; i++) {
    const weight = Math.exp((logs[i] as number) + slope * i - most);
    weights[i] = weight;
    total += weight;
    first += weight * i;
  }
  const mean = first / total;
  let spread = 0;
  for (let i = 0; i < logs.length; i++) spread += (weights[i] as number) * (i - mean) ** 2;
  return { weights, mean, variance: spread / total };
}

/** The value below which lies the share `u`, 0 ≤ u < 1: uniform numbers become values of the law. */
export function quantileOf(law: DiscreteLaw): (u: number) => number {
  const { sums, guide } = tableOf(law);
  return (u) => {
    let i = guide[Math.floor(u * guide.length)] as number;
    while ((sums[i] as number) <= u) i++;
    return law.min + i;
  };
}

/** `quantileOf` for a block of uniform numbers, which it overwrites and returns. */
export function quantileAll(law: DiscreteLaw): (u: Float64Array) => Float64Array {
  const { sums, guide } = tableOf(law);
  const { min } = law;
  return (shares) => {
    const cells = guide.length;
    for (let row = 0; row < shares.length; row++) {
      const u = shares[row] as number;
      let i = guide[Math.floor(u * cells)] as number;
      while ((sums[i] as number) <= u) i++;
      shares[row] = min + i;
    }
    return shares;
  };
}

/**
 * The distribution function, and for each equal part of [0, 1) the first value that can fall in it
 * (Chen and Asau 1974). With as many parts as values a search takes one step more on average.
 */
function tableOf({ weights }: DiscreteLaw): { sums: Float64Array; guide: Uint32Array } {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i] as number;
    sums[i] = sum;
  }
  // Exactly 1 from the last possible value on, so that rounding can't lead a search past it.
  sums.fill(
    1,
    weights.findLastIndex((weight) => weight > 0),
  );
  const guide = new Uint32Array(2 ** Math.ceil(Math.log2(weights.length + 1)));
  for (let part = 0, i = 0; part < guide.length; part++) {
    while ((sums[i] as number) <= part / guide.length) i++;
    guide[part] = i;
  }
  return { sums, guide };
}

/**
 * A law with one hill, from the ratio P(k+1) / P(k), which must become 0 at the greatest value if there
 * is one: outwards from the mode on both sides, until the weights are negligible.
 */
function fromMode(mode: number, ratio: (k: number) => number): DiscreteLaw {
  const above: number[] = [];
  for (let k = mode, weight = ratio(k); weight > NEGLIGIBLE; k++, weight *= ratio(k)) above.push(weight);
  const below: number[] = [1];
  for (let k = mode - 1, weight = 1; k >= 0; k--) {
    weight /= ratio(k);
    if (weight <= NEGLIGIBLE) break;
    below.push(weight);
  }
  const weights = Float64Array.from([...below.reverse(), ...above]);
  return normalised(mode + 1 - below.length, weights);
}

function normalised(min: number, weights: Float64Array): DiscreteLaw {
  const total = sumOf(weights);
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) / total;
  return { min, weights };
}

function sumOf(weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] as number;
  return total;
}
