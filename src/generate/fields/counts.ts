/**
 * Counts: Poisson, binomial and Zipf.
 *
 * Poisson and binomial laws are exact tables up to a variance of a million, half a megabyte; beyond
 * that they are so nearly normal that the expansion around it is closer than any sample could show.
 */
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { nearlyNormalLaw } from "../laws/continuous.ts";
import { binomialLaw, poissonLaw, quantileAll, zipfLaw } from "../laws/discrete.ts";
import { zipfBetween } from "../laws/zipf.ts";
import { bounds, drawList, drawNearlyWhole, drawWhole, wholeRange } from "../numeric.ts";
import { uniformAll } from "../random.ts";

const LARGEST_VARIANCE = 1_000_000;
/** A table of so many ranks is quicker than arithmetic; a larger one is slower to make than to do without. */
const LARGEST_ZIPF_TABLE = 65_536;
const LARGEST_COUNT = 1e12;

const poissonParameters = z.strictObject({ mean: z.number().min(0).max(LARGEST_COUNT).default(1), ...bounds });
const binomialParameters = z.strictObject({
  n: z.int().min(0).max(LARGEST_COUNT),
  p: z.number().min(0).max(1).default(0.5),
  ...bounds,
});
const zipfParameters = z.strictObject({
  s: z.number().gt(0).max(10).default(1),
  n: z
    .int()
    .min(1)
    .max(2 ** 52),
  ...bounds,
});

export const poisson: Kind<z.infer<typeof poissonParameters>> = {
  summary: "A count from 0 up of the Poisson distribution with `mean`, cut to `min` and `max` where given.",
  example: { type: "integer", generator: { kind: "poisson", mean: 2, min: 1 } },
  parameters: poissonParameters,
  compile: ({ mean, ...limits }, context) => {
    const ends = { min: 0 };
    if (mean <= LARGEST_VARIANCE) return drawWhole(context, limits, ends, poissonLaw(mean));
    const law = nearlyNormalLaw(mean, Math.sqrt(mean), 1 / Math.sqrt(mean), 1 / mean);
    return drawNearlyWhole(context, limits, ends, law);
  },
};

export const binomial: Kind<z.infer<typeof binomialParameters>> = {
  summary: "How many of `n` independent trials succeed, each with probability `p`; cut to `min` and `max` where given.",
  example: { type: "integer", generator: { kind: "binomial", n: 10, p: 0.3 } },
  parameters: binomialParameters,
  compile: ({ n, p, ...limits }, context) => {
    const ends = { min: 0, max: n };
    const variance = n * p * (1 - p);
    if (variance <= LARGEST_VARIANCE) return drawWhole(context, limits, ends, binomialLaw(n, p));
    const deviation = Math.sqrt(variance);
    const law = nearlyNormalLaw(n * p, deviation, (1 - 2 * p) / deviation, (1 - 6 * p * (1 - p)) / variance);
    return drawNearlyWhole(context, limits, ends, law);
  },
};

export const zipf: Kind<z.infer<typeof zipfParameters>> = {
  summary: "A rank from 1 to `n`, rank k in proportion to k^-`s`; cut to `min` and `max` where given.",
  example: { type: "integer", generator: { kind: "zipf", s: 1.1, n: 1000 } },
  parameters: zipfParameters,
  compile: ({ s, n, ...limits }, context) => {
    const range = wholeRange(context, limits, { min: 1, max: n });
    const { low, high } = range;
    if (high - low >= LARGEST_ZIPF_TABLE) return drawList(context, range, zipfBetween(s, low, high));
    const quantiles = quantileAll(zipfLaw(s, high, low));
    return drawList(context, range, (stream, rows) => quantiles(uniformAll(stream, rows)));
  },
};
