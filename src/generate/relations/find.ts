/** From a foreign key's values back to the parent's row. */
import type { Column } from "../column.ts";
import type { CompiledTable } from "../engine.ts";
import type { Key } from "./keys.ts";
import type { LinkPlan } from "./links.ts";

/** Parents as far as they are settled; what these functions return needs them all. */
export type Tables = readonly CompiledTable[];

type End = Pick<LinkPlan, "parent" | "parentFields">;

/** The parent's row whose key stands at place `i` of these columns of the link's fields, or -1. */
export function parentFinder(
  tables: Tables,
  { parent, parentFields }: End,
  columns: readonly (Column | undefined)[],
): (i: number) => number {
  const { keys, rows } = tables[parent] as CompiledTable;
  // Where only some of the link's fields are given, a shorter key of the parent among them does.
  const given = parentFields.filter((_, i) => columns[i] !== undefined);
  const key = (keys[keyOf(keys, given)] ?? keys[keyWithin(keys, given)]) as Key;
  const find = key.rowOf(key.fields.map((field) => columns[parentFields.indexOf(field)] as Column));
  return (i) => {
    const row = find(i);
    return row >= 0 && row < rows ? row : -1;
  };
}

/** The place of the key that has just these fields; -1 when there is none. */
export function keyOf(keys: readonly { readonly fields: readonly number[] }[], fields: readonly number[]): number {
  return keys.findIndex(
    (key) => key.fields.length === fields.length && key.fields.every((field) => fields.includes(field)),
  );
}

/** The place of a key that needs no other fields than these; -1 when there is none. */
export function keyWithin(keys: readonly { readonly fields: readonly number[] }[], fields: readonly number[]): number {
  return keys.findIndex((key) => key.fields.every((field) => fields.includes(field)));
}
