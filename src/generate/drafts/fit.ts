/** Text made to fit a limit: cut where a sentence or at least a word ends, never within one. Lengths are UTF-16 units, as SQL counts. */
import { type Column, cellAt, type Joined, mostBytes, type Words } from "../column.ts";
import type { Block } from "../kind.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

/** The whole sentences of a text that fit, or undefined when not even one does. */
export function wholeSentences(text: string, most: number): string | undefined {
  const ends = [...text.slice(0, most).matchAll(/[.!?\u2026]["'\u201d\u2019)]?(?=\s|$)/g)];
  const last = ends.findLast(({ index, 0: end }) => /^(?:\s|$)/.test(text.slice(index + end.length)));
  return last && text.slice(0, last.index + last[0].length);
}

/** The text itself when it fits; else its whole sentences, else its whole words, else as much of it as can stand. */
export function cutToFit(text: string, most: number): string {
  if (text.length <= most) return text;
  const sentences = wholeSentences(text, most);
  if (sentences) return sentences;
  const words = text.slice(0, most + 1).replace(/\s+\S*$/u, "");
  if (words.length <= most && words !== "") return words.replace(/[\s,;:]+$/, "");
  // Half of a pair of surrogates is no character.
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}

/** A string column whose cells fit; the same one where all do. */
export function fitColumn(column: Column, most: number, { rows }: Block): Column {
  if (column.kind === "joined") return mostBytes(column) <= most ? column : cutRows(column, most, rows.length);
  if (column.kind === "numbers") return column;
  const vocabulary = fittedVocabulary(column.vocabulary, most);
  return vocabulary === column.vocabulary ? column : { ...column, vocabulary };
}

/** Of each vocabulary and limit, found out once. */
const fitted = new WeakMap<Vocabulary, Map<number, Vocabulary>>();

function fittedVocabulary(vocabulary: Vocabulary, most: number): Vocabulary {
  // A word has no more units than bytes.
  if (vocabulary.longest <= most) return vocabulary;
  const known = fitted.get(vocabulary) ?? new Map<number, Vocabulary>();
  fitted.set(vocabulary, known);
  const fits = vocabulary.words.every((word) => word.length <= most);
  const made =
    known.get(most) ?? (fits ? vocabulary : makeVocabulary(vocabulary.words.map((word) => cutToFit(word, most))));
  known.set(most, made);
  return made;
}

/** Rows whose parts are too long together, one by one. */
function cutRows(column: Joined, most: number, count: number): Column {
  const texts = Array.from({ length: count }, (_, i) => String(cellAt(column, i) ?? ""));
  if (texts.every((text) => text.length <= most)) return column;
  const words = new Map<string, number>();
  const ids = Uint32Array.from(texts, (text) => {
    const word = cutToFit(text, most);
    const id = words.get(word) ?? words.size;
    words.set(word, id);
    return id;
  });
  return { kind: "words", vocabulary: makeVocabulary([...words.keys()]), ids, nulls: column.nulls } satisfies Words;
}
