/**
 * Laws on the line, each as the inverse of its distribution function: the share of the population
 * below a value goes in, the value comes out. One uniform number then makes one value, and a law is
 * cut by drawing from a part of the shares.
 */
import { inverseNormal } from "./normal.ts";

export interface ContinuousLaw {
  /**
   * Puts the value of each share, 0 ≤ share < 1, in its place, and returns the same array. A whole
   * block at a time, since every law needs a loop of its own to be compiled for it.
   */
  quantiles(shares: Float64Array): Float64Array;
}

export function normalLaw(mean: number, stddev: number): ContinuousLaw {
  return {
    quantiles: (shares) => {
      for (let i = 0; i < shares.length; i++) shares[i] = mean + stddev * inverseNormal(shares[i] as number);
      return shares;
    },
  };
}

/** Its logarithm is normal with the mean `mu` and the deviation `sigma`. */
export function lognormalLaw(mu: number, sigma: number): ContinuousLaw {
  return {
    quantiles: (shares) => {
      for (let i = 0; i < shares.length; i++) shares[i] = Math.exp(mu + sigma * inverseNormal(shares[i] as number));
      return shares;
    },
  };
}

export function exponentialLaw(mean: number): ContinuousLaw {
  return {
    quantiles: (shares) => {
      for (let i = 0; i < shares.length; i++) shares[i] = -mean * Math.log1p(-(shares[i] as number));
      return shares;
    },
  };
}

/**
 * A law given by its mean, deviation, skewness and excess kurtosis, none far from the normal's: the
 * expansion of Cornish and Fisher (1938) up to their third order.
 */
export function nearlyNormalLaw(mean: number, deviation: number, skewness: number, kurtosis: number): ContinuousLaw {
  return {
    quantiles: (shares) => {
      for (let i = 0; i < shares.length; i++) {
        const z = inverseNormal(shares[i] as number);
        const bend = (skewness * (z * z - 1)) / 6;
        const tails = (kurtosis * z * (z * z - 3)) / 24 - (skewness * skewness * z * (2 * z * z - 5)) / 36;
        shares[i] = mean + deviation * (z + bend + tails);
      }
      return shares;
    },
  };
}

/** The share of the population below a value, to 2^-60, by halving. */
export function shareBelow(law: ContinuousLaw, value: number): number {
  const share = new Float64Array(1);
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    share[0] = middle;
    if ((law.quantiles(share)[0] as number) < value) low = middle;
    else high = middle;
  }
  return low === 0 ? 0 : high;
}
