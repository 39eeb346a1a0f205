/**
 * Compares ways of doing one job in one process: short batches in the order A B … B A, repeated,
 * and the best of each. A busy machine slows every batch alike sooner or later, but seldom all of
 * them, so the minima keep a ratio that means and medians lose.
 */

export interface Side {
  name: string;
  /** Does `rows` rows of work. */
  run: () => void;
  rows: number;
}

const ROUNDS = 20;

/** The best nanoseconds a row of each side, after two warm-up rounds. */
export function interleave(sides: readonly Side[], rounds = ROUNDS): Map<string, number> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds + 2; round++) {
    for (const side of [...sides, ...sides.toReversed()]) {
      const started = process.hrtime.bigint();
      side.run();
      const ns = Number(process.hrtime.bigint() - started) / side.rows;
      if (round >= 2) best.set(side.name, Math.min(ns, best.get(side.name) ?? Number.POSITIVE_INFINITY));
    }
  }
  return best;
}
