/**
 * CSV, written as bytes: RFC 4180, UTF-8, LF, NULL empty and the empty string `""`.
 *
 * A line is a series of constant texts and cells (`pieces.ts`). The cells are written a column at
 * a time into a page of lines (`cells.ts`), whose slots are then joined (`page.ts`); no string is
 * ever built. What CSV *is* here is defined by csv-stringify in `reference.ts`; a property test
 * holds the two equal.
 */

import type { Column } from "../column.ts";
import { COMFORTABLE_SLOTS, type Fill, fillText, joinSlots, makeSlotTable, PAGE_SLOTS, type Place } from "./cells.ts";
import type { LongWords, Piece } from "./piece.ts";
import { linePieces } from "./pieces.ts";
import { stringifyRows } from "./reference.ts";

/** A growing byte buffer; what is read of it is a view that the next write may overwrite. */
export interface Output {
  buffer: Uint8Array;
  length: number;
}

export function makeOutput(capacityBytes: number): Output {
  return { buffer: new Uint8Array(capacityBytes), length: 0 };
}

/** Appends `count` rows of these columns. `formulaGuard` prefixes ' to strings a spreadsheet would run. */
export function writeRows(output: Output, columns: readonly Column[], count: number, formulaGuard: boolean): void {
  const layout = layOut(linePieces(columns, count, formulaGuard));
  const { width, fills, longs } = layout;
  if (width > PAGE_SLOTS) {
    append(output, new TextEncoder().encode(stringifyRows(columns, count, formulaGuard)));
    return;
  }
  const pageLines = Math.max(1, Math.floor(COMFORTABLE_SLOTS / width));
  for (let first = 0; first < count; first += pageLines) {
    const lines = Math.min(pageLines, count - first);
    for (const { fill, place } of fills) fill(place, first, lines);
    if (longs.length === 0) append(output, joinSlots(0, lines * width));
    else for (let n = 0; n < lines; n++) appendLine(output, layout, n, first + n);
  }
}

/** How a line lies in the page. */
interface Layout {
  /** Slots of a line. */
  readonly width: number;
  readonly fills: readonly { fill: Fill; place: Place }[];
  /** Words too long for slots, with the slot of the line before which they stand. */
  readonly longs: readonly { slot: number; words: LongWords }[];
}

function layOut(pieces: readonly Piece[]): Layout {
  const fills: { fill: Fill; slot: number; width: number }[] = [];
  const longs: { slot: number; words: LongWords }[] = [];
  let width = 0;
  const add = (cells: { fill: Fill; width: number }) => {
    fills.push({ ...cells, slot: width });
    width += cells.width;
  };
  for (const [p, piece] of pieces.entries()) {
    if (piece.kind === "long") longs.push({ slot: width, words: piece });
    if (piece.kind === "cells") add(piece.cells(suffixAfter(pieces, p)));
    if (piece.kind === "text" && !isSuffix(pieces, p)) add(textCells(piece.text));
  }
  const placed = fills.map(({ fill, ...cells }) => ({ fill, place: { ...cells, stride: width } }));
  return { width, fills: placed, longs };
}

/** The text after a cell, when it is written with the cell. */
function suffixAfter(pieces: readonly Piece[], p: number): string {
  const next = pieces[p + 1];
  return next?.kind === "text" && isSuffix(pieces, p + 1) ? next.text : "";
}

function isSuffix(pieces: readonly Piece[], p: number): boolean {
  const before = pieces[p - 1];
  const piece = pieces[p];
  return before?.kind === "cells" && piece?.kind === "text" && before.takes(piece.text);
}

function textCells(text: string): { fill: Fill; width: number } {
  const table = makeSlotTable([], text);
  return { width: table.width, fill: fillText(table) };
}

/** A line with long words: the slots up to each, then the word. */
function appendLine(output: Output, { width, longs }: Layout, n: number, row: number): void {
  let from = n * width;
  for (const { slot, words } of longs) {
    append(output, joinSlots(from, n * width + slot));
    from = n * width + slot;
    if (words.nulls[row] === 0) {
      const id = words.ids[row] as number;
      append(output, words.bytes.subarray(words.starts[id], words.starts[id + 1]));
    }
  }
  append(output, joinSlots(from, (n + 1) * width));
}

function append(output: Output, bytes: Uint8Array): void {
  const needed = output.length + bytes.length;
  if (needed > output.buffer.length) {
    const larger = new Uint8Array(Math.max(needed, output.buffer.length * 1.5));
    larger.set(output.buffer.subarray(0, output.length));
    output.buffer = larger;
  }
  output.buffer.set(bytes, output.length);
  output.length = needed;
}
