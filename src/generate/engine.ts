/**
 * The engine: any rows of any table, in any order, from compiled generators.
 *
 * A block makes its columns when they are asked for, and a child's block asks for its parents' rows
 * as another block. That is all there is to relations: nothing is stored, joined or looked up.
 */
import type { Table } from "../dataset/schema.ts";
import { type Column, takeRows } from "./column.ts";
import type { Expression } from "./expression.ts";
import type { Block, Generator } from "./kind.ts";
import { belowAll, type Stream } from "./random.ts";

export interface CompiledTable {
  readonly table: Table;
  /** In the order of the table's fields. */
  readonly generators: readonly Generator[];
  readonly parents: readonly Parent[];
  readonly rules: readonly { readonly name: string; readonly expression: Expression }[];
}

/** A foreign key: which table and key field it points at, from which field, and how a parent is picked. */
export interface Parent {
  readonly name: string;
  readonly table: number;
  readonly keyField: number;
  readonly field: number;
  readonly pick: Stream;
}

export interface Engine {
  readonly tables: readonly CompiledTable[];
  /** Rows [first, first + count) of table number `table`, its place in the document. */
  block(table: number, first: number, count: number): Block;
}

/**
 * Rows up to which a parent's columns are made once and kept, instead of again for every child: a
 * column is then at most 1 MiB, and copying a price costs a tenth of computing it. The bytes are the
 * same either way.
 */
const KEPT_ROWS = 131_072;

export function makeEngine(tables: readonly CompiledTable[]): Engine {
  const wholes = tables.map((_, place) => once(() => makeBlock(makers, place, rowRange(0, rowsOf(tables, place)))));
  const makers: Makers = { tables, whole: (place) => (wholes[place] as () => Block)() };
  return { tables, block: (table, first, count) => makeBlock(makers, table, rowRange(first, count)) };
}

interface Makers {
  readonly tables: readonly CompiledTable[];
  /** All rows of a small table, with the columns asked for so far. */
  whole(place: number): Block;
}

function makeBlock(makers: Makers, place: number, rows: Float64Array): Block {
  const { generators, parents } = makers.tables[place] as CompiledTable;
  return blockOf(
    rows,
    parents,
    (field, block) => (generators[field] as Generator).column(block),
    (parent) => {
      const picked = belowAll(parent.pick, rows, rowsOf(makers.tables, parent.table));
      return makeParentBlock(makers, parent.table, picked);
    },
  );
}

/** The rows of a parent that some children point at. */
function makeParentBlock(makers: Makers, place: number, rows: Float64Array): Block {
  if (rowsOf(makers.tables, place) > KEPT_ROWS) return makeBlock(makers, place, rows);
  const whole = makers.whole(place);
  const { parents } = makers.tables[place] as CompiledTable;
  return blockOf(
    rows,
    parents,
    (field) => takeRows(whole.column(field), rows),
    (parent) => {
      const picked = belowAll(parent.pick, rows, rowsOf(makers.tables, parent.table));
      return makeParentBlock(makers, parent.table, picked);
    },
  );
}

/** A block that makes each column and each parent's block at most once. */
function blockOf(
  rows: Float64Array,
  parents: readonly Parent[],
  makeColumn: (field: number, block: Block) => Column,
  makeParent: (parent: Parent) => Block,
): Block {
  const columns = new Map<number, Column>();
  const parentBlocks = new Map<number, Block>();
  const shared = new Map<string, unknown>();
  const block: Block = {
    rows,
    column: (field) => remembered(columns, field, () => makeColumn(field, block)),
    parent: (key) => remembered(parentBlocks, key, () => makeParent(parents[key] as Parent)),
    shared: <T>(name: string, make: () => T): T => remembered(shared, name, make) as T,
  };
  return block;
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function once<T>(make: () => T): () => T {
  const made = new Map<0, T>();
  return () => remembered(made, 0, make);
}

function rowsOf(tables: readonly CompiledTable[], place: number): number {
  return (tables[place] as CompiledTable).table.rows;
}

function rowRange(first: number, count: number): Float64Array {
  const rows = new Float64Array(count);
  for (let i = 0; i < count; i++) rows[i] = first + i;
  return rows;
}
