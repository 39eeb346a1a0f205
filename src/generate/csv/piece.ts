/** The pieces that a line of CSV is made of, before they have their places in the page. */

import type { Encoded } from "../vocabulary.ts";
import { type Fill, fillWords, type SlotTable } from "./cells.ts";

export type Piece = Text | Cells | LongWords;

/** The same text in every row. */
export interface Text {
  readonly kind: "text";
  readonly text: string;
}

export interface Cells {
  readonly kind: "cells";
  /** The loop that writes them, each followed by `suffix`, and how many slots a cell takes. */
  readonly cells: (suffix: string) => { readonly fill: Fill; readonly width: number };
  /** What may be asked for as suffix; other text becomes a piece of its own. */
  readonly takes: (suffix: string) => boolean;
}

/** Words too long for slots, copied one by one. */
export interface LongWords extends Encoded {
  readonly kind: "long";
  readonly ids: Uint32Array;
  readonly nulls: Uint8Array;
}

export function textPiece(text: string): Text {
  return { kind: "text", text };
}

/** Only what stands between cells, and at most three bytes of it: a table is kept for each suffix. */
export function isSyntax(text: string): boolean {
  return /^[",\n]{0,3}$/.test(text);
}

/** Words of the table that is made for a suffix. */
export function wordCells(tableOf: (suffix: string) => SlotTable, ids: Uint32Array, nulls: Uint8Array): Cells {
  const cells = (suffix: string) => {
    const table = tableOf(suffix);
    return { width: table.width, fill: fillWords(table, ids, nulls) };
  };
  return { kind: "cells", cells, takes: isSyntax };
}
