import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { countBy, misfit } from "../../support/profile.ts";
import { cellsOfField, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const time = (generator: object = {}, scale = 0): Omit<Field, "name"> => ({
  type: "time",
  scale,
  generator: { kind: "time", ...generator },
});
const times = (field: Omit<Field, "name">, count = 100_000) => cellsOfField(field, count).map(String);
const hourOf = (text: string) => Number(text.slice(0, 2));

describe("time", () => {
  test("gives every second of the day equally often when nothing is said", () => {
    const values = times(time());
    expect(misfit(countBy(values, 24, hourOf), new Array(24).fill(1))).toBeLessThan(1);
    expect(
      misfit(
        countBy(values, 60, (text) => Number(text.slice(6))),
        new Array(60).fill(1),
      ),
    ).toBeLessThan(1);
    expect(values.every((text) => text.length === 8)).toBe(true);
  });

  test("keeps both bounds, inclusive, in seconds or milliseconds", () => {
    const seconds = times(time({ min: "09:59:58", max: "10:00" }), 1_000);
    expect([...tally(seconds).keys()].sort()).toEqual(["09:59:58", "09:59:59", "10:00:00"]);
    const ms = times(time({ min: "23:59:59.998" }, 3), 1_000);
    expect([...tally(ms).keys()].sort()).toEqual(["23:59:59.998", "23:59:59.999"]);
  });

  test("has the weights of its hours, those at the bounds by their part", () => {
    const hours = [1, 0, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 11, 10, 9, 9, 10, 12, 14, 15, 14, 10, 6, 3];
    expect(misfit(countBy(times(time({ hours })), 24, hourOf), hours)).toBeLessThan(1);
    const cut = times(time({ hours, min: "07:45", max: "20:29:59.999" }, 3));
    const weights = hours.map((weight, hour) => {
      if (hour < 7 || hour > 20) return 0;
      return hour === 7 ? weight / 4 : hour === 20 ? weight / 2 : weight;
    });
    expect(misfit(countBy(cut, 24, hourOf), weights)).toBeLessThan(1);
    expect([cut.every((text) => text >= "07:45"), cut.every((text) => text < "20:30")]).toEqual([true, true]);
  });

  test("is text in a string field", () => {
    expect(times({ type: "string", generator: { kind: "time", min: "12:00", max: "12:00" } }, 1)).toEqual(["12:00:00"]);
  });

  const at = "/tables/0/fields/1/generator";
  test.each([
    ["bounds the wrong way round", time({ min: "18:00", max: "06:00" }), `impossible-range ${at}/min`],
    [
      "bounds with no whole second between",
      time({ min: "12:00:00.1", max: "12:00:00.9" }),
      `impossible-range ${at}/min`,
    ],
    ["an hour that is none", time({ max: "24:00" }), `bad-parameter ${at}/max`],
    [
      "no hour between its bounds",
      time({ min: "02:00", max: "02:59:59", hours: [1, 1, 0, ...new Array(21).fill(1)] }),
      `no-weight ${at}/hours`,
    ],
    ["too few hours", time({ hours: [1] }), `bad-parameter ${at}/hours`],
    ["hundredths of a second", time({}, 2), `type-mismatch ${at}`],
    ["a field of another type", { ...time(), type: "datetime" as const }, `type-mismatch ${at}`],
  ])("refuses %s", (_, field, fault) => {
    expect(faultsOf([tableOf("things", [{ name: "value", ...field }])])).toEqual([fault]);
  });
});
