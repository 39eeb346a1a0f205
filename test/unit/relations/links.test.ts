import { describe, expect, test } from "vitest";
import type { ChildrenLaw, Field, Table } from "../../../src/dataset/schema.ts";
import { parentsFirst } from "../../../src/plan/structure.ts";
import {
  countBy,
  engineFor,
  expectSound,
  faultsFor,
  integer,
  oneOf,
  type Row,
  refer,
  rowsOf,
  sequence,
  table,
  tableNamed,
} from "../../support/relations.ts";

const SOME_EMPTY: ChildrenLaw = { kind: "fixed", n: 9, zeroShare: 0.5 };

describe("rows that lead to a store by several ways", () => {
  const stock = (law: ChildrenLaw): Table =>
    table(
      "stock",
      undefined,
      [integer("store_id"), integer("product_id"), integer("price", { kind: "uniform", min: 1, max: 99 })],
      {
        key: "store_id product_id",
        foreignKeys: [
          refer("store_id", "stores", "store_id", { children: law }),
          refer("product_id", "products", "product_id"),
        ],
      },
    );
  const lines = (key: string, most: number, nullRate?: number): Table =>
    table(
      "lines",
      undefined,
      [
        integer("line_id", sequence()),
        integer("store_id"),
        integer("order_id"),
        integer("product_id"),
        integer("amount", { kind: "expression", expr: "stock.price * 2" }),
        integer("far", { kind: "lookup", field: "stock.store.store_id" }),
      ],
      {
        key,
        foreignKeys: [
          refer("store_id order_id", "orders", "store_id order_id", {
            as: "order",
            children: { kind: "histogram", values: { "0": 1, [most]: 2 } },
          }),
          refer("store_id product_id", "stock", "store_id product_id", {
            as: "stock",
            ...(nullRate ? { nullRate } : {}),
          }),
          refer("store_id", "stores", "store_id", { as: "store" }),
        ],
      },
    );
  const shop = (law: ChildrenLaw, key: string, most = 5, nullRate?: number): Table[] => [
    table("stores", 6, [integer("store_id", sequence(10, 10))]),
    table("products", 40, [integer("product_id", sequence(900))]),
    stock(law),
    table("orders", 90, [integer("store_id"), integer("order_id", sequence(7_000))], {
      key: "store_id order_id",
      foreignKeys: [refer("store_id", "stores", "store_id")],
    }),
    lines(key, most, nullRate),
  ];

  test.each([
    ["dealt", "store_id order_id product_id"],
    ["picked", "line_id"],
  ])("have one store, with products %s from its stock", (_, key) => {
    const engine = expectSound(engineFor(shop({ kind: "range", min: 5, max: 15 }, key)));
    const stores = new Map(rowsOf(engine, "orders").map((row) => [row.order_id, row.store_id]));
    const prices = new Map(
      rowsOf(engine, "stock").map((row) => [`${row.store_id} ${row.product_id}`, Number(row.price)]),
    );
    const rows = rowsOf(engine, "lines");
    expect(rows.length).toBeGreaterThan(150);
    for (const row of rows) {
      expect([row.store_id, row.far]).toEqual([stores.get(row.order_id as number), row.store_id]);
      expect(row.amount).toBe(2 * (prices.get(`${row.store_id} ${row.product_id}`) as number));
    }
  });

  test("pick evenly within the stock of the store", () => {
    const rows = rowsOf(engineFor(shop({ kind: "fixed", n: 15 }, "line_id")), "lines");
    expect(
      Math.min(
        ...rows.map(
          ({ store_id }) =>
            countBy(
              rows.filter((row) => row.store_id === store_id),
              "product_id",
            ).size,
        ),
      ),
    ).toBeGreaterThan(8);
  });

  test("may find nothing in stock where their reference may be NULL", () => {
    const rows = rowsOf(expectSound(engineFor(shop(SOME_EMPTY, "line_id", 5, 0.3))), "lines");
    const none = rows.filter((row) => row.product_id === null);
    expect(none.length / rows.length).toBeGreaterThan(0.2);
    expect(none.every((row) => row.store_id !== null && row.amount === null)).toBe(true);
  });

  test("are a fault where a store may have nothing in stock", () => {
    expect(faultsFor(shop(SOME_EMPTY, "line_id"))).toEqual([
      {
        pointer: "/tables/4/foreignKeys/1",
        code: "empty-group",
        message:
          "stock: a row may find no parent that shares its values; give every group at least one (range with min 1), or a nullRate.",
      },
    ]);
  });

  test("are a fault where a key needs more products than a store has", () => {
    expect(
      faultsFor(shop({ kind: "range", min: 4, max: 15 }, "store_id order_id product_id", 16)).map(
        ({ code, pointer }) => `${code} ${pointer}`,
      ),
    ).toEqual(["unsatisfiable-unique /tables/4/primaryKey"]);
  });
});

test("two references within one group pick each for itself", () => {
  const engine = expectSound(
    engineFor([
      table("leagues", 5, [integer("league_id", sequence())]),
      table("teams", undefined, [integer("league_id"), oneOf("no", 1, 50)], {
        key: "league_id no",
        foreignKeys: [refer("league_id", "leagues", "league_id", { children: { kind: "fixed", n: 10 } })],
      }),
      table("matches", undefined, [integer("id", sequence()), integer("league_id"), integer("home"), integer("away")], {
        foreignKeys: [
          refer("league_id", "leagues", "league_id", { children: { kind: "fixed", n: 400 } }),
          refer("league_id home", "teams", "league_id no", { as: "host" }),
          refer("league_id away", "teams", "league_id no", { as: "guest" }),
        ],
      }),
    ]),
  );
  const same = rowsOf(engine, "matches").filter((row) => row.home === row.away).length;
  // A tenth of 2000 by chance; four deviations of 13.4.
  expect(Math.abs(same - 200)).toBeLessThan(54);
});

describe("tables in a circle", () => {
  const id = integer("id", sequence());
  const departments = (more: object = {}) =>
    table("d", 10, [id, integer("head_id"), integer("pay", { kind: "lookup", field: "head.pay" })], {
      foreignKeys: [refer("head_id", "p", "id", { nullRate: 0.3, ...more })],
    });
  const people = table("p", 500, [id, integer("d_id"), integer("pay", { kind: "uniform", min: 1, max: 99 })], {
    foreignKeys: [refer("d_id", "d", "id")],
  });
  const owned = { ...people, foreignKeys: [refer("d_id", "d", "id", { children: { kind: "fixed", n: 20 } })] };
  const { rows: _, ...unnumbered } = owned;
  const three = [
    table("x", 10, [id, integer("y_id")], { foreignKeys: [refer("y_id", "y", "id", { nullRate: 0.5 })] }),
    table("y", 20, [id, integer("z_id")], { foreignKeys: [refer("z_id", "z", "id")] }),
    table("z", 30, [id, integer("x_id")], { foreignKeys: [refer("x_id", "x", "id")] }),
  ];

  test.each<[string, Table[]]>([
    ["of two", [departments(), people]],
    ["of two, the other way round", [people, departments()]],
    ["of two, one of which owns the other", [unnumbered, departments()]],
    ["of three", three],
    ["of three, from its middle", [three[1], three[2], three[0]] as Table[]],
  ])("%s", (_, tables) => {
    const engine = expectSound(engineFor(tables));
    const [first] = tables.filter(({ foreignKeys }) => foreignKeys?.some(({ nullRate }) => nullRate));
    const field = first?.foreignKeys?.[0]?.fields[0] as string;
    const all = rowsOf(engine, first?.name as string);
    expect(countBy(all, field).size).toBeGreaterThan(2);
    expect(all.some((row) => row[field] === null)).toBe(true);
    const order = parentsFirst({ name: "small", tables }).map((place) => tables[place]?.name);
    expect(order[0]).toBe(first?.name);
  });

  test("read each other's values", () => {
    const engine = engineFor([departments(), people]);
    const pay = new Map(rowsOf(engine, "p").map((row) => [row.id, row.pay]));
    expect(rowsOf(engine, "d").every((row: Row) => row.pay === (pay.get(row.head_id as number) ?? null))).toBe(true);
  });
});

describe("nobody to refer to", () => {
  const parents = (rows: number) => table("a", rows, [integer("id", sequence())]);
  const kids = table("k", undefined, [integer("id", sequence()), integer("a_id")], {
    foreignKeys: [refer("a_id", "a", "id", { children: { kind: "fixed", n: 2 } })],
  });
  const toKids = (rows: number, nullRate?: number) =>
    table("c", rows, [integer("id", sequence()), integer("k_id")], {
      foreignKeys: [refer("k_id", "k", "id", nullRate === undefined ? {} : { nullRate })],
    });

  test("is a fault, also where the parents' number follows from theirs", () => {
    expect(faultsFor([parents(0), kids, toKids(5)])).toEqual([
      {
        pointer: "/tables/2/foreignKeys/0",
        code: "no-parents",
        message: "c has rows but k has none; give k at least 1.",
      },
    ]);
  });

  test("is none where no row refers, or there are no rows", () => {
    const engine = expectSound(engineFor([parents(0), kids, toKids(5, 1)]));
    expect(rowsOf(engine, "c").map((row) => row.k_id)).toEqual([null, null, null, null, null]);
    expectSound(engineFor([parents(0), kids, toKids(0)]));
    const both: Field[] = [integer("id", sequence()), integer("a_id"), integer("b_id")];
    const empty = [
      parents(0),
      table("b", 0, [integer("id", sequence())]),
      table("c", undefined, both, {
        foreignKeys: [refer("a_id", "a", "id", { children: { kind: "fixed", n: 1 } }), refer("b_id", "b", "id")],
      }),
    ];
    expect(tableNamed(expectSound(engineFor(empty)), "c").rows).toBe(0);
  });
});
