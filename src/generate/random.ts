/**
 * Random numbers addressed by name instead of drawn in order.
 *
 * A sequential generator must replay rows 0..k to know row k, so two workers can't share a table.
 * Here every cell has an address (seed, stream name, row, draw) and its randomness is a hash of that
 * address: any worker makes any row, in any order, and gets the same bytes.
 */
import { createHash } from "node:crypto";
import { newIds, newNumbers } from "./reuse.ts";

/**
 * The private stream of one purpose of one field. Two 32-bit words, not one: with a single word a
 * stream is a window into one shared sequence, and a hundred streams of a million rows overlap.
 */
export interface Stream {
  readonly a: number;
  readonly b: number;
}

/** Names a stream. `seed` may use all its 53 bits; same (seed, name), same stream, in every process and release. */
export function makeStream(seed: number, name: string): Stream {
  const digest = createHash("sha256").update(`${seed}\n${name}`).digest();
  return { a: digest.readInt32LE(0), b: digest.readInt32LE(4) };
}

/** The 32 random bits of draw number `draw` of `row` (a whole number, 0 to 2^53-1), as an unsigned integer. */
export function bits(stream: Stream, row: number, draw = 0): number {
  const high = row < 4294967296 ? 0 : (row / 4294967296) | 0;
  const x = mix((row ^ stream.a) + Math.imul(draw, 0x9e3779b9));
  return mix(x ^ stream.b ^ Math.imul(high + draw + 1, 0x85ebca77)) >>> 0;
}

/** Uniform in [0, 1), resolution 2^-53. Uses the draws 2 x `draw` and 2 x `draw` + 1. */
export function uniform(stream: Stream, row: number, draw = 0): number {
  return ((bits(stream, row, 2 * draw) >>> 5) * 67108864 + (bits(stream, row, 2 * draw + 1) >>> 6)) / 9007199254740992;
}

/**
 * A whole number from 0 to n-1, each equally likely. Up to n = 2^20 the 32 bits of one draw are
 * scaled (uneven by at most 2^-12); above that 53 bits are, since 32 would be visibly uneven.
 */
export function below(stream: Stream, row: number, n: number, draw = 0): number {
  if (n <= 1048576) return Math.floor((bits(stream, row, 2 * draw) / 4294967296) * n);
  return Math.floor(uniform(stream, row, draw) * n);
}

/**
 * `below` for each row. The functions for whole blocks take half the time of the ones for single rows:
 * what is the same for all rows is taken out of the loop, and rows below 2^32 need no high word.
 */
export function belowAll(stream: Stream, rows: Float64Array, n: number): Float64Array {
  const values = n > 1048576 ? uniformAll(stream, rows) : newNumbers(rows.length);
  if (n > 1048576) {
    for (let i = 0; i < values.length; i++) values[i] = Math.floor((values[i] as number) * n);
  } else if (areLow(rows)) {
    const { a, shift, b } = keysOf(stream, 0);
    for (let i = 0; i < values.length; i++) {
      values[i] = Math.floor((lowBits(rows[i] as number, a, shift, b) / 4294967296) * n);
    }
  } else {
    for (let i = 0; i < values.length; i++) values[i] = below(stream, rows[i] as number, n);
  }
  return values;
}

/** The same as ids of words; n at most 2^20. */
export function idsBelow(stream: Stream, rows: Float64Array, n: number): Uint32Array {
  const ids = newIds(rows.length);
  if (areLow(rows)) {
    const { a, shift, b } = keysOf(stream, 0);
    for (let i = 0; i < ids.length; i++) ids[i] = (lowBits(rows[i] as number, a, shift, b) / 4294967296) * n;
  } else {
    for (let i = 0; i < ids.length; i++) ids[i] = below(stream, rows[i] as number, n);
  }
  return ids;
}

/** `uniform` for each row. */
export function uniformAll(stream: Stream, rows: Float64Array): Float64Array {
  const values = newNumbers(rows.length);
  if (areLow(rows)) {
    const first = keysOf(stream, 0);
    const second = keysOf(stream, 1);
    for (let i = 0; i < values.length; i++) {
      const high = lowBits(rows[i] as number, first.a, first.shift, first.b) >>> 5;
      const low = lowBits(rows[i] as number, second.a, second.shift, second.b) >>> 6;
      values[i] = (high * 67108864 + low) / 9007199254740992;
    }
  } else {
    for (let i = 0; i < values.length; i++) values[i] = uniform(stream, rows[i] as number);
  }
  return values;
}

/** `bits` for each row. */
export function bitsAll(stream: Stream, rows: Float64Array): Uint32Array {
  const values = newIds(rows.length);
  if (areLow(rows)) {
    const { a, shift, b } = keysOf(stream, 0);
    for (let i = 0; i < values.length; i++) values[i] = lowBits(rows[i] as number, a, shift, b);
  } else {
    for (let i = 0; i < values.length; i++) values[i] = bits(stream, rows[i] as number);
  }
  return values;
}

/** Asked apart, because the question inside a loop costs more than the loop. */
function areLow(rows: Float64Array): boolean {
  for (let i = 0; i < rows.length; i++) if ((rows[i] as number) >= 4294967296) return false;
  return true;
}

/** What `bits` mixes in for every row below 2^32. */
export function keysOf(stream: Stream, draw: number): { a: number; shift: number; b: number } {
  return { a: stream.a, shift: Math.imul(draw, 0x9e3779b9), b: stream.b ^ Math.imul(draw + 1, 0x85ebca77) };
}

/** `bits` of a row below 2^32. */
function lowBits(row: number, a: number, shift: number, b: number): number {
  return mix(mix((row ^ a) + shift) ^ b) >>> 0;
}

/**
 * A keyed bijection of [0, n): the row's place in a shuffled deck, without the deck. n at most 2^52;
 * `draw` tells apart decks of one stream. A balanced Feistel network over the next even number of
 * bits, walked until it falls inside (Black and Rogaway 2002, "cycle walking"); at most 4 steps are expected.
 */
export function permute(stream: Stream, n: number, i: number, draw = 0): number {
  return walk(stream, n, i, draw * ROUNDS, 1);
}

/** The inverse of `permute`: permuteBack(s, n, permute(s, n, i)) = i. */
export function permuteBack(stream: Stream, n: number, i: number, draw = 0): number {
  return walk(stream, n, i, draw * ROUNDS + ROUNDS - 1, -1);
}

/** `permuteBack` for each place; in decks of up to 2^24 without a call for each. */
export function permuteBackAll(stream: Stream, n: number, places: Float64Array): Float64Array {
  const half = halfBits(n);
  if (half > TABLED_BITS) return places.map((place) => permuteBack(stream, n, place));
  const rounds = roundsOf(stream, half);
  const mask = (1 << half) - 1;
  const found = new Float64Array(places.length);
  const [third, second, first] = [3 << half, 2 << half, 1 << half];
  for (let i = 0; i < found.length; i++) {
    let x = places[i] as number;
    do {
      const a = x >> half;
      const b = x & mask;
      const c = a ^ (rounds[third + b] as number);
      const d = b ^ (rounds[second + c] as number);
      const e = c ^ (rounds[first + d] as number);
      x = ((d ^ (rounds[e] as number)) << half) + e;
    } while (x >= n);
    found[i] = x;
  }
  return found;
}

function walk(stream: Stream, n: number, i: number, firstRound: number, step: 1 | -1): number {
  const half = halfBits(n);
  let x = i;
  if (half <= TABLED_BITS && firstRound < ROUNDS) {
    const rounds = roundsOf(stream, half);
    do x = tabledFeistel(rounds, half, x, firstRound, step);
    while (x >= n);
  } else {
    do x = feistel(stream, half, x, firstRound, step);
    while (x >= n);
  }
  return x;
}

const ROUNDS = 4;

/** Half of the bits that [0, n) needs, rounded up: 1 to 26. */
function halfBits(n: number): number {
  const high = Math.floor((n - 1) / 4294967296);
  const needed = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(n - 1);
  return Math.max(1, (needed + 1) >> 1);
}

/** The halves come out swapped, which makes the same loop with its rounds reversed its own inverse. */
function feistel(stream: Stream, half: number, x: number, firstRound: number, step: 1 | -1): number {
  const size = 1 << half;
  const mask = size - 1;
  // Not with shifts, which cut a number to 32 bits; the halves have 26 at most.
  const high = Math.floor(x / size);
  let left = high | 0;
  let right = (x - high * size) | 0;
  for (let k = 0, round = firstRound; k < ROUNDS; k++, round += step) {
    const shift = Math.imul(round, 0x9e3779b9);
    const mixed = (left ^ lowBits(right, stream.a, shift, stream.b ^ Math.imul(round + 1, 0x85ebca77))) & mask;
    left = right;
    right = mixed;
  }
  return right * size + left;
}

/**
 * Decks of up to 2^24 are dealt from tables: a half is then one of so few values that what each round
 * adds to it is kept, 32 KB at most, and looked up at a fifth of the cost of hashing it.
 */
const TABLED_BITS = 12;

function tabledFeistel(rounds: Uint16Array, half: number, x: number, firstRound: number, step: 1 | -1): number {
  const mask = (1 << half) - 1;
  let left = x >> half;
  let right = x & mask;
  for (let k = 0, round = firstRound; k < ROUNDS; k++, round += step) {
    const mixed = left ^ (rounds[(round << half) + right] as number);
    left = right;
    right = mixed;
  }
  return (right << half) + left;
}

/** What each round adds to each half, made once for a stream; the last one asked for is at hand. */
function roundsOf(stream: Stream, half: number): Uint16Array {
  if (stream === last.stream && half === last.half) return last.rounds;
  const known = tables.get(stream);
  last = known?.half === half ? known : { stream, half, rounds: makeRounds(stream, half) };
  tables.set(stream, last);
  return last.rounds;
}

interface RoundTable {
  readonly stream: Stream;
  readonly half: number;
  readonly rounds: Uint16Array;
}

const tables = new WeakMap<Stream, RoundTable>();
let last: RoundTable = { stream: { a: 0, b: 0 }, half: 0, rounds: new Uint16Array(0) };

function makeRounds(stream: Stream, half: number): Uint16Array {
  const size = 2 ** half;
  return Uint16Array.from({ length: ROUNDS * size }, (_, i) => bits(stream, i % size, Math.floor(i / size)) % size);
}

/** murmur3's 32-bit finalizer (Appleby): every input bit reaches every output bit. */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
