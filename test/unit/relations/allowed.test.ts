/** Keys are dealt only what their fields' limits allow, and dealt as ever where that made no difference. */
import { describe, expect, test } from "vitest";
import type { Field, GeneratorSpec, Table } from "../../../src/dataset/schema.ts";
import { renderChunk } from "../../../src/generate/render.ts";
import { cellsOf, engineOf, tableOf } from "../../support/small-tables.ts";

const uniform = (min: number, max: number): GeneratorSpec => ({ kind: "uniform", min, max });

/** The cells of the last table's field `x`, when nothing is wrong with any of its rows. */
function sound(tables: Table[], rows: number) {
  const engine = engineOf(tables);
  const place = tables.length - 1;
  const { checks } = renderChunk(engine, place, { first: 0, count: rows }, false);
  expect(checks).toEqual({ orphans: 0, duplicateKeys: 0, brokenRules: 0 });
  return cellsOf(engine, `${tables[place]?.name}.x`, 0, rows);
}

const unique = (type: Field["type"], generator: GeneratorSpec, constraints: Field["constraints"]): Field => {
  return { name: "x", type, generator, constraints: { unique: true, ...constraints } };
};

describe("a unique field takes every value within its limits before it has none left", () => {
  const upTo = (least: number, most: number) => Array.from({ length: most - least + 1 }, (_, i) => least + i);
  test.each<[string, Field, (string | number)[]]>([
    ["of a range", unique("integer", uniform(1, 100), { minimum: 50 }), upTo(50, 100)],
    ["of a range too large to list", unique("integer", uniform(1, 1e9), { minimum: 8, maximum: 30 }), upTo(8, 30)],
    ["of an enum in such a range", unique("integer", uniform(1, 1e9), { enum: [3, 2e9, 7, 3], minimum: 3 }), [3, 7]],
    [
      "of a law of whole numbers",
      unique("number", { kind: "binomial", n: 99_999 }, { maximum: 2.5 }),
      ["0.00", "1.00", "2.00"],
    ],
    ["of a list", unique("string", { kind: "list", values: [..."abcabcxyz"] }, { pattern: "[a-c]" }), ["a", "b", "c"]],
  ])("%s", (_, field, values) => {
    const rows = values.length;
    const cells = sound([tableOf("things", [field], { rows })], rows);
    expect(new Set(cells)).toEqual(new Set(values));
  });

  test("of days, in a string field", () => {
    const generator = { kind: "date", min: "2025-01-01", max: "2025-12-31" };
    const field = unique("string", generator, { pattern: "2025-0[1-3]-01" });
    const cells = sound([tableOf("things", [field], { rows: 3 })], 3);
    expect([...cells].sort()).toEqual(["2025-01-01", "2025-02-01", "2025-03-01"]);
  });
});

test("a key of a parent and a field has, for each parent, what the field's limits leave", () => {
  const x: Field = { name: "x", type: "integer", generator: uniform(1, 5), constraints: { maximum: 3 } };
  const junction: Table = {
    name: "stock",
    rows: 30,
    primaryKey: ["things_id", "x"],
    fields: [{ name: "things_id", type: "integer" }, x],
    foreignKeys: [{ fields: ["things_id"], reference: { resource: "things", fields: ["id"] } }],
  };
  const cells = sound([tableOf("things", [], { rows: 10 }), junction], 30);
  expect(cells.filter((cell) => cell === 3)).toHaveLength(10);
});

test("limits that no dealt value breaks change nothing", () => {
  const made = (constraints: Field["constraints"]) =>
    cellsOf(
      engineOf([tableOf("things", [unique("integer", uniform(1, 1_000), constraints)], { rows: 20 })]),
      "things.x",
      0,
      20,
    );
  const free = made({}) as number[];
  const least = Math.min(...free);
  expect(least).toBeGreaterThan(1);
  expect(made({ minimum: least })).toEqual(free);
  expect(made({ minimum: least + 1 })).not.toEqual(free);
});
