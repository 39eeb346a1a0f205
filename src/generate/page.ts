/** Rows as cells, for clients of JSON: made by address, so row 900,000,000 costs what row 0 costs. */
import { checkBlock } from "./check.ts";
import { type Cell, cellAt } from "./column.ts";
import type { CompiledTable, Engine } from "./engine.ts";

interface Page {
  /** Each with its fields in the document's order. */
  readonly rows: Cell[][];
  /** How many of them break each rule, or a field's limits, although they were made again. */
  broken(): ReadonlyMap<string, number>;
}

/**
 * Rows [first, first + count) of table number `place`; what lies beyond the table's end is left out.
 * Throws JobFailure when a value can't be made.
 */
export function readPage(engine: Engine, place: number, first: number, count: number): Page {
  const compiled = engine.tables[place] as CompiledTable;
  const there = Math.max(0, Math.min(count, compiled.rows - first));
  if (there === 0) return { rows: [], broken: () => new Map() };
  const block = engine.block(place, first, there);
  const columns = compiled.generators.map((_, field) => block.column(field));
  const rows = Array.from({ length: there }, (_, i) => columns.map((column) => cellAt(column, i)));
  return { rows, broken: () => checkBlock(engine, compiled, block).broken };
}
