import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellAt } from "../../../src/generate/column.ts";
import { cellsOfField, chiSquare, engineOf, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const list = (values: unknown[], order?: string, type: Field["type"] = "string"): Omit<Field, "name"> => {
  return { type, generator: { kind: "list", values, ...(order ? { order } : {}) } };
};
const WORDS = Array.from({ length: 52 }, (_, i) => `${i}`);

describe("list", () => {
  test("samples evenly unless told otherwise", () => {
    const cells = cellsOfField(list(WORDS), 100_000);
    expect(chiSquare(cells.map(Number), 52)).toBeLessThan(110);
    expect(cellsOfField(list(WORDS, "sample"), 100)).toEqual(cells.slice(0, 100));
  });

  test("shuffles: each round deals every value once, in another order than the rounds before", () => {
    const cells = cellsOfField(list(WORDS, "shuffle"), 5_200).map(String);
    const rounds = Array.from({ length: 100 }, (_, round) => cells.slice(round * 52, (round + 1) * 52));
    expect(rounds.filter((round) => new Set(round).size !== 52)).toEqual([]);
    expect(new Set(rounds.map((round) => round.join())).size).toBe(100);
    // Each place of a round has any value equally often.
    expect(
      chiSquare(
        rounds.map((round) => Number(round[0])),
        52,
      ),
    ).toBeLessThan(110);
    expect(cellsOfField(list(WORDS, "shuffle"), 10, 4_000)).toEqual(cells.slice(4_000, 4_010));
  });

  test("cycles in the order of the list, from whatever row", () => {
    expect(cellsOfField(list([3, 1, 2], "cycle", "integer"), 5)).toEqual([3, 1, 2, 3, 1]);
    expect(cellsOfField(list([3, 1, 2], "cycle", "integer"), 2, 10_000_000_001)).toEqual([2, 3]);
  });

  test("gives values of the field's type", () => {
    expect(cellsOfField(list([0.5, 2], "cycle", "number"), 2)).toEqual(["0.50", "2.00"]);
    expect(cellsOfField(list(["2024-02-29"], "cycle", "date"), 1)).toEqual(["2024-02-29"]);
    expect(tally(cellsOfField(list([true, false], "shuffle", "boolean"), 100))).toEqual(
      new Map<unknown, number>([
        [true, 50],
        [false, 50],
      ]),
    );
  });

  test("has a deck of its different values, whatever the order", () => {
    for (const order of ["sample", "shuffle", "cycle"]) {
      const field = { name: "value", ...list(["a", "b", "a", "c"], order) };
      const generator = engineOf([tableOf("things", [field])]).tables[0]?.generators[1];
      const column = generator?.deck?.column(Float64Array.of(2, 0, 1));
      if (!column) throw new Error("There is no deck.");
      expect([generator?.deck?.size, generator?.rowOf]).toEqual([3, undefined]);
      expect([0, 1, 2].map((i) => cellAt(column, i))).toEqual(["c", "a", "b"]);
      expect([0, 1, 2].map((i) => generator?.deck?.idOf(column, i))).toEqual([2, 0, 1]);
    }
  });

  test("refuses an empty list, another order and values of another type", () => {
    const at = "/tables/0/fields/1/generator";
    const faults = (field: Omit<Field, "name">) => faultsOf([tableOf("things", [{ name: "value", ...field }])]);
    expect(faults(list([]))).toEqual([`bad-parameter ${at}/values`]);
    expect(faults(list(["a"], "random"))).toEqual([`bad-parameter ${at}/order`]);
    expect(faults(list([1, "two"], "cycle", "integer"))).toEqual([`type-mismatch ${at}`]);
  });
});
