/**
 * The bounds between which instants are drawn: a literal, "referenceDate" with an optional distance,
 * another field, or an expression.
 *
 * A day that bounds a datetime means its first instant as `min` and its last as `max`. A datetime that
 * bounds a date means the day it falls on, on either side: what happens on the same day is in order.
 */
import { z } from "zod";
import { type Numbers, parseDay } from "../column.ts";
import { type Block, type FieldContext, faultsAt, type Generator, GeneratorFault } from "../kind.ts";
import { newNumbers } from "../reuse.ts";
import { type Grid, unitMs } from "./grid.ts";
import { isWritableInstant, MS_PER_DAY, parseInstant } from "./parse.ts";

export type Side = "min" | "max";

const relative = [z.strictObject({ field: z.string() }), z.strictObject({ expr: z.string().min(1) })] as const;

/** A bound of a date, as a parameter. */
export const dayBound = z.union([
  z.string().refine((text) => isRelative(text, "d") || !Number.isNaN(parseDay(text)), {
    error: "must be a date, referenceDate, or like referenceDate-365d",
  }),
  ...relative,
]);

/** A bound of a datetime, as a parameter. */
export const instantBound = z.union([
  z
    .string()
    .refine((text) => isRelative(text, "dhms") || !Number.isNaN(parseDay(text)) || !Number.isNaN(parseInstant(text)), {
      error: "must be a date, like 2026-01-01T12:00:00Z, referenceDate, or like referenceDate-365d or referenceDate-2h",
    }),
  ...relative,
]);

/** What the user wrote as a bound. */
export type BoundSpec = string | { field: string } | { expr: string };

/** A compiled bound, in units of a grid. */
export interface Bound {
  /** The same in every row, and never NULL. */
  readonly isConstant: boolean;
  /** The least and the greatest it can be; infinite when unknown. */
  readonly low: number;
  readonly high: number;
  /** Of each row of the block. */
  units(block: Block): Units;
}

interface Units {
  readonly values: Float64Array;
  readonly nulls?: Uint8Array | undefined;
}

/** Compiles the parameter called `side`. Throws GeneratorFault when it leads to no date or datetime, or leaves the calendar. */
export function compileBound(spec: BoundSpec, side: Side, grid: Grid, context: FieldContext): Bound {
  if (typeof spec === "string") return constantBound(literalUnits(spec, side, grid, context));
  const source = sourceOf(spec, side, context);
  const convert = converter(source.type, side, grid);
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = source.bounds ?? {};
  return {
    isConstant: false,
    low: convert(low),
    high: convert(high),
    units: (block) => {
      const { values, nulls } = source.column(block) as Numbers;
      const units = newNumbers(values.length);
      for (let i = 0; i < units.length; i++) units[i] = convert(values[i] as number);
      return { values: units, nulls };
    },
  };
}

function constantBound(units: number): Bound {
  const all = (block: Block) => ({ values: newNumbers(block.rows.length).fill(units) });
  return { isConstant: true, low: units, high: units, units: all };
}

const RELATIVE = /^referenceDate(?:([+-]\d{1,9})([dhms]))?$/;
const DISTANCE_MS: Record<string, number> = { d: MS_PER_DAY, h: 3_600_000, m: 60_000, s: 1_000 };

function isRelative(text: string, units: string): boolean {
  const [found, , unit = ""] = RELATIVE.exec(text) ?? [];
  return found !== undefined && units.includes(unit);
}

function literalUnits(text: string, side: Side, grid: Grid, context: FieldContext): number {
  const [found, count = "0", unit = "d"] = RELATIVE.exec(text) ?? [];
  if (found === undefined) {
    const day = parseDay(text);
    return Number.isNaN(day)
      ? converter("datetime", side, grid)(parseInstant(text))
      : converter("date", side, grid)(day);
  }
  const ms = context.referenceDay * MS_PER_DAY + Number(count) * (DISTANCE_MS[unit] as number);
  if (!isWritableInstant(ms)) {
    const message = `${text} leaves the years 0000 to 9999; choose another reference date or distance.`;
    throw new GeneratorFault("impossible-range", message, `/${side}`);
  }
  return unit === "d" ? converter("date", side, grid)(ms / MS_PER_DAY) : converter("datetime", side, grid)(ms);
}

/** Where instants come from: days or milliseconds since 1970 a row. */
export interface Source {
  readonly type: "date" | "datetime";
  readonly bounds?: Generator["bounds"];
  readonly within?: Generator["within"];
  column: Generator["column"];
}

function sourceOf(spec: Exclude<BoundSpec, string>, side: Side, context: FieldContext): Source {
  const pointer = `/${side}`;
  return "field" in spec ? readInstant(spec.field, pointer, context) : computeInstant(spec.expr, pointer, context);
}

/** A date or datetime field as a source of instants; faults point at `pointer`. */
export function readInstant(path: string, pointer: string, context: FieldContext): Source {
  const reader = faultsAt(pointer, () => context.reader(path));
  const { type } = reader.field;
  if (type === "date" || type === "datetime")
    return { type, bounds: reader.bounds, within: reader.within, column: reader.column };
  throw new GeneratorFault("type-mismatch", `${path} is ${type}, not a date or datetime.`, pointer);
}

function computeInstant(source: string, pointer: string, context: FieldContext): Source {
  const expression = faultsAt(pointer, () => context.expression(source));
  const type: string = expression.type;
  if (type === "date" || type === "datetime") return { type, column: expression.column };
  throw new GeneratorFault("type-mismatch", `"${source}" is ${type}, not a date or datetime.`, pointer);
}

/** From the column of a date or datetime to units of the grid: for `min` the first that is allowed, for `max` the last. */
function converter(type: "date" | "datetime", side: Side, grid: Grid): (value: number) => number {
  const { unitsPerDay } = grid;
  const ms = unitMs(grid);
  if (type === "date") {
    const within = side === "min" ? 0 : unitsPerDay - 1;
    return (day) => day * unitsPerDay + within;
  }
  return side === "min" && grid.as !== "date" ? (at) => Math.ceil(at / ms) : (at) => Math.floor(at / ms);
}
