/**
 * UUIDs of version 4 or 7 (RFC 9562), unique without any memory of the others.
 *
 * A version 4 hides its row number: 52 of its 122 free bits are the row, encrypted. A version 7 has
 * it in the open, since row r gets the millisecond base + r. The other bits are hashes of the row, so
 * that a UUID can be taken back to its row and made again to see whether it is really ours.
 */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import type { Column, Joined, Words } from "../column.ts";
import { demandType, GeneratorFault, type Kind } from "../kind.ts";
import { bits, permute, permuteBack, type Stream } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({ version: z.union([z.literal(4), z.literal(7)]).default(4) });

/** A part for each byte: their 256 words stay in the fastest cache; two bytes a part are several times as slow. */
const PARTS = 16;
/** Row numbers that a version 4 can hide, and milliseconds that a version 7 can show. */
const ROWS = 2 ** 52;
const TIMES = 2 ** 48;

/** Which shuffle hides rows: not the first, whose random numbers would be those of the hashes. */
const ROUND = 1;

const DAYS_PER_YEAR = 365;
const MS_PER_DAY = 86_400_000;

export const uuid: Kind<z.infer<typeof parameters>> = {
  summary:
    "A unique UUID: version 4 looks random; the times of version 7 go up by a millisecond a row, from a year before the reference date.",
  example: { type: "uuid", generator: { kind: "uuid", version: 4 } },
  parameters,
  compile: ({ version }, context) => {
    demandType(context, ["uuid", "string"], "A UUID is text of its own type");
    const stream = context.stream("value");
    const base = (context.referenceDay - DAYS_PER_YEAR) * MS_PER_DAY;
    if (version === 7 && base < 0) {
      const remedy = "use version 4, or a reference date from 1971 on";
      throw new GeneratorFault("impossible-range", `A UUID has no time before 1970; ${remedy}.`, "/version");
    }
    const { fill, rowOf } = version === 4 ? randomUuids(stream) : timedUuids(stream, base, context.field.name);
    const rowAt = leftInverse(stream, version === 4 ? 7 : 6, rowOf);
    return {
      column: ({ rows }): Joined => {
        const ids = emptyIds(rows.length);
        for (let i = 0; i < rows.length; i++) fill(rows[i] as number, ids, i);
        return { kind: "joined", parts: vocabularies(version).map((vocabulary, part) => words(vocabulary, ids[part])) };
      },
      rowOf: rowAt,
      letters: lettersOf(version),
      has: (text) => rowAt(fromText(text, version), 0) >= 0,
    };
  },
};

function words(vocabulary: Vocabulary, ids: Uint32Array | undefined): Words {
  return { kind: "words", vocabulary, ids: ids as Uint32Array };
}

/**
 * The row that a value would be of, if the value is what that row has: the row says what the hashed bytes
 * must be, from byte `hashed` on; those before are the row itself.
 */
function leftInverse(stream: Stream, hashed: number, rowOf: Layout["rowOf"]): (column: Column, i: number) => number {
  const again = emptyIds(1);
  let last: Column | undefined;
  let ids: Uint32Array[] = [];
  return (column, i) => {
    // A column is asked row by row, so its parts are taken out once.
    if (column !== last) ids = (column as Joined).parts.map((part) => (part as Words).ids);
    last = column;
    const row = rowOf(ids, i);
    if (!(row >= 0)) return -1;
    fillHashes(stream, row, again, 0);
    for (let part = hashed; part < PARTS; part++) if (at(again, part, 0) !== at(ids, part, i)) return -1;
    return row;
  };
}

function emptyIds(count: number): Uint32Array[] {
  return Array.from({ length: PARTS }, () => new Uint32Array(count));
}

/** Writes the sixteen word ids of a row at place `i`; and tells whose row such ids would be, below 0 for nobody's. */
interface Layout {
  fill(row: number, ids: readonly Uint32Array[], i: number): void;
  rowOf(ids: readonly Uint32Array[], i: number): number;
}

/** The encrypted row's 52 bits fill bytes 0 to 5 and the free half of byte 6. */
function randomUuids(stream: Stream): Layout {
  return {
    fill: (row, ids, i) => {
      const hidden = permute(stream, ROWS, row, ROUND);
      fillHashes(stream, row, ids, i);
      fillFirst(Math.floor(hidden / 16), ids, i);
      set(ids, 6, i, hidden % 16);
    },
    rowOf: (ids, i) => permuteBack(stream, ROWS, firstOf(ids, i) * 16 + at(ids, 6, i), ROUND),
  };
}

/** The millisecond's 48 bits fill bytes 0 to 5. */
function timedUuids(stream: Stream, base: number, name: string): Layout {
  return {
    fill: (row, ids, i) => {
      const time = base + row;
      if (time >= TIMES) throw new JobFailure("overflow", `${name} has more rows than UUIDs have times.`);
      fillHashes(stream, row, ids, i);
      fillFirst(time, ids, i);
    },
    rowOf: (ids, i) => firstOf(ids, i) - base,
  };
}

/** Bytes 6 to 15, without the bits of version and variant. */
function fillHashes(stream: Stream, row: number, ids: readonly Uint32Array[], i: number): void {
  const first = bits(stream, row);
  const second = bits(stream, row, 1);
  const third = bits(stream, row, 2);
  set(ids, 6, i, first & 15);
  set(ids, 7, i, (first >>> 4) & 255);
  set(ids, 8, i, (first >>> 12) & 63);
  set(ids, 9, i, first >>> 24);
  for (let byte = 0; byte < 4; byte++) set(ids, 10 + byte, i, (second >>> (8 * byte)) & 255);
  set(ids, 14, i, third & 255);
  set(ids, 15, i, third >>> 24);
}

/** A number of 48 bits as bytes 0 to 5. */
function fillFirst(value: number, ids: readonly Uint32Array[], i: number): void {
  const high = Math.floor(value / HALF);
  const low = value - high * HALF;
  for (let byte = 0; byte < 3; byte++) {
    const shift = 16 - 8 * byte;
    set(ids, byte, i, (high >>> shift) & 255);
    set(ids, byte + 3, i, (low >>> shift) & 255);
  }
}

function firstOf(ids: readonly Uint32Array[], i: number): number {
  let value = 0;
  for (let byte = 0; byte < 6; byte++) value = value * 256 + at(ids, byte, i);
  return value;
}

const HALF = 2 ** 24;

function set(ids: readonly Uint32Array[], part: number, i: number, id: number): void {
  (ids[part] as Uint32Array)[i] = id;
}

function at(ids: readonly Uint32Array[], part: number, i: number): number {
  return (ids[part] as Uint32Array)[i] as number;
}

/** Of the sixteen bytes, with the dashes that follow them: a dash inside a word costs nothing. */
function vocabularies(version: 4 | 7): Vocabulary[] {
  return Array.from({ length: PARTS }, (_, byte) => {
    if (byte === 6) return hexWords(String(version), "");
    if (byte === 8) return hexWords("89ab", "");
    return hexWords("0123456789abcdef", [3, 5, 7, 9].includes(byte) ? "-" : "");
  });
}

/** The characters at each of the 36 places. */
function lettersOf(version: 4 | 7): string[] {
  return vocabularies(version).flatMap(({ words }) => {
    const places = [...(words[0] as string)].keys();
    return [...places].map((place) => [...new Set(words.map((word) => word.charAt(place)))].join(""));
  });
}

/** A UUID's column of one row; bytes that this version doesn't have are beyond all words, and so are nobody's. */
function fromText(text: string, version: 4 | 7): Joined {
  let start = 0;
  const parts = vocabularies(version).map((vocabulary) => {
    const word = text.slice(start, start + (vocabulary.words[0] as string).length);
    start += word.length;
    const id = vocabulary.words.indexOf(word);
    return words(vocabulary, Uint32Array.of(id < 0 ? UNKNOWN : id));
  });
  return { kind: "joined", parts };
}

const UNKNOWN = 2 ** 32 - 1;

const known = new Map<string, Vocabulary>();

/** Two digits, the first one of these, by number; made once a process, on first use. */
function hexWords(first: string, end: string): Vocabulary {
  const name = first + end;
  const made = known.get(name);
  if (made) return made;
  const words = Array.from({ length: first.length * 16 }, (_, id) => {
    return `${first.charAt(id >> 4)}${(id & 15).toString(16)}${end}`;
  });
  const vocabulary = makeVocabulary(words);
  known.set(name, vocabulary);
  return vocabulary;
}
