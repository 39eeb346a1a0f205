/**
 * Self references: a forest whose rows lie level by level, roots first, so that a row's parent is a row
 * of the level above and no chain is longer than the number of levels.
 *
 * Level sizes grow by a constant factor from the roots down to the last row, which needs no memory:
 * the level of a row is found among at most a hundred level starts.
 */
import { below, type Stream } from "../random.ts";

/** First rows of the levels, and the number of rows at the end. */
export type Levels = readonly number[];

/** Cuts `rows` rows into at most `depth` levels, of which the first has the share `roots`, at least one row. */
export function cutLevels(rows: number, roots: number, depth: number): Levels {
  const first = depth === 1 ? rows : Math.min(rows, Math.max(1, Math.round(rows * roots)));
  const rest = rows - first;
  const factor = growth(rest / Math.max(1, first), depth - 1);
  const starts = [0];
  if (rows > 0) starts.push(first);
  for (let level = 1, sum = 0, size = first; level < depth; level++) {
    size *= factor;
    sum += size;
    const end = level === depth - 1 ? rows : Math.min(rows, first + Math.round(sum));
    if (end > (starts.at(-1) as number)) starts.push(end);
  }
  return starts;
}

/** The factor g with g + g² + … + g^levels = `ratio`, by halving. */
function growth(ratio: number, levels: number): number {
  let low = 0;
  let high = Math.max(1, ratio);
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    let sum = 0;
    for (let level = 1, term = middle; level <= levels; level++, term *= middle) sum += term;
    if (sum < ratio) low = middle;
    else high = middle;
  }
  return high;
}

/** The level of a row, 0 for a root; found at once when it is `near` that of the row before. */
export function levelOf(levels: Levels, row: number, near = 0): number {
  let level = row < (levels[near] as number) ? 0 : near;
  while (row >= (levels[level + 1] as number)) level++;
  return level;
}

/** The parent of a row on this level, a random row of the level above; -1 for a root. `draw` addresses the choice. */
export function parentInTree(levels: Levels, stream: Stream, level: number, draw: number): number {
  if (level === 0) return -1;
  const start = levels[level - 1] as number;
  return start + below(stream, draw, (levels[level] as number) - start);
}
