/**
 * Which type several values have in common, and how one is read as another.
 *
 * Few conversions happen by themselves, all without loss: a number gets more decimals, a date is its
 * midnight beside a datetime, a literal is the string it was written as beside a string, NULL is of
 * any type. Every other one has a function, which the message of a misfit names.
 */
import { type Field, scaleOf } from "../../dataset/schema.ts";
import { type Column, type Numbers, parseDay } from "../column.ts";
import { GeneratorFault } from "../kind.ts";
import { mergeColumns, mergedOf } from "../merge.ts";
import type { Expression, Type } from "./expression.ts";
import { compute, constant, MS_PER_DAY, type NumericType, retype, toScale } from "./numbers.ts";
import { literalText } from "./text.ts";

/** A string literal: a day or an instant when it is written like one, which beside a string is still the string. */
export function literal(text: string, source: string): Expression {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  if (!isDay && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text)) return literalText(text);
  const day = parseDay(text.slice(0, 10));
  const ms = isDay ? 0 : parseTime(text.slice(11, -1));
  if (Number.isNaN(day + ms)) {
    const what = isDay ? "day" : "instant";
    throw new GeneratorFault("bad-expression", `There is no ${what} ${text}, in "${source}".`);
  }
  const value = isDay ? constant("date", 0, day) : constant("datetime", secondsScale(text), day * MS_PER_DAY + ms);
  return { ...value, text };
}

/** HH:MM, HH:MM:SS or with up to three decimals, as ms since midnight; NaN when there is no such time. */
function parseTime(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/.exec(text);
  if (!match) return Number.NaN;
  const [hours, minutes, seconds = "0", decimals = ""] = match.slice(1) as [string, string, string?, string?];
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 + Number(decimals.padEnd(3, "0"));
}

function secondsScale(text: string): number {
  return text.includes(".") ? 3 : 0;
}

/** The type that all of these can be read as; undefined when there is none, "null" when all are NULL. */
function commonType(operands: readonly Expression[]): Type | undefined {
  const others = operands.filter(({ type }) => type !== "null");
  const types = new Set(others.map(({ type }) => type));
  const [first = "null"] = types;
  if (types.size <= 1) return first;
  const allBut = (type: Type, isFit: (operand: Expression) => boolean) =>
    types.has(type) && others.every((operand) => operand.type === type || isFit(operand));
  if (allBut("time", isTimeText)) return "time";
  if (allBut("string", ({ text }) => text !== undefined)) return "string";
  if (allBut("datetime", ({ type }) => type === "date")) return "datetime";
  return undefined;
}

/** A string literal that is a time of day beside one. */
export function isTimeText({ type, text }: Expression): boolean {
  return type === "string" && text !== undefined && !Number.isNaN(parseTime(text));
}

/** All of these as one type and scale; undefined when they have no type in common. */
export function unify(operands: readonly Expression[], source: string): Expression[] | undefined {
  const type = commonType(operands);
  if (!type) return undefined;
  const converted = operands.map((operand) => convert(operand, type));
  const scale = Math.max(...converted.map((operand) => operand.scale));
  return converted.map((operand) => atScale(operand, scale, source));
}

/** `expression` as a type that `commonType` found for it. */
export function convert(expression: Expression, type: Type): Expression {
  const { text } = expression;
  if (expression.type === type) return expression;
  if (expression.isNull) return nullOf(type, 0);
  if (type === "datetime") return midnight(expression);
  if (text === undefined) throw new Error(`${expression.type} is read as ${type} by a function only.`);
  return type === "time" ? constant("time", secondsScale(text), parseTime(text)) : literalText(text);
}

/** The value with at least the decimals of `scale`, or of a number exactly those. */
function atScale(expression: Expression, scale: number, source: string): Expression {
  const { type } = expression;
  if (expression.scale === scale) return expression;
  if (expression.isNull) return nullOf(type, scale);
  return type === "number" ? toScale(expression, scale, source) : retype(expression, type as NumericType, scale);
}

/** NULL in every row. */
export function nullOf(type: Type, scale: number): Expression {
  const merged = mergedOf(type === "duration" || type === "null" ? "number" : type, scale, []);
  const column = ({ rows }: { rows: Float64Array }): Column => mergeColumns([], rows.length, merged);
  return { type, scale, isNull: true, column };
}

/** A date as the datetime of its midnight. */
export function midnight(date: Expression): Expression {
  if (date.constant !== undefined) return constant("datetime", 0, date.constant * MS_PER_DAY);
  return compute({ type: "datetime", scale: 0 }, [date], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) out[i] = (values[i] as number) * MS_PER_DAY;
    return undefined;
  });
}

/**
 * The expression as the value of a field: rounded to its decimals, a part of a second cut off where the
 * field has none. Throws GeneratorFault when the types differ.
 */
export function fitField(expression: Expression, field: Field, source: string): Expression {
  const type = field.type === "integer" ? "number" : field.type;
  const scale = scaleOf(field);
  if (type !== "uuid" && commonType([expression, nullOf(type, scale)]) === type) {
    return scaledTo(convert(expression, type), scale, source);
  }
  const types = `"${source}" is ${expression.type}; ${field.name} is ${field.type}`;
  const message = `${types}: ${remedy(expression.type, field)}.`;
  throw new GeneratorFault("type-mismatch", message);
}

function remedy(from: Type, { name, type }: Field): string {
  if (from === "duration") return "x / hours(1) is its number of hours";
  if (type === "string") return "concat(x, '') writes any value as text";
  if (type === "uuid") return "lookup takes over a parent's";
  if (from === "boolean" && type !== "date" && type !== "datetime" && type !== "time")
    return "if(x, 1, 0) makes a number of it";
  if (from === "datetime" && type === "date") return "date(x) is its day";
  return `make ${name} ${from}`;
}

/** The value with the decimals of a field. */
function scaledTo(expression: Expression, scale: number, source: string): Expression {
  const { type } = expression;
  const isCut = (type === "datetime" || type === "time") && expression.scale > scale && !expression.isNull;
  if (!isCut) return atScale(expression, scale, source);
  return compute({ type, scale }, [expression], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) out[i] = Math.floor((values[i] as number) / 1_000) * 1_000;
    return undefined;
  });
}
