/**
 * Schemas of several tables in few words, and what is promised of every one of them, counted by plain
 * sets over the cells instead of by the engine's own inverses.
 */
import { expect } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import { type Field, type ForeignKey, schemaDocument, type Table } from "../../src/dataset/schema.ts";
import { type Cell, type Column, cellAt, type Numbers } from "../../src/generate/column.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import type { CompiledTable, Engine } from "../../src/generate/engine.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { structureFaults } from "../../src/plan/structure.ts";
import { SEED, TODAY } from "./small-tables.ts";

export type Row = Record<string, Cell>;

export const sequence = (start = 1, step = 1) => ({ kind: "sequence", start, step });

/** An integer field; without a generator it takes its parent's key. */
export function integer(name: string, generator?: Field["generator"], more: Partial<Field> = {}): Field {
  return { name, type: "integer", ...(generator ? { generator } : {}), ...more };
}

/** An integer of a finite list, which a key can deal. */
export const oneOf = (name: string, min: number, max: number): Field => integer(name, { kind: "uniform", min, max });

/** A foreign key of one field, or of several named with spaces between. */
export function refer(fields: string, resource: string, to: string, more: Partial<ForeignKey> = {}): ForeignKey {
  return { fields: fields.split(" "), reference: { resource, fields: to.split(" ") }, ...more };
}

/** A table whose primary key is the first field, or the fields named with spaces between. */
export function table(
  name: string,
  rows: number | undefined,
  fields: Field[],
  more: Partial<Table> & { key?: string } = {},
): Table {
  const { key = fields[0]?.name as string, ...rest } = more;
  return { name, ...(rows === undefined ? {} : { rows }), primaryKey: key.split(" "), fields, ...rest };
}

/** What a request's document goes through before its rows are made; throws Unprocessable. */
export function engineFor(tables: Table[], seed = SEED): Engine {
  const schema = schemaDocument.parse({ name: "small", tables });
  const faults = structureFaults(schema);
  if (faults.length > 0) throw new Unprocessable(faults);
  return compileSchema(schema, seed, TODAY);
}

/** The faults of a document, of its structure or else of its compilation; fails when it has none. */
export function faultsFor(tables: Table[]) {
  try {
    engineFor(tables);
  } catch (error) {
    if (error instanceof Unprocessable) return error.faults;
    throw error;
  }
  throw new Error("The document compiled, although it should have faults.");
}

export function placeOf(engine: Engine, name: string): number {
  return engine.tables.findIndex(({ table }) => table.name === name);
}

export function tableNamed(engine: Engine, name: string): CompiledTable {
  return engine.tables[placeOf(engine, name)] as CompiledTable;
}

/** Rows of a table as objects of cells; by default all of them. */
export function rowsOf(engine: Engine, name: string, first = 0, count = tableNamed(engine, name).rows): Row[] {
  const { table } = tableNamed(engine, name);
  const block = engine.block(placeOf(engine, name), first, count);
  const columns = table.fields.map((_, field) => block.column(field));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(table.fields.map(({ name }, field) => [name, cellAt(columns[field] as never, i)])),
  );
}

/** Some fields of a row as one text; undefined when one of them is NULL. */
export function join(row: Row, fields: readonly string[]): string | undefined {
  const cells = fields.map((field) => row[field] as Cell);
  return cells.includes(null) ? undefined : JSON.stringify(cells);
}

/** How many rows have each value of a field. */
export function countBy(rows: readonly Row[], field: string): Map<Cell, number> {
  const counts = new Map<Cell, number>();
  for (const row of rows) counts.set(row[field] as Cell, (counts.get(row[field] as Cell) ?? 0) + 1);
  return counts;
}

/** What is wrong by plain sets: keys that stand twice or have a NULL, and references to no row. */
export function countWrong(engine: Engine): { duplicates: number; orphans: number } {
  const all = new Map(engine.tables.map(({ table }) => [table.name, rowsOf(engine, table.name)]));
  let duplicates = 0;
  let orphans = 0;
  for (const { table } of engine.tables) {
    const rows = all.get(table.name) as Row[];
    const unique = table.fields.filter(({ constraints }) => constraints?.unique).map(({ name }) => [name]);
    for (const key of [table.primaryKey, ...(table.uniqueKeys ?? []), ...unique]) {
      const keys = rows.map((row) => join(row, key)).filter((text) => text !== undefined);
      duplicates += rows.length - new Set(keys).size;
    }
    for (const { fields, reference } of table.foreignKeys ?? []) {
      const parents = all.get(reference.resource || table.name) as Row[];
      const known = new Set(parents.map((row) => join(row, reference.fields)));
      for (const row of rows) {
        const own = join(row, fields);
        if (own !== undefined && !known.has(own)) orphans++;
      }
    }
  }
  return { duplicates, orphans };
}

/** Fails unless every row of every table is sound: by plain sets, by the checks of each chunk, and by the keys' inverses. */
export function expectSound(engine: Engine): Engine {
  expect(countWrong(engine)).toEqual({ duplicates: 0, orphans: 0 });
  for (const [place, { table, rows, keys }] of engine.tables.entries()) {
    const { checks } = renderChunk(engine, place, { first: 0, count: rows }, false);
    expect([table.name, checks]).toEqual([table.name, { orphans: 0, duplicateKeys: 0, brokenRules: 0 }]);
    const block = engine.block(place, 0, rows);
    for (const key of keys) {
      const rowOf = key.rowOf(key.fields.map((field) => block.column(field)));
      const found = Array.from({ length: rows }, (_, i) => rowOf(i));
      expect([table.name, key.fields, found.findIndex((row, i) => row !== i)]).toEqual([table.name, key.fields, -1]);
    }
  }
  return engine;
}

/** Perturbs each number of each key of every table: the inverse must say -1 or a row that has just these values. */
export function expectInverses(engine: Engine): void {
  for (const [place, { rows, keys }] of engine.tables.entries()) {
    const block = engine.block(place, 0, rows);
    for (const { fields, rowOf } of keys) {
      const columns = fields.map((field) => block.column(field));
      for (const [changed, column] of columns.entries()) {
        for (const change of [(x: number) => x + 1, (x: number) => -x, () => 1e15, (x: number) => x + 0.5]) {
          if (column.kind !== "numbers") continue;
          const values = column.values.map(change);
          const others: Column[] = columns.map((own, i) => (i === changed ? { ...column, values } : own));
          const found = rowOf(others);
          for (let i = 0; i < rows; i++) {
            const row = found(i);
            if (!(row >= 0 && row < rows)) continue;
            const proven = keys.some(
              (key) => key.fields.length < fields.length && key.fields.every((f) => fields.includes(f)),
            );
            const isOwn = fields.every(
              (_, k) => (columns[k] as Numbers).values[row] === (others[k] as Numbers).values[i],
            );
            // A key proven by a part of itself is found by that part.
            if (!isOwn && !proven) expect([place, fields, i, row, keys.length]).toEqual("a row that has these values");
          }
        }
      }
    }
  }
}

/** The CSV of a table made in chunks of some rows. */
export function csvOf(engine: Engine, name: string, chunkRows = Number.POSITIVE_INFINITY): string {
  const { rows } = tableNamed(engine, name);
  const parts: string[] = [];
  for (let first = 0; first === 0 || first < rows; first += chunkRows) {
    const range = { first, count: Math.min(chunkRows, rows - first) };
    parts.push(Buffer.from(renderChunk(engine, placeOf(engine, name), range, false).bytes).toString());
  }
  return parts.join("");
}
