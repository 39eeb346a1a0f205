/**
 * Instants by a shape: a day by the sums of the days' weights, then an instant of it by its hours.
 *
 * Between two bounds the first and the last day count by the part of them that lies inside. The sums
 * are made once and serve every pair of bounds, so a child's date costs the same as its parent's.
 */
import { parseDay } from "../column.ts";
import { GeneratorFault } from "../kind.ts";
import { type Calendar, MOST_DAYS, makeCalendar, placeAt } from "./calendar.ts";
import { type Clock, makeClock, unitAt, weightBefore } from "./clock.ts";
import type { Grid } from "./grid.ts";
import type { Shape } from "./shape.ts";

/** Where bounds come from fields whose range is unknown, the sums reach over these days, as far as the other bound allows. */
const DEFAULT_FIRST = parseDay("1900-01-01");
const DEFAULT_LAST = parseDay("2099-12-31");

/** The weights of a field's instants, in units of its grid since 1970. */
export interface Law {
  readonly calendar: Calendar;
  readonly clock: Clock;
  /** The first and the last unit that have a place in the sums. */
  readonly first: number;
  readonly last: number;
}

/**
 * `least` and `greatest` are what bounds can be at all, infinite when unknown. Throws GeneratorFault
 * when that is more than 200 years, or nothing in it has a weight.
 */
export function makeLaw(shape: Shape, least: number, greatest: number, { unitsPerDay }: Grid): Law {
  const [first, last] = spanOf(Math.floor(least / unitsPerDay), Math.floor(greatest / unitsPerDay));
  return {
    calendar: makeCalendar(first, last, shape),
    clock: makeClock(unitsPerDay, shape.hours),
    first: first * unitsPerDay,
    last: (last + 1) * unitsPerDay - 1,
  };
}

/** What a pair of bounds leaves of the law; days by their place in the sums. */
export interface Cut {
  readonly low: number;
  readonly high: number;
  /** The first day and its first unit, the last day and its last unit. */
  readonly first: number;
  readonly from: number;
  readonly last: number;
  readonly to: number;
  /** A day is reached by a weight from `start` to below `start + room`; with no room nothing weighs anything. */
  readonly start: number;
  readonly room: number;
}

/** From unit `low` to `high`, both inclusive and in order; undefined when they lie outside the sums. */
export function cutLaw({ calendar, clock, first: origin, last: end }: Law, low: number, high: number): Cut | undefined {
  const lowest = Math.max(origin, low) - origin;
  const highest = Math.min(end, high) - origin;
  if (lowest > highest) return undefined;
  const { cumulative } = calendar;
  const first = Math.floor(lowest / clock.unitsPerDay);
  const last = Math.floor(highest / clock.unitsPerDay);
  const from = lowest - first * clock.unitsPerDay;
  const to = highest - last * clock.unitsPerDay;
  const [startOfFirst, endOfFirst] = [cumulative[first] as number, cumulative[first + 1] as number];
  if (first === last) return { low, high, first, from, last, to, start: startOfFirst, room: endOfFirst - startOfFirst };
  const [startOfLast, endOfLast] = [cumulative[last] as number, cumulative[last + 1] as number];
  // Rounded outwards, so that a day keeps some weight exactly if something of it is left; shares of 0 and 1 are exact.
  const start = startOfFirst + Math.floor((endOfFirst - startOfFirst) * (weightBefore(clock, from) / clock.total));
  const stop = startOfLast + Math.ceil((endOfLast - startOfLast) * (weightBefore(clock, to + 1) / clock.total));
  return { low, high, first, from, last, to, start, room: stop - start };
}

/** The unit of the cut for two numbers in [0, 1), one for its day and one for its time of day; NaN when nothing in it weighs anything. */
export function drawFrom(
  { calendar, clock, first: origin }: Law,
  cut: Cut,
  dayShare: number,
  timeShare: number,
): number {
  if (cut.room === 0) return Number.NaN;
  const place = placeAt(calendar, cut.start + Math.floor(dayShare * cut.room));
  if (clock.unitsPerDay === 1) return origin + place;
  const from = place === cut.first ? cut.from : 0;
  const to = place === cut.last ? cut.to : clock.unitsPerDay - 1;
  return origin + place * clock.unitsPerDay + unitAt(clock, timeShare, from, to);
}

/** The days that the sums reach over. */
function spanOf(least: number, greatest: number): [first: number, last: number] {
  if (!Number.isFinite(least)) {
    if (!Number.isFinite(greatest)) return [DEFAULT_FIRST, DEFAULT_LAST];
    const earliest = greatest - MOST_DAYS + 1;
    return [DEFAULT_FIRST > greatest ? earliest : Math.max(DEFAULT_FIRST, earliest), greatest];
  }
  if (!Number.isFinite(greatest)) {
    const latest = least + MOST_DAYS - 1;
    return [least, DEFAULT_LAST < least ? latest : Math.min(DEFAULT_LAST, latest)];
  }
  if (greatest - least < MOST_DAYS) return [least, greatest];
  throw new GeneratorFault("impossible-range", "A shape spans at most 200 years; move min and max closer.", "/shape");
}
