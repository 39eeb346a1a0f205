/** Values listed in a schema document as columns of a field's type: a list of choices becomes ids, ids become a column. */
import { type Field, type FieldType, scaleOf } from "../dataset/schema.ts";
import { type Numbers, parseDay, type Words } from "./column.ts";
import { parseClock, parseInstant } from "./instants/parse.ts";
import { GeneratorFault } from "./kind.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";

export type Value = string | number | boolean;

/** How ids into a list of values become a column. */
interface ValueColumns {
  /** The values as words, when they are. */
  readonly vocabulary?: Vocabulary;
  /** The least and the greatest of numbers. */
  readonly bounds?: { low: number; high: number };
  make(ids: Uint32Array): Words | Numbers;
}

/** Words for a string or uuid field, numbers for the rest. Throws GeneratorFault when a value does not fit the field's type. */
export function valueColumns(field: Field, values: readonly Value[]): ValueColumns {
  if (field.type === "string" || field.type === "uuid") {
    const vocabulary = makeVocabulary(values.map((value) => toWord(field, value)));
    return { vocabulary, make: (ids) => ({ kind: "words", vocabulary, ids }) };
  }
  const numbers = Float64Array.from(values, (value) => toNumber(field, value));
  const as = field.type === "integer" ? "number" : field.type;
  const scale = scaleOf(field);
  const make = (ids: Uint32Array): Numbers => {
    const values = new Float64Array(ids.length);
    for (let i = 0; i < values.length; i++) values[i] = numbers[ids[i] as number] as number;
    return { kind: "numbers", as, scale, values };
  };
  const bounds = { low: Infinity, high: -Infinity };
  for (const number of numbers) {
    bounds.low = Math.min(bounds.low, number);
    bounds.high = Math.max(bounds.high, number);
  }
  return { make, bounds };
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
 * A listed value as the whole number kept for it: 19.99 at scale 2 is 1999, a date its day, a datetime
 * or time its milliseconds without what its scale leaves out. Throws GeneratorFault when it is none.
 */
export function toNumber(field: Field, value: Value): number {
  const number = numberOf(field, value);
  if (number !== undefined && Number.isSafeInteger(number)) return number;
  throw mismatch(field, value);
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

function numberOf(field: Field, value: Value): number | undefined {
  switch (field.type) {
    case "date":
      return parseDay(String(value));
    case "datetime":
      return wholeSeconds(parseInstant(String(value)), field);
    case "time":
      return wholeSeconds(parseClock(String(value)), field);
    case "boolean":
      return { true: 1, false: 0 }[String(value)];
    case "integer":
    case "number": {
      // Number() alone takes true for 1 and a blank for 0.
      const isNumeral = typeof value === "number" || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(String(value));
      return isNumeral ? toUnits(Number(value), scaleOf(field)) : undefined;
    }
    default:
      return undefined;
  }
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
