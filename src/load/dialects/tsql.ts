/**
 * T-SQL's way of writing a schema, for SQL Server, Azure SQL and Babelfish 4.3.
 *
 * Tables lie in a schema of their own; foreign keys are added when all tables are there, so that tables
 * may refer to each other in any order. What a column is follows from `columnTypes`.
 */
import type { Field } from "../../dataset/schema.ts";
import type { Dialect } from "../ddl.ts";
import { columnTypes } from "./tsql-types.ts";

const bracketed = (name: string): string => `[${name.replaceAll("]", "]]")}]`;

/** The dialect for tables in the database schema `schema`, whose name may be any text. */
export function tsql(schema: string): Dialect {
  return {
    quote: bracketed,
    table: (name) => `${bracketed(schema)}.${bracketed(name)}`,
    columns: columnTypes,
    derived: () => [],
    literal,
    // LEN leaves trailing blanks out: where the type has a length, that one is exact.
    typeChecks: (field, { shape }, most) =>
      most !== undefined && shape.base === "nvarchar" && shape.length === "max"
        ? [["max_length", `LEN(${bracketed(field.name)}) <= ${most}`]]
        : [],
    indexColumns: (keys, carried) => `(${keys})${carried && ` INCLUDE (${carried})`}`,
    // NULLs are equal to each other in a unique index, as in no other database: they are left out of it.
    uniqueFilter: (nullable) => nullable.map((name) => `${bracketed(name)} IS NOT NULL`),
    initial: (_, __, value, name) => ` CONSTRAINT ${bracketed(name)} DEFAULT ${value}`,
    // Said, since a session or a database may be set to take NOT NULL for granted.
    nullable: " NULL",
    referencesInTable: false,
    tableEnd: "",
  };
}

/** Texts are Unicode; all in the spellings that no language or date format setting changes. */
function literal(field: Field, value: string): string {
  switch (field.type) {
    case "integer":
      // A literal beyond 32 bits is a numeric, which no filtered index compares with a bigint.
      return Math.abs(Number(value)) < 2 ** 31 ? value : `CAST(${value} AS bigint)`;
    case "number":
    case "boolean":
      return value;
    case "date":
    case "time":
    case "datetime":
      // Not Unicode: so the filtered indexes of SQL Server's own documentation have them, and Babelfish makes a datetime2
      // of nvarchar by no function that it lets into an index. A datetime2 has no zone; all instants are UTC.
      return `'${value.replace(/Z$/, "")}'`;
    default:
      return `N'${value.replaceAll("'", "''")}'`;
  }
}
