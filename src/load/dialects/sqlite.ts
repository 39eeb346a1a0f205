/**
 * SQLite's way of writing a schema.
 *
 * It has no decimal, and money must add up to the cent. So a `number` field is kept as whole units of
 * 10^-scale in an INTEGER column, `total_amount_minor`, which sums and compares exactly; and
 * `total_amount` is a virtual column over it in major units, for people: `SUM(total_amount)` reads
 * right, and is right to the cent below 2^53 units. Dates, times and uuids are text as in the CSV.
 */
import { type Field, scaleOf, type Table } from "../../dataset/schema.ts";
import type { Dialect, StoredColumn } from "../ddl.ts";

export const sqlite: Dialect = {
  quote: (name) => `"${name}"`,
  table: (name) => `"${name}"`,
  columns: (schema) => {
    const columns = schema.tables.map((table) => table.fields.map((field) => stored(field, table)));
    return new Map(schema.tables.map(({ name }, place) => [name, columns[place] as StoredColumn[]]));
  },
  derived: (field, { name }) =>
    name === field.name
      ? []
      : [`"${field.name}" REAL GENERATED ALWAYS AS ("${name}" / ${10 ** scaleOf(field)}.0) VIRTUAL`],
  literal: (field, value) => (isText(field) ? `'${value.replaceAll("'", "''")}'` : value),
  typeChecks: (field, _, most) => [
    ...(field.type === "boolean" ? [["boolean", `"${field.name}" IN (0, 1)`] as const] : []),
    ...(most === undefined ? [] : [["max_length", `length("${field.name}") <= ${most}`] as const]),
  ],
  // In a unique index a carried column would loosen the key.
  indexColumns: (keys, carried, unique) => `(${keys}${carried && !unique ? `, ${carried}` : ""})`,
  // NULLs differ from each other in a unique index.
  uniqueFilter: () => [],
  initial: (field, { name }, value) => ` DEFAULT ${name === field.name ? value : unitsOf(value, field)}`,
  nullable: "",
  // Foreign keys can only be part of the table, and may name tables that come later.
  referencesInTable: true,
  tableEnd: " STRICT",
};

const isText = ({ type }: Field): boolean => type !== "number" && type !== "integer" && type !== "boolean";

function stored(field: Field, table: Table): StoredColumn {
  if (field.type === "number" && scaleOf(field) > 0) return column(minorName(field, table), "INTEGER");
  return column(field.name, isText(field) ? "TEXT" : "INTEGER");
}

const column = (name: string, base: "INTEGER" | "TEXT"): StoredColumn => ({ name, type: base, shape: { base } });

/** Whole units of a decimal literal; the product of two doubles is off by less than a unit could be. */
const unitsOf = (value: string, field: Field): string => String(Math.round(Number(value) * 10 ** scaleOf(field)));

/** `total_amount_minor`, or with more underscores when the table has a field of that name. */
function minorName(field: Field, table: Table): string {
  let name = `${field.name}_minor`;
  while (table.fields.some((other) => other.name === name)) name += "_";
  return name;
}
