/**
 * Text that a model wrote, read from its pool by address.
 *
 * A row of a small table has its own entry; a row of a large one draws among the entries that are alike
 * in the values that the prompt mentions, and {{slots}} in them are filled from the row. Where there is
 * no entry, or a slot's value is NULL, the cell is what its fallback would have made without a model.
 */
import { type FallbackReason, fallbackReason } from "../../dataset/fallback.ts";
import { ORIGINS, type Pool } from "../../dataset/pool.ts";
import type { SchemaDocument, Table } from "../../dataset/schema.ts";
import { type Column, cellAt } from "../column.ts";
import { piecesOf } from "../holes.ts";
import type { Block, Drafted, FieldContext, Generator, Reader } from "../kind.ts";
import { mergeColumns, type Part, within } from "../merge.ts";
import { below } from "../random.ts";
import { limitsOfText } from "../rules.ts";
import { makeVocabulary } from "../vocabulary.ts";
import { isText } from "./groups.ts";

/** Each field's part of its pool, by "table.field". */
export function draftedFields(schema: SchemaDocument, pools: readonly Pool[]): Map<string, Drafted> {
  return new Map(
    pools.flatMap((pool) => {
      const table = schema.tables.find(({ name }) => name === pool.table) as Table;
      const ruled = ruledTexts(table);
      return pool.fields.map((field, place): [string, Drafted] => {
        return [`${pool.table}.${field}`, { pool, place, isRuled: ruled.has(field) }];
      });
    }),
  );
}

/** The text fields that a rule of their table hangs on, by itself or through other fields. A word of the same name is enough. */
function ruledTexts({ fields, rules = [] }: Table): Set<string> {
  const sources = new Map(fields.map(({ name, generator }) => [name, JSON.stringify(generator ?? {})]));
  const names = (source: string, name: string) => new RegExp(`\\b${name}\\b`).test(source);
  const reached = new Set<string>();
  const follow = (source: string) => {
    for (const { name } of fields) {
      if (reached.has(name) || !names(source, name)) continue;
      reached.add(name);
      follow(sources.get(name) as string);
    }
  };
  for (const { expr } of rules) follow(expr);
  return new Set(fields.filter((field) => isText(field) && reached.has(field.name)).map(({ name }) => name));
}

/** What rows and exemplars are matched by: their values of the pool's `by` paths. */
export function keyOf(columns: readonly Column[], i: number): string {
  return columns.length === 0 ? "" : JSON.stringify(columns.map((column) => cellAt(column, i)));
}

/** A cell's entry, or why it has none. */
interface Cells {
  /** Places in the pool's entries; -1 for none. */
  readonly entries: Int32Array;
  /** Places in ORIGIN_NAMES. */
  readonly origins: Uint8Array;
  /** The rows' own texts, where entries have slots. */
  readonly filled: readonly (string | undefined)[];
}

/** Throws GeneratorFault for a path that the schema has no more. */
export function draftedText(
  { pool, place, isRuled }: Drafted,
  context: FieldContext,
  maxChars: number,
  fallback: Generator["column"],
): Pick<Generator, "column" | "origins"> {
  const pieces = pool.entries.map(({ texts }) => piecesOf(texts[place] as string));
  const vocabulary = makeVocabulary(pieces.map((own) => (own.length === 1 ? (own[0] as string) : "")));
  const slots = new Map(pool.slots.map((path): [string, Reader] => [path, context.reader(path)]));
  const entriesOf = entryFinder(pool, context);
  const keepsLimits = limitsOfText(context.field);
  const cellsOf = (block: Block): Cells =>
    block.shared(`text ${context.field.name}`, () => {
      const { entries, reasons } = entriesOf(block);
      const cells = { entries: entries.slice(), origins: new Uint8Array(entries.length), filled: [] as string[] };
      const columns = new Map<string, Column>();
      const columnOf = (path: string) => {
        const column = columns.get(path) ?? (slots.get(path) as Reader).column(block);
        columns.set(path, column);
        return column;
      };
      for (let i = 0; i < entries.length; i++) {
        let reason = reasons(i);
        const own = pieces[entries[i] as number];
        if (own && own.length > 1) {
          const written = own.map((piece, k) => (k % 2 === 0 ? piece : cellAt(columnOf(piece), i)));
          const text = written.join("");
          cells.filled[i] = text;
          // Nothing to say leaves a hole in the sentence.
          if (written.includes(null)) reason = "null-slot";
          else if (text.length > maxChars) reason = "too-long";
          // Drawn again, the row would have other values, but a text that breaks its limits as likely as before.
          else if (!keepsLimits(text)) reason = "constraint";
        }
        if (isRuled && block.draws[i] !== block.rows[i]) reason = "rule";
        if (reason) cells.entries[i] = -1;
        cells.origins[i] = originOf(pool, entries[i] as number, reason);
      }
      return cells;
    });
  const column = (block: Block): Column => {
    const { entries, filled } = cellsOf(block);
    const parts = [
      partOf(
        entries,
        (entry, i) => entry >= 0 && filled[i] === undefined,
        (places) => {
          return { kind: "words", vocabulary, ids: Uint32Array.from(places, (i) => entries[i] as number) };
        },
      ),
      partOf(
        entries,
        (entry, i) => entry >= 0 && filled[i] !== undefined,
        (places) => {
          return wordsOf(Array.from(places, (i) => filled[i] as string));
        },
      ),
      partOf(
        entries,
        (entry) => entry < 0,
        (places) => fallback(within(block, places)),
      ),
    ];
    return mergeColumns(
      parts.filter(({ places }) => places.length > 0),
      entries.length,
      { kind: "joined" },
    );
  };
  return { column, origins: (block) => cellsOf(block).origins };
}

function partOf(
  entries: Int32Array,
  isOf: (entry: number, i: number) => boolean,
  make: (places: Float64Array) => Column,
): Part {
  const found: number[] = [];
  for (let i = 0; i < entries.length; i++) if (isOf(entries[i] as number, i)) found.push(i);
  const places = Float64Array.from(found);
  return { places, column: found.length > 0 ? make(places) : NO_COLUMN };
}

const NO_COLUMN: Column = { kind: "literal", vocabulary: makeVocabulary([""]) };

function wordsOf(texts: readonly string[]): Column {
  const ids = new Map<string, number>();
  for (const text of texts) if (!ids.has(text)) ids.set(text, ids.size);
  return {
    kind: "words",
    vocabulary: makeVocabulary([...ids.keys()]),
    ids: Uint32Array.from(texts, (text) => ids.get(text) as number),
  };
}

interface Found {
  readonly entries: Int32Array;
  /** Why row `i` of the block has no entry; undefined when it has one. */
  reasons(i: number): FallbackReason | undefined;
}

/** Finds each row's entry; the same for all fields of the pool, which share an answer. */
function entryFinder(pool: Pool, context: FieldContext): (block: Block) => Found {
  const refused = new Map(pool.refused.map(({ row, reason }) => [row, reason]));
  const name = `draft ${pool.fields[0]}`;
  if (pool.mode === "rows") {
    const entryOf = new Map(pool.entries.map(({ row }, entry) => [row, entry]));
    return ({ rows }) => {
      const entries = Int32Array.from(rows, (row) => entryOf.get(row) ?? -1);
      const reasons = (i: number) =>
        (entries[i] as number) < 0 ? (refused.get(rows[i] as number) ?? "not-answered") : undefined;
      return { entries, reasons };
    };
  }
  const stream = context.tableStream(name);
  const by = pool.by.map((path) => context.reader(path));
  const alike = Map.groupBy(pool.entries.keys(), (entry) => pool.entries[entry]?.key as string);
  return (block) =>
    block.shared(name, () => {
      const columns = by.map((reader) => reader.column(block));
      const entries = Int32Array.from(block.draws, (draw, i) => {
        const choices = alike.get(keyOf(columns, i));
        return choices ? (choices[below(stream, draw, choices.length)] as number) : -1;
      });
      return { entries, reasons: (i) => ((entries[i] as number) < 0 ? "no-exemplar" : undefined) };
    });
}

function originOf(pool: Pool, entry: number, reason: FallbackReason | undefined): number {
  if (reason) return ORIGINS.length + fallbackReason.options.indexOf(reason);
  if (pool.isReused) return ORIGINS.indexOf("cache");
  if (pool.mode === "exemplars") return ORIGINS.indexOf("pool");
  return ORIGINS.indexOf(pool.entries[entry]?.origin as "model" | "repaired");
}
