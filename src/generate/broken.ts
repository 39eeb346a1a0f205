/**
 * What to say of rows that break a rule even after they were made again: which, how many, and why making
 * them again didn't help. Values that are dealt or made from the row's number (keys, people, shuffled
 * lists) stay as they are however often a row is drawn, so a rule over nothing else can't be mended so.
 */
import { type Column, cellAt } from "./column.ts";
import type { CompiledTable, Engine } from "./engine.ts";
import type { Block } from "./kind.ts";
import { BLOCK_ROWS } from "./reuse.ts";
import { brokenBy, type Demand, LANE, MOST_ATTEMPTS } from "./rules.ts";
import { remembered } from "./view.ts";

/** "fixed": no draw changes what is read; "children": no row is made again for them; "drawn": other draws didn't help. */
type Cause = "fixed" | "children" | "drawn";

const REMEDIES: Record<Cause, string> = {
  fixed:
    "and what it reads stays the same however often they are drawn (keys, people, companies, shuffled lists and constants do); restrict its generator instead",
  children: "and no row is made again for what its children are; restrict the children's generators instead",
  drawn: "however often they are drawn; loosen the rule, or choose generators that keep it more often",
};

/** Of rows [first, first + count) of table number `place`: the rules and fields that so many of them break, and what to do. */
export function tellBroken(
  engine: Engine,
  place: number,
  { first, count }: { first: number; count: number },
  broken: ReadonlyMap<string, number>,
): string {
  const found = new Map<Cause, string[]>();
  for (const [name, rows] of broken) {
    const cause = causeOf(engine, place, name, { first, count });
    const share = Number(((100 * rows) / count).toPrecision(2));
    found.set(cause, [...(found.get(cause) ?? []), `${name} by ${rows} of ${count} rows (${share} %)`]);
  }
  const told = [...found].map(([cause, names]) => `${names.join(", ")}, ${REMEDIES[cause]}`);
  return `${(engine.tables[place] as CompiledTable).table.name} breaks ${told.join("; and ")}.`;
}

/** By a row that breaks what is called so; the others mostly do so for the same cause. */
function causeOf(
  engine: Engine,
  place: number,
  name: string,
  { first, count }: { first: number; count: number },
): Cause {
  const { demands } = engine.tables[place] as CompiledTable;
  const called = [...demands.entries()].filter(([, demand]) => demand.name === name);
  for (let from = first; from < first + count; from += BLOCK_ROWS) {
    const block = engine.block(place, from, Math.min(BLOCK_ROWS, first + count - from));
    for (const [i, demand] of called) {
      const row = brokenBy(demand, i, block)?.indexOf(1) ?? -1;
      if (row < 0) continue;
      if (demand.ofChildren) return "children";
      return readsTheSame(demand, attemptsAt(engine, place, from + row)) ? "fixed" : "drawn";
    }
  }
  return "drawn";
}

/** One row as each of its attempts makes it. */
function attemptsAt(engine: Engine, place: number, row: number): Block {
  const rows = new Float64Array(MOST_ATTEMPTS + 1).fill(row);
  return engine.drawn(
    place,
    rows,
    rows.map((_, attempt) => row + attempt * LANE),
  );
}

/** Whether all rows of the block have the same values, of those that the demand reads. */
function readsTheSame(demand: Demand, block: Block): boolean {
  const read: Column[] = [];
  demand.broken(tracing(block, read));
  return read.every((column) => block.rows.every((_, i) => cellAt(column, i) === cellAt(column, 0)));
}

/** The block, with the columns that are read of it and of its parents put on a list. */
function tracing(block: Block, read: Column[]): Block {
  const shared = new Map<string, unknown>();
  return {
    rows: block.rows,
    draws: block.draws,
    column: (field) => {
      const column = block.column(field);
      read.push(column);
      return column;
    },
    parent: (key) => tracing(block.parent(key), read),
    missing: (key) => block.missing(key),
    ordinals: () => block.ordinals(),
    shared: <T>(name: string, make: () => T): T => remembered(shared, name, make) as T,
  };
}
