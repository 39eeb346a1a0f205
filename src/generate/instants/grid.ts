/**
 * The grid that a field's instants lie on: days, seconds or milliseconds.
 *
 * Instants are drawn as whole numbers of the grid's units since 1970 and become a column at the end,
 * so that one law serves dates and datetimes, and a datetime of scale 0 has whole seconds.
 */
import { type Field, scaleOf } from "../../dataset/schema.ts";
import { asText, type Column, instantText, type Joined, type Numbers } from "../column.ts";
import { type Deck, type FieldContext, GeneratorFault, type Within } from "../kind.ts";
import { MS_PER_DAY } from "./parse.ts";

export interface Grid {
  readonly as: "date" | "datetime" | "time";
  /** Decimals of the column's seconds; 0 for days. */
  readonly scale: number;
  readonly unitsPerDay: number;
  /** A unit in the units of the column: 1 day, or 1000 or 1 ms. */
  readonly step: number;
  /** Whether the values are those of a string field. */
  readonly isText: boolean;
}

/** The grid of a field whose kind makes `as`. Throws GeneratorFault when the field's seconds have 1, 2 or more than 3 decimals. */
export function gridOf({ field }: FieldContext, as: Grid["as"]): Grid {
  const isText = field.type === "string";
  if (as === "date") return { as, scale: 0, unitsPerDay: 1, step: 1, isText };
  const scale = secondsScale(field);
  const step = scale === 3 ? 1 : 1_000;
  return { as, scale, unitsPerDay: MS_PER_DAY / step, step, isText };
}

function secondsScale(field: Field): number {
  const scale = scaleOf(field);
  if (scale === 0 || scale === 3) return scale;
  const message = `${field.name} has scale ${scale}; the seconds of a ${field.type} have 0 or 3 decimals.`;
  throw new GeneratorFault("type-mismatch", message);
}

/** Milliseconds that a unit lasts. */
export function unitMs({ unitsPerDay }: Grid): number {
  return MS_PER_DAY / unitsPerDay;
}

/** A column of these units, which are changed in place. */
export function toColumn(grid: Grid, units: Float64Array, nulls?: Uint8Array): Numbers | Joined {
  const { as, scale, step, isText } = grid;
  if (step !== 1) for (let i = 0; i < units.length; i++) units[i] = (units[i] as number) * step;
  const numbers: Numbers = { kind: "numbers", as, scale, values: units, nulls };
  return isText ? { ...asText(numbers), nulls } : numbers;
}

/** All units from `low` to `high`, both inclusive, as a deck. */
export function deckOf(grid: Grid, low: number, high: number): Deck {
  const size = high - low + 1;
  return {
    size,
    column: (ids) =>
      toColumn(
        grid,
        ids.map((id) => low + id),
      ),
    idOf: (column, i) => {
      const id = unitAt(grid, column, i) - low;
      return Number.isInteger(id) && id >= 0 && id < size ? id : -1;
    },
  };
}

function unitAt({ step, isText }: Grid, column: Column, i: number): number {
  if (column.nulls?.[i]) return Number.NaN;
  const { values } = (isText ? (column as Joined).parts[0] : column) as Numbers;
  return (values[i] as number) / step;
}

/** The bounds of a generator's column; none for text, whose column holds no numbers, nor where one is unknown. */
export function boundsOf({ step, isText }: Grid, low: number, high: number): { low: number; high: number } | undefined {
  if (isText || !Number.isFinite(low) || !Number.isFinite(high)) return undefined;
  return { low: low * step, high: high * step };
}

/** What the numbers of the column lie within, either end infinite where it is unknown; nothing of text. */
export function withinOf({ step, isText }: Grid, low: number, high: number): Within | undefined {
  if (isText || !(Number.isFinite(low) || Number.isFinite(high))) return undefined;
  return { low: low * step, high: high * step, step };
}

/** A number of units as it is written, for a message. */
export function unitText({ as, scale, step }: Grid, units: number): string {
  return instantText(as, units * step, scale);
}
