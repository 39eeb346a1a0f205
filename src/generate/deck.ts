/** Decks: the different values of a list by number, so that keys can be dealt without repeats. */
import { type Column, cellAt } from "./column.ts";
import type { Deck } from "./kind.ts";

/**
 * The different values among the ids 0 to `count` - 1 of what `make` makes columns of; without those
 * that `isLeftOut` (of weight 0). A value listed twice has one number. Undefined when nothing is left.
 */
export function listDeck(
  count: number,
  make: (ids: Uint32Array) => Column,
  isLeftOut: (id: number) => boolean = () => false,
): Deck | undefined {
  const all = make(Uint32Array.from({ length: count }, (_, id) => id));
  const numbers = new Map<string, number>();
  const firsts: number[] = [];
  for (let id = 0; id < count; id++) {
    const cell = String(cellAt(all, id));
    if (isLeftOut(id) || numbers.has(cell)) continue;
    numbers.set(cell, firsts.length);
    firsts.push(id);
  }
  if (firsts.length === 0) return undefined;
  return {
    size: firsts.length,
    column: (ids) => make(Uint32Array.from(ids, (number) => firsts[number] as number)),
    idOf: (column, i) => {
      const cell = cellAt(column, i);
      return cell === null ? -1 : (numbers.get(String(cell)) ?? -1);
    },
  };
}
