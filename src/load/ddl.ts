/**
 * Schema document to DDL: tables with named keys and checks, and the indexes to make after the rows.
 *
 * What differs between databases is a `Dialect` (dialects/sqlite.ts, dialects/tsql.ts). This file never
 * runs SQL, and puts no text of a user into it but names and quoted literals.
 */
import { createHash } from "node:crypto";
import { JobFailure } from "../dataset/errors.ts";
import { type IndexCondition, parseIndexFilter } from "../dataset/index-filter.ts";
import {
  type Field,
  type Index,
  parentName,
  parentTable,
  type SchemaDocument,
  scaleOf,
  type Table,
} from "../dataset/schema.ts";

/** A table in one dialect. All names in it are as they are in the database, unquoted, but for `qualified`. */
export interface TableDdl {
  readonly table: string;
  /** The table as statements name it, quoted and with its schema where the dialect has one. */
  readonly qualified: string;
  /** The columns that hold the values of the CSV's fields, in their order. */
  readonly columns: readonly StoredColumn[];
  readonly primaryKey: NamedKey;
  /** Constraints or unique indexes; either way an index of that name is there. */
  readonly uniqueKeys: readonly NamedKey[];
  /** Declared indexes over all rows, NULLs apart, in which no two are equal. */
  readonly uniqueIndexes: readonly NamedKey[];
  readonly foreignKeys: readonly ForeignKeyDdl[];
  readonly checks: readonly { name: string; condition: string }[];
  /** Of all indexes that are no constraint's. */
  readonly indexNames: readonly string[];
  /** Run before the rows: the table, what must refuse a row, and what finds the children of a row of its own table. */
  readonly create: readonly string[];
  /** Run when all tables are there: the foreign keys, where the dialect adds them afterwards; else none. */
  readonly references: readonly string[];
  /** Run after the rows, which takes half the time of keeping them up row by row. */
  readonly indexes: readonly string[];
}

interface NamedKey {
  readonly name: string;
  readonly columns: readonly string[];
}

interface ForeignKeyDdl extends NamedKey {
  readonly parent: string;
  /** A key of the parent in that key's own order; `columns` are in the same order. */
  readonly parentColumns: readonly string[];
}

export interface StoredColumn {
  readonly name: string;
  /** As CREATE TABLE has it, collation included, without NOT NULL. */
  readonly type: string;
  readonly shape: ColumnShape;
}

/** A column's type in parts, as a driver wants it. `scale` is the decimals of a number or of the seconds. */
export type ColumnShape =
  | { base: "INTEGER" | "TEXT" }
  | { base: "int" | "bigint" | "bit" | "date" | "uniqueidentifier" }
  | { base: "decimal"; precision: number; scale: number }
  | { base: "datetime2" | "time"; scale: number }
  | { base: "nvarchar"; length: number | "max" };

/** The name of a rule and its condition. */
type Check = readonly [rule: string, condition: string];

/** What one database writes in its own way. */
export interface Dialect {
  quote(name: string): string;
  table(name: string): string;
  /** The columns that hold the exact values, by table and in field order. */
  columns(schema: SchemaDocument): ReadonlyMap<string, readonly StoredColumn[]>;
  /** Definitions besides the stored column's own: how a person reads the value. */
  derived(field: Field, stored: StoredColumn): string[];
  /** A value of the field, given as the CSV spells it; numbers and booleans (0, 1) as SQL has them. */
  literal(field: Field, value: string): string;
  /** What the stored column's type doesn't refuse by itself; `most` characters where the schema says so. */
  typeChecks(field: Field, stored: StoredColumn, most: number | undefined): Check[];
  /** The columns of an index; `carried` ones are only there to be read. */
  indexColumns(keys: string, carried: string, unique: boolean): string;
  /** Conditions that keep NULLs of these columns from being equal in a unique index. */
  uniqueFilter(nullable: readonly string[]): string[];
  /** What follows a column's type when rows that leave it out have `value`, a literal of the field. */
  initial(field: Field, stored: StoredColumn, value: string, name: string): string;
  /** What follows the type of a column that may be NULL. */
  readonly nullable: string;
  /** Whether foreign keys are part of CREATE TABLE. */
  readonly referencesInTable: boolean;
  readonly tableEnd: string;
}

/** What all databases take; SQL Server's limit is 128. */
const MOST_NAME_CHARS = 120;

/**
 * The DDL of every table, in the order of the schema; the same schema always gives the same names.
 * @throws JobFailure for an index filter outside the grammar of `parseIndexFilter`.
 */
export function schemaDdl(schema: SchemaDocument, dialect: Dialect): TableDdl[] {
  const stored = dialect.columns(schema);
  const unused = namer(schema);
  return schema.tables.map((table) => {
    const columns = stored.get(table.name) as readonly StoredColumn[];
    const keys = keysOf(table, schema, stored, unused);
    const checks = table.fields.flatMap((field, i) =>
      checksOf(field, columns[i] as StoredColumn, dialect).map(([rule, condition]) => ({
        name: unused(`ck_${table.name}_${field.name}_${rule}`),
        condition,
      })),
    );
    const indexes = indexesOf(table, columns, keys, dialect, unused);
    const qualified = dialect.table(table.name);
    const unique = uniqueClauses(table, keys, dialect);
    const references = keys.foreign.map((key) => reference(key, dialect));
    const inTable = dialect.referencesInTable ? references : [];
    const conditions = checks.map(({ name, condition }) => `CONSTRAINT ${dialect.quote(name)} CHECK (${condition})`);
    return {
      table: table.name,
      qualified,
      columns,
      primaryKey: keys.primary,
      uniqueKeys: keys.unique.map(({ name, columns }) => ({ name, columns })),
      uniqueIndexes: indexes.filter(({ isUnique }) => isUnique),
      foreignKeys: keys.foreign,
      checks,
      indexNames: indexes.map(({ name }) => name),
      create: [
        createTable(table, columns, keys.primary, [...unique.clauses, ...inTable, ...conditions], dialect, unused),
        ...unique.indexes,
        ...indexes.filter(({ early }) => early).map(({ sql }) => sql),
      ],
      references: dialect.referencesInTable ? [] : references.map((clause) => `ALTER TABLE ${qualified} ADD ${clause}`),
      indexes: indexes.filter(({ early }) => !early).map(({ sql }) => sql),
    };
  });
}

interface Keys {
  primary: NamedKey;
  unique: (NamedKey & { fields: readonly string[] })[];
  foreign: ForeignKeyDdl[];
}

type Unused = (wanted: string) => string;

/** One namespace for all: a_b + c would name the same index as a + b_c. Too long a name ends in a hash of it. */
function namer(schema: SchemaDocument): Unused {
  const taken = new Set(schema.tables.map((table) => table.name));
  return (wanted) => {
    const hash = createHash("sha256").update(wanted).digest("hex").slice(0, 8);
    const short = wanted.length <= MOST_NAME_CHARS ? wanted : `${wanted.slice(0, MOST_NAME_CHARS - 9)}_${hash}`;
    let name = short;
    for (let n = 2; taken.has(name); n++) name = `${short}_${n}`;
    taken.add(name);
    return name;
  };
}

function keysOf(
  table: Table,
  schema: SchemaDocument,
  stored: ReadonlyMap<string, readonly StoredColumn[]>,
  unused: Unused,
): Keys {
  const columns = (fields: readonly string[], owner: Table) =>
    fields.map((name) => {
      const own = stored.get(owner.name) as readonly StoredColumn[];
      return (own[owner.fields.findIndex((field) => field.name === name)] as StoredColumn).name;
    });
  const foreignKeys = table.foreignKeys ?? [];
  const [primary, ...unique] = candidateKeys(table);
  return {
    primary: { name: unused(`pk_${table.name}`), columns: columns(primary as string[], table) },
    unique: unique.map((fields) => ({
      name: unused(`uq_${table.name}_${fields.join("_")}`),
      columns: columns(fields, table),
      fields,
    })),
    foreign: foreignKeys.map((key) => {
      const parent = schema.tables.find(({ name }) => name === parentTable(table, key)) as Table;
      const isOnly = foreignKeys.filter((other) => parentTable(table, other) === parent.name).length === 1;
      const targets = keyOrder(parent, key.reference.fields);
      const own = targets.map((target) => key.fields[key.reference.fields.indexOf(target)] as string);
      return {
        name: unused(`fk_${table.name}_${parent.name}${isOnly ? "" : `_${parentName(key)}`}`),
        columns: columns(own, table),
        parent: parent.name,
        parentColumns: columns(targets, parent),
      };
    }),
  };
}

/** The primary key, then the unique keys, each once. */
function candidateKeys({ primaryKey, uniqueKeys = [], fields }: Table): string[][] {
  const single = fields.filter((field) => field.constraints?.unique).map((field) => [field.name]);
  const seen = new Set<string>();
  return [primaryKey, ...uniqueKeys, ...single].filter((key) => !seen.has(String(key)) && seen.add(String(key)));
}

/** The referenced fields in the order of the key they make up: SQL Server takes no other. */
function keyOrder(parent: Table, fields: readonly string[]): readonly string[] {
  const isSame = (key: readonly string[]) => key.length === fields.length && key.every((name) => fields.includes(name));
  return candidateKeys(parent).find(isSame) ?? fields;
}

const list = (names: readonly string[], { quote }: Dialect): string => `(${names.map(quote).join(", ")})`;

function reference({ name, columns, parent, parentColumns }: ForeignKeyDdl, dialect: Dialect): string {
  const target = `${dialect.table(parent)} ${list(parentColumns, dialect)}`;
  return `CONSTRAINT ${dialect.quote(name)} FOREIGN KEY ${list(columns, dialect)} REFERENCES ${target}`;
}

/** The unique keys: constraints, but indexes that leave NULLs out where those would be equal to each other. */
function uniqueClauses(table: Table, { unique }: Keys, dialect: Dialect): { clauses: string[]; indexes: string[] } {
  const clauses: string[] = [];
  const indexes: string[] = [];
  for (const { name, columns, fields } of unique) {
    const filter = dialect.uniqueFilter(nullableIn(fields, table)).join(" AND ");
    const columnList = list(columns, dialect);
    if (!filter) clauses.push(`CONSTRAINT ${dialect.quote(name)} UNIQUE ${columnList}`);
    else {
      const target = `${dialect.table(table.name)} ${columnList}`;
      indexes.push(`CREATE UNIQUE INDEX ${dialect.quote(name)} ON ${target} WHERE ${filter}`);
    }
  }
  return { clauses, indexes };
}

function createTable(
  table: Table,
  columns: readonly StoredColumn[],
  primary: NamedKey,
  clauses: readonly string[],
  dialect: Dialect,
  unused: Unused,
): string {
  const lines = [
    ...table.fields.flatMap((field, i) => {
      const stored = columns[i] as StoredColumn;
      const nullness = mayBeNull(field, table) ? dialect.nullable : " NOT NULL";
      const initial = initialOf(field, stored, table, dialect, unused);
      return [`${dialect.quote(stored.name)} ${stored.type}${initial}${nullness}`, ...dialect.derived(field, stored)];
    }),
    `CONSTRAINT ${dialect.quote(primary.name)} PRIMARY KEY ${list(primary.columns, dialect)}`,
    ...clauses,
  ];
  return `CREATE TABLE ${dialect.table(table.name)} (\n  ${lines.join(",\n  ")}\n)${dialect.tableEnd}`;
}

/** What a field has in every row it also has in rows that others add without it. */
function initialOf(field: Field, stored: StoredColumn, table: Table, dialect: Dialect, unused: Unused): string {
  if (field.generator?.kind !== "constant") return "";
  const { value } = field.generator;
  const text = typeof value === "boolean" ? String(Number(value)) : asStored(field, value as string | number);
  return dialect.initial(field, stored, dialect.literal(field, text), unused(`df_${table.name}_${field.name}`));
}

const nullableIn = (names: readonly string[], table: Table): string[] =>
  names.filter((name) => table.fields.some((field) => field.name === name && mayBeNull(field, table)));

/** Keys are made without NULLs; only a document that never passed validation has others. */
export function mayBeNull({ name, constraints, nullRate = 0 }: Field, table: Table): boolean {
  if (constraints?.required || table.primaryKey.includes(name)) return false;
  const links = table.foreignKeys?.filter(({ fields }) => fields.includes(name)) ?? [];
  const isLoose = nullRate > 0 || links.some((key) => key.reference.resource === "" || (key.nullRate ?? 0) > 0);
  return isLoose || !candidateKeys(table).some((key) => key.includes(name));
}

/**
 * A field's constraints as conditions, each with the name of its rule; NULL passes all of them. A
 * decimal is compared in major units: in SQLite it and the literal are the same double when they are the
 * same decimal. `pattern` is left out: neither SQLite nor T-SQL has regular expressions, and every row
 * has been checked against it when it was made.
 */
function checksOf(field: Field, stored: StoredColumn, dialect: Dialect): Check[] {
  const { minimum, maximum, enum: values, maxLength } = field.constraints ?? {};
  const column = dialect.quote(field.name);
  const literal = (value: string | number) => dialect.literal(field, asStored(field, value));
  const checks: Check[] = [];
  if (minimum !== undefined) checks.push(["minimum", `${column} >= ${literal(minimum)}`]);
  if (maximum !== undefined) checks.push(["maximum", `${column} <= ${literal(maximum)}`]);
  if (values) checks.push(["enum", `${column} IN (${values.map(literal).join(", ")})`]);
  return [...checks, ...dialect.typeChecks(field, stored, maxLength)];
}

/**
 * A listed value as the CSV spells it, since it may be compared as text there: "2026-01-31T09:30" is
 * "2026-01-31T09:30:00Z" in a datetime field, "09:30" is "09:30:00.000" in a time field of scale 3.
 */
function asStored(field: Field, value: string | number): string {
  const text = String(value);
  if (field.type === "number" || field.type === "integer") return plain(Number(value));
  if (field.type === "uuid") return text.toLowerCase();
  if (field.type !== "datetime" && field.type !== "time") return text;
  const [clock = "", decimals = ""] = text.replace(/Z$/, "").split(".");
  const seconds = /:\d\d:\d\d$/.test(clock) ? "" : ":00";
  const fraction = scaleOf(field) === 3 ? `.${decimals.padEnd(3, "0")}` : "";
  return `${clock}${seconds}${fraction}${field.type === "datetime" ? "Z" : ""}`;
}

/** Small ones without an exponent, which would make an inexact literal of them. */
function plain(value: number): string {
  const text = String(value);
  return text.includes("e-") ? value.toFixed(9).replace(/\.?0+$/, "") : text;
}

interface NamedIndex extends NamedKey {
  /** Unique over all rows. */
  isUnique: boolean;
  sql: string;
  early: boolean;
}

/** The declared indexes, and one for each foreign key whose fields begin no key or index yet, in any order. */
function indexesOf(
  table: Table,
  stored: readonly StoredColumn[],
  keys: Keys,
  dialect: Dialect,
  unused: Unused,
): NamedIndex[] {
  const declared = table.indexes ?? [];
  const unique = [keys.primary, ...keys.unique].map(({ columns }) => [...columns]);
  const begun: string[][] = [];
  for (const one of declared) if (one.where === undefined) (one.unique ? unique : begun).push(one.fields.map(bare));
  // A unique one may leave out rows that have NULL in a field which is not the foreign key's.
  const leavesOut = (begin: string[], columns: readonly string[]) =>
    dialect.uniqueFilter(nullableIn(begin, table).filter((name) => !columns.includes(name))).length > 0;
  const foreign = keys.foreign
    .filter(({ columns }) => !unique.some((begin) => begins(columns, begin) && !leavesOut(begin, columns)))
    .filter(({ columns }) => !begun.some((begin) => begins(columns, begin)) && begun.push([...columns]))
    .map(({ columns }) => ({ fields: [...columns] }));
  return [...declared, ...foreign].map((index) => indexOf(index, table, stored, keys, dialect, unused));
}

const bare = (name: string): string => name.replace(/ desc$/, "");

/** Whether the columns, in any order, are the first of the others. */
const begins = (columns: readonly string[], others: readonly string[]): boolean =>
  columns.every((column) => others.slice(0, columns.length).includes(column));

function indexOf(
  spec: Index,
  table: Table,
  stored: readonly StoredColumn[],
  keys: Keys,
  dialect: Dialect,
  unused: Unused,
): NamedIndex {
  const { quote } = dialect;
  const unique = spec.unique === true;
  const fields = spec.fields.map(bare);
  const name = unused(`${unique ? "uq" : "ix"}_${table.name}_${fields.join("_")}`);
  // What must be unique is the exact value, not the one that people read.
  const columnOf = (field: string) => {
    const place = unique ? table.fields.findIndex((one) => one.name === field) : -1;
    return stored[place]?.name ?? field;
  };
  const ordered = spec.fields.map((field) => `${quote(columnOf(bare(field)))}${field === bare(field) ? "" : " DESC"}`);
  const carried = (spec.include ?? []).map(quote).join(", ");
  const nullable = table.fields.filter((field) => fields.includes(field.name) && mayBeNull(field, table));
  const conditions = [
    ...(spec.where === undefined ? [] : filterSql(spec.where, table, dialect)),
    ...(unique ? dialect.uniqueFilter(nullable.map((field) => field.name)) : []),
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${[...new Set(conditions)].join(" AND ")}`;
  const target = `${dialect.table(table.name)} ${dialect.indexColumns(ordered.join(", "), carried, unique)}`;
  // A row that others of its own table wait for is looked up among them as it comes: without an index
  // that reads the whole table for each row.
  const own = keys.foreign.filter(({ parent }) => parent === table.name);
  return {
    name,
    sql: `CREATE ${unique ? "UNIQUE " : ""}INDEX ${quote(name)} ON ${target}${filter}`,
    columns: spec.fields.map((field) => columnOf(bare(field))),
    isUnique: unique && spec.where === undefined,
    early: unique || (!filter && own.some(({ columns }) => begins(columns, fields))),
  };
}

function filterSql(where: string, table: Table, dialect: Dialect): string[] {
  let conditions: IndexCondition[];
  try {
    conditions = parseIndexFilter(where, table);
  } catch (error) {
    const message = `An index of ${table.name} has the filter ${JSON.stringify(where)}: ${(error as Error).message}.`;
    throw new JobFailure("load-index-filter", message, error);
  }
  return conditions.map(({ field, operator, values }) => {
    const literals = values.map((value) => dialect.literal(field, asStored(field, value)));
    const right = operator === "IN" ? `(${literals.join(", ")})` : literals.join("");
    return `${dialect.quote(field.name)} ${operator}${right && ` ${right}`}`;
  });
}
