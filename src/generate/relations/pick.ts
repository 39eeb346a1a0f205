/** Which parent a row gets that is free to choose: evenly, by popularity, or by weight. */

import { JobFailure } from "../../dataset/errors.ts";
import type { ParentPick } from "../../dataset/schema.ts";
import type { Numbers } from "../column.ts";
import type { Engine } from "../engine.ts";
import type { Expression } from "../expression/expression.ts";
import { zipfRanks } from "../laws/zipf.ts";
import { belowAll, permute, type Stream, uniform } from "../random.ts";

/** A parent's row for each of these draws. */
export type Picker = (draws: Float64Array) => Float64Array;

export interface PickFrom {
  readonly engine: Engine;
  /** The parent table's place, and its number of rows. */
  readonly parent: number;
  readonly rows: number;
  readonly stream: (purpose: string) => Stream;
  readonly weight: Expression | undefined;
}

/** Most parents that can be weighed: their running sums are kept, 8 bytes each. */
export const MOST_WEIGHED = 2 ** 22;

export function makePicker(pick: ParentPick = { kind: "uniform" }, from: PickFrom): Picker {
  const { rows } = from;
  const stream = from.stream("pick");
  // Without parents every reference is NULL, and what lies under it is of no account.
  if (rows === 0) return (draws) => new Float64Array(draws.length);
  switch (pick.kind) {
    case "uniform":
      return (draws) => belowAll(stream, draws, rows);
    case "zipf": {
      const shuffle = from.stream("popularity");
      return (draws) => {
        const ranks = zipfRanks(stream, draws, rows, pick.s);
        for (let i = 0; i < ranks.length; i++) ranks[i] = permute(shuffle, rows, ranks[i] as number);
        return ranks;
      };
    }
    case "weighted":
      return weighted(stream, from);
  }
}

function weighted(stream: Stream, from: PickFrom): Picker {
  let sums: Float64Array | undefined;
  return (draws) => {
    sums ??= sumWeights(from);
    const total = sums.at(-1) as number;
    const picked = new Float64Array(draws.length);
    for (let i = 0; i < picked.length; i++) picked[i] = findAbove(sums, uniform(stream, draws[i] as number) * total);
    return picked;
  };
}

/** Parents weighed at a time. */
const PIECE = 16_384;

/** The running sums of the parents' weights; a NULL or negative weight is 0. */
function sumWeights({ engine, parent, rows, weight }: PickFrom): Float64Array {
  const sums = new Float64Array(rows);
  let sum = 0;
  for (let first = 0; first < rows; first += PIECE) {
    const block = engine.block(parent, first, Math.min(PIECE, rows - first));
    const { values, nulls } = (weight as Expression).column(block) as Numbers;
    for (let i = 0; i < values.length; i++) {
      if (nulls?.[i] !== 1) sum += Math.max(0, values[i] as number);
      sums[first + i] = sum;
    }
  }
  if (sum === 0) throw new JobFailure("no-weight", "No parent has a weight above 0; change the weight's expression.");
  return sums;
}

/** The first place whose sum is above `share`. */
function findAbove(sums: Float64Array, share: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) > share) high = middle;
    else low = middle + 1;
  }
  return low;
}
