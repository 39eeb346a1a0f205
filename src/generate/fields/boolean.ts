/** True with a probability. */
import { z } from "zod";
import { demandType, type Kind } from "../kind.ts";
import { listOf } from "../numeric.ts";
import { uniformAll } from "../random.ts";

const parameters = z.strictObject({ probability: z.number().min(0).max(1).default(0.5) });

export const boolean: Kind<z.infer<typeof parameters>> = {
  summary: "True with `probability`, else false.",
  example: { type: "boolean", generator: { kind: "boolean", probability: 0.2 } },
  parameters,
  compile: ({ probability }, context) => {
    demandType(context, ["boolean"], "A boolean makes true and false");
    const stream = context.stream("value");
    return {
      ...listOf(context, { low: probability === 1 ? 1 : 0, high: probability === 0 ? 0 : 1, unit: 1, isClosed: true }),
      column: ({ draws }) => {
        const values = uniformAll(stream, draws);
        for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) < probability ? 1 : 0;
        return { kind: "numbers", as: "boolean", scale: 0, values };
      },
    };
  },
};
