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
import type { CompiledTable, Link } from "./engine.ts";
import { type Block, GeneratorFault } from "./kind.ts";
import { newNumbers } from "./reuse.ts";
import { areHopeless, type Demand, drawAgain, LANE, type Redraw } from "./rules.ts";
import { once } from "./view.ts";

/** The draws of a block's rows, given as they are drawn at first; the very `rows` where no row was drawn again. */
export type Settler = (first: Block) => Float64Array;

/** What all tables of a schema together may remember, in bytes; beside it a byte for each row of trees that are climbed. */
export const MOST_REMEMBERED = 32 * 1024 * 1024;

/** Rows of a tree settled at a time. */
const FEWEST_SETTLED = 4_096;
const MOST_SETTLED = 16_384;

/** Rows by which a table's demands are judged hopeless. */
const SAMPLE_ROWS = 256;

/** 2 s to settle them all by two rules of the kind of `a >= parent.a`, during which a worker answers nobody. */
const MOST_CLIMBED_ROWS = 1_048_576;

/** Rows as these draws make them; where they are drawn again, they stand at `places` of the block drawn `before`. */
type Draw = (rows: Float64Array, draws: Float64Array, before?: Block, places?: Float64Array) => Block;

/** Throws GeneratorFault for a tree too large to be settled. */
export function demandClimbable({ name }: Table, rows: number, demands: readonly Demand[]): void {
  if (rows <= MOST_CLIMBED_ROWS || !demands.some(({ climbs }) => climbs)) return;
  const message = `${name}: rules that read the row's own parent can be kept in ${MOST_CLIMBED_ROWS} rows at most, it has ${rows}; ask for fewer, or leave such rules out.`;
  throw new GeneratorFault("too-many-rows", message);
}

/** `bytes` bounds what is remembered; trees are bounded by their rows. */
export function makeSettler(compiled: CompiledTable, bytes: number, draw: Draw): Settler {
  const { rows, demands } = compiled;
  const climbs = demands.some((demand) => demand.climbs);
  const known = knownDraws(rows, climbs ? rows : bytes);
  const drawFirst = (rows: Float64Array) => draw(rows, rows);
  const isTableHopeless = once(() => {
    const sample = drawFirst(sampleOf(rows));
    return areHopeless(demands, sample, redrawing(draw, sample));
  });
  const settle: Settler = (first) =>
    known(first.rows, (unknown) => {
      const block = unknown === first.rows ? first : drawFirst(unknown);
      // What becomes of a row must not hang on who is asked for beside it. Of a climbed tree those are always the same.
      return drawAgain(demands, block, redrawing(draw, block), (isNone) => (climbs ? isNone : isTableHopeless()));
    });
  return climbs ? climbing(settle, compiled, drawFirst) : settle;
}

function redrawing(draw: Draw, block: Block): Redraw {
  return (rows, draws, places) => draw(rows, draws, block, places);
}

/** Rows of the whole table at even distances. */
function sampleOf(rows: number): Float64Array {
  const count = Math.min(rows, SAMPLE_ROWS);
  return Float64Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/**
 * Of a table whose rules read rows further up in its trees: all rows up to those asked for are settled in
 * order, in pieces that hold no row and its parent, so that none waits for a few others at a time.
 */
function climbing(settle: Settler, { rows, links }: CompiledTable, draw: (rows: Float64Array) => Block): Settler {
  let upTo = 0;
  let isClimbing = false;
  const climb = (end: number) => {
    while (upTo <= end) {
      // As many as lie above, which takes as long again: the fewer pieces, the fewer blocks for the last attempts.
      const count = Math.min(Math.max(upTo, FEWEST_SETTLED), MOST_SETTLED, rows - upTo);
      const range = new Float64Array(count);
      for (let i = 0; i < count; i++) range[i] = upTo + i;
      const block = draw(range);
      for (const piece of piecesOf(block, links)) settle(draw(piece));
      upTo += count;
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

/** The rows of a block in pieces, parents in earlier ones than their children. */
function piecesOf(block: Block, links: readonly Link[]): Float64Array[] {
  const { rows } = block;
  const order = new Float64Array(rows.length);
  for (const link of links) {
    const own = link.order?.(block);
    if (own) for (let i = 0; i < order.length; i++) order[i] = (order[i] as number) + (own[i] as number);
  }
  const pieces = new Map<number, number[]>();
  for (let i = 0; i < rows.length; i++) {
    const piece = pieces.get(order[i] as number);
    if (piece) piece.push(rows[i] as number);
    else pieces.set(order[i] as number, [rows[i] as number]);
  }
  return [...pieces].sort(([a], [b]) => a - b).map(([, piece]) => new Float64Array(piece));
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
    if (!laps) return (counts[row] as number) - 1;
    const lap = Math.floor(row / slots);
    return laps[row - lap * slots] === lap ? (counts[row - lap * slots] as number) - 1 : -1;
  };
  return (asked, settle) => {
    const draws = newNumbers(asked.length);
    let open = 0;
    let isMoved = false;
    for (let i = 0; i < asked.length; i++) {
      const attempts = attemptsOf(asked[i] as number);
      if (attempts < 0) open++;
      else if (attempts > 0) isMoved = true;
      draws[i] = (asked[i] as number) + attempts * LANE;
    }
    // As a table is read from its start on.
    if (open === asked.length) {
      const found = settle(asked);
      remember(asked, found);
      return found;
    }
    if (open > 0) {
      const places = new Uint32Array(open);
      for (let i = 0, place = 0; place < open; i++) if ((draws[i] as number) < 0) places[place++] = i;
      const missing = Float64Array.from(places, (i) => asked[i] as number);
      const found = settle(missing);
      if (found !== missing) isMoved = true;
      for (let k = 0; k < open; k++) draws[places[k] as number] = found[k] as number;
      remember(missing, found);
    }
    return isMoved ? draws : asked;
  };
}
