/** Every value from `min` to `max`, both inclusive, equally likely. */
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { drawList, unitRange } from "../numeric.ts";
import { belowAll } from "../random.ts";

const parameters = z.strictObject({ min: z.number().default(0), max: z.number().default(1) });

export const uniform: Kind<z.infer<typeof parameters>> = {
  summary:
    "A number from `min` to `max` (0 and 1 when absent), both inclusive, each value of the field's scale equally likely.",
  example: { type: "integer", generator: { kind: "uniform", min: 1, max: 100 } },
  parameters,
  compile: (limits, context) => {
    const range = unitRange(context, limits, {});
    const { low, high } = range;
    return drawList(context, range, (stream, rows) => {
      const values = belowAll(stream, rows, high - low + 1);
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + low;
      return values;
    });
  },
};
