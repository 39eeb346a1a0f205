/**
 * Checks every row that was made, on the values that will be written.
 *
 * Keys are checked by their inverse (values to row number), which needs no memory of other rows: a key
 * that leads back to its own row can't stand in another one, and a reference is an orphan when its
 * values lead to no row of the parent. Rules are the table's expressions and its fields' limits.
 */
import type { Checks } from "../dataset/chunk.ts";
import type { Column } from "./column.ts";
import type { CompiledTable, Engine } from "./engine.ts";
import type { Block } from "./kind.ts";
import type { Key } from "./relations/keys.ts";
import { brokenBy, outsideLimits } from "./rules.ts";

/** What is wrong in this block of a table, and how many rows break each rule or field's limits. */
export interface Found extends Checks {
  /** By the rule's or the field's name; those that nobody breaks are left out. */
  readonly broken: ReadonlyMap<string, number>;
}

/** Counts what is wrong; a NULL breaks no rule but `required`, and is no orphan. */
export function checkBlock(engine: Engine, compiled: CompiledTable, block: Block): Found {
  const broken = new Map<string, number>();
  countBroken(compiled, block, broken);
  countOutsideLimits(compiled, block, broken);
  return {
    orphans: countOrphans(engine, compiled, block),
    duplicateKeys: countDuplicates(compiled, block),
    brokenRules: [...broken.values()].reduce((sum, count) => sum + count, 0),
    broken,
  };
}

function countOrphans(engine: Engine, { links }: CompiledTable, block: Block): number {
  let orphans = 0;
  for (const link of links) {
    const parent = engine.tables[link.table] as CompiledTable;
    const columns = link.fields.map((field) => block.column(field));
    const nullable = columns.filter(({ nulls }) => nulls);
    const key = parent.keys[link.key] as Key;
    const found = rowsOf(
      key,
      key.fields.map((field) => columns[link.parentFields.indexOf(field)] as Column),
      block,
    );
    for (let i = 0; i < found.length; i++) {
      const row = found[i] as number;
      if (row >= 0 && row < parent.rows) continue;
      if (!nullable.some(({ nulls }) => nulls?.[i] === 1)) orphans++;
    }
  }
  return orphans;
}

function countDuplicates({ keys }: CompiledTable, block: Block): number {
  let duplicates = 0;
  for (const key of keys) {
    const found = rowsOf(
      key,
      key.fields.map((field) => block.column(field)),
      block,
    );
    for (let i = 0; i < found.length; i++) if (found[i] !== block.rows[i]) duplicates++;
  }
  return duplicates;
}

/** The row that each key stands for, whole columns at a time where the key can. */
function rowsOf(key: Key, columns: readonly Column[], { rows }: Block): Float64Array {
  if (key.rowsOf) return key.rowsOf(columns);
  const rowOf = key.rowOf(columns);
  const found = new Float64Array(rows.length);
  for (let i = 0; i < found.length; i++) found[i] = rowOf(i);
  return found;
}

/** Rules and the limits that generators may break: judged when the rows were made, and counted here. */
function countBroken({ demands }: CompiledTable, block: Block, broken: Map<string, number>): void {
  for (const [i, demand] of demands.entries()) add(broken, demand.name, countOnes(brokenBy(demand, i, block)));
}

/** All other limits, by the values themselves, although the generators keep them. */
function countOutsideLimits({ table, demands }: CompiledTable, block: Block, broken: Map<string, number>): void {
  const counted = new Set(demands.map(({ field }) => field));
  for (const [place, field] of table.fields.entries()) {
    if (!field.constraints && field.generator?.kind !== "text") continue;
    const column = block.column(place);
    if (!counted.has(place)) add(broken, field.name, countOnes(outsideLimits(field, column, block.rows.length)));
  }
}

function add(broken: Map<string, number>, name: string, found: number): void {
  if (found > 0) broken.set(name, (broken.get(name) ?? 0) + found);
}

function countOnes(marks: Uint8Array | undefined): number {
  let count = 0;
  if (marks) for (let i = 0; i < marks.length; i++) count += marks[i] as number;
  return count;
}
