/**
 * How many children each parent has, and so which rows of the child table are whose.
 *
 * A child table that a parent decides is laid out in the parents' order: parent 0's children, then
 * parent 1's, … The number of children is a function of the parent's row alone; their running sums
 * are kept for every 64th parent only (an eighth of a byte a parent), and the sums between are made
 * again when asked for. So any child finds its parent, and any parent its children, in any order.
 */
import { bits, type Stream } from "../random.ts";

export interface Spread {
  /** False of one that stands in where there were too many parents. */
  readonly isCounted: boolean;
  /** Children in all. */
  readonly total: number;
  /** The least and the most children that a parent has; counted at the first call at the latest. */
  range(): Range;
  /** The parent of each child row, and the child's place among its siblings. */
  locate(rows: Float64Array): Located;
  /** The first child row of a parent; that of the next is the end of its children, so that past the last it is `total`. */
  first(parent: number): number;
  count(parent: number): number;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

export interface Located {
  readonly parents: Float64Array;
  readonly ordinals: Float64Array;
}

/** Numbers of children before any total is kept. */
export interface Counts {
  /** For each of these parents, a whole number from `least` to `most`. */
  of(parents: Float64Array): Float64Array;
  readonly least: number;
  readonly most: number;
  /** True when a parent without children stays without, whatever total is kept. */
  readonly keepsZero: boolean;
}

/** Parents between two kept sums; all of them where the parents are few. */
const GROUP = 64;
const FEW = 131_072;
/** Most parents whose children are counted: each is looked at once, about 2 s for all, and 13 MB of sums are kept. */
export const MOST_COUNTED = 100_000_000;
/** Parents whose numbers are made at a time where all are gone through. */
const PIECE = 64 * GROUP;

/**
 * Lays out the children of `parents` parents. With `total` the numbers are changed by as little as
 * needed to add up to it, each within `least` and `most`; undefined when they can't.
 */
export function makeSpread(parents: number, counts: Counts, stream: Stream, total?: number): Spread | undefined {
  const size = parents <= FEW ? Math.max(1, parents) : GROUP;
  const groups = Math.ceil(parents / size);
  const raw = (group: number) => counts.of(rowRange(group * size, Math.min(size, parents - group * size)));
  const each = (see: See) => eachGroup(parents, size, counts, see);
  const plain = sumGroups(groups, each);
  const sums = total === undefined ? plain.sums : keepTotal(plain.sums, total, counts, each);
  if (!sums) return undefined;
  let kept = -1;
  let within = new Float64Array(0);
  /** The running sums within a group, from 0. */
  const sumsOf = (group: number): Float64Array => {
    if (group === kept) return within;
    const own = raw(group);
    settle(own, (sums[group + 1] as number) - (sums[group] as number) - sum(own), counts, bits(stream, group));
    within = new Float64Array(own.length + 1);
    for (let i = 0; i < own.length; i++) within[i + 1] = (within[i] as number) + (own[i] as number);
    kept = group;
    return within;
  };
  const startOf = (parent: number, after: 0 | 1) => {
    const group = Math.floor(parent / size);
    return (sums[group] as number) + (sumsOf(group)[parent - group * size + after] as number);
  };
  let range = sums === plain.sums ? plain.range : undefined;
  return {
    isCounted: true,
    total: sums[groups] as number,
    range: () => {
      range ??= rangeOf(groups, sumsOf);
      return range;
    },
    first: (parent) => (parent === parents ? (sums[groups] as number) : startOf(parent, 0)),
    count: (parent) => startOf(parent, 1) - startOf(parent, 0),
    locate: (rows) => locate(rows, sums, sumsOf, size),
  };
}

/** Stands in for a spread that is refused: a child for each parent, so that tables below have no faults for want of rows. */
export function uncounted(parents: number): Spread {
  return {
    isCounted: false,
    total: parents,
    range: () => ({ least: 1, most: 1 }),
    locate: (rows) => ({ parents: rows, ordinals: new Float64Array(rows.length) }),
    first: (parent) => parent,
    count: () => 1,
  };
}

/** Sees a group's numbers of children, which stand from one place of `numbers` to before another. */
type See = (group: number, numbers: Float64Array, from: number, end: number) => void;

function eachGroup(parents: number, size: number, counts: Counts, see: See): void {
  const step = Math.max(size, PIECE);
  for (let first = 0; first < parents; first += step) {
    const numbers = counts.of(rowRange(first, Math.min(step, parents - first)));
    for (let from = 0; from < numbers.length; from += size) {
      see((first + from) / size, numbers, from, Math.min(from + size, numbers.length));
    }
  }
}

/** The children of the groups before each group, and at the end of all; and the least and the most of a parent. */
function sumGroups(groups: number, each: (see: See) => void): { sums: Float64Array; range: Range } {
  const sums = new Float64Array(groups + 1);
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  each((group, numbers, from, end) => {
    let sum = sums[group] as number;
    for (let i = from; i < end; i++) {
      const count = numbers[i] as number;
      sum += count;
      if (count < least) least = count;
      if (count > most) most = count;
    }
    sums[group + 1] = sum;
  });
  return { sums, range: { least: Math.min(least, most), most } };
}

/** The sums changed so that they end at `total`, the very same where they do; see `makeSpread`. */
function keepTotal(
  plain: Float64Array,
  total: number,
  counts: Counts,
  each: (see: See) => void,
): Float64Array | undefined {
  const groups = plain.length - 1;
  const missing = total - (plain[groups] as number);
  if (missing === 0) return plain;
  const sums = plain.slice();
  const room = new Float64Array(groups + 1);
  each((group, numbers, from, end) => {
    let sum = room[group] as number;
    for (let i = from; i < end; i++) sum += roomOf(numbers[i] as number, counts, missing > 0);
    room[group + 1] = sum;
  });
  const all = room[groups] as number;
  const needed = Math.abs(missing);
  if (all < needed) return undefined;
  // Each group takes its share of what is missing, by the room it has; the product may be rounded, so that
  // a share is held to the group's room, and to what those behind can't take.
  for (let group = 1, taken = 0; group <= groups; group++) {
    const until = room[group] as number;
    const most = taken + until - (room[group - 1] as number);
    const least = Math.max(taken, needed - (all - until));
    taken = Math.max(least, Math.min(most, Math.floor((needed * until) / all)));
    sums[group] = (sums[group] as number) + Math.sign(missing) * taken;
  }
  return sums;
}

/** Finds rows among the running sums; rows mostly come in order, so that the next has the same parent or the next. */
function locate(
  rows: Float64Array,
  sums: Float64Array,
  sumsOf: (group: number) => Float64Array,
  size: number,
): Located {
  const located = { parents: new Float64Array(rows.length), ordinals: new Float64Array(rows.length) };
  let group = 0;
  let place = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row < (sums[group] as number) || row >= (sums[group + 1] as number)) {
      group = findSum(sums, row);
      place = 0;
    }
    const own = sumsOf(group);
    const rest = row - (sums[group] as number);
    if (rest < (own[place] as number) || rest >= (own[place + 1] as number)) {
      const isNext = place + 2 < own.length && rest >= (own[place + 1] as number) && rest < (own[place + 2] as number);
      place = isNext ? place + 1 : findSum(own, rest);
    }
    located.parents[i] = group * size + place;
    located.ordinals[i] = rest - (own[place] as number);
  }
  return located;
}

/** Of the differences between neighbouring sums, over all groups. */
function rangeOf(groups: number, sumsOf: (group: number) => Float64Array): Range {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let group = 0; group < groups; group++) {
    const sums = sumsOf(group);
    for (let i = 1; i < sums.length; i++) {
      const count = (sums[i] as number) - (sums[i - 1] as number);
      least = Math.min(least, count);
      most = Math.max(most, count);
    }
  }
  return { least: Math.min(least, most), most };
}

/** By how much a number of children may still change, upwards or downwards. */
function roomOf(count: number, { least, most, keepsZero }: Counts, upwards: boolean): number {
  if (keepsZero && count === 0) return 0;
  return upwards ? most - count : count - Math.max(least, keepsZero ? 1 : 0);
}

/** Spreads `missing` more (or fewer) children over some parents, one at a time, from a parent that `random` chooses. */
function settle(own: Float64Array, missing: number, counts: Counts, random: number): void {
  if (missing === 0) return;
  const step = Math.sign(missing);
  const room = sum(own.map((count) => roomOf(count, counts, step > 0)));
  if (room < Math.abs(missing)) throw new Error("A group of parents was given more children than it has room for.");
  let left = Math.abs(missing);
  const countOpen = () => own.reduce((open, count) => (roomOf(count, counts, step > 0) > 0 ? open + 1 : open), 0);
  // Whole rounds at once: there may be as many as a parent has children.
  for (let open = countOpen(); open > 0 && left >= open; open = countOpen()) {
    const each = Math.floor(left / open);
    for (let i = 0; i < own.length; i++) {
      const taken = Math.min(each, roomOf(own[i] as number, counts, step > 0));
      own[i] = (own[i] as number) + step * taken;
      left -= taken;
    }
  }
  for (let i = random % Math.max(1, own.length); left > 0; i = (i + 1) % own.length) {
    if (roomOf(own[i] as number, counts, step > 0) === 0) continue;
    own[i] = (own[i] as number) + step;
    left--;
  }
}

/** The last place whose sum is not above `row`, among those with something behind them. */
function findSum(sums: Float64Array, row: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) <= row) low = middle;
    else high = middle;
  }
  return low;
}

function rowRange(first: number, count: number): Float64Array {
  const rows = new Float64Array(count);
  for (let i = 0; i < count; i++) rows[i] = first + i;
  return rows;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}
