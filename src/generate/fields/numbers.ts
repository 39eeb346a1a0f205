/**
 * Numbers by distribution: uniform, normal, lognormal.
 *
 * The field decides the output: `integer`, or `number` with its `scale`, always held as whole units
 * of 10^-scale. Each value is one uniform draw put through the inverse of the distribution; bounds
 * are inclusive and cut the uniform's range, so that values are neither drawn again nor piled up.
 */
import { z } from "zod";
import { scaleOf } from "../../dataset/schema.ts";
import { demandType, type FieldContext, type Generator, GeneratorFault, type Kind } from "../kind.ts";
import { inverseNormal, normalShare } from "../normal.ts";
import { belowAll, uniformAll } from "../random.ts";
import { unitsFrom, unitsTo } from "../values.ts";

const bounds = { min: z.number().optional(), max: z.number().optional() };
const uniformParameters = z.strictObject({ min: z.number().default(0), max: z.number().default(1) });
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

export const uniform: Kind<z.infer<typeof uniformParameters>> = {
  parameters: uniformParameters,
  compile: ({ min, max }, context) => {
    const { low, high } = unitRange({ min, max }, context);
    const stream = context.stream("value");
    return numbers(context, (rows) => {
      const values = belowAll(stream, rows, high - low + 1);
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + low;
      return values;
    });
  },
};

export const normalKind: Kind<z.infer<typeof normalParameters>> = {
  parameters: normalParameters,
  compile: ({ mean, stddev, ...limits }, context) =>
    inverse(
      context,
      limits,
      (score) => mean + stddev * score,
      (value) => (value - mean) / stddev,
    ),
};

export const lognormal: Kind<z.infer<typeof lognormalParameters>> = {
  parameters: lognormalParameters,
  compile: ({ mu, sigma, ...limits }, context) =>
    inverse(
      context,
      limits,
      (score) => Math.exp(mu + sigma * score),
      (value) => (Math.log(Math.max(0, value)) - mu) / sigma,
    ),
};

interface Limits {
  min?: number | undefined;
  max?: number | undefined;
}

/** Values `ofScore(z)` for standard normal z, within the limits; `toScore` is its inverse. */
function inverse(
  context: FieldContext,
  limits: Limits,
  ofScore: (score: number) => number,
  toScore: (value: number) => number,
): Generator {
  const { low, high } = unitRange(limits, context);
  const units = 10 ** scaleOf(context.field);
  // A value within half a unit of a bound still rounds to it.
  const from = limits.min === undefined ? 0 : normalShare(toScore((low - 0.5) / units));
  const to = limits.max === undefined ? 1 : normalShare(toScore((high + 0.5) / units));
  const stream = context.stream("value");
  return numbers(context, (rows) => {
    const values = uniformAll(stream, rows);
    for (let i = 0; i < values.length; i++) {
      const share = from + (values[i] as number) * (to - from);
      const rounded = Math.round(ofScore(inverseNormal(share)) * units);
      values[i] = Math.min(high, Math.max(low, rounded));
    }
    return values;
  });
}

function numbers(context: FieldContext, fill: (rows: Float64Array) => Float64Array): Generator {
  const scale = scaleOf(context.field);
  return { column: ({ rows }) => ({ kind: "numbers", as: "number", scale, values: fill(rows) }) };
}

/** The inclusive bounds in units of the field; absent ones are the safe integers'. */
function unitRange(limits: Limits, context: FieldContext): { low: number; high: number } {
  demandType(context, ["integer", "number"], "Distributions make integers and numbers");
  const scale = scaleOf(context.field);
  const low = limits.min === undefined ? Number.MIN_SAFE_INTEGER : unitsFrom(limits.min, scale);
  const high = limits.max === undefined ? Number.MAX_SAFE_INTEGER : unitsTo(limits.max, scale);
  const fault = (message: string, pointer: string) => new GeneratorFault("impossible-range", message, pointer);
  if (!Number.isSafeInteger(low)) throw fault(`min ${limits.min} exceeds 2^53 units of 10^-${scale}.`, "/min");
  if (!Number.isSafeInteger(high)) throw fault(`max ${limits.max} exceeds 2^53 units of 10^-${scale}.`, "/max");
  const { min = low / 10 ** scale, max = high / 10 ** scale } = limits;
  if (low > high) throw fault(`There is no value of ${scale} decimals from min ${min} to max ${max}.`, "/min");
  return { low, high };
}
