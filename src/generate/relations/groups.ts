/**
 * The rows of a table that have the same values in some fields, where they lie next to each other.
 *
 * A table that is owned is laid out in its owner's order, and the owner may be owned in turn: sellers,
 * their products, their variants. So all rows below one ancestor are a range, however many levels lie
 * between, and the fields that they have from it are the same in all of them and in no other row.
 */
import type { Column } from "../column.ts";
import type { CompiledTable, Link } from "../engine.ts";
import { keyWithin, parentFinder, type Tables } from "./find.ts";
import type { LinkPlan } from "./links.ts";
import type { Spread } from "./spread.ts";

/** The parents of a foreign key, grouped by the values that other foreign keys decide. */
export interface Groups extends Pick<Spread, "first" | "count" | "range"> {
  /** Levels between the rows that own the groups and the parents: 1 when those are the parents' owners. */
  readonly levels: number;
  /** For columns of the key's fields: the number of the group whose values stand at place `i`, or -1. */
  finder(columns: readonly (Column | undefined)[]): (i: number) => number;
}

type GroupedBy = Pick<LinkPlan, "parent" | "fields" | "parentFields" | "decides">;

/** A table with those of its fields that hold the shared values, and how the parents lie below its rows. */
interface Level {
  readonly place: number;
  readonly fields: readonly number[];
  /** From this level down. */
  readonly spreads: readonly Spread[];
}

/** How the parents are grouped; undefined where those that share their values don't lie together. */
export function groupsOf(tables: Tables, plan: GroupedBy): Groups | undefined {
  const shared = [...plan.fields.keys()].filter((i) => !plan.decides[i]);
  let top: Level | undefined;
  let level = ownerLevel(tables, { place: plan.parent, fields: sharedFields(plan), spreads: [] });
  // The highest level has a row for all values there are; one below may lack those that own nothing.
  for (; level; level = ownerLevel(tables, level)) {
    if (keyWithin((tables[level.place] as CompiledTable).keys, level.fields) >= 0) top = level;
  }
  if (!top) return undefined;
  const { place, fields, spreads } = top;
  return {
    ...joinSpreads(spreads, (tables[place] as CompiledTable).rows),
    levels: spreads.length,
    finder: (columns) =>
      parentFinder(
        tables,
        { parent: place, parentFields: fields },
        shared.map((i) => columns[i]),
      ),
  };
}

/** The parent's fields that other foreign keys decide. */
function sharedFields({ parentFields, decides }: GroupedBy): number[] {
  return parentFields.filter((_, i) => !decides[i]);
}

/** The owner of a level, unless it isn't what the fields come from. */
function ownerLevel(tables: Tables, { place, fields, spreads }: Level): Level | undefined {
  const { links = [], spread } = tables[place] ?? {};
  const owner = links.find(({ mode }) => mode === "owner");
  if (!owner || !spread || !tables[owner.table] || !hasAll(owner, fields)) return undefined;
  return { place: owner.table, fields: throughLink(owner, fields), spreads: [spread, ...spreads] };
}

function hasAll(link: Link, fields: readonly number[]): boolean {
  return fields.every((field) => link.fields.includes(field));
}

/** The parent's fields that these refer to. */
function throughLink({ fields, parentFields }: Link, own: readonly number[]): number[] {
  return own.map((field) => parentFields[fields.indexOf(field)] as number);
}

/** Several levels as one: `ancestors` rows own the last level's. */
function joinSpreads(spreads: readonly Spread[], ancestors: number): Pick<Spread, "first" | "count" | "range"> {
  if (spreads.length === 1) return spreads[0] as Spread;
  const refused = spreads.find(({ isCounted }) => !isCounted);
  if (refused) return refused;
  const first = rememberFirsts((ancestor) => spreads.reduce((row, { first }) => first(row), ancestor), ancestors);
  const count = (ancestor: number) => first(ancestor + 1) - first(ancestor);
  let range: { least: number; most: number } | undefined;
  return {
    first,
    count,
    range: () => {
      range ??= rangeOf(ancestors, count);
      return range;
    },
  };
}

/** Ancestors up to which all their first rows are kept, at most 1 MiB; of more, the two last asked for. */
const FEW = 131_072;

function rememberFirsts(find: (ancestor: number) => number, ancestors: number): (ancestor: number) => number {
  if (ancestors <= FEW) {
    let kept: Float64Array | undefined;
    return (ancestor) => {
      kept ??= Float64Array.from({ length: ancestors + 1 }, (_, i) => find(i));
      return kept[ancestor] as number;
    };
  }
  // A group's first and last row are asked for in turn, and again for each row of one owner.
  const asked = [-1, -1];
  const found = [0, 0];
  return (ancestor) => {
    const place = ancestor % 2;
    if (asked[place] !== ancestor) {
      asked[place] = ancestor;
      found[place] = find(ancestor);
    }
    return found[place] as number;
  };
}

function rangeOf(groups: number, count: (group: number) => number): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let group = 0; group < groups; group++) {
    least = Math.min(least, count(group));
    most = Math.max(most, count(group));
  }
  return { least: Math.min(least, most), most };
}

/** What is to be changed so that the parents of a foreign key with these fields are grouped; the end of a sentence. */
export function groupingRemedy(tables: Tables, plan: GroupedBy, own: readonly string[]): string {
  const parent = tables[plan.parent];
  if (!parent) return "it leads into a circle of tables: remove its shared fields, or the circle";
  const shared = sharedFields(plan);
  const names = namesOf(parent, shared);
  if (keyWithin(parent.keys, shared) >= 0) {
    return `${names} alone tells the row: let one foreign key with all of ${own.join(", ")} take the place of both`;
  }
  const needed = ownersNeeded(tables, plan.parent, shared, tables.length);
  if (needed) return `give children to ${needed.join(" and to ")}`;
  return `let a foreign key with children give ${parent.table.name} its ${names}, and so on up to the table whose key that is`;
}

/** The foreign keys from a table upwards that still lack children; undefined where none lead to a key. */
function ownersNeeded(tables: Tables, place: number, fields: readonly number[], most: number): string[] | undefined {
  const { table, links } = tables[place] ?? {};
  if (!table || !links || most === 0) return undefined;
  const isOwner = ({ mode }: Link) => mode === "owner";
  for (const link of [...links.filter(isOwner), ...links]) {
    const above = tables[link.table];
    if (!above || link.mode === "self" || !hasAll(link, fields)) continue;
    const through = throughLink(link, fields);
    const rest = keyWithin(above.keys, through) >= 0 ? [] : ownersNeeded(tables, link.table, through, most - 1);
    if (!rest) continue;
    if (isOwner(link)) return rest;
    const other = table.foreignKeys?.find(({ children }) => children);
    const instead = other ? ` instead of ${table.name} (${other.fields.join(", ")})` : "";
    return [...rest, `${table.name} (${namesOf({ table }, link.fields)})${instead}`];
  }
  return undefined;
}

function namesOf({ table }: Pick<CompiledTable, "table">, fields: readonly number[]): string {
  return fields.map((field) => table.fields[field]?.name).join(", ");
}
