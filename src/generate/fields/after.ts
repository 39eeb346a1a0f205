/** A date or datetime after another field's: the order's date and a few days. */
import { z } from "zod";
import { instantBound } from "../instants/bound.ts";
import { compileShift, shiftParameters } from "../instants/shift.ts";
import type { Kind } from "../kind.ts";

const parameters = z.strictObject({ ...shiftParameters, max: instantBound.optional() });

export const after: Kind<z.infer<typeof parameters>> = {
  summary:
    "A random distance after another field's date or datetime, up to `max` where given; a law that goes below 0 leads before it.",
  example: {
    type: "date",
    generator: {
      kind: "after",
      field: "parent.day",
      by: { kind: "uniform", min: 1, max: 14 },
      unit: "days",
      max: "referenceDate",
    },
  },
  parameters,
  compile: ({ max, ...shift }, context) =>
    compileShift({ ...shift, limit: max }, { sign: 1, limitSide: "max", opposite: "before" }, context),
};
