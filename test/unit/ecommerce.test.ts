import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { ENGINE_VERSION } from "../../src/dataset/plan.ts";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { fingerprint, withRows } from "../../src/plan/cut.ts";
import { structureFaults } from "../../src/plan/structure.ts";

const preset = PRESETS.get("ecommerce") as SchemaDocument;
const TABLES = ["customers", "products", "orders"];
const CHANGED =
  "The bytes of this dataset changed. If they should: raise ENGINE_VERSION in src/dataset/plan.ts, " +
  'write a line marked "Bytes changed" into CHANGELOG.md, and renew the hashes here and the files in test/fixtures/ecommerce.';

/** The files of the preset by seed 42 and 2026-01-01. */
function filesOf(rows: Record<string, number>) {
  const engine = compileSchema(withRows(preset, rows), 42, "2026-01-01");
  return engine.tables.map(({ table, rows }, place) => {
    const { bytes, checks } = renderChunk(engine, place, { first: 0, count: rows }, false);
    return { name: table.name, bytes, checks };
  });
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("the preset's structure is sound and its tables are in the documented order", () => {
  expect(structureFaults(preset)).toEqual([]);
  expect(preset.tables.map(({ name }) => name)).toEqual(TABLES);
});

describe("the preset's bytes stay what they are", () => {
  test.each(TABLES)("%s.csv, 20 customers, 20 products, 30 orders", (name) => {
    const file = filesOf({}).find((one) => one.name === name);
    const fixture = readFileSync(new URL(`../fixtures/ecommerce/${name}.csv`, import.meta.url), "utf8");
    expect(new TextDecoder().decode(file?.bytes), CHANGED).toBe(fixture);
  });

  test("by hash, of these and of larger tables, under one engine version", () => {
    const hashes = [filesOf({}), filesOf({ customers: 140_000, products: 5_000, orders: 20_000 })].map((files) =>
      files.map(({ name, bytes }) => `${name} ${sha256(bytes)}`),
    );
    expect({ ENGINE_VERSION, hashes }, CHANGED).toEqual({
      ENGINE_VERSION: 1,
      hashes: [
        [
          "customers 53ba60cbc687e22350dabf645a68fbab9e23d1f2fff145fbdadc6fd9f72e9e1a",
          "products ef29ab7079422ca2144a63e827629a8dce9eef229d34ac864532151576ab864a",
          "orders 884c87d029c7c83721f234d495fac00decc7481be25da4aafc5914db745f8f92",
        ],
        [
          "customers 8a485a51bae520c9f8ff2cbf83a8a8ae167373cbf500bf809689c6b79b9b79bc",
          "products 30216025251bbafd2f974434cef71f076ef5dc06676940a52e04fbc4b38a52d6",
          "orders 6e1460d658f2b1f13003df7533d66252e3366931f795c6fc775affb0c919478d",
        ],
      ],
    });
  });

  test("as does its fingerprint", () => {
    const recipe = { seed: 42, referenceDate: "2026-01-01", schema: preset, csv: { formulaGuard: false } };
    expect(fingerprint(recipe), CHANGED).toBe("a94370738fd26bfe95208a7a80cd26d85427a33ac06722bc6c2cf8ab7292a998");
  });
});

/** Read back from the files by a CSV parser and judged by plain code, apart from all that checks while generating. */
describe("100,000 orders of 20,000 customers and 1,000 products", () => {
  type Row = Record<string, string>;
  let customers: Row[];
  let products: Row[];
  let orders: Row[];
  let checks: object[];

  beforeAll(() => {
    const files = filesOf({ customers: 20_000, products: 1_000, orders: 100_000 });
    [customers, products, orders] = files.map(({ bytes }) => parse(Buffer.from(bytes), { columns: true })) as [
      Row[],
      Row[],
      Row[],
    ];
    checks = files.map((file) => file.checks);
  });

  const byKey = (rows: Row[], key: string) => new Map(rows.map((row) => [row[key] as string, row]));
  /** Orders for which this is not true of the order, its customer and its product. */
  function ordersAgainst(isSound: (order: Row, customer: Row, product: Row) => boolean): Row[] {
    const [customerOf, productOf] = [byKey(customers, "customer_id"), byKey(products, "product_id")];
    return orders.filter((order) => {
      const customer = customerOf.get(order.customer_id as string);
      const product = productOf.get(order.product_id as string);
      return !(customer && product && isSound(order, customer, product));
    });
  }

  test("are that many, numbered without a gap", () => {
    expect(customers.map((row) => Number(row.customer_id))).toEqual(customers.map((_, i) => 1_001 + i));
    expect(products.map((row) => Number(row.product_id))).toEqual(products.map((_, i) => 2_001 + i));
    expect(orders.map((row) => Number(row.order_id))).toEqual(orders.map((_, i) => 3_001 + i));
    expect([customers.length, products.length, orders.length]).toEqual([20_000, 1_000, 100_000]);
  });

  test("were found sound while they were made", () => {
    expect(checks).toEqual(Array(3).fill({ orphans: 0, duplicateKeys: 0, brokenRules: 0 }));
  });

  test("refer to customers and products that are there, and leave hardly any out", () => {
    expect(ordersAgainst(() => true)).toEqual([]);
    expect(new Set(orders.map((row) => row.product_id)).size).toBe(1_000);
    expect(new Set(orders.map((row) => row.customer_id)).size).toBeGreaterThan(19_700);
  });

  test("cost quantity times price, to the cent", () => {
    const cents = (text: string) => {
      const [, whole, decimals] = /^(\d+)\.(\d\d)$/.exec(text) ?? [];
      return BigInt(`${whole}${decimals}`);
    };
    expect(
      ordersAgainst((order, _, product) => {
        const total = cents(order.total_amount as string);
        return total === BigInt(order.quantity as string) * cents(product.price as string);
      }),
    ).toEqual([]);
  });

  test("are dated from the customer's registration to the reference date", () => {
    expect(
      ordersAgainst((order, customer) => {
        const day = order.order_date as string;
        return /^\d{4}-\d\d-\d\d$/.test(day) && day >= (customer.registration_date as string) && day <= "2026-01-01";
      }),
    ).toEqual([]);
    const registered = customers.map((row) => row.registration_date as string).sort();
    expect([registered[0], registered.at(-1)]).toEqual(["2023-01-02", "2026-01-01"]);
  });

  test("go to the customer's address", () => {
    expect(ordersAgainst((order, customer) => order.shipping_address === customer.address)).toEqual([]);
    expect(new Set(customers.map((row) => row.address)).size).toBeGreaterThan(19_900);
  });

  test("belong to customers with e-mails of their own, made of their names", () => {
    const emails = customers.map((row) => row.email as string);
    expect(new Set(emails).size).toBe(20_000);
    expect(emails.filter((email) => !/^[a-z]+\.[a-z]+@example\.(com|net|org)$/.test(email))).toEqual([]);
    const letters = (text: string) =>
      text
        .normalize("NFD")
        .toLowerCase()
        .replace(/[^a-z]/g, "");
    const others = customers.filter((row) => {
      const names = `${letters(row.first_name as string)}.${letters(row.last_name as string)}`;
      return row.email?.split("@")[0] !== names;
    });
    expect(others).toEqual([]);
  });

  test("have tiers, statuses, categories and quantities from their lists, in their shares", () => {
    const shareOf = (rows: Row[], field: string, value: string) =>
      rows.filter((row) => row[field] === value).length / rows.length;
    const valuesOf = (rows: Row[], field: string) => [...new Set(rows.map((row) => row[field]))].sort();
    expect(valuesOf(customers, "customer_tier")).toEqual(["Bronze", "Gold", "Platinum", "Silver"]);
    expect(valuesOf(orders, "status")).toEqual(["Cancelled", "Delivered", "Pending", "Processing", "Shipped"]);
    expect(valuesOf(orders, "quantity")).toEqual(["1", "2", "3", "4", "5"]);
    expect(valuesOf(products, "category").length).toBe(8);
    expect(Math.abs(shareOf(customers, "customer_tier", "Bronze") - 0.5)).toBeLessThan(0.02);
    expect(Math.abs(shareOf(orders, "status", "Delivered") - 0.64)).toBeLessThan(0.008);
    expect(Math.abs(shareOf(orders, "quantity", "1") - 0.62)).toBeLessThan(0.008);
  });

  test("are for products with prices, ratings and stock inside their bounds and a text of their own category", () => {
    const outside = products.filter((row) => {
      const [price, rating, stock] = [row.price, row.rating, row.stock_quantity].map(Number) as [
        number,
        number,
        number,
      ];
      return !(price >= 2.5 && price <= 999.99 && rating >= 1 && rating <= 5 && stock >= 0 && stock <= 2_000);
    });
    expect(outside).toEqual([]);
    const unnamed = products.filter((row) => !row.description?.startsWith(`${row.product_name} by ${row.brand}. `));
    expect(unnamed).toEqual([]);
    const kites = products.filter((row) => row.product_name?.endsWith(" Kite"));
    expect(new Set(kites.map((row) => row.category))).toEqual(new Set(["Toys & Games"]));
  });
});
