/** A date or datetime before another field's: the booking some weeks ahead of the stay. */
import { z } from "zod";
import { instantBound } from "../instants/bound.ts";
import { compileShift, shiftParameters } from "../instants/shift.ts";
import type { Kind } from "../kind.ts";

const parameters = z.strictObject({ ...shiftParameters, min: instantBound.optional() });

export const before: Kind<z.infer<typeof parameters>> = {
  summary:
    "A random distance before another field's date or datetime, down to `min` where given; a law that goes below 0 leads after it.",
  example: {
    type: "datetime",
    generator: { kind: "before", field: "parent.day", by: { kind: "lognormal", mu: 2, sigma: 0.8 }, unit: "hours" },
  },
  parameters,
  compile: ({ min, ...shift }, context) =>
    compileShift({ ...shift, limit: min }, { sign: -1, limitSide: "min", opposite: "after" }, context),
};
