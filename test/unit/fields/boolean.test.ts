import { expect, test } from "vitest";
import { cellsOfField, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const ROWS = 200_000;

test.each([0.5, 0.2, 0.999])("is true with its probability: %f", (probability) => {
  const counts = tally(cellsOfField({ type: "boolean", generator: { kind: "boolean", probability } }, ROWS));
  expect([...counts.keys()].sort()).toEqual([false, true]);
  const deviation = Math.sqrt(ROWS * probability * (1 - probability));
  expect(Math.abs((counts.get(true) as number) - ROWS * probability)).toBeLessThan(3.3 * deviation);
});

test("is true in half of the rows when nothing is said, and always or never when that is said", () => {
  const of = (more: object) => cellsOfField({ type: "boolean", generator: { kind: "boolean", ...more } }, 1_000);
  expect(of({})).toEqual(of({ probability: 0.5 }));
  expect([new Set(of({ probability: 0 })), new Set(of({ probability: 1 }))]).toEqual([
    new Set([false]),
    new Set([true]),
  ]);
});

test("needs a boolean field and a probability", () => {
  const faults = (type: "boolean" | "integer", probability: number) =>
    faultsOf([tableOf("things", [{ name: "value", type, generator: { kind: "boolean", probability } }])]);
  expect(faults("integer", 0.5)).toEqual(["type-mismatch /tables/0/fields/1/generator"]);
  expect(faults("boolean", 1.5)).toEqual(["bad-parameter /tables/0/fields/1/generator/probability"]);
});
