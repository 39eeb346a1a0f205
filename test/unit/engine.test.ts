import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { type Cell, cellAt, takeRows } from "../../src/generate/column.ts";
import { cellsOf, childOf, columnOf, engineOf, tableOf } from "../support/small-tables.ts";

/** Up to this many rows a parent's columns are made once and kept. */
const KEPT_ROWS = 131_072;

const OF_PARENT: Field[] = [
  { name: "mail", type: "string", generator: { kind: "person", part: "email" } },
  { name: "address", type: "string", generator: { kind: "address" } },
  { name: "price", type: "number", generator: { kind: "lognormal", mu: 3 } },
  { name: "since", type: "date", generator: { kind: "date", min: "2020-01-01" } },
  { name: "active", type: "boolean", generator: { kind: "category", values: { true: 3, false: 1 } } },
  { name: "maybe", type: "string", generator: { kind: "category", values: ["x", "y"] }, nullRate: 0.3 },
  { name: "country", type: "string", generator: { kind: "address", part: "country" } },
  { name: "double", type: "number", generator: { kind: "expression", expr: "price * 2" } },
  { name: "region", type: "string", generator: { kind: "lookup", field: "grand.region" } },
];
const region: Field = { name: "region", type: "string", generator: { kind: "address", part: "region" } };

/** Three generations; the child copies every field of its parent, and one of its grandparent by two ways. */
function family(parentRows: number) {
  const grand = tableOf("grand", [region], { rows: 200_000 });
  const parent = tableOf("parent", [childOf("grand").field, ...OF_PARENT], {
    rows: parentRows,
    foreignKeys: [childOf("grand").key],
  });
  const copies = OF_PARENT.map(
    ({ name, type }): Field => ({ name, type, generator: { kind: "lookup", field: `parent.${name}` } }),
  );
  const far: Field = { name: "far", type: "string", generator: { kind: "lookup", field: "parent.grand.region" } };
  const child = tableOf("child", [childOf("parent").field, ...copies, far], { foreignKeys: [childOf("parent").key] });
  return engineOf([grand, parent, child]);
}

describe("a child sees its parent's own rows", () => {
  test.each([1, 50, KEPT_ROWS, KEPT_ROWS + 1, 3_000_000, 6_000_000_000])("of a parent with %i rows", (parentRows) => {
    const engine = family(parentRows);
    const rows = cellsOf(engine, "child.parent_id", 5_000, 300).map((id) => Number(id) - 1);
    expect([Math.min(...rows) >= 0, Math.max(...rows) < parentRows]).toEqual([true, true]);
    for (const { name } of OF_PARENT) {
      const own = rows.map((row): Cell => cellsOf(engine, `parent.${name}`, row, 1)[0] as Cell);
      expect(cellsOf(engine, `child.${name}`, 5_000, 300)).toEqual(own);
    }
    expect(cellsOf(engine, "child.far", 5_000, 300)).toEqual(cellsOf(engine, "child.region", 5_000, 300));
  });

  test("and children are spread over all of a parent's rows, also beyond 2^32", () => {
    const rows = cellsOf(family(6_000_000_000), "child.parent_id", 0, 20_000).map(Number);
    const tenths = new Set(rows.map((row) => Math.floor(row / 600_000_000)));
    expect([new Set(rows).size > 19_990, tenths.size]).toEqual([true, 10]);
  });
});

test("a parent on either side of the limit gives its first rows the same values", () => {
  const [kept, made] = [family(KEPT_ROWS), family(KEPT_ROWS + 1)];
  for (const { name } of OF_PARENT) {
    expect(cellsOf(kept, `parent.${name}`, 0, 500)).toEqual(cellsOf(made, `parent.${name}`, 0, 500));
  }
});

test("a block makes each column once", () => {
  const block = family(50).block(2, 0, 10);
  expect(block.column(2)).toBe(block.column(2));
  expect(block.parent(0)).toBe(block.parent(0));
  expect(block.parent(0).parent(0)).toBe(block.parent(0).parent(0));
});

test("takeRows takes any rows in any order, of every kind of column", () => {
  const engine = family(50);
  for (const name of [...OF_PARENT.map((field) => field.name), "id"]) {
    const column = columnOf(engine, `parent.${name}`, 0, 50);
    const taken = takeRows(column, Float64Array.of(7, 0, 49, 7));
    expect([0, 1, 2, 3].map((i) => cellAt(taken, i))).toEqual([7, 0, 49, 7].map((place) => cellAt(column, place)));
  }
});
