/**
 * The files of sql/ that are generated, as they must be, and all shipped SQL in statements.
 *
 * `UPDATE_SQL=1` with the test of sql/ writes the generated ones; the others are written by hand.
 */
import { readFileSync } from "node:fs";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { schemaDdl, type TableDdl } from "../../src/load/ddl.ts";
import { tsql } from "../../src/load/dialects/tsql.ts";
import { MIGRATIONS, type Migration, recordMigration } from "../../src/load/migrations.ts";

/** The database schema of the preset's files. */
export const SCHEMA_NAME = "ecommerce";
const dialect = tsql(SCHEMA_NAME);
export const presetDdl = schemaDdl(PRESETS.get("ecommerce") as SchemaDocument, dialect);

const MADE = "-- Generated from the schema document; `UPDATE_SQL=1 npm test -- sql-files` writes it again.";
/** sqlcmd has this off, and then no filtered index can be made. */
const SETTINGS = "SET QUOTED_IDENTIFIER ON;";
const SCHEMA = `IF SCHEMA_ID(N'${SCHEMA_NAME}') IS NULL EXEC(N'CREATE SCHEMA [${SCHEMA_NAME}]');`;

/** Text of every generated file by its path. */
export function generatedFiles(): Record<string, string> {
  return {
    ...Object.fromEntries(MIGRATIONS.map((one) => [migrationPath(one), migrationFile(one)])),
    "sql/ecommerce/tables.sql": batches(
      "-- The preset's tables, then their foreign keys.",
      SCHEMA,
      ...ended(presetDdl.flatMap(({ create }) => create)),
      ...ended(presetDdl.flatMap(({ references }) => references)),
    ),
    "sql/ecommerce/indexes.sql": batches(
      "-- The preset's indexes: make them when the rows are there. queries.sql says what each is for.",
      ...ended(presetDdl.flatMap(({ indexes }) => indexes)),
    ),
    "sql/checks/ecommerce-keys.sql": [
      "-- Each statement selects the rows of the preset whose keys are wrong: none is a pass.",
      MADE,
      "",
      ...presetDdl.flatMap(keyChecks),
    ].join("\n"),
  };
}

const migrationPath = ({ version, name }: Migration): string =>
  `sql/schema/${String(version).padStart(3, "0")}_${name}.sql`;

function migrationFile(migration: Migration): string {
  const made = "-- Generated from src/load/migrations.ts; may be run again.";
  const statements = [...migration.statements, recordMigration(migration)];
  return `-- ${migration.about}\n${made}\n${SETTINGS}\nGO\n\n${ended(statements).join("\nGO\n\n")}\nGO\n`;
}

const batches = (about: string, ...statements: string[]): string =>
  `${about}\n${MADE}\n${SETTINGS}\nGO\n\n${statements.join("\nGO\n\n")}\nGO\n`;

const ended = (statements: readonly string[]): string[] => statements.map((statement) => `${statement};`);

/** Duplicates of every key and children without a parent, for tables that were loaded without their constraints. */
function keyChecks({ table, qualified, primaryKey, uniqueKeys, foreignKeys }: TableDdl): string[] {
  const duplicates = [primaryKey, ...uniqueKeys].map(({ name, columns }) => {
    const names = columns.map(dialect.quote).join(", ");
    return `-- ${name}: ${table} with the same ${columns.join(", ")}
SELECT ${names}, COUNT(*) AS [rows]
FROM ${qualified}
GROUP BY ${names}
HAVING COUNT(*) > 1;
`;
  });
  const orphans = foreignKeys.map(({ name, columns, parent, parentColumns }) => {
    const own = columns.map((column) => `child.${dialect.quote(column)}`);
    const match = own.map((column, i) => `parent.${dialect.quote(parentColumns[i] as string)} = ${column}`);
    return `-- ${name}: ${table} without their ${parent}
SELECT ${[...new Set([...primaryKey.columns.map((column) => `child.${dialect.quote(column)}`), ...own])].join(", ")}
FROM ${qualified} AS child
WHERE ${own.map((column) => `${column} IS NOT NULL`).join(" AND ")}
  AND NOT EXISTS (SELECT 1 FROM ${dialect.table(parent)} AS parent WHERE ${match.join(" AND ")});
`;
  });
  return [...duplicates, ...orphans];
}

export const readSql = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** A statement with the comments above it, and the change that its "broken by" comment names. */
export interface Statement {
  sql: string;
  title: string;
  brokenBy: string;
}

/** The statements of a file: each ends with a semicolon at the end of its line, or with its batch. */
export function statementsOf(text: string): Statement[] {
  const statements: Statement[] = [];
  let [sql, comments]: [string[], string[]] = [[], []];
  for (const line of text.split("\n")) {
    if (line.startsWith("--")) comments.push(line.replace(/^-- ?/, ""));
    else if (line === "GO" || line === "") comments = sql.length > 0 ? comments : [];
    else sql.push(line);
    if (sql.length === 0 || !line.endsWith(";")) continue;
    const brokenBy = comments.find((comment) => comment.startsWith("broken by: ")) ?? "";
    statements.push({ sql: sql.join("\n"), title: comments[0] ?? "", brokenBy: brokenBy.replace("broken by: ", "") });
    sql = [];
    comments = [];
  }
  if (sql.length > 0) throw new Error(`A statement is not ended: ${sql.join("\n")}`);
  return statements;
}
