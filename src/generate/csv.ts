/**
 * CSV, written as bytes: RFC 4180, UTF-8, LF, NULL empty and the empty string `""`.
 *
 * The hot path copies encoded words and digits into one buffer and never builds a string. What CSV
 * *is* here is defined by csv-stringify in `csv-reference.ts`; a property test holds the two equal.
 */
import { type Column, dayText, type Joined, type Numbers } from "./column.ts";
import { FORMULA_START, NEEDS_QUOTES, type Vocabulary } from "./vocabulary.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const APOSTROPHE = 0x27;
const MINUS = 0x2d;
const POINT = 0x2e;

/** A sign, 16 digits of a safe integer and a point. */
const LONGEST_NUMBER = 18;

/** Bytes that `copy` moves at a time. */
const STEP = 8;

/** A growing byte buffer; `bytes()` is a view that the next write may overwrite. */
export interface Output {
  buffer: Uint8Array;
  length: number;
}

export function makeOutput(capacityBytes: number): Output {
  return { buffer: new Uint8Array(capacityBytes), length: 0 };
}

/** Appends `count` rows of these columns. `formulaGuard` prefixes ' to strings a spreadsheet would run. */
export function writeRows(output: Output, columns: readonly Column[], count: number, formulaGuard: boolean): void {
  const slots = columns.map((column) => makeSlot(column, formulaGuard));
  reserve(output, slots.reduce((sum, slot) => sum + slot.longest + 1, 0) * count);
  const { buffer } = output;
  const out = new DataView(buffer.buffer);
  let at = output.length;
  const last = slots.length - 1;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c <= last; c++) {
      at = writeCell(out, at, slots[c] as Slot, i);
      buffer[at++] = c === last ? LF : COMMA;
    }
  }
  output.length = at;
}

/** Makes room for `extra` more bytes, and for the few that a copy in steps writes beyond its end. */
function reserve(output: Output, extra: number): void {
  const needed = output.length + extra + STEP;
  if (needed <= output.buffer.length) return;
  const larger = new Uint8Array(Math.max(needed, output.buffer.length * 1.5));
  larger.set(output.buffer.subarray(0, output.length));
  output.buffer = larger;
}

/**
 * A column as the row loop reads it. Slots of all kinds have the same properties: the loop meets
 * every kind in every row, and with one object shape each access stays a plain load.
 */
interface Slot {
  readonly kind: "decimal" | "date" | "word" | "literal" | "joined";
  readonly nulls: Uint8Array;
  readonly values: Float64Array;
  readonly scale: number;
  readonly ids: Uint32Array;
  /** Words as they are copied: whole cells, or inside a joined cell without quotes of their own. */
  readonly bytes: DataView;
  readonly starts: Uint32Array;
  readonly flags: Uint8Array;
  readonly parts: readonly Slot[];
  /** A joined cell's quotes: in every row, in none, or found out row by row. */
  readonly quotes: "always" | "never" | "ask";
  readonly guard: boolean;
  /** Bytes of the longest cell. */
  readonly longest: number;
}

const NONE = new Uint8Array(0);
const BLANK: Slot = {
  kind: "decimal",
  nulls: NONE,
  values: new Float64Array(0),
  scale: 0,
  ids: new Uint32Array(0),
  bytes: new DataView(new ArrayBuffer(0)),
  starts: new Uint32Array(0),
  flags: NONE,
  parts: [],
  quotes: "never",
  guard: false,
  longest: LONGEST_NUMBER,
};

function makeSlot(column: Column, guard: boolean): Slot {
  if (column.kind === "numbers") return numberSlot(column);
  if (column.kind === "joined") return joinedSlot(column, guard);
  const { bytes, starts, longest } = wholeCells(column.vocabulary, guard);
  return { ...wordSlot(column), bytes, starts, longest };
}

function numberSlot({ as, values, scale, nulls = NONE }: Numbers): Slot {
  if (as !== "boolean") return { ...BLANK, kind: as === "date" ? "date" : "decimal", nulls, values, scale };
  return { ...BLANK, kind: "word", nulls, ids: Uint32Array.from(values), ...BOOLEANS };
}

const BOOLEANS = { bytes: padded(new TextEncoder().encode("falsetrue")), starts: Uint32Array.of(0, 5, 9), longest: 5 };

function wordSlot(column: Exclude<Column, Numbers | Joined>): Slot {
  const { starts, flags, longest } = column.vocabulary;
  const bytes = new DataView(column.vocabulary.bytes.buffer);
  if (column.kind === "literal") return { ...BLANK, kind: "literal", bytes, starts, flags, longest };
  return { ...BLANK, kind: "word", nulls: column.nulls ?? NONE, ids: column.ids, bytes, starts, flags, longest };
}

function joinedSlot({ parts: columns, nulls = NONE }: Joined, guard: boolean): Slot {
  const parts = columns.map((part) => (part.kind === "numbers" ? numberSlot(part) : wordSlot(part)));
  const longest = parts.reduce((sum, part) => sum + part.longest, 3);
  const mayNeed = (flag: number) => parts.some(({ flags }) => flags.some((own) => (own & flag) !== 0));
  const written = parts.filter((part) => part.nulls === NONE);
  const isAlways = written.some(({ flags }) => flags !== NONE && flags.every((own) => (own & NEEDS_QUOTES) !== 0));
  // A cell without any text needs quotes too, to be told from NULL.
  const hasText = written.some(
    ({ flags, starts }) => flags === NONE || !starts.some((start, id) => start === starts[id + 1]),
  );
  const quotes = isAlways ? "always" : hasText && !mayNeed(NEEDS_QUOTES) ? "never" : "ask";
  return {
    ...BLANK,
    kind: "joined",
    nulls,
    parts,
    quotes,
    guard: guard && (mayNeed(FORMULA_START) || hasNumbers(parts)),
    longest,
  };
}

function hasNumbers(parts: readonly Slot[]): boolean {
  return parts.some(({ kind }) => kind === "decimal");
}

interface Cells {
  bytes: DataView;
  starts: Uint32Array;
  longest: number;
}

/** A vocabulary's words as complete cells, with their quotes and guards; made once for each of the two. */
function wholeCells(vocabulary: Vocabulary, guard: boolean): Cells {
  const cache = guard ? guardedCells : plainCells;
  const known = cache.get(vocabulary);
  if (known) return known;
  const { words, flags, bytes, starts } = vocabulary;
  const encoded = words.map((_, id) => {
    const from = starts[id] as number;
    const to = starts[id + 1] as number;
    const isQuoted = ((flags[id] as number) & NEEDS_QUOTES) !== 0 || from === to;
    const isGuarded = guard && ((flags[id] as number) & FORMULA_START) !== 0;
    const before = [...(isQuoted ? [QUOTE] : []), ...(isGuarded ? [APOSTROPHE] : [])];
    return [...before, ...bytes.subarray(from, to), ...(isQuoted ? [QUOTE] : [])];
  });
  const cells = {
    bytes: padded(encoded.flat()),
    starts: new Uint32Array(words.length + 1),
    longest: encoded.reduce((most, cell) => Math.max(most, cell.length), 0),
  };
  for (let id = 0; id < words.length; id++) {
    cells.starts[id + 1] = (cells.starts[id] as number) + (encoded[id] as number[]).length;
  }
  cache.set(vocabulary, cells);
  return cells;
}

const plainCells = new WeakMap<Vocabulary, Cells>();
const guardedCells = new WeakMap<Vocabulary, Cells>();

/** The bytes with room behind them for a copy's last step. */
function padded(bytes: ArrayLike<number>): DataView {
  const array = new Uint8Array(bytes.length + STEP);
  array.set(bytes);
  return new DataView(array.buffer);
}

function writeCell(out: DataView, at: number, slot: Slot, i: number): number {
  if (slot.nulls !== NONE && slot.nulls[i] === 1) return at;
  switch (slot.kind) {
    case "decimal":
      return writeDecimal(out, at, slot.values[i] as number, slot.scale);
    case "date":
      return writeDay(out, at, slot.values[i] as number);
    case "word": {
      const id = slot.ids[i] as number;
      return copy(out, at, slot.bytes, slot.starts[id] as number, slot.starts[id + 1] as number);
    }
    case "literal":
      return copy(out, at, slot.bytes, 0, slot.starts[1] as number);
    case "joined":
      return writeJoined(out, at, slot, i);
  }
}

/** A cell of several parts, quoted when any part needs it or when all of them are empty. */
function writeJoined(out: DataView, at: number, slot: Slot, i: number): number {
  const { parts, quotes } = slot;
  const isQuoted = quotes === "always" || (quotes === "ask" && needsQuotes(parts, i));
  if (isQuoted) out.setUint8(at++, QUOTE);
  if (slot.guard && startsFormula(parts, i)) out.setUint8(at++, APOSTROPHE);
  for (let p = 0; p < parts.length; p++) at = writeCell(out, at, parts[p] as Slot, i);
  if (isQuoted) out.setUint8(at++, QUOTE);
  return at;
}

function needsQuotes(parts: readonly Slot[], i: number): boolean {
  let isEmpty = true;
  for (const part of parts) {
    if (part.nulls !== NONE && part.nulls[i] === 1) continue;
    const id = idOf(part, i);
    if (id >= 0 && ((part.flags[id] as number) & NEEDS_QUOTES) !== 0) return true;
    if (id < 0 || part.starts[id] !== part.starts[id + 1]) isEmpty = false;
  }
  return isEmpty;
}

/** Whether the first part with any text starts as a formula would; a negative number does. */
function startsFormula(parts: readonly Slot[], i: number): boolean {
  for (const part of parts) {
    if (part.nulls !== NONE && part.nulls[i] === 1) continue;
    const id = idOf(part, i);
    if (id < 0) return part.kind === "decimal" && (part.values[i] as number) < 0;
    if (part.starts[id] !== part.starts[id + 1]) return ((part.flags[id] as number) & FORMULA_START) !== 0;
  }
  return false;
}

/** The word a part writes, or -1 for a number, date or boolean, which are never empty nor in need of quotes. */
function idOf(part: Slot, i: number): number {
  if (part.flags === NONE) return -1;
  return part.kind === "literal" ? 0 : (part.ids[i] as number);
}

/**
 * Copies eight bytes at a time, as doubles because JavaScript has no faster 64-bit number; that is
 * half the time of a byte loop. It may write up to STEP - 1 bytes too many, which the next cell
 * overwrites. Well-formed UTF-8 never has the bits of a NaN, the one double that does not copy exactly.
 */
function copy(out: DataView, at: number, bytes: DataView, from: number, to: number): number {
  for (let k = from, into = at; k < to; k += STEP, into += STEP) {
    out.setFloat64(into, bytes.getFloat64(k, true), true);
  }
  return at + to - from;
}

function writeDecimal(out: DataView, at: number, value: number, scale: number): number {
  if (value < 0) {
    out.setUint8(at++, MINUS);
    value = -value;
  }
  if (scale === 0) return writeWhole(out, at, value);
  const unit = POWERS[scale] as number;
  const whole = Math.floor(value / unit);
  at = writeWhole(out, at, whole);
  out.setUint8(at++, POINT);
  return writePadded(out, at, value - whole * unit, scale);
}

const POWERS = Array.from({ length: 10 }, (_, scale) => 10 ** scale);

/** "0000" to "9999": four digits are one copy of four bytes. */
const FOUR_DIGITS = padded(
  new TextEncoder().encode(Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, "0")).join("")),
);

/** A whole number below 2^53 in as many digits as it has. */
function writeWhole(out: DataView, at: number, value: number): number {
  if (value < 10_000) return writeShort(out, at, value);
  const high = Math.floor(value / 10_000);
  at = high < 10_000 ? writeShort(out, at, high) : writeWhole(out, at, high);
  out.setUint32(at, FOUR_DIGITS.getUint32((value - high * 10_000) << 2, true), true);
  return at + 4;
}

/** A whole number below 10,000: its digits are the end of the four. */
function writeShort(out: DataView, at: number, value: number): number {
  const digits = value >= 100 ? (value >= 1_000 ? 4 : 3) : value >= 10 ? 2 : 1;
  out.setUint32(at, FOUR_DIGITS.getUint32((value << 2) + 4 - digits, true), true);
  return at + digits;
}

/** The last `digits` (1 to 9) digits of a number that has no more, with leading zeros. */
function writePadded(out: DataView, at: number, value: number, digits: number): number {
  if (digits > 4) {
    const high = Math.floor(value / 10_000);
    at = writePadded(out, at, high, digits - 4);
    return writePadded(out, at, value - high * 10_000, 4);
  }
  out.setUint32(at, FOUR_DIGITS.getUint32(value * 4 + 4 - digits, true), true);
  return at + digits;
}

/** Days from 1970 to 2100, ten bytes each, filled at first use: a date is then a copy. */
const CACHED_DAYS = 47_847;
let dayBytes: DataView | undefined;

function writeDay(out: DataView, at: number, day: number): number {
  if (day < 0 || day >= CACHED_DAYS) {
    const text = new TextEncoder().encode(dayText(day));
    return copy(out, at, padded(text), 0, text.length);
  }
  dayBytes ??= padded(new TextEncoder().encode(Array.from({ length: CACHED_DAYS }, (_, n) => dayText(n)).join("")));
  return copy(out, at, dayBytes, day * 10, day * 10 + 10);
}
