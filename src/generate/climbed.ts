/**
 * Values of rows that stand above others in a tree, each made once.
 *
 * A field that reads itself further up climbs to the root for every row, and a row that is drawn again
 * climbs again at every attempt. Where rows are settled from the root down, the values above are known
 * already, and a climb ends at the first of them. A value follows from the row alone, so what is forgotten
 * comes out the same again, and memory has a bound. Text is not remembered: its columns have no one form.
 */
import { type Field, scaleOf } from "../dataset/schema.ts";
import type { Column, Numbers } from "./column.ts";
import { newNumbers } from "./reuse.ts";
import { remembered } from "./view.ts";

/** The column of a field for these rows; `make` makes it for those whose values are not known. */
export type Climbed = (field: number, rows: Float64Array, make: (unknown: Float64Array) => Column) => Column;

/** A number, and which row it belongs to. */
const SLOT_BYTES = 12;
const MOST_ROWS = 2 ** 32 - 1;

/** Rows made at a time. */
const PIECE_ROWS = 4_096;

/** What is known of a field: the latest row of each slot, which is its number modulo theirs. */
interface Known {
  /** One more than the row, 0 for none. */
  readonly rows: Uint32Array;
  /** NaN for NULL. */
  readonly values: Float64Array;
}

/**
 * Remembers numbers of a table, in so many bytes were all its fields asked for. A level with no more rows than
 * a field has slots is remembered whole: only larger ones, of which there are few, are climbed again.
 */
export function knownValues(
  fields: readonly Field[],
  climbing: ReadonlySet<number>,
  rows: number,
  bytes: number,
): Climbed {
  const forms = fields.map((field, place) => (climbing.has(place) ? formOf(field) : undefined));
  const share = bytes / (SLOT_BYTES * forms.filter((form) => form).length);
  const slots =
    rows > MOST_ROWS || share < 1 ? 0 : 2 ** Math.min(Math.ceil(Math.log2(rows)), Math.floor(Math.log2(share)));
  const known = new Map<number, Known>();
  return (field, asked, make) => {
    const form = forms[field];
    if (slots === 0 || !form) return make(asked);
    const own = remembered(known, field, () => ({ rows: new Uint32Array(slots), values: new Float64Array(slots) }));
    const { values, unknown } = recall(own, asked);
    if (unknown.length > 0) {
      // From the root down, so that what is made of one piece is known for the next.
      if (unknown.length > PIECE_ROWS) unknown.sort((a, b) => (asked[a] as number) - (asked[b] as number));
      for (let from = 0; from < unknown.length; from += PIECE_ROWS) {
        const rows = new Float64Array(Math.min(PIECE_ROWS, unknown.length - from));
        for (let i = 0; i < rows.length; i++) rows[i] = asked[unknown[from + i] as number] as number;
        const made = make(rows) as Numbers;
        remember(own, rows, made);
        for (let i = 0; i < rows.length; i++) values[unknown[from + i] as number] = numberAt(made, i);
      }
    }
    return { ...form, values, nulls: takeNulls(values) };
  };
}

/** What columns of a field look like; undefined for text. */
function formOf(field: Field): Pick<Numbers, "kind" | "as" | "scale"> | undefined {
  const { type } = field;
  if (type === "string" || type === "uuid") return undefined;
  return { kind: "numbers", as: type === "integer" ? "number" : type, scale: scaleOf(field) };
}

/** What is known of these rows, and the places of those of which nothing is. */
function recall({ rows, values }: Known, asked: Float64Array): { values: Float64Array; unknown: number[] } {
  const found = newNumbers(asked.length);
  const unknown: number[] = [];
  for (let i = 0; i < asked.length; i++) {
    const row = asked[i] as number;
    const slot = row & (rows.length - 1);
    if (rows[slot] === row + 1) found[i] = values[slot] as number;
    else unknown.push(i);
  }
  return { values: found, unknown };
}

function remember({ rows, values }: Known, made: Float64Array, column: Numbers): void {
  for (let i = 0; i < made.length; i++) {
    const row = made[i] as number;
    const slot = row & (rows.length - 1);
    rows[slot] = row + 1;
    values[slot] = numberAt(column, i);
  }
}

function numberAt({ values, nulls }: Numbers, i: number): number {
  return nulls?.[i] === 1 ? Number.NaN : (values[i] as number);
}

/** 1 where there is NaN, in whose place comes 0; undefined where there is none. */
function takeNulls(values: Float64Array): Uint8Array | undefined {
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i] as number)) continue;
    nulls ??= new Uint8Array(values.length);
    nulls[i] = 1;
    values[i] = 0;
  }
  return nulls;
}
