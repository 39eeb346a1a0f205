/**
 * Schema document to DDL: tables with named keys and checks, and the indexes to make after the rows.
 *
 * SQLite has no decimal, and money must add up to the cent. So a `number` field is kept as whole
 * units of 10^-scale in an INTEGER column, `total_amount_minor`, which sums and compares exactly; and
 * `total_amount` is a virtual column over it in major units, for people: `SUM(total_amount)` reads
 * right, and is right to the cent below 2^53 units. What differs between databases is a `Dialect`;
 * this file never runs SQL, and puts no text of a user into it but names and quoted literals.
 */
import { JobFailure } from "../dataset/errors.ts";
import { type Field, parentName, parentTable, type SchemaDocument, scaleOf, type Table } from "../dataset/schema.ts";

export interface TableDdl {
  readonly table: string;
  /** The columns that hold the values of the CSV's fields, in their order. */
  readonly columns: readonly StoredColumn[];
  readonly foreignKeys: readonly { name: string; columns: string[]; parent: string; parentColumns: string[] }[];
  /** Run before the rows: the table, what must refuse a row, and what finds the children of a row of its own table. */
  readonly create: readonly string[];
  /** Run after the rows, which takes half the time of keeping them up row by row. */
  readonly indexes: readonly string[];
}

interface StoredColumn {
  readonly name: string;
  readonly type: string;
}

/** What one database writes in its own way. */
export interface Dialect {
  quote(name: string): string;
  text(value: string): string;
  /** The column that holds the exact value. */
  stored(field: Field, table: Table): StoredColumn;
  /** Definitions besides the stored column's own: how a person reads the value. */
  derived(field: Field, stored: string): string[];
  /** The columns of an index; `carried` ones are only there to be read. */
  indexColumns(keys: string, carried: string): string;
  /** The number of characters of a column. */
  length(column: string): string;
  readonly tableEnd: string;
}

export const sqlite: Dialect = {
  quote: (name) => `"${name}"`,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  stored: (field, table) => {
    if (field.type === "number" && scaleOf(field) > 0) return { name: minorName(field, table), type: "INTEGER" };
    const whole = field.type === "number" || field.type === "integer" || field.type === "boolean";
    return { name: field.name, type: whole ? "INTEGER" : "TEXT" };
  },
  derived: (field, stored) =>
    stored === field.name
      ? []
      : [`"${field.name}" REAL GENERATED ALWAYS AS ("${stored}" / ${10 ** scaleOf(field)}.0) VIRTUAL`],
  indexColumns: (keys, carried) => `(${keys}${carried && `, ${carried}`})`,
  length: (column) => `length(${column})`,
  tableEnd: " STRICT",
};

/**
 * The DDL of every table, in the order of the schema.
 * @throws JobFailure for an index filter outside the grammar of `filterSql`.
 */
export function schemaDdl(schema: SchemaDocument, dialect: Dialect): TableDdl[] {
  // One namespace for all: a_b + c would name the same index as a + b_c.
  const taken = new Set(schema.tables.map((table) => table.name));
  const unused = (wanted: string) => {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    taken.add(name);
    return name;
  };
  return schema.tables.map((table) => {
    const keys = keysOf(table, schema, dialect, unused);
    const columns = table.fields.map((field) => dialect.stored(field, table));
    const create = createTable(table, columns, keys, dialect, unused);
    const indexes = indexesOf(table, keys, dialect, unused);
    return {
      table: table.name,
      columns,
      foreignKeys: keys.foreign,
      create: [create, ...indexes.filter(({ early }) => early).map(({ sql }) => sql)],
      indexes: indexes.filter(({ early }) => !early).map(({ sql }) => sql),
    };
  });
}

interface Keys {
  primary: { name: string; columns: string[] };
  unique: { name: string; columns: string[] }[];
  foreign: TableDdl["foreignKeys"];
}

type Unused = (wanted: string) => string;

function keysOf(table: Table, schema: SchemaDocument, dialect: Dialect, unused: Unused): Keys {
  const stored = (fields: readonly string[], owner: Table) =>
    fields.map((name) => dialect.stored(owner.fields.find((field) => field.name === name) as Field, owner).name);
  const single = table.fields.filter((field) => field.constraints?.unique).map((field) => [field.name]);
  const unique = [...(table.uniqueKeys ?? []), ...single];
  const seen = new Set([String(table.primaryKey)]);
  const foreignKeys = table.foreignKeys ?? [];
  return {
    primary: { name: unused(`pk_${table.name}`), columns: stored(table.primaryKey, table) },
    unique: unique
      .filter((fields) => !seen.has(String(fields)) && seen.add(String(fields)))
      .map((fields) => ({ name: unused(`uq_${table.name}_${fields.join("_")}`), columns: stored(fields, table) })),
    foreign: foreignKeys.map((key) => {
      const parent = parentTable(table, key);
      const isOnly = foreignKeys.filter((other) => parentTable(table, other) === parent).length === 1;
      return {
        name: unused(`fk_${table.name}_${parent}${isOnly ? "" : `_${parentName(key)}`}`),
        columns: stored(key.fields, table),
        parent,
        parentColumns: stored(key.reference.fields, schema.tables.find(({ name }) => name === parent) as Table),
      };
    }),
  };
}

function createTable(
  table: Table,
  columns: readonly StoredColumn[],
  keys: Keys,
  dialect: Dialect,
  unused: Unused,
): string {
  const { quote } = dialect;
  const list = (names: readonly string[]) => `(${names.map(quote).join(", ")})`;
  const lines = [
    ...table.fields.flatMap((field, i) => {
      const { name, type } = columns[i] as StoredColumn;
      const required = field.constraints?.required || table.primaryKey.includes(field.name);
      return [`${quote(name)} ${type}${required ? " NOT NULL" : ""}`, ...dialect.derived(field, name)];
    }),
    `CONSTRAINT ${quote(keys.primary.name)} PRIMARY KEY ${list(keys.primary.columns)}`,
    ...keys.unique.map(({ name, columns }) => `CONSTRAINT ${quote(name)} UNIQUE ${list(columns)}`),
    ...keys.foreign.map(
      ({ name, columns, parent, parentColumns }) =>
        `CONSTRAINT ${quote(name)} FOREIGN KEY ${list(columns)} REFERENCES ${quote(parent)} ${list(parentColumns)}`,
    ),
    ...table.fields.flatMap((field) =>
      checksOf(field, dialect).map(
        ([rule, condition]) =>
          `CONSTRAINT ${quote(unused(`ck_${table.name}_${field.name}_${rule}`))} CHECK (${condition})`,
      ),
    ),
  ];
  return `CREATE TABLE ${quote(table.name)} (\n  ${lines.join(",\n  ")}\n)${dialect.tableEnd}`;
}

/**
 * A field's constraints as conditions, each with the name of its rule; NULL passes all of them. A
 * decimal is compared in major units: it and the literal are the same double when they are the same
 * decimal. `pattern` is left out: neither SQLite nor T-SQL has regular expressions, and every row has
 * been checked against it when it was made.
 */
function checksOf(field: Field, { quote, text, length }: Dialect): [rule: string, condition: string][] {
  const { minimum, maximum, enum: values, maxLength } = field.constraints ?? {};
  const column = quote(field.name);
  const literal = (value: string | number) =>
    typeof value === "number" || field.type === "number" || field.type === "integer"
      ? String(Number(value))
      : text(asStored(field, value));
  const checks: [string, string][] = [];
  if (field.type === "boolean") checks.push(["boolean", `${column} IN (0, 1)`]);
  if (minimum !== undefined) checks.push(["minimum", `${column} >= ${literal(minimum)}`]);
  if (maximum !== undefined) checks.push(["maximum", `${column} <= ${literal(maximum)}`]);
  if (values) checks.push(["enum", `${column} IN (${values.map(literal).join(", ")})`]);
  if (maxLength !== undefined) checks.push(["max_length", `${length(column)} <= ${maxLength}`]);
  return checks;
}

/**
 * A listed value as the CSV spells it, since it is compared as text there: "2026-01-31T09:30" is
 * "2026-01-31T09:30:00Z" in a datetime field, "09:30" is "09:30:00.000" in a time field of scale 3.
 */
function asStored(field: Field, value: string): string {
  if (field.type === "uuid") return value.toLowerCase();
  if (field.type !== "datetime" && field.type !== "time") return value;
  const [clock = "", decimals = ""] = value.replace(/Z$/, "").split(".");
  const seconds = /:\d\d:\d\d$/.test(clock) ? "" : ":00";
  const fraction = scaleOf(field) === 3 ? `.${decimals.padEnd(3, "0")}` : "";
  return `${clock}${seconds}${fraction}${field.type === "datetime" ? "Z" : ""}`;
}

/** The declared indexes, and one for each foreign key whose fields begin no key or index yet, in any order. */
function indexesOf(table: Table, keys: Keys, dialect: Dialect, unused: Unused): { sql: string; early: boolean }[] {
  const { quote } = dialect;
  const names = (columns: readonly string[]) => columns.map(quote).join(", ");
  const declared = table.indexes ?? [];
  const begun = [keys.primary, ...keys.unique].map(({ columns }) => columns);
  for (const index of declared) if (index.where === undefined) begun.push(index.fields);
  const begins = (columns: readonly string[], begin: readonly string[]) =>
    columns.every((column) => begin.slice(0, columns.length).includes(column));
  const foreign = keys.foreign
    .map(({ columns }) => columns)
    .filter((columns) => !begun.some((begin) => begins(columns, begin)) && begun.push(columns))
    .map((columns) => ({ fields: columns }));
  // A row that others of its own table wait for is looked up among them as it comes: without an index
  // that reads the whole table for each row.
  const own = keys.foreign.filter(({ parent }) => parent === table.name);
  return [...declared, ...foreign].map(({ fields, ...index }: IndexSpec) => {
    const unique = index.unique === true;
    const name = unused(`${unique ? "uq" : "ix"}_${table.name}_${fields.join("_")}`);
    // In a unique index a carried column would loosen the key.
    const columns = dialect.indexColumns(names(fields), unique ? "" : names(index.include ?? []));
    const filter = index.where === undefined ? "" : ` WHERE ${filterSql(index.where, table, dialect)}`;
    return {
      sql: `CREATE ${unique ? "UNIQUE " : ""}INDEX ${quote(name)} ON ${quote(table.name)} ${columns}${filter}`,
      early: unique || (!filter && own.some(({ columns }) => begins(columns, fields))),
    };
  });
}

type IndexSpec = NonNullable<Table["indexes"]>[number];

const COMPARISON = /^([a-z][a-z0-9_]*)\s*(=|<>|<=|>=|<|>)\s*(?:'([^']*)'|(-?\d+(?:\.\d+)?))$/;
const NULLNESS = /^([a-z][a-z0-9_]*)\s+is\s+(not\s+)?null$/i;

/**
 * An index's `where`, rebuilt from its parts: comparisons of a field with a literal and IS [NOT] NULL,
 * joined by AND. It is text of a user, so nothing else gets into the DDL.
 */
function filterSql(where: string, table: Table, { quote, text }: Dialect): string {
  const conditions = where
    .trim()
    .split(/\s+and\s+/i)
    .map((condition) => {
      const [, compared, operator, string, number] = COMPARISON.exec(condition) ?? [];
      const [, tested, not] = NULLNESS.exec(condition) ?? [];
      const field = table.fields.find(({ name }) => name === (compared ?? tested));
      if (!field) {
        throw new JobFailure(
          "load-index-filter",
          `An index of ${table.name} has the filter ${JSON.stringify(where)}; write it as comparisons of a field with a literal, joined by AND.`,
        );
      }
      return tested
        ? `${quote(tested)} IS ${not ? "NOT " : ""}NULL`
        : `${quote(field.name)} ${operator} ${number ?? text(string as string)}`;
    });
  return conditions.join(" AND ");
}

/** `total_amount_minor`, or with more underscores when the table has a field of that name. */
function minorName(field: Field, table: Table): string {
  let name = `${field.name}_minor`;
  while (table.fields.some((other) => other.name === name)) name += "_";
  return name;
}
