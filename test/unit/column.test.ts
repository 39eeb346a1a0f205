import { describe, expect, test } from "vitest";
import { dayText, decimalText, parseDay } from "../../src/generate/column.ts";

describe("decimalText", () => {
  test.each([
    [1_999, 2, "19.99"],
    [-5, 2, "-0.05"],
    [0, 2, "0.00"],
    [-0, 3, "0.000"],
    [7, 0, "7"],
    [-7, 0, "-7"],
    [100, 9, "0.000000100"],
    [Number.MIN_SAFE_INTEGER, 1, "-900719925474099.1"],
  ])("%i at scale %i is %s", (units, scale, text) => expect(decimalText(units, scale)).toBe(text));
});

describe("days", () => {
  test.each([
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["2024-02-29", 19_782],
    ["0000-01-01", -719_528],
    ["9999-12-31", 2_932_896],
  ])("%s is %i", (text, day) => {
    expect([parseDay(text), dayText(day)]).toEqual([day, text]);
  });

  test.each([
    "2026-02-29",
    "2026-02-30",
    "2026-13-01",
    "2026-1-1",
    "2026",
    "",
    "today",
    "2026-01-01T00:00:00Z",
    " 2026-01-01",
  ])("%j is none", (text) => expect(parseDay(text)).toBeNaN());
});
