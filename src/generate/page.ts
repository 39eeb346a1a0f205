/** Rows as cells, for clients of JSON: made by address, so row 900,000,000 costs what row 0 costs. */
import { type Cell, cellAt } from "./column.ts";
import type { CompiledTable, Engine } from "./engine.ts";

/**
 * Rows [first, first + count) of table number `place`, each with its fields in the document's order;
 * what lies beyond the table's end is left out. Throws JobFailure when a value can't be made.
 */
export function readPage(engine: Engine, place: number, first: number, count: number): Cell[][] {
  const { rows, generators } = engine.tables[place] as CompiledTable;
  const there = Math.max(0, Math.min(count, rows - first));
  if (there === 0) return [];
  const block = engine.block(place, first, there);
  const columns = generators.map((_, field) => block.column(field));
  return Array.from({ length: there }, (_, i) => columns.map((column) => cellAt(column, i)));
}
