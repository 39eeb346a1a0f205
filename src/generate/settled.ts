/**
 * The draws by which a table's rows keep their rules, each found once.
 *
 * A row that breaks a rule is drawn again and again, and each attempt may read its parent as it will be
 * written, which has attempts of its own, and so its parent's parent: were rows settled anew for every
 * reader, the work would multiply from level to level. So what a row came to is remembered, by row and not
 * by page: whoever reads rows spread over a billion settles those and no others. A draw follows from the
 * row alone, so what is forgotten comes out the same again, and memory has a bound.
 */
import type { Table } from "../dataset/schema.ts";
import type { CompiledTable } from "./engine.ts";
import { type Block, GeneratorFault } from "./kind.ts";
import { BLOCK_ROWS, newNumbers } from "./reuse.ts";
import { type Demand, drawAgain, LANE } from "./rules.ts";

/** The draws of a block's rows, given as they are drawn at first; the very `rows` where no row was drawn again. */
export type Settler = (first: Block) => Float64Array;

/** What all tables of a schema together may remember, in bytes; trees beside it. */
export const MOST_REMEMBERED = 32 * 1024 * 1024;

/** 4 MiB of draws, and seconds to settle them all. */
const MOST_CLIMBED_ROWS = 4_194_304;

/** Rows as these draws make them; where they are drawn again, they stand at `places` of the block drawn `before`. */
type Draw = (rows: Float64Array, draws: Float64Array, before?: Block, places?: Float64Array) => Block;

/** Throws GeneratorFault for a tree too large to be settled. */
export function demandClimbable({ name }: Table, rows: number, demands: readonly Demand[]): void {
  if (rows <= MOST_CLIMBED_ROWS || !demands.some(({ climbs }) => climbs)) return;
  const message = `${name}: rules that read the row's own parent can be kept in ${MOST_CLIMBED_ROWS} rows at most, it has ${rows}; ask for fewer, or leave such rules out.`;
  throw new GeneratorFault("too-many-rows", message);
}

/** `bytes` bounds what is remembered; trees are bounded by their rows. */
export function makeSettler({ rows, demands }: CompiledTable, bytes: number, draw: Draw): Settler {
  const climbs = demands.some((demand) => demand.climbs);
  const known = knownDraws(rows, climbs ? rows : bytes);
  const settle: Settler = (first) =>
    known(first.rows, (unknown) => {
      const block = unknown === first.rows ? first : draw(unknown, unknown);
      return drawAgain(demands, block, (rows, draws, places) => draw(rows, draws, block, places));
    });
  return climbs ? climbing(settle, rows, (rows) => draw(rows, rows)) : settle;
}

/**
 * Of a table whose rules read rows further up in its tree, in which parents come before their children: all
 * rows up to those asked for are settled in order, so that rows seldom wait for a few others at a time.
 */
function climbing(settle: Settler, rows: number, draw: (rows: Float64Array) => Block): Settler {
  let upTo = 0;
  let isClimbing = false;
  const climb = (end: number) => {
    for (; upTo <= end; upTo += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows - upTo);
      settle(draw(Float64Array.from({ length: count }, (_, i) => upTo + i)));
    }
  };
  return (first) => {
    // Rows that are asked for on the way lie above those being settled.
    if (isClimbing) return settle(first);
    isClimbing = true;
    try {
      climb(first.rows.reduce((last, row) => Math.max(last, row), -1));
    } finally {
      isClimbing = false;
    }
    return settle(first);
  };
}

/**
 * Remembers draws of a table of so many rows: a byte for each row where these bytes are enough, else the
 * latest row of each slot, in five bytes. `settle` finds the draws of those that are not known.
 */
export function knownDraws(
  rows: number,
  bytes: number,
): (rows: Float64Array, settle: (unknown: Float64Array) => Float64Array) => Float64Array {
  const isEnough = rows <= bytes;
  const slots = isEnough ? rows : Math.max(Math.ceil(rows / 2 ** 32), Math.floor(bytes / 5));
  /** 0 for none, else one more than the attempts after the first. */
  const counts = new Uint8Array(slots);
  /** How often the slots were gone through before the row. */
  const laps = isEnough ? undefined : new Uint32Array(slots);
  const remember = (rows: Float64Array, draws: Float64Array): void => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const lap = Math.floor(row / slots);
      const slot = row - lap * slots;
      counts[slot] = 1 + ((draws[i] as number) - row) / LANE;
      if (laps) laps[slot] = lap;
    }
  };
  /** -1 for a row that is not known. */
  const attemptsOf = (row: number): number => {
    const lap = Math.floor(row / slots);
    return laps && laps[row - lap * slots] !== lap ? -1 : (counts[row - lap * slots] as number) - 1;
  };
  return (asked, settle) => {
    let open = 0;
    for (let i = 0; i < asked.length; i++) if (attemptsOf(asked[i] as number) < 0) open++;
    // As a table is read from its start on.
    if (open === asked.length) {
      const found = settle(asked);
      remember(asked, found);
      return found;
    }
    const draws = newNumbers(asked.length);
    const places = new Uint32Array(open);
    let place = 0;
    let isMoved = false;
    for (let i = 0; i < asked.length; i++) {
      const attempts = attemptsOf(asked[i] as number);
      if (attempts < 0) places[place++] = i;
      else if (attempts > 0) isMoved = true;
      draws[i] = (asked[i] as number) + attempts * LANE;
    }
    if (open > 0) {
      const missing = Float64Array.from(places, (i) => asked[i] as number);
      const found = settle(missing);
      if (found !== missing) isMoved = true;
      for (let k = 0; k < open; k++) draws[places[k] as number] = found[k] as number;
      remember(missing, found);
    }
    return isMoved ? draws : asked;
  };
}
