import { describe, expect, test } from "vitest";
import { JobFailure } from "../../../src/dataset/errors.ts";
import type { Field } from "../../../src/dataset/schema.ts";
import { after } from "../../../src/generate/fields/after.ts";
import { before } from "../../../src/generate/fields/before.ts";
import type { FieldContext, Generator } from "../../../src/generate/kind.ts";
import { countBy, misfit } from "../../support/profile.ts";
import { type cellsOf as CellsOf, cellsOf, childOf, engineOf, faultsOf, tableOf } from "../../support/small-tables.ts";

const ROWS = 50_000;
const DAY = 86_400_000;
const START: Field = { name: "start", type: "date", generator: { kind: "date", min: "2025-12-01", max: "2025-12-20" } };
const AT: Field = {
  name: "at",
  type: "datetime",
  scale: 3,
  generator: { kind: "datetime", min: "2025-12-01T12:00:00Z", max: "2025-12-20T18:00:00Z" },
};
const uniform = (min: number, max: number) => ({ kind: "uniform", min, max });

/** Milliseconds of `start` (or `at`) and of a field of the same row. */
function pairs(type: Field["type"], generator: Field["generator"], { from = "start", scale = 0, rows = ROWS } = {}) {
  const engine = engineOf([tableOf("things", [START, AT, { name: "value", type, scale, generator }])]);
  const ms = (cells: ReturnType<typeof CellsOf>) => cells.map((cell) => Date.parse(String(cell)));
  const starts = ms(cellsOf(engine, `things.${from}`, 0, rows));
  const values = ms(cellsOf(engine, "things.value", 0, rows));
  return { starts, values, gaps: values.map((value, i) => value - (starts[i] as number)) };
}

describe("after", () => {
  test("adds whole days to a date, evenly as its numbers are", () => {
    const { gaps } = pairs("date", { kind: "after", field: "start", by: uniform(1, 14) });
    expect(
      misfit(
        countBy(gaps, 15, (gap) => gap / DAY),
        [0, ...new Array(14).fill(1)],
      ),
    ).toBeLessThan(1);
  });

  test.each([
    ["seconds", 1_000, 1_000],
    ["minutes", 60_000, 1_000],
    ["hours", 3_600_000, 1_000],
    ["days", DAY, 1_000],
    ["minutes", 60_000, 1],
    ["days", DAY, 1],
  ])("adds %s with their fractions to an instant, of %i ms in steps of %i", (unit, ms, step) => {
    const scale = step === 1 ? 3 : 0;
    const { gaps } = pairs("datetime", { kind: "after", field: "start", by: uniform(2, 6), unit }, { scale });
    expect([Math.min(...gaps) >= 2 * ms, Math.max(...gaps) <= 6 * ms]).toEqual([true, true]);
    expect(gaps.every((gap) => gap % step === 0)).toBe(true);
    // Sixtieths of the unit, or seconds themselves. What is rounded has half of a step less at its least value, and more beyond its last bin.
    const isExact = ms === step;
    const bin = Math.max(step, ms / 60);
    const bins = (4 * ms) / bin + (isExact ? 1 : 0);
    const half = isExact ? 0 : step / bin / 2;
    const place = (gap: number) => Math.min(bins - 1, (gap - 2 * ms - ((gap - 2 * ms) % bin)) / bin);
    const weights = new Array(bins)
      .fill(1)
      .with(0, 1 - half)
      .with(-1, 1 + half);
    expect(misfit(countBy(gaps, bins, place), weights)).toBeLessThan(1);
  });

  test("never comes before a start that is finer than itself", () => {
    const { gaps } = pairs(
      "datetime",
      { kind: "after", field: "at", by: uniform(0, 1), unit: "seconds" },
      { from: "at" },
    );
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([0, 1_999]);
  });

  test("as a date is the day the instant falls on", () => {
    const of = { kind: "constant", value: 9 };
    const { starts, values } = pairs("date", { kind: "after", field: "at", by: of, unit: "hours" }, { from: "at" });
    expect(values).toEqual(starts.map((start) => Math.floor((start + 9 * 3_600_000) / DAY) * DAY));
    expect(values.some((value, i) => value < (starts[i] as number) - DAY)).toBe(false);
  });

  test("may go back where its numbers are negative in some rows", () => {
    const { gaps } = pairs("date", { kind: "after", field: "start", by: uniform(-2, 2) });
    expect(
      misfit(
        countBy(gaps, 5, (gap) => gap / DAY + 2),
        new Array(5).fill(1),
      ),
    ).toBeLessThan(1);
  });

  test("past its max is even between start and max, piled up nowhere", () => {
    const max = Date.parse("2025-12-24T00:00:00Z");
    const generator = { kind: "after", field: "start", by: { kind: "constant", value: 1_000 }, max: "2025-12-24" };
    const { starts, values } = pairs("date", generator);
    // All rows are past it: those that start on 12-20 have five days, each equally often.
    const last = values.filter((_, i) => starts[i] === max - 4 * DAY);
    expect(
      misfit(
        countBy(last, 5, (value) => (max - value) / DAY),
        new Array(5).fill(1),
      ),
    ).toBeLessThan(1);
    expect(values.every((value, i) => value >= (starts[i] as number) && value <= max)).toBe(true);
  });

  test("within its max is as without it", () => {
    const by = { kind: "lognormal", mu: 1.5, sigma: 0.7 };
    const free = pairs("date", { kind: "after", field: "start", by });
    const cut = pairs("date", { kind: "after", field: "start", by, max: "2025-12-24" });
    const max = Date.parse("2025-12-24T00:00:00Z");
    const within = free.values.filter((value) => value <= max);
    expect(cut.values.filter((_, i) => (free.values[i] as number) <= max)).toEqual(within);
    expect(within.length).toBeLessThan(ROWS);
    expect(Math.max(...cut.values)).toBe(max);
  });

  test("ends the job where a row starts past max, or where the calendar ends", () => {
    const late = { kind: "after", field: "start", by: uniform(0, 3), max: "2025-12-10" };
    expect(() => pairs("date", late)).toThrow(JobFailure);
    expect(() => pairs("date", late)).toThrow("lies past max 2025-12-10 in a row");
    const far = { kind: "after", field: "start", by: { kind: "constant", value: 3_000_000 } };
    expect(() => pairs("date", far)).toThrow("value leaves the years 0000 to 9999.");
  });

  test("is NULL where its field is, and follows a parent's", () => {
    const parent = tableOf("parent", [{ ...START, nullRate: 0.4 }]);
    const { field, key } = childOf("parent");
    const start: Field = { ...START, generator: { kind: "lookup", field: "parent.start" } };
    const value: Field = {
      name: "value",
      type: "date",
      generator: { kind: "after", field: "parent.start", by: uniform(1, 2), max: "2025-12-22" },
    };
    const engine = engineOf([parent, tableOf("child", [field, start, value], { foreignKeys: [key] })]);
    const starts = cellsOf(engine, "child.start", 0, 5_000);
    const values = cellsOf(engine, "child.value", 0, 5_000);
    expect(values.map((cell) => cell === null)).toEqual(starts.map((cell) => cell === null));
    expect(new Set(starts.map((cell) => cell === null)).size).toBe(2);
    expect(values.every((cell, i) => cell === null || String(cell) > String(starts[i]))).toBe(true);
  });

  test("is text like its field's in a string field", () => {
    const by = { kind: "constant", value: 1 };
    const day: Field = { name: "day", type: "string", generator: { kind: "after", field: "start", by } };
    const instant: Field = { name: "instant", type: "string", generator: { kind: "after", field: "at", by } };
    const engine = engineOf([tableOf("things", [START, AT, day, instant])]);
    expect(String(cellsOf(engine, "things.day", 0, 1))).toMatch(/^2025-12-\d\d$/);
    expect(String(cellsOf(engine, "things.instant", 0, 1))).toMatch(/^2025-12-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});

describe("before", () => {
  test("subtracts, and never comes after a start that is finer than itself", () => {
    const days = pairs("date", { kind: "before", field: "start", by: uniform(1, 14) }).gaps;
    expect(
      misfit(
        countBy(days, 15, (gap) => -gap / DAY),
        [0, ...new Array(14).fill(1)],
      ),
    ).toBeLessThan(1);
    const seconds = { kind: "before", field: "at", by: uniform(0, 1), unit: "seconds" };
    const { gaps } = pairs("datetime", seconds, { from: "at" });
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([-1_999, 0]);
  });

  test("past its min is even between min and start", () => {
    const generator = { kind: "before", field: "start", by: { kind: "constant", value: 1_000 }, min: "2025-11-27" };
    const { starts, values } = pairs("datetime", generator);
    const min = Date.parse("2025-11-27T00:00:00Z");
    expect(values.every((value, i) => value >= min && value <= (starts[i] as number))).toBe(true);
    const first = values.filter((_, i) => starts[i] === min + 4 * DAY);
    const place = (value: number) => Math.min(39, Math.floor((value - min) / (DAY / 10)));
    expect(misfit(countBy(first, 40, place), new Array(40).fill(1))).toBeLessThan(1);
  });
});

describe("what after and before promise of their values", () => {
  /** The kinds alone, in a field `value` after a field that lies on days 100 to 200. */
  const contextOf = (distances: { low: number; high: number }): FieldContext => {
    const column = () => {
      throw new Error("Nothing is made here.");
    };
    const field: Field = { name: "value", type: "date" };
    return {
      field,
      referenceDay: 0,
      stream: () => ({ a: 1, b: 2 }),
      reader: () => ({ field, vocabulary: undefined, bounds: { low: 100, high: 200 }, column }),
      nested: (): Generator => ({ column, bounds: distances, within: { ...distances, step: 1 } }),
    } as unknown as FieldContext;
  };
  const shift = { field: "start", by: { kind: "any" }, unit: "days" } as const;

  test("are the sums of the extremes, cut by the limit", () => {
    const context = contextOf({ low: 3, high: 50 });
    expect(after.compile(shift, context).bounds).toEqual({ low: 103, high: 250 });
    expect(before.compile(shift, context).bounds).toEqual({ low: 50, high: 197 });
    // A row that is drawn again may be its own start.
    expect(after.compile({ ...shift, max: "1970-08-01" }, context).bounds).toEqual({ low: 100, high: 212 });
    expect(before.compile({ ...shift, min: "1970-04-01" }, context).bounds).toEqual({ low: 90, high: 200 });
  });

  test("is refused when it is the other's", () => {
    const context = contextOf({ low: -9, high: -1 });
    expect(() => after.compile(shift, context)).toThrow("by is always negative; use before with positive numbers.");
    expect(() => before.compile(shift, context)).toThrow("use after");
  });

  test.each([
    ["a constant", { kind: "constant", value: -3 }],
    ["a list", { kind: "list", values: [-3, -1] }],
    ["a law cut below 0", { kind: "normal", mean: 0, stddev: 5, max: -1 }],
  ])("is refused when %s always is", (_, by) => {
    const value: Field = { name: "value", type: "date", generator: { kind: "after", field: "start", by } };
    expect(faultsOf([tableOf("things", [START, value])])).toEqual(["impossible-range /tables/0/fields/2/generator/by"]);
  });
});

describe("a shift that can't be", () => {
  const at = "/tables/0/fields/2/generator";
  const given = (more: object) => ({ kind: "after", field: "start", by: uniform(1, 2), ...more });
  test.each([
    ["a field that is not there", "date", given({ field: "nothing" }), `unknown-field ${at}/field`],
    ["a field that is no instant", "date", given({ field: "id" }), `type-mismatch ${at}/field`],
    ["words for numbers", "date", given({ by: { kind: "person", part: "firstName" } }), `type-mismatch ${at}/by`],
    ["a part of a day for a date", "date", given({ by: uniform(1.2, 1.4) }), `impossible-range ${at}/by/min`],
    ["an unknown unit", "date", given({ unit: "months" }), `bad-parameter ${at}/unit`],
    ["a limit that is none", "date", given({ max: "soon" }), `bad-parameter ${at}/max`],
    ["a limit on the wrong side", "date", given({ min: "2025-01-01" }), `bad-parameter ${at}/min`],
    ["a field of another type", "integer", given({}), `type-mismatch ${at}`],
  ] as const)("is refused: %s", (_, type, generator, fault) => {
    expect(faultsOf([tableOf("things", [START, { name: "value", type, generator }])])).toEqual([fault]);
  });
});
