/**
 * Expressions over the fields of a row and of its parents: "quantity * product.price".
 *
 * jsep parses; the files beside this one check types and compile to closures over whole columns, so
 * that nothing is ever evaluated as code. The language has numbers (exact decimals of a scale known
 * beforehand), strings, booleans, dates, datetimes, times and durations. NULL in, NULL out, except
 * for SQL's && and ||, coalesce, isNull and if, whose test counts as false when it is NULL. A division
 * by 0 is NULL; its quotient has the larger scale of both sides, at least six places, rounded half
 * away from zero. A number beyond 2^53 units ends the job instead of losing a digit.
 */
import jsep from "jsep";
import { type Field, scaleOf } from "../../dataset/schema.ts";
import type { Column } from "../column.ts";
import { type Block, everyOne, type FieldContext, faultsAt, GeneratorFault, type Reader } from "../kind.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { call } from "./calls.ts";
import { literal, nullOf } from "./convert.ts";
import { constant, toScale } from "./numbers.ts";
import { ARITHMETIC, binary, COMPARISON, isIn, LOGIC, unary } from "./operators.ts";
import { literalInstead, respelled, writtenOut } from "./spelling.ts";

/** Durations (ms) exist only inside; an expression of nothing but NULL is of type null. */
export type Type = "number" | "string" | "boolean" | "date" | "datetime" | "time" | "duration" | "null";

/** An expression with its static type. */
export interface Expression {
  readonly type: Type;
  /** Decimal places of a number; 0 or 3 of the seconds of a datetime, time or duration, whose values are ms. */
  readonly scale: number;
  /** The same value in every row, in the units of its column; of a string and whatever is in quotes, `text`. */
  readonly constant?: number | undefined;
  readonly text?: string | undefined;
  /** NULL in every row. */
  readonly isNull?: boolean;
  /** A row's values can end the job. */
  readonly mayFail?: boolean | undefined;
  /** The number of days that a duration stands for, when it is certainly whole. */
  readonly wholeDays?: Expression;
  /** Every word it can give, when they are a fixed list: the vocabulary of all its columns. */
  readonly vocabulary?: Vocabulary | undefined;
  column(block: Block): Column;
}

/** What names in an expression mean. */
export interface Scope {
  reader(path: string): Reader;
  readonly referenceDay: number;
}

/** Longest source, and most operations inside each other: neither parsing nor evaluating may exhaust the stack. */
const LONGEST = 2_000;
const DEEPEST = 100;

jsep.addBinaryOp("in", 7);

/** Compiles an expression. Throws GeneratorFault on a syntax error, an unknown field or types that don't fit. */
export function compileExpression(source: string, scope: Scope): Expression {
  if (source.length > LONGEST) {
    const message = `An expression has at most ${LONGEST} characters, "${source.slice(0, 40)}…" ${source.length}; split it over fields.`;
    throw new GeneratorFault("bad-expression", message);
  }
  let tree: jsep.Expression;
  try {
    tree = jsep(source);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(source);
    const what = respelled(source) ?? (cause as Error).message;
    throw new GeneratorFault("bad-expression", `"${source}" can't be read: ${what}.`);
  }
  return compile(tree, { scope, source, depth: 0 });
}

/** The same for a parameter of a kind at `pointer`, which its faults then point at. */
export function expressionAt(context: FieldContext, pointer: string, source: string): Expression {
  return faultsAt(pointer, () => context.expression(source));
}

/** The number in units of 10^-scale; half a unit is rounded away from zero. */
export function rescale(expression: Expression, scale: number, source: string): Expression {
  return toScale(expression, scale, source);
}

interface Site {
  readonly scope: Scope;
  readonly source: string;
  readonly depth: number;
}

function compile(node: jsep.Expression | null, site: Site): Expression {
  const { source } = site;
  if (site.depth > DEEPEST) throw tooDeep(source);
  const inner = (child: jsep.Expression | null) => compile(child, { ...site, depth: site.depth + 1 });
  const every = (nodes: (jsep.Expression | null)[]) => everyOne(nodes.map((node) => () => inner(node)));
  switch (node?.type) {
    case "Literal":
      return compileLiteral(node as jsep.Literal, source);
    case "Identifier":
    case "MemberExpression":
      return compilePath(pathOf(node, source), site.scope);
    case "UnaryExpression": {
      const { operator, argument } = node as jsep.UnaryExpression;
      if (operator === "-" || operator === "!") return unary(operator, inner(argument), source);
      throw unsupported(operator, source);
    }
    case "BinaryExpression":
      return compileBinary(node as jsep.BinaryExpression, every, source);
    case "ConditionalExpression": {
      const { test, consequent, alternate } = node as jsep.ConditionalExpression;
      return call("if", every([test, consequent, alternate]), source);
    }
    case "CallExpression": {
      const { callee, arguments: operands } = node as jsep.CallExpression;
      return call(pathOf(callee, source), every(operands), source);
    }
    case "Compound":
      throw severalValues(source);
    default:
      throw unsupported(node?.type ?? "an empty place", source);
  }
}

function compileBinary(
  node: jsep.BinaryExpression,
  every: (nodes: (jsep.Expression | null)[]) => Expression[],
  source: string,
) {
  const { operator, left, right } = node;
  if (operator === "??") return call("coalesce", every([left, right]), source);
  if (operator === "in") {
    const list = right.type === "ArrayExpression" ? (right as jsep.ArrayExpression).elements : [];
    const [operand, ...values] = every([left, ...list]) as [Expression, ...Expression[]];
    return isIn(operand, values, source);
  }
  if (![ARITHMETIC, COMPARISON, LOGIC].some((operators) => operators.has(operator)))
    throw unsupported(operator, source);
  const [a, b] = every([left, right]) as [Expression, Expression];
  return binary(operator, a, b, source);
}

function unsupported(what: string, source: string, remedy = respelled(source)): GeneratorFault {
  const rest = remedy ? `; ${remedy}.` : ".";
  return new GeneratorFault("bad-expression", `${what} is not part of the language, in "${source}"${rest}`);
}

/** Nothing at all, or values without an operator between them. */
function severalValues(source: string): GeneratorFault {
  if (source.trim() === "") return new GeneratorFault("bad-expression", "The expression is empty; write one, like 1.");
  const remedy = respelled(source) ?? "join its values by operators";
  return new GeneratorFault("bad-expression", `"${source}" is more than one value; ${remedy}.`);
}

function tooDeep(source: string): GeneratorFault {
  const message = `"${source.slice(0, 40)}…" has more than ${DEEPEST} operations inside each other; split it over fields.`;
  return new GeneratorFault("bad-expression", message);
}

function compileLiteral({ value, raw }: jsep.Literal, source: string): Expression {
  if (value === null) return nullOf("null", 0);
  if (typeof value === "string") return literal(value, source);
  if (typeof value === "boolean") return constant("boolean", 0, value ? 1 : 0);
  const scale = raw.split(".")[1]?.length ?? 0;
  const units = Number(raw.replace(".", ""));
  if (typeof value !== "number" || /e/i.test(raw) || !Number.isSafeInteger(units)) {
    const written = writtenOut(raw);
    throw unsupported(`the number ${raw}`, source, written ? `write ${written}` : "2^53 units are the most");
  }
  return constant("number", scale, units);
}

function pathOf(node: jsep.Expression, source: string): string {
  if (node.type === "Identifier") return (node as jsep.Identifier).name;
  const { object, property, computed, optional } = node as jsep.MemberExpression;
  if (node.type !== "MemberExpression" || computed || optional) throw unsupported("computed access", source);
  return `${pathOf(object, source)}.${pathOf(property, source)}`;
}

function compilePath(path: string, scope: Scope): Expression {
  const meant = literalInstead(path);
  if (meant) throw new GeneratorFault("bad-expression", `${path} is no field; write ${meant}.`);
  if (path === "referenceDate") return constant("date", 0, scope.referenceDay);
  const { field, vocabulary, column } = scope.reader(path);
  const read = { scale: scaleOf(field), vocabulary, column: (block: Block) => column(block) };
  return { ...read, type: typeOf(field) };
}

function typeOf({ type }: Field): Type {
  if (type === "integer") return "number";
  return type === "uuid" ? "string" : type;
}
