/**
 * What making a value waits for, noted while fields and rules are compiled.
 *
 * A row that breaks a rule is made again, so whoever reads it waits until its rules hold. That goes
 * along foreign keys from child to parent; were two tables' rules to wait for each other, neither
 * would ever be settled. A rule over a row's children is different: children lie by their parent and
 * follow from it, so no row is made again for it, and it is checked only.
 */
import type { Fault } from "../dataset/errors.ts";

export interface Awaits {
  /** True when the rows of children are read. */
  ofChildren: boolean;
  /** True when rows further up in the row's own tree are read. */
  climbs: boolean;
  /** Tables, by place, whose rules must hold first. */
  readonly tables: Set<number>;
  /** True when a field with a fault is read: its type is known, but nothing else can come of it. */
  isBroken: boolean;
}

/** Notes of what is being compiled, innermost last. */
export type Notes = Awaits[];

/** Runs a step and tells what it has noted; whoever asked for it is not told yet. */
export function noting<T>(notes: Notes, step: () => T): { value: T; awaits: Awaits } {
  const awaits: Awaits = { ofChildren: false, climbs: false, tables: new Set(), isBroken: false };
  notes.push(awaits);
  try {
    return { value: step(), awaits };
  } finally {
    notes.pop();
  }
}

/** Adds to the notes of what is being compiled now. */
export function note(
  notes: Notes,
  {
    ofChildren = false,
    climbs = false,
    tables = [],
    isBroken = false,
  }: { ofChildren?: boolean; climbs?: boolean; tables?: Iterable<number>; isBroken?: boolean },
): void {
  const top = notes.at(-1);
  if (!top) return;
  top.ofChildren ||= ofChildren;
  top.climbs ||= climbs;
  top.isBroken ||= isBroken;
  for (const table of tables) top.tables.add(table);
}

/** A circle of tables whose rules wait for each other, as a fault of the first table's rules; undefined without one. */
export function findCircle(
  awaited: readonly ReadonlySet<number>[],
  nameOf: (table: number) => string,
): Fault | undefined {
  const settled = new Set<number>();
  const visit = (table: number, path: readonly number[]): number[] | undefined => {
    if (path.includes(table)) return [...path.slice(path.indexOf(table)), table];
    if (settled.has(table)) return undefined;
    for (const next of awaited[table] ?? []) {
      const circle = visit(next, [...path, table]);
      if (circle) return circle;
    }
    settled.add(table);
    return undefined;
  };
  for (const table of awaited.keys()) {
    const circle = visit(table, []);
    if (!circle) continue;
    const names = circle.map(nameOf).join(" -> ");
    const message = `Rules depend on rows that depend on the rules again: ${names}. Break the circle.`;
    return { pointer: `/tables/${circle[0]}/rules`, code: "circular", message };
  }
  return undefined;
}
