/**
 * The orders table by hand: no schema, no columns, one loop that draws and writes a row at a time
 * with tables for everything. Not the same bytes as the engine's, but the same columns, lengths and
 * draws a row; it says how far a general engine is from what plain JavaScript can do.
 */
import { bits, makeStream, type Stream } from "../../src/generate/random.ts";

const encoder = new TextEncoder();
const STATUSES = ["Pending", "Processing", "Shipped", "Delivered", "Cancelled"].map((word) => encoder.encode(word));
const STREETS = Array.from({ length: 600 }, (_, i) =>
  encoder.encode(` ${"Street Name Drive".slice(0, 8 + (i % 9))}, `),
);
const CITIES = Array.from({ length: 56 }, (_, i) => encoder.encode(`${"Salt Lake City".slice(0, 6 + (i % 9))}, WA 98`));
const DAYS = Array.from({ length: 1_096 }, (_, n) => {
  return encoder.encode(new Date(Date.UTC(2023, 0, 1 + n)).toISOString().slice(0, 10));
});

const below = (stream: Stream, row: number, n: number): number => Math.floor((bits(stream, row) / 4294967296) * n);

/** A function that writes rows [first, first + count) and returns the bytes written. */
export function ordersKernel(customers: number, products: number): (first: number, count: number) => Uint8Array {
  const stream = (name: string): Stream => makeStream(42, name);
  const [customer, product, day, quantity, status] = ["c", "p", "d", "q", "s"].map(stream) as [
    Stream,
    Stream,
    Stream,
    Stream,
    Stream,
  ];
  const [price, registered, house, street, city, zip] = ["1", "2", "3", "4", "5", "6"].map(stream) as [
    Stream,
    Stream,
    Stream,
    Stream,
    Stream,
    Stream,
  ];
  let out = new Uint8Array(0);
  return (first, count) => {
    if (out.length < count * 128) out = new Uint8Array(count * 128);
    let at = 0;
    for (let row = first; row < first + count; row++) {
      const parent = below(customer, row, customers);
      const item = below(product, row, products);
      const pieces = 1 + below(quantity, row, 5);
      const cents = 250 + below(price, item, 90_000);
      const since = below(registered, parent, 1_096);
      at = digits(out, at, 3_001 + row);
      out[at++] = 44;
      at = digits(out, at, 1_001 + parent);
      out[at++] = 44;
      at = digits(out, at, 2_001 + item);
      out[at++] = 44;
      at = copy(out, at, DAYS[since + below(day, row, 1_096 - since)] as Uint8Array);
      out[at++] = 44;
      at = digits(out, at, pieces);
      out[at++] = 44;
      const total = cents * pieces;
      at = digits(out, at, (total / 100) | 0);
      out[at++] = 46;
      out[at++] = 48 + (((total % 100) / 10) | 0);
      out[at++] = 48 + (total % 10);
      out[at++] = 44;
      at = copy(out, at, STATUSES[below(status, row, 5)] as Uint8Array);
      out[at++] = 44;
      out[at++] = 34;
      at = digits(out, at, 1 + below(house, parent, 9_999));
      at = copy(out, at, STREETS[below(street, parent, 600)] as Uint8Array);
      at = copy(out, at, CITIES[below(city, parent, 56)] as Uint8Array);
      at = digits(out, at, 100 + below(zip, parent, 900));
      out[at++] = 34;
      out[at++] = 10;
    }
    return out.subarray(0, at);
  };
}

function digits(out: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let bound = 10; value >= bound; bound *= 10) end++;
  for (let k = end - 1, rest = value; k >= at; k--) {
    const tenth = (rest / 10) | 0;
    out[k] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}

function copy(out: Uint8Array, at: number, word: Uint8Array): number {
  for (let k = 0; k < word.length; k++) out[at++] = word[k] as number;
  return at;
}
