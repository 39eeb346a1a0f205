import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { schemaDdl } from "../../src/load/ddl.ts";
import { sqlite } from "../../src/load/dialects/sqlite.ts";
import { shop } from "../support/load-fixtures.ts";

function statements(schema: SchemaDocument): string[] {
  return schemaDdl(schema, sqlite).flatMap(({ create, indexes }) => [...create, ...indexes]);
}

const table = (name: string, more: Partial<Table>): Table => ({
  name,
  rows: 0,
  primaryKey: ["id"],
  fields: [{ name: "id", type: "integer" }],
  ...more,
});

describe("schemaDdl for SQLite", () => {
  test("names every constraint and index, keeps decimals as whole units and derives their major units", () => {
    expect(statements(shop).join(";\n")).toBe(`CREATE TABLE "customers" (
  "customer_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "note" TEXT,
  "active" INTEGER,
  "customer_tier" TEXT,
  CONSTRAINT "pk_customers" PRIMARY KEY ("customer_id"),
  CONSTRAINT "uq_customers_email" UNIQUE ("email"),
  CONSTRAINT "ck_customers_name_max_length" CHECK (length("name") <= 40),
  CONSTRAINT "ck_customers_active_boolean" CHECK ("active" IN (0, 1)),
  CONSTRAINT "ck_customers_customer_tier_enum" CHECK ("customer_tier" IN ('Bronze', 'Silver', 'Gold', 'L''Or'))
) STRICT;
CREATE TABLE "products" (
  "product_id" INTEGER NOT NULL,
  "product_name" TEXT NOT NULL,
  "brand" TEXT NOT NULL,
  "price_minor" INTEGER NOT NULL,
  "price" REAL GENERATED ALWAYS AS ("price_minor" / 100.0) VIRTUAL,
  "rating_minor" INTEGER,
  "rating" REAL GENERATED ALWAYS AS ("rating_minor" / 10.0) VIRTUAL,
  CONSTRAINT "pk_products" PRIMARY KEY ("product_id"),
  CONSTRAINT "uq_products_brand_product_name" UNIQUE ("brand", "product_name"),
  CONSTRAINT "ck_products_price_minimum" CHECK ("price" >= 0.01),
  CONSTRAINT "ck_products_price_maximum" CHECK ("price" <= 999999.99),
  CONSTRAINT "ck_products_rating_minimum" CHECK ("rating" >= 1),
  CONSTRAINT "ck_products_rating_maximum" CHECK ("rating" <= 5)
) STRICT;
CREATE TABLE "orders" (
  "order_id" INTEGER NOT NULL,
  "customer_id" INTEGER NOT NULL,
  "product_id" INTEGER,
  "order_date" TEXT,
  "quantity" INTEGER,
  "total_amount_minor" INTEGER,
  "total_amount" REAL GENERATED ALWAYS AS ("total_amount_minor" / 100.0) VIRTUAL,
  CONSTRAINT "pk_orders" PRIMARY KEY ("order_id"),
  CONSTRAINT "fk_orders_customers" FOREIGN KEY ("customer_id") REFERENCES "customers" ("customer_id"),
  CONSTRAINT "fk_orders_products" FOREIGN KEY ("product_id") REFERENCES "products" ("product_id"),
  CONSTRAINT "ck_orders_order_date_minimum" CHECK ("order_date" >= '2020-01-01'),
  CONSTRAINT "ck_orders_quantity_minimum" CHECK ("quantity" >= 1)
) STRICT;
CREATE INDEX "ix_orders_order_date" ON "orders" ("order_date", "total_amount");
CREATE INDEX "ix_orders_product_id_order_date" ON "orders" ("product_id", "order_date") WHERE "quantity" >= 2 AND "order_date" IS NOT NULL;
CREATE INDEX "ix_orders_customer_id" ON "orders" ("customer_id");
CREATE INDEX "ix_orders_product_id" ON "orders" ("product_id")`);
  });

  test("makes no second index where a key or an index begins with the foreign key", () => {
    const lines = table("lines", {
      primaryKey: ["order_id", "line_no"],
      fields: [
        { name: "order_id", type: "integer" },
        { name: "line_no", type: "integer" },
        { name: "product_id", type: "integer" },
      ],
      foreignKeys: [
        { fields: ["order_id"], reference: { resource: "orders", fields: ["id"] } },
        { fields: ["product_id"], reference: { resource: "products", fields: ["id"] } },
      ],
      indexes: [{ fields: ["product_id", "order_id"] }],
    });
    const schema = { name: "s", tables: [table("orders", {}), table("products", {}), lines] };
    expect(statements(schema).filter((sql) => sql.includes("INDEX"))).toEqual([
      'CREATE INDEX "ix_lines_product_id_order_id" ON "lines" ("product_id", "order_id")',
    ]);
  });

  test("writes composite keys, references to itself and to unique keys, instants as the files have them, and no pattern", () => {
    const people = table("people", {
      primaryKey: ["team", "number"],
      uniqueKeys: [["token"]],
      foreignKeys: [
        { fields: ["boss", "team"], reference: { resource: "", fields: ["number", "team"] }, as: "boss" },
        { fields: ["mentor"], reference: { resource: "people", fields: ["token"] }, nullRate: 0.5 },
        { fields: ["team"], reference: { resource: "teams", fields: ["id"] } },
      ],
      fields: [
        { name: "team", type: "string", constraints: { pattern: "[A-Z]{2}" } },
        { name: "number", type: "integer" },
        { name: "boss", type: "integer" },
        { name: "token", type: "uuid", constraints: { required: true } },
        { name: "mentor", type: "uuid" },
        {
          name: "since",
          type: "datetime",
          constraints: { minimum: "2025-01-01T00:00", maximum: "2025-06-30T08:00:00.9Z" },
        },
        { name: "seen", type: "datetime", scale: 3, constraints: { minimum: "2025-01-01T00:00:00Z" } },
        { name: "starts", type: "time", constraints: { enum: ["08:30", "09:00:00"] } },
      ],
    });
    const teams = table("teams", { fields: [{ name: "id", type: "string" }] });
    const [ddl] = schemaDdl({ name: "s", tables: [people, teams] }, sqlite);
    expect(ddl?.create.join(";\n")).toBe(`CREATE TABLE "people" (
  "team" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "boss" INTEGER,
  "token" TEXT NOT NULL,
  "mentor" TEXT,
  "since" TEXT,
  "seen" TEXT,
  "starts" TEXT,
  CONSTRAINT "pk_people" PRIMARY KEY ("team", "number"),
  CONSTRAINT "uq_people_token" UNIQUE ("token"),
  CONSTRAINT "fk_people_people_boss" FOREIGN KEY ("team", "boss") REFERENCES "people" ("team", "number"),
  CONSTRAINT "fk_people_people_mentor" FOREIGN KEY ("mentor") REFERENCES "people" ("token"),
  CONSTRAINT "fk_people_teams" FOREIGN KEY ("team") REFERENCES "teams" ("id"),
  CONSTRAINT "ck_people_since_minimum" CHECK ("since" >= '2025-01-01T00:00:00Z'),
  CONSTRAINT "ck_people_since_maximum" CHECK ("since" <= '2025-06-30T08:00:00Z'),
  CONSTRAINT "ck_people_seen_minimum" CHECK ("seen" >= '2025-01-01T00:00:00.000Z'),
  CONSTRAINT "ck_people_starts_enum" CHECK ("starts" IN ('08:30:00', '09:00:00'))
) STRICT;
CREATE INDEX "ix_people_team_boss" ON "people" ("team", "boss");
CREATE INDEX "ix_people_mentor" ON "people" ("mentor")`);
    expect(ddl?.indexes).toEqual([]);
    const db = new DatabaseSync(":memory:");
    for (const sql of ddl?.create ?? []) db.exec(sql);
    db.exec("CREATE TABLE teams (id TEXT PRIMARY KEY); INSERT INTO teams VALUES ('AA'), ('BB')");
    const insert = db.prepare("INSERT INTO people (team, number, boss, token) VALUES (?, ?, ?, ?)");
    for (const row of [
      ["AA", 1, null, "a"],
      ["AA", 2, 1, "b"],
      ["BB", 1, 1, "c"],
    ] as const)
      insert.run(...row);
    expect(() => insert.run("BB", 3, 2, "d")).toThrow("FOREIGN KEY constraint failed");
    db.close();
  });

  test("gives SQL that runs for keywords as names, names that would collide and keys of decimals", () => {
    const schema: SchemaDocument = {
      name: "s",
      tables: [
        table("order", {
          primaryKey: ["select"],
          fields: [
            { name: "select", type: "number", scale: 3 },
            { name: "select_minor", type: "number", scale: 0 },
            { name: "b_c", type: "string" },
          ],
          indexes: [{ fields: ["b_c"] }, { fields: ["b_c"], unique: true, include: ["select"] }],
        }),
        table("order_b", {
          fields: [
            { name: "id", type: "uuid" },
            { name: "c", type: "datetime" },
            { name: "group", type: "number", scale: 3 },
          ],
          foreignKeys: ["billing", "shipping"].map((as) => ({
            fields: ["group"],
            reference: { resource: "order", fields: ["select"] },
            as,
          })),
          indexes: [{ fields: ["c"] }],
        }),
      ],
    };
    const db = new DatabaseSync(":memory:");
    for (const sql of statements(schema)) db.exec(sql);
    db.exec(`INSERT INTO "order" (select_minor_, select_minor) VALUES (1500, 7)`);
    db.exec("INSERT INTO order_b (id, group_minor) VALUES ('u', 1500)");
    expect({ ...db.prepare('SELECT "select", select_minor FROM "order"').get() }).toEqual({
      select: 1.5,
      select_minor: 7,
    });
    const names = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
      .all();
    expect(names.map(({ name }) => name)).toEqual([
      "ix_order_b_c",
      "ix_order_b_c_2",
      "ix_order_b_group_minor",
      "uq_order_b_c",
    ]);
    db.close();
  });

  test("makes indexes that run backwards, carry fields as last columns and leave rows out, and SQLite uses them", () => {
    const orders = table("orders", {
      fields: [
        { name: "id", type: "integer" },
        { name: "day", type: "date" },
        { name: "status", type: "string" },
        { name: "open", type: "boolean" },
        { name: "total", type: "number" },
      ],
      indexes: [
        { fields: ["status", "day desc"], include: ["total"] },
        { fields: ["day"], where: "status IN ('Pending', 'it''s') AND open = true AND total >= 0.5" },
      ],
    });
    const sql = statements({ name: "s", tables: [orders] });
    expect(sql.slice(1)).toEqual([
      'CREATE INDEX "ix_orders_status_day" ON "orders" ("status", "day" DESC, "total")',
      `CREATE INDEX "ix_orders_day" ON "orders" ("day") WHERE "status" IN ('Pending', 'it''s') AND "open" = 1 AND "total" >= 0.5`,
    ]);
    const db = new DatabaseSync(":memory:");
    for (const statement of sql) db.exec(statement);
    const plan = (query: string) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${query}`)
        .all()
        .map(({ detail }) => detail);
    expect(plan("SELECT day, total FROM orders WHERE status = 'a' ORDER BY day DESC")).toEqual([
      "SEARCH orders USING INDEX ix_orders_status_day (status=?)",
    ]);
    db.close();
  });

  test.each([
    "1); DROP TABLE orders; --",
    "status = 'a' OR 1",
    "price > (SELECT 1)",
    "missing = 1",
    "id = 'a' AND",
    "",
  ])("refuses the index filter %j, as a user's text is never SQL", (where) => {
    const schema = { name: "s", tables: [table("things", { indexes: [{ fields: ["id"], where }] })] };
    expect(() => statements(schema)).toThrow(expect.objectContaining({ code: "load-index-filter" }));
  });
});
