/** Laws of children per parent, as the schema document gives them, made into counts. */
import type { ChildrenLaw } from "../../dataset/schema.ts";
import { GeneratorFault } from "../kind.ts";
import {
  cutLaw,
  type DiscreteLaw,
  fixedLaw,
  geometricLaw,
  histogramLaw,
  poissonLaw,
  quantileAll,
  quantileOf,
  rangeLaw,
  tiltTo,
  withZeroShare,
  zipfLaw,
} from "../laws/discrete.ts";
import { type Stream, uniform, uniformAll } from "../random.ts";
import type { Counts } from "./spread.ts";

/** A law, and whether it keeps a share of the parents without children. */
export interface Law {
  readonly law: DiscreteLaw;
  readonly keepsZero: boolean;
  /** The law of its kind with this mean, or the nearest to it. */
  withMean(mean: number): DiscreteLaw;
}

/** Throws GeneratorFault for a law that can't be: min over max, no weight, nobody left to have children. */
export function lawOf(spec: ChildrenLaw): Law {
  const { zeroShare } = spec;
  const law = plainLaw(spec);
  if (zeroShare === undefined)
    return { law, keepsZero: false, withMean: (mean) => fitTo(lawWithMean(spec, mean), mean) };
  if (zeroShare < 1 && mostOf(law) === 0) {
    throw new GeneratorFault(
      "impossible-range",
      "No parent has children by this law; give numbers above 0.",
      "/zeroShare",
    );
  }
  return {
    law: withZeroShare(law, zeroShare),
    keepsZero: zeroShare > 0,
    withMean: (mean) => {
      if (mean === 0 || zeroShare === 1) return fixedLaw(0);
      const above = mean / (1 - zeroShare);
      return withZeroShare(fitTo(withZeroShare(lawWithMean(spec, above), 0), above), zeroShare);
    },
  };
}

/** The greatest mean that the document allows, which bounds a law's table. */
const GREATEST_MEAN = 100_000;

/** Laws without a greatest value are made anew, since their tables end where the given mean lets them. */
function lawWithMean(spec: ChildrenLaw, mean: number): DiscreteLaw {
  const isEndless = spec.kind === "poisson" || spec.kind === "geometric";
  return plainLaw(isEndless && mean > 0 && mean <= GREATEST_MEAN ? { ...spec, mean } : spec);
}

/** The law tilted to `mean`, or its least or greatest value where that is as far as it goes. */
function fitTo(law: DiscreteLaw, mean: number): DiscreteLaw {
  const [least, most] = [leastOf(law), mostOf(law)];
  if (mean <= least) return fixedLaw(least);
  return mean >= most ? fixedLaw(most) : tiltTo(law, mean);
}

function plainLaw(spec: ChildrenLaw): DiscreteLaw {
  switch (spec.kind) {
    case "fixed":
      return fixedLaw(spec.n);
    case "range":
      if (spec.min > spec.max)
        throw new GeneratorFault("impossible-range", "min lies above max; exchange them.", "/min");
      return rangeLaw(spec.min, spec.max);
    case "poisson":
      return poissonLaw(spec.mean);
    case "geometric":
      return geometricLaw(spec.mean);
    case "zipf":
      return zipfLaw(spec.s, spec.max);
    case "histogram":
      if (!Object.values(spec.values).some((weight) => weight > 0)) {
        throw new GeneratorFault("no-weight", "The weights add up to 0; give at least one above 0.", "/values");
      }
      return histogramLaw(spec.values);
  }
}

function leastOf({ min, weights }: DiscreteLaw): number {
  return min + weights.findIndex((weight) => weight > 0);
}

function mostOf({ min, weights }: DiscreteLaw): number {
  return min + weights.findLastIndex((weight) => weight > 0);
}

/** One law for all parents; with the mean `mean` where a total has to be kept. */
export function countsByLaw({ law, keepsZero, withMean }: Law, stream: Stream, mean?: number): Counts {
  const fitted = mean === undefined ? law : withMean(mean);
  const quantiles = quantileAll(fitted);
  return {
    least: Math.min(leastOf(law), leastOf(fitted)),
    most: Math.max(mostOf(law), mostOf(fitted)),
    keepsZero,
    of: (parents) => quantiles(uniformAll(stream, parents)),
  };
}

/** A law for each group of parents; `groupOf` gives the place of each parent's law. */
export function countsByGroup(
  laws: readonly Law[],
  groupOf: (parents: Float64Array) => Uint32Array,
  stream: Stream,
): Counts {
  const quantiles = laws.map(({ law }) => quantileOf(law));
  return {
    least: Math.min(...laws.map(({ law }) => leastOf(law))),
    most: Math.max(...laws.map(({ law }) => mostOf(law))),
    keepsZero: laws.some(({ keepsZero }) => keepsZero),
    of: (parents) => {
      const groups = groupOf(parents);
      const counts = new Float64Array(parents.length);
      for (let i = 0; i < counts.length; i++) {
        const quantile = quantiles[groups[i] as number] as (u: number) => number;
        counts[i] = quantile(uniform(stream, parents[i] as number));
      }
      return counts;
    },
  };
}

/**
 * What the counts are where only a total is given, at most `most` a parent: as if each child chose its
 * parent evenly (Poisson), or by popularity, rank k in proportion to (k+1)^-s.
 */
export function countsByTotal(
  parents: number,
  total: number,
  most: number,
  stream: Stream,
  zipf?: { s: number; rankOf: (parent: number) => number },
): Counts {
  const mean = total / parents;
  if (!zipf) {
    // At a mean of `most` there is no choice left.
    const law = mean >= most ? fixedLaw(most) : (cutLaw(poissonLaw(mean), 0, most, 0) ?? fixedLaw(0));
    const withMean = () => fitTo(law, mean);
    return { ...countsByLaw({ law, keepsZero: false, withMean }, stream, mean), least: 0, most };
  }
  const all = harmonic(parents, zipf.s);
  return {
    least: 0,
    most,
    keepsZero: false,
    of: (rows) =>
      rows.map((parent) => {
        const expected = (total * (zipf.rankOf(parent) + 1) ** -zipf.s) / all;
        return Math.min(most, Math.floor(expected + uniform(stream, parent)));
      }),
  };
}

/** 1 + 2^-s + … + n^-s: the first thousand terms, and the integral of the rest (Euler and Maclaurin, two terms). */
function harmonic(n: number, s: number): number {
  const summed = Math.min(n, 1_000);
  let sum = 0;
  for (let k = 1; k <= summed; k++) sum += k ** -s;
  if (summed === n) return sum;
  const integral = s === 1 ? Math.log(n / summed) : (n ** (1 - s) - summed ** (1 - s)) / (1 - s);
  return sum + integral + (n ** -s - summed ** -s) / 2;
}
