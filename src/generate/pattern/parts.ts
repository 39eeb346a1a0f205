/**
 * Turns the shape of a text into few parts, each one word of a list.
 *
 * What is small is multiplied out: \d{3} is one list of 1,000 words, since a cell's cost is its
 * number of parts. What is too large for one list becomes several; where a choice or a number of
 * repeats decides whether a part is there, its list has a section for each outcome.
 */
import type { Shape } from "./parse.ts";

export interface Parts {
  readonly parts: readonly Part[];
  readonly choices: readonly Choice[];
}

export interface Part {
  /** May repeat a word, which is then as much more likely. */
  readonly words: readonly string[];
  /** Which choice says what section of the words is drawn from; absent: all of them are. */
  readonly sections?: Sections;
}

interface Sections {
  readonly choice: number;
  /** By the choice's outcome: the first word's place, and how many words there are. */
  readonly starts: Uint32Array;
  readonly sizes: Uint32Array;
}

/** An outcome from 1 to `outcomes`, each equally likely; 0 where `when` does not hold. */
export interface Choice {
  readonly outcomes: number;
  readonly when: When;
}

/** Holds when that choice has an outcome of `from` to `to`; undefined always holds. */
type When = { readonly choice: number; readonly from: number; readonly to: number } | undefined;

/** Words of one list at most: 4,096 still stay in the fastest cache, 65,536 cost ten times as much a part. */
const MOST_WORDS = 4_096;

interface Building {
  readonly parts: { words: readonly string[]; when: When; sections?: Sections }[];
  readonly choices: Choice[];
}

export function partsOf(shape: Shape): Parts {
  const building: Building = { parts: [], choices: [] };
  add(building, shape, undefined);
  return { choices: building.choices, parts: building.parts.map((part) => finished(part, building.choices)) };
}

function add(building: Building, shape: Shape, when: When): void {
  if (shape.kind === "words" || sizeOf(shape) <= MOST_WORDS) {
    append(building, listOf(shape), when);
    return;
  }
  switch (shape.kind) {
    case "sequence":
      for (const item of shape.items) add(building, item, when);
      return;
    case "choice": {
      const choice = choose(building, shape.branches.length, when);
      for (const [i, branch] of shape.branches.entries()) add(building, branch, { choice, from: i + 1, to: i + 1 });
      return;
    }
    case "repeat":
      if (sizeOf(shape.item) <= MOST_WORDS) addWords(building, listOf(shape.item), shape, when);
      else addCopies(building, shape, when);
  }
}

function choose(building: Building, outcomes: number, when: When): number {
  return building.choices.push({ outcomes, when }) - 1;
}

/** One more list, multiplied into the one before where that is small enough. */
function append(building: Building, words: readonly string[], when: When): void {
  const { parts } = building;
  const last = parts.at(-1);
  const size = words.length * (last?.words.length ?? 0);
  const isJoinable = last && !last.sections && isSame(last.when, when) && size <= MOST_WORDS;
  if (isJoinable) parts.splice(-1, 1, { words: product(last.words, words), when });
  else parts.push({ words, when });
}

function isSame(a: When, b: When): boolean {
  return a?.choice === b?.choice && a?.from === b?.from && a?.to === b?.to;
}

/** Copies of a shape that is too large for a list: those beyond the least are there when the number says so. */
function addCopies(building: Building, { item, min, max }: Shape & { kind: "repeat" }, when: When): void {
  for (let copy = 0; copy < min; copy++) add(building, item, when);
  if (max === min) return;
  const outcomes = max - min + 1;
  const choice = choose(building, outcomes, when);
  for (let copy = 2; copy <= outcomes; copy++) add(building, item, { choice, from: copy, to: outcomes });
}

/** Copies of a word of a list, several to a part. */
function addWords(
  building: Building,
  words: readonly string[],
  repeat: { min: number; max: number },
  when: When,
): void {
  const { min, max } = repeat;
  const powers = [[""], words];
  for (const count of evenly(min, copiesAPart(words.length, 0))) append(building, power(powers, words, count), when);
  if (max === min) return;
  const choice = choose(building, max - min + 1, when);
  const lists = new Map<number, readonly string[]>();
  let before = 0;
  for (const count of evenly(max - min, copiesAPart(words.length, 1))) {
    const powersInOne = Array.from({ length: count + 1 }, (_, k) => power(powers, words, k));
    const list = lists.get(count) ?? powersInOne.flat();
    lists.set(count, list);
    // Outcome 0 is none of all, outcome 1 the least number: neither has any of these copies.
    const copies = Array.from({ length: max - min + 2 }, (_, outcome) =>
      Math.min(Math.max(outcome - 1 - before, 0), count),
    );
    const sizes = Uint32Array.from(copies, (k) => words.length ** k);
    const starts = Uint32Array.from(copies, (k) => powersInOne.slice(0, k).flat().length);
    building.parts.push({ words: list, when, sections: { choice, starts, sizes } });
    before += count;
  }
}

/**
 * How many copies of a list of n words make one list: all texts of that many, and with `shorter` = 1
 * those of fewer as well. At least one.
 */
function copiesAPart(n: number, shorter: 0 | 1): number {
  let copies = 1;
  let size = n + shorter;
  while (copies < MOST_WORDS) {
    size = n ** (copies + 1) + shorter * size;
    if (size > MOST_WORDS) break;
    copies++;
  }
  return copies;
}

/** `total` as few numbers of at most `most`, as equal as can be: 7 by 3 is 3, 2, 2. */
function evenly(total: number, most: number): number[] {
  const count = Math.ceil(total / most);
  return Array.from({ length: count }, (_, i) => Math.floor((total + count - 1 - i) / count));
}

/** All texts of `count` words, remembered in `powers`. */
function power(powers: (readonly string[])[], words: readonly string[], count: number): readonly string[] {
  for (let k = powers.length; k <= count; k++) powers.push(product(powers[k - 1] as readonly string[], words));
  return powers[count] as readonly string[];
}

function product(first: readonly string[], second: readonly string[]): string[] {
  return first.flatMap((a) => second.map((b) => a + b));
}

/** A part that isn't always there has "" as its last word, for when it isn't. */
function finished({ words, when, sections }: Building["parts"][number], choices: readonly Choice[]): Part {
  if (sections) return { words, sections };
  if (!when) return { words };
  const { choice, from, to } = when;
  const outcomes = Array.from({ length: (choices[choice] as Choice).outcomes + 1 }, (_, v) => v >= from && v <= to);
  return {
    words: [...words, ""],
    sections: {
      choice,
      starts: Uint32Array.from(outcomes, (isThere) => (isThere ? 0 : words.length)),
      sizes: Uint32Array.from(outcomes, (isThere) => (isThere ? words.length : 1)),
    },
  };
}

/** Words of the shape as one list in which each place is equally likely; Infinity when there are too many. */
function sizeOf(shape: Shape): number {
  switch (shape.kind) {
    case "words":
      return shape.words.length;
    case "sequence":
      return shape.items.reduce((size, item) => size * sizeOf(item), 1);
    case "choice":
      return balancedSize(shape.branches.map(sizeOf));
    case "repeat": {
      const size = sizeOf(shape.item);
      return (shape.max - shape.min + 1) * size ** shape.max;
    }
  }
}

/** Of lists, each repeated until all are as long as their least common multiple. */
function balancedSize(sizes: readonly number[]): number {
  const multiple = sizes.reduce((a, b) =>
    a * b <= MOST_WORDS ** 2 ? (a * b) / divisor(a, b) : Number.POSITIVE_INFINITY,
  );
  return multiple * sizes.length;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function listOf(shape: Shape): readonly string[] {
  switch (shape.kind) {
    case "words":
      return shape.words;
    case "sequence":
      return shape.items.map(listOf).reduce(product);
    case "choice":
      return balanced(shape.branches.map(listOf));
    case "repeat": {
      const { item, min, max } = shape;
      const words = listOf(item);
      const powers = [[""], words];
      return balanced(Array.from({ length: max - min + 1 }, (_, k) => power(powers, words, min + k)));
    }
  }
}

function balanced(lists: readonly (readonly string[])[]): string[] {
  const length = balancedSize(lists.map((list) => list.length)) / lists.length;
  return lists.flatMap((list) => Array.from({ length }, (_, i) => list[i % list.length] as string));
}
