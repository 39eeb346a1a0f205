import { describe, expect, test } from "vitest";
import { JobFailure } from "../../../src/dataset/errors.ts";
import type { Field } from "../../../src/dataset/schema.ts";
import { countBy, misfit, sum } from "../../support/profile.ts";
import { cellsOf, cellsOfField, childOf, engineOf, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const ROWS = 200_000;
const MONTHS = [5, 1, 2, 0, 3, 3, 4, 1, 1, 2, 6, 9];
const WEEKDAYS = [4, 3, 3, 3, 5, 0.5, 0];

const date = (generator: object): Omit<Field, "name"> => ({ type: "date", generator: { kind: "date", ...generator } });
const shaped = (min: string, max: string, shape: object, count = ROWS) =>
  cellsOfField(date({ min, max, shape }), count).map(String);

const monthOf = (day: string) => Number(day.slice(5, 7)) - 1;
/** 0 is Monday. */
const weekdayOf = (day: string) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** Every day from min to max. */
function daysFrom(min: string, max: string): string[] {
  const days: string[] = [];
  for (const at = new Date(`${min}T00:00:00Z`); days.at(-1) !== max; at.setUTCDate(at.getUTCDate() + 1)) {
    days.push(at.toISOString().slice(0, 10));
  }
  return days;
}

describe("the shape of a date", () => {
  const [min, max] = ["2021-01-01", "2024-12-31"] as const;
  const all = daysFrom(min, max);

  test("gives each month its weight times its days", () => {
    const days = shaped(min, max, { months: MONTHS });
    const weights = MONTHS.map((weight, month) => weight * all.filter((day) => monthOf(day) === month).length);
    expect(misfit(countBy(days, 12, monthOf), weights)).toBeLessThan(1);
    // Within a month days are even.
    const july = days.filter((day) => monthOf(day) === 6);
    expect(
      misfit(
        countBy(july, 31, (day) => Number(day.slice(8)) - 1),
        new Array(31).fill(1),
      ),
    ).toBeLessThan(1);
  });

  test("gives each weekday its weight, Monday first", () => {
    const days = shaped("2024-01-01", "2024-12-29", { weekdays: WEEKDAYS });
    expect(misfit(countBy(days, 7, weekdayOf), WEEKDAYS)).toBeLessThan(1);
    expect(days.some((day) => day === "2024-01-07")).toBe(false);
  });

  test("before 1970 has the same weekdays", () => {
    const days = shaped("1951-01-01", "1952-12-28", { weekdays: WEEKDAYS }, 50_000);
    expect(misfit(countBy(days, 7, weekdayOf), WEEKDAYS)).toBeLessThan(1);
  });

  test("multiplies months, weekdays and the trend", () => {
    const days = shaped(min, max, { months: MONTHS, weekdays: WEEKDAYS, trend: 1 });
    const weights = new Array<number>(12 * 7 * 4).fill(0);
    const placeOf = (day: string) => (Number(day.slice(0, 4)) - 2021) * 84 + monthOf(day) * 7 + weekdayOf(day);
    for (const [i, day] of all.entries()) {
      const weight = (MONTHS[monthOf(day)] as number) * (WEEKDAYS[weekdayOf(day)] as number) * 2 ** (i / 365.2425);
      weights[placeOf(day)] = (weights[placeOf(day)] as number) + weight;
    }
    expect(misfit(countBy(days, weights.length, placeOf), weights)).toBeLessThan(1);
  });

  test.each([0.5, -0.1, 3])("with trend %d has that much more every year", (trend) => {
    const years = countBy(shaped(min, max, { trend }), 4, (day) => Number(day.slice(0, 4)) - 2021) as [
      number,
      number,
      number,
      number,
    ];
    for (const year of [0, 1, 2] as const) {
      const [before, after] = [years[year] as number, years[year + 1] as number];
      // Four standard deviations of the ratio; a year is 365 or 366 of the trend's 365.2425 days.
      const tolerance = (1 + trend) * (4 * Math.sqrt(1 / before + 1 / after) + 0.004);
      expect(Math.abs(after / before - (1 + trend))).toBeLessThan(tolerance);
    }
  });

  test("with extreme trends and weights still gives only days between its bounds", () => {
    const steep = shaped("1900-01-01", "2099-12-31", { trend: 100 }, 1_000);
    expect(steep.every((day) => day >= "2090-01-01" && day <= "2099-12-31")).toBe(true);
    const falling = shaped("1900-01-01", "2099-12-31", { trend: -0.999_999, months: [0, ...MONTHS.slice(1)] }, 1_000);
    expect(falling.every((day) => day >= "1900-02-01" && day < "1901-02-01")).toBe(true);
    const tiny = shaped("2024-01-01", "2024-01-02", { months: [1e-300, ...MONTHS.slice(1)] }, 1_000);
    expect(
      misfit(
        countBy(tiny, 2, (day) => Number(day.slice(8)) - 1),
        [1, 1],
      ),
    ).toBeLessThan(1);
  });
});

describe("the shape of a date whose bounds differ from row to row", () => {
  const parent = tableOf("parent", [{ name: "begin", ...date({ min: "2024-01-01", max: "2024-12-31" }) }], {
    rows: 5_000,
  });
  const { field, key } = childOf("parent");
  const begin: Field = { name: "begin", type: "date", generator: { kind: "lookup", field: "parent.begin" } };
  const childOfBegin = (generator: object) =>
    engineOf([parent, tableOf("child", [field, begin, { name: "day", ...date(generator) }], { foreignKeys: [key] })]);
  const shape = { months: MONTHS, weekdays: WEEKDAYS, trend: 2 };

  test("is the same shape, cut by each row's bounds", () => {
    const engine = childOfBegin({ min: { field: "parent.begin" }, max: "2025-01-10", shape });
    const begins = cellsOf(engine, "child.begin", 0, 50_000).map(String);
    const days = cellsOf(engine, "child.day", 0, 50_000).map(String);
    expect(days.every((day, i) => day >= (begins[i] as string) && day <= "2025-01-10")).toBe(true);
    const all = daysFrom("2024-01-01", "2025-01-10");
    const weights = all.map(
      (day, i) => (MONTHS[monthOf(day)] as number) * (WEEKDAYS[weekdayOf(day)] as number) * 3 ** (i / 365.2425),
    );
    const expected = all.map(() => 0);
    for (const [begin, rows] of tally(begins)) {
      const from = all.indexOf(begin);
      const share = rows / sum(weights.slice(from));
      for (let i = from; i < all.length; i++) expected[i] = (expected[i] as number) + share * (weights[i] as number);
    }
    expect(
      misfit(
        countBy(days, all.length, (day) => all.indexOf(day)),
        expected,
      ),
    ).toBeLessThan(1);
  });

  test("is the bound itself for a parent at the edge", () => {
    const engine = childOfBegin({ min: { field: "parent.begin" }, max: "2024-12-31", shape: { trend: 0.5 } });
    const begins = cellsOf(engine, "child.begin", 0, 20_000);
    const days = cellsOf(engine, "child.day", 0, 20_000);
    const atEdge = days.filter((_, i) => begins[i] === "2024-12-31");
    expect(atEdge.length).toBeGreaterThan(0);
    expect(new Set(atEdge)).toEqual(new Set(["2024-12-31"]));
  });

  test("reaches from 1900 to 2099 where nothing is known of a bound", () => {
    const wide = { min: { expr: "parent.begin - 30000" }, max: { expr: "parent.begin" }, shape };
    const engine = childOfBegin(wide);
    const days = cellsOf(engine, "child.day", 0, 1_000).map(String);
    expect(days.every((day) => day >= "1941-01-01" && day <= "2024-12-31")).toBe(true);
    const early = childOfBegin({
      min: { expr: "parent.begin - 100000" },
      max: { expr: "parent.begin - 60000" },
      shape,
    });
    expect(() => cellsOf(early, "child.day", 0, 1_000)).toThrow(JobFailure);
  });

  test("ends the job where a row's bounds hold only days of weight 0", () => {
    const engine = childOfBegin({
      min: { field: "parent.begin" },
      max: "2024-12-31",
      shape: { months: [1, ...new Array(11).fill(0)] },
    });
    expect(() => cellsOf(engine, "child.day", 0, 1_000)).toThrow("give its zeros a small weight");
  });
});

describe("a shape that can't be", () => {
  const at = "/tables/0/fields/1/generator";
  const [min, max] = ["2024-02-01", "2024-03-31"] as const;
  const faultOf = (shape: object, from: string = min) =>
    faultsOf([tableOf("things", [{ name: "value", ...date({ min: from, max, shape }) }])]);
  test.each([
    ["too few months", { months: [1, 2] }, `bad-parameter ${at}/shape/months`],
    ["too many weekdays", { weekdays: [1, 1, 1, 1, 1, 1, 1, 1] }, `bad-parameter ${at}/shape/weekdays`],
    ["a negative weight", { weekdays: [1, 1, 1, 1, 1, 1, -1] }, `bad-parameter ${at}/shape/weekdays/6`],
    ["only zeros", { weekdays: [0, 0, 0, 0, 0, 0, 0] }, `bad-parameter ${at}/shape/weekdays`],
    ["only zeros between its bounds", { months: [1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1] }, `no-weight ${at}/shape`],
    ["a trend that leaves nothing", { trend: -1 }, `bad-parameter ${at}/shape/trend`],
    ["hours", { hours: new Array(24).fill(1) }, `bad-parameter ${at}/shape/hours`],
  ])("is refused: %s", (_, shape, fault) => expect(faultOf(shape)).toEqual([fault]));

  test("is refused: more than 200 years", () => {
    expect(faultOf({ trend: 0.1 }, "1824-03-01")).toEqual([`impossible-range ${at}/shape`]);
    expect(() => faultOf({ trend: 0.1 }, "1824-04-01")).toThrow("compiled");
  });
});
