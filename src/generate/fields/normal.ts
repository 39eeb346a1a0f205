/** The bell curve, and the lognormal: prices, incomes and durations, whose logarithms follow it. */
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { lognormalLaw, normalLaw } from "../laws/continuous.ts";
import { bounds, drawContinuous } from "../numeric.ts";

const normalParameters = z.strictObject({
  mean: z.number().default(0),
  stddev: z.number().min(0).default(1),
  ...bounds,
});
const lognormalParameters = z.strictObject({
  mu: z.number().default(0),
  sigma: z.number().min(0).default(1),
  ...bounds,
});

export const normalKind: Kind<z.infer<typeof normalParameters>> = {
  summary: "A number of the normal distribution with `mean` and `stddev`, cut to `min` and `max` where given.",
  example: { type: "number", scale: 1, generator: { kind: "normal", mean: 172, stddev: 8, min: 140, max: 210 } },
  parameters: normalParameters,
  compile: ({ mean, stddev, ...limits }, context) => drawContinuous(context, limits, {}, normalLaw(mean, stddev)),
};

export const lognormal: Kind<z.infer<typeof lognormalParameters>> = {
  summary:
    "A number whose logarithm is normal with mean `mu` and deviation `sigma` (its median is e^mu), cut to `min` and `max`.",
  example: { type: "number", generator: { kind: "lognormal", mu: 3.6, sigma: 0.8, min: 2.5 } },
  parameters: lognormalParameters,
  compile: ({ mu, sigma, ...limits }, context) => drawContinuous(context, limits, { min: 0 }, lognormalLaw(mu, sigma)),
};
