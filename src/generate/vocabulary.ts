/**
 * A vocabulary: the words a field can draw from, encoded once so that rows only copy bytes.
 *
 * faker and every list of values end here; the hot path sees ids and byte ranges, never strings.
 */

/** Words with what the CSV writer needs to know of each, by id. */
export interface Vocabulary {
  readonly words: readonly string[];
  /** Of each word: the flags below, or'ed. */
  readonly flags: Uint8Array;
  /** Of each word: UTF-8 with every quote doubled, not yet wrapped in quotes; padded by PADDING bytes. */
  readonly bytes: Uint8Array;
  /** Word `id` is bytes[starts[id] .. starts[id + 1]). */
  readonly starts: Uint32Array;
  /** Bytes of the longest word. */
  readonly longest: number;
}

/** Room behind the last word for a copy that moves eight bytes at a time. */
const PADDING = 8;

/** The word contains a comma, a quote, CR or LF: a cell with it is wrapped in quotes (RFC 4180). */
export const NEEDS_QUOTES = 1;
/** The word starts with a character that a spreadsheet takes for a formula. */
export const FORMULA_START = 2;

/** As csv-stringify's `escape_formulas`: = + - @ tab CR and the full-width forms of the first four. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const SPECIAL = /[",\r\n]/;

/** Encodes words; the id of a word is its place in the list. Strings that are not well-formed UTF-16 are mended. */
export function makeVocabulary(words: readonly string[]): Vocabulary {
  const encoder = new TextEncoder();
  const encoded = words.map((word) => encoder.encode(word.replaceAll('"', '""')));
  const starts = new Uint32Array(words.length + 1);
  for (let id = 0; id < encoded.length; id++)
    starts[id + 1] = (starts[id] as number) + (encoded[id] as Uint8Array).length;
  const bytes = new Uint8Array((starts[words.length] as number) + PADDING);
  for (let id = 0; id < encoded.length; id++) bytes.set(encoded[id] as Uint8Array, starts[id]);
  return {
    words,
    flags: Uint8Array.from(words, (w) => (SPECIAL.test(w) ? NEEDS_QUOTES : 0) | (FORMULA.test(w) ? FORMULA_START : 0)),
    bytes,
    starts,
    longest: encoded.reduce((most, word) => Math.max(most, word.length), 0),
  };
}
