/**
 * An instant at a random distance from another field's: `after` adds, `before` subtracts.
 *
 * Where the start is finer than the value, `after` rounds it up and `before` down, so that both stay
 * in order; a date is the day its instant falls on. Past the optional limit nothing is clamped, which
 * would pile values up on it: such a row is drawn again, evenly between its start and the limit.
 */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { type GeneratorSpec, generatorSpec } from "../../dataset/schema.ts";
import { eitherNull, type Numbers } from "../column.ts";
import { demandType, type FieldContext, type Generator, GeneratorFault } from "../kind.ts";
import { below } from "../random.ts";
import { type Bound, type BoundSpec, compileBound, readInstant, type Side, type Source } from "./bound.ts";
import { distanceOf, UNITS, type Unit } from "./distance.ts";
import { boundsOf, type Grid, gridOf, toColumn, unitMs, unitText, withinOf } from "./grid.ts";
import { isWritableInstant, MS_PER_DAY } from "./parse.ts";

/** The parameters that `after` and `before` share. */
export const shiftParameters = {
  /** A date or datetime of the row or of a parent. */
  field: z.string(),
  /** A numeric generator, in `unit`: whole days where the value is a date, else with decimals. */
  by: generatorSpec,
  unit: z.enum(UNITS).default("days"),
};

interface Shift {
  readonly field: string;
  readonly by: GeneratorSpec;
  readonly unit: Unit;
  readonly limit?: BoundSpec | undefined;
}

/** `after` has the sign 1 and the limit `max`, `before` -1 and `min`. */
interface Direction {
  readonly sign: 1 | -1;
  readonly limitSide: Side;
  readonly opposite: string;
}

/**
 * Throws GeneratorFault when the field, the generator or the limit doesn't fit, or `by` always runs the
 * other way. A block with a row whose start lies past the limit, or that leaves the calendar, throws JobFailure.
 */
export function compileShift(shift: Shift, direction: Direction, context: FieldContext): Generator {
  demandType(context, ["date", "datetime", "string"], "after and before make dates and datetimes");
  const { sign, limitSide } = direction;
  const source = readInstant(shift.field, "/field", context);
  const isDate = (context.field.type === "string" ? source.type : context.field.type) === "date";
  const grid = gridOf(context, isDate ? "date" : "datetime");
  const distance = distanceOf(context.field.name, shift.unit, grid.scale, isDate);
  const by = context.nested("by", shift.by, distance.field);
  if (by.within && by.within.high < 0) {
    const message = `by is always negative; use ${direction.opposite} with positive numbers.`;
    throw new GeneratorFault("impossible-range", message, "/by");
  }
  const limit = shift.limit === undefined ? undefined : compileBound(shift.limit, limitSide, grid, context);
  const line = lineOf(source, grid, distance.ms, sign);
  const cut = context.stream("cut");
  return {
    column: (block) => {
      const { values: starts, nulls: startNulls } = source.column(block) as Numbers;
      const { values: distances, nulls: distanceNulls } = by.column(block) as Numbers;
      const limits = limit?.units(block);
      const nulls = eitherNull(eitherNull(startNulls, distanceNulls), limits?.nulls);
      const units = new Float64Array(starts.length);
      for (let i = 0; i < units.length; i++) {
        if (nulls && nulls[i] === 1) continue;
        let unit = line.reach(starts[i] as number, distances[i] as number);
        const last = limits ? (limits.values[i] as number) : unit;
        if ((unit - last) * sign > 0) {
          const start = line.begin(starts[i] as number);
          const room = (last - start) * sign + 1;
          if (room < 1) throw pastLimit(context, limitSide, grid, start, last);
          unit = start + sign * below(cut, block.draws[i] as number, room);
        }
        if (!isWritableInstant(unit * unitMs(grid))) throw outsideCalendar(context);
        units[i] = unit;
      }
      return toColumn(grid, units, nulls);
    },
    bounds: certainBounds(source.bounds, by.bounds, limit, line, sign, grid, boundsOf),
    within: certainBounds(source.within ?? ALL, by.within ?? ALL, limit, line, sign, grid, withinOf),
  };
}

function pastLimit({ field }: FieldContext, side: Side, grid: Grid, start: number, limit: number): JobFailure {
  const message = `${field.name}: its start ${unitText(grid, start)} lies past ${side} ${unitText(grid, limit)} in a row; bound the start by it.`;
  return new JobFailure("impossible-range", message);
}

function outsideCalendar({ field }: FieldContext): JobFailure {
  return new JobFailure("overflow", `${field.name} leaves the years 0000 to 9999.`);
}

interface Line {
  /** A start, as units of the grid. */
  begin(start: number): number;
  /** What lies a distance from a start, as units of the grid. */
  reach(start: number, distance: number): number;
}

/** `distanceMs`: milliseconds of a unit of the distance's column. */
function lineOf(source: Source, grid: Grid, distanceMs: number, sign: 1 | -1): Line {
  const startMs = source.type === "date" ? MS_PER_DAY : 1;
  const ms = unitMs(grid);
  if (grid.as === "date") {
    return {
      begin: (start) => Math.floor((start * startMs) / ms),
      reach: (start, distance) => Math.floor((start * startMs + sign * Math.round(distance * distanceMs)) / ms),
    };
  }
  const begin = (start: number) => sign * Math.ceil((sign * start * startMs) / ms);
  return { begin, reach: (start, distance) => begin(start) + sign * Math.round((distance * distanceMs) / ms) };
}

const ALL = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** From the extremes of start and distance; a row that is drawn again lies between its start and the limit. */
function certainBounds<T>(
  starts: Generator["bounds"],
  distances: Generator["bounds"],
  limit: Bound | undefined,
  line: Line,
  sign: 1 | -1,
  grid: Grid,
  inUnits: (grid: Grid, low: number, high: number) => T,
): T | undefined {
  if (!starts || !distances) return undefined;
  const [nearest, farthest] = [distances.low, distances.high];
  if (sign > 0) {
    const low = line.reach(starts.low, nearest);
    const high = line.reach(starts.high, farthest);
    return limit
      ? inUnits(grid, Math.min(low, line.begin(starts.low)), Math.min(high, limit.high))
      : inUnits(grid, low, high);
  }
  const low = line.reach(starts.low, farthest);
  const high = line.reach(starts.high, nearest);
  return limit
    ? inUnits(grid, Math.max(low, limit.low), Math.max(high, line.begin(starts.high)))
    : inUnits(grid, low, high);
}
