/**
 * Numbers, days and clock times as words of small tables: a number is its groups of four digits, a
 * datetime its year, its day of the year, its minute and its second. So no digit is ever computed.
 */

import { dayText, type Numbers } from "../column.ts";
import {
  addSuffix,
  type Fill,
  fillDays,
  fillDigits,
  fillSmall,
  fillTwoDigits,
  fillWords,
  makeSlotTable,
  type SlotTable,
} from "./cells.ts";
import { type Cells, isSyntax, type Piece } from "./piece.ts";

export function numberPieces(column: Numbers, nulls: Uint8Array): Piece[] {
  const { as, values, scale } = column;
  switch (as) {
    case "number":
      return decimalPieces(values, scale, nulls);
    case "boolean":
      return [numberCells(1, (suffix) => fillSmall(tableOf("booleans", suffix), values, nulls))];
    case "date":
      return [dayCells(values, nulls)];
    case "datetime": {
      const days = values.map((ms) => Math.floor(ms / MS_PER_DAY));
      return [dayCells(days, nulls), ...clockPieces(values, scale, nulls, "T", "Z")];
    }
    case "time":
      return clockPieces(values, scale, nulls, "", "");
  }
}

const MS_PER_DAY = 86_400_000;

function dayCells(days: Float64Array, nulls: Uint8Array): Cells {
  return numberCells(2, (suffix) => fillDays([tableOf("years"), tableOf("monthDays", suffix)], days, nulls));
}

function clockPieces(ms: Float64Array, scale: number, nulls: Uint8Array, before: "" | "T", after: "" | "Z"): Cells[] {
  const part = (name: TableName, divisor: number, modulus: number) =>
    numberCells(1, (suffix) => fillDigits(tableOf(name, suffix), ms, nulls, { divisor, modulus, padding: 0 }));
  const minutes = part(`minutes${before}`, 60_000, 1_440);
  if (scale === 0) return [minutes, part(`seconds${after}`, 1_000, 60)];
  return [minutes, part("seconds.", 1_000, 60), part(`milliseconds${after}`, 1, 1_000)];
}

/** Digits of a group, and how many values it has. */
const DIGITS = 4;
const GROUP = 10_000;

function decimalPieces(values: Float64Array, scale: number, nulls: Uint8Array): Cells[] {
  const extreme = extremeOf(values, nulls.length);
  if (extreme >= 0) return unsignedPieces(values, scale, nulls, extreme);
  const ids = new Uint32Array(values.length);
  const signs = numberCells(1, (suffix) => fillWords(tableOf("minus", suffix), ids, nonNegatives(values, nulls)));
  return [signs, ...unsignedPieces(values.map(Math.abs), scale, nulls, -extreme)];
}

/**
 * The greatest of the first `count` numbers; where some are negative, minus the greatest magnitude.
 * What stands in the place of a NULL counts too: it can cost a slot, no byte.
 */
function extremeOf(values: Float64Array, count: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    if (value > high) high = value;
    if (value < low) low = value;
  }
  const extreme = Math.min(Number.MAX_SAFE_INTEGER, Math.max(high, -low));
  return low < 0 ? -extreme : extreme;
}

function nonNegatives(values: Float64Array, nulls: Uint8Array): Uint8Array {
  return nulls.map((isNull, i) => (isNull === 0 && (values[i] as number) < 0 ? 0 : 1));
}

/** Numbers from 0 to `high`: one loop where one or two groups are enough, else a loop a group. */
function unsignedPieces(values: Float64Array, scale: number, nulls: Uint8Array, high: number): Cells[] {
  const unit = 10 ** scale;
  if (scale === 0 && high < GROUP) {
    return [numberCells(1, (suffix) => fillSmall(tableOf("lower", suffix), values, nulls))];
  }
  if (scale === 0 && high < GROUP * GROUP) {
    const tables = (suffix: string) => [tableOf("upper"), tableOf("lower", suffix)] as const;
    const two = { unit: GROUP, padding: GROUP };
    return [numberCells(2, (suffix) => fillTwoDigits(tables(suffix), values, nulls, two))];
  }
  if (scale > 0 && scale <= DIGITS && high < GROUP * unit) {
    const tables = (suffix: string) => [tableOf("lower"), tableOf(FRACTIONS[scale - 1] as TableName, suffix)] as const;
    return [numberCells(2, (suffix) => fillTwoDigits(tables(suffix), values, nulls, { unit, padding: 0 }))];
  }
  return groupsOf(scale, high).map(({ name, divisor, modulus, padding }) =>
    numberCells(1, (suffix) => fillDigits(tableOf(name, suffix), values, nulls, { divisor, modulus, padding })),
  );
}

/** The table of the first decimals, by their number. */
const FRACTIONS: readonly TableName[] = [".1", ".2", ".3", ".4"];

interface Group {
  readonly name: TableName;
  readonly divisor: number;
  readonly modulus: number;
  readonly padding: number;
}

/** From the highest: whole digits in fours from the point on, then the decimals. */
function groupsOf(scale: number, high: number): Group[] {
  const groups: Group[] = [];
  const wholeDigits = Math.max(1, String(high).length - scale);
  for (let k = Math.ceil(wholeDigits / DIGITS) - 1; k >= 0; k--) {
    const divisor = 10 ** (scale + DIGITS * k);
    groups.push({ name: k > 0 ? "upper" : "lower", divisor, modulus: GROUP, padding: GROUP });
  }
  for (let left = scale; left > 0; ) {
    const digits = ((left - 1) % DIGITS) + 1;
    const name = left === scale ? (FRACTIONS[digits - 1] as TableName) : "four";
    left -= digits;
    groups.push({ name, divisor: 10 ** left, modulus: 10 ** digits, padding: 0 });
  }
  return groups;
}

function numberCells(width: number, fill: (suffix: string) => Fill): Cells {
  return { kind: "cells", cells: (suffix) => ({ fill: fill(suffix), width }), takes: isSyntax };
}

const list = (count: number, textOf: (n: number) => string) => Array.from({ length: count }, (_, n) => textOf(n));
const pad = (n: number, digits: number) => String(n).padStart(digits, "0");
const padded = (digits: number, before = "", after = "") => list(10 ** digits, (n) => before + pad(n, digits) + after);
const minutes = (before: string) => list(1_440, (n) => `${before}${pad(Math.floor(n / 60), 2)}:${pad(n % 60, 2)}:`);
const seconds = (after: string) => list(60, (n) => pad(n, 2) + after);

const FIRST_OF_2000 = 10_957;
const FIRST_OF_2001 = 11_323;

/** The words of each table, by id. */
const WORDS = {
  booleans: () => ["false", "true"],
  minus: () => ["-"],
  /** Four digits, first without leading zeros and then, 10,000 further on, with them. */
  lower: () => [...list(GROUP, String), ...padded(DIGITS)],
  /** The same where more digits follow: 0 is nothing. */
  upper: () => ["", ...list(GROUP, String).slice(1), ...padded(DIGITS)],
  four: () => padded(DIGITS),
  ".1": () => padded(1, "."),
  ".2": () => padded(2, "."),
  ".3": () => padded(3, "."),
  ".4": () => padded(4, "."),
  years: () => padded(4, "", "-"),
  /** 366 days of a common year, of which the last is no day, and those of a leap year. */
  monthDays: () => list(732, (n) => dayText(n < 366 ? FIRST_OF_2001 + n : FIRST_OF_2000 + n - 366).slice(5)),
  minutes: () => minutes(""),
  minutesT: () => minutes("T"),
  seconds: () => seconds(""),
  secondsZ: () => seconds("Z"),
  "seconds.": () => seconds("."),
  milliseconds: () => padded(3),
  millisecondsZ: () => padded(3, "", "Z"),
};
type TableName = keyof typeof WORDS;

/** Made once in a process: there are few names and few suffixes. */
function tableOf(name: TableName, suffix = ""): SlotTable {
  const key = `${name} ${suffix}`;
  const table = tables.get(key) ?? (suffix ? addSuffix(tableOf(name), suffix) : makeSlotTable(WORDS[name](), ""));
  tables.set(key, table);
  return table;
}

const tables = new Map<string, SlotTable>();
