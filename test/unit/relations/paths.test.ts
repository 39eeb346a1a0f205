/** Rows that lead to one ancestor by two ways of several levels: a line's variant is of its order's seller. */
import { describe, expect, test } from "vitest";
import type { Children, Field, ForeignKey, Table } from "../../../src/dataset/schema.ts";
import type { Engine } from "../../../src/generate/engine.ts";
import { chiSquareLimit, goodness } from "../../support/laws.ts";
import {
  csvOf,
  engineFor,
  expectInverses,
  expectSound,
  faultsFor,
  integer,
  oneOf,
  refer,
  rowsOf,
  sequence,
  table,
  tableNamed,
} from "../../support/relations.ts";

const id = integer("id", sequence());
const price = integer("price", { kind: "uniform", min: 1, max: 9_999 });
const few: Children = { kind: "range", min: 2, max: 6 };
const owned = (children: Children = few) => ({ children });

const integers = (names: string): Field[] => names.split(" ").map((name) => integer(name));

const sellers = (rows = 12) => table("sellers", rows, [integer("s", sequence(10, 10))]);
const products = (law: Partial<ForeignKey> = owned(), rows?: number) =>
  table("products", rows, [integer("s"), oneOf("sku", 1, 500)], {
    key: "s sku",
    foreignKeys: [refer("s", "sellers", "s", law)],
  });
const variants = (law: Partial<ForeignKey> = owned(), rows?: number) =>
  table("variants", rows, [integer("s"), integer("sku"), oneOf("v", 1, 90), price], {
    key: "s sku v",
    foreignKeys: [refer("s sku", "products", "s sku", law)],
  });
const orders = (law: Partial<ForeignKey> = {}) =>
  table("orders", law.children ? undefined : 150, [integer("o", sequence(7_000)), integer("s")], {
    uniqueKeys: [["o", "s"]],
    foreignKeys: [refer("s", "sellers", "s", law)],
  });
const toOrder = refer("o s", "orders", "o s", { as: "order", children: { kind: "range", min: 1, max: 4 } });
const toVariant = refer("s sku v", "variants", "s sku v", { as: "variant" });
const lines = (more: Partial<Table> & { key?: string } = {}, rows?: number): Table =>
  table(
    "lines",
    rows,
    [
      id,
      ...integers("o s sku v"),
      integer("paid", { kind: "lookup", field: "variant.price" }),
      integer("from", { kind: "lookup", field: "order.s" }),
    ],
    { foreignKeys: [toOrder, toVariant], ...more },
  );
const marketplace = [sellers(), products(), variants(), orders(), lines()];

/** Every line is of its order's seller, and pays the price of a variant of that seller; returns the lines. */
function expectConsistent(engine: Engine) {
  const sellerOf = new Map(rowsOf(engine, "orders").map((row) => [row.o, row.s]));
  const priceOf = new Map(rowsOf(engine, "variants").map((row) => [`${row.s} ${row.sku} ${row.v}`, row.price]));
  const rows = rowsOf(engine, "lines");
  for (const row of rows) {
    expect([row.s, row.from]).toEqual([sellerOf.get(row.o as number), row.s]);
    expect(row.paid).toBe(row.v === null ? null : priceOf.get(`${row.s} ${row.sku} ${row.v}`));
  }
  return rows;
}

describe("a line's variant is of its order's seller", () => {
  test("whose variants it picks from all his products", () => {
    const engine = expectSound(engineFor(marketplace));
    const rows = expectConsistent(engine);
    expect(rows.length).toBeGreaterThan(250);
    expect(new Set(rows.map(({ s }) => s)).size).toBe(12);
    expectInverses(engine);
  });

  test("each as often", () => {
    const engine = engineFor([
      sellers(1),
      products(owned({ kind: "fixed", n: 7 })),
      variants(owned({ kind: "range", min: 0, max: 9 })),
      orders(),
      lines({ foreignKeys: [{ ...toOrder, children: { kind: "fixed", n: 20 } }, toVariant] }),
    ]);
    const all = rowsOf(engine, "variants").map((row) => `${row.sku} ${row.v}`);
    const picked = expectConsistent(engine).map((row) => all.indexOf(`${row.sku} ${row.v}`));
    const { value, freedom } = goodness(picked, Array(all.length).fill(1 / all.length));
    expect(value).toBeLessThan(chiSquareLimit(freedom));
  });

  test("and none is twice in an order where a key says so", () => {
    const engine = expectSound(
      engineFor([...marketplace.slice(0, 4), lines({ uniqueKeys: [["o", "s", "sku", "v"]] })]),
    );
    const rows = expectConsistent(engine);
    expect(new Set(rows.map((row) => `${row.o} ${row.sku} ${row.v}`)).size).toBe(rows.length);
  });

  test("also up to all the variants that he has", () => {
    const engine = expectSound(
      engineFor([
        sellers(),
        products(owned({ kind: "fixed", n: 2 })),
        variants(owned({ kind: "fixed", n: 3 })),
        orders(),
        lines({ key: "v o s sku", foreignKeys: [{ ...toOrder, children: { kind: "fixed", n: 6 } }, toVariant] }),
      ]),
    );
    expect(expectConsistent(engine)).toHaveLength(900);
  });

  test("with totals kept exactly at every level, and products without variants", () => {
    const engine = expectSound(
      engineFor([
        sellers(),
        products(owned({ kind: "range", min: 3, max: 9 }), 77),
        variants(owned({ kind: "poisson", mean: 3 }), 201),
        orders({ children: { kind: "poisson", mean: 9 } }),
        lines({ foreignKeys: [{ ...toOrder, children: { kind: "poisson", mean: 2 } }, toVariant] }, 300),
      ]),
    );
    const sizes = ["products", "variants", "lines"].map((name) => tableNamed(engine, name).rows);
    expect(sizes).toEqual([77, 201, 300]);
    const withVariants = new Set(rowsOf(engine, "variants").map((row) => `${row.s} ${row.sku}`));
    expect(withVariants.size).toBeLessThan(77);
    expectConsistent(engine);
  });

  test("whatever the chunks are", () => {
    for (const rows of [1, 7, 64]) {
      expect(csvOf(engineFor(marketplace), "lines", rows)).toBe(csvOf(engineFor(marketplace), "lines"));
    }
  });

  test("where the rows of each level are numbered, with the seller beside the number", () => {
    const engine = expectSound(engineFor(numberedMarketplace(owned(), owned())));
    const priceOf = new Map(rowsOf(engine, "variants").map((row) => [`${row.s} ${row.v}`, row.price]));
    const rows = rowsOf(engine, "lines");
    for (const row of rows) expect(row.paid).toBe(priceOf.get(`${row.s} ${row.v}`));
    expect(new Set(rows.map((row) => `${row.o} ${row.v}`)).size).toBe(rows.length);
  });

  test.each<[string, Table[]]>([
    ["one level", [sellers(), products({}, 80), variants(), orders(), lines()]],
    ["two levels", [sellers(), products({}, 80), variants({}, 400), orders(), lines()]],
  ])("where the key of %s makes the first of its parents the owner", (_, tables) => {
    expectConsistent(expectSound(engineFor(tables)));
  });
});

/** Rows numbered through their table, each unique beside its seller. */
function numberedMarketplace(product: Partial<ForeignKey>, variant: Partial<ForeignKey>): Table[] {
  const level = (name: string, key: string, above: string, to: string, law: Partial<ForeignKey>, rows: number) =>
    table(name, law.children ? undefined : rows, [integer(key, sequence(500)), ...integers(above), price], {
      uniqueKeys: [["s", key]],
      foreignKeys: [refer(above, to, above, law)],
    });
  return [
    sellers(),
    level("products", "p", "s", "sellers", product, 80),
    level("variants", "v", "s p", "products", variant, 400),
    orders(),
    table("lines", undefined, [id, ...integers("o s v"), integer("paid", { kind: "lookup", field: "variant.price" })], {
      uniqueKeys: [["o", "s", "v"]],
      foreignKeys: [toOrder, refer("s v", "variants", "s v", { as: "variant" })],
    }),
  ];
}

describe("four levels", () => {
  /** A level's key is its owner's and a number within it. */
  const level = (name: string, key: string, parent: string, children: Children = few) => {
    const fields = key.split(" ");
    const above = fields.slice(0, -1).join(" ");
    return table(
      name,
      undefined,
      fields.map((field, i) => (i === fields.length - 1 ? oneOf(field, 1, 80) : integer(field))),
      { key, foreignKeys: [refer(above, parent, above, { children })] },
    );
  };
  const tree = [
    table("countries", 4, [integer("c", sequence(3))]),
    level("shops", "c s", "countries"),
    level("shelves", "c s p", "shops"),
    level("items", "c s p v", "shelves"),
    level("visits", "c s o", "shops"),
    level("campaigns", "c k", "countries"),
  ];
  const sold = (name: string, own: string, parent: string, key: string) =>
    table(name, undefined, [...new Set(`${own} c s p v`.split(" "))].map((field) => integer(field)).concat(id), {
      key,
      foreignKeys: [
        refer(own, parent, own, { children: { kind: "range", min: 1, max: 4 } }),
        refer("c s p v", "items", "c s p v", { as: "item" }),
      ],
    });

  test.each([
    ["two fields, picked", sold("sold", "c s o", "visits", "id"), "visits", "o", ["c", "s"]],
    ["two fields, dealt", sold("sold", "c s o", "visits", "c s o p v"), "visits", "o", ["c", "s"]],
    ["the first field, picked", sold("sold", "c k", "campaigns", "id"), "campaigns", "k", ["c"]],
    ["the first field, dealt", sold("sold", "c k", "campaigns", "c k s p v"), "campaigns", "k", ["c"]],
    ["three fields, picked", sold("sold", "c s p", "shelves", "id"), "shelves", "p", ["c", "s", "p"]],
  ])("share %s", (_, last, parent, own, shared) => {
    const engine = expectSound(engineFor([...tree, last]));
    const known = (name: string, fields: string[]) =>
      new Set(rowsOf(engine, name).map((row) => fields.map((field) => row[field]).join(" ")));
    const [items, parents] = [known("items", ["c", "s", "p", "v"]), known(parent, [...new Set([...shared, own])])];
    const rows = rowsOf(engine, "sold");
    for (const row of rows) {
      expect(items.has([row.c, row.s, row.p, row.v].join(" "))).toBe(true);
      expect(parents.has([...new Set([...shared, own])].map((field) => row[field]).join(" "))).toBe(true);
    }
    // Not one shelf only: where the shop is shared, its rows are of all its shelves.
    if (!shared.includes("p"))
      expect(new Set(rows.map((row) => `${row.c} ${row.s} ${row.p}`)).size).toBeGreaterThan(20);
    expectInverses(engine);
  });
});

test("the groups of more owners than are kept are those that the rows show", () => {
  const engine = engineFor([
    sellers(140_000),
    products(owned({ kind: "range", min: 1, max: 2 })),
    variants(owned({ kind: "range", min: 1, max: 2 })),
    { ...orders(), rows: 60 },
    lines({
      uniqueKeys: [["o", "s", "sku", "v"]],
      foreignKeys: [{ ...toOrder, children: { kind: "fixed", n: 1 } }, toVariant],
    }),
  ]);
  const { rows } = tableNamed(engine, "variants");
  const known = new Set<string>();
  for (let first = 0; first < rows; first += 50_000) {
    for (const row of rowsOf(engine, "variants", first, Math.min(50_000, rows - first)))
      known.add(`${row.s} ${row.sku} ${row.v}`);
  }
  const all = rowsOf(engine, "lines");
  expect(all).toHaveLength(60);
  expect(all.filter((row) => !known.has(`${row.s} ${row.sku} ${row.v}`) || row.s !== row.from)).toEqual([]);
});

describe("a group that may be empty is a fault", () => {
  const gaps: Children = { kind: "fixed", n: 3, zeroShare: 0.4 };
  const message =
    "variant: a row may find no parent that shares its values; give every group at least one at each level (range with min 1), or a nullRate.";
  const fault = { pointer: "/tables/4/foreignKeys/1", code: "empty-group", message };

  test.each<[string, Table, Table]>([
    ["at the first level", products(owned(gaps)), variants()],
    ["at the second level", products(), variants(owned({ ...gaps, zeroShare: 0.9 }))],
  ])("%s, unless its remedies are followed", (_, products_, variants_) => {
    const all = (last: Table) => [sellers(), products_, variants_, orders(), last];
    expect(faultsFor(all(lines()))).toEqual([fault]);
    const engine = expectSound(engineFor(all(lines({ foreignKeys: [toOrder, { ...toVariant, nullRate: 0.1 }] }))));
    const missing = expectConsistent(engine).filter(({ v }) => v === null);
    expect(missing.length / tableNamed(engine, "lines").rows).toBeGreaterThan(0.2);
    expectSound(engineFor(marketplace));
  });

  test("where some sellers have no row of a table whose key is the seller's", () => {
    const shops = (most: number) =>
      table("shops", undefined, integers("s"), {
        foreignKeys: [refer("s", "sellers", "s", owned({ kind: "range", min: most - 1, max: 1 }))],
      });
    const ofShops = table("variants", undefined, [integer("s"), oneOf("v", 1, 90)], {
      key: "s v",
      foreignKeys: [refer("s", "shops", "s", owned())],
    });
    const sold = table("lines", undefined, [id, ...integers("o s v")], {
      foreignKeys: [toOrder, refer("s v", "variants", "s v", { as: "variant" })],
    });
    expect(faultsFor([sellers(), shops(1), ofShops, orders(), sold])).toEqual([fault]);
    expectSound(engineFor([sellers(), shops(2), ofShops, orders(), sold]));
  });

  test("and one smaller than a key needs is the key's", () => {
    const six = { ...toOrder, children: { kind: "range" as const, min: 1, max: 6 } };
    const all = (most: number) => [
      sellers(),
      products(owned({ kind: "fixed", n: 1 })),
      variants(owned({ kind: "fixed", n: most })),
      orders(),
      lines({ key: "o s sku v", foreignKeys: [six, toVariant] }),
    ];
    expect(faultsFor(all(5))).toEqual([
      {
        pointer: "/tables/4/primaryKey",
        code: "unsatisfiable-unique",
        message:
          "lines: the key needs 6 different values for each parent, but there are 5; ask for fewer rows or allow more values.",
      },
    ]);
    expectConsistent(expectSound(engineFor(all(6))));
  });
});

describe("where the variants of a seller don't lie together, the fault says what to do, and that does it", () => {
  const brands = table("brands", 8, [integer("b", sequence())]);
  const branded = (brand: Partial<ForeignKey>, product: Partial<ForeignKey>) =>
    table("variants", undefined, [integer("s"), integer("sku"), integer("b"), oneOf("v", 1, 90), price], {
      key: "s sku v",
      uniqueKeys: [["b", "s", "sku", "v"]],
      foreignKeys: [refer("b", "brands", "b", brand), refer("s sku", "products", "s sku", product)],
    });
  /** Numbered rows whose seller is read from the product, or is part of the way to it. */
  const numbered = (isPart: boolean) =>
    table(
      "variants",
      undefined,
      [
        integer("v", sequence()),
        integer("sku"),
        integer("s", isPart ? undefined : { kind: "lookup", field: "product.s" }),
        price,
      ],
      {
        uniqueKeys: [["s", "sku", "v"]],
        foreignKeys: [
          isPart
            ? refer("s sku", "products", "s sku", { as: "product", ...owned() })
            : refer("sku", "products", "sku", { as: "product", ...owned() }),
        ],
      },
    );
  const numberedProducts = table("products", undefined, [integer("sku", sequence()), integer("s")], {
    uniqueKeys: [["s", "sku"]],
    foreignKeys: [refer("s", "sellers", "s", owned())],
  });
  const last = (...foreignKeys: ForeignKey[]) =>
    lines({ foreignKeys }, foreignKeys.some(({ children }) => children) ? undefined : 300);
  const { children: _, ...toAnyOrder } = toOrder;
  const start = "parents that share s with another foreign key don't lie together;";

  test.each<[string, Table[], string, Table[]]>([
    [
      "another owner",
      [sellers(), products(), branded(owned(), {}), orders(), lines(), brands],
      `variant: ${start} give children to variants (s, sku) instead of variants (b).`,
      [sellers(), products(), branded({}, owned()), orders(), lines(), brands],
    ],
    [
      "a seller that is only read",
      [sellers(), numberedProducts, numbered(false), orders(), lines()],
      `variant: ${start} let a foreign key with children give variants its s, and so on up to the table whose key that is.`,
      [sellers(), numberedProducts, numbered(true), orders(), lines()],
    ],
    [
      "orders that are picked for the variant's seller",
      [sellers(), products(), variants(), orders(), last(toAnyOrder, toVariant)],
      `order: ${start} give children to orders (s).`,
      [sellers(), products(), variants(), orders(owned()), last(toAnyOrder, toVariant)],
    ],
  ])("%s", (_, tables, message, cured) => {
    const faults = faultsFor(tables);
    expect(faults.map(({ code, message }) => [code, message])).toEqual([["unsupported-key", message]]);
    expect(faults[0]?.pointer).toMatch(/^\/tables\/4\/foreignKeys\/[01]$/);
    expectConsistent(expectSound(engineFor(cured)));
  });

  test.each<[string, Partial<ForeignKey>, Partial<ForeignKey>, string]>([
    ["one numbered level without children", {}, owned(), "products (s)"],
    ["the other numbered level without children", owned(), {}, "variants (s, p)"],
    ["two numbered levels without children", {}, {}, "products (s) and to variants (s, p)"],
  ])("%s", (_, product, variant, keys) => {
    expect(faultsFor(numberedMarketplace(product, variant))).toEqual([
      {
        pointer: "/tables/4/foreignKeys/1",
        code: "unsupported-key",
        message: `variant: ${start} give children to ${keys}.`,
      },
    ]);
    expectSound(engineFor(numberedMarketplace(owned(), owned())));
  });

  test("two ways to one row", () => {
    const both = (...foreignKeys: ForeignKey[]) => [
      sellers(),
      numberedProducts,
      table("views", undefined, [id, integer("sku"), integer("s")], { foreignKeys }),
    ];
    expect(
      faultsFor(both(refer("sku", "products", "sku", owned()), refer("s sku", "products", "s sku", { as: "x" }))),
    ).toEqual([
      {
        pointer: "/tables/2/foreignKeys/1",
        code: "unsupported-key",
        message:
          "x: parents that share sku with another foreign key don't lie together; sku alone tells the row: let one foreign key with all of s, sku take the place of both.",
      },
    ]);
    expectSound(engineFor(both(refer("s sku", "products", "s sku", owned()))));
  });
});
