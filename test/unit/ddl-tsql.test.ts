import { describe, expect, test } from "vitest";
import type { Field, SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { schemaDdl, type TableDdl } from "../../src/load/ddl.ts";
import { tsql } from "../../src/load/dialects/tsql.ts";
import { shop } from "../support/load-fixtures.ts";

const ddlOf = (...tables: Table[]): TableDdl[] => schemaDdl({ name: "s", tables }, tsql("shop"));

const table = (name: string, fields: Field[], more: Partial<Table> = {}): Table => ({
  name,
  rows: 0,
  primaryKey: [(fields[0] as Field).name],
  fields,
  ...more,
});

/** The type of the only table's field, as CREATE TABLE has it. */
function typeOf(field: Omit<Field, "name">, more: Partial<Table> = {}): string | undefined {
  const [ddl] = ddlOf(
    table(
      "things",
      [
        { name: "id", type: "integer" },
        { name: "it", ...field },
      ],
      more,
    ),
  );
  return ddl?.columns[1]?.type;
}

const text = (generator: Record<string, unknown>): Omit<Field, "name"> => ({
  type: "string",
  generator: generator as Field["generator"],
});

function statements(schema: SchemaDocument): string[] {
  const ddl = schemaDdl(schema, tsql("shop"));
  return [
    ...ddl.flatMap(({ create }) => create),
    ...ddl.flatMap(({ references }) => references),
    ...ddl.flatMap(({ indexes }) => indexes),
  ];
}

test("a schema becomes typed tables with named constraints, then its foreign keys, then its indexes", () => {
  expect(statements(shop).join(";\n")).toBe(`CREATE TABLE [shop].[customers] (
  [customer_id] bigint NOT NULL,
  [name] nvarchar(40) NOT NULL,
  [email] nvarchar(850) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [note] nvarchar(4000) NULL,
  [active] bit NULL,
  [customer_tier] nvarchar(6) NULL,
  CONSTRAINT [pk_customers] PRIMARY KEY ([customer_id]),
  CONSTRAINT [uq_customers_email] UNIQUE ([email]),
  CONSTRAINT [ck_customers_customer_tier_enum] CHECK ([customer_tier] IN (N'Bronze', N'Silver', N'Gold', N'L''Or'))
);
CREATE TABLE [shop].[products] (
  [product_id] bigint NOT NULL,
  [product_name] nvarchar(425) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [brand] nvarchar(425) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [price] decimal(19, 2) NOT NULL,
  [rating] decimal(19, 1) NULL,
  CONSTRAINT [pk_products] PRIMARY KEY ([product_id]),
  CONSTRAINT [uq_products_brand_product_name] UNIQUE ([brand], [product_name]),
  CONSTRAINT [ck_products_price_minimum] CHECK ([price] >= 0.01),
  CONSTRAINT [ck_products_price_maximum] CHECK ([price] <= 999999.99),
  CONSTRAINT [ck_products_rating_minimum] CHECK ([rating] >= 1),
  CONSTRAINT [ck_products_rating_maximum] CHECK ([rating] <= 5)
);
CREATE TABLE [shop].[orders] (
  [order_id] bigint NOT NULL,
  [customer_id] bigint NOT NULL,
  [product_id] bigint NULL,
  [order_date] date NULL,
  [quantity] bigint NULL,
  [total_amount] decimal(19, 2) NULL,
  CONSTRAINT [pk_orders] PRIMARY KEY ([order_id]),
  CONSTRAINT [ck_orders_order_date_minimum] CHECK ([order_date] >= '2020-01-01'),
  CONSTRAINT [ck_orders_quantity_minimum] CHECK ([quantity] >= 1)
);
ALTER TABLE [shop].[orders] ADD CONSTRAINT [fk_orders_customers] FOREIGN KEY ([customer_id]) REFERENCES [shop].[customers] ([customer_id]);
ALTER TABLE [shop].[orders] ADD CONSTRAINT [fk_orders_products] FOREIGN KEY ([product_id]) REFERENCES [shop].[products] ([product_id]);
CREATE INDEX [ix_orders_order_date] ON [shop].[orders] ([order_date]) INCLUDE ([total_amount]);
CREATE INDEX [ix_orders_product_id_order_date] ON [shop].[orders] ([product_id], [order_date]) WHERE [quantity] >= 2 AND [order_date] IS NOT NULL;
CREATE INDEX [ix_orders_customer_id] ON [shop].[orders] ([customer_id]);
CREATE INDEX [ix_orders_product_id] ON [shop].[orders] ([product_id])`);
});

test("a constant is the named default of its column", () => {
  const fields: Field[] = [
    { name: "id", type: "integer" },
    {
      name: "currency",
      type: "string",
      generator: { kind: "constant", value: "L'Or" },
      constraints: { required: true },
    },
    { name: "fee", type: "number", generator: { kind: "constant", value: 0.5 }, nullRate: 0.1 },
    { name: "open", type: "boolean", generator: { kind: "constant", value: false } },
  ];
  expect(statements({ name: "s", tables: [{ name: "t", rows: 1, primaryKey: ["id"], fields }] })).toEqual([
    `CREATE TABLE [shop].[t] (
  [id] bigint NOT NULL,
  [currency] nvarchar(4) CONSTRAINT [df_t_currency] DEFAULT N'L''Or' NOT NULL,
  [fee] decimal(19, 2) CONSTRAINT [df_t_fee] DEFAULT 0.5 NULL,
  [open] bit CONSTRAINT [df_t_open] DEFAULT 0 NULL,
  CONSTRAINT [pk_t] PRIMARY KEY ([id])
)`,
  ]);
});

test("the database schema's name may hold anything", () => {
  const [ddl] = schemaDdl({ name: "s", tables: [table("a", [{ name: "id", type: "uuid" }])] }, tsql("my]shop"));
  expect(ddl?.qualified).toBe("[my]]shop].[a]");
});

describe("a column's type", () => {
  test.each([
    ["integers may need 64 bits", { type: "integer" }, "bigint"],
    ["bounds make them smaller", { type: "integer", constraints: { minimum: 0, maximum: 9 } }, "int"],
    ["bounds beyond 32 bits don't", { type: "integer", constraints: { minimum: 0, maximum: 2 ** 31 } }, "bigint"],
    ["one bound doesn't", { type: "integer", constraints: { minimum: 0 } }, "bigint"],
    ["a generator's bounds do", { type: "integer", generator: { kind: "poisson", mean: 2, min: 1, max: 9 } }, "int"],
    ["so does a list", { type: "integer", generator: { kind: "category", values: { 1: 5, 2: 1 } } }, "int"],
    ["decimals keep every digit", { type: "number" }, "decimal(19, 2)"],
    ["decimals have the field's scale", { type: "number", scale: 9 }, "decimal(19, 9)"],
    ["booleans", { type: "boolean" }, "bit"],
    ["dates", { type: "date" }, "date"],
    ["instants to the second", { type: "datetime" }, "datetime2(0)"],
    ["instants to the millisecond", { type: "datetime", scale: 3 }, "datetime2(3)"],
    ["times of day", { type: "time", scale: 3 }, "time(3)"],
    ["uuids", { type: "uuid" }, "uniqueidentifier"],
    ["text of unknown length", { type: "string" }, "nvarchar(4000)"],
    ["text of known length", { type: "string", constraints: { maxLength: 12 } }, "nvarchar(12)"],
    ["text too long for a length", { type: "string", constraints: { maxLength: 4001 } }, "nvarchar(max)"],
    ["an enum's longest word", { type: "string", constraints: { enum: ["a", "abc"] } }, "nvarchar(3)"],
    ["a category's longest word", text({ kind: "category", values: { red: 1, yellow: 2 } }), "nvarchar(6)"],
    [
      "a conditional category's longest word",
      text({ kind: "category", by: "id", values: { 1: ["a"], 2: { abcd: 1 } } }),
      "nvarchar(4)",
    ],
    ["a constant's length, in UTF-16 units", text({ kind: "constant", value: "🐉" }), "nvarchar(2)"],
    ["what a model may write", text({ kind: "text", prompt: "p", maxChars: 300 }), "nvarchar(300)"],
    ["what a model may write by default", text({ kind: "text", prompt: "p" }), "nvarchar(200)"],
  ] as [string, Omit<Field, "name">, string][])("%s", (_, field, type) => {
    expect(typeOf(field)).toBe(type);
  });

  test("is told in parts too, as a driver wants it", () => {
    const [ddl] = ddlOf(
      table("t", [
        { name: "id", type: "string", constraints: { maxLength: 5 } },
        { name: "a", type: "number", scale: 4 },
        { name: "b", type: "datetime", scale: 3 },
        { name: "c", type: "string", constraints: { maxLength: 9999 } },
        { name: "d", type: "boolean" },
      ]),
    );
    expect(ddl?.columns.map(({ shape }) => shape)).toEqual([
      { base: "nvarchar", length: 5 },
      { base: "decimal", precision: 19, scale: 4 },
      { base: "datetime2", scale: 3 },
      { base: "nvarchar", length: "max" },
      { base: "bit" },
    ]);
    expect(ddl?.create[0]).toContain("CHECK (LEN([c]) <= 9999)");
  });

  test("of a key is as long as an index takes, shared by the strings in it", () => {
    const string = (name: string, maxLength?: number): Field => ({
      name,
      type: "string",
      ...(maxLength ? { constraints: { maxLength } } : {}),
    });
    const [ddl] = ddlOf(
      table("t", [string("a", 10), string("b"), { name: "n", type: "uuid" }, string("c", 2000), string("d")], {
        primaryKey: ["a", "b", "n"],
        uniqueKeys: [["c"]],
        indexes: [{ fields: ["d"] }],
      }),
    );
    // Clustered: (900 - 16 bytes of the uuid) / 2 = 442 characters, of which a needs 10. Others: 1700 / 2.
    expect(ddl?.columns.map(({ type }) => type)).toEqual([
      "nvarchar(10) COLLATE Latin1_General_100_BIN2",
      "nvarchar(432) COLLATE Latin1_General_100_BIN2",
      "uniqueidentifier",
      "nvarchar(850) COLLATE Latin1_General_100_BIN2",
      "nvarchar(850)",
    ]);
  });

  test("of a whole number is as large as what an index compares it with, in all tables that share it", () => {
    const small = { type: "integer" as const, constraints: { minimum: 0, maximum: 100 } };
    expect(typeOf(small, { indexes: [{ fields: ["id"], where: "it < 3000000000" }] })).toBe("bigint");
    expect(typeOf(small, { indexes: [{ fields: ["id"], where: "it IN (1, -3000000000)" }] })).toBe("bigint");
    expect(typeOf(small, { indexes: [{ fields: ["id"], where: "it <= 2147483647 AND id < 3000000000" }] })).toBe("int");
    const refers = { foreignKeys: [{ fields: ["n"], reference: { resource: "a", fields: ["n"] } }] };
    const indexes = [{ fields: ["n"], where: "n <> 3000000000" }];
    const ddl = ddlOf(
      table("a", [{ name: "n", ...small }]),
      table("b", [{ name: "n", type: "integer" }], { ...refers, indexes }),
    );
    expect(ddl.map(({ columns }) => columns[0]?.type)).toEqual(["bigint", "bigint"]);
  });

  test("of a field in a unique index tells every character apart, as a key's does", () => {
    const field = { type: "string" as const };
    const binary = "nvarchar(850) COLLATE Latin1_General_100_BIN2";
    expect(typeOf(field, { indexes: [{ fields: ["it"], unique: true }] })).toBe(binary);
    expect(typeOf(field, { indexes: [{ fields: ["it desc"], unique: true, where: "id > 5" }] })).toBe(binary);
    expect(typeOf(field, { indexes: [{ fields: ["it"] }] })).toBe("nvarchar(850)");
    expect(typeOf(field, { indexes: [{ fields: ["id"], include: ["it"], unique: true }] })).toBe("nvarchar(4000)");
  });

  test("is one for all columns that refer to each other, through any number of tables", () => {
    const refers = (field: string, resource: string, target: string) => ({
      foreignKeys: [{ fields: [field], reference: { resource, fields: [target] } }],
    });
    const ddl = ddlOf(
      table("c", [{ name: "id", type: "string" }], refers("id", "b", "id")),
      table("b", [{ name: "id", type: "string" }], refers("id", "a", "code")),
      table("a", [
        { name: "code", type: "string", constraints: { maxLength: 3 } },
        { name: "n", type: "integer", constraints: { minimum: 1, maximum: 5, unique: true } },
      ]),
      table("d", [{ name: "n", type: "integer" }], refers("n", "a", "n")),
    );
    const types = Object.fromEntries(ddl.map(({ table, columns }) => [table, columns.map(({ type }) => type)]));
    const code = "nvarchar(3) COLLATE Latin1_General_100_BIN2";
    expect(types).toEqual({ a: [code, "int"], b: [code], c: [code], d: ["int"] });
  });

  test("of a looked up field is as long as its source, through parents", () => {
    const ddl = ddlOf(
      table("a", [
        { name: "id", type: "integer" },
        { name: "name", type: "string", constraints: { maxLength: 7 } },
      ]),
      table(
        "b",
        [
          { name: "id", type: "integer" },
          { name: "a_id", type: "integer" },
          { name: "name", type: "string", generator: { kind: "lookup", field: "a.name" } },
          { name: "again", type: "string", generator: { kind: "lookup", field: "name" } },
        ],
        { foreignKeys: [{ fields: ["a_id"], reference: { resource: "a", fields: ["id"] } }] },
      ),
    );
    expect(ddl[1]?.columns.map(({ type }) => type)).toEqual(["bigint", "bigint", "nvarchar(7)", "nvarchar(7)"]);
  });
});

describe("constraints and indexes", () => {
  const id: Field = { name: "id", type: "integer" };
  const code: Field = { name: "code", type: "string", constraints: { maxLength: 9 } };

  test("reach around a circle of tables and back to the table itself", () => {
    const link = (field: string, resource: string) => ({
      fields: [field],
      reference: { resource, fields: ["id"] },
      nullRate: 0.1,
    });
    const a = table("a", [id, { name: "b_id", type: "integer" }], { foreignKeys: [link("b_id", "b")] });
    const b = table("b", [id, { name: "a_id", type: "integer" }, { name: "up_id", type: "integer" }], {
      foreignKeys: [link("a_id", "a"), link("up_id", "")],
    });
    const ddl = ddlOf(a, b);
    expect(ddl.flatMap(({ references }) => references)).toEqual([
      "ALTER TABLE [shop].[a] ADD CONSTRAINT [fk_a_b] FOREIGN KEY ([b_id]) REFERENCES [shop].[b] ([id])",
      "ALTER TABLE [shop].[b] ADD CONSTRAINT [fk_b_a] FOREIGN KEY ([a_id]) REFERENCES [shop].[a] ([id])",
      "ALTER TABLE [shop].[b] ADD CONSTRAINT [fk_b_b] FOREIGN KEY ([up_id]) REFERENCES [shop].[b] ([id])",
    ]);
    expect(ddl.flatMap(({ create }) => create).join()).not.toContain("FOREIGN KEY");
  });

  test("name the columns of a composite reference in the order of the parent's key", () => {
    const parent = table("p", [id, code], { primaryKey: ["code", "id"] });
    const child = table(
      "c",
      [
        { name: "n", type: "integer" },
        { ...code, name: "p_id" },
        { ...id, name: "p_no" },
      ],
      {
        foreignKeys: [{ fields: ["p_no", "p_id"], reference: { resource: "p", fields: ["id", "code"] } }],
      },
    );
    expect(ddlOf(parent, child)[1]?.foreignKeys).toEqual([
      { name: "fk_c_p", columns: ["p_id", "p_no"], parent: "p", parentColumns: ["code", "id"] },
    ]);
  });

  test("leave NULLs out of a unique index, which SQL Server takes for equal", () => {
    const [ddl] = ddlOf(
      table(
        "t",
        [
          id,
          code,
          { name: "day", type: "date", constraints: { required: true } },
          { ...code, name: "k", nullRate: 0.5 },
        ],
        {
          uniqueKeys: [["k"], ["day"]],
          indexes: [
            { fields: ["code", "day"], unique: true, include: ["k"] },
            { fields: ["code"], unique: true, where: "code IS NOT NULL AND day > '2025-01-31'" },
          ],
        },
      ),
    );
    expect(ddl?.create.slice(1)).toEqual([
      "CREATE UNIQUE INDEX [uq_t_k] ON [shop].[t] ([k]) WHERE [k] IS NOT NULL",
      "CREATE UNIQUE INDEX [uq_t_code_day] ON [shop].[t] ([code], [day]) INCLUDE ([k]) WHERE [code] IS NOT NULL",
      "CREATE UNIQUE INDEX [uq_t_code] ON [shop].[t] ([code]) WHERE [code] IS NOT NULL AND [day] > '2025-01-31'",
    ]);
    expect(ddl?.create[0]).toContain("CONSTRAINT [uq_t_day] UNIQUE ([day])");
    expect(ddl?.indexNames).toEqual(["uq_t_code_day", "uq_t_code"]);
  });

  test("are made for a foreign key that begins only one which leaves out rows of it", () => {
    const other: Field = { name: "x", type: "integer", nullRate: 0.5 };
    const link: Field = { name: "it", type: "integer" };
    const key = { fields: ["it"], reference: { resource: "a", fields: ["id"] }, nullRate: 0.5 };
    const indexesOf = (more: Partial<Table>) =>
      ddlOf(table("a", [id]), table("b", [id, link, other], { foreignKeys: [key], ...more }))[1]?.indexNames;
    expect(indexesOf({ indexes: [{ fields: ["it", "x"], unique: true }] })).toEqual(["uq_b_it_x", "ix_b_it"]);
    expect(indexesOf({ indexes: [{ fields: ["it", "id"], unique: true }] })).toEqual(["uq_b_it_id"]);
    expect(indexesOf({ indexes: [{ fields: ["it", "x"] }] })).toEqual(["ix_b_it_x"]);
    expect(indexesOf({ uniqueKeys: [["it"]] })).toEqual([]);
  });

  test("run backwards, carry fields and filter by every kind of condition", () => {
    const fields: Field[] = [
      id,
      code,
      { name: "open", type: "boolean" },
      { name: "at", type: "datetime" },
      { name: "price", type: "number" },
    ];
    const where =
      "code in ('it''s', 'b') and open = true AND at >= '2025-01-01T08:30Z' AND price <> -0.5 AND id IS NULL AND id < 3000000000";
    const [ddl] = ddlOf(table("t", fields, { indexes: [{ fields: ["code", "at desc"], include: ["price"], where }] }));
    expect(ddl?.indexes).toEqual([
      "CREATE INDEX [ix_t_code_at] ON [shop].[t] ([code], [at] DESC) INCLUDE ([price]) WHERE [code] IN (N'it''s', N'b') " +
        "AND [open] = 1 AND [at] >= '2025-01-01T08:30:00' AND [price] <> -0.5 AND [id] IS NULL AND [id] < CAST(3000000000 AS bigint)",
    ]);
  });

  test("have names that are unique, of at most 120 characters and always the same", () => {
    const long = (name: string): Field => ({ name: `${name}_${"x".repeat(55)}`, type: "integer" });
    const fields = [long("a"), long("b"), long("c"), long("d")];
    const names = fields.map(({ name }) => name);
    const indexes = [{ fields: names }, { fields: names, where: `${names[0]} > 1` }, { fields: names.slice(0, 3) }];
    const make = () => ddlOf(table("t", fields, { indexes }))[0]?.indexNames as string[];
    expect(make()).toEqual(make());
    expect(new Set(make()).size).toBe(3);
    expect(make().map((name) => name.length)).toEqual([120, 122, 120]);
  });

  test("spell small bounds without an exponent, which would make inexact numbers of them", () => {
    const constraints = { minimum: 0.0000001, maximum: 1000 };
    const [ddl] = ddlOf(table("t", [id, { name: "x", type: "number", scale: 9, constraints }]));
    expect(ddl?.checks.map(({ condition }) => condition)).toEqual(["[x] >= 0.0000001", "[x] <= 1000"]);
  });
});
