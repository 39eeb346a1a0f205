/**
 * A table's foreign keys in the order in which they decide its rows' parents.
 *
 * Foreign keys may share fields (an order line's store is its order's store). Each field is decided by
 * one key, the first in this order: the owner (the key with `children`), the self reference, then those
 * with more fields, then as listed. A later key whose fields are all decided follows: its parent is
 * the row that has those values. One with some decided fields picks within the rows that have them.
 */
import type { ForeignKey, SchemaDocument, Table } from "../../dataset/schema.ts";
import { parentName, parentTable } from "../../dataset/schema.ts";

/** How a row comes by its parent. */
type LinkMode = "owner" | "self" | "free" | "within" | "follow";

export interface LinkPlan {
  readonly key: ForeignKey;
  /** Its place in the table's foreign keys. */
  readonly place: number;
  readonly name: string;
  /** The parent table's place in the document. */
  readonly parent: number;
  /** Field numbers here, and of the parent, one for one. */
  readonly fields: readonly number[];
  readonly parentFields: readonly number[];
  /** Of each field: whether this key decides it. */
  readonly decides: readonly boolean[];
  readonly mode: LinkMode;
}

/** The foreign keys of a structurally sound table, in the order of its document. */
export function planLinks(schema: SchemaDocument, table: Table): LinkPlan[] {
  const keys = table.foreignKeys ?? [];
  const place = (name: string, { fields }: Table) => fields.findIndex((field) => field.name === name);
  const decided = new Set<number>();
  const plans: LinkPlan[] = [];
  for (const at of decidingOrder(keys)) {
    const key = keys[at] as ForeignKey;
    const parent = schema.tables.findIndex(({ name }) => name === parentTable(table, key));
    const fields = key.fields.map((name) => place(name, table));
    const decides = fields.map((field) => !decided.has(field));
    plans[at] = {
      key,
      place: at,
      name: parentName(key),
      parent,
      fields,
      parentFields: key.reference.fields.map((name) => place(name, schema.tables[parent] as Table)),
      decides,
      mode: modeOf(key, decides),
    };
    for (const field of fields) decided.add(field);
  }
  return plans;
}

function decidingOrder(keys: readonly ForeignKey[]): number[] {
  const rank = (key: ForeignKey) => (key.children ? 0 : key.reference.resource === "" ? 1 : 2);
  return [...keys.keys()].sort((a, b) => {
    const [first, second] = [keys[a] as ForeignKey, keys[b] as ForeignKey];
    return rank(first) - rank(second) || second.fields.length - first.fields.length || a - b;
  });
}

function modeOf(key: ForeignKey, decides: readonly boolean[]): LinkMode {
  if (key.children) return "owner";
  if (!decides.includes(true)) return "follow";
  if (decides.includes(false)) return "within";
  return key.reference.resource === "" ? "self" : "free";
}

/** Whether two foreign keys of a table must never give a row the same parent. */
export function areApart(a: LinkPlan, b: LinkPlan): boolean {
  return a.key.differsFrom === b.name || b.key.differsFrom === a.name;
}
