/**
 * Keys that are unique by construction, and the proof: from a key's values back to its row.
 *
 * A key is proven without any list of keys seen. Either one of its fields never repeats (a sequence, an
 * e-mail), or it contains a key that is proven, or its parts are dealt: like cards, each combination
 * once, to the rows of a table or to the rows of one owner. Each of these has an inverse, `rowOf`.
 */
import type { Column } from "../column.ts";
import { type Block, type Deck, type Generator, GeneratorFault } from "../kind.ts";
import { permute, permuteBack, type Stream } from "../random.ts";
import { areApart, type LinkPlan } from "./links.ts";
import type { Located, Spread } from "./spread.ts";

/** A primary key, unique key or unique field. */
export interface Key {
  /** Field numbers. */
  readonly fields: readonly number[];
  /** For columns of these fields, in this order: the row whose key stands at place `i`, or -1. */
  rowOf(columns: readonly Column[]): (i: number) => number;
  /** The same for all places at once, where that is quicker. */
  rowsOf?(columns: readonly Column[]): Float64Array;
}

/** What proving keys needs to know of their table. */
export interface KeyTable {
  readonly name: string;
  /** The fields' names. */
  readonly fields: readonly string[];
  readonly rows: number;
  readonly generators: readonly Generator[];
  /** How many values of a field's deck are within its limits. */
  keptOf(field: number): number;
  readonly links: readonly LinkPlan[];
  /** The link whose parents own the rows. */
  readonly owner: { readonly link: number; readonly spread: Spread } | undefined;
  /** How many parents a link has to choose from; for a link within a group: the least a group has. */
  parentsOf(link: number): number;
  /** How many parents row `i` has to choose from, for a link within a group. */
  groupsOf(link: number, block: Block): Float64Array;
  /** Whether these fields have enough of the link's to know the parent by. */
  identifies(link: number, fields: readonly number[]): boolean;
  /** From columns of a link's fields to the parent's row; of a link within a group, to its place there. */
  parentOf(link: number, columns: readonly Column[]): (i: number) => number;
  placeInGroup(link: number, columns: readonly Column[]): (i: number) => number;
  groupSizeOf(link: number, columns: readonly Column[]): (i: number) => number;
  stream(purpose: string): Stream;
}

/** Part of a key that can be dealt: a foreign key's parent, or a field with finitely many values. */
interface Part {
  readonly link: number | undefined;
  readonly fields: readonly number[];
  readonly deck: Deck | undefined;
  readonly size: number;
  /** How many of them the field's limits allow. */
  readonly kept: number;
  /** Deals every parent but the row's owner, who is of the same table. */
  readonly skipsOwner: boolean;
}

/** Parts dealt together: for each row, the number of each part's value. */
export interface Deal {
  readonly parts: readonly Part[];
  numbers(block: Block): readonly Float64Array[];
}

export interface Proof {
  readonly keys: readonly Key[];
  readonly deals: readonly Deal[];
}

/**
 * Proves every key, dealing parts where needed. `report` is told of each that can't be proven; its
 * entry among the keys then is never used.
 */
export function proveKeys(
  table: KeyTable,
  wanted: readonly (readonly number[])[],
  report: (key: number, fault: GeneratorFault) => void,
): Proof {
  const keys: (Key | undefined)[] = wanted.map(() => undefined);
  const deals: Deal[] = [];
  // A short key may make a longer one that contains it unique, never the other way round.
  const order = [...wanted.keys()].sort((a, b) => fieldsAt(wanted, a).length - fieldsAt(wanted, b).length);
  for (const at of order) {
    const fields = fieldsAt(wanted, at);
    try {
      keys[at] = provenBefore(fields, keys) ?? neverRepeating(table, fields) ?? dealtKey(table, fields, deals);
    } catch (fault) {
      if (!(fault instanceof GeneratorFault)) throw fault;
      report(at, fault);
    }
  }
  return { keys: keys.map((key, at) => key ?? { fields: fieldsAt(wanted, at), rowOf: () => () => -1 }), deals };
}

const fieldsAt = (wanted: readonly (readonly number[])[], at: number) => wanted[at] as readonly number[];

/** A proven key within these fields proves them. */
function provenBefore(fields: readonly number[], keys: readonly (Key | undefined)[]): Key | undefined {
  const inner = keys.find((key) => key?.fields.every((field) => fields.includes(field)));
  if (!inner) return undefined;
  const places = inner.fields.map((field) => fields.indexOf(field));
  const own = (columns: readonly Column[]) => places.map((place) => columns[place] as Column);
  const { rowsOf } = inner;
  const whole = rowsOf && { rowsOf: (columns: readonly Column[]) => rowsOf(own(columns)) };
  return { fields, rowOf: (columns) => inner.rowOf(own(columns)), ...whole };
}

function neverRepeating({ generators, links }: KeyTable, fields: readonly number[]): Key | undefined {
  const place = fields.findIndex((field) => generators[field]?.rowOf && !decider(links, field));
  const { rowOf, rowsOf } = generators[fields[place] as number] ?? {};
  if (!rowOf) return undefined;
  return {
    fields,
    ...(rowsOf && { rowsOf: (columns: readonly Column[]) => rowsOf(columns[place] as Column) }),
    rowOf: (columns) => {
      const column = columns[place] as Column;
      return (i) => rowOf(column, i);
    },
  };
}

/** The link that decides a field. */
export function decider(links: readonly LinkPlan[], field: number): LinkPlan | undefined {
  return links.find(({ fields, decides }) => decides[fields.indexOf(field)] === true);
}

function dealtKey(table: KeyTable, fields: readonly number[], deals: Deal[]): Key {
  const { owner, links, generators, name } = table;
  const ownerFields = owner ? (links[owner.link] as LinkPlan).fields : [];
  const isOwned = owner !== undefined && table.identifies(owner.link, fields);
  const others = isOwned ? fields.filter((field) => !ownerFields.includes(field)) : fields;
  if (isOwned && owner) {
    const counted = others.find((field) => generators[field]?.ordinalOf);
    if (counted !== undefined) return ownedKey(table, fields, counted);
    if (others.length === 0) return oneEach(table, fields);
  }
  const parts = partsOf(table, others, fields, isOwned);
  const taken = deals
    .flatMap((deal) => deal.parts)
    .find((part) => parts.some((own) => overlap(own.fields, part.fields)));
  if (taken)
    throw new GeneratorFault(
      "not-unique",
      `${name}: two keys share a field that only one of them can deal; remove one of them.`,
    );
  const deal = makeDeal(table, parts, isOwned, deals.length);
  deals.push(deal);
  return deal.keyOf(fields);
}

function overlap(a: readonly number[], b: readonly number[]): boolean {
  return a.some((field) => b.includes(field));
}

/** The parts of a key besides its owner. Throws GeneratorFault for a field that no deal can give. */
function partsOf(table: KeyTable, fields: readonly number[], key: readonly number[], isOwned: boolean): Part[] {
  const parts: Part[] = [];
  for (const field of fields) {
    const link = decider(table.links, field);
    const deck = table.generators[field]?.deck;
    if (link && (link.mode === "free" || link.mode === "within") && link.fields.every((own) => key.includes(own))) {
      if (parts.some((part) => part.link === link.place)) continue;
      const skips = isOwned && skipsOwner(table, link);
      const size = table.parentsOf(link.place) - (skips ? 1 : 0);
      const decided = link.fields.filter((_, i) => link.decides[i]);
      parts.push({ link: link.place, fields: decided, deck: undefined, size, kept: size, skipsOwner: skips });
    } else if (!link && deck) {
      const kept = Math.min(deck.size, table.keptOf(field));
      parts.push({ link: undefined, fields: [field], deck, size: deck.size, kept, skipsOwner: false });
    } else throw new GeneratorFault("not-unique", unprovable(table, field));
  }
  return parts;
}

/** Whether a link must not give the parent that owns the row. */
function skipsOwner({ owner, links }: KeyTable, link: LinkPlan): boolean {
  const of = owner && links[owner.link];
  return of !== undefined && link.mode === "free" && areApart(of, link);
}

function unprovable({ name, fields }: KeyTable, field: number): string {
  const remedy =
    "let it be a sequence, a uuid, one of a list of values, or a foreign key with all its fields in the key";
  return `${name}.${fields[field]} can't be promised to be unique; ${remedy}.`;
}

/** Owner and a number that counts within it: order_id, line_no. */
function ownedKey(table: KeyTable, fields: readonly number[], counted: number): Key {
  const { link, spread } = table.owner as NonNullable<KeyTable["owner"]>;
  const { ordinalOf } = table.generators[counted] as Required<Generator>;
  return {
    fields,
    rowOf: (columns) => {
      const parentOf = table.parentOf(link, columnsOf(table, link, fields, columns));
      const column = columns[fields.indexOf(counted)] as Column;
      return (i) => childRow(spread, parentOf(i), ordinalOf(column, i));
    },
  };
}

/** The owner alone: unique where no parent has a second child. */
function oneEach(table: KeyTable, fields: readonly number[]): Key {
  const { link, spread } = table.owner as NonNullable<KeyTable["owner"]>;
  const { most } = spread.range();
  if (most > 1) {
    throw new GeneratorFault(
      "unsatisfiable-unique",
      `${table.name}: a parent may have ${most} children, but the key allows one; let children be at most 1, or add a field to the key.`,
    );
  }
  return {
    fields,
    rowOf: (columns) => {
      const parentOf = table.parentOf(link, columnsOf(table, link, fields, columns));
      return (i) => childRow(spread, parentOf(i), 0);
    },
  };
}

/** The child row of a parent at a place, or -1. */
function childRow(spread: Spread, parent: number, ordinal: number): number {
  if (!(parent >= 0 && ordinal >= 0)) return -1;
  return ordinal < spread.count(parent) ? spread.first(parent) + ordinal : -1;
}

/** The columns of a link's fields out of a key's. */
function columnsOf(table: KeyTable, link: number, fields: readonly number[], columns: readonly Column[]): Column[] {
  return (table.links[link] as LinkPlan).fields.map((field) => columns[fields.indexOf(field)] as Column);
}

/** Combinations that a double can count and `permute` shuffle. */
export const MOST_DEALT = 2 ** 52;

function makeDeal(
  table: KeyTable,
  parts: readonly Part[],
  isOwned: boolean,
  number: number,
): Deal & { keyOf(fields: readonly number[]): Key } {
  const { rows, owner, name } = table;
  const size = parts.reduce((product, part) => product * part.size, 1);
  const needed = isOwned && owner ? owner.spread.range().most : rows;
  const kept = parts.reduce((product, part) => product * part.kept, 1);
  if (kept < needed) {
    const each = isOwned ? " for each parent" : "";
    const found = kept < size ? `its fields' limits leave ${kept}` : `there are ${size}`;
    throw new GeneratorFault(
      "unsatisfiable-unique",
      `${name}: the key needs ${needed} different values${each}, but ${found}; ask for fewer rows or allow more values.`,
    );
  }
  if (size > MOST_DEALT)
    throw new GeneratorFault(
      "unsatisfiable-unique",
      `${name}: the key has more than 2^52 combinations; use fewer or smaller fields.`,
    );
  const within = parts.find((part) => part.link !== undefined && table.links[part.link]?.mode === "within");
  if (within && (parts.length > 1 || !isOwned))
    throw new GeneratorFault(
      "not-unique",
      `${name}: a parent picked within a group can be dealt only alone, and to the rows of one owner; remove a field from the key.`,
    );
  const stream = table.stream(`deal ${number}`);
  const places = (block: Block, owned: Located | undefined, sizes: Float64Array | undefined) => {
    const dealt = new Float64Array(block.rows.length);
    for (let i = 0; i < dealt.length; i++) {
      const of = sizes ? (sizes[i] as number) : size;
      dealt[i] = owned
        ? permute(stream, of, owned.ordinals[i] as number, owned.parents[i] as number)
        : permute(stream, of, block.rows[i] as number);
    }
    return dealt;
  };
  return {
    parts,
    numbers: (block) =>
      block.shared(`deal ${number}`, () => {
        const owned = isOwned && owner ? block.shared("owner", () => owner.spread.locate(block.rows)) : undefined;
        const sizes = within && table.groupsOf(within.link as number, block);
        const numbers = splitDigits(places(block, owned, sizes), parts, within !== undefined);
        for (const [p, part] of parts.entries()) {
          if (owned && part.skipsOwner) stepOver(numbers[p] as Float64Array, owned.parents);
        }
        return numbers;
      }),
    keyOf: (fields) => dealtBack(table, parts, isOwned, stream, size, within, fields),
  };
}

/** Numbers that leave one out, the owner's, as the numbers of all. */
function stepOver(numbers: Float64Array, owners: Float64Array): void {
  for (let i = 0; i < numbers.length; i++) {
    if ((numbers[i] as number) >= (owners[i] as number)) numbers[i] = (numbers[i] as number) + 1;
  }
}

/** The number of a combination as the numbers of its parts: the last part counts fastest. */
function splitDigits(numbers: Float64Array, parts: readonly Part[], isWhole: boolean): Float64Array[] {
  if (parts.length === 1 || isWhole) return [numbers];
  const digits = parts.map(() => new Float64Array(numbers.length));
  for (let i = 0; i < numbers.length; i++) {
    let rest = numbers[i] as number;
    for (let p = parts.length - 1; p >= 0; p--) {
      const { size } = parts[p] as Part;
      const higher = Math.floor(rest / size);
      (digits[p] as Float64Array)[i] = rest - higher * size;
      rest = higher;
    }
  }
  return digits;
}

/** From dealt values back to the row: parts to their numbers, numbers to the combination, that to its place. */
function dealtBack(
  table: KeyTable,
  parts: readonly Part[],
  isOwned: boolean,
  stream: Stream,
  size: number,
  within: Part | undefined,
  fields: readonly number[],
): Key {
  const { owner } = table;
  return {
    fields,
    rowOf: (columns) => {
      const numberOf = parts.map(({ link, deck, fields: own }) => {
        if (link !== undefined) {
          const of = columnsOf(table, link, fields, columns);
          return within ? table.placeInGroup(link, of) : table.parentOf(link, of);
        }
        const column = columns[fields.indexOf(own[0] as number)] as Column;
        return (i: number) => (deck as Deck).idOf(column, i);
      });
      const combination = (i: number, parent: number) => {
        let number = 0;
        for (const [p, { size, skipsOwner }] of parts.entries()) {
          let digit = (numberOf[p] as (i: number) => number)(i);
          if (skipsOwner && digit === parent) return -1;
          if (skipsOwner && digit > parent) digit--;
          if (!(digit >= 0 && (within !== undefined || digit < size))) return -1;
          number = within ? digit : number * size + digit;
        }
        return number;
      };
      if (!isOwned || !owner) {
        return (i) => {
          const number = combination(i, -1);
          return number < 0 ? -1 : permuteBack(stream, size, number);
        };
      }
      const parentOf = table.parentOf(owner.link, columnsOf(table, owner.link, fields, columns));
      const sizeOf = within
        ? table.groupSizeOf(within.link as number, columnsOf(table, within.link as number, fields, columns))
        : undefined;
      return (i) => {
        const parent = parentOf(i);
        const number = combination(i, parent);
        if (parent < 0 || number < 0) return -1;
        return childRow(owner.spread, parent, permuteBack(stream, sizeOf ? sizeOf(i) : size, number, parent));
      };
    },
  };
}
