/** Whether drawn values follow a law: Pearson's and Kolmogorov's statistics, with the limits only one run in a thousand exceeds. */

/** Pearson's statistic of outcomes 0, 1, 2, … with these probabilities; rare outcomes are counted together. */
export function goodness(outcomes: Iterable<number>, shares: readonly number[]): { value: number; freedom: number } {
  const counts = new Map<number, number>();
  let total = 0;
  for (const outcome of outcomes) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    total++;
  }
  let value = 0;
  let classes = 0;
  let rareCount = 0;
  let rareShare = 0;
  let seen = 0;
  for (const [outcome, share] of shares.entries()) {
    const count = counts.get(outcome) ?? 0;
    seen += count;
    rareCount += count;
    rareShare += share;
    // Pearson's statistic needs about ten in each class.
    if (rareShare * total < 10) continue;
    value += (rareCount - rareShare * total) ** 2 / (rareShare * total);
    classes++;
    rareCount = 0;
    rareShare = 0;
  }
  if (rareShare * total > 1e-3) {
    value += (rareCount - rareShare * total) ** 2 / (rareShare * total);
    classes++;
  }
  if (seen !== total) throw new Error(`${total - seen} outcomes have no probability.`);
  return { value, freedom: Math.max(1, classes - 1) };
}

/** What Pearson's statistic exceeds with probability 0.001: Wilson and Hilferty 1931, good to 1 % from 1 degree of freedom on. */
export function chiSquareLimit(freedom: number): number {
  const third = 2 / (9 * freedom);
  return freedom * (1 - third + 3.0902 * Math.sqrt(third)) ** 3;
}

/** Kolmogorov's distance of values to a distribution function that has no steps, times √n: one run in a thousand exceeds 1.95. */
export function kolmogorov(values: Float64Array, shareBelow: (value: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  let most = 0;
  for (let i = 0; i < sorted.length; i++) {
    const share = shareBelow(sorted[i] as number);
    most = Math.max(most, share - i / sorted.length, (i + 1) / sorted.length - share);
  }
  return most * Math.sqrt(sorted.length);
}
export const KOLMOGOROV_LIMIT = 1.95;

/** The integral of `density` from `from` to `to` by Gauss-Legendre of 8 points on each of `pieces` pieces. */
export function integrate(density: (x: number) => number, from: number, to: number, pieces = 200): number {
  const width = (to - from) / pieces;
  let sum = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const middle = from + (piece + 0.5) * width;
    for (const [node, weight] of GAUSS) {
      sum += weight * (density(middle - (node * width) / 2) + density(middle + (node * width) / 2));
    }
  }
  return (sum * width) / 2;
}

/** Abramowitz and Stegun, table 25.4, n = 8. */
const GAUSS = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
] as const;

/** A distribution from its density (any scale, no poles) on from..to: its function, mean and deviation. */
export function distribution(density: (x: number) => number, from: number, to: number, cells = 1_000) {
  const width = (to - from) / cells;
  const edge = (cell: number) => from + cell * width;
  const sums = [0];
  for (let cell = 0; cell < cells; cell++) {
    sums.push((sums[cell] as number) + integrate(density, edge(cell), edge(cell + 1), 1));
  }
  const total = sums[cells] as number;
  const shareBelow = (x: number) => {
    if (x <= from) return 0;
    const cell = Math.floor((x - from) / width);
    return cell >= cells ? 1 : ((sums[cell] as number) + integrate(density, edge(cell), x, 1)) / total;
  };
  const mean = integrate((x) => x * density(x), from, to, cells) / total;
  const deviation = Math.sqrt(integrate((x) => (x - mean) ** 2 * density(x), from, to, cells) / total);
  return { shareBelow, mean, deviation };
}
