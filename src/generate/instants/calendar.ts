/**
 * The weights of days, added up: a table of at most 200 years by which a day is drawn.
 *
 * A draw is a whole number below the weight between two days, put through the inverse of the sums, so
 * the same table serves every pair of bounds and nothing is drawn twice. A guide table (Chen and Asau
 * 1974) says where in the sums to look, which leaves a step or two of the search.
 */
import { GeneratorFault } from "../kind.ts";
import { MS_PER_DAY } from "./parse.ts";
import type { Shape } from "./shape.ts";

export const MOST_DAYS = 73_050;

/** About the weight of all days: room for sums to be exact, and 2^33 for a day of 200 years. */
const TOTAL_WEIGHT = 2 ** 50;
const DAYS_PER_YEAR = 365.2425;

/** What a possible day weighs at least, beside a heaviest of 1: nothing underflows to "impossible". */
const LEAST_WEIGHT = 1e-200;

export interface Calendar {
  /** The weight of the days before each day from the first, and of all at the end: whole numbers. */
  readonly cumulative: Float64Array;
  /** For each bucket of weights, the last day whose sum lies in an earlier bucket: no day of the bucket is before it. */
  readonly guide: Uint32Array;
  /** Buckets of the guide for a weight of 1: as many in all as there are days. */
  readonly scale: number;
}

/** Of the days from `first` to `last`, since 1970 and both inclusive. Throws GeneratorFault when none has a weight. */
export function makeCalendar(first: number, last: number, shape: Shape): Calendar {
  const cumulative = addUp(dayWeights(first, last, shape));
  const days = last - first + 1;
  const total = cumulative[days] as number;
  if (total === 0) {
    throw new GeneratorFault("no-weight", "The shape gives no day from min to max a weight above 0.", "/shape");
  }
  const scale = days / total;
  return { cumulative, guide: makeGuide(cumulative, scale), scale };
}

/** The place, from 0, of the day in which this much weight is reached: cumulative[place] <= weight < cumulative[place + 1]. */
export function placeAt({ cumulative, guide, scale }: Calendar, weight: number): number {
  const bucket = Math.floor(weight * scale);
  let low = guide[bucket] as number;
  let high = guide[bucket + 1] as number;
  // Seldom: many days of little weight share a bucket.
  while (high - low > 8) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] as number) <= weight) low = middle;
    else high = middle;
  }
  while ((cumulative[low + 1] as number) <= weight) low++;
  return low;
}

/** Each day's weight, the trend's part at most 1, so that no trend overflows. */
function dayWeights(first: number, last: number, { trend, months, weekdays }: Shape): Float64Array {
  const weights = new Float64Array(last - first + 1);
  const peak = trend > 0 ? last : first;
  for (let i = 0; i < weights.length; i++) {
    const day = first + i;
    const growth = (1 + trend) ** ((day - peak) / DAYS_PER_YEAR);
    const month = months ? shareOf(months, new Date(day * MS_PER_DAY).getUTCMonth()) : 1;
    // 1970-01-01 was a Thursday, the fourth from Monday.
    const weekday = weekdays ? shareOf(weekdays, (((day + 3) % 7) + 7) % 7) : 1;
    const isPossible = month > 0 && weekday > 0;
    weights[i] = isPossible ? Math.max(LEAST_WEIGHT, growth * month * weekday) : 0;
  }
  return weights;
}

function shareOf(weights: readonly number[], place: number): number {
  return (weights[place] as number) / Math.max(...weights);
}

/** Sums of the weights, scaled to whole numbers; only a weight of 0 becomes 0. */
function addUp(weights: Float64Array): Float64Array {
  const factor = TOTAL_WEIGHT / weights.reduce((sum, weight) => sum + weight, 0);
  const cumulative = new Float64Array(weights.length + 1);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    const whole = weight > 0 ? Math.max(1, Math.round(weight * factor)) : 0;
    cumulative[i + 1] = (cumulative[i] as number) + whole;
  }
  return cumulative;
}

function makeGuide(cumulative: Float64Array, scale: number): Uint32Array {
  const guide = new Uint32Array(cumulative.length + 2);
  let place = 0;
  for (let bucket = 0; bucket < guide.length; bucket++) {
    while (place + 1 < cumulative.length && Math.floor((cumulative[place + 1] as number) * scale) < bucket) place++;
    guide[bucket] = place;
  }
  return guide;
}
