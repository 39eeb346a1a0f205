/**
 * The functions of the language, by name: how many operands, of which types.
 *
 * There is no power or square root: no rule of rounding would give them as exact decimals, and x * x
 * says the one that is.
 */
import { GeneratorFault } from "../kind.ts";
import { choose, coalesce, isNull } from "./choice.ts";
import { convert, isTimeText, unify } from "./convert.ts";
import type { Expression, Type } from "./expression.ts";
import { addMonths, clockPart, dateOf, datetimeOf, dayPart, daysBetween } from "./instants.ts";
import { absolute, extreme, MS_PER_DAY, toScale, wholeNumber } from "./numbers.ts";
import { durationOf } from "./operators.ts";
import { functionInstead } from "./spelling.ts";
import { concat, lengthOf, padding, padNumber, replaceText, slice, textFunction, type Value } from "./text.ts";

interface Signature {
  /** The types that each operand may be of. */
  readonly takes: readonly (readonly Type[])[];
  /** How many of the last operands may be left out; Infinity: the last may be repeated instead. */
  readonly optional?: number;
  make(operands: Expression[], source: string): Expression;
}

const NUMBER: Type[] = ["number"];
const TEXT: Type[] = ["string"];
const DAYS: Type[] = ["date", "datetime"];
const CLOCK: Type[] = ["datetime", "time"];
const ORDERED: Type[] = ["number", "date", "datetime", "time", "duration"];
const WRITTEN: Type[] = ["string", "number", "boolean", "date", "datetime", "time"];
const ANY: Type[] = [...WRITTEN, "duration", "null"];

const FUNCTIONS = new Map<string, Signature>();

/** A function of one operand. */
function one(name: string, takes: Type[], make: (operand: Expression, source: string) => Expression): void {
  FUNCTIONS.set(name, { takes: [takes], make: ([operand], source) => make(operand as Expression, source) });
}

/** A function of two operands. */
function two(name: string, takes: Type[][], make: (a: Expression, b: Expression, source: string) => Expression): void {
  FUNCTIONS.set(name, { takes, make: ([a, b], source) => make(a as Expression, b as Expression, source) });
}

/** A function of a string, called with the values of a row. */
function text(
  name: string,
  type: "string" | "number" | "boolean",
  rest: Type[][],
  call: (values: readonly Value[], source: string) => Value,
  optional = 0,
): void {
  const make = (operands: Expression[], source: string) => {
    const whole = operands.map((operand) => (operand.type === "number" ? toScale(operand, 0, source) : operand));
    return textFunction(type, whole, source, (values) => call(values, source));
  };
  FUNCTIONS.set(name, { takes: [TEXT, ...rest], optional, make });
}

one("abs", ["number", "duration"], absolute);
one("floor", NUMBER, (x) => wholeNumber("floor", x));
one("ceil", NUMBER, (x) => wholeNumber("ceil", x));
FUNCTIONS.set("round", { takes: [NUMBER, NUMBER], optional: 1, make: round });
for (const which of ["min", "max"] as const) {
  const make = (operands: Expression[], source: string) => extreme(which, alike(which, operands, source));
  FUNCTIONS.set(which, { takes: [ORDERED, ORDERED], optional: Number.POSITIVE_INFINITY, make });
}

FUNCTIONS.set("if", { takes: [["boolean"], ANY, ANY], make: ifElse });
FUNCTIONS.set("coalesce", { takes: [ANY, ANY], optional: Number.POSITIVE_INFINITY, make: firstKnown });
one("isNull", ANY, isNull);

FUNCTIONS.set("concat", { takes: [WRITTEN, WRITTEN], optional: Number.POSITIVE_INFINITY, make: concat });
FUNCTIONS.set("padStart", { takes: [["string", "number"], NUMBER, TEXT], optional: 1, make: padStart });
text("length", "number", [], ([x]) => lengthOf(x as string));
text("upper", "string", [], ([x]) => (x as string).toUpperCase());
text("lower", "string", [], ([x]) => (x as string).toLowerCase());
text("trim", "string", [], ([x]) => (x as string).trim());
text("left", "string", [NUMBER], ([x, n]) => slice(x as string, 0, Math.max(0, n as number)));
text("right", "string", [NUMBER], ([x, n]) =>
  slice(x as string, Math.max(0, lengthOf(x as string) - Math.max(0, n as number))),
);
text("substr", "string", [NUMBER, NUMBER], substr, 1);
text("contains", "boolean", [TEXT], ([x, y]) => Number((x as string).includes(y as string)));
text("startsWith", "boolean", [TEXT], ([x, y]) => Number((x as string).startsWith(y as string)));
text("endsWith", "boolean", [TEXT], ([x, y]) => Number((x as string).endsWith(y as string)));
text("replace", "string", [TEXT, TEXT], ([x, y, z], source) =>
  replaceText(x as string, y as string, z as string, source),
);

for (const part of ["year", "month", "day", "weekday"] as const) one(part, DAYS, (x) => dayPart(part, x));
for (const part of ["hour", "minute"] as const) one(part, CLOCK, (x) => clockPart(part, x));
one("date", DAYS, dateOf);
one("datetime", DAYS, datetimeOf);
one("days", NUMBER, (n, source) => durationOf(n, MS_PER_DAY, source));
one("hours", NUMBER, (n, source) => durationOf(n, 3_600_000, source));
one("minutes", NUMBER, (n, source) => durationOf(n, 60_000, source));
one("seconds", NUMBER, (n, source) => durationOf(n, 1_000, source));
two("daysBetween", [DAYS, DAYS], daysBetween);
two("addMonths", [DAYS, NUMBER], addMonths);

/** Compiles a call. Throws GeneratorFault for an unknown function, or operands that don't fit. */
export function call(name: string, given: Expression[], source: string): Expression {
  const signature = FUNCTIONS.get(name);
  if (!signature) {
    const instead = functionInstead(name);
    const remedy = instead ? `write ${instead}` : `there are ${[...FUNCTIONS.keys()].join(", ")}`;
    throw new GeneratorFault("bad-expression", `There is no function ${name}, in "${source}"; ${remedy}.`);
  }
  const { takes, optional = 0, make } = signature;
  const most = optional === Number.POSITIVE_INFINITY ? optional : takes.length;
  const least = optional === Number.POSITIVE_INFINITY ? takes.length : takes.length - optional;
  if (given.length < least || given.length > most) {
    const count = most === least ? `${least}` : most > takes.length ? `${least} or more` : `${least} to ${most}`;
    throw new GeneratorFault("bad-expression", `${name} takes ${count} operands, not ${given.length}, in "${source}".`);
  }
  const operands = given.map((operand, place) => {
    const types = takes[Math.min(place, takes.length - 1)] as readonly Type[];
    if (types.includes(operand.type)) return operand;
    if (types.includes("string") && operand.text !== undefined) return convert(operand, "string");
    if (types.includes("time") && isTimeText(operand)) return convert(operand, "time");
    const message = `Operand ${place + 1} of ${name} must be ${types.join(" or ")}, not ${operand.type}, in "${source}".`;
    throw new GeneratorFault("type-mismatch", message);
  });
  return make(operands, source);
}

function alike(name: string, operands: Expression[], source: string): Expression[] {
  const unified = unify(operands, source);
  if (unified) return unified;
  const types = [...new Set(operands.map(({ type }) => type))].join(" and ");
  const remedy = "give it values of one type, for example by concat(…), date(…) or datetime(…)";
  throw new GeneratorFault("type-mismatch", `${name} can't give both ${types}, in "${source}"; ${remedy}.`);
}

function ifElse([test, ...branches]: Expression[], source: string): Expression {
  const [yes, no] = alike("if", branches, source) as [Expression, Expression];
  return choose(test as Expression, yes, no);
}

function firstKnown(operands: Expression[], source: string): Expression {
  return alike("coalesce", operands, source).reduceRight((rest, operand) => coalesce(operand, rest));
}

/** A number in a place that shapes the result, which must be known before any row is. */
function literalNumber(
  operand: Expression | undefined,
  least: number,
  most: number,
  what: string,
  source: string,
): number {
  const { constant = Number.NaN, scale } = operand ?? { constant: least, scale: 0 };
  if (scale === 0 && constant >= least && constant <= most) return constant;
  throw new GeneratorFault(
    "bad-expression",
    `${what} must be a whole number from ${least} to ${most}, in "${source}".`,
  );
}

function round([x, decimals]: Expression[], source: string): Expression {
  const number = x as Expression;
  const scale = literalNumber(decimals, 0, 9, "The decimals of round", source);
  return scale < number.scale ? toScale(number, scale, source) : number;
}

/** From character `start`, 1-based as in SQL, to the end or so many characters. */
function substr([x, start, count = Number.POSITIVE_INFINITY]: readonly Value[]): Value {
  const from = (start as number) - 1;
  const to = from + (count as number);
  return to <= 0 ? "" : slice(x as string, Math.max(0, from), to);
}

/** Characters that padStart may fill up to. */
const MOST_PADDED = 100;

function padStart([x, width, pad]: Expression[], source: string): Expression {
  const given = x as Expression;
  const full = literalNumber(width, 0, MOST_PADDED, "The width of padStart", source);
  const filler = pad ? pad.text : " ";
  if (!filler)
    throw new GeneratorFault("bad-expression", `padStart fills with a literal of some characters, in "${source}".`);
  if (given.type === "number") return padNumber(given, full, filler, source);
  return textFunction("string", [given], source, ([value]) => padding(lengthOf(value as string), full, filler) + value);
}
