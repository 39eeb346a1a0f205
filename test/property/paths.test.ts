/** Random hierarchies, and a table that leads to some level of them by two ways: both ways end in the same row. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChildrenLaw, ForeignKey, Table } from "../../src/dataset/schema.ts";
import {
  csvOf,
  engineFor,
  expectSound,
  integer,
  join,
  oneOf,
  refer,
  rowsOf,
  sequence,
  table,
} from "../support/relations.ts";

/** Without zeros, so that no group is empty. */
const some: fc.Arbitrary<ChildrenLaw> = fc.oneof(
  fc.record({ kind: fc.constant("fixed" as const), n: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant("range" as const), min: fc.constant(1), max: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("zipf" as const), s: fc.constantFrom(0.5, 2), max: fc.integer({ min: 1, max: 4 }) }),
);
/** With zeros, and for any total. */
const endless: fc.Arbitrary<ChildrenLaw> = fc.oneof(
  fc.record({ kind: fc.constant("poisson" as const), mean: fc.constantFrom(0.4, 1, 2.5) }),
  fc.record({ kind: fc.constant("geometric" as const), mean: fc.constantFrom(0.5, 2) }),
);
/** Two children at least, so that each group has two rows to deal. */
const two: fc.Arbitrary<ChildrenLaw> = fc.record({
  kind: fc.constant("range" as const),
  min: fc.constant(2),
  max: fc.integer({ min: 2, max: 4 }),
});
const any = fc.oneof(some, endless, fc.constant<ChildrenLaw>({ kind: "fixed", n: 2, zeroShare: 0.5 }));

interface Hierarchy {
  /** Rows at the top, and the laws of the levels below it. */
  roots: number;
  laws: ChildrenLaw[];
  /** Rows of each level below, where groups may be empty. */
  totals: number[];
  /** Key fields that the other way has too, 1 to one for each level but the last. */
  shared: number;
  /** Of the other way's last level, and of the rows with two ways. */
  branch: ChildrenLaw;
  leaves: ChildrenLaw;
  /** Whether each level's rows are numbered through their table instead of within their owner. */
  numbered: boolean[];
  end: "picked" | "missing" | "dealt";
}

const hierarchy: fc.Arbitrary<Hierarchy> = fc
  .record({
    depth: fc.integer({ min: 2, max: 4 }),
    end: fc.constantFrom<Hierarchy["end"]>("picked", "missing", "dealt"),
  })
  .chain(({ depth, end }) =>
    fc.record({
      roots: fc.integer({ min: 1, max: 6 }),
      laws: fc.array({ missing: endless, picked: some, dealt: two }[end], {
        minLength: depth - 1,
        maxLength: depth - 1,
      }),
      totals: fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 3, maxLength: 3 }),
      shared: fc.integer({ min: 1, max: depth - 1 }),
      branch: any,
      leaves: end === "dealt" ? fc.constant<ChildrenLaw>({ kind: "range", min: 0, max: 2 }) : any,
      numbered: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      end: fc.constant(end),
    }),
  );

/** Key fields of the levels a, b, c, …; the first `count`. */
const keyFields = (count: number) => ["a", "b", "c", "d"].slice(0, count);

/** A level whose key is its owner's and one field more. */
function level(name: string, above: string[], to: string, last: string, law: ChildrenLaw, isNumbered: boolean): Table {
  const own = isNumbered ? integer(last, sequence(40)) : oneOf(last, 1, 99);
  return table(name, undefined, [...above.map((field) => integer(field)), own], {
    key: [...above, last].join(" "),
    foreignKeys: [refer(above.join(" "), to, above.join(" "), { children: law })],
  });
}

function tablesOf({ roots, laws, totals, shared, branch, leaves, numbered, end }: Hierarchy): Table[] {
  const names = keyFields(laws.length + 1);
  const levels = laws.map((law, i) => ({
    ...level(`t${i + 1}`, keyFields(i + 1), `t${i}`, names[i + 1] as string, law, numbered[i] === true),
    ...(end === "missing" ? { rows: totals[i] as number } : {}),
  }));
  const way = [...keyFields(shared), "x"];
  const other = level("other", keyFields(shared), `t${shared - 1}`, "x", branch, numbered[5] === true);
  const fields = [...new Set([...way, ...names])];
  const toOther = refer(way.join(" "), "other", way.join(" "), { children: leaves });
  const more: Partial<ForeignKey> = end === "missing" ? { nullRate: 0.1 } : {};
  const toLast = refer(names.join(" "), `t${laws.length}`, names.join(" "), { as: "last", ...more });
  return [
    table("t0", roots, [integer("a", sequence(5, 5))]),
    ...levels,
    other,
    table("ends", undefined, [integer("id", sequence()), ...fields.map((field) => integer(field))], {
      foreignKeys: [toOther, toLast],
      uniqueKeys: end === "dealt" ? [fields] : [],
    }),
  ];
}

const settings = { numRuns: 200 };
const shuffled = hierarchy.chain((made) => {
  const all = tablesOf(made);
  return fc.shuffledSubarray(all, { minLength: all.length }).map((tables) => ({ made, tables }));
});

test("both ways lead to rows that are there, and share what the document says", () => {
  fc.assert(
    fc.property(shuffled, fc.maxSafeNat(), ({ made, tables }, seed) => {
      const engine = expectSound(engineFor(tables, seed));
      const names = keyFields(made.laws.length + 1);
      const last = rowsOf(engine, `t${made.laws.length}`);
      const known = new Set(last.map((row) => join(row, names)));
      const groups = new Set(last.map((row) => join(row, names.slice(0, made.shared))));
      for (const row of rowsOf(engine, "ends")) {
        const own = join(row, names);
        // Missing only by the null rate, or where nothing shares the values.
        if (own !== undefined) expect(known.has(own)).toBe(true);
        else expect(made.end).toBe("missing");
        if (!groups.has(join(row, names.slice(0, made.shared)))) expect(own).toBe(undefined);
      }
    }),
    settings,
  );
});

test("every row of a group is picked, none of another", () => {
  fc.assert(
    fc.property(hierarchy, fc.maxSafeNat(), (made, seed) => {
      const many = { ...made, end: "picked" as const, branch: { kind: "fixed" as const, n: 1 } };
      const leaves = { kind: "fixed" as const, n: 400 };
      const engine = engineFor(tablesOf({ ...many, roots: 2, laws: made.laws.map(upToTwo), leaves }), seed);
      const names = keyFields(made.laws.length + 1);
      const all = new Set(rowsOf(engine, `t${made.laws.length}`).map((row) => join(row, names)));
      // At most 8 of 400 draws each: one is never drawn with a chance of (7/8)^400, below 10^-23.
      expect(new Set(rowsOf(engine, "ends").map((row) => join(row, names)))).toEqual(all);
    }),
    { numRuns: 40 },
  );
});

const upToTwo = (): ChildrenLaw => ({ kind: "range", min: 1, max: 2 });

test("any cut, by a fresh engine, gives the same bytes", () => {
  fc.assert(
    fc.property(shuffled, fc.maxSafeNat(), fc.integer({ min: 1, max: 9 }), ({ tables }, seed, size) => {
      expect(csvOf(engineFor(tables, seed), "ends", size)).toBe(csvOf(engineFor(tables, seed), "ends"));
    }),
    { numRuns: 60 },
  );
});
