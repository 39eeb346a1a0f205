import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Children, ChildrenLaw } from "../../../src/dataset/schema.ts";
import type { Spread } from "../../../src/generate/relations/spread.ts";
import { chiSquareLimit, goodness } from "../../support/laws.ts";
import {
  countBy,
  engineFor,
  expectSound,
  faultsFor,
  integer,
  refer,
  rowsOf,
  sequence,
  table,
  tableNamed,
} from "../../support/relations.ts";

const MILLION = 1_000_000;
const parents = (rows: number) => table("a", rows, [integer("id", sequence())]);
const owned = (children: Children, rows?: number) =>
  table("c", rows, [integer("id", sequence()), integer("a_id")], {
    foreignKeys: [refer("a_id", "a", "id", { children })],
  });
const spreadOf = (rows: number, children: Children, total?: number) =>
  tableNamed(engineFor([parents(rows), owned(children, total)]), "c").spread as Spread;
const countsOf = (spread: Spread, rows: number) =>
  Float64Array.from({ length: rows }, (_, parent) => spread.count(parent));
const sumOf = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
const normalised = (weights: number[]) => weights.map((weight) => weight / sumOf(weights));
const upTo = (n: number, weight: (k: number) => number) =>
  normalised(Array.from({ length: n + 1 }, (_, k) => weight(k)));

/** Poisson's probabilities, each from the one before. */
function poisson(mean: number, n: number): number[] {
  const shares = [Math.exp(-mean)];
  for (let k = 1; k <= n; k++) shares.push(((shares[k - 1] as number) * mean) / k);
  return shares;
}
const withZeros = (share: number, law: number[]) => {
  const [, ...above] = law;
  return [share, ...normalised(above).map((p) => p * (1 - share))];
};

describe("a million parents have as many children as the law says", () => {
  test.each<[string, ChildrenLaw, number[]]>([
    ["fixed", { kind: "fixed", n: 3 }, [0, 0, 0, 1]],
    ["range", { kind: "range", min: 2, max: 6 }, upTo(6, (k) => (k < 2 ? 0 : 1))],
    ["poisson", { kind: "poisson", mean: 2.5 }, poisson(2.5, 40)],
    ["geometric", { kind: "geometric", mean: 3 }, upTo(200, (k) => 0.25 * 0.75 ** k)],
    ["zipf", { kind: "zipf", s: 1.5, max: 50 }, upTo(50, (k) => (k === 0 ? 0 : k ** -1.5))],
    [
      "histogram",
      { kind: "histogram", values: { "0": 20, "1": 50, "7": 30 } },
      upTo(7, (k) => ({ 0: 20, 1: 50, 7: 30 })[k] ?? 0),
    ],
    ["poisson with a zero share", { kind: "poisson", mean: 2, zeroShare: 0.4 }, withZeros(0.4, poisson(2, 40))],
    ["fixed with a zero share", { kind: "fixed", n: 2, zeroShare: 0.25 }, [0.25, 0, 0.75]],
    ["a zero share of 0", { kind: "range", min: 0, max: 3, zeroShare: 0 }, [0, 1 / 3, 1 / 3, 1 / 3]],
    ["a zero share of 1", { kind: "range", min: 0, max: 3, zeroShare: 1 }, [1]],
  ])("%s", (_, law, shares) => {
    const spread = spreadOf(MILLION, law);
    const counts = countsOf(spread, MILLION);
    expect(spread.total).toBe(sumOf(counts));
    const { value, freedom } = goodness(counts, shares);
    expect(value).toBeLessThan(chiSquareLimit(freedom));
    const mean = sumOf(shares.map((share, k) => share * k));
    expect(Math.abs(spread.total / MILLION - mean)).toBeLessThanOrEqual(mean * 0.01);
  });
});

test("a zero share moves the mean to what the README says of its example", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const law = /"children": (\{ "kind": "poisson".*?\})/.exec(readme)?.[1] ?? "";
  const said = /Poisson 3 has ([\d.]+)\s+where it has any, and 0\.8 · [\d.]+ = ([\d.]+) children/.exec(readme) ?? [];
  const counts = countsOf(spreadOf(MILLION, JSON.parse(law) as ChildrenLaw), MILLION);
  const total = sumOf(counts);
  const means = [total / counts.filter((count) => count > 0).length, total / MILLION];
  // Their standard errors are 0.002.
  expect(means.filter((mean, i) => !(Math.abs(mean - Number(said[i + 1])) < 0.015))).toEqual([]);
});

describe("the total is kept where rows are given", () => {
  test.each<[string, number, ChildrenLaw, number]>([
    ["upwards", 1_000, { kind: "range", min: 0, max: 9 }, 6_001],
    ["downwards", 1_000, { kind: "range", min: 0, max: 9 }, 1_234],
    ["to nothing", 1_000, { kind: "geometric", mean: 4 }, 0],
    ["to the least", 1_000, { kind: "range", min: 2, max: 9 }, 2_000],
    ["to the most", 1_000, { kind: "range", min: 2, max: 9 }, 9_000],
    ["to all but one of the most", 1_000, { kind: "range", min: 2, max: 9 }, 8_999],
    ["of a histogram with gaps", 1_000, { kind: "histogram", values: { "0": 1, "10": 1 } }, 4_321],
    ["far beyond a Poisson law's mean", 100, { kind: "poisson", mean: 1 }, 10_000],
    ["far beyond a geometric law's mean", 100, { kind: "geometric", mean: 1 }, 50_000],
    ["of one parent", 1, { kind: "range", min: 0, max: 9 }, 7],
    ["of many parents", 300_000, { kind: "geometric", mean: 2 }, 1_000_003],
    [
      "of many parents to the most, where products pass 2^53",
      200_000,
      { kind: "range", min: 0, max: 1_000 },
      199_999_999,
    ],
    ["of fixed numbers, which it only confirms", 500, { kind: "fixed", n: 4 }, 2_000],
  ])("%s", (_, rows, law, total) => {
    const spread = spreadOf(rows, law, total);
    const counts = countsOf(spread, rows);
    expect([spread.total, sumOf(counts)]).toEqual([total, total]);
    if (law.kind !== "range") return;
    expect(Math.min(...counts.slice(0, 100_000))).toBeGreaterThanOrEqual(law.min);
    expect(Math.max(...counts.slice(0, 100_000))).toBeLessThanOrEqual(law.max);
  });

  test("and the law with it: a Poisson law asked for more children is Poisson of the greater mean", () => {
    const spread = spreadOf(200_000, { kind: "poisson", mean: 2 }, 1_000_000);
    const { value, freedom } = goodness(countsOf(spread, 200_000), poisson(5, 60));
    expect(value).toBeLessThan(chiSquareLimit(freedom));
  });

  test("and the share of parents without children", () => {
    const spread = spreadOf(100_000, { kind: "poisson", mean: 2, zeroShare: 0.3 }, 400_000);
    const counts = countsOf(spread, 100_000);
    expect(sumOf(counts)).toBe(400_000);
    expect(counts.filter((count) => count === 0).length / 100_000).toBeCloseTo(0.3, 2);
  });

  test.each<[ChildrenLaw, number, string]>([
    [
      { kind: "range", min: 1, max: 3 },
      9,
      "c: 10 parents with 1 to 3 children each can't have 9 in all; change rows or children.",
    ],
    [
      { kind: "range", min: 1, max: 3 },
      31,
      "c: 10 parents with 1 to 3 children each can't have 31 in all; change rows or children.",
    ],
    [
      { kind: "fixed", n: 3 },
      29,
      "c: 10 parents with 3 to 3 children each can't have 29 in all; change rows or children.",
    ],
  ])("or it is a fault: %j can't have %i", (law, total, message) => {
    expect(faultsFor([parents(10), owned(law, total)])).toEqual([
      { pointer: "/tables/1/foreignKeys/0/children", code: "impossible-total", message },
    ]);
  });

  test("or it is a fault: no parents can't have any", () => {
    expect(faultsFor([parents(0), owned({ kind: "poisson", mean: 2 }, 5)]).map(({ code }) => code)).toEqual([
      "impossible-total",
    ]);
  });
});

describe("rows lie by their parents", () => {
  test.each([0, 1, 2, 63, 64, 65, 1_000])("of %i parents, each with as many as it counts", (rows) => {
    const engine = expectSound(engineFor([parents(rows), owned({ kind: "range", min: 0, max: 3 })]));
    const ids = rowsOf(engine, "c").map((row) => Number(row.a_id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const { spread, rows: total } = tableNamed(engine, "c");
    expect(total).toBe(ids.length);
    const counted = countBy(rowsOf(engine, "c"), "a_id");
    for (let parent = 0; parent < rows; parent++) expect(spread?.count(parent)).toBe(counted.get(parent + 1) ?? 0);
  });

  test.each([1_000, 200_000])("of %i parents, found in any order", (rows) => {
    const spread = spreadOf(rows, { kind: "histogram", values: { "0": 5, "1": 2, "9": 1 } });
    const picked = Float64Array.from({ length: 2_000 }, (_, i) => (i * 7_919 * 13) % spread.total);
    const { parents, ordinals } = spread.locate(picked);
    for (let i = 0; i < picked.length; i++) {
      expect(spread.first(parents[i] as number) + (ordinals[i] as number)).toBe(picked[i]);
      expect(ordinals[i]).toBeLessThan(spread.count(parents[i] as number));
    }
  });

  test("over three generations", () => {
    const engine = expectSound(
      engineFor([
        table("lines", undefined, [integer("id", sequence()), integer("order_id")], {
          foreignKeys: [refer("order_id", "orders", "id", { children: { kind: "range", min: 1, max: 4 } })],
        }),
        table("orders", undefined, [integer("id", sequence(100)), integer("customer_id")], {
          foreignKeys: [
            refer("customer_id", "customers", "id", { children: { kind: "poisson", mean: 3, zeroShare: 0.5 } }),
          ],
        }),
        table("customers", 200, [integer("id", sequence())]),
      ]),
    );
    const [lines, orders] = [rowsOf(engine, "lines"), rowsOf(engine, "orders")];
    expect(countBy(lines, "order_id").size).toBe(orders.length);
    expect(new Set(countBy(lines, "order_id").values())).toEqual(new Set([1, 2, 3, 4]));
    expect(countBy(orders, "customer_id").size).toBeLessThan(130);
  });
});

describe("a law for each value of a parent's field", () => {
  const lawsOf = (type: "string" | "boolean", values: object, by: Children) => {
    const parent = table("a", 3_000, [
      integer("id", sequence()),
      { name: "tier", type, generator: { kind: "category", values } as never },
    ]);
    const engine = expectSound(engineFor([parent, owned(by)]));
    const counted = countBy(rowsOf(engine, "c"), "a_id");
    return (tier: unknown) =>
      rowsOf(engine, "a")
        .filter((row) => row.tier === tier)
        .map((row) => counted.get(row.id as number) ?? 0);
  };

  test("of words", () => {
    const of = lawsOf(
      "string",
      { Gold: 1, Iron: 3 },
      {
        by: "tier",
        values: { Gold: { kind: "fixed", n: 10 }, Iron: { kind: "range", min: 0, max: 2, zeroShare: 0.5 } },
      },
    );
    expect(new Set(of("Gold"))).toEqual(new Set([10]));
    const iron = of("Iron");
    expect(new Set(iron)).toEqual(new Set([0, 1, 2]));
    expect(iron.filter((count) => count === 0).length / iron.length).toBeCloseTo(0.5, 1);
  });

  test("of true and false", () => {
    const of = lawsOf("boolean", [true, false], {
      by: "tier",
      values: { true: { kind: "fixed", n: 2 }, false: { kind: "fixed", n: 0 } },
    });
    expect([new Set(of(true)), new Set(of(false))]).toEqual([new Set([2]), new Set([0])]);
  });

  test("of the number of children in another table", () => {
    const visits = table("visits", undefined, [integer("id", sequence()), integer("a_id")], {
      foreignKeys: [refer("a_id", "a", "id", { children: { kind: "range", min: 1, max: 2 } })],
    });
    const a = table("a", 100, [
      integer("id", sequence()),
      integer("n", { kind: "aggregate", of: "visits", via: "a", fn: "count" }),
    ]);
    const engine = expectSound(
      engineFor([
        a,
        owned({ by: "n", values: { "1": { kind: "fixed", n: 5 }, "2": { kind: "fixed", n: 0 } } }),
        visits,
      ]),
    );
    const visited = countBy(rowsOf(engine, "visits"), "a_id");
    const counted = countBy(rowsOf(engine, "c"), "a_id");
    for (let id = 1; id <= 100; id++) expect(counted.get(id) ?? 0).toBe(visited.get(id) === 1 ? 5 : 0);
  });

  test("and a value without a law is a fault", () => {
    const parent = table("a", 5, [
      integer("id", sequence()),
      { name: "tier", type: "string", generator: { kind: "category", values: ["x", "y"] } },
    ]);
    expect(faultsFor([parent, owned({ by: "tier", values: { x: { kind: "fixed", n: 1 } } })])).toEqual([
      {
        pointer: "/tables/1/foreignKeys/0/children/values",
        code: "missing-values",
        message: 'tier can be "y", for which no number of children is given.',
      },
    ]);
  });
});

test.each<[ChildrenLaw, string, string]>([
  [{ kind: "range", min: 3, max: 2 }, "impossible-range", "/min"],
  [{ kind: "histogram", values: { "1": 0 } }, "no-weight", "/values"],
  [{ kind: "fixed", n: 0, zeroShare: 0.5 }, "impossible-range", "/zeroShare"],
])("%j is no law", (law, code, pointer) => {
  expect(faultsFor([parents(5), owned(law)])).toMatchObject([
    { code, pointer: `/tables/1/foreignKeys/0/children${pointer}` },
  ]);
});

describe("the children of more parents than can be counted are refused at once, with no fault for want of them", () => {
  const below = (name: string, parent: string, children?: Children) =>
    table(name, children ? undefined : 5, [integer("id", sequence()), integer("p_id")], {
      foreignKeys: [refer("p_id", parent, "id", children ? { children } : {})],
    });
  const fixed = (n: number): Children => ({ kind: "fixed", n });
  test.each([
    ["given", 1, [parents(100_000_001), owned(fixed(1)), below("d", "c")]],
    ["counted themselves", 2, [parents(200_000), owned(fixed(1_000)), below("d", "c", fixed(2))]],
  ])("parents that are %s", (_, place, tables) => {
    expect(faultsFor(tables)).toEqual([
      {
        code: "too-many-rows",
        pointer: `/tables/${place}/foreignKeys/0/children`,
        message: expect.stringContaining("give the parents fewer rows"),
      },
    ]);
  });
});
