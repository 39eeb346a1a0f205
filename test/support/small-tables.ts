/** Small schemas for the tests of the pure verbs, and their values read without any CSV. */
import { Unprocessable } from "../../src/dataset/errors.ts";
import type { Pool } from "../../src/dataset/pool.ts";
import { type Field, schemaDocument, type Table } from "../../src/dataset/schema.ts";
import { type Cell, type Column, cellAt } from "../../src/generate/column.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import type { Engine } from "../../src/generate/engine.ts";

export const SEED = 42;
export const TODAY = "2026-01-01";

/** A table with the key `id`, 1, 2, 3, …, before the given fields. */
export function tableOf(name: string, fields: Field[], more: Partial<Table> = {}): Table {
  const id: Field = { name: "id", type: "integer", generator: { kind: "sequence" } };
  return { name, rows: 1_000, primaryKey: ["id"], fields: [id, ...fields], ...more };
}

/** A field that points at `parent`, called by the parent's name. */
export function childOf(parent: string): { field: Field; key: NonNullable<Table["foreignKeys"]>[number] } {
  const name = `${parent}_id`;
  const key = { fields: [name], reference: { resource: parent, fields: ["id"] } };
  return { field: { name, type: "integer" }, key };
}

/** Checks the document's shape as a request would, then compiles it. */
export function engineOf(tables: Table[], seed = SEED, today = TODAY, pools: readonly Pool[] = []): Engine {
  return compileSchema(schemaDocument.parse({ name: "small", tables }), seed, today, pools);
}

/** The faults of the document, as `code pointer`; fails when it has none. */
export function faultsOf(tables: Table[]): string[] {
  return fullFaultsOf(tables).map(({ code, pointer }) => `${code} ${pointer}`);
}

export function fullFaultsOf(tables: Table[]) {
  try {
    engineOf(tables);
  } catch (error) {
    if (error instanceof Unprocessable) return error.faults;
    throw error;
  }
  throw new Error("The document compiled, although it should have faults.");
}

/** The column of a field for rows [first, first + count) of a table. */
export function columnOf(engine: Engine, path: string, first: number, count: number): Column {
  const [table, field] = path.split(".");
  const place = engine.tables.findIndex(({ table: { name } }) => name === table);
  const names = engine.tables[place]?.table.fields.map(({ name }) => name) ?? [];
  return engine.block(place, first, count).column(names.indexOf(field as string));
}

/** The cells of `table.field` for rows [first, first + count). */
export function cellsOf(engine: Engine, path: string, first: number, count: number): Cell[] {
  const column = columnOf(engine, path, first, count);
  return Array.from({ length: count }, (_, i) => cellAt(column, i));
}

/** The cells of one field, alone in its table, by seed 42. */
export function cellsOfField(field: Omit<Field, "name">, count = 5, first = 0): Cell[] {
  return cellsOf(engineOf([tableOf("things", [{ name: "value", ...field }])]), "things.value", first, count);
}

/** How often each value stands in the list. */
export function tally<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Pearson's statistic for equally likely outcomes 0 to n-1. */
export function chiSquare(outcomes: Iterable<number>, n: number): number {
  const counts = new Float64Array(n);
  let total = 0;
  for (const outcome of outcomes) {
    counts[outcome] = (counts[outcome] as number) + 1;
    total++;
  }
  const expected = total / n;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Pearson's correlation of two lists of equal length. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const da = (a[i] as number) - meanA;
    const db = (b[i] as number) - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
