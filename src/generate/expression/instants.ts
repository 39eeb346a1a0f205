/** Parts of dates, datetimes and times, and the calendar's arithmetic; all in UTC. */
import type { Numbers } from "../column.ts";
import { midnight } from "./convert.ts";
import type { Expression } from "./expression.ts";
import { arithmetic, compute, demandWritable, MS_PER_DAY, retype, toScale } from "./numbers.ts";

const MS_PER_HOUR = 3_600_000;
const MS_PER_MINUTE = 60_000;

/** Part of a day, from its days since 1970-01-01. */
const DAY_PARTS = {
  year: (date: Date) => date.getUTCFullYear(),
  month: (date: Date) => date.getUTCMonth() + 1,
  day: (date: Date) => date.getUTCDate(),
  /** ISO 8601: 1 is Monday. */
  weekday: (date: Date) => date.getUTCDay() || 7,
};

/** Part of a datetime's or time's clock, from its ms. */
const CLOCK_PARTS = {
  hour: { ofMs: MS_PER_HOUR, within: 24 },
  minute: { ofMs: MS_PER_MINUTE, within: 60 },
};

export function dayPart(part: keyof typeof DAY_PARTS, operand: Expression): Expression {
  const unitMs = operand.type === "date" ? MS_PER_DAY : 1;
  const read = DAY_PARTS[part];
  return compute({ type: "number", scale: 0 }, [operand], (out, [given]) => {
    const { values } = given as Numbers;
    const date = new Date(0);
    for (let i = 0; i < out.length; i++) {
      date.setTime((values[i] as number) * unitMs);
      out[i] = read(date);
    }
    return undefined;
  });
}

export function clockPart(part: keyof typeof CLOCK_PARTS, operand: Expression): Expression {
  const { ofMs, within } = CLOCK_PARTS[part];
  return compute({ type: "number", scale: 0 }, [operand], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) {
      const units = Math.floor((values[i] as number) / ofMs);
      out[i] = units - within * Math.floor(units / within);
    }
    return undefined;
  });
}

/** The day of a date or datetime. */
export function dateOf(operand: Expression): Expression {
  if (operand.type === "date") return operand;
  return compute({ type: "date", scale: 0 }, [operand], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) out[i] = Math.floor((values[i] as number) / MS_PER_DAY);
    return undefined;
  });
}

export function datetimeOf(operand: Expression): Expression {
  return operand.type === "date" ? midnight(operand) : operand;
}

/** Midnights from the first to the second, negative when it comes earlier. */
export function daysBetween(from: Expression, to: Expression, source: string): Expression {
  const [first, last] = [from, to].map((operand) => retype(dateOf(operand), "number", 0)) as [Expression, Expression];
  return arithmetic("-", last, first, source);
}

/** So many months later at the same time of day; the 31st becomes the last day of a shorter month, as in T-SQL's DATEADD. */
export function addMonths(operand: Expression, months: Expression, source: string): Expression {
  const type = operand.type as "date" | "datetime";
  const unitMs = type === "date" ? MS_PER_DAY : 1;
  const operands = [operand, toScale(months, 0, source)];
  return compute({ type, scale: operand.scale, mayFail: true }, operands, (out, [a, b], nulls) => {
    const [from, count] = [(a as Numbers).values, (b as Numbers).values];
    const date = new Date(0);
    for (let i = 0; i < out.length; i++) {
      date.setTime((from[i] as number) * unitMs);
      const day = date.getUTCDate();
      date.setUTCDate(1);
      date.setUTCMonth(date.getUTCMonth() + (count[i] as number));
      const year = date.getUTCFullYear();
      const month = date.getUTCMonth();
      date.setUTCDate(Math.min(day, daysOfMonth(year, month)));
      out[i] = date.getTime() / unitMs;
    }
    demandWritable(type, out, source, nulls);
    return undefined;
  });
}

/** `month` from 0. */
function daysOfMonth(year: number, month: number): number {
  if (month === 1) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
}
