/**
 * `permute` of `random.ts` for whole blocks, in less than half the time; a test holds the two equal.
 *
 * Three things make the difference: all numbers are 32-bit integers, the keys of the four rounds are
 * worked out once, and each pass takes one step with every row that is not yet inside, without a branch
 * that the processor would guess wrongly, so that it works on several rows at once.
 */
import { keysOf, mix, type Stream } from "./random.ts";

/** `permute(stream, size, row % size)` for each row; size at most 2^30. */
export function shuffleAll(stream: Stream, size: number, rows: Float64Array): Uint32Array {
  const half = Math.max(1, (33 - Math.clz32(size - 1)) >> 1);
  const mask = (1 << half) - 1;
  const { a, b: b0 } = keysOf(stream, 0);
  const { shift: s1, b: b1 } = keysOf(stream, 1);
  const { shift: s2, b: b2 } = keysOf(stream, 2);
  const { shift: s3, b: b3 } = keysOf(stream, 3);
  const places = new Uint32Array(rows.length);
  const outside = new Uint32Array(rows.length);
  for (let i = 0; i < places.length; i++) {
    const row = rows[i] as number;
    places[i] = row < size ? row : row % size;
    outside[i] = i;
  }
  let left = rows.length;
  while (left > 0) {
    let still = 0;
    for (let k = 0; k < left; k++) {
      const i = outside[k] as number;
      let x = (places[i] as number) >> half;
      let y = (places[i] as number) & mask;
      x = (x ^ mix(mix(y ^ a) ^ b0)) & mask;
      y = (y ^ mix(mix((x ^ a) + s1) ^ b1)) & mask;
      x = (x ^ mix(mix((y ^ a) + s2) ^ b2)) & mask;
      y = (y ^ mix(mix((x ^ a) + s3) ^ b3)) & mask;
      const next = (y << half) | x;
      places[i] = next;
      outside[still] = i;
      // The sign bit: 1 when next >= size.
      still += (size - 1 - next) >>> 31;
    }
    left = still;
  }
  return places;
}
