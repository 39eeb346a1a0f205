/**
 * Exact arithmetic over whole columns.
 *
 * A number is a whole number of 10^-scale units in a double, which is exact up to 2^53. Each operation
 * has its own loop (called a value at a time, it costs several times as much), and a result beyond 2^53
 * ends the job instead of losing a digit. NULL in, NULL out: the value under a NULL is never looked at.
 */
import { JobFailure } from "../../dataset/errors.ts";
import { eitherNull, isWritableDay, type Numbers } from "../column.ts";
import type { Block } from "../kind.ts";
import { newNumbers } from "../reuse.ts";
import type { Expression, Type } from "./expression.ts";

/** Types whose columns are numbers. */
export type NumericType = Exclude<Type, "string" | "null">;

export const MS_PER_DAY = 86_400_000;

/** A type with the decimal places of its values; `mayFail` when a row can end the job. */
export interface Shape {
  readonly type: NumericType;
  readonly scale: number;
  readonly mayFail?: boolean;
}

/** Fills `out` from columns of the same length; what it returns takes the place of `nulls`. */
type Fill = (out: Float64Array, columns: readonly Numbers[], nulls: Uint8Array | undefined) => Uint8Array | undefined;

/** An expression over others; its NULLs are all of theirs, unless `fill` knows better. */
export function compute(shape: Shape, operands: readonly Expression[], fill: Fill): Expression {
  const { type, scale } = shape;
  return {
    type,
    scale,
    mayFail: shape.mayFail || operands.some(({ mayFail }) => mayFail),
    column: (block): Numbers => {
      const columns = operands.map((operand) => operand.column(block) as Numbers);
      const values = newNumbers(block.rows.length);
      const nulls = anyNull(columns);
      return { kind: "numbers", as: asOf(type), scale, values, nulls: fill(values, columns, nulls) ?? nulls };
    },
  };
}

/** A duration is milliseconds and never leaves the language, so its column is plain numbers. */
export function asOf(type: NumericType): Numbers["as"] {
  return type === "duration" ? "number" : type;
}

/** 1 where any of the columns is NULL. */
export function anyNull(columns: readonly { nulls?: Uint8Array | undefined }[]): Uint8Array | undefined {
  return columns.reduce<Uint8Array | undefined>((either, { nulls }) => eitherNull(either, nulls), undefined);
}

/** The same value in every row. Blocks of one length share one array, which nobody writes to. */
export function constant(type: NumericType, scale: number, value: number): Expression {
  let filled = new Float64Array(0);
  const column = ({ rows }: Block): Numbers => {
    if (filled.length !== rows.length) filled = new Float64Array(rows.length).fill(value);
    return { kind: "numbers", as: asOf(type), scale, values: filled };
  };
  return { type, scale, constant: value, column };
}

/** The same values read as another type. */
export function retype(expression: Expression, type: NumericType, scale: number): Expression {
  const { constant: value, mayFail } = expression;
  if (value !== undefined) return constant(type, scale, value);
  const as = asOf(type);
  return { type, scale, mayFail, column: (block) => ({ ...(expression.column(block) as Numbers), as, scale }) };
}

/** The number in units of 10^-scale; half a unit is rounded away from zero. */
export function toScale(expression: Expression, scale: number, source: string): Expression {
  if (expression.scale === scale) return expression;
  const factor = 10 ** Math.abs(scale - expression.scale);
  const up = scale > expression.scale;
  const { constant: fixed = Number.NaN } = expression;
  const value = up ? fixed * factor : roundAway(fixed / factor);
  if (Number.isSafeInteger(value)) return constant("number", scale, value);
  return compute({ type: "number", scale, mayFail: up }, [expression], (out, [given], nulls) => {
    const { values } = given as Numbers;
    if (up) for (let i = 0; i < out.length; i++) out[i] = (values[i] as number) * factor;
    else for (let i = 0; i < out.length; i++) out[i] = roundAway((values[i] as number) / factor);
    if (up) demandExact(out, scale, source, nulls);
    return undefined;
  });
}

/** To the nearest whole number, half away from zero; never -0. A quotient of safe integers is close enough to round right. */
function roundAway(value: number): number {
  return value < 0 ? 0 - Math.round(-value) : Math.round(value);
}

/** a op b of numbers in units of their scales; the result's scale is that of `addition`, `product` or `quotient`. */
export function arithmetic(operator: string, left: Expression, right: Expression, source: string): Expression {
  if (operator === "/") return divide(left, right, source);
  const isProduct = operator === "*";
  const scale = isProduct ? left.scale + right.scale : Math.max(left.scale, right.scale);
  const operands = isProduct ? [left, right] : [toScale(left, scale, source), toScale(right, scale, source)];
  return compute({ type: "number", scale, mayFail: operator !== "%" }, operands, (out, [a, b], nulls) => {
    const [x, y] = [(a as Numbers).values, (b as Numbers).values];
    if (operator === "%") return remainder(x, y, out, nulls);
    operate(operator, x, y, out);
    demandExact(out, scale, source, nulls);
    return undefined;
  });
}

/** Fills `out` with a op b. */
export function operate(operator: string, a: Float64Array, b: Float64Array, out: Float64Array): void {
  const n = out.length;
  switch (operator) {
    case "+":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) + (b[i] as number);
      return;
    case "-":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) - (b[i] as number);
      return;
    case "*":
      // Adding 0 makes 0 of -0.
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) * (b[i] as number) + 0;
      return;
    case "==":
      for (let i = 0; i < n; i++) out[i] = a[i] === b[i] ? 1 : 0;
      return;
    case "!=":
      for (let i = 0; i < n; i++) out[i] = a[i] === b[i] ? 0 : 1;
      return;
    case "<":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) < (b[i] as number) ? 1 : 0;
      return;
    case "<=":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) <= (b[i] as number) ? 1 : 0;
      return;
    case ">":
      operate("<", b, a, out);
      return;
    case ">=":
      operate("<=", b, a, out);
      return;
  }
}

/** a - trunc(a / b) x b, with the sign of a; NULL where b is 0. */
function remainder(a: Float64Array, b: Float64Array, out: Float64Array, nulls: Uint8Array | undefined) {
  for (let i = 0; i < out.length; i++) out[i] = ((a[i] as number) % (b[i] as number)) + 0;
  return nullWhereZero(b, nulls);
}

/** The least decimal places of a quotient, as T-SQL has it: a third of a cent is 0.003333. */
const QUOTIENT_SCALE = 6;

/** a / b to the larger scale of both, at least six places; NULL where b is 0. */
function divide(left: Expression, right: Expression, source: string): Expression {
  const scale = Math.max(QUOTIENT_SCALE, left.scale, right.scale);
  const places = scale + right.scale - left.scale;
  return compute({ type: "number", scale, mayFail: true }, [left, right], (out, [a, b], nulls) => {
    const [x, y] = [(a as Numbers).values, (b as Numbers).values];
    const undefinedRows = nullWhereZero(y, nulls);
    for (let i = 0; i < out.length; i++) {
      if (!undefinedRows?.[i]) out[i] = quotient(x[i] as number, y[i] as number, places);
    }
    demandExact(out, scale, source, undefinedRows);
    return undefinedRows;
  });
}

/** a x 10^places / b, rounded half away from zero. Exact: in doubles where they suffice, else in BigInt. */
function quotient(a: number, b: number, places: number): number {
  const dividend = Math.abs(a) * 10 ** places;
  const divisor = Math.abs(b);
  let whole: number;
  if (dividend <= Number.MAX_SAFE_INTEGER) {
    whole = Math.floor(dividend / divisor);
    if (2 * (dividend - whole * divisor) >= divisor) whole++;
  } else {
    const exact = BigInt(Math.abs(a)) * 10n ** BigInt(places);
    whole = Number((2n * exact + BigInt(divisor)) / (2n * BigInt(divisor)));
  }
  return a < 0 === b < 0 ? whole : 0 - whole;
}

function nullWhereZero(divisors: Float64Array, nulls: Uint8Array | undefined): Uint8Array | undefined {
  if (!divisors.includes(0)) return nulls;
  return Uint8Array.from(divisors, (divisor, i) => (divisor === 0 || nulls?.[i] ? 1 : 0));
}

/** The largest whole number not above the value, or with `ceil` the smallest not below it. */
export function wholeNumber(round: "floor" | "ceil", expression: Expression): Expression {
  const { scale } = expression;
  if (scale === 0) return expression;
  const factor = 10 ** scale;
  return compute({ type: "number", scale: 0 }, [expression], (out, [given]) => {
    const { values } = given as Numbers;
    if (round === "floor") for (let i = 0; i < out.length; i++) out[i] = Math.floor((values[i] as number) / factor);
    else for (let i = 0; i < out.length; i++) out[i] = Math.ceil((values[i] as number) / factor) + 0;
    return undefined;
  });
}

export function absolute(expression: Expression): Expression {
  const shape = { type: expression.type as NumericType, scale: expression.scale };
  return compute(shape, [expression], (out, [given]) => {
    const { values } = given as Numbers;
    for (let i = 0; i < out.length; i++) out[i] = Math.abs(values[i] as number);
    return undefined;
  });
}

/** The least or the greatest of operands of one type and scale. */
export function extreme(which: "min" | "max", operands: readonly Expression[]): Expression {
  const [first] = operands as [Expression];
  const shape = { type: first.type as NumericType, scale: first.scale };
  return compute(shape, operands, (out, columns) => {
    out.set((columns[0] as Numbers).values);
    for (const { values } of columns.slice(1)) {
      if (which === "min")
        for (let i = 0; i < out.length; i++) out[i] = Math.min(out[i] as number, values[i] as number);
      else for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i] as number, values[i] as number);
    }
    return undefined;
  });
}

function demandExact(values: Float64Array, scale: number, source: string, nulls: Uint8Array | undefined): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i] as number) <= Number.MAX_SAFE_INTEGER || nulls?.[i]) continue;
    const remedy = scale === 0 ? "make its numbers smaller" : "round its numbers to fewer decimals";
    throw new JobFailure("overflow", `"${source}" exceeds 2^53 units of 10^-${scale}; ${remedy}.`);
  }
}

/** Ends the job where a date (in days) or datetime (in ms) can't be written with a year of four digits. */
export function demandWritable(
  type: "date" | "datetime",
  values: Float64Array,
  source: string,
  nulls: Uint8Array | undefined,
): void {
  const unitsPerDay = type === "date" ? 1 : MS_PER_DAY;
  for (let i = 0; i < values.length; i++) {
    if (isWritableDay(Math.floor((values[i] as number) / unitsPerDay)) || nulls?.[i]) continue;
    throw new JobFailure("overflow", `"${source}" leaves the years 0000 to 9999.`);
  }
}
