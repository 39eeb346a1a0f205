/** The laws of time against what their tables are made for: exact inverses, and values inside any bounds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeCalendar, placeAt } from "../../src/generate/instants/calendar.ts";
import { makeClock, unitAt, weightBefore } from "../../src/generate/instants/clock.ts";
import type { Grid } from "../../src/generate/instants/grid.ts";
import type { Shape } from "../../src/generate/instants/shape.ts";
import { type Cut, cutLaw, drawFrom, makeLaw } from "../../src/generate/instants/shaped.ts";

const GRIDS: Grid[] = [
  { as: "date", scale: 0, unitsPerDay: 1, step: 1, isText: false },
  { as: "datetime", scale: 0, unitsPerDay: 86_400, step: 1_000, isText: false },
  { as: "datetime", scale: 3, unitsPerDay: 86_400_000, step: 1, isText: false },
];

const weight = fc.oneof(
  fc.constant(0),
  fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
  fc.integer({ min: 1, max: 9 }),
);
const weights = (count: number) =>
  fc.array(weight, { minLength: count, maxLength: count }).filter((all) => all.some((one) => one > 0));
const shape: fc.Arbitrary<Shape> = fc.record({
  trend: fc.oneof(fc.constant(0), fc.double({ min: -0.999, max: 100, noNaN: true })),
  months: fc.option(weights(12), { nil: undefined }),
  weekdays: fc.option(weights(7), { nil: undefined }),
  hours: fc.option(weights(24), { nil: undefined }),
});
const share = fc.oneof(fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }), fc.constantFrom(0, 1 - 2 ** -53));
/** Of at least a year, so that every shape leaves something. */
const days = fc.tuple(fc.integer({ min: -40_000, max: 40_000 }), fc.integer({ min: 365, max: 73_049 }));

test("a day is found by every weight that lies in it", () => {
  fc.assert(
    fc.property(days, shape, fc.array(share, { maxLength: 50 }), ([first, length], shape, shares) => {
      const calendar = makeCalendar(first, first + length, shape);
      const { cumulative } = calendar;
      const total = cumulative.at(-1) as number;
      expect([Number.isSafeInteger(total), cumulative.every((sum) => Number.isInteger(sum))]).toEqual([true, true]);
      const edges = shares.flatMap((share) => {
        const sum = cumulative[Math.floor(share * length)] as number;
        return [sum, sum - 1, sum + 1];
      });
      for (const weight of [0, total - 1, ...edges, ...shares.map((share) => Math.floor(share * total))]) {
        if (weight < 0 || weight >= total) continue;
        const place = placeAt(calendar, weight);
        expect((cumulative[place] as number) <= weight && weight < (cumulative[place + 1] as number)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test("an instant of the day is found by every weight that lies in it", () => {
  const unitsPerDay = 86_400_000;
  const unit = fc.integer({ min: 0, max: unitsPerDay - 1 });
  fc.assert(
    fc.property(fc.option(weights(24), { nil: undefined }), unit, unit, share, (hours, a, b, share) => {
      const clock = makeClock(unitsPerDay, hours);
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const [from, to] = [weightBefore(clock, first), weightBefore(clock, last + 1)];
      const found = unitAt(clock, share, first, last);
      if (from === to) {
        expect(found).toBeNaN();
        return;
      }
      const weight = from + Math.floor(share * (to - from));
      expect(found >= first && found <= last).toBe(true);
      expect(weightBefore(clock, found) <= weight && weight < weightBefore(clock, found + 1)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("a value lies between its bounds and weighs something, whatever the bounds within the law", () => {
  const bound = share;
  fc.assert(
    fc.property(
      fc.constantFrom(...GRIDS),
      days,
      shape,
      fc.array(fc.tuple(bound, fc.oneof(bound, fc.double({ min: 0, max: 1e-4, noNaN: true })), share, share), {
        maxLength: 50,
      }),
      (grid, [first, length], shape, rows) => {
        const least = first * grid.unitsPerDay;
        const units = (length + 1) * grid.unitsPerDay;
        const law = makeLaw(shape, least, least + units - 1, grid);
        for (const [start, extent, dayShare, timeShare] of rows) {
          const low = least + Math.floor(start * units);
          const high = Math.min(least + units - 1, low + Math.floor(extent * units));
          const cut = cutLaw(law, low, high);
          if (!cut) throw new Error("The bounds lie within the law.");
          const unit = drawFrom(law, cut, dayShare, timeShare);
          if (Number.isNaN(unit)) {
            expect(hasWeight(shape, grid, low, high)).toBe(false);
            continue;
          }
          expect(unit >= low && unit <= high).toBe(true);
          expect(hasWeight(shape, grid, unit, unit)).toBe(true);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("what is left of days of next to no weight can still be drawn", () => {
  const grid = GRIDS[1] as Grid;
  const secondOf = (text: string) => Date.parse(text) / 1_000;
  const shape = { trend: 0, weekdays: [1, 1, 1, 1, 1, 1e-20, 1e-20] };
  const law = makeLaw(shape, secondOf("2024-01-01T00:00:00Z"), secondOf("2024-12-31T23:59:59Z"), grid);
  // A Saturday and a Sunday.
  const [noon, next] = [secondOf("2024-03-09T12:00:00Z"), secondOf("2024-03-10T12:00:00Z")];
  const cut = cutLaw(law, noon, next) as Cut;
  expect(drawFrom(law, cut, 0, 0)).toBe(noon);
  expect(drawFrom(law, cut, 0.999, 0.999_999)).toBe(next);
  // Nothing is left of the Friday but its end, and of the Monday but its start.
  const around = cutLaw(law, noon - 43_201, next + 43_200) as Cut;
  expect(drawFrom(law, around, 0, 0)).toBe(noon - 43_201);
  expect(drawFrom(law, around, 0.999_999, 0.5)).toBe(next + 43_200);
});

/** Whether any instant between the two is of a month, weekday and hour of weight above 0: found by looking at each hour. */
function hasWeight({ months, weekdays, hours }: Shape, grid: Grid, low: number, high: number): boolean {
  const unit = 86_400_000 / grid.unitsPerDay;
  const step = grid.as === "date" ? 86_400_000 : 3_600_000;
  for (let at = Math.floor((low * unit) / step) * step; at <= high * unit; at += step) {
    const date = new Date(at);
    const parts = [
      months?.[date.getUTCMonth()],
      weekdays?.[(date.getUTCDay() + 6) % 7],
      grid.as === "date" ? 1 : hours?.[date.getUTCHours()],
    ];
    if (parts.every((part) => part !== 0)) return true;
  }
  return false;
}
