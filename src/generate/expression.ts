/**
 * Expressions over the fields of a row and of its parents: "quantity * product.price".
 *
 * jsep parses, this file checks types and compiles to closures over whole columns; nothing is ever
 * evaluated as code. Numbers are exact: whole units of 10^-scale, so a product of cents is cents.
 * NULL in, NULL out. A result beyond 2^53 ends the job instead of losing a digit.
 */
import jsep from "jsep";
import { JobFailure } from "../dataset/errors.ts";
import { scaleOf } from "../dataset/schema.ts";
import { type Column, cellAt, isWritableDay, type Numbers, parseDay } from "./column.ts";
import { type Block, GeneratorFault, type Reader } from "./kind.ts";
import { makeVocabulary } from "./vocabulary.ts";

/** An expression with its static type; `scale` is the number's decimal places. */
export interface Expression {
  readonly type: "number" | "date" | "boolean" | "string";
  readonly scale: number;
  column(block: Block): Column;
}

/** What names in an expression mean. */
export interface Scope {
  reader(path: string): Reader;
  readonly referenceDay: number;
}

/** Compiles an expression. Throws GeneratorFault on a syntax error, an unknown field or types that don't fit. */
export function compileExpression(source: string, scope: Scope): Expression {
  let tree: jsep.Expression;
  try {
    tree = jsep(source);
  } catch (cause) {
    throw new GeneratorFault("bad-expression", `"${source}" can't be read: ${(cause as Error).message}.`);
  }
  return compile(tree, scope, source);
}

function compile(node: jsep.Expression, scope: Scope, source: string): Expression {
  switch (node.type) {
    case "Literal":
      return compileLiteral(node as jsep.Literal, source);
    case "Identifier":
    case "MemberExpression":
      return compilePath(pathOf(node, source), scope);
    case "UnaryExpression": {
      const { operator, argument } = node as jsep.UnaryExpression;
      const zero: jsep.Expression = { type: "Literal", value: 0, raw: "0" };
      if (operator === "-")
        return compile({ type: "BinaryExpression", operator, left: zero, right: argument }, scope, source);
      throw unsupported(operator, source);
    }
    case "BinaryExpression": {
      const { operator, left, right } = node as jsep.BinaryExpression;
      return compileBinary(operator, compile(left, scope, source), compile(right, scope, source), source);
    }
    default:
      throw unsupported(node.type, source);
  }
}

function unsupported(what: string, source: string): GeneratorFault {
  return new GeneratorFault("bad-expression", `${what} is not part of the language, in "${source}".`);
}

function compileLiteral({ value, raw }: jsep.Literal, source: string): Expression {
  if (typeof value === "number") {
    const scale = raw.split(".")[1]?.length ?? 0;
    const units = Math.round(value * 10 ** scale);
    if (/e/i.test(raw) || !Number.isSafeInteger(units)) throw unsupported(`the number ${raw}`, source);
    return constantColumn("number", scale, units);
  }
  if (typeof value === "boolean") return constantColumn("boolean", 0, value ? 1 : 0);
  if (typeof value !== "string") throw unsupported(raw, source);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const day = parseDay(value);
    if (Number.isNaN(day)) throw unsupported(`the day ${value}`, source);
    return constantColumn("date", 0, day);
  }
  const vocabulary = makeVocabulary([value]);
  return { type: "string", scale: 0, column: () => ({ kind: "literal", vocabulary }) };
}

function constantColumn(type: "number" | "date" | "boolean", scale: number, value: number): Expression {
  const column = ({ rows }: Block): Numbers => {
    return { kind: "numbers", as: type, scale, values: new Float64Array(rows.length).fill(value) };
  };
  return { type, scale, column };
}

function pathOf(node: jsep.Expression, source: string): string {
  if (node.type === "Identifier") return (node as jsep.Identifier).name;
  const { object, property, computed } = node as jsep.MemberExpression;
  if (node.type !== "MemberExpression" || computed) throw unsupported("computed access", source);
  return `${pathOf(object, source)}.${pathOf(property, source)}`;
}

function compilePath(path: string, scope: Scope): Expression {
  if (path === "referenceDate") return constantColumn("date", 0, scope.referenceDay);
  const reader = scope.reader(path);
  const { type } = reader.field;
  const known = type === "integer" ? "number" : type === "uuid" ? "string" : type;
  if (known === "datetime" || known === "time") {
    throw new GeneratorFault("type-mismatch", `${path} is a ${known}, which expressions can't use yet.`);
  }
  return { type: known, scale: scaleOf(reader.field), column: (block) => reader.column(block) };
}

const ARITHMETIC = new Set(["+", "-", "*"]);
const COMPARISON = new Set(["==", "!=", "<", "<=", ">", ">="]);
const LOGIC = new Set(["&&", "||"]);

/** Fills `out` with a op b. A loop an operator: called a value at a time, an operation costs several times as much. */
function operate(operator: string, a: Float64Array, b: Float64Array, out: Float64Array): void {
  const n = out.length;
  switch (operator) {
    case "+":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) + (b[i] as number);
      return;
    case "-":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) - (b[i] as number);
      return;
    case "*":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) * (b[i] as number);
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
    case "&&":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) & (b[i] as number);
      return;
    case "||":
      for (let i = 0; i < n; i++) out[i] = (a[i] as number) | (b[i] as number);
      return;
  }
}

function compileBinary(operator: string, left: Expression, right: Expression, source: string): Expression {
  const types = `${left.type} ${right.type}`;
  const arithmetic = ARITHMETIC.has(operator);
  if (arithmetic && types === "number number") {
    if (operator === "*") return combine("number", left.scale + right.scale, left, right, operator, source);
    const scale = Math.max(left.scale, right.scale);
    return combine("number", scale, rescale(left, scale, source), rescale(right, scale, source), operator, source);
  }
  if (arithmetic && types === "date number" && operator !== "*") {
    return combine("date", 0, left, rescale(right, 0, source), operator, source);
  }
  const comparison = COMPARISON.has(operator);
  if (comparison && left.type === right.type) {
    if (left.type === "string") return compareStrings(operator, left, right, source);
    const scale = Math.max(left.scale, right.scale);
    return combine("boolean", 0, rescale(left, scale, source), rescale(right, scale, source), operator, source);
  }
  const logic = LOGIC.has(operator);
  if (logic && types === "boolean boolean") return combine("boolean", 0, left, right, operator, source);
  if (!arithmetic && !comparison && !logic) throw unsupported(operator, source);
  throw new GeneratorFault("type-mismatch", `${operator} can't join ${left.type} and ${right.type}, in "${source}".`);
}

function combine(
  type: "number" | "date" | "boolean",
  scale: number,
  left: Expression,
  right: Expression,
  operator: string,
  source: string,
): Expression {
  return {
    type,
    scale,
    column: (block): Numbers => {
      const a = left.column(block) as Numbers;
      const b = right.column(block) as Numbers;
      const values = new Float64Array(block.rows.length);
      operate(operator, a.values, b.values, values);
      if (ARITHMETIC.has(operator)) type === "date" ? demandDays(values, source) : demandExact(values, scale, source);
      return { kind: "numbers", as: type, scale, values, nulls: eitherNull(a.nulls, b.nulls) };
    },
  };
}

function demandExact(values: Float64Array, scale: number, source: string): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i] as number) <= Number.MAX_SAFE_INTEGER) continue;
    throw new JobFailure("overflow", `"${source}" exceeds 2^53 units of 10^-${scale}.`);
  }
}

function demandDays(values: Float64Array, source: string): void {
  if (values.every(isWritableDay)) return;
  throw new JobFailure("overflow", `"${source}" leaves the years 0000 to 9999.`);
}

/** The same number in units of 10^-scale; half a unit is rounded away from zero. */
export function rescale(expression: Expression, scale: number, source: string): Expression {
  if (expression.scale === scale) return expression;
  const factor = 10 ** Math.abs(scale - expression.scale);
  const up = scale > expression.scale;
  const convert = (value: number) => (up ? value * factor : Math.sign(value) * Math.round(Math.abs(value) / factor));
  return {
    type: "number",
    scale,
    column: (block): Numbers => {
      const { values, nulls } = expression.column(block) as Numbers;
      const converted = values.map(convert);
      demandExact(converted, scale, source);
      return { kind: "numbers", as: "number", scale, values: converted, nulls };
    },
  };
}

function compareStrings(operator: string, left: Expression, right: Expression, source: string): Expression {
  if (operator !== "==" && operator !== "!=") throw unsupported(`${operator} between strings`, source);
  return {
    type: "boolean",
    scale: 0,
    column: (block): Numbers => {
      const a = left.column(block);
      const b = right.column(block);
      const values = block.rows.map((_, i) => Number((cellAt(a, i) === cellAt(b, i)) === (operator === "==")));
      return { kind: "numbers", as: "boolean", scale: 0, values, nulls: eitherNull(a.nulls, b.nulls) };
    },
  };
}

function eitherNull(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a && b ? a.map((isNull, i) => isNull | (b[i] as number)) : (a ?? b);
}
