/**
 * The orders table by hand: no schema, no columns, one loop that draws and writes a row at a time.
 * It keeps what the engine keeps of the parents (prices, days of registration, addresses as bytes),
 * draws from the same streams and writes the same bytes as the engine, which the bench holds it to;
 * so it says how far a general engine is from what plain JavaScript can do.
 */
import type { GeneratorSpec } from "../../src/dataset/schema.ts";
import { cellAt, dayText, type Numbers, parseDay } from "../../src/generate/column.ts";
import type { CompiledTable, Engine } from "../../src/generate/engine.ts";
import { below, bits, makeStream } from "../../src/generate/random.ts";

const LF = 10;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;

/** A function that writes rows [first, first + count) of the preset's orders and returns the bytes written. */
export function ordersKernel(engine: Engine, seed: number, today: string) {
  const [customers, products, orders] = engine.tables as [CompiledTable, CompiledTable, CompiledTable];
  const registered = wholeColumn(engine, 0, "registration_date") as Numbers;
  const prices = wholeColumn(engine, 1, "price") as Numbers;
  const address = wholeColumn(engine, 0, "address");
  const addresses = packed(Array.from({ length: customers.rows }, (_, row) => `"${cellAt(address, row)}"`));
  const lastDay = parseDay(today);
  const firstDay = Math.min(...registered.values);
  const days = packed(Array.from({ length: lastDay - firstDay + 1 }, (_, n) => dayText(firstDay + n)));
  const stream = (name: string) => makeStream(seed, `orders.${name}`);
  const [customerPick, productPick] = [stream("customer_id pick"), stream("product_id pick")];
  const [dateStream, quantityStream, statusStream] = [
    stream("order_date value"),
    stream("quantity value"),
    stream("status value"),
  ];
  const quantities = weighted(orders, "quantity");
  const statuses = weighted(orders, "status");
  const quantityValues = quantities.words.map(Number);
  const statusTexts = packed(statuses.words);
  let out = new Uint8Array(0);
  return (first: number, count: number): Uint8Array => {
    if (out.length < count * 160) out = new Uint8Array(count * 160);
    let at = 0;
    for (let row = first; row < first + count; row++) {
      const customer = below(customerPick, row, customers.rows);
      const product = below(productPick, row, products.rows);
      const since = registered.values[customer] as number;
      const day = since + below(dateStream, row, lastDay - since + 1);
      const quantity = quantityValues[drawn(quantities.bounds, bits(quantityStream, row))] as number;
      const total = quantity * (prices.values[product] as number);
      at = digits(out, at, 3_001 + row);
      out[at++] = COMMA;
      at = digits(out, at, 1_001 + customer);
      out[at++] = COMMA;
      at = digits(out, at, 2_001 + product);
      out[at++] = COMMA;
      at = copy(out, at, days, day - firstDay);
      out[at++] = COMMA;
      at = digits(out, at, quantity);
      out[at++] = COMMA;
      at = digits(out, at, (total / 100) | 0);
      out[at++] = POINT;
      out[at++] = ZERO + (((total % 100) / 10) | 0);
      out[at++] = ZERO + (total % 10);
      out[at++] = COMMA;
      at = copy(out, at, statusTexts, drawn(statuses.bounds, bits(statusStream, row)));
      out[at++] = COMMA;
      at = copy(out, at, addresses, customer);
      out[at++] = LF;
    }
    return out.subarray(0, at);
  };
}

function wholeColumn(engine: Engine, place: number, field: string) {
  const { table, rows } = engine.tables[place] as CompiledTable;
  return engine.block(place, 0, rows).column(table.fields.findIndex(({ name }) => name === field));
}

/** The words of a weighted category, and the 32 random bits below which each of them is drawn. */
function weighted({ table }: CompiledTable, field: string) {
  const generator = table.fields.find(({ name }) => name === field)?.generator as GeneratorSpec;
  const weights = Object.entries(generator.values as Record<string, number>);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let before = 0;
  const bounds = Float64Array.from(weights, ([, weight]) => {
    before += weight;
    return (before / total) * 2 ** 32;
  });
  return { words: weights.map(([word]) => word), bounds };
}

function drawn(bounds: Float64Array, random: number): number {
  let id = 0;
  while (random >= (bounds[id] as number)) id++;
  return id;
}

function digits(out: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let bound = 10; value >= bound; bound *= 10) end++;
  for (let k = end - 1, rest = value; k >= at; k--) {
    const tenth = (rest / 10) | 0;
    out[k] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}

/** Texts one behind the other. */
interface Packed {
  bytes: Uint8Array;
  starts: Uint32Array;
}

function packed(texts: readonly string[]): Packed {
  const starts = new Uint32Array(texts.length + 1);
  for (const [i, text] of texts.entries()) starts[i + 1] = (starts[i] as number) + Buffer.byteLength(text);
  return { bytes: new TextEncoder().encode(texts.join("")), starts };
}

function copy(out: Uint8Array, at: number, { bytes, starts }: Packed, text: number): number {
  const end = starts[text + 1] as number;
  for (let k = starts[text] as number; k < end; k++) out[at++] = bytes[k] as number;
  return at;
}
