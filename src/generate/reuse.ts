/**
 * Arrays of a block of rows, used again for the next block.
 *
 * A column is an array of its own, and a block makes dozens. Left to the garbage collector they cost a worker
 * a quarter of its processor time, on other threads than its own: two workers on two cores hinder each other.
 * So what is made while a block is rendered is lent from a pool and taken back when the block's bytes are
 * written. What lives longer (columns of a parent that is kept, and of its parents) is made `keeping` it.
 */

/** Rows made at a time: long enough to spread the cost of a block, short enough for its columns to stay in cache. */
export const BLOCK_ROWS = 4_096;

/** 16 MiB of numbers; who makes more within a block leaves the rest to the garbage collector. */
const MOST_LENT = 512;

let isLending = false;
/** Goes up when all arrays are taken back. */
let lending = 0;

/** An array of so many numbers, which may hold anything: whoever asks writes every one. */
export const newNumbers = shelf((length) => new Float64Array(length));

/** The same for whole numbers of 32 bits. */
export const newIds = shelf((length) => new Uint32Array(length));

/** Lends arrays while `act` runs, which must leave nothing behind that holds one. */
export function reusing<T>(act: () => T): T {
  if (isLending) return act();
  isLending = true;
  try {
    return act();
  } finally {
    isLending = false;
    lending++;
  }
}

/** Lends none while `act` runs: what it makes may be kept. */
export function keeping<T>(act: () => T): T {
  const wasLending = isLending;
  isLending = false;
  try {
    return act();
  } finally {
    isLending = wasLending;
  }
}

function shelf<A>(make: (length: number) => A): (length: number) => A {
  const arrays: A[] = [];
  let lent = 0;
  let lentIn = 0;
  return (length) => {
    if (!isLending || length !== BLOCK_ROWS) return make(length);
    if (lentIn !== lending) lent = 0;
    lentIn = lending;
    if (lent === arrays.length) {
      const array = make(length);
      if (lent < MOST_LENT) lent = arrays.push(array);
      return array;
    }
    return arrays[lent++] as A;
  };
}
