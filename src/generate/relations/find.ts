/** From a foreign key's values back to the parent's row, and to the group of rows it lies in. */
import type { Column } from "../column.ts";
import type { CompiledTable, Link } from "../engine.ts";
import type { Key } from "./keys.ts";
import type { LinkPlan } from "./links.ts";

/** Parents as far as they are settled; what these functions return needs them all. */
export type Tables = readonly CompiledTable[];

type End = Pick<LinkPlan, "parent" | "fields" | "parentFields">;

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

/** The link by which the rows of a table are grouped: that of their owner. */
export function ownerLink(table: CompiledTable | undefined): Link | undefined {
  return table?.links.find(({ mode }) => mode === "owner");
}

/**
 * The row that owns the group of a link's parents: all of them share the values at place `i` of the
 * columns that are decided elsewhere. -1 when there is no such group.
 */
export function groupFinder(
  tables: Tables,
  { parent, parentFields }: End,
  columns: readonly (Column | undefined)[],
): (i: number) => number {
  const owner = ownerLink(tables[parent]) as Link;
  const ofOwner = owner.fields.map((field) => columns[parentFields.indexOf(field)]);
  return parentFinder(tables, { parent: owner.table, fields: owner.fields, parentFields: owner.parentFields }, ofOwner);
}
