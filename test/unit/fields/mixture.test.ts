import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellsOf, cellsOfField, engineOf, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const mixture = (...of: object[]) => ({ kind: "mixture", of });
const constant = (value: unknown) => ({ kind: "constant", value });

describe("mixture", () => {
  test("draws its branches by weight", () => {
    const generator = mixture(
      { weight: 6, generator: constant(1) },
      { weight: 0, generator: constant(2) },
      { weight: 3, generator: constant(3) },
      { generator: constant(4) },
    );
    const counts = tally(cellsOfField({ type: "integer", generator }, 10_000));
    expect(counts.has(2)).toBe(false);
    // Within four standard deviations of a binomial count, which are at most 200.
    for (const [value, share] of [
      [1, 0.6],
      [3, 0.3],
      [4, 0.1],
    ] as const) {
      const deviation = Math.sqrt(10_000 * share * (1 - share));
      expect(Math.abs((counts.get(value) ?? 0) - 10_000 * share)).toBeLessThan(4 * deviation);
    }
  });

  test("takes every row from one branch when the others weigh nothing", () => {
    const generator = mixture(
      { weight: 0, generator: constant("a") },
      { weight: 2, generator: constant("b") },
      { weight: 0, generator: constant("c") },
    );
    expect(new Set(cellsOfField({ type: "string", generator }, 1_000))).toEqual(new Set(["b"]));
  });

  test("draws which branch and what value apart, each branch by a stream of its own", () => {
    const half = { generator: { kind: "uniform", min: 0, max: 999_999 } };
    const values = cellsOfField({ type: "integer", generator: mixture(half, half) }, 4_000) as number[];
    // Were a branch's values drawn by the same bits as the branch, each would have half of the range.
    expect(tally(values.map((value) => Math.floor(value / 250_000))).size).toBe(4);
    expect(new Set(values).size).toBeGreaterThan(3_900);
  });

  test("is the same row by row, wherever the block begins", () => {
    const generator = mixture(
      { generator: { kind: "uniform", max: 100 } },
      { weight: 2, generator: { kind: "normal", mean: 1_000 } },
    );
    const field: Field = { name: "value", type: "number", generator };
    const engine = engineOf([tableOf("things", [field])]);
    const whole = cellsOf(engine, "things.value", 0, 50);
    expect([...cellsOf(engine, "things.value", 0, 13), ...cellsOf(engine, "things.value", 13, 37)]).toEqual(whole);
  });

  test("joins strings of every form", () => {
    const generator = mixture(
      { generator: { kind: "template", template: "{{id}}!" } },
      { generator: constant("word") },
    );
    const engine = engineOf([tableOf("things", [{ name: "value", type: "string", generator }])]);
    const made = cellsOf(engine, "things.value", 0, 100);
    expect(made.every((cell, i) => cell === `${i + 1}!` || cell === "word")).toBe(true);
    expect(tally(made).get("word")).toBeLessThan(80);
  });
});

describe("mixture is refused", () => {
  const at = "/tables/0/fields/1/generator";

  test.each([
    ["with weights that add up to 0", mixture({ weight: 0, generator: constant(1) }), `no-weight ${at}/of`],
    ["with a negative weight", mixture({ weight: -1, generator: constant(1) }), `bad-parameter ${at}/of/0/weight`],
    ["without branches", mixture(), `bad-parameter ${at}/of`],
    [
      "with a fault in a branch",
      mixture({ generator: constant(1) }, { generator: constant("x") }),
      `type-mismatch ${at}/of/1/generator`,
    ],
  ])("%s", (_, generator, fault) => {
    expect(faultsOf([tableOf("things", [{ name: "value", type: "integer", generator }])])).toEqual([fault]);
  });
});
