/** Random schemas of two to five tables with every way to come by a parent: what is promised holds for all of them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Children, ChildrenLaw, Field, ForeignKey, Table } from "../../src/dataset/schema.ts";
import { cellAt } from "../../src/generate/column.ts";
import { parentsFirst, structureFaults } from "../../src/plan/structure.ts";
import {
  countWrong,
  csvOf,
  engineFor,
  expectSound,
  integer,
  oneOf,
  refer,
  sequence,
  table,
} from "../support/relations.ts";

const share = fc.constantFrom(undefined, 0, 0.3, 1);
const law: fc.Arbitrary<ChildrenLaw> = fc
  .oneof(
    fc.record({ kind: fc.constant("fixed" as const), n: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant("range" as const), min: fc.nat(2), max: fc.integer({ min: 2, max: 5 }) }),
    fc.record({ kind: fc.constant("poisson" as const), mean: fc.constantFrom(0.3, 2) }),
    fc.record({ kind: fc.constant("geometric" as const), mean: fc.constantFrom(0.5, 3) }),
    fc.record({ kind: fc.constant("zipf" as const), s: fc.constantFrom(0.5, 2), max: fc.integer({ min: 1, max: 6 }) }),
    fc.constant({ kind: "histogram" as const, values: { "0": 2, "1": 5, "6": 1 } }),
  )
  .chain((spec) => share.map((zeroShare) => (zeroShare === undefined ? spec : { ...spec, zeroShare })));

const children: fc.Arbitrary<Children> = fc.oneof(
  { weight: 3, arbitrary: law },
  { weight: 1, arbitrary: fc.tuple(law, law).map(([x, y]) => ({ by: "tier", values: { x, y } })) },
);
const pick = fc.constantFrom<ForeignKey["pick"]>(
  undefined,
  { kind: "uniform" },
  { kind: "zipf", s: 1.2 },
  { kind: "weighted", weight: "v + 1" },
);

const V = oneOf("v", 0, 99);
const TIER: Field = { name: "tier", type: "string", generator: { kind: "category", values: { x: 2, y: 1 } } };
const id = integer("id", sequence(7, 3));

/** A root, whose key is numbered or dealt of two fields. */
const root = fc
  .record({ rows: fc.integer({ min: 1, max: 25 }), rule: fc.boolean(), tree: fc.boolean() })
  .map(({ rows, rule, tree }) =>
    table("root", rows, [id, V, TIER, ...(tree ? [integer("up")] : [])], {
      rules: rule ? [{ name: "kept", expr: "v > 40" }] : [],
      foreignKeys: tree ? [refer("up", "", "id", { as: "above", depth: 3, nullRate: 0.2 })] : [],
    }),
  );
const grid = fc
  .integer({ min: 1, max: 42 })
  .map((rows) => table("grid", rows, [oneOf("gx", 1, 6), oneOf("gy", 1, 7), V, TIER], { key: "gx gy" }));

/** Rows numbered within their owner. */
const member = fc.integer({ min: 1, max: 5 }).map((max) =>
  table("member", undefined, [integer("root_id"), oneOf("no", 1, 999), V], {
    key: "root_id no",
    foreignKeys: [refer("root_id", "root", "id", { children: { kind: "range", min: 1, max } })],
  }),
);

/** A child of the root, by one of the ways, under a name of its own. */
const child = (name: string): fc.Arbitrary<Table> => {
  const seen = integer("seen", { kind: "lookup", field: "root.v" });
  const fields = [id, integer("root_id"), seen, V, TIER];
  return fc.oneof(
    children.map((law) =>
      table(name, undefined, fields, { foreignKeys: [refer("root_id", "root", "id", { children: law })] }),
    ),
    fc.record({ pick, nullRate: share, rows: fc.nat(40) }).map(({ pick, nullRate, rows }) =>
      table(name, rows, fields, {
        foreignKeys: [
          refer("root_id", "root", "id", {
            ...(pick ? { pick } : {}),
            ...(nullRate === undefined ? {} : { nullRate }),
          }),
        ],
      }),
    ),
    // Tenants: numbered within their owner, a tree among them.
    law.map((law) =>
      table(name, undefined, [integer("root_id"), oneOf("no", 1, 999), integer("boss"), V, TIER], {
        key: "root_id no",
        foreignKeys: [
          refer("root_id", "root", "id", { children: law }),
          refer("root_id boss", "", "root_id no", { as: "chief", depth: 3 }),
        ],
      }),
    ),
    // A junction with the grid, in another order of fields.
    fc
      .nat(30)
      .map((rows) => ({ rows }))
      .chain(({ rows }) =>
        fc.constant(
          table(name, rows, [integer("gy"), integer("root_id"), integer("gx"), oneOf("slot", 1, 60), V, TIER], {
            key: "gx root_id gy slot",
            foreignKeys: [refer("gy gx", "grid", "gy gx", { as: "cell" }), refer("root_id", "root", "id")],
          }),
        ),
      ),
    // Two picks within the cells that share a column of the grid, which may have none.
    fc.record({ rows: fc.nat(40), rule: fc.boolean() }).map(({ rows, rule }) =>
      table(
        name,
        rows,
        [
          id,
          integer("root_id"),
          integer("one"),
          integer("two"),
          V,
          TIER,
          integer("seen", { kind: "lookup", field: "first.v" }),
        ],
        {
          foreignKeys: [
            refer("root_id", "root", "id"),
            refer("root_id one", "member", "root_id no", { as: "first", nullRate: 0.1 }),
            refer("root_id two", "member", "root_id no", { as: "second", nullRate: 0.1 }),
          ],
          rules: rule ? [{ name: "seen", expr: "first.v >= 10 || v < 90" }] : [],
        },
      ),
    ),
    // One to one with the grid.
    fc.constant(
      table(name, undefined, [integer("gx"), integer("gy"), V, TIER], {
        key: "gx gy",
        foreignKeys: [refer("gx gy", "grid", "gx gy", { as: "cell", children: { kind: "range", min: 0, max: 1 } })],
      }),
    ),
  );
};

const schema: fc.Arbitrary<Table[]> = fc
  .tuple(root, grid, member, fc.integer({ min: 0, max: 2 }))
  .chain(([root, grid, member, count]) =>
    fc.tuple(fc.constant([root, grid, member]), fc.tuple(...["b", "c"].slice(0, count).map(child))),
  )
  .chain(([parents, kids]) => {
    const all = [...parents, ...kids];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

const settings = { numRuns: 150 };

test("no row is an orphan, no key stands twice, and every key leads back to its row", () => {
  fc.assert(
    fc.property(schema, fc.maxSafeNat(), (tables, seed) => {
      expect(structureFaults({ name: "small", tables })).toEqual([]);
      expect(parentsFirst({ name: "small", tables })).toHaveLength(tables.length);
      expectSound(engineFor(tables, seed));
    }),
    settings,
  );
});

test("any cut of any table, in any order, by a fresh engine, gives the same bytes", () => {
  fc.assert(
    fc.property(schema, fc.maxSafeNat(), fc.integer({ min: 1, max: 9 }), (tables, seed, size) => {
      const whole = engineFor(tables, seed);
      for (const { name } of tables.toReversed())
        expect(csvOf(engineFor(tables, seed), name, size)).toBe(csvOf(whole, name));
    }),
    settings,
  );
});

test("any rows, in any order and with repeats, are those of the whole table", () => {
  fc.assert(
    fc.property(
      schema,
      fc.maxSafeNat(),
      fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
      (tables, seed, numbers) => {
        const engine = engineFor(tables, seed);
        for (const [place, { rows, table }] of engine.tables.entries()) {
          if (rows === 0) continue;
          const picked = Float64Array.from(numbers, (number) => number % rows);
          const block = engineFor(tables, seed).blockOf(place, picked);
          const whole = engine.block(place, 0, rows);
          for (const field of table.fields.keys()) {
            const cells = Array.from(picked, (_, i) => cellAt(block.column(field), i));
            expect(cells).toEqual(Array.from(picked, (row) => cellAt(whole.column(field), row)));
          }
        }
      },
    ),
    settings,
  );
});

test("the plain sets that judge them find a key that stands twice, and a reference to no row", () => {
  const engine = engineFor([
    table("a", 5, [id, integer("x", { kind: "constant", value: 1 })]),
    table("b", 4, [id, integer("a_id")], { foreignKeys: [refer("a_id", "a", "id")] }),
  ]);
  const [a, b] = engine.tables;
  const wrong = {
    ...engine,
    tables: [
      { ...a, table: { ...a?.table, uniqueKeys: [["x"]] } },
      { ...b, table: { ...b?.table, foreignKeys: [refer("id", "a", "x")] } },
    ],
  };
  expect(countWrong(wrong as typeof engine)).toEqual({ duplicates: 4, orphans: 4 });
});
