/**
 * What a line of CSV is made of: constant text, and cells that differ from row to row.
 *
 * All that can be known of a column before its rows are looked at is decided here, once a block:
 * which words are quoted, whether a cell of several parts needs quotes in every row, in none, or in
 * some. Commas, quotes and literals that are the same in every row become constant text.
 */

import { type Column, type Joined, type Numbers, withMissing } from "../column.ts";
import { doubleQuotes, EMPTY, encode, FORMULA_START, NEEDS_QUOTES, type Vocabulary } from "../vocabulary.ts";
import { makeSlotTable } from "./cells.ts";
import { numberPieces } from "./numbers.ts";
import { type Cells, type LongWords, type Piece, textPiece, wordCells } from "./piece.ts";

/** Bytes up to which every word of a vocabulary is given as many slots as the longest. */
const LONGEST_IN_SLOTS = 128;

/** The pieces of a line of these columns. */
export function linePieces(columns: readonly Column[], count: number, guard: boolean): Piece[] {
  const noNulls = new Uint8Array(count);
  return mergeTexts(
    columns.flatMap((column, c) => [
      ...cellPieces(column, noNulls, guard),
      textPiece(c === columns.length - 1 ? "\n" : ","),
    ]),
  );
}

function mergeTexts(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (piece.kind === "text" && last?.kind === "text") merged[merged.length - 1] = textPiece(last.text + piece.text);
    else merged.push(piece);
  }
  return merged;
}

function cellPieces(column: Column, noNulls: Uint8Array, guard: boolean): Piece[] {
  const nulls = column.nulls ?? noNulls;
  switch (column.kind) {
    case "numbers":
      return numberPieces(column, nulls);
    case "words":
      return [wordPiece(column.vocabulary, guard ? "guarded" : "whole", column.ids, nulls)];
    case "literal":
      return [textPiece(FORMS[guard ? "guarded" : "whole"](column.vocabulary, 0))];
    case "joined":
      return joinedPieces(column, noNulls, guard);
  }
}

/** How a vocabulary's words can stand in a line. */
const FORMS = {
  /** Inside a cell of several parts, whose quotes are not the word's. */
  part: ({ words }: Vocabulary, id: number) => doubleQuotes(words[id] as string),
  /** As a whole cell: quoted where it needs to be; the empty word is, to be told from NULL. */
  whole: ({ words, flags }: Vocabulary, id: number) => quoteWord(words[id] as string, flags[id] as number),
  /** The same, with ' before what a spreadsheet would run. */
  guarded: ({ words, flags }: Vocabulary, id: number) => {
    const own = flags[id] as number;
    return quoteWord((own & FORMULA_START ? "'" : "") + words[id], own);
  },
};
type Form = keyof typeof FORMS;

function quoteWord(word: string, flags: number): string {
  return flags & (NEEDS_QUOTES | EMPTY) ? `"${doubleQuotes(word)}"` : word;
}

function wordPiece(vocabulary: Vocabulary, form: Form, ids: Uint32Array, nulls: Uint8Array): Cells | LongWords {
  if (vocabulary.longest > LONGEST_IN_SLOTS) {
    const encoded = remembered(vocabulary, form, () => encode(textsOf(vocabulary, form)));
    return { kind: "long", ...encoded, ids, nulls };
  }
  const table = (suffix: string) => {
    return remembered(vocabulary, `${form} ${suffix}`, () => makeSlotTable(textsOf(vocabulary, form), suffix));
  };
  return wordCells(table, ids, nulls);
}

function textsOf(vocabulary: Vocabulary, form: Form): string[] {
  return vocabulary.words.map((_, id) => FORMS[form](vocabulary, id));
}

/** Made once for a vocabulary, and gone with it. */
function remembered<T>(vocabulary: Vocabulary, name: string, make: () => T): T {
  const known = made.get(vocabulary) ?? new Map<string, unknown>();
  made.set(vocabulary, known);
  const value = known.get(name) ?? make();
  known.set(name, value);
  return value as T;
}

const made = new WeakMap<Vocabulary, Map<string, unknown>>();

/** A cell of several parts, quoted when any part needs it or when all of them are empty. */
function joinedPieces(column: Joined, noNulls: Uint8Array, guard: boolean): Piece[] {
  const { parts, nulls } = column;
  const quotes = quotesOf(parts);
  const isGuarded = guard && mayStartFormula(parts, noNulls.length);
  if (!nulls && !isGuarded && quotes !== "some") {
    const quote = quotes === "all" ? [textPiece('"')] : [];
    return [...quote, ...parts.flatMap((part) => partPieces(part, noNulls)), ...quote];
  }
  const seen = readParts(column, noNulls.length);
  const quote = optionalText('"', seen, NEEDS_QUOTES | EMPTY);
  return [
    quote,
    ...(isGuarded ? [optionalText("'", seen, FORMULA_START)] : []),
    // Nothing is written where the whole cell is NULL.
    ...parts.flatMap((part) => partPieces(withMissing(part, nulls ?? noNulls, noNulls.length), noNulls)),
    quote,
  ];
}

type Part = Joined["parts"][number];

/** Whether all, none or some rows of a cell of these parts need quotes. */
function quotesOf(parts: readonly Part[]): "all" | "none" | "some" {
  const written = parts.filter((part) => !part.nulls);
  if (written.some((part) => part.kind !== "numbers" && part.vocabulary.allFlags & NEEDS_QUOTES)) return "all";
  // A cell without any text needs quotes too, to be told from NULL.
  const hasText = written.some((part) => part.kind === "numbers" || !(part.vocabulary.someFlags & EMPTY));
  const mayNeed = parts.some((part) => part.kind !== "numbers" && part.vocabulary.someFlags & NEEDS_QUOTES);
  return hasText && !mayNeed ? "none" : "some";
}

/** Whether a row may start as a formula does: no part behind the first that always has text matters. */
function mayStartFormula(parts: readonly Part[], count: number): boolean {
  for (const part of parts) {
    const isNumber = part.kind === "numbers";
    if (isNumber ? hasNegative(part, count) : part.vocabulary.someFlags & FORMULA_START) return true;
    if (!part.nulls && (isNumber || !(part.vocabulary.someFlags & EMPTY))) return false;
  }
  return false;
}

function hasNegative({ as, values }: Numbers, count: number): boolean {
  if (as !== "number") return false;
  for (let i = 0; i < count; i++) if ((values[i] as number) < 0) return true;
  return false;
}

/** A part without quotes of its own. */
function partPieces(part: Part, noNulls: Uint8Array): Piece[] {
  const nulls = part.nulls ?? noNulls;
  if (part.kind === "numbers") return numberPieces(part, nulls);
  if (part.kind === "literal") return [textPiece(FORMS.part(part.vocabulary, 0))];
  return [wordPiece(part.vocabulary, "part", part.ids, nulls)];
}

/** The text in the rows that have one of these flags. */
function optionalText(text: string, seen: Uint8Array, flags: number): Cells {
  const skips = seen.map((own) => (own & flags ? 0 : 1));
  return wordCells((suffix) => makeSlotTable([text], suffix), new Uint32Array(seen.length), skips);
}

/** The flags of each cell as one string: what any part needs, and how the first part with any text starts; 0 of NULL. */
function readParts({ parts, nulls }: Joined, count: number): Uint8Array {
  const seen = new Uint8Array(count).fill(EMPTY);
  for (const part of parts) {
    for (let i = 0; i < count; i++) {
      if (part.nulls?.[i] === 1) continue;
      const own = flagsAt(part, i);
      const before = seen[i] as number;
      seen[i] = before & EMPTY ? own | (before & NEEDS_QUOTES) : before | (own & NEEDS_QUOTES);
    }
  }
  return nulls ? seen.map((own, i) => (nulls[i] === 1 ? 0 : own)) : seen;
}

/** A negative number starts as a formula does. */
function flagsAt(part: Part, i: number): number {
  if (part.kind === "words") return part.vocabulary.flags[part.ids[i] as number] as number;
  if (part.kind === "literal") return part.vocabulary.flags[0] as number;
  return part.as === "number" && (part.values[i] as number) < 0 ? FORMULA_START : 0;
}
