import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import type { Numbers } from "../../src/generate/column.ts";
import { evaluate, refused } from "../support/evaluate.ts";
import { columnOf, engineOf, tableOf } from "../support/small-tables.ts";

describe("dates, datetimes and times", () => {
  test.each([
    ["year(day)", 2024],
    ["month(day)", 2],
    ["day(day)", 28],
    // 28 February 2024 was a Wednesday, 3 March a Sunday.
    ["weekday(day)", 3],
    ["weekday('2024-03-03')", 7],
    ["weekday('1969-12-29')", 1],
    ["year(at)", 2024],
    ["day(at)", 28],
    ["hour(at)", 23],
    ["minute(at)", 30],
    ["hour('1969-12-31T23:59:00Z')", 23],
    ["minute('1969-12-31T23:59:00Z')", 59],
    ["hour(noon)", 12],
    ["minute(noon)", 0],
    ["referenceDate - day", 673],
    ["daysBetween(day, referenceDate)", 673],
    ["daysBetween(referenceDate, day)", -673],
    ["daysBetween(at, '2024-02-29T00:00:00Z')", 1],
    ["(at - day) / hours(1)", 24],
    ["hours(3) / minutes(7)", 26],
    ["(noon - '11:59:58') / seconds(1)", 2],
  ])("%s is %i", (expr, result) => {
    expect(evaluate(expr, "integer")).toBe(result);
  });

  test.each([
    ["day + days(2)", "2024-03-01"],
    ["day - days(two)", "2024-02-26"],
    ["date(at + minutes(30))", "2024-02-29"],
    ["date(day)", "2024-02-28"],
    ["date('1969-12-31T23:59:59Z')", "1969-12-31"],
    ["addMonths(day, 1)", "2024-03-28"],
    ["addMonths('2024-01-31', 1)", "2024-02-29"],
    ["addMonths('2023-01-31', 1)", "2023-02-28"],
    ["addMonths('1900-01-31', 1)", "1900-02-28"],
    ["addMonths('2024-03-31', -1)", "2024-02-29"],
    ["addMonths('2024-05-31', 13)", "2025-06-30"],
    ["addMonths(day, -12)", "2023-02-28"],
    ["min(day, referenceDate)", "2024-02-28"],
    ["if(day > '2024-01-01', day, referenceDate)", "2024-02-28"],
    ["coalesce(null, day)", "2024-02-28"],
  ])("%s is %s", (expr, result) => {
    expect(evaluate(expr, "date")).toBe(result);
  });

  test.each([
    ["at", 3, "2024-02-28T23:30:15.250Z"],
    ["at", 0, "2024-02-28T23:30:15Z"],
    ["at + hours(1)", 3, "2024-02-29T00:30:15.250Z"],
    ["at - seconds(0.25)", 3, "2024-02-28T23:30:15.000Z"],
    ["at + minutes(1.5) * 2", 0, "2024-02-28T23:33:15Z"],
    ["at + (hours(1) - minutes(90)) / 2", 0, "2024-02-28T23:15:15Z"],
    ["at + -days(1)", 0, "2024-02-27T23:30:15Z"],
    ["datetime(day)", 0, "2024-02-28T00:00:00Z"],
    ["day", 0, "2024-02-28T00:00:00Z"],
    ["day + hours(25)", 0, "2024-02-29T01:00:00Z"],
    ["day + days(0.5)", 0, "2024-02-28T12:00:00Z"],
    ["max(at, referenceDate)", 0, "2026-01-01T00:00:00Z"],
    ["addMonths('2024-01-31T10:20:30Z', 1)", 0, "2024-02-29T10:20:30Z"],
  ])("%s with %i decimals is %s", (expr, scale, result) => {
    expect(evaluate(expr, "datetime", scale)).toBe(result);
  });

  test.each([
    ["noon", "12:00:00"],
    ["'08:15'", "08:15:00"],
    ["min(noon, '08:15:30.5')", "08:15:30"],
    ["if(yes, '23:59:59', noon)", "23:59:59"],
  ])("%s is %s", (expr, result) => {
    expect(evaluate(expr, "time")).toBe(result);
  });
});

test("the 31st some months later is the last day of each month", () => {
  const lastDays = [28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31];
  const months = lastDays.map((_, i) => evaluate(`day(addMonths('2023-01-31', ${i + 1}))`, "integer"));
  expect(months).toEqual(lastDays);
});

test("a field without decimals of the seconds keeps none, so that it compares as it is written", () => {
  const at = Date.parse("1969-12-31T23:59:58.750Z");
  const stamp: Field = {
    name: "stamp",
    type: "datetime",
    generator: { kind: "expression", expr: "'1969-12-31T23:59:58.750Z'" },
  };
  const column = columnOf(engineOf([tableOf("things", [stamp])]), "things.stamp", 0, 1) as Numbers;
  expect([column.values[0], column.scale]).toEqual([at - 750, 0]);
});

test.each([
  ["day + hours(1)", "date", '"day + hours(1)" is datetime; value is date: date(x) is its day.'],
  ["at - day", "number", '"at - day" is duration; value is number: x / hours(1) is its number of hours.'],
  ["two", "string", "\"two\" is number; value is string: concat(x, '') writes any value as text."],
  ["'24:00'", "time", "\"'24:00'\" is string; value is time: make value string."],
  ["day", "boolean", '"day" is date; value is boolean: make value date.'],
  ["word", "uuid", '"word" is string; value is uuid: lookup takes over a parent\'s.'],
] as const)("%s is no %s", (expr, type, message) => {
  expect(refused(expr, type)).toEqual([`type-mismatch: ${message}`]);
});

test.each([
  ["at == '2024-02-30T00:00:00Z'", "There is no instant 2024-02-30T00:00:00Z, in \"at == '2024-02-30T00:00:00Z'\"."],
  ["at == '2024-02-28T24:00:00Z'", "There is no instant 2024-02-28T24:00:00Z, in \"at == '2024-02-28T24:00:00Z'\"."],
])("%s is refused", (expr, message) => {
  expect(refused(expr, "boolean")).toEqual([`bad-expression: ${message}`]);
});

test.each(["addMonths(day, 100000)", "at + days(3000000)", "datetime(day) - days(1000000)"])(
  "%s leaves the years that can be written and ends the job",
  (expr) => {
    expect(() => evaluate(`year(${expr})`, "integer")).toThrow(`leaves the years 0000 to 9999.`);
  },
);
