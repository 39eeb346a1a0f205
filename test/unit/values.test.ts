import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { toNumber } from "../../src/generate/values.ts";
import { cellsOfField, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const fieldOf = (type: Field["type"], scale?: number): Field => ({ name: "value", type, ...(scale ? { scale } : {}) });

describe("a listed datetime or time as its number", () => {
  test.each([
    ["datetime", 0, "1970-01-02T00:00:01Z", 86_401_000],
    ["datetime", 0, "1970-01-02T00:00", 86_400_000],
    ["datetime", 0, "1969-12-31T23:59:59Z", -1_000],
    ["datetime", 3, "1970-01-01T00:00:00.25Z", 250],
    ["datetime", 0, "1970-01-01T00:00:01.000Z", 1_000],
    ["datetime", 0, "2024-02-29T12:00:00Z", 1_709_208_000_000],
    ["time", 0, "23:59", 86_340_000],
    ["time", 0, "01:02:03", 3_723_000],
    ["time", 3, "01:02:03.004", 3_723_004],
  ] as const)("%s of scale %i: %s is %i", (type, scale, text, ms) => {
    expect(toNumber(fieldOf(type, scale), text)).toBe(ms);
  });

  test.each([
    ["datetime", "2024-02-30T00:00:00Z"],
    ["datetime", "2024-02-29"],
    ["datetime", "2024-02-29T24:00:00Z"],
    ["datetime", "2024-02-29T12:00:60Z"],
    ["datetime", "2024-02-29T12:00:00+01:00"],
    ["datetime", "2024-02-29T12:00:00ZZ"],
    ["datetime", "T12:00:00Z"],
    ["datetime", 1_709_208_000_000],
    ["time", "12"],
    ["time", "12:60"],
    ["time", "12:00:00Z"],
    ["time", "12:00:00.1234"],
  ] as const)("there is no %s %j", (type, value) => {
    expect(() => toNumber(fieldOf(type), value)).toThrow(`is not a value of type ${type}; write it like`);
  });
});

describe("constants and limits", () => {
  test.each([
    [{ type: "datetime" }, "2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"],
    [{ type: "datetime", scale: 3 }, "2024-02-29T12:00", "2024-02-29T12:00:00.000Z"],
    [{ type: "time" }, "12:30", "12:30:00"],
    [{ type: "uuid" }, "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-70867728950e"],
  ] as const)("a constant of %j", (field, value, cell) => {
    expect(cellsOfField({ ...field, generator: { kind: "constant", value } }, 1)).toEqual([cell]);
  });

  test.each([
    [{ type: "datetime", constraints: { minimum: "2024-02-29" } }, "/constraints/minimum"],
    [{ type: "time", constraints: { enum: ["noon"] } }, "/constraints/enum/0"],
    [{ type: "time", constraints: { maximum: 12 } }, "/constraints/maximum"],
    [{ type: "uuid", generator: { kind: "constant", value: "0f8fad5b" } }, "/generator"],
  ] as const)("refuses %j", (field, pointer) => {
    const kind = { datetime: "datetime", time: "time", uuid: "constant" }[field.type];
    const generator = { kind, ...(field.type === "datetime" ? { min: "2024-01-01" } : {}) };
    const faults = fullFaultsOf([tableOf("things", [{ name: "value", generator, ...field } as unknown as Field])]);
    expect(faults.map((fault) => `${fault.code} ${fault.pointer}`)).toEqual([
      `type-mismatch /tables/0/fields/1${pointer}`,
    ]);
  });

  test.each([
    [{ type: "number", generator: { kind: "constant", value: 1.234 } }, "/generator"],
    [{ type: "number", generator: { kind: "list", values: ["1.234"] } }, "/generator"],
    [{ type: "number", scale: 0, generator: { kind: "category", values: [1, 0.5] } }, "/generator"],
    [{ type: "number", generator: { kind: "category", values: { "1.5": 1, "1.505": 1 } } }, "/generator"],
    [{ type: "number", generator: { kind: "list", values: [1, 1e-9] } }, "/generator"],
    [{ type: "integer", generator: { kind: "constant", value: 1.5 } }, "/generator"],
    [{ type: "number", generator: { kind: "uniform" }, constraints: { enum: [1, 1.005] } }, "/constraints/enum/1"],
    [{ type: "number", generator: { kind: "uniform" }, constraints: { minimum: 0.001 } }, "/constraints/minimum"],
    [{ type: "integer", generator: { kind: "uniform" }, constraints: { maximum: 9.5 } }, "/constraints/maximum"],
    [{ type: "datetime", generator: { kind: "constant", value: "2026-01-31T09:30:00.5Z" } }, "/generator"],
    [{ type: "time", generator: { kind: "list", values: ["09:30", "09:30:00.001"] } }, "/generator"],
  ] as const)("refuses more decimals than the field has: %j", (field, pointer) => {
    const [fault] = fullFaultsOf([tableOf("things", [{ name: "value", ...field } as unknown as Field])]);
    expect(fault).toMatchObject({ code: "type-mismatch", pointer: `/tables/0/fields/1${pointer}` });
    expect(fault?.message).toMatch(/ has more than the \d decimals of value; round it, or (?:give|make) the field /);
  });

  test.each([
    [0.29, 2, "0.29"],
    [8.41, 2, "8.41"],
    ["1.005", 3, "1.005"],
    ["1.50", 1, "1.5"],
    [1e-9, 9, "0.000000001"],
    [-1.1, 1, "-1.1"],
  ] as const)("keeps %j at scale %i, which no binary fraction is equal to", (value, scale, cell) => {
    const generator = { kind: "list", values: [value] };
    expect(cellsOfField({ type: "number", scale, generator }, 1)).toEqual([cell]);
  });

  test("rounds what a function gives", () => {
    const made = (type: Field["type"], method: string, args: unknown[] = []) =>
      cellsOfField({ type, generator: { kind: "faker", method, args } }, 50).map(String);
    const numbers = made("number", "number.float", [{ min: 1, max: 2 }]);
    const instants = made("datetime", "date.past");
    expect(numbers.filter((cell) => !/^[12]\.\d\d$/.test(cell))).toEqual([]);
    expect(instants.filter((cell) => !/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(cell))).toEqual([]);
  });
});
