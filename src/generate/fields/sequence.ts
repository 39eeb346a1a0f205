/** start, start + step, start + 2 step, … by row: the usual key; or, by `per`, by the row's place among its parent's rows. */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { asText, type Column, type Joined, type Numbers } from "../column.ts";
import { demandType, type FieldContext, GeneratorFault, type Kind, type Within } from "../kind.ts";
import { newNumbers } from "../reuse.ts";

const parameters = z.strictObject({
  start: z.int().default(1),
  step: z
    .int()
    .refine((step) => step !== 0, "must not be 0")
    .default(1),
  /** The parent whose `children` decide the table's rows: each parent's rows are numbered from `start` again. */
  per: z.string().optional(),
});

export const sequence: Kind<z.infer<typeof parameters>> = {
  summary: "start, start + step, start + 2 step, … by row; with per, from the start again for each parent.",
  example: { type: "integer", generator: { kind: "sequence", start: 1001 } },
  parameters,
  compile: ({ start, step, per }, context) => {
    demandType(context, ["integer", "string"], "A sequence makes integers");
    const isText = context.field.type === "string";
    const number = (places: Float64Array): Column => {
      const values = newNumbers(places.length);
      for (let i = 0; i < values.length; i++) {
        const value = start + step * (places[i] as number);
        if (!Number.isSafeInteger(value)) throw new JobFailure("overflow", `${context.field.name} exceeds 2^53.`);
        values[i] = value;
      }
      const numbers: Numbers = { kind: "numbers", as: "number", scale: 0, values };
      return isText ? asText(numbers) : numbers;
    };
    const certain = (rows: number) => (rows === 0 ? undefined : number(firstAndLast(rows)));
    const within = isText ? undefined : reachOf(start, step);
    const placeOf = (column: Column, i: number): number => {
      const { values } = (isText ? (column as Joined).parts[0] : column) as Numbers;
      const place = ((values[i] as number) - start) / step;
      return Number.isInteger(place) ? place : -1;
    };
    if (per !== undefined) {
      demandOwner(per, context);
      return { column: (block) => number(block.ordinals()), ordinalOf: placeOf, within, certain };
    }
    const rowsOf = (column: Column): Float64Array => {
      const { values } = (isText ? (column as Joined).parts[0] : column) as Numbers;
      const rows = newNumbers(values.length);
      for (let i = 0; i < rows.length; i++) {
        const row = ((values[i] as number) - start) / step;
        rows[i] = row === Math.floor(row) ? row : -1;
      }
      return rows;
    };
    return { column: ({ rows }) => number(rows), rowOf: placeOf, rowsOf, within, certain };
  },
};

/** A sequence has no turning, so that its last value goes as far as any. */
function firstAndLast(rows: number): Float64Array {
  const count = Math.min(rows, MOST_FIRST);
  return Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? rows - 1 : i));
}

/** Values that are looked at one by one, where an enum or pattern leaves some out. */
const MOST_FIRST = 10_000;

function reachOf(start: number, step: number): Within {
  const [low, high] = step > 0 ? [start, Number.POSITIVE_INFINITY] : [Number.NEGATIVE_INFINITY, start];
  return { low, high, step: Math.abs(step) };
}

function demandOwner(per: string, { owner }: FieldContext): void {
  if (per === owner) return;
  const remedy = owner ? `name ${owner}` : "give the foreign key of the parent to count by children, or leave per out";
  throw new GeneratorFault("unknown-owner", `No parent called ${per} has children here; ${remedy}.`, "/per");
}
