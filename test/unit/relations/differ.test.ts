/** Two foreign keys to one table that never give a row the same parent. */
import { describe, expect, test } from "vitest";
import type { Table } from "../../../src/dataset/schema.ts";
import { structureFaults } from "../../../src/plan/structure.ts";
import { cellsOf, engineOf, fullFaultsOf, tableOf, tally } from "../../support/small-tables.ts";

type Key = NonNullable<Table["foreignKeys"]>[number];

const teams = tableOf("teams", [], { rows: 5 });
const games = (home: Partial<Key>, away: Partial<Key>, more: Partial<Table> = {}): Table => {
  const to = { resource: "teams", fields: ["id"] };
  return tableOf(
    "games",
    [
      { name: "home_id", type: "integer" },
      { name: "away_id", type: "integer" },
    ],
    {
      rows: 4_000,
      foreignKeys: [
        { fields: ["home_id"], reference: to, ...home },
        { fields: ["away_id"], reference: to, ...away },
      ],
      ...more,
    },
  );
};
/** The pairs of a table, as text. */
const pairsOf = (table: Table, count: number): [home: unknown, away: unknown][] => {
  const engine = engineOf([teams, table]);
  const away = cellsOf(engine, "games.away_id", 0, count);
  return cellsOf(engine, "games.home_id", 0, count).map((home, i) => [home, away[i]]);
};

test("every other parent is as likely, and the same one never comes", () => {
  const counts = tally(pairsOf(games({}, { differsFrom: "home" }), 4_000).map(String));
  expect(counts.size).toBe(20);
  for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(5 * Math.sqrt(200));
});

test("where the other reference is NULL, any parent is as likely", () => {
  const pairs = pairsOf(games({ nullRate: 0.5 }, { differsFrom: "home" }), 4_000);
  expect(pairs.filter(([home, away]) => home === away)).toEqual([]);
  const alone = tally(pairs.filter(([home]) => home === null).map(([, away]) => away));
  expect([...alone.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
  for (const count of alone.values()) expect(Math.abs(count - 400)).toBeLessThan(5 * Math.sqrt(400));
});

test("a key of both is dealt every pair but those of a parent with itself", () => {
  const key = { primaryKey: ["home_id", "away_id"], rows: 20 };
  const pairs = pairsOf(games({ differsFrom: "away" }, {}, key), 20);
  expect(new Set(pairs.map(String)).size).toBe(20);
  expect(pairs.filter(([home, away]) => home === away)).toEqual([]);
  expect(fullFaultsOf([teams, games({ differsFrom: "away" }, {}, { ...key, rows: 21 })])).toMatchObject([
    { code: "unsatisfiable-unique", pointer: "/tables/1/primaryKey" },
  ]);
});

describe("is a fault", () => {
  const codesOf = (table: Table) =>
    structureFaults({ name: "small", tables: [teams, table] }).map(({ code, pointer }) => `${code} ${pointer}`);

  test("of a foreign key that is not there, or refers to another table", () => {
    const at = "bad-relation /tables/1/foreignKeys/1/differsFrom";
    expect(codesOf(games({}, { differsFrom: "guest" }))).toEqual([at]);
    expect(codesOf(games({}, { differsFrom: "away" }))).toEqual([at]);
    expect(codesOf(games({}, { differsFrom: "home" }))).toEqual([]);
  });

  test("together with a pick by popularity", () => {
    const table = games({}, { differsFrom: "home", pick: { kind: "zipf", s: 1 } });
    expect(fullFaultsOf([teams, table])).toMatchObject([
      { code: "bad-relation", pointer: "/tables/1/foreignKeys/1/pick" },
    ]);
  });
});
