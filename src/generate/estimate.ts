/**
 * How large a table's CSV will be, known by making a few of its rows.
 *
 * The sample is spread evenly from the first row to the last: numbers grow longer along a table, and
 * neighbours may share a parent and so look alike. The last rows are part of it because that is where
 * numbers overflow.
 */
import { makeOutput } from "./csv/csv.ts";
import type { Engine } from "./engine.ts";
import { renderChunk } from "./render.ts";

/** 512 rows hold a mean within a few percent, whatever the lengths; in runs, since a block has a price of its own. */
const RUNS = 64;
const RUN_ROWS = 8;

/**
 * Bytes of the CSV of table number `place`, header included: exact up to 512 rows, else within a few
 * percent. Throws JobFailure when a value of the sample can't be made.
 */
export function estimateBytes(engine: Engine, place: number, formulaGuard: boolean): number {
  const output = makeOutput(0);
  const measure = (first: number, count: number): number =>
    renderChunk(engine, place, { first, count }, formulaGuard, output).bytes.length;
  const rows = engine.tables[place]?.rows ?? 0;
  if (rows <= RUNS * RUN_ROWS) return measure(0, rows);
  const header = measure(0, 0);
  let sampled = -header;
  for (let run = 0; run < RUNS; run++) {
    sampled += measure(Math.floor((run * (rows - RUN_ROWS)) / (RUNS - 1)), RUN_ROWS);
  }
  return Math.round(header + (sampled * rows) / (RUNS * RUN_ROWS));
}
