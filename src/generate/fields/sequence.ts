/** start, start + step, start + 2 step, … by row: the usual key. */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { asText, type Joined, type Numbers } from "../column.ts";
import { demandType, type Kind } from "../kind.ts";

const parameters = z.strictObject({
  start: z.int().default(1),
  step: z
    .int()
    .refine((step) => step !== 0, "must not be 0")
    .default(1),
});

export const sequence: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ start, step }, context) => {
    demandType(context, ["integer", "string"], "A sequence makes integers");
    const isText = context.field.type === "string";
    return {
      column: ({ rows }) => {
        const values = new Float64Array(rows.length);
        for (let i = 0; i < values.length; i++) {
          const value = start + step * (rows[i] as number);
          if (!Number.isSafeInteger(value)) throw new JobFailure("overflow", `${context.field.name} exceeds 2^53.`);
          values[i] = value;
        }
        const numbers: Numbers = { kind: "numbers", as: "number", scale: 0, values };
        return isText ? asText(numbers) : numbers;
      },
      rowOf: (column, i) => {
        const { values } = (isText ? (column as Joined).parts[0] : column) as Numbers;
        const row = ((values[i] as number) - start) / step;
        return Number.isInteger(row) ? row : -1;
      },
    };
  },
};
