import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellsOfField, chiSquare, tally } from "../../support/small-tables.ts";

const numbersOf = (field: Omit<Field, "name">, count: number) => cellsOfField(field, count).map(Number);

describe("uniform", () => {
  test("gives each whole number from min to max, both inclusive, equally often", () => {
    const values = numbersOf({ type: "integer", generator: { kind: "uniform", min: -3, max: 3 } }, 70_000);
    expect([...tally(values).keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    expect(
      chiSquare(
        values.map((value) => value + 3),
        7,
      ),
    ).toBeLessThan(27.9);
  });

  test("gives each decimal from min to max, both inclusive", () => {
    const values = numbersOf(
      { type: "number", scale: 2, generator: { kind: "uniform", min: 0.25, max: 0.29 } },
      10_000,
    );
    expect([...tally(values).keys()].sort()).toEqual([0.25, 0.26, 0.27, 0.28, 0.29]);
  });

  test("is 0 to 1 when nothing is said", () => {
    expect([...tally(numbersOf({ type: "integer", generator: { kind: "uniform" } }, 1_000)).keys()].sort()).toEqual([
      0, 1,
    ]);
  });

  test("spreads over ranges beyond 2^32 too", () => {
    const max = 4_000_000_000_000_000;
    const values = numbersOf({ type: "integer", generator: { kind: "uniform", max } }, 50_000);
    expect(
      chiSquare(
        values.map((value) => Math.min(99, Math.floor((value / max) * 100))),
        100,
      ),
    ).toBeLessThan(161.3);
    expect(values.some((value) => value % 2 === 1)).toBe(true);
  });

  test("takes the nearest decimals inside bounds that are finer than the field's scale", () => {
    const values = numbersOf(
      { type: "number", scale: 2, generator: { kind: "uniform", min: 0.004, max: 0.036 } },
      1_000,
    );
    expect([...tally(values).keys()].sort()).toEqual([0.01, 0.02, 0.03]);
    const whole = numbersOf({ type: "integer", generator: { kind: "uniform", min: 1.4, max: 2.6 } }, 100);
    expect([...tally(whole).keys()]).toEqual([2]);
  });
});
