/** Instants and times of day as text, read strictly: whatever the machine's zone, all of it is UTC. */
import { isWritableDay, parseDay } from "../column.ts";

export const MS_PER_DAY = 86_400_000;

/** HH:MM, with seconds and up to three of their decimals where wanted. */
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/;

/** HH:MM, HH:MM:SS or HH:MM:SS.mmm as milliseconds since midnight; NaN when it is no time of day. */
export function parseClock(text: string): number {
  const [, hours, minutes, seconds = "0", decimals = ""] = CLOCK.exec(text) ?? [];
  if (hours === undefined) return Number.NaN;
  return (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000 + Number(decimals.padEnd(3, "0"));
}

/** YYYY-MM-DDTHH:MM:SSZ as milliseconds since 1970; seconds and the Z may be left out. NaN when there is no such instant. */
export function parseInstant(text: string): number {
  const [day = "", clock = "", ...rest] = text.replace(/Z$/, "").split("T");
  return rest.length > 0 ? Number.NaN : parseDay(day) * MS_PER_DAY + parseClock(clock);
}

/** True for the instants of the years 0000 to 9999, which four digits can write. */
export function isWritableInstant(ms: number): boolean {
  return isWritableDay(Math.floor(ms / MS_PER_DAY));
}
