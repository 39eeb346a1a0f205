/** The parameters that say which instants are likelier: growth over the years, and weights of months, weekdays and hours. */
import { z } from "zod";

/** `count` weights, at least one above 0. */
export function weightsOf(count: number) {
  return z
    .array(z.number().min(0))
    .length(count)
    .refine((weights) => weights.some((weight) => weight > 0), "needs at least one weight above 0");
}

const days = {
  /** Relative growth a year: 0.2 is 20 % more every year. */
  trend: z.number().gt(-1).max(100).default(0),
  /** From January. */
  months: weightsOf(12).optional(),
  /** From Monday. */
  weekdays: weightsOf(7).optional(),
};

export const dayShape = z.strictObject(days);
export const instantShape = z.strictObject({
  ...days,
  /** From midnight. */
  hours: weightsOf(24).optional(),
});
/** All weights multiply: a day weighs its month's times its weekday's times the trend's. */
export type Shape = z.infer<typeof instantShape>;
