/** Values listed in a schema document as columns of a field's type: a list of choices becomes ids, ids become a column. */
import { type Field, type FieldType, scaleOf } from "../dataset/schema.ts";
import { type Numbers, parseDay, type Words } from "./column.ts";
import { parseClock, parseInstant } from "./instants/parse.ts";
import { GeneratorFault, type Within } from "./kind.ts";
import { newNumbers } from "./reuse.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";

export type Value = string | number | boolean;

/** How ids into a list of values become a column. */
interface ValueColumns {
  /** The values as words, when they are. */
  readonly vocabulary?: Vocabulary;
  /** The least and the greatest of numbers. */
  readonly bounds?: { low: number; high: number };
  readonly within?: Within;
  make(ids: Uint32Array): Words | Numbers;
}

/**
 * Words for a string or uuid field, numbers for the rest, as `read` takes them. Throws GeneratorFault when a
 * value does not fit the field's type.
 */
export function valueColumns(field: Field, values: readonly Value[], read = toNumber): ValueColumns {
  if (field.type === "string" || field.type === "uuid") {
    const vocabulary = makeVocabulary(values.map((value) => toWord(field, value)));
    return { vocabulary, make: (ids) => ({ kind: "words", vocabulary, ids }) };
  }
  const numbers = Float64Array.from(values, (value) => read(field, value));
  const as = field.type === "integer" ? "number" : field.type;
  const scale = scaleOf(field);
  const make = (ids: Uint32Array): Numbers => {
    const values = newNumbers(ids.length);
    for (let i = 0; i < values.length; i++) values[i] = numbers[ids[i] as number] as number;
    return { kind: "numbers", as, scale, values };
  };
  const bounds = { low: Infinity, high: -Infinity };
  for (const number of numbers) {
    bounds.low = Math.min(bounds.low, number);
    bounds.high = Math.max(bounds.high, number);
  }
  return { make, bounds, within: { ...bounds, step: 1 } };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A uuid in lower case, as they are written. */
function toWord(field: Field, value: Value): string {
  if (field.type !== "uuid") return String(value);
  const word = String(value).toLowerCase();
  if (UUID.test(word)) return word;
  throw mismatch(field, value);
}

/**
 * A listed value as the whole number kept for it: 19.99 at scale 2 is 1999, a date its day, a datetime or
 * time its milliseconds. Throws GeneratorFault when it is none, or has decimals that the field's scale leaves out.
 */
export function toNumber(field: Field, value: Value): number {
  const number = nearestNumber(field, value);
  demandDecimals(field, value);
  return number;
}

/** The same of what a function gives, whose decimals nobody chose: numbers are rounded, seconds are cut. */
export function nearestNumber(field: Field, value: Value): number {
  const number = numberOf(field, value);
  if (number !== undefined && Number.isSafeInteger(number)) return number;
  throw mismatch(field, value);
}

/** Throws GeneratorFault for a number in quotes. Lists have such values, as their upload may be CSV. */
export function demandUnquoted({ name, type }: Field, value: Value): void {
  const isNumeric = type === "integer" || type === "number";
  if (!isNumeric || typeof value !== "string" || !NUMERAL.test(value)) return;
  const message = `${name} is ${type}; write ${JSON.stringify(value)} as a number, without quotes.`;
  throw new GeneratorFault("type-mismatch", message, "/value");
}

/** Throws GeneratorFault for a number, datetime or time with more decimals than its field has. */
export function demandDecimals(field: Field, value: Value): void {
  const { name, type } = field;
  const scale = scaleOf(field);
  const fault = (remedy: string) => {
    const message = `${value} has more than the ${scale} decimals of ${name}; round it, or ${remedy}.`;
    return new GeneratorFault("type-mismatch", message);
  };
  if (type === "integer" || type === "number") {
    // toFixed goes by the number's exact value: what it writes leads back to none but the nearest.
    const isExact = Number(Number(value).toFixed(scale)) === Number(value);
    if (!isExact) throw fault(type === "integer" ? "make the field a number" : "give the field a larger scale");
  }
  if ((type === "datetime" || type === "time") && wholeSeconds(msOf(field, value), field) !== msOf(field, value)) {
    throw fault("give the field scale 3");
  }
}

/** How values are written whose form is easily missed. */
const FORMS: Partial<Record<FieldType, string>> = {
  date: "2026-01-31",
  datetime: "2026-01-31T09:30:00Z",
  time: "09:30:00",
  boolean: "true",
  uuid: "0f8fad5b-d9cb-469f-a165-70867728950e",
};

function mismatch({ type }: Field, value: Value): GeneratorFault {
  const remedy = FORMS[type] ? `; write it like ${FORMS[type]}` : "";
  return new GeneratorFault("type-mismatch", `${JSON.stringify(value)} is not a value of type ${type}${remedy}.`);
}

const NUMERAL = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

function numberOf(field: Field, value: Value): number | undefined {
  switch (field.type) {
    case "date":
      return parseDay(String(value));
    case "datetime":
    case "time":
      return wholeSeconds(msOf(field, value), field);
    case "boolean":
      return { true: 1, false: 0 }[String(value)];
    case "integer":
    case "number": {
      // Number() alone takes true for 1 and a blank for 0.
      const isNumeral = typeof value === "number" || NUMERAL.test(String(value));
      return isNumeral ? toUnits(Number(value), scaleOf(field)) : undefined;
    }
    default:
      return undefined;
  }
}

function msOf({ type }: Field, value: Value): number {
  return type === "time" ? parseClock(String(value)) : parseInstant(String(value));
}

/** Milliseconds without those that the field's scale leaves out. */
function wholeSeconds(ms: number, field: Field): number {
  return scaleOf(field) === 0 ? Math.floor(ms / 1_000) * 1_000 : ms;
}

/** A decimal parameter in units of 10^-scale, rounded to the nearest: 0.29 at scale 2 is 29. */
function toUnits(value: number, scale: number): number {
  return Math.round(value * 10 ** scale);
}

/** The least number of units that is not below `value`: 0.004 at scale 2 is 1. Exact, as the division rounds correctly. */
export function unitsFrom(value: number, scale: number): number {
  const units = toUnits(value, scale);
  return units / 10 ** scale < value ? units + 1 : units;
}

/** The greatest number of units that is not above `value`: 0.006 at scale 2 is 0. */
export function unitsTo(value: number, scale: number): number {
  const units = toUnits(value, scale);
  return units / 10 ** scale > value ? units - 1 : units;
}
