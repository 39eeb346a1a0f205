import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellAt } from "../../../src/generate/column.ts";
import { sequence } from "../../../src/generate/fields/sequence.ts";
import type { Block, FieldContext, Generator } from "../../../src/generate/kind.ts";
import {
  cellsOf,
  cellsOfField,
  columnOf,
  engineOf,
  faultsOf,
  fullFaultsOf,
  tableOf,
} from "../../support/small-tables.ts";

const field = (generator: object, type: Field["type"] = "integer"): Field => {
  return { name: "value", type, generator: { kind: "sequence", ...generator } };
};

/** The generator of an integer field in a table with this owner. */
function compiled(parameters: object, owner: string | undefined): Generator {
  const context = { field: field({}), owner } as unknown as FieldContext;
  return sequence.compile(sequence.parameters.parse(parameters), context);
}

describe("sequence", () => {
  test("is a function of the row, wherever one begins", () => {
    expect(cellsOfField(field({ start: 3001 }), 2, 10_000_000_000)).toEqual([10_000_003_001, 10_000_003_002]);
    expect(cellsOfField(field({ start: 0, step: -5 }), 3)).toEqual([0, -5, -10]);
  });

  test.each([
    [1, 1, "integer"],
    [3001, 7, "integer"],
    [-4, -3, "integer"],
    [10, 2, "string"],
  ] as const)("from %i by %i leads back to its row, as %s", (start, step, type) => {
    const engine = engineOf([tableOf("things", [field({ start, step }, type)])]);
    const column = columnOf(engine, "things.value", 500, 20);
    const rowOf = engine.tables[0]?.generators[1]?.rowOf;
    expect(Array.from({ length: 20 }, (_, i) => rowOf?.(column, i))).toEqual(
      Array.from({ length: 20 }, (_, i) => 500 + i),
    );
  });

  test("knows a value of its own from one between two of them", () => {
    const engine = engineOf([tableOf("things", [field({ start: 10, step: 4 })])]);
    const rowOf = engine.tables[0]?.generators[1]?.rowOf;
    const values = Float64Array.of(10, 11, 14, 6);
    const column = { kind: "numbers", as: "number", scale: 0, values } as const;
    expect([0, 1, 2, 3].map((i) => rowOf?.(column, i))).toEqual([0, -1, 1, -1]);
  });

  test("may be the unique words of a string field, and a hole in a template", () => {
    expect(cellsOfField(field({ start: 9 }, "string"), 2)).toEqual(["9", "10"]);
    const number = { kind: "sequence", start: 100 };
    const generator = { kind: "template", template: "SKU-{{n}}", with: { n: number } };
    expect(cellsOfField({ type: "string", generator }, 2)).toEqual(["SKU-100", "SKU-101"]);
    const table = tableOf("things", [field({}, "string")], { primaryKey: ["value"] });
    expect(cellsOf(engineOf([table]), "things.value", 0, 1)).toEqual(["1"]);
  });

  test("goes up to 2^53 and is refused for more rows, rather than repeat a number", () => {
    const start = Number.MAX_SAFE_INTEGER - 1;
    const tables = (rows: number) => [tableOf("things", [field({ start })], { rows })];
    expect(cellsOf(engineOf(tables(2)), "things.value", 0, 2)).toEqual([start, start + 1]);
    expect(fullFaultsOf(tables(3))).toEqual([
      {
        pointer: "/tables/0/fields/1/generator",
        code: "overflow",
        message: "value exceeds 2^53 in 3 rows; ask for fewer.",
      },
    ]);
  });

  test("refuses to count per a parent that does not decide the rows, saying which does or how to make one", () => {
    const refused = fullFaultsOf([tableOf("things", [field({ per: "order" })])]);
    const remedy = "give the foreign key of the parent to count by children, or leave per out";
    expect(refused).toEqual([
      {
        pointer: "/tables/0/fields/1/generator/per",
        code: "unknown-owner",
        message: `No parent called order has children here; ${remedy}.`,
      },
    ]);
    expect(() => compiled({ per: "customer" }, "order")).toThrow(
      "No parent called customer has children here; name order.",
    );
  });

  test("per owner counts a row's place among its owner's rows, and promises no unique values", () => {
    const { column, rowOf } = compiled({ per: "order", start: 10, step: 10 }, "order");
    const block = { rows: Float64Array.of(7, 8, 9), ordinals: () => Float64Array.of(2, 0, 1) } as unknown as Block;
    const made = column(block);
    expect([0, 1, 2].map((i) => cellAt(made, i))).toEqual([30, 10, 20]);
    expect(rowOf).toBeUndefined();
  });

  test("refuses a step of 0, and fields of decimals, days or booleans", () => {
    const at = "/tables/0/fields/1/generator";
    expect(faultsOf([tableOf("things", [field({ step: 0 })])])).toEqual([`bad-parameter ${at}/step`]);
    expect(faultsOf([tableOf("things", [field({ start: 0.5 })])])).toEqual([`bad-parameter ${at}/start`]);
    for (const type of ["number", "date", "boolean", "uuid"] as const) {
      expect(faultsOf([tableOf("things", [field({}, type)])])).toEqual([`type-mismatch ${at}`]);
    }
  });
});
