/**
 * Strings made from strings, mostly without making any.
 *
 * A function of one string field is put through that field's vocabulary once, and the rows keep their
 * ids; joining columns is a joined column. Only what depends on several strings of a row, or on one
 * without a vocabulary, builds strings row by row. Characters are Unicode code points.
 */
import { JobFailure } from "../../dataset/errors.ts";
import { type Column, cellAt, type Joined, join, LONGEST_TEXT, type Numbers, type Words } from "../column.ts";
import { type Block, GeneratorFault } from "../kind.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";
import type { Expression } from "./expression.ts";
import { anyNull, toScale } from "./numbers.ts";

/** Most decimal places that a number is written with. */
const WRITTEN_SCALE = 9;

export function literalText(text: string): Expression {
  const vocabulary = makeVocabulary([text]);
  return { type: "string", scale: 0, text, vocabulary, column: () => ({ kind: "literal", vocabulary }) };
}

/** Values of any type but durations, written one after the other as CSV writes them. NULL when one is. */
export function concat(operands: readonly Expression[], source: string): Expression {
  const texts = operands.map(({ text }) => text);
  if (texts.every((text) => text !== undefined)) return literalText(texts.join(""));
  const written = operands.map((operand) => {
    if (operand.text !== undefined) return literalText(operand.text);
    return operand.type === "number" && operand.scale > WRITTEN_SCALE
      ? toScale(operand, WRITTEN_SCALE, source)
      : operand;
  });
  return {
    type: "string",
    scale: 0,
    mayFail: true,
    column: (block): Joined => {
      const columns = written.map((operand) => operand.column(block));
      const parts = columns.flatMap((column) => (column.kind === "joined" ? column.parts : [column]));
      return join(parts.filter(hasText), source, anyNull(columns));
    },
  };
}

function hasText(part: Joined["parts"][number]): boolean {
  return part.kind !== "literal" || part.vocabulary.words[0] !== "";
}

/** Strings, and numbers of scale 0; a boolean is 0 or 1. */
export type Value = string | number;

/** The result for one row's operands. */
type Call = (values: readonly Value[]) => Value;

/**
 * A function of strings and numbers of scale 0, called once a word where only one operand varies and
 * that is a string with a vocabulary, else once a row. Ends the job when it makes too long a string.
 */
export function textFunction(
  type: "string" | "number" | "boolean",
  operands: readonly Expression[],
  source: string,
  call: Call,
): Expression {
  const checked: Call = (values) => demandShort(call(values), source);
  const fixed = operands.map(({ text, constant }) => text ?? constant);
  const varying = operands.filter((_, place) => fixed[place] === undefined);
  const subject = varying.length < 2 ? operands.indexOf(varying[0] ?? (operands[0] as Expression)) : -1;
  const resultsOf = remembered((vocabulary) => {
    return resultsFrom(
      type,
      vocabulary.words.map((word) => checked(fixed.with(subject, word) as Value[])),
    );
  });
  const { vocabulary: known, type: subjectType } = operands[subject] ?? {};
  return {
    type,
    scale: 0,
    mayFail: type === "string" || operands.some(({ mayFail }) => mayFail),
    vocabulary: known && demandFits(() => resultsOf(known).vocabulary),
    column: (block) => {
      const columns = operands.map((operand) => operand.column(block));
      const given = columns[subject];
      if (subjectType === "string" && (given?.kind === "words" || given?.kind === "literal")) {
        return resultsAt(type, resultsOf(given.vocabulary), given, block.rows.length);
      }
      return resultsByRow(type, columns, block.rows.length, checked);
    },
  };
}

function demandShort(value: Value, source: string): Value {
  if (typeof value === "number" || value.length <= LONGEST_TEXT) return value;
  throw new JobFailure("overflow", `"${source}" makes a string of more than ${LONGEST_TEXT} characters; shorten it.`);
}

/** What would end every job is wrong with the schema. */
function demandFits<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof JobFailure) throw new GeneratorFault(error.code, error.message);
    throw error;
  }
}

function remembered<T>(make: (vocabulary: Vocabulary) => T): (vocabulary: Vocabulary) => T {
  const known = new WeakMap<Vocabulary, T>();
  return (vocabulary) => {
    const result = known.get(vocabulary) ?? make(vocabulary);
    known.set(vocabulary, result);
    return result;
  };
}

/** A result for each word: words of the same ids, or numbers. */
interface Results {
  readonly vocabulary?: Vocabulary;
  readonly numbers?: Float64Array;
}

function resultsFrom(type: string, made: readonly Value[]): Results {
  return type === "string"
    ? { vocabulary: makeVocabulary(made as string[]) }
    : { numbers: Float64Array.from(made as number[]) };
}

function resultsAt(
  type: "string" | "number" | "boolean",
  { vocabulary, numbers = new Float64Array(0) }: Results,
  given: Exclude<Column, Numbers | Joined>,
  count: number,
): Column {
  if (vocabulary) return { ...given, vocabulary };
  const values = new Float64Array(count);
  if (given.kind === "literal") values.fill(numbers[0] as number);
  else for (let i = 0; i < count; i++) values[i] = numbers[given.ids[i] as number] as number;
  return { kind: "numbers", as: type as "number", scale: 0, values, nulls: given.nulls };
}

function resultsByRow(
  type: "string" | "number" | "boolean",
  columns: readonly Column[],
  count: number,
  call: Call,
): Column {
  const nulls = anyNull(columns);
  const row: Value[] = [];
  const made = Array.from({ length: count }, (_, i): Value => {
    if (nulls?.[i]) return type === "string" ? "" : 0;
    for (let c = 0; c < columns.length; c++) row[c] = valueAt(columns[c] as Column, i);
    return call(row);
  });
  if (type === "string") return { ...wordColumn(made as string[]), nulls };
  return { kind: "numbers", as: type, scale: 0, values: Float64Array.from(made as number[]), nulls };
}

function valueAt(column: Column, i: number): Value {
  return column.kind === "numbers" ? (column.values[i] as number) : (cellAt(column, i) as string);
}

/** A column of these strings, with a vocabulary of its own. */
function wordColumn(texts: readonly string[]): Words {
  const ids = new Map<string, number>();
  const column = Uint32Array.from(texts, (text) => {
    const id = ids.get(text) ?? ids.size;
    ids.set(text, id);
    return id;
  });
  return { kind: "words", vocabulary: makeVocabulary([...ids.keys()]), ids: column };
}

/** How a comparison operator orders two strings: by code unit, which is the same in every locale. */
export function compareText(operator: string, left: Expression, right: Expression, source: string): Expression {
  const call: Record<string, Call> = {
    "==": ([a, b]) => (a === b ? 1 : 0),
    "!=": ([a, b]) => (a !== b ? 1 : 0),
    "<": ([a, b]) => ((a as Value) < (b as Value) ? 1 : 0),
    "<=": ([a, b]) => ((a as Value) <= (b as Value) ? 1 : 0),
    ">": ([a, b]) => ((a as Value) > (b as Value) ? 1 : 0),
    ">=": ([a, b]) => ((a as Value) >= (b as Value) ? 1 : 0),
  };
  return textFunction("boolean", [left, right], source, call[operator] as Call);
}

/** Code points `from` (0-based) to before `to`; a character outside the BMP is never cut in two. */
export function slice(text: string, from: number, to?: number): string {
  return isPlain(text) ? text.slice(from, to) : [...text].slice(from, to).join("");
}

export function lengthOf(text: string): number {
  return isPlain(text) ? text.length : [...text].length;
}

function isPlain(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

/** Every `from` replaced by `to`; refuses before it builds a result that is too long. */
export function replaceText(text: string, from: string, to: string, source: string): string {
  if (from === "") return text;
  const pieces = text.split(from);
  if (text.length + (pieces.length - 1) * (to.length - from.length) > LONGEST_TEXT)
    demandShort(" ".repeat(LONGEST_TEXT + 1), source);
  return pieces.join(to);
}

/** `pad`, repeated and cut to what `width` characters need beyond `length`. */
export function padding(length: number, width: number, pad: string): string {
  const missing = Math.max(0, width - length);
  return slice(pad.repeat(Math.ceil(missing / lengthOf(pad))), 0, missing);
}

/** A number after the padding that fills it up to `width` characters: two parts, no strings. */
export function padNumber(given: Expression, width: number, pad: string, source: string): Expression {
  const number = given.scale > WRITTEN_SCALE ? toScale(given, WRITTEN_SCALE, source) : given;
  const vocabulary = makeVocabulary(Array.from({ length: width + 1 }, (_, missing) => padding(0, missing, pad)));
  const column = (block: Block): Joined => {
    const digits = number.column(block) as Numbers;
    const ids = new Uint32Array(block.rows.length);
    for (let i = 0; i < ids.length; i++)
      ids[i] = Math.max(0, width - writtenLength(digits.values[i] as number, number.scale));
    return { kind: "joined", parts: [{ kind: "words", vocabulary, ids }, digits], nulls: digits.nulls };
  };
  return { type: "string", scale: 0, mayFail: true, column };
}

/** Characters of the number as CSV writes it: a sign, a point and at least one digit before it. */
function writtenLength(units: number, scale: number): number {
  let digits = 1;
  for (let rest = Math.abs(units); rest >= 10; rest /= 10) digits++;
  return Math.max(digits, scale + 1) + (scale > 0 ? 1 : 0) + (units < 0 ? 1 : 0);
}
