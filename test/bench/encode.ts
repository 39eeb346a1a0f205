/**
 * Rows to CSV bytes on one core: the engine, a plain loop of faker objects through csv-stringify, and
 * a hand-written kernel of the orders table as the limit of what plain JavaScript can do.
 */
import { createHash } from "node:crypto";
import { faker } from "@faker-js/faker/locale/en";
import { stringify } from "csv-stringify/sync";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput } from "../../src/generate/csv.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { withRows } from "../../src/plan/cut.ts";
import { interleave } from "./interleave.ts";
import { ordersKernel } from "./orders-kernel.ts";

const ENGINE_ROWS = 65_536;
const NAIVE_ROWS = 8_192;

const schema = withRows(PRESETS.get("ecommerce") as SchemaDocument, {
  customers: 100_000,
  products: 10_000,
  orders: 10_000_000,
});
const engine = compileSchema(schema, 42, "2026-01-01");
const output = makeOutput(0);
const render = (table: number) => renderChunk(engine, table, { first: 0, count: ENGINE_ROWS }, false, output).bytes;
const kernel = ordersKernel(100_000, 10_000);

/** The parents' addresses, which the naive loop keeps in memory. */
const ADDRESSES = Array.from({ length: 1_000 }, naiveAddress);

const orders = interleave([
  { name: "engine", rows: ENGINE_ROWS, run: () => void render(2) },
  { name: "naive", rows: NAIVE_ROWS, run: () => void naiveOrders(NAIVE_ROWS) },
  { name: "kernel", rows: ENGINE_ROWS, run: () => void kernel(0, ENGINE_ROWS) },
]);
const customers = interleave([
  { name: "engine", rows: ENGINE_ROWS, run: () => void render(0) },
  { name: "naive", rows: NAIVE_ROWS / 4, run: () => void naiveCustomers(NAIVE_ROWS / 4) },
]);

print("orders", orders, render(2));
print("customers", customers, render(0));

function print(table: string, best: Map<string, number>, bytes: Uint8Array): void {
  const engineNs = best.get("engine") as number;
  for (const [name, ns] of best) {
    const ratio = name === "engine" ? "" : `, engine is ${(ns / engineNs).toFixed(2)}x as fast`;
    console.log(`encode ${table} ${name}: ${ns.toFixed(0)} ns/row, ${(1e3 / ns).toFixed(2)} M rows/s${ratio}`);
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  console.log(`encode ${table}: ${(bytes.length / ENGINE_ROWS).toFixed(1)} bytes/row, sha256 ${sha256}…`);
}

/** What one would write first: an object a row, parents in arrays, then the CSV library. */
function naiveOrders(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const quantity = faker.number.int({ min: 1, max: 5 });
    const price = faker.number.float({ min: 2, max: 900, fractionDigits: 2 });
    return {
      order_id: 3001 + i,
      customer_id: 1001 + faker.number.int({ max: 99_999 }),
      product_id: 2001 + faker.number.int({ max: 9_999 }),
      order_date: faker.date.between({ from: "2023-01-01", to: "2026-01-01" }).toISOString().slice(0, 10),
      quantity,
      total_amount: (quantity * price).toFixed(2),
      status: faker.helpers.arrayElement(["Pending", "Processing", "Shipped", "Delivered", "Cancelled"]),
      shipping_address: faker.helpers.arrayElement(ADDRESSES),
    };
  });
  return stringify(rows, { header: true });
}

function naiveCustomers(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const first_name = faker.person.firstName();
    const last_name = faker.person.lastName();
    return {
      customer_id: 1001 + i,
      first_name,
      last_name,
      email: faker.internet.email({ firstName: first_name, lastName: last_name }),
      phone: faker.phone.number(),
      address: naiveAddress(),
      registration_date: faker.date.between({ from: "2023-01-01", to: "2026-01-01" }).toISOString().slice(0, 10),
      customer_tier: faker.helpers.weightedArrayElement([
        { value: "Bronze", weight: 50 },
        { value: "Silver", weight: 30 },
        { value: "Gold", weight: 15 },
        { value: "Platinum", weight: 5 },
      ]),
    };
  });
  return stringify(rows, { header: true });
}

function naiveAddress(): string {
  const { location } = faker;
  return `${location.streetAddress()}, ${location.city()}, ${location.state({ abbreviated: true })} ${location.zipCode()}`;
}
