/**
 * Text by a regular expression: codes, plates, part numbers.
 *
 * Every value matches the expression as a whole. Each choice in it (a character, a branch, a number
 * of repeats) is drawn evenly, whatever number of texts lies behind it. No string is made per row:
 * a value is a few words, each from a list of up to 4,096 (see `pattern/parts.ts`).
 */
import { z } from "zod";
import type { Column, Joined, Words } from "../column.ts";
import { type Deck, demandType, GeneratorFault, type Kind } from "../kind.ts";
import { parsePattern } from "../pattern/parse.ts";
import { type Choice, type Part, partsOf } from "../pattern/parts.ts";
import { bits, type Stream } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({ pattern: z.string().min(1).max(1_000) });

/** A row's cost; only choices between many long branches come to more. */
const MOST_PARTS = 250;
/** Words up to which a value that is one word has a vocabulary that other fields may depend on. */
const MOST_NAMED_WORDS = 1_000;
/** Of a deck: what `permute` can deal. */
const MOST_VALUES = 2 ** 52;

export const pattern: Kind<z.infer<typeof parameters>> = {
  summary:
    "Text that matches a regular expression of literals, classes, groups, | and {m,n}; * and + stand for at most 8 times.",
  example: { type: "string", generator: { kind: "pattern", pattern: "[A-Z]{2}-\\d{4}" } },
  parameters,
  compile: (given, context) => {
    demandType(context, ["string"], "A pattern makes strings");
    const { parts, choices } = partsOf(parsePattern(given.pattern));
    if (parts.length + choices.length > MOST_PARTS) {
      const message = `"${given.pattern}" has too many long branches; give it fewer, or shorten them.`;
      throw new GeneratorFault("bad-pattern", message, "/pattern");
    }
    const stream = context.stream("value");
    const lists = listsOf(parts);
    const [only] = lists;
    const isNamed = only && lists.length === 1 && only.words.length <= MOST_NAMED_WORDS;
    return {
      vocabulary: isNamed ? only.vocabulary() : undefined,
      deck: choices.length === 0 ? deckOf(lists) : undefined,
      column: ({ draws }) => {
        const outcomes = drawChoices(stream, draws, choices);
        const ids = parts.map((part, p) => drawIds(stream, draws, part, choices.length + p, outcomes));
        return columnOf(lists, (p) => idsIn(lists[p] as List, ids[p] as Uint32Array));
      },
    };
  },
};

/** A part's different words, encoded on first use. */
interface List {
  readonly words: readonly string[];
  /** By the place in the part's own list, where that repeats words: the id of the word. */
  readonly entries: Uint32Array | undefined;
  vocabulary(): Vocabulary;
}

/** Parts that share their words share the vocabulary. */
function listsOf(parts: readonly Part[]): List[] {
  const known = new Map<readonly string[], List>();
  return parts.map(({ words }) => {
    const list = known.get(words) ?? listOf(words);
    known.set(words, list);
    return list;
  });
}

function listOf(given: readonly string[]): List {
  const numbers = new Map<string, number>();
  for (const word of given) if (!numbers.has(word)) numbers.set(word, numbers.size);
  const isPlain = numbers.size === given.length;
  const words = isPlain ? given : [...numbers.keys()];
  let made: Vocabulary | undefined;
  return {
    words,
    entries: isPlain ? undefined : Uint32Array.from(given, (word) => numbers.get(word) as number),
    vocabulary: () => {
      made ??= makeVocabulary(words);
      return made;
    },
  };
}

/** Of each choice, the outcome in each row: draw number c of the row for choice c. */
function drawChoices(stream: Stream, draws: Float64Array, choices: readonly Choice[]): Uint32Array[] {
  const drawn: Uint32Array[] = [];
  for (const [c, { outcomes, when }] of choices.entries()) {
    const own = new Uint32Array(draws.length);
    const other = when && drawn[when.choice];
    for (let i = 0; i < own.length; i++) {
      const outcome = other ? (other[i] as number) : 0;
      if (when && (outcome < when.from || outcome > when.to)) continue;
      own[i] = 1 + Math.floor((bits(stream, draws[i] as number, c) / 4294967296) * outcomes);
    }
    drawn.push(own);
  }
  return drawn;
}

/** Places in a part's list. */
function drawIds(
  stream: Stream,
  draws: Float64Array,
  { words, sections }: Part,
  draw: number,
  outcomes: readonly Uint32Array[],
): Uint32Array {
  const ids = new Uint32Array(draws.length);
  const n = words.length;
  if (n === 1) return ids;
  if (!sections) {
    for (let i = 0; i < ids.length; i++) ids[i] = (bits(stream, draws[i] as number, draw) / 4294967296) * n;
    return ids;
  }
  const { starts, sizes, choice } = sections;
  const outcome = outcomes[choice] as Uint32Array;
  for (let i = 0; i < ids.length; i++) {
    const o = outcome[i] as number;
    const random = bits(stream, draws[i] as number, draw) / 4294967296;
    ids[i] = (starts[o] as number) + Math.floor(random * (sizes[o] as number));
  }
  return ids;
}

function idsIn({ entries }: List, places: Uint32Array): Uint32Array {
  return entries ? places.map((place) => entries[place] as number) : places;
}

/** One part is words, several are joined; what is always the same is a literal. */
function columnOf(lists: readonly List[], ids: (part: number) => Uint32Array): Column {
  if (lists.length === 1) return wordsOf(lists[0] as List, ids(0));
  const parts: Joined["parts"] = lists.map((list, p) =>
    list.words.length === 1 ? { kind: "literal", vocabulary: list.vocabulary() } : wordsOf(list, ids(p)),
  );
  return { kind: "joined", parts };
}

function wordsOf(list: List, ids: Uint32Array): Words {
  return { kind: "words", vocabulary: list.vocabulary(), ids };
}

/**
 * Values by number, the parts' words being its digits; none when two numbers could give the same text.
 * They can't where the parts' ends are told by their lengths: all but one are of fixed length, or all
 * but the last have no word that another of its words begins with.
 */
function deckOf(lists: readonly List[]): Deck | undefined {
  const size = lists.reduce((product, { words }) => product * words.length, 1);
  const varying = lists.filter(({ words }) => words.some((word) => word.length !== words[0]?.length));
  if (size > MOST_VALUES || (varying.length > 1 && !lists.slice(0, -1).every(isPrefixFree))) return undefined;
  return {
    size,
    column: (numbers) => {
      const digits: Uint32Array[] = [];
      let rest = numbers;
      for (const { words } of lists.toReversed()) {
        digits.unshift(Uint32Array.from(rest, (number) => number % words.length));
        rest = rest.map((number) => Math.floor(number / words.length));
      }
      return columnOf(lists, (p) => digits[p] as Uint32Array);
    },
    idOf: (column, i) => {
      const parts = column.kind === "joined" ? column.parts : [column];
      return lists.reduce((number, { words }, p) => number * words.length + idAt(parts[p] as Column, i), 0);
    },
  };
}

function idAt(part: Column, i: number): number {
  return part.kind === "words" ? (part.ids[i] as number) : 0;
}

function isPrefixFree({ words }: List): boolean {
  if (words.every((word) => word.length === words[0]?.length)) return true;
  // Sorted, a word stands right before the first of those that begin with it.
  const sorted = [...words].sort();
  return sorted.every((word, k) => k === 0 || !word.startsWith(sorted[k - 1] as string));
}
