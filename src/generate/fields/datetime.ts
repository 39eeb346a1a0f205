/** An instant from `min` to `max`, both inclusive, in whole seconds or milliseconds (`scale` 3), evenly or by a shape. */
import { z } from "zod";
import { instantBound } from "../instants/bound.ts";
import { compileInstants } from "../instants/instants.ts";
import { instantShape } from "../instants/shape.ts";
import { demandType, type Kind } from "../kind.ts";

const parameters = z.strictObject({
  min: instantBound,
  max: instantBound.default("referenceDate"),
  shape: instantShape.optional(),
});

export const datetime: Kind<z.infer<typeof parameters>> = {
  summary:
    "A UTC instant between two bounds, which may be other fields; by growth, months, weekdays and hours where wanted.",
  example: {
    type: "datetime",
    generator: {
      kind: "datetime",
      min: "referenceDate-365d",
      shape: {
        trend: 0.2,
        weekdays: [3, 3, 3, 3, 4, 6, 5],
        hours: [1, 1, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 11, 10, 9, 9, 10, 12, 14, 15, 14, 10, 6, 3],
      },
    },
  },
  parameters,
  compile: (given, context) => {
    demandType(context, ["datetime", "string"], "A datetime makes datetimes");
    return compileInstants(given, "datetime", context);
  },
};
