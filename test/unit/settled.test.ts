import { describe, expect, test } from "vitest";
import { makeEngine } from "../../src/generate/engine.ts";
import { bits, makeStream } from "../../src/generate/random.ts";
import { LANE, MOST_ATTEMPTS } from "../../src/generate/rules.ts";
import { knownDraws } from "../../src/generate/settled.ts";
import {
  csvOf,
  engineFor,
  faultsFor,
  integer,
  oneOf,
  type Row,
  refer,
  rowsOf,
  sequence,
  table,
} from "../support/relations.ts";

/** More rows than a parent may have to be kept whole. */
const MANY = 140_000;

const even = { name: "kept", expr: "(x > 50) == (p.x > 50)" };
const spread = { random: {}, "in order": { children: { kind: "range", min: 0, max: 2 } } } as const;

/** Tables of which each but the first has rules that read the one before. */
const chain = (levels: number, rows: number, how: keyof typeof spread) =>
  Array.from({ length: levels }, (_, k) => {
    const fields = [integer("id", sequence()), oneOf("x", 1, 100)];
    if (k === 0) return table("t0", rows, fields, { rules: [{ name: "kept", expr: "x < 25 || x > 75" }] });
    const foreignKeys = [refer("p_id", `t${k - 1}`, "id", { as: "p", ...spread[how] })];
    return table(`t${k}`, rows, [...fields, integer("p_id")], { foreignKeys, rules: [even] });
  });

/** Any draws, by row; the numbers of rows that were settled are added up. */
function counting() {
  const stream = makeStream(1, "attempts");
  const of = (row: number) => row + (bits(stream, row) % (MOST_ATTEMPTS + 1)) * LANE;
  const asked: number[] = [];
  const settle = (rows: Float64Array) => {
    asked.push(...rows);
    return rows.map(of);
  };
  return { of, asked, settle };
}

describe("draws that are remembered", () => {
  test.each([
    [1_000, 1_000, "all rows"],
    [1_000, 200, "forty rows"],
    [1_000, 0, "one row"],
    [1e12, 32 * 1024 * 1024, "some of very many rows"],
  ])("of %i rows in %i bytes, which is enough for %s, are those that were found", (rows, bytes) => {
    const known = knownDraws(rows, bytes);
    const { of, settle } = counting();
    const pick = makeStream(2, "row");
    for (let round = 0; round < 60; round++) {
      const page = Float64Array.from({ length: 50 }, (_, i) =>
        Math.floor((bits(pick, round * 50 + i) / 2 ** 32) * rows),
      );
      if (round % 2 === 1) for (let i = 1; i < page.length; i++) page[i] = Math.min(rows - 1, (page[0] as number) + i);
      expect(known(page, settle)).toEqual(page.map(of));
    }
  });

  test("are found once where all rows have room, and never of rows that nobody asked for", () => {
    const known = knownDraws(1_000, 1_000);
    const { asked, settle } = counting();
    const all = Float64Array.from({ length: 1_000 }, (_, i) => (i * 7) % 1_000);
    for (const page of [all.subarray(0, 3), all.subarray(2, 500), all, all]) known(page, settle);
    expect(asked).toEqual([...all]);
    const far = counting();
    knownDraws(1e9, 1_000)(Float64Array.of(9e8, 5, 9e8 + 1), far.settle);
    expect(far.asked).toEqual([9e8, 5, 9e8 + 1]);
  });

  test("are the rows themselves where none was drawn again, so that nothing is made twice", () => {
    const known = knownDraws(100, 100);
    const rows = Float64Array.of(3, 50, 4);
    for (let time = 0; time < 2; time++) expect(known(rows, (unknown) => unknown)).toBe(rows);
  });

  test("may be found while others of the same table are", () => {
    const known = knownDraws(100, 100);
    const { of } = counting();
    const settle = (rows: Float64Array): Float64Array => {
      const above = rows.filter((row) => row > 0).map((row) => row - 1);
      if (above.length > 0) expect(known(above, settle)).toEqual(above.map(of));
      return rows.map(of);
    };
    expect(known(Float64Array.of(9, 4), settle)).toEqual(Float64Array.of(of(9), of(4)));
  });
});

describe.each(Object.keys(spread) as (keyof typeof spread)[])("rules over large parents that lie %s", (how) => {
  const tables = chain(4, MANY, how);
  const engine = engineFor(tables);
  const page = rowsOf(engine, "t3", 60_000, 3_000);

  test("hold in each table", () => {
    const parents = new Map(rowsOf(engine, "t2").map((row) => [row.id, row]));
    const isKept = (row: Row) => Number(row.x) > 50 === Number(parents.get(row.p_id as number)?.x) > 50;
    expect(page.filter((row) => !isKept(row))).toEqual([]);
  });

  test("give any page, read alone and first or after others, and however little is remembered", () => {
    for (const bytes of [0, 1_000, 50_000_000]) {
      const other = makeEngine(engineFor(tables).tables, bytes);
      expect(rowsOf(other, "t3", 62_000, 20)).toEqual(page.slice(2_000, 2_020));
      rowsOf(other, "t1", 5_000, 500);
      expect(rowsOf(other, "t3", 60_000, 500)).toEqual(page.slice(0, 500));
    }
  });

  test("draw about as many rows of each table, instead of twice as many from level to level", () => {
    const drawn = [0, 0, 0, 0];
    const counted = engine.tables.map((compiled, place) => ({
      ...compiled,
      generators: compiled.generators.map((generator, field) => ({
        ...generator,
        column: (block: Parameters<typeof generator.column>[0]) => {
          if (field === 1) drawn[place] = (drawn[place] as number) + block.rows.length;
          return generator.column(block);
        },
      })),
    }));
    csvOf(makeEngine(counted, MANY), "t3", 50_000);
    // Each row twice on average to be settled, once to be written, and once for each attempt that reads it.
    for (const count of drawn) expect(count).toBeLessThan(6.5 * MANY);
  });
});

test("a row that keeps no rule has the draws of its last attempt, among many or alone", () => {
  const tables = [
    table("t", 100, [integer("id", sequence()), oneOf("x", 1, 100)], { rules: [{ name: "never", expr: "x > 100" }] }),
  ];
  const all = rowsOf(engineFor(tables), "t");
  expect(rowsOf(engineFor(tables), "t", 7, 3)).toEqual(all.slice(7, 10));
});

// Of all rows none is mended soon, but read alone one would be by its two hundredth attempt.
test("a rule that hardly any row can keep is given up for all rows of a table or for none, whichever are read", () => {
  const tables = [
    table("t", 200, [integer("id", sequence()), oneOf("x", 1, 20_000)], { rules: [{ name: "rare", expr: "x == 1" }] }),
  ];
  const whole = rowsOf(engineFor(tables), "t");
  expect(whole.map((_, row) => rowsOf(engineFor(tables), "t", row, 1)[0])).toEqual(whole);
});

test("a tree too large to be settled from its first row is refused, unless no rule reads the row's parent", () => {
  const tree = (rows: number, expr: string) => [
    table("t", rows, [integer("id", sequence()), oneOf("x", 1, 100), integer("p_id")], {
      foreignKeys: [refer("p_id", "", "id", { as: "p" })],
      rules: [{ name: "kept", expr }],
    }),
  ];
  const [fault, ...others] = faultsFor(tree(1_048_577, "x >= p.x"));
  expect([fault?.code, fault?.pointer, others]).toEqual(["too-many-rows", "/tables/0/foreignKeys/0", []]);
  expect(rowsOf(engineFor(tree(1_048_576, "x >= p.x")), "t", 100, 3).length).toBe(3);
  expect(rowsOf(engineFor(tree(1e9, "x > 50")), "t", 9e8, 20).every(({ x }) => Number(x) > 50)).toBe(true);
});
