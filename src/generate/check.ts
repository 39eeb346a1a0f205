/**
 * Checks every row that was made, on the values that will be written.
 *
 * Keys are checked by their left inverse (value → row number), which needs no memory of other rows:
 * a key that leads back to its own row can't stand in another one, and a reference is an orphan when
 * its value leads to no row of the parent. Rules are the table's expressions and its fields' limits.
 */
import type { Checks } from "../dataset/chunk.ts";
import { type Field, scaleOf } from "../dataset/schema.ts";
import { type Column, cellAt, type Numbers } from "./column.ts";
import { keysOf } from "./compile.ts";
import type { CompiledTable, Engine } from "./engine.ts";
import type { Block, Generator } from "./kind.ts";
import { toNumber, unitsFrom, unitsTo } from "./values.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What is wrong in this block of a table; a NULL breaks no rule but `required`. */
export function checkBlock(engine: Engine, compiled: CompiledTable, block: Block): Checks {
  return {
    orphans: countOrphans(engine, compiled, block),
    duplicateKeys: countDuplicates(compiled, block),
    brokenRules: countBrokenRules(compiled, block) + countOutsideLimits(compiled, block),
  };
}

function countOrphans(engine: Engine, { parents }: CompiledTable, block: Block): number {
  let orphans = 0;
  for (const { table, keyField, field } of parents) {
    const parent = engine.tables[table] as CompiledTable;
    const { rowOf } = parent.generators[keyField] as Required<Generator>;
    const column = block.column(field);
    for (let i = 0; i < block.rows.length; i++) {
      if (column.nulls?.[i]) continue;
      const row = rowOf(column, i);
      if (!(row >= 0 && row < parent.table.rows)) orphans++;
    }
  }
  return orphans;
}

function countDuplicates({ table, generators }: CompiledTable, block: Block): number {
  let duplicates = 0;
  for (const { field: name } of keysOf(table)) {
    const field = table.fields.findIndex((candidate) => candidate.name === name);
    const { rowOf } = generators[field] as Required<Generator>;
    const column = block.column(field);
    for (let i = 0; i < block.rows.length; i++) {
      if (rowOf(column, i) !== block.rows[i]) duplicates++;
    }
  }
  return duplicates;
}

function countBrokenRules({ rules }: CompiledTable, block: Block): number {
  let broken = 0;
  for (const { expression } of rules) {
    const { values, nulls } = expression.column(block) as Numbers;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0 && !nulls?.[i]) broken++;
    }
  }
  return broken;
}

function countOutsideLimits({ table }: CompiledTable, block: Block): number {
  let outside = 0;
  for (const [place, field] of table.fields.entries()) {
    const column = block.column(place);
    for (const isBroken of limitsOf(field, column)) {
      for (let i = 0; i < block.rows.length; i++) {
        if (isBroken(i)) outside++;
      }
    }
  }
  return outside;
}

/** The field's limits that this column could break at all. */
function limitsOf(field: Field, column: Column): ((i: number) => boolean)[] {
  const { required, minimum, maximum, enum: allowed, maxLength } = field.constraints ?? {};
  const limits: ((i: number) => boolean)[] = [];
  const { nulls } = column;
  if (required && nulls) limits.push((i) => nulls[i] === 1);
  if (column.kind === "numbers") {
    const { values } = column;
    const low = minimum === undefined ? Number.NEGATIVE_INFINITY : limitOf(field, minimum, unitsFrom);
    const high = maximum === undefined ? Number.POSITIVE_INFINITY : limitOf(field, maximum, unitsTo);
    const isIn = allowed && new Set(allowed.map((value) => toNumber(field, value)));
    if (minimum !== undefined || maximum !== undefined) {
      limits.push((i) => !nulls?.[i] && ((values[i] as number) < low || (values[i] as number) > high));
    }
    if (isIn) limits.push((i) => !nulls?.[i] && !isIn.has(values[i] as number));
  } else if (column.kind === "words" && allowed) {
    const bad = wordsOutside(column.vocabulary, allowed.map(String));
    if (bad.includes(1)) limits.push((i) => !nulls?.[i] && bad[column.ids[i] as number] === 1);
  } else if (allowed) {
    limits.push((i) => !nulls?.[i] && !allowed.map(String).includes(String(cellAt(column, i))));
  }
  const characters = maxLength ?? (field.generator?.kind === "text" ? field.generator.maxChars : undefined);
  if (typeof characters === "number" && mostBytes(column) > characters) {
    limits.push((i) => String(cellAt(column, i) ?? "").length > characters);
  }
  return limits;
}

function limitOf(field: Field, limit: string | number, round: typeof unitsFrom): number {
  return typeof limit === "number" ? round(limit, scaleOf(field)) : toNumber(field, limit);
}

function wordsOutside(vocabulary: Vocabulary, allowed: readonly string[]): Uint8Array {
  return Uint8Array.from(vocabulary.words, (word) => (allowed.includes(word) ? 0 : 1));
}

/** An upper bound of the characters of any cell: a character is at least one byte. */
function mostBytes(column: Column): number {
  if (column.kind === "numbers") return 18;
  return column.kind === "joined"
    ? column.parts.reduce((sum, part) => sum + mostBytes(part), 0)
    : column.vocabulary.longest;
}
