import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import type { Block } from "../../src/generate/kind.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { type Demand, drawAgain, MOST_ATTEMPTS } from "../../src/generate/rules.ts";
import {
  csvOf,
  engineFor,
  expectSound,
  faultsFor,
  integer,
  oneOf,
  placeOf,
  refer,
  rowsOf,
  sequence,
  table,
} from "../support/relations.ts";

const id = integer("id", sequence());
const number = (name: string, max: number, more: Partial<Field> = {}) =>
  integer(name, { kind: "uniform", min: 1, max }, more);
const rule = (expr: string, name = "kept") => ({ name, expr });
const checksOf = (tables: Table[], name: string) => {
  const engine = engineFor(tables);
  const place = placeOf(engine, name);
  return renderChunk(engine, place, { first: 0, count: engine.tables[place]?.rows as number }, false);
};

describe("rows that break a rule are drawn again", () => {
  test.each([
    ["half", "x > 50"],
    ["one in twenty", "x > 95"],
    ["half, over two fields", "x > y"],
  ])("where %s keep it, and the others stay as they were", (_, expr) => {
    const fields = [id, number("x", 100), number("y", 100)];
    const free = rowsOf(engineFor([table("t", 3_000, fields)]), "t");
    const kept = rowsOf(expectSound(engineFor([table("t", 3_000, fields, { rules: [rule(expr)] })])), "t");
    const keeps = (row: (typeof kept)[number]) =>
      expr === "x > y" ? Number(row.x) > Number(row.y) : Number(row.x) > Number(expr.slice(4));
    expect(kept.every(keeps)).toBe(true);
    expect(kept.map((row) => row.id)).toEqual(free.map((row) => row.id));
    expect(kept.filter((_, i) => keeps(free[i] as never))).toEqual(free.filter(keeps));
    const x = new Set(kept.map((row) => row.x));
    expect(x.size).toBeGreaterThanOrEqual(expr === "x > 95" ? 5 : expr === "x > 50" ? 50 : 90);
  });

  test("evenly among those that keep it", () => {
    const rows = rowsOf(engineFor([table("t", 50_000, [id, number("x", 100)], { rules: [rule("x > 95")] })]), "t");
    for (const value of [96, 97, 98, 99, 100]) {
      const share = rows.filter(({ x }) => x === value).length / 50_000;
      expect(Math.abs(share - 0.2)).toBeLessThan(0.008);
    }
  });

  test("in whatever chunks, and for their children too", () => {
    const parent = table("p", 500, [id, number("x", 100), number("y", 100)], { rules: [rule("x > y")] });
    const child = table(
      "c",
      2_000,
      [
        id,
        integer("p_id"),
        integer("x", { kind: "lookup", field: "p.x" }),
        integer("y", { kind: "lookup", field: "p.y" }),
      ],
      {
        foreignKeys: [refer("p_id", "p", "id")],
        rules: [rule("p.x > p.y", "also")],
      },
    );
    const tables = [parent, child];
    const engine = expectSound(engineFor(tables));
    const final = new Map(rowsOf(engine, "p").map((row) => [row.id, row]));
    for (const row of rowsOf(engine, "c"))
      expect([row.x, row.y]).toEqual([final.get(row.p_id as number)?.x, final.get(row.p_id as number)?.y]);
    for (const name of ["p", "c"])
      for (const rows of [1, 7, 100]) expect(csvOf(engineFor(tables), name, rows)).toBe(csvOf(engine, name));
  });

  test("with another parent, where the rule is about the parent", () => {
    const parent = table("p", 40, [
      id,
      { name: "tier", type: "string", generator: { kind: "category", values: ["gold", "iron"] } },
    ]);
    const child = (rules: Table["rules"]) =>
      table(
        "c",
        1_000,
        [id, integer("p_id"), { name: "tier", type: "string", generator: { kind: "lookup", field: "p.tier" } }],
        { foreignKeys: [refer("p_id", "p", "id")], rules },
      );
    const rows = rowsOf(expectSound(engineFor([parent, child([rule("p.tier == 'gold'")])])), "c");
    expect(new Set(rows.map((row) => row.tier))).toEqual(new Set(["gold"]));
    const gold = rowsOf(engineFor([parent]), "p")
      .filter((row) => row.tier === "gold")
      .map((row) => row.id);
    expect(new Set(rows.map((row) => row.p_id))).toEqual(new Set(gold));
  });

  test("but not where a value is NULL", () => {
    const rows = rowsOf(
      expectSound(
        engineFor([table("t", 2_000, [id, number("x", 100, { nullRate: 0.5 })], { rules: [rule("x > 50")] })]),
      ),
      "t",
    );
    expect(rows.every(({ x }) => x === null || Number(x) > 50)).toBe(true);
    const nulls = rows.filter(({ x }) => x === null).length;
    // A row is NULL at once, or is drawn anew until it is NULL or above 50: two thirds.
    expect(Math.abs(nulls / 2_000 - 2 / 3)).toBeLessThan(0.04);
  });

  test("until all rules hold together", () => {
    const rules = [rule("x + y > 100", "sum"), rule("x < y", "order"), rule("x != 50", "not")];
    const rows = rowsOf(
      expectSound(engineFor([table("t", 2_000, [id, number("x", 100), number("y", 100)], { rules })])),
      "t",
    );
    expect(rows.every(({ x, y }) => Number(x) + Number(y) > 100 && Number(x) < Number(y) && x !== 50)).toBe(true);
  });
});

describe("limits are kept the same way", () => {
  test.each<[string, Field, (cell: unknown) => boolean]>([
    [
      "minimum and maximum",
      integer("x", { kind: "poisson", mean: 5 }, { constraints: { minimum: 4, maximum: 6 } }),
      (x) => [4, 5, 6].includes(x as number),
    ],
    [
      "enum",
      integer("x", { kind: "uniform", min: 1, max: 10 }, { constraints: { enum: [2, 3, 5, 7] } }),
      (x) => [2, 3, 5, 7].includes(x as number),
    ],
    [
      "pattern",
      {
        name: "x",
        type: "string",
        generator: { kind: "address", part: "city" },
        constraints: { pattern: "[A-M].*" },
      },
      (x) => /^[A-M]/.test(x as string),
    ],
    [
      "minimum of a day",
      {
        name: "x",
        type: "date",
        generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" },
        constraints: { minimum: "2025-07-01" },
      },
      (x) => (x as string) >= "2025-07-01",
    ],
    [
      "limits beside NULLs",
      integer("x", { kind: "uniform", min: 1, max: 10 }, { nullRate: 0.3, constraints: { minimum: 6 } }),
      (x) => x === null || (x as number) >= 6,
    ],
  ])("%s", (_, field, keeps) => {
    const { constraints: __, ...free } = field;
    const rows = (made: Field) => rowsOf(engineFor([table("t", 2_000, [id, made])]), "t").map((row) => row.x);
    expectSound(engineFor([table("t", 2_000, [id, field])]));
    expect(rows(field).filter((x) => !keeps(x))).toEqual([]);
    expect(rows(free).every(keeps)).toBe(false);
    expect(new Set(rows(field).filter((x) => x !== null)).size).toBeGreaterThan(2);
  });
});

describe("rules that can't be kept", () => {
  test("are counted by name, with every row that breaks them", () => {
    const made = checksOf(
      [table("t", 5_000, [id, number("x", 100)], { rules: [rule("x > 100", "never"), rule("x > 0", "always")] })],
      "t",
    );
    expect([made.checks, made.broken]).toEqual([
      { orphans: 0, duplicateKeys: 0, brokenRules: 5_000 },
      new Map([["never", 5_000]]),
    ]);
  });

  test("by some rows only are counted for those", () => {
    const made = checksOf(
      [
        table("t", 1_000, [id, number("x", 100)], {
          rules: [rule("x > 50 || id > 400", "late"), rule("id <= 990", "early")],
        }),
      ],
      "t",
    );
    expect([made.checks.brokenRules, made.broken]).toEqual([10, new Map([["early", 10]])]);
  });

  test("are given up soon where no row of many keeps them, and tried long where a few rows are left", () => {
    const always: Demand = { name: "never", broken: ({ rows }) => new Uint8Array(rows.length).fill(1) };
    const blockOf = (rows: Float64Array): Block =>
      ({ rows, draws: rows, shared: (_: string, make: () => unknown) => make() }) as unknown as Block;
    const attempts = (count: number) => {
      let made = 0;
      const first = blockOf(Float64Array.from({ length: count }, (_, i) => i));
      const make = (rows: Float64Array) => {
        made++;
        return blockOf(rows);
      };
      drawAgain([always], first, make, (isNone) => isNone);
      return made;
    };
    expect(attempts(4_096)).toBeLessThanOrEqual(20);
    expect(attempts(5)).toBe(MOST_ATTEMPTS);
  });
});

/** Children of `a`, by a law, and what `a` counts and reads of them. */
const owned = (children: object, more: Field[] = []) =>
  table("c", undefined, [id, integer("a_id"), ...more], {
    foreignKeys: [refer("a_id", "a", "id", { children: children as never })],
  });
const n = integer("n", { kind: "aggregate", of: "c", via: "a", fn: "count" });
const by = (field: string) =>
  owned({ by: field, values: { "1": { kind: "fixed", n: 1 }, "2": { kind: "fixed", n: 2 } } });
const most = integer("n", { kind: "aggregate", of: "c", via: "a", fn: "max", field: "copy" });

describe("a circle is a fault", () => {
  test.each<[string, Table[], string]>([
    [
      "of the rules of two tables that read each other",
      [
        table("a", 5, [id, number("x", 9), integer("b_id")], {
          foreignKeys: [refer("b_id", "b", "id", { nullRate: 0.5 })],
          rules: [rule("x > b.y")],
        }),
        table("b", 5, [id, number("y", 9), integer("a_id")], {
          foreignKeys: [refer("a_id", "a", "id")],
          rules: [rule("y > a.x")],
        }),
      ],
      "/tables/0/rules",
    ],
    [
      "of children whose number hangs on the count of them",
      [table("a", 5, [id, n]), by("n")],
      "/tables/1/foreignKeys/0/children/by",
    ],
    [
      "of a weight that hangs on who was picked",
      [
        table("region", 3, [
          id,
          integer("total", { kind: "aggregate", of: "orders", via: "region", fn: "sum", field: "rate" }),
        ]),
        table("cust", 10, [id, integer("region_id"), number("rate", 5)], {
          foreignKeys: [refer("region_id", "region", "id")],
        }),
        table(
          "orders",
          undefined,
          [id, integer("region_id"), integer("cust_id"), integer("rate", { kind: "lookup", field: "cust.rate" })],
          {
            foreignKeys: [
              refer("region_id", "region", "id", { children: { kind: "fixed", n: 3 } }),
              refer("cust_id", "cust", "id", { pick: { kind: "weighted", weight: "region.total" } }),
            ],
          },
        ),
      ],
      "/tables/2/foreignKeys/1/pick/weight",
    ],
  ])("%s", (_, tables, pointer) => {
    const faults = faultsFor(tables);
    expect(faults.map((fault) => `${fault.code} ${fault.pointer}`)).toEqual([`circular ${pointer}`]);
    expect(faults[0]?.message).toMatch(/[Bb]reak the circle\.$/);
  });
});

describe("a rule over a row's children is checked, but no row is made again for it", () => {
  const deep = [
    table("b", 5, [id]),
    table("a", 300, [id, integer("b_id"), most], { foreignKeys: [refer("b_id", "b", "id")], rules: [rule("n > 1")] }),
    owned({ kind: "fixed", n: 2 }, [integer("copy", { kind: "lookup", field: "a.b.id" })]),
  ];
  test.each<[string, Table[], (row: Record<string, unknown>) => boolean]>([
    [
      "whatever they read of it",
      [
        table("a", 300, [id, number("x", 9), most], { rules: [rule("n > 5")] }),
        owned({ kind: "fixed", n: 2 }, [integer("copy", { kind: "lookup", field: "a.x" })]),
      ],
      (row) => Number(row.n) > 5,
    ],
    [
      "where their number hangs on it",
      [table("a", 300, [id, number("tier", 2), n], { rules: [rule("n > 1")] }), by("tier")],
      (row) => Number(row.n) > 1,
    ],
    ["where they look through it at its other parents", deep, (row) => Number(row.n) > 1],
  ])("%s", (_, tables, keeps) => {
    const rows = rowsOf(engineFor(tables), "a");
    const broken = rows.filter((row) => !keeps(row)).length;
    expect(broken).toBeGreaterThan(0);
    expect(checksOf(tables, "a").broken).toEqual(new Map([["kept", broken]]));
  });
});

test("a weight that names no field is told once", () => {
  const c = table("c", 5, [id, oneOf("v", 1, 2), integer("a_id"), integer("x", { kind: "lookup", field: "a.v" })], {
    foreignKeys: [refer("a_id", "a", "id", { pick: { kind: "weighted", weight: "nope + 1" } })],
  });
  expect(faultsFor([table("a", 5, [id, oneOf("v", 1, 2)]), c])).toEqual([
    {
      pointer: "/tables/1/foreignKeys/0/pick/weight",
      code: "unknown-field",
      message: "nope: a has no field nope; it has id, v.",
    },
  ]);
});
