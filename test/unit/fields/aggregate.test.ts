import { describe, expect, test } from "vitest";
import { JobFailure } from "../../../src/dataset/errors.ts";
import type { Children, Field, Table } from "../../../src/dataset/schema.ts";
import {
  csvOf,
  engineFor,
  expectSound,
  faultsFor,
  integer,
  type Row,
  refer,
  rowsOf,
  sequence,
  table,
} from "../../support/relations.ts";

const id = integer("id", sequence());
const aggregate = (fn: string, field?: string, more: object = {}) => ({
  kind: "aggregate",
  of: "lines",
  via: "order",
  fn,
  ...(field ? { field } : {}),
  ...more,
});
const money = (name: string, generator: Field["generator"] & object, more: Partial<Field> = {}): Field => ({
  name,
  type: "number",
  scale: 2,
  generator,
  ...more,
});
const lines = (children: Children, more: Field[] = []) =>
  table(
    "lines",
    undefined,
    [
      id,
      integer("order_id"),
      money("amount", { kind: "uniform", min: -50, max: 500 }, { nullRate: 0.1 }),
      integer("pieces", { kind: "uniform", min: 1, max: 9 }),
      { name: "sent", type: "date", generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" } },
      ...more,
    ],
    { foreignKeys: [refer("order_id", "orders", "id", { children })] },
  );

const FIELDS: Field[] = [
  money("total", aggregate("sum", "amount")),
  { ...money("exact", aggregate("sum", "amount")), scale: 4 },
  integer("n", aggregate("count")),
  integer("few", aggregate("count", undefined, { where: "pieces < 3" })),
  money("big", aggregate("sum", "amount", { where: "pieces >= 8 && amount > 0" })),
  money("least", aggregate("min", "amount")),
  money("most", aggregate("max", "amount")),
  { name: "last", type: "date", generator: aggregate("max", "sent") },
  { name: "first", type: "date", generator: aggregate("min", "sent", { where: "pieces == 9" }) },
  money("pieces", aggregate("sum", "pieces")),
];
const orders = (rows: number, more: Partial<Table> = {}) => table("orders", rows, [id, ...FIELDS], more);

/** What the fields must be, added up in whole cents over the order's lines. */
function expected(own: readonly Row[]) {
  const cents = (row: Row) => (row.amount === null ? null : Math.round(Number(row.amount) * 100));
  const text = (units: number | null | undefined, scale = 2) => {
    if (units == null) return null;
    return `${units < 0 ? "-" : ""}${String(Math.abs(units))
      .padStart(3, "0")
      .replace(/(\d\d)$/, ".$1")}${"0".repeat(scale - 2)}`;
  };
  const amounts = own.map(cents).filter((amount) => amount !== null);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const days = (rows: readonly Row[]) => rows.map((row) => row.sent as string).sort();
  const big = own
    .filter((row) => Number(row.pieces) >= 8)
    .map(cents)
    .filter((amount) => amount !== null && amount > 0);
  return {
    total: text(sum(amounts)),
    exact: text(sum(amounts), 4),
    n: own.length,
    few: own.filter((row) => Number(row.pieces) < 3).length,
    big: text(sum(big as number[])),
    least: text(amounts.toSorted((a, b) => a - b)[0]),
    most: text(amounts.toSorted((a, b) => b - a)[0]),
    last: days(own).at(-1) ?? null,
    first: days(own.filter((row) => row.pieces === 9))[0] ?? null,
    pieces: text(100 * sum(own.map((row) => Number(row.pieces)))),
  };
}

/** Rows of a CSV that has neither quotes nor commas in its cells, by a field. */
function csvRows(csv: string): Row[] {
  const [header, ...lines] = csv
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries((header as string[]).map((name, i) => [name, cells[i] || null])));
}

describe("an order adds up its lines to the cent", () => {
  test.each<[string, number, Children]>([
    ["some of them without any", 300, { kind: "range", min: 0, max: 6 }],
    ["none at all", 20, { kind: "fixed", n: 0 }],
    ["one order with many", 1, { kind: "fixed", n: 150_000 }],
  ])("%s", (_, rows, children) => {
    const engine = expectSound(engineFor([orders(rows), lines(children)]));
    const own = Map.groupBy(
      csvRows(csvOf(engine, "lines", 1_000)).map((row) => ({ ...row, pieces: Number(row.pieces) })),
      (row: Row) => Number(row.order_id),
    );
    for (const row of rowsOf(engine, "orders"))
      expect(row).toEqual({ id: row.id, ...expected(own.get(row.id as number) ?? []) });
  });

  test("also among more orders than are kept, from any place, and as their lines see them", () => {
    const seen = { name: "seen", type: "string", generator: { kind: "lookup", field: "region.name" } } as const;
    const region = table("regions", 3, [
      id,
      { name: "name", type: "string", generator: { kind: "category", values: ["n", "s"] } },
    ]);
    const notes = table(
      "notes",
      undefined,
      [id, integer("order_id"), money("total", { kind: "lookup", field: "order.total" })],
      {
        foreignKeys: [refer("order_id", "orders", "id", { children: { kind: "fixed", n: 1 } })],
      },
    );
    const many = table("orders", 200_000, [id, integer("region_id"), seen, ...FIELDS], {
      foreignKeys: [refer("region_id", "regions", "id")],
    });
    const engine = engineFor([region, many, lines({ kind: "poisson", mean: 3 }), notes]);
    const place = 150_000;
    const found = rowsOf(engine, "orders", place, 200);
    const child = engine.tables[2]?.spread;
    const first = child?.first(place) as number;
    const own = Map.groupBy(rowsOf(engine, "lines", first, (child?.first(place + 200) as number) - first), (row) =>
      Number(row.order_id),
    );
    for (const { region_id: _, seen: __, ...row } of found)
      expect(row).toEqual({ id: row.id, ...expected(own.get(row.id as number) ?? []) });
    expect(rowsOf(engine, "notes", place, 200).map((row) => row.total)).toEqual(found.map((row) => row.total));
  });

  test("in whatever chunks", () => {
    const tables = [orders(120), lines({ kind: "geometric", mean: 3 })];
    for (const rows of [1, 7, 50])
      expect(csvOf(engineFor(tables), "orders", rows)).toBe(csvOf(engineFor(tables), "orders"));
  });
});

test("sums add up over generations, and reach through a child's other parents", () => {
  const customers = table("customers", 40, [
    id,
    money("spent", { kind: "aggregate", of: "orders", via: "customer", fn: "sum", field: "total" }),
    integer("prices", { kind: "aggregate", of: "orders", via: "customer", fn: "max", field: "shop.rate" }),
  ]);
  const shops = table("shops", 5, [id, integer("rate", { kind: "uniform", min: 1, max: 99 })]);
  const of = table(
    "orders",
    undefined,
    [id, integer("customer_id"), integer("shop_id"), money("total", aggregate("sum", "amount"))],
    {
      foreignKeys: [
        refer("customer_id", "customers", "id", { children: { kind: "range", min: 0, max: 3 } }),
        refer("shop_id", "shops", "id"),
      ],
    },
  );
  const engine = expectSound(engineFor([customers, shops, of, lines({ kind: "range", min: 0, max: 4 })]));
  const cents = (cell: unknown) => Math.round(Number(cell) * 100);
  const owner = new Map(rowsOf(engine, "orders").map((row) => [row.id, row.customer_id]));
  const rates = new Map(rowsOf(engine, "shops").map((row) => [row.id, Number(row.rate)]));
  const spent = new Map<unknown, number>();
  for (const row of rowsOf(engine, "lines")) {
    const customer = owner.get(row.order_id as number);
    spent.set(customer, (spent.get(customer) ?? 0) + cents(row.amount ?? 0));
  }
  for (const row of rowsOf(engine, "customers")) {
    expect(cents(row.spent)).toBe(spent.get(row.id) ?? 0);
    const own = rowsOf(engine, "orders").filter(({ customer_id }) => customer_id === row.id);
    expect(row.prices).toBe(
      own.length === 0 ? null : Math.max(...own.map(({ shop_id }) => rates.get(shop_id as number) as number)),
    );
  }
});

test("children that were drawn again count as they will be written", () => {
  const kept = lines({ kind: "range", min: 1, max: 4 });
  const engine = expectSound(engineFor([orders(100), { ...kept, rules: [{ name: "small", expr: "pieces < 3" }] }]));
  for (const row of rowsOf(engine, "orders")) expect(row.few).toBe(row.n);
});

test("a sum beyond 2^53 ends the job", () => {
  const child = table("lines", undefined, [id, integer("order_id"), integer("x", { kind: "constant", value: 9e15 })], {
    foreignKeys: [refer("order_id", "orders", "id", { children: { kind: "fixed", n: 2 } })],
  });
  const engine = engineFor([table("orders", 3, [id, integer("all", aggregate("sum", "x"))]), child]);
  expect(() => rowsOf(engine, "orders")).toThrow(JobFailure);
  expect(() => rowsOf(engine, "orders")).toThrow("all exceeds 2^53 units of 10^-0.");
});

describe("a fault says where it is and what to do", () => {
  const picked = table("lines", 9, [id, integer("order_id"), integer("x", sequence())], {
    foreignKeys: [refer("order_id", "orders", "id")],
  });
  test.each<[Field, Table, string, string, string]>([
    [
      integer("v", { ...aggregate("count"), of: "nothing" }),
      lines({ kind: "fixed", n: 1 }),
      "unknown-children",
      "",
      "No table nothing refers to orders by a foreign key called order.",
    ],
    [
      integer("v", { ...aggregate("count"), via: "nobody" }),
      lines({ kind: "fixed", n: 1 }),
      "unknown-children",
      "",
      "No table lines refers to orders by a foreign key called nobody.",
    ],
    [
      integer("v", aggregate("count")),
      picked,
      "not-owned",
      "",
      "lines does not lie by its order: give that foreign key children, so that a row's lines can be found.",
    ],
    [
      integer("v", aggregate("sum")),
      lines({ kind: "fixed", n: 1 }),
      "bad-parameter",
      "/field",
      "aggregate: sum needs the field to read.",
    ],
    [
      integer("v", aggregate("sum", "nope")),
      lines({ kind: "fixed", n: 1 }),
      "unknown-field",
      "/field",
      "nope: lines has no field nope; it has id, order_id, amount, pieces, sent.",
    ],
    [
      integer("v", aggregate("sum", "amount")),
      lines({ kind: "fixed", n: 1 }),
      "type-mismatch",
      "/field",
      "amount is number with scale 2; give v that type and at least that scale.",
    ],
    [
      money("v", aggregate("count")),
      lines({ kind: "fixed", n: 1 }),
      "type-mismatch",
      "",
      "A count makes integers; v is number.",
    ],
    [
      { name: "v", type: "date", generator: aggregate("sum", "sent") },
      lines({ kind: "fixed", n: 1 }),
      "type-mismatch",
      "",
      "A sum makes integers and numbers; v is date.",
    ],
    [
      integer("v", aggregate("count", undefined, { where: "zz > 1" })),
      lines({ kind: "fixed", n: 1 }),
      "unknown-field",
      "/where",
      "zz: lines has no field zz; it has id, order_id, amount, pieces, sent.",
    ],
    [
      integer("v", aggregate("count", undefined, { where: "pieces + 1" })),
      lines({ kind: "fixed", n: 1 }),
      "type-mismatch",
      "/where",
      '"pieces + 1" is number; it must be true or false.',
    ],
  ])("%j", (field, child, code, pointer, message) => {
    expect(faultsFor([table("orders", 3, [id, field]), child])).toEqual([
      { code, pointer: `/tables/0/fields/1/generator${pointer}`, message },
    ]);
  });
});
