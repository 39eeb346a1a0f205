/** Whether counts fit the weights that they were declared to have. */

/** Pearson's statistic of counts against weights, relative to its 99.99 % quantile: above 1 they don't fit. Where a weight is 0, so must be the count. */
export function misfit(counts: readonly number[], weights: readonly number[]): number {
  const total = sum(counts) / sum(weights);
  const places = [...counts.keys()].filter((place) => (weights[place] as number) > 0);
  if (sum(places.map((place) => counts[place] as number)) !== sum(counts)) return Number.POSITIVE_INFINITY;
  const terms = places.map((place) => {
    const expected = total * (weights[place] as number);
    return ((counts[place] as number) - expected) ** 2 / expected;
  });
  return sum(terms) / quantile(places.length - 1);
}

/** Of the chi-square distribution, by Wilson and Hilferty's approximation (1931). */
function quantile(freedom: number): number {
  const part = 2 / (9 * freedom);
  return freedom * (1 - part + 3.719 * Math.sqrt(part)) ** 3;
}

/** How many of the values lie in each place, 0 to count - 1. */
export function countBy<T>(values: readonly T[], count: number, placeOf: (value: T) => number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (const value of values) counts[placeOf(value)] = (counts[placeOf(value)] as number) + 1;
  return counts;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
