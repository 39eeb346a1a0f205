/**
 * Random numbers addressed by name instead of drawn in order.
 *
 * A sequential generator must replay rows 0..k to know row k, so two workers can't share a table.
 * Here every cell has an address (seed, stream name, row, draw) and its randomness is a hash of that
 * address: any worker makes any row, in any order, and gets the same bytes.
 */
import { createHash } from "node:crypto";

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

/** `below` for each row: whole blocks at a time, because a loop that the compiler sees whole costs a third. */
export function belowAll(stream: Stream, rows: Float64Array, n: number): Float64Array {
  const values = new Float64Array(rows.length);
  if (n <= 1048576) {
    for (let i = 0; i < values.length; i++) values[i] = Math.floor((bits(stream, rows[i] as number) / 4294967296) * n);
  } else {
    for (let i = 0; i < values.length; i++) values[i] = below(stream, rows[i] as number, n);
  }
  return values;
}

/** The same as ids of words; n at most 2^20. */
export function idsBelow(stream: Stream, rows: Float64Array, n: number): Uint32Array {
  const ids = new Uint32Array(rows.length);
  for (let i = 0; i < ids.length; i++) ids[i] = (bits(stream, rows[i] as number) / 4294967296) * n;
  return ids;
}

/** `uniform` for each row. */
export function uniformAll(stream: Stream, rows: Float64Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < values.length; i++) values[i] = uniform(stream, rows[i] as number);
  return values;
}

/**
 * A keyed bijection of [0, n): the row's place in a shuffled deck, without the deck. n at most 2^30.
 * A balanced Feistel network over the next even number of bits, walked until it falls inside
 * (Black and Rogaway 2002, "cycle walking"); at most 4 steps are expected.
 */
export function permute(stream: Stream, n: number, i: number): number {
  const half = halfBits(n);
  let x = i;
  do x = feistel(stream, half, x, 0, 1);
  while (x >= n);
  return x;
}

/** The inverse of `permute`: permuteBack(s, n, permute(s, n, i)) = i. */
export function permuteBack(stream: Stream, n: number, i: number): number {
  const half = halfBits(n);
  let x = i;
  do x = feistel(stream, half, x, ROUNDS - 1, -1);
  while (x >= n);
  return x;
}

const ROUNDS = 4;

function halfBits(n: number): number {
  return Math.max(1, (33 - Math.clz32(n - 1)) >> 1);
}

/** The halves come out swapped, which makes the same loop with its rounds reversed its own inverse. */
function feistel(stream: Stream, half: number, x: number, firstRound: number, step: 1 | -1): number {
  const mask = (1 << half) - 1;
  let left = x >>> half;
  let right = x & mask;
  for (let k = 0, round = firstRound; k < ROUNDS; k++, round += step) {
    const mixed = (left ^ bits(stream, right, round)) & mask;
    left = right;
    right = mixed;
  }
  return (right << half) | left;
}

/** murmur3's 32-bit finalizer (Appleby): every input bit reaches every output bit. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
