/**
 * From tables whose generators are compiled to tables that can be made: how many rows each has, which
 * parent each row gets, and the proof that its keys are unique.
 *
 * Parents are settled before children, since a child's rows may follow from its parents'. In a circle
 * of tables one reference may be NULL, and the tables it joins have row counts of their own.
 */
import { failingAt } from "../../dataset/errors.ts";
import type { Field, SchemaDocument, Table } from "../../dataset/schema.ts";
import type { Column } from "../column.ts";
import type { CompiledTable, Engine, Link } from "../engine.ts";
import type { Expression } from "../expression/expression.ts";
import { type Generator, GeneratorFault, type Reader } from "../kind.ts";
import { mostKept } from "../possible.ts";
import { makeStream, permuteBack, type Stream } from "../random.ts";
import type { Demand } from "../rules.ts";
import { demandClimbable } from "../settled.ts";
import { remembered } from "../view.ts";
import { dealable, judgeCertain } from "./allowed.ts";
import { countsByGroup, countsByLaw, countsByTotal, type Law } from "./children.ts";
import { keyWithin, parentFinder } from "./find.ts";
import { type Groups, groupsOf } from "./groups.ts";
import { type Deal, decider, type KeyTable, MOST_DEALT, proveKeys } from "./keys.ts";
import { makeLink } from "./link.ts";
import { areApart, type LinkPlan } from "./links.ts";
import { type Counts, MOST_COUNTED, makeSpread, type Spread, uncounted } from "./spread.ts";

/** A table with its generators, before anything is known of its rows. */
export interface Draft {
  readonly table: Table;
  readonly links: readonly LinkPlan[];
  readonly generators: readonly Generator[];
  readonly climbing: CompiledTable["climbing"];
  readonly demands: readonly Demand[];
  /** By foreign key: laws of children, by the parent's word where they hang on a field of it. */
  readonly laws: readonly (Laws | undefined)[];
  /** By foreign key: the weight of a parent, over its own fields. */
  readonly weights: readonly (Expression | undefined)[];
}

export interface Laws {
  readonly all: readonly Law[];
  /** The place of each parent's law in `all`; undefined where there is one for all. */
  readonly by?: { readonly reader: Reader; readonly placeOf: (column: Column) => (i: number) => number } | undefined;
}

/** Where settling stands: `tables` is filled in the order in which tables are settled. */
export interface Settling {
  readonly schema: SchemaDocument;
  readonly seed: number;
  readonly drafts: readonly Draft[];
  readonly tables: CompiledTable[];
  readonly engine: Engine;
  readonly report: (pointer: string, fault: GeneratorFault) => void;
  /** False once a fault was reported, of the part at this pointer or, without one, of any: no rows can be made then. */
  readonly isSound: (at?: string) => boolean;
}

/** Settles a table, its parents first, unless it is. Faults are reported, and then the tables are not to be used. */
export function settlerOf(settling: Settling): (place: number) => void {
  const open = new Set<number>();
  const settle = (place: number): void => {
    if (open.has(place) || settling.tables[place]) return;
    open.add(place);
    const { links } = settling.drafts[place] as Draft;
    for (const { parent } of links) settle(parent);
    settling.tables[place] = settleTable(settling, place);
  };
  return settle;
}

/** A key of a table by its field numbers, with where the document says so. */
export interface WantedKey {
  readonly fields: readonly number[];
  readonly pointer: string;
}

/** The fields whose combinations must differ in every row. */
export function keysOf(table: Table): WantedKey[] {
  const place = (name: string) => table.fields.findIndex((field) => field.name === name);
  const keys: WantedKey[] = [
    { fields: table.primaryKey.map(place), pointer: "/primaryKey" },
    ...(table.uniqueKeys ?? []).map((key, i) => ({ fields: key.map(place), pointer: `/uniqueKeys/${i}` })),
    ...table.fields.flatMap(({ constraints }, i) =>
      constraints?.unique ? [{ fields: [i], pointer: `/fields/${i}/constraints/unique` }] : [],
    ),
  ];
  return keys.filter((key, i) => keys.findIndex((other) => sameFields(other.fields, key.fields)) === i);
}

function sameFields(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((field) => b.includes(field));
}

function settleTable(settling: Settling, place: number): CompiledTable {
  const draft = settling.drafts[place] as Draft;
  const { table, links, demands } = draft;
  const at = (fault: GeneratorFault, pointer: string) => settling.report(`/tables/${place}${pointer}`, fault);
  const stream = (purpose: string) => makeStream(settling.seed, `${table.name} ${purpose}`);
  const wanted = keysOf(table);
  const explicit = links.find(({ mode }) => mode === "owner");
  let owner = explicit && { link: explicit.place, spread: ownedSpread(settling, draft, explicit, at) };
  const rows = owner ? owner.spread.total : (table.rows ?? 0);
  const groups = grouper(settling, draft);
  const hasSoundLimits = (field: number) => settling.isSound(`/tables/${place}/fields/${field}/constraints`);
  const drawn: Omit<KeyTable, "owner"> = {
    name: table.name,
    fields: table.fields.map(({ name }) => name),
    rows,
    generators: draft.generators,
    keptOf: (field) =>
      hasSoundLimits(field)
        ? mostKept(table.fields[field] as Field, draft.generators[field] as Generator)
        : Number.POSITIVE_INFINITY,
    links,
    stream,
    ...parentsFor(settling, draft, groups),
  };
  const keyFields = wanted.map(({ fields }) => fields);
  const implied = () => impliedOwner(settling, draft, drawn, wanted, () => {});
  const known = { ...drawn, generators: dealable(table, drawn, keyFields, owner, implied) };
  if (!owner) owner = impliedOwner(settling, draft, known, wanted, at);
  const keyTable: KeyTable = { ...known, owner };
  const report = (key: number, fault: GeneratorFault) => at(fault, (wanted[key] as WantedKey).pointer);
  const { keys, deals } = proveKeys(keyTable, keyFields, report);
  judgeCertain(table, keyTable, deals, (field, fault) => {
    if (hasSoundLimits(field)) at(fault, `/fields/${field}`);
  });
  const source = {
    tables: settling.tables,
    engine: settling.engine,
    seed: settling.seed,
    table: table.name,
    links,
    rows,
    rowsOf: (parent: number) => rowsOf(settling, parent),
    owner,
    deals,
    groupsOf: groups,
    keysOf: (parent: number) => keysOf((settling.drafts[parent] as Draft).table),
  };
  const finalLinks = links.flatMap((link): Link[] => {
    try {
      demandParents(settling, draft, link, rows);
      const made = makeLink({ ...source, weight: draft.weights[link.place] }, link);
      return [pointingAt(`/tables/${place}/foreignKeys/${link.place}`, made)];
    } catch (fault) {
      if (!(fault instanceof GeneratorFault)) throw fault;
      at(fault, `/foreignKeys/${link.place}`);
      return [];
    }
  });
  return {
    table,
    rows,
    generators: withDeals(draft.generators, deals),
    links: finalLinks,
    keys,
    climbing: draft.climbing,
    demands,
    spread: owner?.spread,
  };
}

/** The link, whose faults while rows are made point at its place in the document. */
function pointingAt(pointer: string, link: Link): Link {
  return { ...link, rowsOf: (block) => failingAt(pointer, () => link.rowsOf(block)) };
}

/** Fields that are dealt take the values dealt to them instead of drawing their own. */
function withDeals(generators: readonly Generator[], deals: readonly Deal[]): Generator[] {
  const all = [...generators];
  for (const deal of deals) {
    for (const [part, { deck, fields }] of deal.parts.entries()) {
      if (!deck) continue;
      const field = fields[0] as number;
      const { vocabulary, bounds } = generators[field] as Generator;
      all[field] = { vocabulary, bounds, column: (block) => deck.column(deal.numbers(block)[part] as Float64Array) };
    }
  }
  return all;
}

/** Throws GeneratorFault for rows whose parents turn out to be none, or a tree too large for its rules. */
function demandParents({ tables, drafts }: Settling, draft: Draft, { parent, key }: LinkPlan, rows: number): void {
  const { table, demands } = draft;
  if (key.reference.resource === "") demandClimbable(table, rows, demands);
  const { name } = (drafts[parent] as Draft).table;
  if (rows === 0 || key.nullRate === 1 || tables[parent]?.rows !== 0) return;
  throw new GeneratorFault("no-parents", `${table.name} has rows but ${name} has none; give ${name} at least 1.`);
}

type Owner = KeyTable["owner"];
type Report = (fault: GeneratorFault, pointer: string) => void;

/** Rows of a parent, which a table in a circle knows only from its document. */
function rowsOf({ tables, drafts }: Settling, place: number): number {
  return tables[place]?.rows ?? (drafts[place] as Draft).table.rows ?? 0;
}

/** The children that a foreign key's law gives each parent. */
function ownedSpread(settling: Settling, { table, laws }: Draft, link: LinkPlan, at: Report): Spread {
  const parents = rowsOf(settling, link.parent);
  const stream = makeStream(settling.seed, `${table.name}.${link.name} children`);
  const { all, by } = laws[link.place] as Laws;
  const counts =
    by && settling.isSound()
      ? countsByGroup(
          all,
          (rows) => {
            const placeOf = by.placeOf(by.reader.column(settling.engine.blockOf(link.parent, rows)));
            return Uint32Array.from(rows, (_, i) => placeOf(i));
          },
          stream,
        )
      : countsByLaw(all[0] as Law, stream, table.rows === undefined ? undefined : table.rows / Math.max(1, parents));
  return layOut(parents, counts, stream, table, `/foreignKeys/${link.place}/children`, at);
}

function layOut(
  parents: number,
  counts: Counts,
  stream: Stream,
  { name, rows }: Table,
  pointer: string,
  at: Report,
): Spread {
  if (parents > MOST_COUNTED) {
    const message = `${name}: the children of ${parents} parents can't be counted, of ${MOST_COUNTED} at most; give the parents fewer rows.`;
    at(new GeneratorFault("too-many-rows", message), pointer);
    return uncounted(parents);
  }
  const spread = makeSpread(parents, counts, stream, rows);
  if (spread) return spread;
  const { least, most } = counts;
  at(
    new GeneratorFault(
      "impossible-total",
      `${name}: ${parents} parents with ${least} to ${most} children each can't have ${rows} in all; change rows or children.`,
    ),
    pointer,
  );
  return makeSpread(parents, counts, stream) as Spread;
}

/**
 * Where a key joins foreign keys that are free, one of the parents becomes the owner: its rows' numbers
 * of children add up to the table's rows, and the other parts are dealt to its children.
 */
function impliedOwner(
  settling: Settling,
  draft: Draft,
  known: Omit<KeyTable, "owner">,
  wanted: readonly WantedKey[],
  at: Report,
): Owner {
  const { table, links } = draft;
  const joining = wanted.filter(({ fields }) => {
    const isProven = fields.some((field) => known.generators[field]?.rowOf && !decider(links, field));
    return (
      !isProven &&
      freeIn(links, fields).length > 0 &&
      fields.length > (freeIn(links, fields)[0] as LinkPlan).fields.length
    );
  });
  const candidates = links.filter(
    (link) => joining.length > 0 && joining.every(({ fields }) => freeIn(links, fields).includes(link)),
  );
  // A field that can't be dealt is a fault of the key, told when the key is proven.
  const canBeDealt = (field: number) =>
    decider(links, field) !== undefined || known.generators[field]?.deck !== undefined;
  if (!joining.every(({ fields }) => fields.every(canBeDealt))) return undefined;
  const chosen = candidates.find(({ key }) => key.pick && key.pick.kind !== "uniform") ?? candidates[0];
  if (!chosen) return undefined;
  const sizeWithout = ({ fields }: WantedKey) =>
    fields
      .filter((field) => !chosen.fields.includes(field))
      .reduce((size, field) => {
        const link = decider(links, field);
        const others = link && known.parentsOf(link.place) - (areApart(link, chosen) ? 1 : 0);
        if (link) return link.fields[0] === field ? size * (others as number) : size;
        return size * (known.generators[field]?.deck?.size ?? 1);
      }, 1);
  const most = Math.min(...joining.map(sizeWithout));
  const parents = rowsOf(settling, chosen.parent);
  const stream = known.stream(`${chosen.name} children`);
  const pick = chosen.key.pick;
  if (pick?.kind === "weighted") {
    at(
      new GeneratorFault(
        "not-unique",
        `${table.name}: a parent of a key can't be picked by weight; use zipf, or children.`,
      ),
      `/foreignKeys/${chosen.place}/pick`,
    );
  }
  const shuffle = known.stream(`${chosen.name} popularity`);
  const zipf =
    pick?.kind === "zipf"
      ? { s: pick.s, rankOf: (parent: number) => permuteBack(shuffle, parents, parent) }
      : undefined;
  const possible = Math.min(known.rows, most * parents);
  const counts = countsByTotal(Math.max(1, parents), possible, most, stream, zipf);
  const keyPointer = (joining[0] as WantedKey).pointer;
  if (known.rows > possible) {
    const message = `${table.name}: the key has ${possible} combinations, fewer than ${known.rows} rows; ask for fewer rows or more parents.`;
    at(new GeneratorFault("unsatisfiable-unique", message), keyPointer);
  }
  const spread = layOut(parents, counts, stream, { ...table, rows: possible }, keyPointer, at);
  return { link: chosen.place, spread };
}

/** The free foreign keys whose fields are all in a key. */
function freeIn(links: readonly LinkPlan[], fields: readonly number[]): LinkPlan[] {
  return links.filter((link) => link.mode === "free" && link.fields.every((field) => fields.includes(field)));
}

type Grouper = (link: number) => Groups | undefined;

/** The groups of each link's parents, found when first asked for: by then the parents are settled. */
function grouper({ tables }: Settling, { links }: Draft): Grouper {
  const known = new Map<number, Groups | undefined>();
  return (link) => remembered(known, link, () => groupsOf(tables, links[link] as LinkPlan));
}

/** How keys see the parents of a table. */
function parentsFor(
  settling: Settling,
  draft: Draft,
  groups: Grouper,
): Pick<KeyTable, "parentsOf" | "identifies" | "groupsOf" | "parentOf" | "placeInGroup" | "groupSizeOf"> {
  const linkAt = (link: number) => draft.links[link] as LinkPlan;
  const groupsAt = (link: number) => groups(link) as Groups;
  return {
    parentsOf: (link) => {
      const { mode, parent } = linkAt(link);
      if (mode !== "within") return rowsOf(settling, parent);
      // Where there are no groups, the link's own fault says so: enough for any key to be dealt.
      return groups(link)?.range().least ?? MOST_DEALT;
    },
    groupsOf: (link, block) => {
      const { fields, decides } = linkAt(link);
      const { finder, count, range } = groupsAt(link);
      const groupOf = finder(fields.map((field, i) => (decides[i] ? undefined : block.column(field))));
      return block.rows.map((_, i) => {
        const group = groupOf(i);
        return group < 0 ? range().least : count(group);
      });
    },
    identifies: (link, fields) => {
      const { parent, fields: own, parentFields } = linkAt(link);
      const known = parentFields.filter((_, i) => fields.includes(own[i] as number));
      return keyWithin(keysOf((settling.drafts[parent] as Draft).table), known) >= 0;
    },
    parentOf: (link, columns) => parentFinder(settling.tables, linkAt(link), columns),
    placeInGroup: (link, columns) => {
      const parentOf = parentFinder(settling.tables, linkAt(link), columns);
      const { finder, first, count } = groupsAt(link);
      const groupOf = finder(columns);
      return (i) => {
        const group = groupOf(i);
        if (group < 0) return -1;
        const place = parentOf(i) - first(group);
        return place < count(group) ? place : -1;
      };
    },
    groupSizeOf: (link, columns) => {
      const { finder, count } = groupsAt(link);
      const groupOf = finder(columns);
      return (i) => {
        const group = groupOf(i);
        return group < 0 ? 0 : count(group);
      };
    },
  };
}
