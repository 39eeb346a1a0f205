/** A time of day from `min` to `max`, both inclusive, evenly or by the weights of hours. */
import { z } from "zod";
import { makeClock, unitAt, weightBefore } from "../instants/clock.ts";
import { boundsOf, deckOf, gridOf, toColumn, unitMs, withinOf } from "../instants/grid.ts";
import { parseClock } from "../instants/parse.ts";
import { weightsOf } from "../instants/shape.ts";
import { demandType, GeneratorFault, type Kind } from "../kind.ts";
import { uniformAll } from "../random.ts";

const clockTime = z
  .string()
  .refine((text) => !Number.isNaN(parseClock(text)), "must be a time of day like 09:30 or 17:59:59");

const parameters = z.strictObject({
  min: clockTime.default("00:00"),
  max: clockTime.default("23:59:59.999"),
  hours: weightsOf(24).optional(),
});

export const time: Kind<z.infer<typeof parameters>> = {
  summary: "A time of day between two others, by the weights of the 24 hours where wanted.",
  example: { type: "time", generator: { kind: "time", min: "09:00", max: "17:30" } },
  parameters,
  compile: ({ min, max, hours }, context) => {
    demandType(context, ["time", "string"], "A time makes times of day");
    const grid = gridOf(context, "time");
    const low = Math.ceil(parseClock(min) / unitMs(grid));
    const high = Math.floor(parseClock(max) / unitMs(grid));
    if (low > high) {
      const message = `There is no time from ${min} to ${max}; weights of hours can reach over midnight.`;
      throw new GeneratorFault("impossible-range", message, "/min");
    }
    const clock = makeClock(grid.unitsPerDay, hours);
    if (weightBefore(clock, low) === weightBefore(clock, high + 1)) {
      throw new GeneratorFault("no-weight", `No hour from ${min} to ${max} has a weight above 0.`, "/hours");
    }
    const stream = context.stream("value");
    return {
      column: ({ draws }) => {
        const units = uniformAll(stream, draws);
        for (let i = 0; i < units.length; i++) units[i] = unitAt(clock, units[i] as number, low, high);
        return toColumn(grid, units);
      },
      deck: hours ? undefined : deckOf(grid, low, high),
      bounds: boundsOf(grid, low, high),
      within: withinOf(grid, low, high),
    };
  },
};
