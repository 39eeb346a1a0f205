/** Values listed in a schema document as columns of a field's type: a list of choices becomes ids, ids become a column. */
import { type Field, scaleOf } from "../dataset/schema.ts";
import { type Numbers, parseDay, type Words } from "./column.ts";
import { GeneratorFault } from "./kind.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";

export type Value = string | number | boolean;

/** How ids into a list of values become a column. */
interface ValueColumns {
  /** The values as words, when they are. */
  readonly vocabulary?: Vocabulary;
  make(ids: Uint32Array): Words | Numbers;
}

/** Words for a string field, numbers for the rest. Throws GeneratorFault when a value does not fit the field's type. */
export function valueColumns(field: Field, values: readonly Value[]): ValueColumns {
  if (field.type === "string") {
    const vocabulary = makeVocabulary(values.map(String));
    return { vocabulary, make: (ids) => ({ kind: "words", vocabulary, ids }) };
  }
  const numbers = Float64Array.from(values, (value) => toNumber(field, value));
  const as = field.type === "date" || field.type === "boolean" ? field.type : "number";
  const scale = scaleOf(field);
  const make = (ids: Uint32Array): Numbers => {
    const values = new Float64Array(ids.length);
    for (let i = 0; i < values.length; i++) values[i] = numbers[ids[i] as number] as number;
    return { kind: "numbers", as, scale, values };
  };
  return { make };
}

/** A listed value as the whole number kept for it: 19.99 at scale 2 is 1999, a date its day. */
export function toNumber(field: Field, value: Value): number {
  const number = numberOf(field, value);
  if (number === undefined || !Number.isSafeInteger(number)) {
    throw new GeneratorFault("type-mismatch", `${JSON.stringify(value)} is not a value of type ${field.type}.`);
  }
  return number;
}

function numberOf(field: Field, value: Value): number | undefined {
  switch (field.type) {
    case "date":
      return parseDay(String(value));
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
