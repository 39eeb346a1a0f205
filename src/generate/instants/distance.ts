/** Distances in time as numbers of a unit: how finely they are drawn, and how long they last. */
import type { Field } from "../../dataset/schema.ts";
import { MS_PER_DAY } from "./parse.ts";

export const UNITS = ["days", "hours", "minutes", "seconds"] as const;
export type Unit = (typeof UNITS)[number];

/** Milliseconds of one, and decimals so fine that whole seconds are evenly reached: a step is 9 ms, or a second itself. */
const LENGTHS: Record<Unit, { ms: number; decimals: number }> = {
  days: { ms: MS_PER_DAY, decimals: 7 },
  hours: { ms: 3_600_000, decimals: 6 },
  minutes: { ms: 60_000, decimals: 4 },
  seconds: { ms: 1_000, decimals: 0 },
};

/** The field that a distance is drawn as, and the milliseconds of a unit of its column. */
export interface Distance {
  readonly field: Field;
  readonly ms: number;
}

/** The most decimals a number has. */
const MOST_DECIMALS = 9;

/** For instants whose seconds have `scale` decimals, or in whole days for dates. */
export function distanceOf(name: string, unit: Unit, scale: number, areDaysWhole: boolean): Distance {
  const { ms, decimals } = LENGTHS[unit];
  if (unit === "days" && areDaysWhole) return { field: { name, type: "integer" }, ms };
  const places = Math.min(MOST_DECIMALS, decimals + scale);
  return { field: { name, type: "number", scale: places }, ms: ms / 10 ** places };
}
