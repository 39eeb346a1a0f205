/**
 * Values that no draw changes, held against their fields' limits: those of keys and of what counts its rows.
 *
 * What is dealt stays, however often its row is made again, so that a key dealt one value too low could never be
 * mended. Where that happens, the values that the limits leave out are taken out of the deck beforehand. Where it
 * doesn't, the deck stays as it is, and with it every byte that was made of it.
 */
import type { Field, Table } from "../../dataset/schema.ts";
import type { Column } from "../column.ts";
import { type Block, type Deck, type Generator, GeneratorFault } from "../kind.ts";
import { countSteps, demandCertain, MOST_LISTED, valuesOf } from "../possible.ts";
import { limitsOf, outsideLimits } from "../rules.ts";
import { type Deal, type KeyTable, proveKeys } from "./keys.ts";

/** Rows of a table that are looked at: beyond them, values so rare that none has come are left in. */
const MOST_DEALT_ROWS = 65_536;

/**
 * The table's generators as its keys are dealt from them. `implied` gives the owner that the keys themselves
 * imply, where no foreign key has `children`.
 */
export function dealable(
  { fields }: Table,
  known: Omit<KeyTable, "owner">,
  keys: readonly (readonly number[])[],
  explicit: KeyTable["owner"],
  implied: () => KeyTable["owner"],
): readonly Generator[] {
  const { generators, rows } = known;
  const cut = [...new Set(keys.flat())].filter((field) => {
    const { deck, rowOf } = generators[field] as Generator;
    return deck && !rowOf && known.keptOf(field) < deck.size;
  });
  if (cut.length === 0) return generators;
  const owner = explicit ?? implied();
  let isShort = false;
  const { deals } = proveKeys({ ...known, owner }, keys, () => {
    // An owner is implied with as many rows as the deck has values: with fewer values it has fewer.
    isShort = owner !== explicit;
  });
  const mended = cut.filter((field) => isShort || breaksLimits(field, fields[field] as Field, deals, rows));
  return generators.map((generator, field) =>
    mended.includes(field) ? { ...generator, deck: allowedDeck(fields[field] as Field, generator) } : generator,
  );
}

/** Reports values that will certainly be made and break a limit; of those that count within an owner, of the most that one has. */
export function judgeCertain(
  { fields }: Table,
  { generators, rows, owner }: KeyTable,
  deals: readonly Deal[],
  report: (field: number, fault: GeneratorFault) => void,
): void {
  const dealt = deals.flatMap(({ parts }) => parts.flatMap((part) => part.fields));
  for (const [place, field] of fields.entries()) {
    if (dealt.includes(place)) continue;
    const generator = generators[place] as Generator;
    try {
      demandCertain(field, generator, () => (generator.ordinalOf && owner ? owner.spread.range().most : rows));
    } catch (fault) {
      if (!(fault instanceof GeneratorFault)) throw fault;
      report(place, fault);
    }
  }
}

/** Whether one of the first rows is dealt a value outside the field's limits. */
function breaksLimits(place: number, field: Field, deals: readonly Deal[], rows: number): boolean {
  const block = blockOf(Float64Array.from({ length: Math.min(rows, MOST_DEALT_ROWS) }, (_, row) => row));
  return deals.some((deal) =>
    deal.parts.some(({ deck, fields }, part) => {
      if (!deck || !fields.includes(place)) return false;
      const values = deck.column(deal.numbers(block)[part] as Float64Array);
      return outsideLimits(field, values, block.rows.length) !== undefined;
    }),
  );
}

/** Rows of which nothing is known but their numbers: all that parts with a deck are dealt by. */
function blockOf(rows: Float64Array): Block {
  const none = (): never => {
    throw new Error("A deal asked for more than its rows.");
  };
  const shared = new Map<string, unknown>();
  return {
    rows,
    draws: rows,
    column: none,
    parent: none,
    missing: none,
    ordinals: none,
    shared: <T>(name: string, make: () => T): T => {
      if (!shared.has(name)) shared.set(name, make());
      return shared.get(name) as T;
    },
  };
}

/** The deck without what the field's limits leave out; as it is where that can't be told, or would leave nothing. */
function allowedDeck(field: Field, { deck, within }: Generator): Deck | undefined {
  if (!deck || !field.constraints) return deck;
  const { enum: allowed } = field.constraints;
  if (deck.size <= MOST_LISTED) {
    const all = Float64Array.from({ length: deck.size }, (_, id) => id);
    return deckOfIds(deck, keptIds(field, deck.column(all), all));
  }
  if (!within || deck.size !== countSteps(within)) return deck;
  if (allowed) {
    const values = valuesOf(field, allowed);
    const ids = Float64Array.from(allowed, (_, i) => deck.idOf(values, i));
    return deckOfIds(
      deck,
      keptIds(field, values, ids).filter((id) => id >= 0),
    );
  }
  // The numbers of a range's values go up with them.
  const { low, high } = limitsOf(field);
  const first = Math.max(0, Math.ceil((low - within.low) / within.step));
  const last = Math.min(deck.size - 1, Math.floor((high - within.low) / within.step));
  return first > last ? deck : deckFrom(deck, first, last - first + 1);
}

/** The ids whose values are within the limits, each once. */
function keptIds(field: Field, values: Column, ids: Float64Array): Float64Array {
  const outside = outsideLimits(field, values, ids.length);
  return Float64Array.from(new Set(ids.filter((_, i) => outside?.[i] !== 1)));
}

function deckOfIds(deck: Deck, ids: Float64Array): Deck {
  if (ids.length === 0 || ids.length === deck.size) return deck;
  const places = new Map(Array.from(ids, (id, place) => [id, place]));
  return {
    size: ids.length,
    column: (numbers) => deck.column(numbers.map((number) => ids[number] as number)),
    idOf: (column, i) => places.get(deck.idOf(column, i)) ?? -1,
  };
}

function deckFrom(deck: Deck, first: number, size: number): Deck {
  return {
    size,
    column: (numbers) => deck.column(numbers.map((number) => first + number)),
    idOf: (column, i) => {
      const id = deck.idOf(column, i) - first;
      return id >= 0 && id < size ? id : -1;
    },
  };
}
