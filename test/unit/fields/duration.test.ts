import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { renderChunk, renderReference } from "../../../src/generate/render.ts";
import { cellsOf, cellsOfField, engineOf, faultsOf, tableOf } from "../../support/small-tables.ts";

const duration = (value: number, unit?: string): Omit<Field, "name"> => ({
  type: "string",
  generator: { kind: "duration", by: { kind: "constant", value }, ...(unit ? { unit } : {}) },
});

describe("duration", () => {
  test.each([
    [2.5, undefined, "PT2H30M"],
    [50, "hours", "PT50H"],
    [90, "minutes", "PT1H30M"],
    [0.5, "minutes", "PT30S"],
    [3_725, "seconds", "PT1H2M5S"],
    [3_605, "seconds", "PT1H5S"],
    [0, "seconds", "PT0S"],
    [3, "days", "P3D"],
    [0.25, "days", "PT6H"],
    [2.5, "days", "P2DT12H"],
    [1.00001, "days", "P1DT1S"],
    [0, "days", "P0D"],
  ])("of %d %s is %s as text", (value, unit, text) => {
    expect(cellsOfField(duration(value, unit), 2)).toEqual([text, text]);
  });

  test("is its number in a numeric field", () => {
    const by = { kind: "uniform", min: 1, max: 3 };
    const direct = cellsOfField({ type: "integer", generator: { kind: "duration", by, unit: "days" } }, 1_000);
    expect(new Set(direct)).toEqual(new Set([1, 2, 3]));
    const exact = { kind: "duration", by: { kind: "constant", value: 2.5 } };
    expect(cellsOfField({ type: "number", scale: 1, generator: exact }, 1)).toEqual(["2.5"]);
  });

  test("is NULL where its number is", () => {
    const hours: Field = {
      name: "hours",
      type: "number",
      scale: 6,
      nullRate: 0.5,
      generator: { kind: "uniform", min: 0, max: 9 },
    };
    const text: Field = {
      name: "text",
      type: "string",
      generator: { kind: "duration", by: { kind: "lookup", field: "hours" } },
    };
    const engine = engineOf([tableOf("things", [hours, text])]);
    const isNull = (name: string) => cellsOf(engine, `things.${name}`, 0, 1_000).map((cell) => cell === null);
    expect(isNull("text")).toEqual(isNull("hours"));
    expect(new Set(isNull("hours")).size).toBe(2);
  });

  test("ends the job where a row is negative, which ISO 8601 can't write", () => {
    const by = { kind: "list", values: [-1, 1] };
    const made = () => cellsOfField({ type: "string", generator: { kind: "duration", by } }, 100);
    expect(made).toThrow("give by a min of 0");
  });

  test("is refused where every row is", () => {
    const refused = faultsOf([tableOf("things", [{ name: "value", ...duration(-1) }])]);
    expect(refused).toEqual(["impossible-range /tables/0/fields/1/generator/by"]);
  });

  test("is written, as all of time is, as the reference writer writes it", () => {
    const by = { kind: "uniform", min: 0, max: 3 };
    const fields: Field[] = [
      { name: "days", type: "string", nullRate: 0.2, generator: { kind: "duration", by, unit: "days" } },
      { name: "seconds", type: "string", generator: { kind: "duration", by, unit: "seconds" } },
      { name: "day", type: "date", nullRate: 0.2, generator: { kind: "date", min: "1969-12-01" } },
      { name: "at", type: "datetime", scale: 3, generator: { kind: "after", field: "day", by } },
      { name: "text", type: "string", generator: { kind: "datetime", min: { field: "day" } } },
      { name: "clock", type: "time", generator: { kind: "time" } },
    ];
    const engine = engineOf([tableOf("things", fields)]);
    const { bytes } = renderChunk(engine, 0, { first: 1, count: 500 }, false);
    expect(new TextDecoder().decode(bytes)).toBe(renderReference(engine, 0, 1, 500, false));
  });

  const at = "/tables/0/fields/1/generator";
  test.each([
    [
      "words for numbers",
      { type: "string", generator: { kind: "duration", by: { kind: "person", part: "sex" } } },
      "type-mismatch",
    ],
    ["an unknown unit", duration(1, "weeks"), "bad-parameter"],
    ["a field of another type", { ...duration(1), type: "date" as const }, "type-mismatch"],
  ] as const)("refuses %s", (_, field, code) => {
    const [fault, ...more] = faultsOf([tableOf("things", [{ name: "value", ...(field as Omit<Field, "name">) }])]);
    expect([fault?.startsWith(`${code} ${at}`), more]).toEqual([true, []]);
  });
});
