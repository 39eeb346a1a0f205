/**
 * The load into SQLite, from a sound dataset to a killed process. Every case starts from the same
 * three tables and breaks them in one place; kept together for that, it is more than 400 lines.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LoadOptions } from "../../src/dataset/load-options.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { loadDataset } from "../../src/load/load.ts";
import { sqliteTarget } from "../../src/load/sqlite/target.ts";
import {
  bigShopFiles,
  chunks,
  crashing,
  type Files,
  LOAD_STEPS,
  manifestOf,
  opener,
  shop,
  shopFiles,
} from "../support/load-fixtures.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relata-load-"));
  file = join(folder, "sql", "shop-demo.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = () => new Date("2026-01-02T03:04:05.000Z");

function load(files: Files = shopFiles, schema: SchemaDocument = shop, mode: LoadOptions["mode"] = "replace") {
  const options = { mode, dropFirst: false };
  return loadDataset(sqliteTarget(file), { manifest: manifestOf(files, schema), open: opener(files), now, options });
}

/** What a user sees through a connection of their own. */
function query(sql: string): unknown[][] {
  const db = new DatabaseSync(file, { readOnly: true, returnArrays: true });
  try {
    return db.prepare(sql).all() as unknown as unknown[][];
  } finally {
    db.close();
  }
}

/** Runs a statement as a user's own program would, and lets nothing of it stay. */
function attempt(sql: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(`BEGIN; ${sql}`);
  } finally {
    db.close();
  }
}

const ORDER_INDEXES = [
  "ix_orders_customer_id",
  "ix_orders_order_date",
  "ix_orders_product_id",
  "ix_orders_product_id_order_date",
  "pk_orders",
];

/** The report of a table whose rows are all new, but for its checksums and the value of its rows' sum. */
const counts = (rows: number, indexes: string[], foreignKeys: number, checks: number) => ({
  ...{ csv: rows, staged: rows, inserted: rows, updated: 0, unchanged: 0, rejected: 0, deleted: 0, total: rows },
  ...{ indexes, constraints: { foreignKeys, checks, trusted: true }, seconds: 0, rowsPerSecond: 0 },
  rowSum: expect.stringMatching(/^[1-9]\d*$/),
});

/** The checksum of a text column, in whole numbers without an end. */
const digests = (...texts: string[]) => `${texts.length}:${texts.reduce((sum, text) => sum + fnv1a(text), 0n)}`;

/** FNV-1a of UTF-16 units as its authors write it, then MurmurHash3's finalizer as its author does. */
function fnv1a(text: string): bigint {
  const low = (value: bigint) => value & 0xffffffffn;
  let hash = 2166136261n;
  for (let i = 0; i < text.length; i++) hash = low((hash ^ BigInt(text.charCodeAt(i))) * 16777619n);
  hash = low((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = low((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return hash ^ (hash >> 16n);
}

const orderDates = () => query("SELECT order_id, order_date FROM orders ORDER BY order_id");

const cut = (text: string | undefined, from: string, to: string): string => {
  if (!text?.includes(from)) throw new Error(`the fixture has no ${JSON.stringify(from)}`);
  return text.replace(from, to);
};
const shopWith = (table: string, from: string, to: string): Files => ({
  ...shopFiles,
  [table]: cut(shopFiles[table], from, to),
});

describe("a load", () => {
  test("puts every value into its table exactly, NULL apart from the empty string, and reports counts that add up", async () => {
    expect(await load()).toEqual({
      target: "sqlite",
      database: "sql/shop-demo.sqlite",
      alreadyLoaded: false,
      tables: {
        customers: {
          ...counts(3, ["pk_customers", "uq_customers_email"], 0, 3),
          checksums: {
            customer_id: "3:3006",
            name: digests("Zoë Müller-Łukasz", "李小龍 🐉", "Ann"),
            email: digests("zoe@example.com", "li@example.org", "ann@example.net"),
            note: digests('said "hello, world"\non two lines', ""),
            active: "2:1",
            customer_tier: digests("Gold", "L'Or"),
          },
        },
        products: {
          ...counts(2, ["pk_products", "uq_products_brand_product_name"], 0, 4),
          checksums: {
            product_id: "2:4003",
            product_name: digests("Lamp", "Desk, oak"),
            brand: digests("Lumen", "Lumen"),
            price: "2:126899",
            rating: "1:45",
          },
        },
        orders: {
          ...counts(4, ORDER_INDEXES, 2, 2),
          checksums: {
            order_id: "4:12010",
            customer_id: "4:4007",
            product_id: "3:6004",
            // Days since 1970: 2025-12-31, 2026-01-01 and 2025-02-28.
            order_date: `3:${20_453 + 20_454 + 20_147}`,
            quantity: "4:7",
            total_amount: "4:134905",
          },
        },
      },
      orphans: 0,
      seconds: 0,
    });
    expect(query("SELECT * FROM customers")).toEqual([
      [1001, "Zoë Müller-Łukasz", "zoe@example.com", 'said "hello, world"\non two lines', 1, "Gold"],
      [1002, "李小龍 🐉", "li@example.org", "", 0, "L'Or"],
      [1003, "Ann", "ann@example.net", null, null, null],
    ]);
    expect(query("SELECT * FROM products")).toEqual([
      [2001, "Lamp", "Lumen", 1999, 19.99, 45, 4.5],
      [2002, "Desk, oak", "Lumen", 124900, 1249, null, null],
    ]);
    expect(orderDates()).toEqual([
      [3001, "2025-12-31"],
      [3002, "2026-01-01"],
      [3003, null],
      [3004, "2025-02-28"],
    ]);
  });

  test("lets a plain join read revenue in major units, right to the cent", async () => {
    await load();
    const revenue = `SELECT customer_tier, SUM(total_amount), SUM(total_amount_minor)
      FROM orders JOIN customers USING (customer_id) GROUP BY customer_tier ORDER BY 3 DESC`;
    expect(query(revenue)).toEqual([
      ["Gold", 1308.97, 130897],
      ["L'Or", 39.98, 3998],
      [null, 0.1, 10],
    ]);
  });

  test("says what it did in its log table", async () => {
    const id = "one";
    const report = await loadDataset(sqliteTarget(file), {
      ...{ id, manifest: manifestOf(shopFiles), open: opener(shopFiles), now },
    });
    const { tables } = manifestOf(shopFiles);
    expect(query("SELECT * FROM relata_load_log")).toEqual(
      Object.entries(tables).map(([name, { sha256, rows }], place) => [
        "shop-demo",
        name,
        sha256,
        rows,
        "2026-01-02T03:04:05.000Z",
        place === 0 ? JSON.stringify({ load: id, report }) : null,
      ]),
    );
  });

  test("of more rows than a batch or a range holds loads them all, and lets the event loop turn", async () => {
    const files = bigShopFiles(23_456);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const report = await loadDataset(sqliteTarget(file), { manifest: manifestOf(files), open: opener(files, 1 << 30) });
    clearInterval(timer);
    expect(report.tables.orders).toMatchObject({ csv: 23_456, staged: 23_456, inserted: 23_456, total: 23_456 });
    expect(turns).toBeGreaterThan(5);
    const [sums] = query("SELECT round(SUM(total_amount) * 100), SUM(total_amount_minor) FROM orders") as [unknown[]];
    expect(sums[0]).toBe(sums[1]);
  });

  test("keeps strings and decimals of any size exactly", async () => {
    const schema: SchemaDocument = {
      name: "exact",
      tables: [
        {
          name: "things",
          rows: 0,
          primaryKey: ["id"],
          fields: [
            { name: "id", type: "integer" },
            { name: "amount", type: "number", scale: 4 },
            { name: "text", type: "string" },
          ],
        },
      ],
    };
    const row = fc.tuple(
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.option(fc.string({ unit: "binary" }).filter((text) => text.isWellFormed())),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row), async (rows) => {
        const lines = rows.map(
          ([amount, text], i) => `${i},${decimal(amount, 4)},${text === null ? "" : quoted(text)}\n`,
        );
        await load({ things: `id,amount,text\n${lines.join("")}` }, schema);
        const db = new DatabaseSync(file, { readBigInts: true, returnArrays: true });
        const back = db.prepare("SELECT amount_minor, text FROM things ORDER BY id").all();
        db.close();
        expect(back).toEqual(rows);
      }),
      { numRuns: 40 },
    );
  });

  test("sums a table with a field called rowid", async () => {
    const schema: SchemaDocument = {
      name: "named",
      tables: [{ name: "named", rows: 2, primaryKey: ["rowid"], fields: [{ name: "rowid", type: "string" }] }],
    };
    const { tables } = await load({ named: "rowid\na\nb\n" }, schema);
    expect(tables.named).toMatchObject({ total: 2, checksums: { rowid: digests("a", "b") } });
  });
});

describe("a second load", () => {
  test("of the same files over tables that stand does nothing and reads nothing", async () => {
    await load();
    const open = () => Promise.reject(new Error("nothing is to be read"));
    const again = await loadDataset(sqliteTarget(file), { manifest: manifestOf(shopFiles), open });
    expect(again.alreadyLoaded).toBe(true);
    expect(again.tables.orders).toMatchObject({ csv: 0, staged: 0, inserted: 0, total: 4 });
  });

  test.each([
    ["rows are gone", "DELETE FROM orders WHERE order_id = 3002", 3],
    ["an index is gone", "DROP INDEX ix_orders_customer_id", 4],
    ["a table is gone", "DROP TABLE orders", 0],
  ])("of the same files loads again when %s", async (_, damage, left) => {
    const { tables } = await load();
    const db = new DatabaseSync(file);
    db.exec(damage);
    db.close();
    const gone = { customers: 3, products: 2, orders: left };
    for (const [name, deleted] of Object.entries(gone)) Object.assign(tables[name] as object, { deleted });
    expect(await load()).toMatchObject({ alreadyLoaded: false, tables });
  });

  test("of changed files replaces the rows", async () => {
    await load();
    const changed = shopWith("orders", "2026-01-01", "2024-06-30");
    expect(await load(changed)).toMatchObject({ alreadyLoaded: false });
    expect(orderDates()).toContainEqual([3002, "2024-06-30"]);
    expect(query("SELECT count(*) FROM relata_load_log")).toEqual([[3]]);
    expect((await load(changed)).alreadyLoaded).toBe(true);
  });

  test("of another schema makes the tables anew and drops those that are no more", async () => {
    await load();
    const [customers, products] = shop.tables as [(typeof shop.tables)[0], (typeof shop.tables)[0]];
    const next: SchemaDocument = {
      ...shop,
      tables: [customers, { ...products, indexes: [{ fields: ["price"], unique: true }] }],
    };
    const report = await load(shopFiles, next);
    expect(report.tables.products?.indexes).toEqual([
      "pk_products",
      "uq_products_brand_product_name",
      "uq_products_price",
    ]);
    expect(query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")).toEqual([
      ["customers"],
      ["products"],
      ["relata_load_log"],
    ]);
  });

  test("shows readers the old rows until it is committed", async () => {
    await load();
    const before = orderDates();
    const seen: unknown[][][] = [];
    const changed = shopWith("orders", "2026-01-01", "2024-06-30");
    const target = crashing(sqliteTarget(file), () => {
      seen.push(orderDates());
    });
    await loadDataset(target, { manifest: manifestOf(changed), open: opener(changed) });
    expect(seen.length).toBeGreaterThan(15);
    expect(seen.slice(0, -2).every((rows) => String(rows) === String(before))).toBe(true);
    expect(seen.at(-1)).not.toEqual(before);
  });
});

describe("a load is refused, and nothing visible changes,", () => {
  test.each([
    [
      "an orphan",
      shopWith("orders", "3003,1002", "3003,1999"),
      "load-orphan",
      "orders.csv line 4: fk_orders_customers finds no parent (1 row has none).",
    ],
    [
      "several orphans",
      shopWith("products", "2001,Lamp", "2003,Lamp"),
      "load-orphan",
      "orders.csv line 2: fk_orders_products finds no parent (2 rows have none).",
    ],
    [
      "a primary key that repeats",
      shopWith("customers", "1003,Ann", "1001,Ann"),
      "load-duplicate-key",
      "customers.csv line 5: UNIQUE constraint failed: customers.customer_id.",
    ],
    [
      "a unique field that repeats",
      shopWith("customers", "ann@example.net", "zoe@example.com"),
      "load-duplicate-key",
      "customers.csv line 5: UNIQUE constraint failed: customers.email.",
    ],
    [
      "a unique key of two fields that repeats",
      shopWith("products", '"Desk, oak"', "Lamp"),
      "load-duplicate-key",
      "products.csv line 3: UNIQUE constraint failed: products.brand, products.product_name.",
    ],
    [
      "a required value that is NULL",
      shopWith("customers", "1003,Ann", "1003,"),
      "load-broken-rule",
      "customers.csv line 5: NOT NULL constraint failed: customers.name.",
    ],
    [
      "a value below the minimum",
      shopWith("products", "19.99", "0.00"),
      "load-broken-rule",
      "products.csv line 2: CHECK constraint failed: ck_products_price_minimum.",
    ],
    [
      "a value above the maximum",
      shopWith("products", "1249.00", "1000000.00"),
      "load-broken-rule",
      "products.csv line 3: CHECK constraint failed: ck_products_price_maximum.",
    ],
    [
      "a value not in the list",
      shopWith("customers", "L'Or", "Copper"),
      "load-broken-rule",
      "customers.csv line 4: CHECK constraint failed: ck_customers_customer_tier_enum.",
    ],
    [
      "text over its length",
      shopWith("customers", "Ann", "A".repeat(41)),
      "load-broken-rule",
      "customers.csv line 5: CHECK constraint failed: ck_customers_name_max_length.",
    ],
    [
      "a value of the wrong type",
      shopWith("orders", "39.98", "39.985"),
      "load-bad-value",
      'orders.csv line 4, field total_amount: "39.985" is no number with at most 2 decimals.',
    ],
  ])("by %s, with rule and first line", async (_, files, code, message) => {
    await load();
    const before = orderDates();
    await expect(load(files)).rejects.toMatchObject({ name: "JobFailure", code, message });
    expect(orderDates()).toEqual(before);
    expect((await load()).alreadyLoaded).toBe(true);
  });

  test.each([
    ["a changed byte", (text: string) => text.replace("59.97", "59.98")],
    ["a cut end", (text: string) => text.slice(0, text.lastIndexOf("3004"))],
    ["a row too many", (text: string) => `${text}3005,1003,,,1,1.00\n`],
  ])("by a file with %s, as its hash is not the manifest's", async (_, tamper) => {
    const open = opener({ ...shopFiles, orders: tamper(shopFiles.orders as string) });
    const failing = loadDataset(sqliteTarget(file), { manifest: manifestOf(shopFiles), open });
    await expect(failing).rejects.toMatchObject({ name: "JobFailure", code: "load-file-changed" });
    expect(query("SELECT name FROM sqlite_schema")).toEqual([]);
  });

  test("by a duplicate far from its twin, in a later range of lines", async () => {
    const files = bigShopFiles(12_000);
    files.orders = cut(files.orders, "\n11000,", "\n17,");
    const message = "orders.csv line 11001: UNIQUE constraint failed: orders.order_id.";
    await expect(load(files)).rejects.toMatchObject({ code: "load-duplicate-key", message });
  });

  test("by an orphan far down, after text of several lines", async () => {
    const files = bigShopFiles(12_000);
    files.orders = cut(files.orders, "\n11000,1002,", "\n11000,1999,");
    const dated = shop.tables.map((table) =>
      table.name === "orders"
        ? { ...table, fields: [...table.fields, { name: "note", type: "string" as const }] }
        : table,
    );
    const [head = "", ...rows] = files.orders.trimEnd().split("\n");
    files.orders = `${head},note\n${rows.map((row, i) => `${row},${i % 2 ? '"two\nlines"' : ""}\n`).join("")}`;
    const message = "orders.csv line 16500: fk_orders_customers finds no parent (1 row has none).";
    await expect(load(files, { ...shop, tables: dated })).rejects.toMatchObject({ code: "load-orphan", message });
  });
});

describe("a load beside other rows", () => {
  test.each(["append", "upsert"] as const)("tells an orphan's line: %s", async (mode) => {
    await load();
    const header = (table: string) => shopFiles[table]?.split("\n")[0] as string;
    const orders = `${header("orders")}\n3008,1002,2002,,1,\n3009,1777,2002,,1,\n`;
    const files = { customers: `${header("customers")}\n`, products: `${header("products")}\n`, orders };
    const message = "orders.csv line 3: fk_orders_customers finds no parent (1 row has none).";
    await expect(load(files, shop, mode)).rejects.toMatchObject({ code: "load-orphan", message });
    expect(orderDates()).toHaveLength(4);
  });

  test("is refused when rows that were there before lose their parent by it", async () => {
    const coded: SchemaDocument = {
      name: "coded",
      tables: [
        {
          name: "shops",
          rows: 1,
          primaryKey: ["id"],
          uniqueKeys: [["code"]],
          fields: [
            { name: "id", type: "integer" },
            { name: "code", type: "string" },
          ],
        },
        {
          name: "visits",
          rows: 1,
          primaryKey: ["id"],
          foreignKeys: [{ fields: ["code"], reference: { resource: "shops", fields: ["code"] } }],
          fields: [
            { name: "id", type: "integer" },
            { name: "code", type: "string" },
          ],
        },
      ],
    };
    await load({ shops: "id,code\n1,old\n", visits: "id,code\n7,old\n" }, coded);
    const next = { shops: "id,code\n1,new\n", visits: "id,code\n8,new\n" };
    const message = "visits: a row that was there before finds no parent (1 row has none).";
    await expect(load(next, coded, "upsert")).rejects.toMatchObject({ code: "load-orphan", message });
    expect(query("SELECT * FROM visits")).toEqual([[7, "old"]]);
  });

  test("upserts rows whose unique values have changed places anyhow, also under rows of others that hang on them", async () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 12 });
    const csv = (values: readonly string[]) =>
      ["k,u,n", ...values.map((value, i) => `${i + 1},"${value.replaceAll('"', '""')}",${i}`), ""].join("\n");
    const schema: SchemaDocument = {
      name: "s",
      tables: [
        {
          ...{ name: "t", rows: 2, primaryKey: ["k"], uniqueKeys: [["n"]] },
          fields: [
            { name: "k", type: "integer" },
            { name: "u", type: "string", constraints: { required: true, unique: true, maxLength: 3 } },
            { name: "n", type: "integer", constraints: { minimum: 0, maximum: 20 } },
          ],
        },
      ],
    };
    const places = names.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: 1 })));
    await fc.assert(
      fc.asyncProperty(places, async ([before, after]) => {
        rmSync(dirname(file), { recursive: true, force: true });
        await load({ t: csv(before) }, schema);
        const db = new DatabaseSync(file);
        db.exec("CREATE TABLE mine (k INTEGER REFERENCES t (k) ON DELETE CASCADE); INSERT INTO mine SELECT k FROM t");
        const rest = before.filter((value) => !after.includes(value));
        await load({ t: csv([...after, ...rest]) }, schema, "upsert");
        const found = db.prepare("SELECT u FROM t ORDER BY k").all();
        expect(found.map(({ u }) => u)).toEqual([...after, ...rest]);
        expect(db.prepare("SELECT count(*) AS rows FROM mine").get()?.rows).toBe(before.length);
        db.close();
      }),
      { numRuns: 60 },
    );
  });

  test("of values that have changed places names the line of one that a row that stays has", async () => {
    await load();
    const files = {
      ...shopFiles,
      customers: `customer_id,name,email,note,active,customer_tier\n1001,Z,li@example.org,,,\n1002,L,ann@example.net,,,\n`,
    };
    await expect(load(files, shop, "upsert")).rejects.toMatchObject({
      code: "load-duplicate-key",
      message: "customers.csv line 3: UNIQUE constraint failed: customers.email.",
    });
  });

  const run = (sql: string) => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };

  test("tells which table of a user's refers to a row that would be gone, and by which columns", async () => {
    await load();
    run("CREATE TABLE notes (order_id INTEGER REFERENCES Orders); INSERT INTO notes VALUES (3002), (3001), (NULL)");
    expect((await load(shopWith("orders", "2026-01-01", "2024-06-30"))).alreadyLoaded).toBe(false);
    await expect(load(shopWith("orders", "3002,", "3005,"))).rejects.toMatchObject({
      name: "JobFailure",
      code: "load-referenced",
      message:
        "notes (order_id) refers to Orders, of which the load would delete or change a row that is referred to. " +
        "Drop that table, or load with mode upsert.",
    });
    expect(orderDates()).toContainEqual([3002, "2024-06-30"]);
  });

  test.each(["CASCADE", "SET NULL", "RESTRICT"])(
    "makes no table anew under rows of a user's with ON DELETE %s",
    async (action) => {
      await load();
      const reference = `order_id INTEGER REFERENCES orders ON DELETE ${action}`;
      run(`CREATE TABLE notes (${reference}); INSERT INTO notes VALUES (3002); CREATE TABLE empty (${reference})`);
      const changed = shopWith("orders", "2026-01-01", "2024-06-30");
      await expect(load(changed)).rejects.toMatchObject({
        code: "load-referenced",
        message: `notes (order_id) refers to orders, which the load makes anew, with ON DELETE ${action}. Drop that table, or load with mode upsert.`,
      });
      expect(query("SELECT * FROM notes")).toEqual([[3002]]);
      expect((await load(changed, shop, "upsert")).tables.orders).toMatchObject({ updated: 1 });
      run("DELETE FROM notes");
      expect((await load()).alreadyLoaded).toBe(false);
    },
  );

  test("drops no table, and no key of one, that rows of a user's refer to", async () => {
    await load();
    const [customers, ...others] = shop.tables as [(typeof shop.tables)[0], ...typeof shop.tables];
    run("CREATE TABLE notes (order_id INTEGER REFERENCES orders); INSERT INTO notes VALUES (3002)");
    await expect(load(shopFiles, { ...shop, tables: [customers] })).rejects.toMatchObject({
      code: "load-referenced",
      message:
        "notes (order_id) refers to orders, which the load would drop. Drop that table, or load with mode upsert.",
    });
    run("CREATE TABLE mails (email TEXT, FOREIGN KEY (email) REFERENCES customers (email))");
    const fields = customers.fields.map((field) => (field.name === "email" ? { ...field, constraints: {} } : field));
    const keyless = { ...shop, tables: [{ ...customers, fields }, ...others] };
    await expect(load(shopFiles, keyless)).rejects.toMatchObject({
      code: "load-referenced",
      message: "mails (email) refers to customers, which has no such key. Drop that table.",
    });
    expect(orderDates()).toHaveLength(4);
  });

  test("makes keys of several fields, and a table that is all key", async () => {
    const schema: SchemaDocument = {
      name: "pairs",
      tables: [
        {
          name: "pairs",
          rows: 2,
          primaryKey: ["a", "b"],
          fields: [
            { name: "a", type: "integer" },
            { name: "b", type: "string" },
          ],
        },
      ],
    };
    await load({ pairs: "a,b\n1,x\n1,y\n" }, schema);
    const { tables } = await load({ pairs: "a,b\n1,y\n2,y\n3,x\n" }, schema, "upsert");
    expect(tables.pairs).toMatchObject({ csv: 3, inserted: 2, updated: 0, unchanged: 1, total: 4 });
    expect(tables.pairs?.checksums.a).toBe("3:6");
    const again = load({ pairs: "a,b\n4,x\n4,x\n" }, schema, "upsert");
    const message = "pairs.csv line 3: UNIQUE constraint failed: pairs.a, pairs.b.";
    await expect(again).rejects.toMatchObject({ code: "load-duplicate-key", message });
  });
});

describe("the loaded tables", () => {
  test.each([
    ["an orphan", "INSERT INTO orders (order_id, customer_id) VALUES (1, 99)", "FOREIGN KEY constraint failed"],
    ["a parent that goes", "DELETE FROM customers WHERE customer_id = 1001", "FOREIGN KEY constraint failed"],
    ["a broken check", "UPDATE orders SET quantity = 0", "CHECK constraint failed: ck_orders_quantity_minimum"],
    ["a third truth value", "UPDATE customers SET active = 2", "CHECK constraint failed: ck_customers_active_boolean"],
    ["a repeated key", "UPDATE customers SET email = 'x'", "UNIQUE constraint failed: customers.email"],
    [
      "text in a number",
      "UPDATE orders SET quantity = 'many'",
      "cannot store TEXT value in INTEGER column orders.quantity",
    ],
  ])("go on refusing %s", async (_, sql, message) => {
    await load();
    expect(() => attempt(sql)).toThrow(message);
  });

  test("answer a foreign key's lookup from its index", async () => {
    await load();
    const [[, , , plan]] = query("EXPLAIN QUERY PLAN SELECT * FROM orders WHERE customer_id = 1") as [unknown[]];
    expect(plan).toBe("SEARCH orders USING INDEX ix_orders_customer_id (customer_id=?)");
  });

  test("may refer to a later row of their own", async () => {
    const staff: SchemaDocument = {
      name: "staff",
      tables: [
        {
          name: "staff",
          rows: 2,
          primaryKey: ["id"],
          foreignKeys: [{ fields: ["boss_id"], reference: { resource: "staff", fields: ["id"] } }],
          fields: [
            { name: "id", type: "integer" },
            { name: "boss_id", type: "integer" },
          ],
        },
      ],
    };
    const report = await load({ staff: "id,boss_id\n1,2\n2,\n" }, staff);
    expect(report.tables.staff).toMatchObject({ total: 2, indexes: ["ix_staff_boss_id", "pk_staff"] });
    await expect(load({ staff: "id,boss_id\n1,2\n2,3\n" }, staff)).rejects.toMatchObject({ code: "load-orphan" });
  });
});

describe("a load that dies", () => {
  test.each(["a first load", "a replacing load"])(
    "after any step of %s leaves the old state or the new, and is done by the next",
    async (kind) => {
      const changed = shopWith("orders", "2026-01-01", "2024-06-30");
      const steps = new Set<string>();
      for (let n = 1; ; n++) {
        rmSync(join(folder, "sql"), { recursive: true, force: true });
        if (kind === "a replacing load") await load();
        let calls = 0;
        let crashed = "";
        const target = crashing(sqliteTarget(file), (step) => {
          if (++calls !== n) return;
          crashed = step;
          throw new Error("crash");
        });
        const outcome = await loadDataset(target, { manifest: manifestOf(changed), open: opener(changed) }).catch(
          String,
        );
        if (crashed === "") break;
        expect(outcome).toBe("Error: crash");
        const isNew = crashed === "commit" || crashed === "close";
        expect({ crashed, ...(await load(changed)) }).toMatchObject({ crashed, alreadyLoaded: isNew });
        expect(orderDates()).toContainEqual([3002, "2024-06-30"]);
        expect(query("PRAGMA integrity_check")).toEqual([["ok"]]);
        steps.add(crashed);
      }
      expect([...steps]).toEqual([...LOAD_STEPS, "commit", "close"]);
    },
  );

  test("in the middle of any file leaves the old state, and is done by the next", async () => {
    await load();
    const before = orderDates();
    const changed = bigShopFiles(9000, 2);
    const bytes = Buffer.from(changed.orders as string);
    for (const failing of ["customers", "products", "orders"]) {
      const open = async (table: string) => {
        const source = chunks(
          table === "orders" ? bytes : Buffer.from(changed[table] as string),
          table === "orders" ? 50_000 : 20,
        );
        return table === failing ? brokenAfter(2, source) : source;
      };
      await expect(loadDataset(sqliteTarget(file), { manifest: manifestOf(changed), open })).rejects.toThrow(
        "connection lost",
      );
      expect(orderDates()).toEqual(before);
    }
    expect((await load(changed)).tables.orders).toMatchObject({ total: 9000 });
  });

  test.each(LOAD_STEPS)("of kill -9 after %s leaves the old state, and is done by the next", async (step) => {
    await load();
    const before = orderDates();
    await killDuring(step);
    expect(orderDates()).toEqual(before);
    expect(await load(bigShopFiles(9000))).toMatchObject({ alreadyLoaded: false, tables: { orders: { total: 9000 } } });
    expect(query("PRAGMA integrity_check")).toEqual([["ok"]]);
  });
});

describe("two loads of one dataset at once", () => {
  test("in one process: the second waits and finds the work done", async () => {
    const reports = await Promise.all([load(), load()]);
    expect(reports.map(({ alreadyLoaded }) => alreadyLoaded).sort()).toEqual([false, true]);
  });

  test("with a first that is slow: the second is told to come back, and the first is not harmed", async () => {
    let second: unknown;
    const target = crashing(sqliteTarget(file), async (step) => {
      if (step === "prepare") {
        const other = sqliteTarget(file, 100);
        second = await loadDataset(other, { manifest: manifestOf(shopFiles), open: opener(shopFiles) }).catch((e) => e);
      }
    });
    const first = await loadDataset(target, { manifest: manifestOf(shopFiles), open: opener(shopFiles) });
    expect(second).toMatchObject({ name: "Unavailable", status: 503, retryAfterSeconds: 5 });
    expect(first).toMatchObject({ alreadyLoaded: false, tables: { orders: { total: 4 } } });
  });

  test("in two processes: the second waits for the first to die, then does the work", async () => {
    const killed = killDuring("apply", () => load(bigShopFiles(9000)));
    expect(await killed).toMatchObject({ alreadyLoaded: false, tables: { orders: { total: 9000 } } });
  });
});

/** Loads the big shop in a process of its own and kills that once `step` is done; `meanwhile` starts just before. */
async function killDuring<T>(step: string, meanwhile?: () => Promise<T>): Promise<T | undefined> {
  const script = new URL("../support/load-fixtures.ts", import.meta.url).href;
  const source = `import(${JSON.stringify(script)}).then((m) => m.loadUntil(${JSON.stringify(file)}, ${JSON.stringify(step)}))`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [reached] = await Promise.race([once(child.stdout, "data"), exited]);
  expect(String(reached)).toBe(`${step}\n`);
  const result = meanwhile?.();
  child.kill("SIGKILL");
  await exited;
  return await result;
}

async function* brokenAfter(count: number, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    if (count-- === 0) throw new Error("connection lost");
    yield chunk;
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function decimal(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

test("a file that is no database is told as that, and the loader's own table is nobody's", async () => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "no database at all, but long enough to be one".repeat(50));
  const refused = load();
  await expect(refused).rejects.toMatchObject({
    code: "load-database",
    message: "The SQLite file sql/shop-demo.sqlite is no database; remove it.",
  });
  rmSync(file);
  const own: SchemaDocument = {
    name: "own",
    tables: [{ name: "relata_load_log", rows: 0, primaryKey: ["id"], fields: [{ name: "id", type: "integer" }] }],
  };
  const files = { relata_load_log: "id\n1\n" };
  const options: LoadOptions = { mode: "replace", dropFirst: true };
  const refusedToo = loadDataset(sqliteTarget(file), {
    manifest: manifestOf(files, own),
    open: opener(files),
    options,
  });
  await expect(refusedToo).rejects.toMatchObject({ code: "load-bad-table" });
});

test("rows that lost their parent while foreign keys were off are no loaded dataset", async () => {
  await load();
  const db = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  db.exec("UPDATE products SET product_id = 9999 WHERE product_id = 2001");
  db.close();
  await expect(load(shopFiles, shop, "append")).rejects.toMatchObject({ code: "load-duplicate-key" });
  expect((await load()).alreadyLoaded).toBe(false);
  expect(query("PRAGMA foreign_key_check")).toEqual([]);
});

test("a load that was committed is done when its message comes again, also in mode append", async () => {
  await load();
  const db = new DatabaseSync(file);
  const more: Files = {
    customers: "customer_id,name,email,note,active,customer_tier\n1008,Li,li8@example.org,,,\n",
    products: "product_id,product_name,brand,price,rating\n2009,Chair,Lumen,80.00,\n",
    orders: "order_id,customer_id,product_id,order_date,quantity,total_amount\n3008,1008,2009,,1,80.00\n",
  };
  const input: Parameters<typeof loadDataset>[1] = {
    ...{ id: "two", manifest: manifestOf(more), open: opener(more), options: { mode: "append", dropFirst: false } },
  };
  const report = await loadDataset(sqliteTarget(file), input);
  db.exec("DELETE FROM orders WHERE order_id = 3008");
  db.close();
  expect(await loadDataset(sqliteTarget(file), input)).toEqual(report);
  await expect(loadDataset(sqliteTarget(file), { ...input, id: "three" })).rejects.toMatchObject({
    code: "load-duplicate-key",
  });
});

test("a file of before there were reports in its log is loaded once more", async () => {
  await load();
  const db = new DatabaseSync(file);
  db.exec("ALTER TABLE relata_load_log DROP COLUMN report");
  db.close();
  expect((await load()).alreadyLoaded).toBe(false);
  expect((await load()).alreadyLoaded).toBe(true);
});

test("a load that another has made needless lets go of what it has staged", async () => {
  await load();
  const discarded: string[] = [];
  const target = { ...sqliteTarget(file), discard: async (id: string) => void discarded.push(id) };
  await loadDataset(target, { id: "second", manifest: manifestOf(shopFiles), open: opener(shopFiles) });
  expect(discarded).toEqual(["second"]);
});
