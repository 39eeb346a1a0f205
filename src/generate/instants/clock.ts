/**
 * How a day's hours share its instants: a weight for each of 24 hours, uniform within the hour.
 *
 * Everything is whole numbers below 2^47, so that a draw is put through the exact inverse and can
 * neither leave its bounds nor fall into an hour of weight 0.
 */
/** The law of the instants of a day, by their number of units since midnight. */
export interface Clock {
  readonly unitsPerDay: number;
  /** Units of a piece of the day: an hour, or all of it. */
  readonly length: number;
  /** Weight of a unit of each piece, and 0 at the end: the end of the day is the start of no hour. */
  readonly weights: Float64Array;
  /** Weight of the pieces before each, and of all at the end. */
  readonly cumulative: Float64Array;
  /** Weight of the whole day. */
  readonly total: number;
  /** Of each bucket of the total, the first piece that reaches into it. */
  readonly guide: Uint8Array;
}

/** Weights are rounded to this share of the heaviest. */
const WEIGHT_UNITS = 2 ** 20;

/** Of the guide: most hold no more than two hours. */
const BUCKETS = 64;

/** `hours`: 24 weights, at least one above 0; absent, all instants are equally likely. */
export function makeClock(unitsPerDay: number, hours: readonly number[] | undefined): Clock {
  const pieces = hours ? toWhole(hours) : [1];
  const length = unitsPerDay / pieces.length;
  const cumulative = new Float64Array(pieces.length + 1);
  for (const [p, weight] of pieces.entries()) cumulative[p + 1] = (cumulative[p] as number) + weight * length;
  const total = cumulative[pieces.length] as number;
  const guide = Uint8Array.from({ length: BUCKETS }, (_, bucket) => {
    return pieces.findIndex((_, p) => (cumulative[p + 1] as number) > (bucket / BUCKETS) * total);
  });
  return { unitsPerDay, length, weights: Float64Array.of(...pieces, 0), cumulative, total, guide };
}

/** Weights in proportion as whole numbers; only a weight of 0 becomes 0. */
function toWhole(weights: readonly number[]): number[] {
  const most = Math.max(...weights);
  return weights.map((weight) => (weight > 0 ? Math.max(1, Math.round((weight / most) * WEIGHT_UNITS)) : 0));
}

/** Weight of the instants before `unit`, 0 to unitsPerDay. */
export function weightBefore(clock: Clock, unit: number): number {
  if (unit === 0) return 0;
  if (unit === clock.unitsPerDay) return clock.total;
  const piece = Math.floor(unit / clock.length);
  return (clock.cumulative[piece] as number) + (unit - piece * clock.length) * (clock.weights[piece] as number);
}

/** The instant that `share` of the weight from `first` to `last`, both inclusive, lies before; share in [0, 1). NaN when they weigh nothing. */
export function unitAt(clock: Clock, share: number, first: number, last: number): number {
  const { cumulative, length } = clock;
  const from = weightBefore(clock, first);
  const room = weightBefore(clock, last + 1) - from;
  if (room === 0) return Number.NaN;
  const weight = from + Math.floor(share * room);
  // Rounding can't lift it into the next bucket: weights are whole, below 2^47, and the buckets a power of 2.
  let piece = clock.guide[Math.floor((weight / clock.total) * BUCKETS)] as number;
  while ((cumulative[piece + 1] as number) <= weight) piece++;
  return piece * length + Math.floor((weight - (cumulative[piece] as number)) / (clock.weights[piece] as number));
}
