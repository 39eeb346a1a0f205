/** Expressions evaluated in a row of known fields, and how they are refused. */
import type { Field } from "../../src/dataset/schema.ts";
import type { Cell } from "../../src/generate/column.ts";
import { cellsOf, engineOf, fullFaultsOf, tableOf } from "./small-tables.ts";

export const constant = (name: string, type: Field["type"], value: unknown, more: Partial<Field> = {}): Field => {
  return { name, type, generator: { kind: "constant", value }, ...more };
};
const literal = (name: string, type: Field["type"], text: string, more: Partial<Field> = {}): Field => {
  return { name, type, generator: { kind: "expression", expr: `'${text}'` }, ...more };
};

/** One row: `nothing…` fields are NULL, `mail` is a column of several parts. */
export const FIELDS: Field[] = [
  constant("two", "integer", 2),
  constant("price", "number", 19.99),
  constant("rate", "number", 0.125, { scale: 3 }),
  constant("word", "string", "red"),
  constant("yes", "boolean", true),
  constant("day", "date", "2024-02-28"),
  constant("nothing", "integer", 7, { nullRate: 1 }),
  constant("no_word", "string", "red", { nullRate: 1 }),
  constant("no_truth", "boolean", true, { nullRate: 1 }),
  constant("stamp", "string", "x"),
  literal("at", "datetime", "2024-02-28T23:30:15.250Z", { scale: 3 }),
  literal("noon", "time", "12:00:00"),
  { name: "mail", type: "string", generator: { kind: "template", template: "{{word}}.{{two}}@example.org" } },
];

export const value = (expr: string, type: Field["type"], scale?: number): Field => {
  return { name: "value", type, ...(scale === undefined ? {} : { scale }), generator: { kind: "expression", expr } };
};

/** The value in a field of this type. */
export function evaluate(expr: string, type: Field["type"], scale?: number): Cell {
  return cellsOf(engineOf([tableOf("things", [...FIELDS, value(expr, type, scale)])]), "things.value", 0, 1)[0] as Cell;
}

/** The faults of an expression for a field of this type, as `code: message`. */
export function refused(expr: string, type: Field["type"]): string[] {
  return fullFaultsOf([tableOf("things", [...FIELDS, value(expr, type)])]).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}
