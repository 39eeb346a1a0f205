import { describe, expect, test } from "vitest";
import type { Field, ForeignKey, Table } from "../../../src/dataset/schema.ts";
import {
  engineFor,
  expectSound,
  integer,
  oneOf,
  type Row,
  refer,
  rowsOf,
  sequence,
  table,
} from "../../support/relations.ts";
import { cellsOf } from "../../support/small-tables.ts";

const tree = (rows: number, more: Partial<ForeignKey> = {}, fields: Field[] = [], rules: Table["rules"] = []) =>
  table("staff", rows, [integer("id", sequence()), integer("boss_id"), ...fields], {
    rules,
    foreignKeys: [refer("boss_id", "", "id", more)],
  });

/** How many bosses are above each row; fails where they run in a circle. */
function levels(rows: readonly Row[], boss = "boss_id", id = "id"): number[] {
  const byId = new Map(rows.map((row) => [row[id], row]));
  return rows.map((row) => {
    let level = 0;
    for (let at: Row | undefined = row; at?.[boss] != null; at = byId.get(at[boss] as number)) {
      if (++level > rows.length) throw new Error("A circle.");
    }
    return level;
  });
}

describe("a self reference is a forest", () => {
  test.each([
    [1, 5, 0.1],
    [2, 5, 0.1],
    [10, 2, 0.3],
    [1_000, 1, 0.1],
    [1_000, 2, 0.1],
    [1_000, 3, 0.01],
    [1_000, 5, 0],
    [1_000, 5, 1],
    [1_000, 100, 0.001],
    [5_000, 7, 0.5],
  ])("of %i rows, at most %i levels, a share of %f roots", (rows, depth, nullRate) => {
    const all = rowsOf(expectSound(engineFor([tree(rows, { depth, nullRate })])), "staff");
    const found = levels(all);
    expect(Math.max(...found)).toBeLessThan(depth);
    const roots = all.filter((row) => row.boss_id === null).length;
    expect(roots).toBe(depth === 1 ? rows : Math.max(1, Math.round(rows * nullRate)));
    // Level by level, so that a boss stands above all rows of the level below.
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  test("with five levels and a tenth of roots where nothing is said, and as deep as it may be", () => {
    const found = levels(rowsOf(engineFor([tree(1_000)]), "staff"));
    expect([Math.max(...found), found.filter((level) => level === 0).length]).toEqual([4, 100]);
  });

  test("of no rows at all", () => {
    expect(rowsOf(expectSound(engineFor([tree(0)])), "staff")).toEqual([]);
  });

  test("within each owner", () => {
    const engine = expectSound(
      engineFor([
        table("t", 30, [integer("t_id", sequence())]),
        table("u", undefined, [integer("t_id"), oneOf("no", 1, 40), integer("boss_no")], {
          key: "t_id no",
          foreignKeys: [
            refer("t_id", "t", "t_id", { children: { kind: "range", min: 0, max: 30 } }),
            refer("t_id boss_no", "", "t_id no", { as: "boss", depth: 3, nullRate: 0.2 }),
          ],
        }),
      ]),
    );
    const all = rowsOf(engine, "u");
    for (let id = 1; id <= 30; id++) {
      const own = all.filter((row) => row.t_id === id);
      if (own.length === 0) continue;
      expect(Math.max(...levels(own, "boss_no", "no"))).toBeLessThan(3);
      expect(own.filter((row) => row.boss_no === null)).toHaveLength(Math.max(1, Math.round(own.length * 0.2)));
    }
  });
});

describe("fields climb", () => {
  test("to the boss's boss, NULL where there is none", () => {
    const top = integer("top", { kind: "lookup", field: "boss.boss.id" });
    const all = rowsOf(engineFor([tree(2_000, { depth: 4, nullRate: 0.01 }, [top])]), "staff");
    const byId = new Map(all.map((row) => [row.id, row]));
    const own = all.map((row) => byId.get(byId.get(row.boss_id as number)?.boss_id as number)?.id ?? null);
    expect(all.map((row) => row.top)).toEqual(own);
    expect(new Set(own).size).toBeGreaterThan(10);
  });

  test("in rules, so that nobody was hired before the boss", () => {
    const hired: Field = {
      name: "hired",
      type: "date",
      generator: { kind: "date", min: "2015-01-01", max: "2025-12-31" },
    };
    const rules = [{ name: "later", expr: "hired >= boss.hired" }];
    const tables = [tree(2_000, { depth: 4, nullRate: 0.1 }, [hired], rules)];
    const all = rowsOf(expectSound(engineFor(tables)), "staff");
    const byId = new Map(all.map((row) => [row.id, row]));
    const early = (row: Row) => String(row.hired) < String(byId.get(row.boss_id as number)?.hired ?? "");
    expect(all.filter(early)).toEqual([]);
    expect(rowsOf(engineFor(tables.map((table) => ({ ...table, rules: [] }))), "staff").some(early)).toBe(true);
  });

  // Attempts that multiplied from level to level took minutes at a depth of 12.
  test.each([
    [2_000, 10],
    [20_000, 12],
  ])("in rules of %i rows in %i levels, any page the same as the whole", (rows, depth) => {
    const hired: Field = {
      name: "hired",
      type: "date",
      generator: { kind: "date", min: "2015-01-01", max: "2025-12-31" },
    };
    const rules = [{ name: "later", expr: "hired >= boss.hired" }];
    const tables = [tree(rows, { depth, nullRate: 0.1 }, [hired], rules)];
    const whole = cellsOf(engineFor(tables), "staff.hired", 0, rows);
    for (const first of [rows - 5, 0, rows / 2, 3]) {
      expect(cellsOf(engineFor(tables), "staff.hired", first, 5)).toEqual(whole.slice(first, first + 5));
    }
    const all = rowsOf(expectSound(engineFor(tables)), "staff");
    const byId = new Map(all.map((row) => [row.id, row]));
    const early = (row: Row) => String(row.hired) < String(byId.get(row.boss_id as number)?.hired ?? "");
    expect(all.filter(early)).toEqual([]);
  });
});

test("a tree of 6 000 million rows has its parents far above, level by level", () => {
  const engine = engineFor([
    tree(6e9, { depth: 4, nullRate: 1e-6 }, [integer("top", { kind: "lookup", field: "boss.boss.boss.id" })]),
  ]);
  const rows = rowsOf(engine, "staff", 5_999_999_000, 1_000);
  expect(rows.every((row) => Number(row.boss_id) < Number(row.id) && Number(row.boss_id) > 6_000)).toBe(true);
  expect(rows.every((row) => Number(row.top) >= 1 && Number(row.top) <= 6_000)).toBe(true);
});

test.each([
  { kind: "pattern", pattern: "[A-Z]{4}" },
  { kind: "list", values: Array.from({ length: 40 }, (_, i) => `code ${i}`), order: "shuffle" },
])("a rule may read a reference to the table's own key, by whatever it is made: $kind", (generator) => {
  const code: Field = { name: "code", type: "string", generator };
  const value: Field = { name: "v", type: "integer", generator: { kind: "uniform", min: 0, max: 100 } };
  const staff = table("staff", 40, [code, { name: "boss_code", type: "string" }, value], {
    primaryKey: ["code"],
    foreignKeys: [{ ...refer("boss_code", "", "code"), as: "boss" }],
    rules: [{ name: "near", expr: "isNull(boss_code) || v <= boss.v + 20" }],
  });
  const rows = rowsOf(engineFor([staff]), "staff");
  const byCode = new Map(rows.map((row) => [row.code, row]));
  const led = rows.filter((row) => row.boss_code !== null);
  expect(led.length).toBeGreaterThan(20);
  expect(led.filter((row) => Number(row.v) > Number(byCode.get(row.boss_code)?.v) + 20)).toEqual([]);
});

test("a rule that reads nothing of the boss but a dealt key can't be kept, and every page says so alike", () => {
  const code: Field = { name: "code", type: "string", generator: { kind: "pattern", pattern: "[A-Z]{4}" } };
  const staff = table("staff", 400, [code, { name: "boss_code", type: "string" }, oneOf("v", 0, 100)], {
    primaryKey: ["code"],
    foreignKeys: [{ ...refer("boss_code", "", "code"), as: "boss", depth: 4 }],
    rules: [{ name: "never", expr: "isNull(boss_code) || v > 100" }],
  });
  const whole = rowsOf(engineFor([staff]), "staff");
  for (const first of [399, 0, 200]) expect(rowsOf(engineFor([staff]), "staff", first, 1)).toEqual([whole[first]]);
});
