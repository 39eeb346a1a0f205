/**
 * A vocabulary: the words a field can draw from, encoded once so that rows only copy bytes.
 *
 * faker and every list of values end here; the hot path sees ids and bytes, never strings.
 */

/** Words with what the CSV writer needs to know of each, by id. */
export interface Vocabulary {
  readonly words: readonly string[];
  /** Of each word: the flags below, or'ed. */
  readonly flags: Uint8Array;
  /** The flags that some word has, and those that all have. */
  readonly someFlags: number;
  readonly allFlags: number;
  /** UTF-8 bytes of the longest word, with every quote doubled. */
  readonly longest: number;
}

/** The word contains a comma, a quote, CR or LF: a cell with it is wrapped in quotes (RFC 4180). */
export const NEEDS_QUOTES = 1;
/** The word starts with a character that a spreadsheet takes for a formula. */
export const FORMULA_START = 2;
/** The word is the empty string. */
export const EMPTY = 4;

/** As csv-stringify's `escape_formulas`: = + - @ tab CR and the full-width forms of the first four. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const SPECIAL = /[",\r\n]/;

/** The id of a word is its place in the list. Strings that are not well-formed UTF-16 are mended as they are written. */
export function makeVocabulary(words: readonly string[]): Vocabulary {
  const flags = Uint8Array.from(words, flagsOf);
  return {
    words,
    flags,
    someFlags: flags.reduce((some, own) => some | own, 0),
    allFlags: flags.reduce((all, own) => all & own, 0xff),
    longest: encode(words.map(doubleQuotes)).longest,
  };
}

function flagsOf(word: string): number {
  return (SPECIAL.test(word) ? NEEDS_QUOTES : 0) | (FORMULA.test(word) ? FORMULA_START : 0) | (word === "" ? EMPTY : 0);
}

/** How a word stands between quotes. */
export function doubleQuotes(word: string): string {
  return word.replaceAll('"', '""');
}

/** Byte strings, one behind the other: number `id` is bytes[starts[id] .. starts[id + 1]). */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  /** Bytes of the longest one. */
  readonly longest: number;
}

/** Texts as UTF-8. */
export function encode(texts: readonly string[]): Encoded {
  const encoder = new TextEncoder();
  const strings = texts.map((text) => encoder.encode(text));
  const starts = new Uint32Array(texts.length + 1);
  for (const [id, { length }] of strings.entries()) starts[id + 1] = (starts[id] as number) + length;
  const bytes = new Uint8Array(starts[texts.length] as number);
  for (const [id, string] of strings.entries()) bytes.set(string, starts[id]);
  return { bytes, starts, longest: strings.reduce((most, { length }) => Math.max(most, length), 0) };
}
