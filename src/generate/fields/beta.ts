/** Shares, scores and ratings: the beta distribution on 0 to 1, or stretched to any other ends. */
import { z } from "zod";
import { GeneratorFault, type Kind } from "../kind.ts";
import { betaLaw } from "../laws/tabulated.ts";
import { bounds, drawContinuous } from "../numeric.ts";

const parameters = z.strictObject({
  alpha: z.number().min(0.001).max(1e9).default(1),
  beta: z.number().min(0.001).max(1e9).default(1),
  /** The ends of the distribution itself, which is stretched to them; `min` and `max` cut it. */
  from: z.number().default(0),
  to: z.number().default(1),
  ...bounds,
});

export const beta: Kind<z.infer<typeof parameters>> = {
  summary:
    "A number of the beta distribution with `alpha` and `beta` on 0 to 1, or stretched to `from` and `to`; `min` and `max` cut it.",
  example: { type: "number", scale: 1, generator: { kind: "beta", alpha: 5, beta: 2, from: 1, to: 5 } },
  parameters,
  compile: ({ alpha, beta, from, to, ...limits }, context) => {
    if (!(from < to)) {
      const message = `from ${from} must lie below to ${to}.`;
      throw new GeneratorFault("impossible-range", message, "/from");
    }
    return drawContinuous(context, limits, { min: from, max: to }, betaLaw(alpha, beta, from, to));
  },
};
