/**
 * A day between `min` and `max`, both inclusive. Each bound is a literal, "referenceDate" with an
 * optional distance in days ("referenceDate-365d"), or another field, so that a child's date can
 * follow its parent's. A row whose bounds leave no day ends the job.
 */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { asText, dayText, isWritableDay, type Numbers, parseDay } from "../column.ts";
import { type Block, demandType, type FieldContext, GeneratorFault, type Kind } from "../kind.ts";
import { below } from "../random.ts";

const bound = z.union([
  z.iso.date(),
  z.string().regex(/^referenceDate([+-]\d{1,6}d)?$/, "must be a date, referenceDate, or like referenceDate-365d"),
  z.strictObject({ field: z.string() }),
]);
type Bound = z.infer<typeof bound>;

const parameters = z.strictObject({ min: bound, max: bound.default("referenceDate") });

export const date: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ min, max }, context) => {
    demandType(context, ["date", "string"], "A date makes dates");
    const low = dayOf(min, "/min", context);
    const high = dayOf(max, "/max", context);
    if (typeof low === "number" && typeof high === "number" && low > high) {
      throw new GeneratorFault("impossible-range", "min lies after max.", "/min");
    }
    const stream = context.stream("value");
    return {
      column: (block) => {
        const lows = daysOf(low, block);
        const highs = daysOf(high, block);
        const values = new Float64Array(block.rows.length);
        for (let i = 0; i < values.length; i++) {
          const first = lows[i] as number;
          const last = highs[i] as number;
          if (first > last) throw noDay(context, first, last);
          values[i] = first + below(stream, block.rows[i] as number, last - first + 1);
        }
        const days: Numbers = { kind: "numbers", as: "date", scale: 0, values };
        return context.field.type === "string" ? asText(days) : days;
      },
    };
  },
};

function noDay({ field }: FieldContext, first: number, last: number): JobFailure {
  const message = `${field.name}: min ${dayText(first)} lies after max ${dayText(last)} in a row; bound one by the other.`;
  return new JobFailure("impossible-range", message);
}

type Day = number | ((block: Block) => Numbers);

function dayOf(bound: Bound, pointer: string, context: FieldContext): Day {
  if (typeof bound === "string") {
    if (!bound.startsWith("referenceDate")) return parseDay(bound);
    const day = context.referenceDay + Number.parseInt(bound.slice("referenceDate".length) || "0", 10);
    if (isWritableDay(day)) return day;
    const message = `${bound} leaves the years 0000 to 9999; choose another reference date or distance.`;
    throw new GeneratorFault("impossible-range", message, pointer);
  }
  const reader = context.reader(bound.field);
  if (reader.field.type !== "date") {
    throw new GeneratorFault("type-mismatch", `${bound.field} is ${reader.field.type}, not a date.`, pointer);
  }
  return (block) => reader.column(block) as Numbers;
}

function daysOf(day: Day, block: Block): Float64Array {
  return typeof day === "number" ? new Float64Array(block.rows.length).fill(day) : day(block).values;
}
