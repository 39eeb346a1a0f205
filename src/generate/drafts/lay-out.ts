/**
 * What a model is to be asked for a group of text fields: a line of JSON for each text, with the values
 * that its prompt mentions.
 *
 * In a small table a line is a row. In a large one it is an exemplar: the values that have few different
 * ones (a category, a rating) are those of a row, and exemplars are shared out over their combinations as
 * often as these come; the others stand as {{slots}}, which rows fill with values of their own.
 */
import type { DraftGroup } from "../../dataset/pool.ts";
import type { Field } from "../../dataset/schema.ts";
import { type Cell, type Column, cellAt } from "../column.ts";
import type { CompiledTable, Engine } from "../engine.ts";
import type { Generator, Mention } from "../kind.ts";
import { keyOf } from "./drafted.ts";
import { maxCharsOf } from "./groups.ts";
import { type Style, styleOf } from "./style.ts";

/** Most different values of what exemplars are matched by; more become slots. */
const FEW = 64;

/** Rows that are looked at for what combinations come, and how often. */
const SAMPLE_ROWS = 16_384;

/** A text to be asked for. */
export interface Item {
  /** Its number in the group, 0-based: what the model knows it by. */
  readonly i: number;
  readonly row: number;
  readonly key: string;
  /** By path: what the prompt mentions. */
  readonly attributes: Readonly<Record<string, Cell>>;
  readonly style: Style;
}

/** All that is to be asked for a group. */
export interface Draft {
  readonly group: DraftGroup;
  readonly fields: readonly Field[];
  readonly by: readonly string[];
  readonly slots: readonly string[];
  readonly items: readonly Item[];
}

/**
 * Lays out a group; the engine has the pools of the groups before it. The same for every worker. Where
 * each row has its own text, `own` may say which rows are wanted, by default all.
 */
export function layOut(engine: Engine, seed: number, group: DraftGroup, own?: readonly number[]): Draft {
  const place = engine.tables.findIndex(({ table }) => table.name === group.table);
  const compiled = engine.tables[place] as CompiledTable;
  const numbers = group.fields.map((name) => compiled.table.fields.findIndex((field) => field.name === name));
  const fields = numbers.map((number) => compiled.table.fields[number] as Field);
  const mentions = mentionsOf(
    numbers.map((number) => compiled.generators[number] as Generator),
    group.fields,
  );
  const style = styleOf(seed, `${group.table} draft ${group.fields[0]}`, fields.map(maxCharsOf));
  const { by, rows } =
    group.mode === "rows"
      ? { by: mentions, rows: own ?? Array.from({ length: compiled.rows }, (_, row) => row) }
      : shareOut(engine, place, group.texts, mentions);
  const slots = mentions.filter((mention) => !by.includes(mention)).map(({ path }) => path);
  const block = engine.blockOf(place, Float64Array.from(rows));
  const columns = by.map(({ reader }) => reader.column(block));
  const isOwn = group.mode === "rows";
  const items = rows.map((row, i): Item => {
    const values = by.map(({ path }, k): [string, Cell] => [path, cellAt(columns[k] as Column, i)]);
    const attributes = Object.fromEntries([...values, ...slots.map((path) => [path, `{{${path}}}`])]);
    return { i, row, key: isOwn ? "" : keyOf(columns, i), attributes, style: style(isOwn ? row : i) };
  });
  return { group, fields, by: isOwn ? [] : by.map(({ path }) => path), slots, items };
}

/** What the group's prompts mention, each once, but for its own fields: those come with the same answer. */
function mentionsOf(generators: readonly Generator[], own: readonly string[]): Mention[] {
  const all = new Map(generators.flatMap(({ mentions = [] }) => mentions.map((mention) => [mention.path, mention])));
  return [...all.values()].filter(({ path }) => !own.includes(path));
}

/** The rows that exemplars are written for, and what other rows must share with one to have its text. */
function shareOut(
  engine: Engine,
  place: number,
  count: number,
  mentions: readonly Mention[],
): { by: Mention[]; rows: number[] } {
  const by = fewest(mentions, count / 2);
  const block = engine.blockOf(place, sampleRows((engine.tables[place] as CompiledTable).rows));
  const columns = by.map(({ reader }) => reader.column(block));
  const alike = Map.groupBy(block.rows.keys(), (i) => keyOf(columns, i));
  const shares = apportion(
    [...alike.values()].map(({ length }) => length),
    count,
  );
  const rows = [...alike.values()].flatMap((places, n) => {
    const share = shares[n] as number;
    return Array.from({ length: share }, (_, k) => block.rows[places[k % places.length] as number] as number);
  });
  return { by, rows };
}

/** Mentions with few values, the fewest first, as long as there are no more combinations than `most`. */
function fewest(mentions: readonly Mention[], most: number): Mention[] {
  const sized = mentions.map((mention) => ({ mention, size: sizeOf(mention) })).filter(({ size }) => size <= FEW);
  sized.sort((a, b) => a.size - b.size);
  let combinations = 1;
  const kept = sized.filter(({ size }) => {
    if (combinations * size > most) return false;
    combinations *= size;
    return true;
  });
  return mentions.filter((mention) => kept.some((own) => own.mention === mention));
}

/** How many different values there are, when that is known and of a kind that repeats. */
function sizeOf({ reader: { field, vocabulary, bounds } }: Mention): number {
  if (vocabulary) return vocabulary.words.length;
  if (field.type === "boolean") return 2;
  return bounds ? bounds.high - bounds.low + 1 : Number.POSITIVE_INFINITY;
}

/** All rows of a small table, else some from everywhere in it. */
function sampleRows(rows: number): Float64Array {
  const count = Math.min(rows, SAMPLE_ROWS);
  return Float64Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/**
 * `total` shared out in proportion to `weights` by largest remainders (Hamilton's method), but at least 1
 * each: what that takes beyond the total is added to it.
 */
function apportion(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (weight * total) / sum);
  const shares = exact.map((share) => Math.max(1, Math.floor(share)));
  let left = total - shares.reduce((all, share) => all + share, 0);
  const order = [...exact.keys()].sort((a, b) => rest(exact, b) - rest(exact, a) || a - b);
  for (const place of order) {
    if (left <= 0) break;
    shares[place] = (shares[place] as number) + 1;
    left--;
  }
  return shares;
}

const rest = (exact: readonly number[], place: number): number => (exact[place] as number) % 1;
