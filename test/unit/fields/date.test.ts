import { describe, expect, test } from "vitest";
import { JobFailure } from "../../../src/dataset/errors.ts";
import type { Field } from "../../../src/dataset/schema.ts";
import {
  cellsOf,
  cellsOfField,
  childOf,
  chiSquare,
  engineOf,
  faultsOf,
  tableOf,
  tally,
} from "../../support/small-tables.ts";

const date = (generator: object): Omit<Field, "name"> => ({ type: "date", generator: { kind: "date", ...generator } });
const days = (generator: object, count = 1_000) => [...tally(cellsOfField(date(generator), count)).keys()].sort();

describe("date", () => {
  test("gives every day from min to max, both inclusive, equally often", () => {
    const week = { min: "2024-02-26", max: "2024-03-03" };
    expect(days(week)).toEqual([
      "2024-02-26",
      "2024-02-27",
      "2024-02-28",
      "2024-02-29",
      "2024-03-01",
      "2024-03-02",
      "2024-03-03",
    ]);
    const all = days(week);
    const places = cellsOfField(date(week), 70_000).map((day) => all.indexOf(day));
    expect(chiSquare(places, 7)).toBeLessThan(27.9);
  });

  test("counts from the reference date, which is the default maximum", () => {
    expect(days({ min: "referenceDate" })).toEqual(["2026-01-01"]);
    expect(days({ min: "referenceDate-2d" })).toEqual(["2025-12-30", "2025-12-31", "2026-01-01"]);
    expect(days({ min: "referenceDate+1d", max: "referenceDate+2d" })).toEqual(["2026-01-02", "2026-01-03"]);
    const engine = engineOf(
      [tableOf("things", [{ name: "day", ...date({ min: "referenceDate-1d" }) }])],
      42,
      "2024-03-01",
    );
    expect([...tally(cellsOf(engine, "things.day", 0, 100)).keys()].sort()).toEqual(["2024-02-29", "2024-03-01"]);
  });

  test("follows another field, of the row or of its parent, and may be the same day", () => {
    const parent = tableOf("parent", [
      { name: "begin", ...date({ min: "2025-12-20", max: "2025-12-31" }) },
      { name: "end", ...date({ min: { field: "begin" } }) },
    ]);
    const { field, key } = childOf("parent");
    const between: Field = { name: "day", ...date({ min: { field: "parent.begin" }, max: { field: "parent.end" } }) };
    const begin: Field = { name: "begin", type: "date", generator: { kind: "lookup", field: "parent.begin" } };
    const end: Field = { name: "end", type: "date", generator: { kind: "lookup", field: "parent.end" } };
    const engine = engineOf([parent, tableOf("child", [field, between, begin, end], { foreignKeys: [key] })]);
    const [day, low, high] = ["day", "begin", "end"].map((name) =>
      cellsOf(engine, `child.${name}`, 0, 5_000).map(String),
    ) as [string[], string[], string[]];
    expect(day.every((one, i) => (low[i] as string) <= one && one <= (high[i] as string))).toBe(true);
    expect(day.some((one, i) => one === low[i] && one < (high[i] as string))).toBe(true);
    expect(day.some((one, i) => one === high[i] && one > (low[i] as string))).toBe(true);
    expect(high.every((one) => one <= "2026-01-01")).toBe(true);
  });

  test("ends the job where a row's bounds leave no day, rather than leave them", () => {
    const begin: Field = { name: "begin", ...date({ min: "2025-12-25", max: "2025-12-30" }) };
    const end: Field = { name: "end", ...date({ min: { field: "begin" }, max: "2025-12-29" }) };
    const engine = engineOf([tableOf("things", [begin, end])]);
    expect(() => cellsOf(engine, "things.end", 0, 100)).toThrow(JobFailure);
    expect(() => cellsOf(engine, "things.end", 0, 100)).toThrow(
      "end: min 2025-12-30 lies after max 2025-12-29 in a row; bound one by the other.",
    );
  });

  test("is text in a string field, as in a template", () => {
    const generator = {
      kind: "template",
      template: "until {{d}}",
      with: { d: { kind: "date", min: "referenceDate" } },
    };
    expect(cellsOfField({ type: "string", generator }, 1)).toEqual(["until 2026-01-01"]);
    expect(cellsOfField({ ...date({ min: "referenceDate" }), type: "string" }, 1)).toEqual(["2026-01-01"]);
  });

  const at = "/tables/0/fields/1/generator";
  test.each([
    ["bounds the wrong way round", date({ min: "2026-02-02", max: "2026-02-01" }), `impossible-range ${at}/min`],
    ["a day that is none", date({ min: "2026-02-30" }), `bad-parameter ${at}/min`],
    ["another word", date({ min: "today" }), `bad-parameter ${at}/min`],
    ["no minimum", date({}), `bad-parameter ${at}/min`],
    ["a bound that is no day", date({ min: { field: "id" } }), `type-mismatch ${at}/min`],
    ["a bound that is not there", date({ min: { field: "nothing" } }), `unknown-field ${at}/min`],
    ["an expression of another type", date({ min: { expr: "id + 1" } }), `type-mismatch ${at}/min`],
    ["an expression that can't be read", date({ min: { expr: "id +" } }), `bad-expression ${at}/min`],
    ["a field of another type", { ...date({ min: "2026-01-01" }), type: "integer" as const }, `type-mismatch ${at}`],
  ])("refuses %s", (_, field, fault) => {
    expect(faultsOf([tableOf("things", [{ name: "value", ...field }])])).toEqual([fault]);
  });
});
