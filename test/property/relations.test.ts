/**
 * What holds between tables, checked on the CSV itself: read back by a CSV library and compared with
 * plain arithmetic, so that neither the engine nor its own checks are taken at their word.
 */
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { cellAt } from "../../src/generate/column.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import type { Engine } from "../../src/generate/engine.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { withRows } from "../../src/plan/cut.ts";

const preset = PRESETS.get("ecommerce") as SchemaDocument;
const TABLES = ["customers", "products", "orders"] as const;
const TODAY = "2026-01-01";

type Row = Record<string, string>;

const makeEngine = (rows: Record<string, number>, seed = 42): Engine =>
  compileSchema(withRows(preset, rows), seed, TODAY);

/** The bytes of [first, first + count), copied out of the buffer. */
const bytesOf = (engine: Engine, table: number, first: number, count: number): Buffer =>
  Buffer.from(renderChunk(engine, table, { first, count }, false).bytes);

const readRows = (engine: Engine, table: number, count: number): Row[] =>
  parse(bytesOf(engine, table, 0, count), { columns: true, record_delimiter: "\n" });

const cents = (decimal: string): bigint => BigInt(decimal.replace(".", ""));

test.each(TABLES)(
  "the fixture of %s stands to the byte; other bytes need ENGINE_VERSION raised and a line in the changelog",
  (name) => {
    const place = TABLES.indexOf(name);
    const made = bytesOf(compileSchema(preset, 42, TODAY), place, 0, preset.tables[place]?.rows ?? 0);
    expect(made.toString()).toBe(readFileSync(`test/fixtures/ecommerce/${name}.csv`, "utf8"));
  },
);

test("a table cut in any way, in any order, is the same table", () => {
  const engine = makeEngine({ customers: 90, products: 40, orders: 300 });
  const rows = [90, 40, 300];
  const property = fc.property(
    fc.nat({ max: 2 }),
    fc.array(fc.nat({ max: 300 }), { maxLength: 12 }),
    fc.nat(),
    (table, cuts, turn) => {
      const count = rows[table] as number;
      const bounds = [...new Set([0, count, ...cuts.filter((cut) => cut < count)])].sort((a, b) => a - b);
      const ranges = bounds
        .slice(1)
        .map((end, i) => ({ first: bounds[i] as number, count: end - (bounds[i] as number) }));
      const order = ranges.map((_, i) => (i + turn) % ranges.length);
      const pieces = new Map(
        order.map((i) => [i, bytesOf(engine, table, ranges[i]?.first ?? 0, ranges[i]?.count ?? 0)]),
      );
      const joined = Buffer.concat(ranges.map((_, i) => pieces.get(i) as Buffer));
      expect(joined.equals(bytesOf(engine, table, 0, count))).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test("every order's references, dates, amount and address agree with its parents", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 400 }),
    fc.integer({ min: 1, max: 200 }),
    fc.maxSafeInteger(),
    (c, p, seed) => {
      const engine = makeEngine({ customers: c, products: p, orders: 500 }, Math.abs(seed));
      const customers = new Map(readRows(engine, 0, c).map((row) => [row.customer_id, row]));
      const products = new Map(readRows(engine, 1, p).map((row) => [row.product_id, row]));
      expect([customers.size, products.size]).toEqual([c, p]);
      const orders = readRows(engine, 2, 500);
      expect(new Set(orders.map(({ order_id }) => order_id)).size).toBe(500);
      for (const order of orders) {
        const customer = customers.get(order.customer_id as string) as Row;
        const product = products.get(order.product_id as string) as Row;
        expect(order.shipping_address).toBe(customer.address);
        expect((order.order_date as string) >= (customer.registration_date as string)).toBe(true);
        expect((order.order_date as string) <= TODAY).toBe(true);
        expect(cents(order.total_amount as string)).toBe(
          BigInt(order.quantity as string) * cents(product.price as string),
        );
      }
    },
  );
  fc.assert(property, { numRuns: 15 });
});

test("two hundred thousand customers have as many e-mails, each made of their names", () => {
  const rows = readRows(makeEngine({ customers: 200_000 }), 0, 200_000);
  expect(new Set(rows.map(({ email }) => email)).size).toBe(200_000);
  for (const { first_name = "", last_name = "", email = "", phone = "" } of rows.slice(0, 2_000)) {
    const slug = (name: string) =>
      name
        .normalize("NFD")
        .toLowerCase()
        .replace(/[^a-z]/g, "");
    expect(email).toMatch(new RegExp(`^${slug(first_name)}\\.${slug(last_name)}@example\\.(com|net|org)$`));
    expect(phone).toMatch(/^\+1-[2-9]\d\d-555-01\d\d$/);
  }
});

test("beyond all pairs of names an e-mail gets a number and stays unique", () => {
  const engine = makeEngine({ customers: 4_000_000 });
  const field = preset.tables[0]?.fields.findIndex(({ name }) => name === "email") ?? -1;
  const emailsFrom = (first: number) => {
    const column = engine.block(0, first, 5_000).column(field);
    return Array.from({ length: 5_000 }, (_, i) => String(cellAt(column, i)));
  };
  const first = emailsFrom(0);
  const later = emailsFrom(2_500_000);
  expect(first.every((email) => /^[a-z]+\.[a-z]+@/.test(email))).toBe(true);
  expect(later.every((email) => /^[a-z]+\.[a-z]+2@/.test(email))).toBe(true);
});

test("a child reads the same parent values whether the parent is kept or made again", () => {
  const field = (table: number, name: string) => preset.tables[table]?.fields.findIndex((f) => f.name === name) ?? -1;
  for (const customers of [1_000, 131_072, 131_073, 5_000_000]) {
    const engine = makeEngine({ customers, orders: 2_000 });
    const orders = engine.block(2, 0, 2_000);
    const keys = orders.column(field(2, "customer_id"));
    const addresses = orders.column(field(2, "shipping_address"));
    for (let i = 0; i < 2_000; i += 97) {
      const row = Number(cellAt(keys, i)) - 1_001;
      expect(cellAt(addresses, i)).toBe(cellAt(engine.block(0, row, 1).column(field(0, "address")), 0));
    }
  }
});

test("other seeds, all 53 bits of them, give other rows", () => {
  const seeds = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
  const files = seeds.map((seed) => bytesOf(makeEngine({}, seed), 0, 0, 20).toString());
  expect(new Set(files).size).toBe(seeds.length);
});
