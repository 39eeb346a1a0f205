import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../../src/dataset/schema.ts";
import { chiSquareLimit, goodness } from "../../support/laws.ts";
import {
  countBy,
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

const a = (rows: number) => table("a", rows, [integer("a_id", sequence(100, 3))]);
const b = (rows: number) => table("b", rows, [integer("b_id", sequence())]);
const toA = refer("a_id", "a", "a_id");
const toB = refer("b_id", "b", "b_id");
const junction = (rows: number | undefined, more: Partial<Table> & { key?: string } = {}, fields: Field[] = []) =>
  table("ab", rows, [integer("a_id"), integer("b_id"), ...fields], {
    key: "a_id b_id",
    foreignKeys: [toA, toB],
    ...more,
  });

describe("combinations differ", () => {
  const slots = oneOf("slot", 1, 30);
  const sound: [string, Table[]][] = [
    ["of a junction by pick", [a(20), b(30), junction(400)]],
    ["of a junction that is full", [a(20), b(30), junction(600)]],
    ["of a junction that lacks one row to be full", [a(20), b(30), junction(599)]],
    [
      "of a junction by popularity",
      [a(20), b(30), junction(100, { foreignKeys: [toA, { ...toB, pick: { kind: "zipf", s: 1 } }] })],
    ],
    [
      "of a junction by popularity that is full",
      [a(20), b(30), junction(600, { foreignKeys: [{ ...toA, pick: { kind: "zipf", s: 3 } }, toB] })],
    ],
    [
      "of a junction by children",
      [
        a(20),
        b(6),
        junction(undefined, { foreignKeys: [{ ...toA, children: { kind: "range", min: 0, max: 6 } }, toB] }),
      ],
    ],
    ["of a junction without rows", [a(20), b(6), junction(0)]],
    [
      "of three references",
      [
        a(5),
        b(6),
        table("d", 7, [integer("d_id", sequence())]),
        table("abd", 200, [integer("b_id"), integer("d_id"), integer("a_id")], {
          key: "a_id b_id d_id",
          foreignKeys: [toA, toB, refer("d_id", "d", "d_id")],
        }),
      ],
    ],
    ["of two references and a number", [a(4), b(5), junction(550, { key: "a_id b_id slot" }, [slots])]],
    ["of two keys that share a field", [a(20), b(30), junction(300, { uniqueKeys: [["a_id", "slot"]] }, [slots])]],
    ["of plain fields only, every one", [table("t", 60, [oneOf("x", 1, 5), oneOf("y", -2, 9)], { key: "y x" })]],
    [
      "of plain fields with true and false",
      [
        table("t", 20, [{ name: "x", type: "boolean", generator: { kind: "boolean" } }, oneOf("y", 1, 10)], {
          key: "x y",
        }),
      ],
    ],
    [
      "of decimals",
      [table("t", 101, [{ name: "x", type: "number", scale: 2, generator: { kind: "uniform", min: 0, max: 1 } }])],
    ],
    [
      "of a parent and a number of its own",
      [
        a(9),
        table("c", undefined, [integer("a_id"), oneOf("no", 1, 4)], {
          key: "no a_id",
          foreignKeys: [{ ...toA, children: { kind: "range", min: 0, max: 4 } }],
        }),
      ],
    ],
  ];
  test.each(sound)("%s", (_, tables) => {
    const engine = expectSound(engineFor(tables));
    expectInverses(engine);
  });

  test("and each parent of a junction by pick gets its even share", () => {
    const counts = countBy(rowsOf(engineFor([a(50), b(2_000), junction(20_000)]), "ab"), "a_id");
    const { value, freedom } = goodness(
      [...counts].flatMap(([id, count]) => Array(count).fill((Number(id) - 100) / 3)),
      Array(50).fill(1 / 50),
    );
    expect(value).toBeLessThan(chiSquareLimit(freedom));
    const dealt = countBy(rowsOf(engineFor([a(50), b(2_000), junction(20_000)]), "ab"), "b_id");
    expect(
      goodness(
        [...dealt].flatMap(([id, count]) => Array(count).fill(Number(id) - 1)),
        Array(2_000).fill(1 / 2_000),
      ).value,
    ).toBeLessThan(chiSquareLimit(1_999));
  });

  test("and the popular of a junction are picked by their rank", () => {
    const rows = rowsOf(
      engineFor([a(1_000), b(300), junction(10_000, { foreignKeys: [toA, { ...toB, pick: { kind: "zipf", s: 1 } }] })]),
      "ab",
    );
    const top = [...countBy(rows, "b_id").values()].sort((x, y) => y - x);
    // Rank 1 would have 10 000 / 6.28 of the thousand parents there are: it has them all.
    expect(top[0]).toBe(1_000);
    expect(Math.abs((top[9] as number) / (top[19] as number) - 2)).toBeLessThan(0.15);
  });
});

describe("one row more than there are values is a fault that says so", () => {
  test.each<[string, Table[], string, string]>([
    [
      "of a junction",
      [a(20), b(30), junction(601)],
      "/tables/2/primaryKey",
      "ab: the key has 600 combinations, fewer than 601 rows; ask for fewer rows or more parents.",
    ],
    [
      "of plain fields",
      [table("t", 61, [oneOf("x", 1, 5), oneOf("y", 1, 12)], { key: "x y" })],
      "/tables/0/primaryKey",
      "t: the key needs 61 different values, but there are 60; ask for fewer rows or allow more values.",
    ],
    [
      "of a unique field",
      [table("t", 11, [integer("id", sequence()), { ...oneOf("x", 1, 10), constraints: { unique: true } }])],
      "/tables/0/fields/1/constraints/unique",
      "t: the key needs 11 different values, but there are 10; ask for fewer rows or allow more values.",
    ],
    [
      "of a unique key",
      [
        a(5),
        table("c", 6, [integer("id", sequence()), integer("a_id")], { uniqueKeys: [["a_id"]], foreignKeys: [toA] }),
      ],
      "/tables/1/uniqueKeys/0",
      "c: the key needs 6 different values, but there are 5; ask for fewer rows or allow more values.",
    ],
    [
      "of a parent's children",
      [a(5), b(3), junction(undefined, { foreignKeys: [{ ...toA, children: { kind: "fixed", n: 4 } }, toB] })],
      "/tables/2/primaryKey",
      "ab: the key needs 4 different values for each parent, but there are 3; ask for fewer rows or allow more values.",
    ],
    [
      "of a parent that has two, where the key allows one",
      [
        a(5),
        table("c", undefined, [integer("a_id")], {
          foreignKeys: [{ ...toA, children: { kind: "range", min: 0, max: 2 } }],
        }),
      ],
      "/tables/1/primaryKey",
      "c: a parent may have 2 children, but the key allows one; let children be at most 1, or add a field to the key.",
    ],
  ])("%s", (_, tables, pointer, message) => {
    expect(faultsFor(tables)).toEqual([{ pointer, code: "unsatisfiable-unique", message }]);
  });
});

describe("a unique value is dealt without repeats", () => {
  test.each<[string, Field, number]>([
    ["of whole numbers", oneOf("x", -5, 4), 10],
    ["of decimals", { name: "x", type: "number", scale: 1, generator: { kind: "uniform", min: 0, max: 2 } }, 21],
    ["of true and false", { name: "x", type: "boolean", generator: { kind: "boolean", probability: 0.9 } }, 2],
  ])("%s, up to exactly all of them", (_, field, all) => {
    const unique = { ...field, constraints: { unique: true } };
    for (const rows of [1, all - 1, all]) {
      const engine = expectSound(engineFor([table("t", rows, [integer("id", sequence()), unique])]));
      expect(countBy(rowsOf(engine, "t"), "x").size).toBe(rows);
      expectInverses(engine);
    }
  });
});

describe("one to one", () => {
  test.each([0, 1, 30, 50])("by a unique reference, of %i rows among 50 parents", (rows) => {
    const engine = expectSound(
      engineFor([
        a(50),
        table("x", rows, [integer("a_id"), integer("v", { kind: "lookup", field: "a.a_id" })], { foreignKeys: [toA] }),
      ]),
    );
    const all = rowsOf(engine, "x");
    expect(all.every((row) => row.v === row.a_id)).toBe(true);
    // Shuffled, not the first parents in their order.
    if (rows === 50) expect(all.map((row) => row.a_id)).not.toEqual(rowsOf(engine, "a").map((row) => row.a_id));
    expectInverses(engine);
  });

  test("by children, none or one each", () => {
    const engine = expectSound(
      engineFor([
        a(200),
        table("x", undefined, [integer("a_id")], {
          foreignKeys: [{ ...toA, children: { kind: "range", min: 0, max: 1 } }],
        }),
      ]),
    );
    expect(tableNamed(engine, "x").rows).toBeGreaterThan(70);
    expectInverses(engine);
  });

  test("by a unique field beside another key, to a key that is not the primary one", () => {
    const people = table("p", 40, [
      integer("id", sequence()),
      { ...oneOf("badge", 1_000, 9_999), constraints: { unique: true } },
    ]);
    const locker = table(
      "l",
      40,
      [
        integer("id", sequence()),
        integer("badge", undefined, { constraints: { unique: true } }),
        integer("who", { kind: "lookup", field: "p.id" }),
      ],
      { foreignKeys: [refer("badge", "p", "badge", { as: "p" })] },
    );
    const engine = expectSound(engineFor([people, locker]));
    const badges = new Map(rowsOf(engine, "p").map((row) => [row.badge, row.id]));
    expect(rowsOf(engine, "l").every((row) => badges.get(row.badge as number) === row.who)).toBe(true);
    expectInverses(engine);
  });
});

test("a reference to a key of several fields may name them in another order", () => {
  const grid = table(
    "grid",
    60,
    [oneOf("x", 1, 20), oneOf("y", 1, 20), integer("v", { kind: "expression", expr: "x * 100 + y" })],
    { key: "x y" },
  );
  const pins = table(
    "pins",
    500,
    [integer("id", sequence()), integer("py"), integer("px"), integer("v", { kind: "lookup", field: "cell.v" })],
    { foreignKeys: [refer("py px", "grid", "y x", { as: "cell" })] },
  );
  const engine = expectSound(engineFor([pins, grid]));
  expect(rowsOf(engine, "pins").every((row) => row.v === Number(row.px) * 100 + Number(row.py))).toBe(true);
  expectInverses(engine);
});

test("keys of 6 000 million rows are dealt and found again at their end", () => {
  const engine = engineFor([a(100_000), b(1_000_000), junction(6e9)]);
  const { rows, keys } = tableNamed(engine, "ab");
  const block = engine.block(2, rows - 1_000, 1_000);
  const found = keys[0]?.rowOf([block.column(0), block.column(1)]);
  expect(Array.from({ length: 1_000 }, (_, i) => found?.(i))).toEqual(
    Array.from({ length: 1_000 }, (_, i) => rows - 1_000 + i),
  );
  expect(new Set(rowsOf(engine, "ab", rows - 1_000, 1_000).map((row) => `${row.a_id} ${row.b_id}`)).size).toBe(1_000);
});

describe("what can't be promised is a fault", () => {
  const rest = "let it be a sequence, a uuid, one of a list of values, or a foreign key with all its fields in the key";
  test.each<[string, Table[], string, string, string]>([
    [
      "of a law without a list",
      [table("t", 5, [integer("x", { kind: "poisson", mean: 9 })])],
      "not-unique",
      "/tables/0/primaryKey",
      `t.x can't be promised to be unique; ${rest}.`,
    ],
    [
      "of two keys that would deal one field",
      [table("t", 5, [oneOf("x", 1, 9), oneOf("y", 1, 9), oneOf("z", 1, 9)], { key: "x y", uniqueKeys: [["y", "z"]] })],
      "not-unique",
      "/tables/0/uniqueKeys/0",
      "t: two keys share a field that only one of them can deal; remove one of them.",
    ],
    [
      "of a weighted pick in a key",
      [a(9), b(9), junction(20, { foreignKeys: [{ ...toA, pick: { kind: "weighted", weight: "a_id" } }, toB] })],
      "not-unique",
      "/tables/2/foreignKeys/0/pick",
      "ab: a parent of a key can't be picked by weight; use zipf, or children.",
    ],
  ])("%s", (_, tables, code, pointer, message) => {
    expect(faultsFor(tables)).toEqual([{ pointer, code, message }]);
  });
});
