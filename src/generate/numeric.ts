/**
 * How a law becomes a field's numbers: units, bounds and rounding, the same for every kind.
 *
 * The field decides the output: `integer`, or `number` with its `scale`, always held as whole units
 * of 10^-scale. Each value is one uniform draw put through the inverse of the law; bounds are
 * inclusive and cut the uniform's range, so that values are neither drawn again nor piled up.
 */
import { z } from "zod";
import { scaleOf } from "../dataset/schema.ts";
import type { Numbers } from "./column.ts";
import { type Deck, demandType, type FieldContext, type Generator, GeneratorFault, type Within } from "./kind.ts";
import { type ContinuousLaw, shareBelow } from "./laws/continuous.ts";
import { cutLaw, type DiscreteLaw, quantileAll } from "./laws/discrete.ts";
import { type Stream, uniformAll } from "./random.ts";
import { unitsFrom, unitsTo } from "./values.ts";

/** The parameters `min` and `max` of a kind that has none of its own. */
export const bounds = { min: z.number().optional(), max: z.number().optional() };

export interface Limits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Whole numbers from low to high, both inclusive, each counting for `unit` units of the field. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly unit: number;
  /** Whether both ends are the schema's or the law's own, and not just the greatest numbers there are. */
  readonly isClosed: boolean;
}

/** The values of the field's scale within the limits and the law's own ends, in units. Throws GeneratorFault when there are none. */
export function unitRange(context: FieldContext, limits: Limits, ends: Limits): Range {
  return rangeOf(context, limits, ends, scaleOf(context.field), 1);
}

/** The same for a law of whole numbers, which are whole in a field with decimals too. */
export function wholeRange(context: FieldContext, limits: Limits, ends: Limits): Range {
  return rangeOf(context, limits, ends, 0, 10 ** scaleOf(context.field));
}

function rangeOf(context: FieldContext, limits: Limits, ends: Limits, scale: number, unit: number): Range {
  demandType(context, ["integer", "number"], "Distributions make integers and numbers");
  const { min, max } = limits;
  const most = Math.floor(Number.MAX_SAFE_INTEGER / unit);
  const low = min === undefined ? -most : unitsFrom(min, scale);
  const high = max === undefined ? most : unitsTo(max, scale);
  const fault = (message: string, pointer: string) => new GeneratorFault("impossible-range", message, pointer);
  const units = `2^53 units of 10^-${scaleOf(context.field)}`;
  if (!(Math.abs(low) <= most)) throw fault(`min ${min} exceeds ${units}.`, "/min");
  if (!(Math.abs(high) <= most)) throw fault(`max ${max} exceeds ${units}.`, "/max");
  if (low > high) {
    const between = `from min ${min ?? low / 10 ** scale} to max ${max ?? high / 10 ** scale}`;
    throw fault(`There is no value of ${scale} decimals ${between}.`, "/min");
  }
  const range = {
    low: Math.max(low, ends.min === undefined ? -most : unitsFrom(ends.min, scale)),
    high: Math.min(high, ends.max === undefined ? most : unitsTo(ends.max, scale)),
    unit,
    isClosed: (min ?? ends.min) !== undefined && (max ?? ends.max) !== undefined,
  };
  if (range.low > range.high) throw nothingBetween(limits);
  return range;
}

/** Values of a continuous law within the limits and its own ends, rounded to the field's units. */
export function drawContinuous(context: FieldContext, limits: Limits, ends: Limits, law: ContinuousLaw): Generator {
  const range = unitRange(context, limits, ends);
  const drawn = { ...drawRounded(context, limits, range, 10 ** scaleOf(context.field), law), within: withinOf(range) };
  return range.isClosed ? { ...drawn, bounds: { low: range.low, high: range.high } } : drawn;
}

/** Values of a law on whole numbers for which a continuous one stands in. */
export function drawNearlyWhole(context: FieldContext, limits: Limits, ends: Limits, law: ContinuousLaw): Generator {
  const range = wholeRange(context, limits, ends);
  return { ...drawRounded(context, limits, range, 1, law), ...listOf(context, range) };
}

/** Values of a law on whole numbers; `ends` are those of the law itself, which its table may stop short of. */
export function drawWhole(context: FieldContext, limits: Limits, ends: Limits, law: DiscreteLaw): Generator {
  const range = wholeRange(context, limits, ends);
  const cut = cutLaw(law, range.low, range.high, LEAST_SHARE);
  if (!cut) throw nothingBetween(limits);
  const quantiles = quantileAll(cut);
  return drawList(context, range, (stream, rows) => quantiles(uniformAll(stream, rows)));
}

/** Whole numbers of the range, drawn for each row of a block; any of them can come. */
export function drawList(context: FieldContext, range: Range, draw: Draw): Generator {
  const drawn = drawnNumbers(context, (stream, rows) => inUnits(draw(stream, rows), range.unit));
  return { ...drawn, ...listOf(context, range) };
}

type Draw = (stream: Stream, rows: Float64Array) => Float64Array;

/**
 * Less than this share of a law can't be drawn from: too few of the shares of 53 bits lie in it for
 * its values to look like the law's.
 */
const LEAST_SHARE = 1e-12;

function drawRounded(
  context: FieldContext,
  limits: Limits,
  { low, high, unit }: Range,
  perValue: number,
  law: ContinuousLaw,
): Generator {
  // A value within half a unit of a bound still rounds to it.
  const below = shareBelow(law, (low - 0.5) / perValue);
  const upTo = shareBelow(law, (high + 0.5) / perValue);
  if (!(upTo - below >= LEAST_SHARE)) throw nothingBetween(limits);
  const from = limits.min === undefined ? 0 : below;
  const to = limits.max === undefined ? 1 : upTo;
  return drawnNumbers(context, (stream, rows) => {
    const shares = uniformAll(stream, rows);
    for (let i = 0; i < shares.length; i++) shares[i] = from + (shares[i] as number) * (to - from);
    const values = law.quantiles(shares);
    for (let i = 0; i < values.length; i++) {
      const rounded = Math.round((values[i] as number) * perValue);
      values[i] = Math.min(high, Math.max(low, rounded)) * unit;
    }
    return values;
  });
}

function nothingBetween({ min, max }: Limits): GeneratorFault {
  const where = [min === undefined ? "" : `from min ${min}`, max === undefined ? "" : `up to max ${max}`];
  const place = where.filter(Boolean).join(" ") || "within 2^53 units of the field";
  const message = `The distribution has next to no values ${place}; move the bounds or the distribution.`;
  return new GeneratorFault("impossible-range", message, min !== undefined ? "/min" : max !== undefined ? "/max" : "");
}

/** Whole numbers times the units that one counts for, in place. */
function inUnits(values: Float64Array, unit: number): Float64Array {
  if (unit !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * unit;
  return values;
}

function drawnNumbers(context: FieldContext, draw: Draw): Generator {
  const scale = scaleOf(context.field);
  const stream = context.stream("value");
  return { column: ({ draws }) => ({ kind: "numbers", as: "number", scale, values: draw(stream, draws) }) };
}

/** The bounds of a generator that can give every value of a range, and its values by number; of an open range, none. */
export function listOf({ field }: FieldContext, range: Range): Pick<Generator, "bounds" | "within" | "deck"> {
  const { low, high, unit, isClosed } = range;
  const within = withinOf(range);
  if (!isClosed) return { within };
  const size = high - low + 1;
  const as = field.type === "boolean" ? "boolean" : "number";
  const scale = scaleOf(field);
  const deck: Deck = {
    size,
    column: (ids) => ({ kind: "numbers", as, scale, values: ids.map((id) => (low + id) * unit) }),
    idOf: (column, i) => {
      const id = ((column as Numbers).values[i] as number) / unit - low;
      return !column.nulls?.[i] && Number.isInteger(id) && id >= 0 && id < size ? id : -1;
    },
  };
  return { within, bounds: { low: low * unit, high: high * unit }, deck: size <= MOST_DEALT ? deck : undefined };
}

/** The range in the units of the field's column. */
function withinOf({ low, high, unit }: Range): Within {
  return { low: low * unit, high: high * unit, step: unit };
}

/** What `permute` can deal from. */
const MOST_DEALT = 2 ** 52;
