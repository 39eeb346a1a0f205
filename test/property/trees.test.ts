/**
 * Trees of any depth whose rules and fields read the rows above, against a reference that settles one row at a
 * time by the definition: the first attempt by which all rules hold, over parents that are settled.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field, ForeignKey, Table } from "../../src/dataset/schema.ts";
import type { Numbers } from "../../src/generate/column.ts";
import { type Engine, makeEngine } from "../../src/generate/engine.ts";
import { LANE, MOST_ATTEMPTS } from "../../src/generate/rules.ts";
import {
  csvOf,
  engineFor,
  integer,
  oneOf,
  placeOf,
  type Row,
  refer,
  rowsOf,
  sequence,
  table,
} from "../support/relations.ts";

type Value = number | null;

/** A row as the reference knows it. */
interface Made {
  readonly h: number;
  readonly m: Value;
  readonly sum: number;
  readonly lvl: number;
  readonly last: Value;
  readonly p: Made | undefined;
  readonly q: Made | undefined;
}

const expression = (name: string, expr: string) => integer(name, { kind: "expression", expr });
const FIELDS: Field[] = [
  oneOf("h", 0, 99),
  integer("m", { kind: "uniform", min: 0, max: 99 }, { nullRate: 0.4 }),
  expression("sum", "coalesce(p.sum, 0) + h"),
  expression("lvl", "coalesce(p.lvl, 0) + 1"),
  expression("last", "m ?? p.last"),
];

/** Each with what it says of a row; true where it is NULL. */
const RULES: [string, (row: Made) => boolean][] = [
  ["h >= p.h", ({ h, p }) => !p || h >= p.h],
  ["sum % 10 < 7", ({ sum }) => sum % 10 < 7],
  ["lvl <= 4 || h < 50", ({ lvl, h }) => lvl <= 4 || h < 50],
  ["last >= 20", ({ last }) => last === null || last >= 20],
  ["isNull(p.last) || last != p.last + 1", ({ last, p }) => p?.last == null || last === null || last !== p.last + 1],
  ["h + 40 >= p.p.h", ({ h, p }) => !p?.p || h + 40 >= p.p.h],
  ["h + 60 >= q.h", ({ h, q }) => !q || h + 60 >= q.h],
  ["sum + 80 >= q.sum || sum > 150", ({ sum, q }) => !q || sum + 80 >= q.sum || sum > 150],
];

/** Settles rows by the definition, of the engine's draws of a row and of its parents' numbers alone. */
function referenceOf(engine: Engine, rules: readonly number[]): (row: number) => Made {
  const place = placeOf(engine, "t");
  const { table, links } = engine.tables[place] as Engine["tables"][number];
  const known = new Map<number, Made>();
  const draw = (row: number, attempt: number): Made => {
    const block = engine.drawn(place, Float64Array.of(row), Float64Array.of(row + attempt * LANE));
    const value = (name: string): Value => {
      const { values, nulls } = block.column(table.fields.findIndex((field) => field.name === name)) as Numbers;
      return nulls?.[0] === 1 ? null : (values[0] as number);
    };
    const above = (name: string) => {
      const link = links.findIndex((link) => link.name === name);
      return block.missing(link)?.[0] === 1 ? undefined : settle(block.parent(link).rows[0] as number);
    };
    const [h, m, p] = [value("h") as number, value("m"), above("p")];
    const sum = (p?.sum ?? 0) + h;
    return { h, m, sum, lvl: (p?.lvl ?? 0) + 1, last: m ?? p?.last ?? null, p, q: above("q") };
  };
  const settle = (row: number): Made => {
    let made = known.get(row);
    for (let attempt = 0; !made; attempt++) {
      const tried = draw(row, attempt);
      if (attempt === MOST_ATTEMPTS || rules.every((rule) => RULES[rule]?.[1](tried))) made = tried;
    }
    known.set(row, made);
    return made;
  };
  return settle;
}

const cells = ({ h, m, sum, lvl, last }: Row | Made) => ({ h, m, sum, lvl, last });

type Where = "whole" | "within owners" | "both";

const trees = fc.record({
  where: fc.constantFrom<Where>("whole", "within owners", "both"),
  rows: fc.integer({ min: 1, max: 150 }),
  depths: fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 5 })),
  roots: fc.constantFrom(0.01, 0.1, 0.4),
  rules: fc.uniqueArray(fc.nat(RULES.length - 1), { minLength: 1, maxLength: 3 }),
  seed: fc.nat(1_000),
  remembering: fc.constantFrom(0, 150, 2_000, 1_000_000),
  pages: fc.array(fc.tuple(fc.nat(149), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 4 }),
  chunk: fc.integer({ min: 7, max: 100 }),
});

type Tree = typeof trees extends fc.Arbitrary<infer T> ? T : never;

function tablesOf({ where, rows, depths: [depth, other], roots, rules }: Tree): Table[] {
  const named = rules.map((rule, i) => ({ name: `r${i}`, expr: RULES[rule]?.[0] as string }));
  const shape = (as: string, depth: number): Partial<ForeignKey> => ({ as, depth, nullRate: roots });
  const whole = (as: string, depth: number) => refer(`${as}_id`, "", "id", shape(as, depth));
  const within = (as: string, depth: number) => refer(`o_id ${as}_no`, "", "o_id no", shape(as, depth));
  if (where === "whole") {
    const fields = [integer("id", sequence()), integer("p_id"), integer("q_id"), ...FIELDS];
    return [table("t", rows, fields, { foreignKeys: [whole("p", depth), whole("q", other)], rules: named })];
  }
  const isBoth = where === "both";
  const fields = [integer("id", sequence()), integer("o_id"), oneOf("no", 1, 90), integer("p_no")];
  return [
    table("o", Math.ceil(rows / 20), [integer("o_id", sequence())]),
    table("t", undefined, [...fields, integer(isBoth ? "q_id" : "q_no"), ...FIELDS], {
      key: "o_id no",
      uniqueKeys: [["id"]],
      foreignKeys: [
        refer("o_id", "o", "o_id", { children: { kind: "range", min: 1, max: 40 } }),
        within("p", depth),
        isBoth ? whole("q", other) : within("q", other),
      ],
      rules: named,
    }),
  ];
}

test("rows of trees are those of the definition, in whatever pages and chunks they are read", () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const engine = engineFor(tablesOf(tree), tree.seed);
      const whole = rowsOf(engine, "t");
      const settle = referenceOf(engine, tree.rules);
      expect(whole.map(cells)).toEqual(whole.map((_, row) => cells(settle(row))));
      const other = makeEngine(engineFor(tablesOf(tree), tree.seed).tables, tree.remembering);
      for (const [first, count] of tree.pages) {
        const from = Math.min(first, whole.length - 1);
        const there = Math.min(count, whole.length - from);
        expect(rowsOf(other, "t", from, there)).toEqual(whole.slice(from, from + there));
      }
      const chunked = makeEngine(engineFor(tablesOf(tree), tree.seed).tables, tree.remembering);
      expect(csvOf(chunked, "t", tree.chunk)).toBe(csvOf(engine, "t"));
    }),
    { numRuns: 60 },
  );
});
