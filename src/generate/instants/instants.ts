/**
 * Dates and datetimes between two bounds, evenly or by a shape (`shaped.ts`).
 *
 * Bounds may differ from row to row, so that a child's date follows its parent's. A row with a NULL
 * bound is NULL; a row whose bounds hold nothing ends the job instead of leaving them.
 */
import { JobFailure } from "../../dataset/errors.ts";
import { eitherNull } from "../column.ts";
import { both, type FieldContext, type Generator, GeneratorFault } from "../kind.ts";
import { below, type Stream, uniformAll } from "../random.ts";
import { newNumbers } from "../reuse.ts";
import { type BoundSpec, compileBound } from "./bound.ts";
import { boundsOf, deckOf, type Grid, gridOf, toColumn, unitText, withinOf } from "./grid.ts";
import type { Shape } from "./shape.ts";
import { type Cut, cutLaw, drawFrom, type Law, makeLaw } from "./shaped.ts";

/** The rows of one block, with their bounds in units. */
interface Rows {
  readonly draws: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly nulls: Uint8Array | undefined;
}

/** Draws a unit for each row that isn't NULL; returns the first row whose bounds hold nothing, or -1. */
type Fill = (rows: Rows, units: Float64Array) => number;

/**
 * Compiles a `date` or `datetime`. Throws GeneratorFault when min lies after max in every row; a block
 * with such a row, or with one whose bounds hold nothing of a weight above 0, throws JobFailure.
 */
export function compileInstants(
  { min, max, shape }: { min: BoundSpec; max: BoundSpec; shape?: Shape | undefined },
  as: "date" | "datetime",
  context: FieldContext,
): Generator {
  const grid = gridOf(context, as);
  const [low, high] = both(
    () => compileBound(min, "min", grid, context),
    () => compileBound(max, "max", grid, context),
  );
  if (low.low > high.high) throw new GeneratorFault("impossible-range", "min lies after max.", "/min");
  const stream = context.stream("value");
  const fill = shape ? byLaw(makeLaw(shape, low.low, high.high, grid), stream, context.stream("time")) : evenly(stream);
  const hasDeck = low.isConstant && high.isConstant && !shape;
  return {
    column: (block) => {
      const { values: lows, nulls: lowNulls } = low.units(block);
      const { values: highs, nulls: highNulls } = high.units(block);
      const nulls = eitherNull(lowNulls, highNulls);
      const units = newNumbers(lows.length);
      const empty = fill({ draws: block.draws, lows, highs, nulls }, units);
      if (empty >= 0) throw nothingBetween(context, grid, lows[empty] as number, highs[empty] as number);
      return toColumn(grid, units, nulls);
    },
    deck: hasDeck ? deckOf(grid, low.low, high.high) : undefined,
    bounds: boundsOf(grid, low.low, high.high),
    within: withinOf(grid, low.low, high.high),
  };
}

function evenly(stream: Stream): Fill {
  return ({ draws, lows, highs, nulls }, units) => {
    for (let i = 0; i < units.length; i++) {
      if (nulls && nulls[i] === 1) continue;
      const low = lows[i] as number;
      const high = highs[i] as number;
      if (low > high) return i;
      units[i] = low + below(stream, draws[i] as number, high - low + 1);
    }
    return -1;
  };
}

function byLaw(law: Law, dayStream: Stream, timeStream: Stream): Fill {
  return ({ draws, lows, highs, nulls }, units) => {
    // All the numbers first: loops that the compiler sees whole take half the time of one that calls for each.
    const days = uniformAll(dayStream, draws);
    const times = law.clock.unitsPerDay === 1 ? days : uniformAll(timeStream, draws);
    let cut: Cut | undefined;
    for (let i = 0; i < units.length; i++) {
      if (nulls && nulls[i] === 1) continue;
      const low = lows[i] as number;
      const high = highs[i] as number;
      if (low > high) return i;
      // Constant bounds are cut once a block.
      if (!cut || cut.low !== low || cut.high !== high) cut = cutLaw(law, low, high);
      const unit = cut ? drawFrom(law, cut, days[i] as number, times[i] as number) : Number.NaN;
      if (Number.isNaN(unit)) return i;
      units[i] = unit;
    }
    return -1;
  };
}

function nothingBetween({ field }: FieldContext, grid: Grid, low: number, high: number): JobFailure {
  const [min, max] = [unitText(grid, low), unitText(grid, high)];
  const message =
    low > high
      ? `${field.name}: min ${min} lies after max ${max} in a row; bound one by the other.`
      : `${field.name}: the shape gives nothing from ${min} to ${max} a weight above 0 in a row; give its zeros a small weight.`;
  return new JobFailure("impossible-range", message);
}
