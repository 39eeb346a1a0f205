import { describe, expect, test } from "vitest";
import { JobFailure } from "../../../src/dataset/errors.ts";
import type { Field, ForeignKey } from "../../../src/dataset/schema.ts";
import type { Numbers } from "../../../src/generate/column.ts";
import { chiSquareLimit, goodness } from "../../support/laws.ts";
import { engineFor, integer, placeOf, refer, rowsOf, sequence, table } from "../../support/relations.ts";

const MILLION = 1_000_000;

/** How often each parent is picked, in a million draws; the last entry counts the NULLs. */
function draws(parents: number, more: Partial<ForeignKey>, fields: Field[] = []): Float64Array {
  const engine = engineFor([
    table("a", parents, [integer("id", sequence()), ...fields]),
    table("c", MILLION, [integer("id", sequence()), integer("a_id")], {
      foreignKeys: [refer("a_id", "a", "id", more)],
    }),
  ]);
  const { values, nulls } = engine.block(placeOf(engine, "c"), 0, MILLION).column(1) as Numbers;
  const counts = new Float64Array(parents + 1);
  for (let i = 0; i < MILLION; i++) {
    const at = nulls?.[i] === 1 ? parents : (values[i] as number) - 1;
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

/** As many outcomes as were counted. */
const outcomes = (counts: Float64Array) => {
  const all: number[] = [];
  for (const [outcome, count] of counts.entries()) for (let i = 0; i < count; i++) all.push(outcome);
  return all;
};

test("uniform picks are even over the parents", () => {
  const { value, freedom } = goodness(outcomes(draws(500, {}).subarray(0, 500)), Array(500).fill(1 / 500));
  expect(value).toBeLessThan(chiSquareLimit(freedom));
});

test.each([0.5, 1, 1.1, 2])("zipf picks of s = %f have each rank's share among a million parents", (s) => {
  const counts = draws(MILLION, { pick: { kind: "zipf", s } });
  const byRank = counts.subarray(0, MILLION).toSorted((a, b) => b - a);
  let all = 0;
  for (let k = MILLION; k >= 1; k--) all += k ** -s;
  for (let rank = 1; rank <= 3; rank++) {
    const expected = (MILLION * rank ** -s) / all;
    // Within 1 %, or four deviations where a share is too small to tell.
    const limit = Math.max(0.01 * expected, 4 * Math.sqrt(expected));
    if (expected > 5_000) expect(Math.abs((byRank[rank - 1] as number) - expected)).toBeLessThan(limit);
  }
  const top = 1_000;
  let share = 0;
  for (let k = 1; k <= top; k++) share += k ** -s;
  const drawn = byRank.subarray(0, top).reduce((sum, count) => sum + count, 0);
  if (s >= 1) expect(drawn / MILLION).toBeCloseTo(share / all, 2);
  // The popular are shuffled over the rows: they don't all stand first.
  const popular = counts.indexOf(byRank[0] as number);
  expect(popular).toBeGreaterThan(100);
});

describe("weighted picks", () => {
  const weight = (min: number, max: number, more: Partial<Field> = {}) => [
    integer("w", { kind: "uniform", min, max }, more),
  ];
  const weightsOf = (parents: number, fields: Field[]) =>
    rowsOf(engineFor([table("a", parents, [integer("id", sequence()), ...fields])]), "a").map(
      (row) => row.w as number | null,
    );

  test("follow the parents' weights; NULL and negative weights are 0", () => {
    const fields = weight(-5, 10, { nullRate: 0.2 });
    const weights = weightsOf(200, fields).map((w) => Math.max(0, w ?? 0));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const counts = draws(200, { pick: { kind: "weighted", weight: "w" } }, fields);
    expect(counts.subarray(0, 200).filter((count, i) => count > 0 && weights[i] === 0)).toHaveLength(0);
    const { value, freedom } = goodness(
      outcomes(counts.subarray(0, 200)),
      weights.map((w) => w / total),
    );
    expect(value).toBeLessThan(chiSquareLimit(freedom));
  });

  test("may be weighed by an expression", () => {
    const counts = draws(4, { pick: { kind: "weighted", weight: "id * id" } });
    expect([...counts.subarray(0, 4)].map((count) => Math.round((count * 30) / MILLION))).toEqual([1, 4, 9, 16]);
  });

  test("end the job where all weights are 0", () => {
    expect(() => draws(10, { pick: { kind: "weighted", weight: "w" } }, weight(-5, 0))).toThrow(JobFailure);
    expect(() => draws(10, { pick: { kind: "weighted", weight: "w" } }, weight(-5, 0))).toThrow(
      /weight above 0; change/,
    );
  });
});

test.each([0, 0.2, 1])("a share of %f of the rows has no parent", (nullRate) => {
  const counts = draws(10, { nullRate });
  const expected = nullRate * MILLION;
  expect(Math.abs((counts[10] as number) - expected)).toBeLessThanOrEqual(4 * Math.sqrt(expected * (1 - nullRate)));
});

test.each(["uniform", "zipf", "weighted"])("%s picks of nobody are NULL where all references are", (kind) => {
  const pick = {
    kind,
    ...(kind === "zipf" ? { s: 1 } : kind === "weighted" ? { weight: "id" } : {}),
  } as ForeignKey["pick"] & object;
  expect(draws(0, { nullRate: 1, pick })).toEqual(Float64Array.of(MILLION));
});

test("picks from 6 000 million parents reach all of them, and read their own values", () => {
  for (const pick of [{ kind: "uniform" }, { kind: "zipf", s: 0.3 }] as const) {
    const engine = engineFor([
      table("a", 6e9, [integer("id", sequence()), integer("v", { kind: "expression", expr: "id * 3" })]),
      table("c", 6e9, [integer("id", sequence()), integer("a_id"), integer("v", { kind: "lookup", field: "a.v" })], {
        foreignKeys: [refer("a_id", "a", "id", { pick })],
      }),
    ]);
    const rows = rowsOf(engine, "c", 5_999_990_000, 10_000);
    expect(rows.every((row) => row.v === 3 * Number(row.a_id))).toBe(true);
    const tenths = new Set(rows.map((row) => Math.floor((Number(row.a_id) - 1) / 6e8)));
    expect([...tenths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows.some((row) => Number(row.a_id) > 2 ** 32)).toBe(true);
  }
});
