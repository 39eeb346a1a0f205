/** A block that looks at some places of another, in any order and with repeats: nothing is made twice. */
import { type Column, takeRows } from "./column.ts";
import type { Block } from "./kind.ts";
import { newNumbers } from "./reuse.ts";

/** The block of these places of another; `rows` are the row numbers there, for callers that have them. */
export function viewBlock(of: Block, places: Float64Array, rows = take(of.rows, places)): Block {
  const columns = new Map<number, Column>();
  const parents = new Map<number, Block>();
  const shared = new Map<string, unknown>();
  return {
    rows,
    get draws() {
      return of.draws === of.rows ? rows : take(of.draws, places);
    },
    ordinals: () => take(of.ordinals(), places),
    column: (field) => remembered(columns, field, () => takeRows(of.column(field), places)),
    parent: (key) => remembered(parents, key, () => viewBlock(of.parent(key), places)),
    missing: (key) => {
      const missing = of.missing(key);
      return missing && Uint8Array.from(places, (place) => missing[place] as number);
    },
    shared: <T>(name: string, make: () => T): T => remembered(shared, name, make) as T,
  };
}

function take(from: Float64Array, places: Float64Array): Float64Array {
  const taken = newNumbers(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = from[places[i] as number] as number;
  return taken;
}

/** What is known under this key, made on first use. */
export function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

/** What a step gives, made on first use. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
