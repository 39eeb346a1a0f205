/**
 * The engine: any rows of any table, in any order, from compiled generators.
 *
 * A block makes its columns when they are asked for, and a child's block asks for its parents' rows
 * as another block. That is all there is to relations: nothing is stored, joined or looked up. Rows
 * that break a rule are made again, from other draws, before anybody sees them.
 */
import type { Table } from "../dataset/schema.ts";
import { type Climbed, knownValues } from "./climbed.ts";
import type { Column } from "./column.ts";
import type { Block, Generator } from "./kind.ts";
import type { Key } from "./relations/keys.ts";
import type { Spread } from "./relations/spread.ts";
import { keeping, newNumbers } from "./reuse.ts";
import type { Demand } from "./rules.ts";
import { makeSettler, type Settler } from "./settled.ts";
import { once, remembered, viewBlock } from "./view.ts";

export interface CompiledTable {
  readonly table: Table;
  /** How many rows it has: as the document says, or as its parents' numbers of children add up. */
  readonly rows: number;
  /** In the order of the table's fields. */
  readonly generators: readonly Generator[];
  readonly links: readonly Link[];
  readonly keys: readonly Key[];
  /** Fields that read rows further up in a tree. */
  readonly climbing: ReadonlySet<number>;
  /** What each row must fulfil, and is made again for when it doesn't. */
  readonly demands: readonly Demand[];
  /** How its rows lie among their owner's, when a parent decides them. */
  readonly spread?: Spread | undefined;
}

/** A foreign key at work. */
export interface Link {
  readonly name: string;
  /** The parent table's place in the document. */
  readonly table: number;
  /** Field numbers here, and of the parent, one for one. */
  readonly fields: readonly number[];
  readonly parentFields: readonly number[];
  /** Of each field: whether this key decides it. */
  readonly decides: readonly boolean[];
  /** The parent's key that it refers to. */
  readonly key: number;
  /** The parent's row for each row; -1 for none. */
  rowsOf(block: Block): Float64Array;
  /**
   * Of a tree, for each row: numbers which, those of all trees of the table added up, are less for a row's
   * parent than for the row, however it is drawn.
   */
  readonly order?: ((block: Block) => Float64Array) | undefined;
  /** "owner": parents repeat in order; "self": parents lie in the same table. */
  readonly mode: "owner" | "self" | "other";
  /** True when it can say -1. */
  readonly mayMiss: boolean;
}

export interface Engine {
  readonly tables: readonly CompiledTable[];
  /** Rows [first, first + count) of table number `table`, its place in the document. */
  block(table: number, first: number, count: number): Block;
  /** Any rows of a table, in any order. */
  blockOf(table: number, rows: Float64Array): Block;
  /** Rows as these draws make them, whether they keep the rules or not. */
  drawn(table: number, rows: Float64Array, draws: Float64Array): Block;
}

/**
 * Rows up to which a parent's columns are made once and kept, instead of again for every child: a
 * column is then at most 1 MiB, and copying a price costs a tenth of computing it. The bytes are the
 * same either way.
 */
const KEPT_ROWS = 131_072;

/**
 * `tables` may still be filled in when this is called, but not when a block is asked for. `remembering` is
 * the most bytes that a table may keep of how often its rows were made again, and as many of values in its
 * trees; any rows are the same for each.
 */
export function makeEngine(tables: readonly CompiledTable[], remembering: number): Engine {
  const wholes = new Map<number, Block>();
  const settlers = new Map<number, Settler>();
  const climbed = new Map<number, Climbed>();
  const makers: Makers = {
    tables,
    settler: (place) =>
      remembered(settlers, place, () =>
        makeSettler(tableAt(tables, place), remembering, (...drawn) => drawBlock(makers, place, ...drawn)),
      ),
    climbed: (place) =>
      remembered(climbed, place, () => {
        const { table, rows, climbing } = tableAt(tables, place);
        return knownValues(table.fields, climbing, rows, remembering);
      }),
    whole: (place) =>
      remembered(wholes, place, () =>
        keptBlock(keeping(() => makeBlock(makers, place, rowRange(0, tableAt(tables, place).rows)))),
      ),
  };
  return {
    tables,
    block: (table, first, count) => makeBlock(makers, table, rowRange(first, count)),
    blockOf: (table, rows) => makeBlock(makers, table, rows),
    drawn: (table, rows, draws) => drawBlock(makers, table, rows, draws),
  };
}

interface Makers {
  readonly tables: readonly CompiledTable[];
  /** All rows of a small table, with the columns asked for so far. */
  whole(place: number): Block;
  /** Of a table whose rows are made again. */
  settler(place: number): Settler;
  /** Of a table with a tree. */
  climbed(place: number): Climbed;
}

/** Rows as they will be written: those that break a rule at first are made again. */
function makeBlock(makers: Makers, place: number, rows: Float64Array): Block {
  const { demands, generators, links } = tableAt(makers.tables, place);
  const first = drawBlock(makers, place, rows, rows);
  if (demands.every(({ ofChildren }) => ofChildren)) return first;
  const settled = once(() => {
    const draws = makers.settler(place)(first);
    return draws === rows ? first : drawBlock(makers, place, rows, draws, first);
  });
  return {
    rows,
    get draws() {
      return settled().draws;
    },
    // A key is made from the row's number alone, so it never waits for the rules.
    column: (field) => (generators[field]?.rowOf ? first : settled()).column(field),
    parent: (key) => (links[key]?.mode === "owner" ? first : settled()).parent(key),
    missing: (key) => settled().missing(key),
    ordinals: () => first.ordinals(),
    shared: <T>(name: string, make: () => T): T => settled().shared(name, make),
  };
}

/** A block that outlives whoever asks, and with it all that is made of it later: its columns, and those of its parents. */
function keptBlock(block: Block): Block {
  const parents = new Map<number, Block>();
  return {
    rows: block.rows,
    get draws() {
      return keeping(() => block.draws);
    },
    column: (field) => keeping(() => block.column(field)),
    parent: (key) => remembered(parents, key, () => keptBlock(keeping(() => block.parent(key)))),
    missing: (key) => keeping(() => block.missing(key)),
    ordinals: () => keeping(() => block.ordinals()),
    shared: <T>(name: string, make: () => T): T => keeping(() => block.shared(name, make)),
  };
}

/**
 * Rows as these draws make them, whether they keep the rules or not. Where they stand at `places` of a block
 * that was drawn `before` (without places: are its rows), their owners are taken from there: no draw changes them.
 */
function drawBlock(
  makers: Makers,
  place: number,
  rows: Float64Array,
  draws: Float64Array,
  before?: Block,
  places?: Float64Array,
): Block {
  const { generators, links, spread } = tableAt(makers.tables, place);
  const columns = new Map<number, Column>();
  const parents = new Map<number, Block>();
  const parentRows = new Map<number, ParentRows>();
  const shared = new Map<string, unknown>();
  const rowsOf = (key: number) => remembered(parentRows, key, () => splitMissing(links[key] as Link, block));
  const parentBy = (key: number): Block => {
    const link = links[key] as Link;
    const { rows, missing } = rowsOf(key);
    // Nobody has this parent, and what lies under NULL is of no account: so ends the climb up a tree.
    if (missing?.every((isMissing) => isMissing === 1)) return drawBlock(makers, link.table, rows, rows);
    if (!before || link.mode !== "owner") return makeParent(makers, link, rows);
    return places ? viewBlock(before.parent(key), places) : before.parent(key);
  };
  const block: Block = {
    rows,
    draws,
    column: (field) => remembered(columns, field, () => (generators[field] as Generator).column(block)),
    parent: (key) => remembered(parents, key, () => parentBy(key)),
    missing: (key) => (links[key]?.mayMiss ? rowsOf(key).missing : undefined),
    ordinals: () => {
      if (!spread) throw new Error("No parent owns this table.");
      return block.shared("owner", () => spread.locate(rows)).ordinals;
    },
    shared: <T>(name: string, make: () => T): T => remembered(shared, name, make) as T,
  };
  return block;
}

interface ParentRows {
  readonly rows: Float64Array;
  readonly missing: Uint8Array | undefined;
}

/** Row numbers of parents, 0 where there is none, and which those are. */
function splitMissing(link: Link, block: Block): ParentRows {
  const rows = link.rowsOf(block);
  if (!link.mayMiss) return { rows, missing: undefined };
  const missing = new Uint8Array(rows.length);
  const found = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    missing[i] = row < 0 ? 1 : 0;
    found[i] = Math.max(row, 0);
  }
  return { rows: found, missing };
}

function makeParent(makers: Makers, { table, mode }: Link, rows: Float64Array): Block {
  const { rows: count } = tableAt(makers.tables, table);
  // A self reference climbs level by level: the whole table can't wait for itself.
  if (mode === "self") return climbedBlock(makers, table, rows);
  if (count === 0) return makeBlock(makers, table, rows);
  if (count <= KEPT_ROWS) return viewBlock(makers.whole(table), rows, rows);
  if (mode !== "owner") return makeBlock(makers, table, rows);
  const { distinct, places } = withoutRepeats(rows);
  return distinct.length === rows.length
    ? makeBlock(makers, table, rows)
    : viewBlock(makeBlock(makers, table, distinct), places, rows);
}

/** Rows above others in their tree, whose values are made once where they follow from rows still higher. */
function climbedBlock(makers: Makers, place: number, rows: Float64Array): Block {
  const block = makeBlock(makers, place, rows);
  const { climbing } = tableAt(makers.tables, place);
  if (climbing.size === 0) return block;
  const columns = new Map<number, Column>();
  const climb = (field: number) =>
    makers.climbed(place)(field, rows, (unknown) =>
      (unknown === rows ? block : makeBlock(makers, place, unknown)).column(field),
    );
  return {
    rows,
    get draws() {
      return block.draws;
    },
    column: (field) => (climbing.has(field) ? remembered(columns, field, () => climb(field)) : block.column(field)),
    parent: (key) => block.parent(key),
    missing: (key) => block.missing(key),
    ordinals: () => block.ordinals(),
    shared: <T>(name: string, make: () => T): T => block.shared(name, make),
  };
}

/** Row numbers that stand in runs, each once, and for each row its place among them. */
function withoutRepeats(rows: Float64Array): { distinct: Float64Array; places: Float64Array } {
  const distinct = new Float64Array(rows.length);
  const places = new Float64Array(rows.length);
  let last = -1;
  for (let i = 0; i < rows.length; i++) {
    if (last < 0 || rows[i] !== distinct[last]) distinct[++last] = rows[i] as number;
    places[i] = last;
  }
  return { distinct: distinct.subarray(0, last + 1), places };
}

function tableAt(tables: readonly CompiledTable[], place: number): CompiledTable {
  return tables[place] as CompiledTable;
}

function rowRange(first: number, count: number): Float64Array {
  const rows = newNumbers(count);
  for (let i = 0; i < count; i++) rows[i] = first + i;
  return rows;
}
