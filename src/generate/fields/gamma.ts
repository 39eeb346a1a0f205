/** Waiting times: exponential until the next event, gamma until several have happened. */
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { exponentialLaw } from "../laws/continuous.ts";
import { gammaLaw } from "../laws/tabulated.ts";
import { bounds, drawContinuous } from "../numeric.ts";

const exponentialParameters = z.strictObject({ mean: z.number().gt(0).default(1), ...bounds });
const gammaParameters = z.strictObject({
  shape: z.number().min(0.001).max(1e9).default(1),
  scale: z.number().gt(0).default(1),
  ...bounds,
});

export const exponential: Kind<z.infer<typeof exponentialParameters>> = {
  summary: "A number from 0 up of the exponential distribution with `mean`, cut to `min` and `max` where given.",
  example: { type: "number", generator: { kind: "exponential", mean: 30 } },
  parameters: exponentialParameters,
  compile: ({ mean, ...limits }, context) => drawContinuous(context, limits, { min: 0 }, exponentialLaw(mean)),
};

export const gamma: Kind<z.infer<typeof gammaParameters>> = {
  summary: "A number from 0 up of the gamma distribution (mean `shape` × `scale`), cut to `min` and `max` where given.",
  example: { type: "number", generator: { kind: "gamma", shape: 2, scale: 1.5 } },
  parameters: gammaParameters,
  compile: ({ shape, scale, ...limits }, context) =>
    drawContinuous(context, limits, { min: 0 }, gammaLaw(shape, scale)),
};
