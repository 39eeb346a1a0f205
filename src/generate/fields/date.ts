/** A day from `min` to `max`, both inclusive, evenly or by a shape. */
import { z } from "zod";
import { dayBound } from "../instants/bound.ts";
import { compileInstants } from "../instants/instants.ts";
import { dayShape } from "../instants/shape.ts";
import { demandType, type Kind } from "../kind.ts";

const parameters = z.strictObject({
  min: dayBound,
  max: dayBound.default("referenceDate"),
  shape: dayShape.optional(),
});

export const date: Kind<z.infer<typeof parameters>> = {
  summary: "A day between two bounds, which may be other fields; by growth, months and weekdays where wanted.",
  example: { type: "date", generator: { kind: "date", min: { field: "parent.day" }, max: "2026-06-30" } },
  parameters,
  compile: (given, context) => {
    demandType(context, ["date", "string"], "A date makes dates");
    return compileInstants(given, "date", context);
  },
};
