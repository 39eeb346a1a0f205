/**
 * Which parts of a schema document can't be judged, because they or what they depend on have a fault.
 *
 * Parts are named by their pointers. Whoever judges a document leaves them out, so that one fault does
 * not lead to others that go with it, and what has nothing to do with it is still judged.
 */
import type { Fault } from "./errors.ts";
import { parentTable, type SchemaDocument } from "./schema.ts";

export type Broken = ReadonlySet<string>;

/** Faults after which a foreign key says no more which parent is meant. */
const KEY = /^(\/tables\/\d+\/foreignKeys\/\d+)(?:\/fields.*|\/reference.*)?$/;

/** What is broken already, what these faults of the structure break, and what foreign keys take from it. */
export function brokenParts(schema: SchemaDocument, broken: Broken, faults: readonly Fault[]): Set<string> {
  const all = new Set(broken);
  for (const { pointer } of faults) {
    // Not to be used as a whole, though its fields may be: other faults leave a table only without rows.
    all.add(pointer);
    const key = KEY.exec(pointer)?.[1];
    if (key) all.add(key);
  }
  for (const [i, table] of schema.tables.entries()) {
    for (const [k, key] of (table.foreignKeys ?? []).entries()) {
      const at = `/tables/${i}/foreignKeys/${k}`;
      const parent = schema.tables.findIndex(({ name }) => name === parentTable(table, key));
      const targets = schema.tables[parent]?.fields.map(({ name }) => name) ?? [];
      const isWhole = key.reference.fields.length > 0 && key.reference.fields.every((name) => targets.includes(name));
      if (parent < 0 || all.has(`/tables/${parent}`) || !isWhole) all.add(at);
      if (!all.has(at)) continue;
      for (const [f, { name }] of table.fields.entries()) {
        if (key.fields.includes(name)) all.add(`/tables/${i}/fields/${f}`);
      }
    }
  }
  return all;
}

/** Whether the part at this pointer is broken, or something inside it. */
export function hasBroken(broken: Broken, pointer: string): boolean {
  for (const one of broken) if (one === pointer || one.startsWith(`${pointer}/`)) return true;
  return false;
}
