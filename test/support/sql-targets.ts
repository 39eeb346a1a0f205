/**
 * Every target of loads, for tests that must hold on all of them. SQLite is always there; a SQL Server is one that
 * MSSQL_TEST_URL is the connection string of (an empty database whose login may create schemas), else its tests are skipped.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { type Field, type SchemaDocument, scaleOf, type Table } from "../../src/dataset/schema.ts";
import { sqliteTarget } from "../../src/load/sqlite/target.ts";
import { connectSqlServer, type SqlServer } from "../../src/load/sqlserver/connection.ts";
import { sqlServerTarget } from "../../src/load/sqlserver/target.ts";
import type { SqlTarget } from "../../src/load/target.ts";

/** A target of one test, with nothing in it. */
export interface OpenTarget {
  readonly target: SqlTarget;
  /** A dataset's name that nobody else uses. */
  readonly dataset: string;
  /** A table's rows in order of its first field, each value spelled as in a CSV; NULL is null. */
  contents(schema: SchemaDocument, table: string): Promise<(string | null)[][]>;
  /** Runs a statement of the test's own; `{orders}` is the table's name in it. */
  execute(statement: string): Promise<void>;
  /** Whether a statement's rows are held against unique keys one by one, instead of all at its end. */
  checksKeysByRow(): Promise<boolean>;
  /** Takes the loader's memory of its loads away. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export interface TargetKind {
  readonly name: string;
  /** Why its tests can't run here. */
  readonly missing?: string;
  open(): Promise<OpenTarget>;
}

const url = process.env.MSSQL_TEST_URL;

export const TARGETS: readonly TargetKind[] = [
  { name: "SQLite", open: openSqlite },
  {
    name: "SQL Server",
    ...(url ? {} : { missing: "MSSQL_TEST_URL is not set" }),
    open: () => openSqlServer(url as string),
  },
];

const tableIn = (schema: SchemaDocument, name: string): Table =>
  schema.tables.find((table) => table.name === name) as Table;

async function openSqlite(): Promise<OpenTarget> {
  const folder = mkdtempSync(join(tmpdir(), "relata-target-"));
  const file = join(folder, "sql", "shop.sqlite");
  const use = <T>(act: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(file, { readBigInts: true, returnArrays: true });
    try {
      return act(db);
    } finally {
      db.close();
    }
  };
  return {
    target: sqliteTarget(file),
    dataset: "shop-demo",
    contents: async (schema, name) => {
      const { fields } = tableIn(schema, name);
      const columns = fields.map((field) =>
        field.type === "number" && scaleOf(field) > 0 ? `"${field.name}_minor"` : `"${field.name}"`,
      );
      const rows = use((db) => db.prepare(`SELECT ${columns.join(", ")} FROM "${name}" ORDER BY 1`).all());
      return (rows as unknown as unknown[][]).map((row) =>
        row.map((value, i) => (value === null ? null : spell(value, fields[i] as Field))),
      );
    },
    execute: async (statement) => use((db) => db.exec(statement.replace(/\{(\w+)\}/g, '"$1"'))),
    checksKeysByRow: async () => false,
    forget: async () => use((db) => db.exec("DELETE FROM relata_load_log")),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function spell(value: unknown, field: Field): string {
  if (field.type === "boolean") return value === 1n ? "true" : "false";
  const scale = field.type === "number" ? scaleOf(field) : 0;
  if (scale === 0) return String(value);
  const units = value as bigint;
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** As the CSV has it, made by the server: the driver would round decimals. */
function spelling(field: Field): string {
  const column = `[${field.name}]`;
  switch (field.type) {
    case "string":
      return column;
    case "date":
      return `CONVERT(varchar(10), ${column}, 23)`;
    case "datetime":
      return `REPLACE(CONVERT(varchar(${scaleOf(field) === 3 ? 23 : 19}), ${column}, 121), ' ', 'T') + 'Z'`;
    case "time":
      return `CONVERT(varchar(${scaleOf(field) === 3 ? 12 : 8}), ${column})`;
    case "uuid":
      return `LOWER(CONVERT(varchar(36), ${column}))`;
    case "boolean":
      return `CASE ${column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`;
    default:
      return `CONVERT(varchar(40), ${column})`;
  }
}

/** Babelfish leaves a fraction of nothing but zeros out. */
function padded(text: string | null, field: Field): string | null {
  if (text === null || field.type !== "datetime" || scaleOf(field) === 0) return text;
  return text.includes(".") ? text : text.replace("Z", ".000Z");
}

/** A statement in a transaction of its own. */
export async function runOn(server: SqlServer, statement: string): Promise<Record<string, unknown>[]> {
  const session = await server.begin();
  try {
    const { rows } = await session.query(statement);
    await session.commit();
    return rows;
  } finally {
    await session.rollback();
  }
}

async function openSqlServer(connectionString: string): Promise<OpenTarget> {
  const server = connectSqlServer(connectionString);
  const dataset = `t-${randomBytes(6).toString("hex")}`;
  const schema = dataset.replaceAll("-", "_");
  const run = (statement: string) => runOn(server, statement);
  return {
    target: sqlServerTarget(server, { sleep: () => sleep(20), random: Math.random }),
    dataset,
    contents: async (document, name) => {
      const { fields } = tableIn(document, name);
      const columns = fields.map((field, i) => `${spelling(field)} AS [c${i}]`);
      const order = `[${fields[0]?.name}]`;
      const rows = await run(`SELECT ${columns.join(", ")} FROM [${schema}].[${name}] ORDER BY ${order}`);
      return rows.map((row) => fields.map((field, i) => padded(row[`c${i}`] as string | null, field)));
    },
    execute: async (statement) => void (await run(statement.replace(/\{(\w+)\}/g, `[${schema}].[$1]`))),
    checksKeysByRow: async () => {
      const [row] = await run("SELECT SERVERPROPERTY('BabelfishVersion') AS [version]");
      return row?.version !== null;
    },
    forget: async () => void (await run(`DELETE FROM [relata].[load_log] WHERE [target_schema] = N'${schema}'`)),
    close: async () => {
      const tables = await run(
        `SELECT t.[name] FROM sys.tables AS t WHERE t.[schema_id] = SCHEMA_ID(N'${schema}') ORDER BY t.[name]`,
      );
      const keys = await run(
        `SELECT f.[name], t.[name] AS [of] FROM sys.foreign_keys AS f INNER JOIN sys.tables AS t
         ON t.[object_id] = f.[parent_object_id] WHERE t.[schema_id] = SCHEMA_ID(N'${schema}')`,
      );
      for (const { name, of } of keys) await run(`ALTER TABLE [${schema}].[${of}] DROP CONSTRAINT [${name}]`);
      for (const { name } of tables) await run(`DROP TABLE [${schema}].[${name}]`);
      await run(`DELETE FROM [relata].[load_log] WHERE [target_schema] = N'${schema}'`);
      await server.close();
    },
  };
}
