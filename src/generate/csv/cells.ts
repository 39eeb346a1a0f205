/**
 * The page: some lines of CSV in slots of eight bytes, the loops that write one column's cells into
 * it, and the one that puts the slots together.
 *
 * Every cell has its fixed slots in a line, however short its text; beside each slot stands how many
 * of its bytes count. So a column is written by one plain loop that copies from a table, and one more
 * loop, which never has to ask how long a cell is, copies the slots side by side and moves on by what
 * counts. A cell ends with its suffix, the constant text up to the next cell; a NULL is its suffix alone.
 *
 * Columns are written with typed arrays only: a store through a DataView makes V8 check the type of
 * every array again. Bytes move as doubles because JavaScript has no faster 64-bit number; well-formed
 * UTF-8, cut anywhere and padded with zeros, never has the bits of a NaN, the one double that does not
 * copy exactly.
 */
import { encode } from "../vocabulary.ts";

/** Bytes of a slot. */
const SLOT = 8;

/** Slots there are: no line can have more. */
export const PAGE_SLOTS = 16_384;

/** Slots in use at a time when lines allow: then the page stays in the processor's nearer caches. */
export const COMFORTABLE_SLOTS = 4_096;

const SLOTS = new Float64Array(PAGE_SLOTS);

/** How many bytes of each slot count, 0 to 8. */
const LENGTHS = new Uint8Array(PAGE_SLOTS);

const joined = new Uint8Array((PAGE_SLOTS + 1) * SLOT);
const JOINED = new DataView(joined.buffer);

/** The bytes that count of the slots [from, to); a view that the next call overwrites. */
export function joinSlots(from: number, to: number): Uint8Array {
  let at = 0;
  for (let slot = from; slot < to; slot++) {
    JOINED.setFloat64(at, SLOTS[slot] as number, true);
    at += LENGTHS[slot] as number;
  }
  return joined.subarray(0, at);
}

/** Words as slots, each word with its suffix; the first entry is NULL's, word `id` is entry id + 1. */
export interface SlotTable {
  /** Slots of an entry. */
  readonly width: number;
  readonly slots: Float64Array;
  readonly lengths: Uint8Array;
}

export function makeSlotTable(words: readonly string[], suffix: string): SlotTable {
  const { bytes, starts, longest } = encode([suffix, ...words.map((word) => word + suffix)]);
  const width = Math.max(1, Math.ceil(longest / SLOT));
  const slots = new Uint8Array((words.length + 1) * width * SLOT);
  const lengths = new Uint8Array((words.length + 1) * width);
  for (let entry = 0; entry <= words.length; entry++) {
    const text = bytes.subarray(starts[entry], starts[entry + 1]);
    slots.set(text, entry * width * SLOT);
    for (let k = 0; k < width; k++) lengths[entry * width + k] = Math.min(SLOT, Math.max(0, text.length - k * SLOT));
  }
  return { width, slots: new Float64Array(slots.buffer), lengths };
}

/** The same table of one slot an entry with some bytes behind each word, which must have room for them. */
export function addSuffix({ slots, lengths }: SlotTable, suffix: string): SlotTable {
  const text = new TextEncoder().encode(suffix);
  const bytes = new Uint8Array(slots.slice().buffer);
  for (let entry = 0; entry < lengths.length; entry++) {
    for (let k = 0; k < text.length; k++) bytes[entry * SLOT + (lengths[entry] as number) + k] = text[k] as number;
  }
  return { width: 1, slots: new Float64Array(bytes.buffer), lengths: lengths.map((length) => length + text.length) };
}

/** Where a column's cells lie in the page: the first one's slot, and how far apart they are. */
export interface Place {
  readonly slot: number;
  readonly stride: number;
}

/** Writes the cells of rows [first, first + count) into the page's first `count` lines. */
export type Fill = (place: Place, first: number, count: number) => void;

/** A table's first entry in every line. */
export function fillText({ width, slots, lengths }: SlotTable): Fill {
  return ({ slot, stride }, _, count) => {
    for (let k = 0; k < width; k++) {
      const text = slots[k] as number;
      const length = lengths[k] as number;
      for (let n = 0, to = slot + k; n < count; n++, to += stride) {
        SLOTS[to] = text;
        LENGTHS[to] = length;
      }
    }
  };
}

/** The words that `ids` name. */
export function fillWords(table: SlotTable, ids: Uint32Array, nulls: Uint8Array): Fill {
  return ({ slot, stride }, first, count) => {
    for (let k = 0; k < table.width; k += 4) fillFourSlots(table, k, ids, nulls, slot + k, stride, first, count);
  };
}

/** Slots k to k + 3 of each entry, as far as there are so many: a loop inside this one would cost more than it says. */
function fillFourSlots(
  { width, slots, lengths }: SlotTable,
  k: number,
  ids: Uint32Array,
  nulls: Uint8Array,
  slot: number,
  stride: number,
  first: number,
  count: number,
): void {
  const left = width - k;
  for (let n = 0; n < count; n++) {
    const entry = nulls[first + n] === 0 ? (ids[first + n] as number) + 1 : 0;
    const from = entry * width + k;
    const to = slot + n * stride;
    SLOTS[to] = slots[from] as number;
    LENGTHS[to] = lengths[from] as number;
    if (left > 1) {
      SLOTS[to + 1] = slots[from + 1] as number;
      LENGTHS[to + 1] = lengths[from + 1] as number;
    }
    if (left > 2) {
      SLOTS[to + 2] = slots[from + 2] as number;
      LENGTHS[to + 2] = lengths[from + 2] as number;
    }
    if (left > 3) {
      SLOTS[to + 3] = slots[from + 3] as number;
      LENGTHS[to + 3] = lengths[from + 3] as number;
    }
  }
}

/** Numbers from 0 on that are themselves the ids of their words. */
export function fillSmall({ slots, lengths }: SlotTable, values: Float64Array, nulls: Uint8Array): Fill {
  return ({ slot, stride }, first, count) => {
    for (let n = 0, to = slot; n < count; n++, to += stride) {
      const entry = nulls[first + n] === 0 ? ((values[first + n] as number) | 0) + 1 : 0;
      SLOTS[to] = slots[entry] as number;
      LENGTHS[to] = lengths[entry] as number;
    }
  };
}

/**
 * Some digits of whole numbers, or minutes, or seconds: floor(value / divisor) modulo `modulus`,
 * as words of a table. Where the value has more digits before these, the word is `padding` further on:
 * the same digits with their leading zeros.
 */
export function fillDigits(
  table: SlotTable,
  values: Float64Array,
  nulls: Uint8Array,
  { divisor, modulus, padding }: { divisor: number; modulus: number; padding: number },
): Fill {
  const { slots, lengths } = table;
  return ({ slot, stride }, first, count) => {
    for (let n = 0, to = slot; n < count; n++, to += stride) {
      const quotient = Math.floor((values[first + n] as number) / divisor);
      const before = Math.floor(quotient / modulus);
      const word = quotient - before * modulus + (before > 0 ? padding : 0);
      const entry = nulls[first + n] === 0 ? word + 1 : 0;
      SLOTS[to] = slots[entry] as number;
      LENGTHS[to] = lengths[entry] as number;
    }
  };
}

/**
 * Numbers from 0 to 10^8 - 1 in two slots: what is above `unit` and what is below. The lower word is
 * `padding` further on where there is something above.
 */
export function fillTwoDigits(
  [high, low]: readonly [SlotTable, SlotTable],
  values: Float64Array,
  nulls: Uint8Array,
  { unit, padding }: { unit: number; padding: number },
): Fill {
  return ({ slot, stride }, first, count) => {
    const { slots: highSlots, lengths: highLengths } = high;
    const { slots: lowSlots, lengths: lowLengths } = low;
    for (let n = 0, to = slot; n < count; n++, to += stride) {
      // As 32-bit integers, whose division costs less.
      const value = (values[first + n] as number) | 0;
      const above = (value / unit) | 0;
      const below = value - Math.imul(above, unit) + (above > 0 ? padding : 0);
      const isNull = nulls[first + n] !== 0;
      const highEntry = isNull ? 0 : above + 1;
      const lowEntry = isNull ? 0 : below + 1;
      SLOTS[to] = highSlots[highEntry] as number;
      LENGTHS[to] = highLengths[highEntry] as number;
      SLOTS[to + 1] = lowSlots[lowEntry] as number;
      LENGTHS[to + 1] = lowLengths[lowEntry] as number;
    }
  };
}

/** Days as two words: their year of `years`, 0 to 9999, and their day of `monthDays`, 366 of a common year and then a leap year's. */
export function fillDays(
  [years, monthDays]: readonly [SlotTable, SlotTable],
  days: Float64Array,
  nulls: Uint8Array,
): Fill {
  return ({ slot, stride }, first, count) => {
    const { slots: yearSlots, lengths: yearLengths } = years;
    const { slots: daySlots, lengths: dayLengths } = monthDays;
    for (let n = 0, to = slot; n < count; n++, to += stride) {
      const isNull = nulls[first + n] !== 0;
      const day = isNull ? 0 : (days[first + n] as number) | 0;
      const isNear = day >= NEAR_FROM && day < NEAR_TO;
      const entries = isNear ? (NEAR_DAYS[day - NEAR_FROM] as number) : dayEntries(day);
      const yearEntry = isNull ? 0 : entries >> 10;
      const dayEntry = isNull ? 0 : entries & 1_023;
      SLOTS[to] = yearSlots[yearEntry] as number;
      LENGTHS[to] = yearLengths[yearEntry] as number;
      SLOTS[to + 1] = daySlots[dayEntry] as number;
      LENGTHS[to + 1] = dayLengths[dayEntry] as number;
    }
  };
}

const DAYS_BEFORE_1970 = 719_528;

/** Day numbers of the first of January of the years 0 to 10,000, with 97 leap years in every 400. */
const YEAR_STARTS = Int32Array.from({ length: 10_001 }, (_, year) => {
  return 365 * year + Math.ceil(year / 4) - Math.ceil(year / 100) + Math.ceil(year / 400) - DAYS_BEFORE_1970;
});

/** A day's entries in the two tables as one number: its year's times 2^10, and its own. */
function dayEntries(day: number): number {
  let year = Math.floor((day + DAYS_BEFORE_1970) / 365.2425);
  // The estimate is at most one year off.
  if (day < (YEAR_STARTS[year] as number)) year--;
  else if (day >= (YEAR_STARTS[year + 1] as number)) year++;
  const start = YEAR_STARTS[year] as number;
  const isLeap = (YEAR_STARTS[year + 1] as number) - start === 366;
  return (year + 1) * 1_024 + day - start + (isLeap ? 367 : 1);
}

/** The days of 1900 to 2099, which are nearly all there are in practice, are looked up. */
const NEAR_FROM = -25_567;
const NEAR_TO = 47_482;
const NEAR_DAYS = Int32Array.from({ length: NEAR_TO - NEAR_FROM }, (_, n) => dayEntries(NEAR_FROM + n));
