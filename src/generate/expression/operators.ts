/** What each operator does with each pair of types; every other pair is refused with a remedy. */
import type { Numbers } from "../column.ts";
import { GeneratorFault } from "../kind.ts";
import { convert, isTimeText, midnight, unify } from "./convert.ts";
import type { Expression, Type } from "./expression.ts";
import { arithmetic, compute, constant, demandWritable, MS_PER_DAY, operate, retype, toScale } from "./numbers.ts";
import { compareText, concat, textFunction } from "./text.ts";

export const COMPARISON = new Set(["==", "!=", "<", "<=", ">", ">="]);
export const LOGIC = new Set(["&&", "||"]);
export const ARITHMETIC = new Set(["+", "-", "*", "/", "%"]);

type Binary = (left: Expression, right: Expression, source: string) => Expression;

/** What an operator makes of two types, by "left operator right". */
const RULES = new Map<string, Binary>([
  ["string + string", (left, right, source) => concat([left, right], source)],
  ["date - date", difference],
  ["duration * number", (left, right, source) => milliseconds(arithmetic("*", plain(left), right, source), source)],
  ["number * duration", (left, right, source) => milliseconds(arithmetic("*", left, plain(right), source), source)],
  ["duration / number", (left, right, source) => milliseconds(arithmetic("/", plain(left), right, source), source)],
  ["duration / duration", (left, right, source) => arithmetic("/", plain(left), plain(right), source)],
]);
for (const operator of ARITHMETIC) {
  RULES.set(`number ${operator} number`, (left, right, source) => arithmetic(operator, left, right, source));
}
for (const pair of ["datetime - datetime", "datetime - date", "date - datetime", "time - time"]) {
  RULES.set(pair, (left, right, source) => {
    const [from, to] = unify([left, right], source) as [Expression, Expression];
    return retype(difference(from, to, source), "duration", from.scale);
  });
}
for (const operator of ["+", "-"]) {
  RULES.set(`date ${operator} number`, (left, right, source) => {
    return shift("date", operator, left, toScale(right, 0, source), source);
  });
  RULES.set(`date ${operator} duration`, (left, right, source) => {
    if (right.wholeDays) return shift("date", operator, left, right.wholeDays, source);
    return shift("datetime", operator, midnight(left), right, source);
  });
  RULES.set(`datetime ${operator} duration`, (left, right, source) => shift("datetime", operator, left, right, source));
  RULES.set(`duration ${operator} duration`, (left, right, source) => {
    const sum = arithmetic(operator, plain(left), plain(right), source);
    return retype(sum, "duration", Math.max(left.scale, right.scale));
  });
}

/** Days between dates, milliseconds between instants of one type. */
function difference(left: Expression, right: Expression, source: string): Expression {
  return arithmetic("-", plain(left), plain(right), source);
}

/** A duration or instant as its number of milliseconds, a date as its days. */
function plain(value: Expression): Expression {
  return retype(value, "number", 0);
}

/** A number of milliseconds, rounded, as a duration; `scale` 0 promises whole seconds. */
function milliseconds(number: Expression, source: string, scale = 3): Expression {
  return retype(toScale(number, 0, source), "duration", scale);
}

/** So many units of time, each of `unitMs`. Whole days also shift a date. */
export function durationOf(count: Expression, unitMs: number, source: string): Expression {
  const product = arithmetic("*", count, constant("number", 0, unitMs), source);
  const duration = milliseconds(product, source, count.scale === 0 ? 0 : 3);
  return unitMs === MS_PER_DAY && count.scale === 0 ? { ...duration, wholeDays: count } : duration;
}

/** A date some days later or a datetime some milliseconds later; ends the job outside the years 0000 to 9999. */
function shift(
  type: "date" | "datetime",
  operator: string,
  left: Expression,
  right: Expression,
  source: string,
): Expression {
  const scale = type === "date" ? 0 : Math.max(left.scale, right.scale);
  return compute({ type, scale, mayFail: true }, [left, right], (out, [a, b], nulls) => {
    operate(operator, (a as Numbers).values, (b as Numbers).values, out);
    demandWritable(type, out, source, nulls);
    return undefined;
  });
}

/** Compiles `left operator right`. Throws GeneratorFault when the types don't fit. */
export function binary(operator: string, left: Expression, right: Expression, source: string): Expression {
  if (COMPARISON.has(operator)) return compare(operator, left, right, source);
  if (LOGIC.has(operator)) {
    if (left.type === "boolean" && right.type === "boolean") return logic(operator, left, right);
    throw misfit(operator, left, right, source);
  }
  if (left.type === "time" && isTimeText(right)) return binary(operator, left, convert(right, "time"), source);
  const rule = RULES.get(`${left.type} ${operator} ${right.type}`) ?? textRule(operator, left, right);
  if (rule) return rule(left, right, source);
  throw misfit(operator, left, right, source);
}

/** A day or an instant in quotes is a string beside a string. */
function textRule(operator: string, ...operands: [Expression, Expression]): Binary | undefined {
  const isText = ({ type, text }: Expression) => type === "string" || text !== undefined;
  const isJoin = operator === "+" && operands.every(isText) && operands.some(({ type }) => type === "string");
  return isJoin ? RULES.get("string + string") : undefined;
}

function misfit(operator: string, left: Expression, right: Expression, source: string): GeneratorFault {
  const message = `${operator} can't join ${left.type} and ${right.type}, in "${source}"; ${remedy(operator, [left.type, right.type])}.`;
  return new GeneratorFault("type-mismatch", message);
}

function remedy(operator: string, types: Type[]): string {
  if (types.includes("null")) return "isNull(x) asks for NULL, and coalesce(x, y) replaces it";
  if (operator === "||" && types.includes("string")) return "concat(x, y) writes one text after the other";
  if (LOGIC.has(operator)) return "both sides must be true or false, like x > 0";
  if (COMPARISON.has(operator)) return "both sides must be of one type";
  if (types.includes("string")) return "concat(x, y) writes any values one after the other";
  if (types.includes("boolean")) return "if(x, 1, 0) makes a number of a boolean";
  if (types.includes("time")) return "times can only be compared and subtracted";
  return "a date takes a number of days after it, a datetime a duration like hours(2)";
}

function compare(operator: string, left: Expression, right: Expression, source: string): Expression {
  const operands = unify([left, right], source);
  if (!operands || left.type === "null" || right.type === "null") throw misfit(operator, left, right, source);
  const [a, b] = operands as [Expression, Expression];
  if (a.type === "string") return compareText(operator, a, b, source);
  return compute({ type: "boolean", scale: 0 }, operands, (out, [x, y]) => {
    operate(operator, (x as Numbers).values, (y as Numbers).values, out);
    return undefined;
  });
}

/**
 * SQL's logic of three values: false && NULL is false, true || NULL is true, and NULL otherwise. Both
 * sides are computed in every row.
 */
function logic(operator: string, left: Expression, right: Expression): Expression {
  const decides = operator === "&&" ? 0 : 1;
  return compute({ type: "boolean", scale: 0 }, [left, right], (out, [a, b], nulls) => {
    const [x, y] = [a as Numbers, b as Numbers];
    if (decides === 0) for (let i = 0; i < out.length; i++) out[i] = (x.values[i] as number) & (y.values[i] as number);
    else for (let i = 0; i < out.length; i++) out[i] = (x.values[i] as number) | (y.values[i] as number);
    return nulls?.map((isNull, i) => {
      if (!isNull || (x.values[i] === decides && !x.nulls?.[i]) || (y.values[i] === decides && !y.nulls?.[i])) return 0;
      return 1;
    });
  });
}

/** `!x`, or `-x` of a number or duration. */
export function unary(operator: "!" | "-", operand: Expression, source: string): Expression {
  const { type, scale } = operand;
  const isFit = operator === "!" ? type === "boolean" : type === "number" || type === "duration";
  if (!isFit) {
    const wanted = operator === "!" ? "a boolean" : "a number or duration";
    throw new GeneratorFault("type-mismatch", `${operator} takes ${wanted}, not ${type}, in "${source}".`);
  }
  const numeric = type as "boolean" | "number" | "duration";
  if (operand.constant !== undefined) {
    return constant(numeric, scale, operator === "!" ? 1 - operand.constant : 0 - operand.constant);
  }
  const from = operator === "!" ? 1 : 0;
  return compute({ type: numeric, scale }, [operand], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) out[i] = from - (values[i] as number);
    return undefined;
  });
}

/** Whether a value is one of some literals. NULL stays NULL. */
export function isIn(operand: Expression, list: readonly Expression[], source: string): Expression {
  const [value, ...values] = unify([operand, ...list], source) ?? [];
  const isListed =
    values.length > 0 && values.every(({ text, constant }) => text !== undefined || constant !== undefined);
  if (!value || !isListed) {
    const types = [...new Set(list.map(({ type }) => type))].join(", ");
    throw new GeneratorFault(
      "type-mismatch",
      `in takes a list of literals of the type of its left side, not ${operand.type} and [${types}], in "${source}"; write x in [1, 2].`,
    );
  }
  if (value.type === "string") {
    const words = new Set(values.map(({ text }) => text));
    return textFunction("boolean", [value], source, ([text]) => (words.has(text as string) ? 1 : 0));
  }
  const numbers = new Set(values.map(({ constant }) => constant));
  return compute({ type: "boolean", scale: 0 }, [value], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) out[i] = numbers.has(values[i]) ? 1 : 0;
    return undefined;
  });
}
