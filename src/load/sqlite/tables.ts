/** The tables of a SQLite file: found as a load left them, made, or made anew; and the log that tells whose they are. */
import type { DatabaseSync } from "node:sqlite";
import { JobFailure } from "../../dataset/errors.ts";
import type { LoadReport } from "../../dataset/load-report.ts";
import type { TableDdl } from "../ddl.ts";
import { sqlite } from "../dialects/sqlite.ts";
import type { Left, LoadTask } from "../target.ts";
import { outsideKeys, refuseDropped, refuseMismatched } from "./outside.ts";

const { quote } = sqlite;

const LOG_NAME = "relata_load_log";

const LOG_TABLE = `CREATE TABLE IF NOT EXISTS ${LOG_NAME} (
  dataset TEXT NOT NULL,
  table_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  rows INTEGER NOT NULL,
  loaded_at TEXT NOT NULL,
  report TEXT,
  PRIMARY KEY (dataset, table_name)
) STRICT`;

/** The log's table is there, with what came to it later. */
export function prepareLog(db: DatabaseSync): void {
  db.exec(LOG_TABLE);
  const columns = db.prepare(`PRAGMA table_info(${LOG_NAME})`).all();
  if (!columns.some(({ name }) => name === "report")) db.exec(`ALTER TABLE ${LOG_NAME} ADD COLUMN report TEXT`);
}

type LogEntry = [dataset: string, table: string, sha256: string, rows: number, loadedAt: string];

export function writeLog(db: DatabaseSync, entry: LogEntry): void {
  db.prepare("INSERT OR REPLACE INTO relata_load_log VALUES (?, ?, ?, ?, ?, NULL)").run(...entry);
}

/** Keeps a load's report, in the dataset's first row of the log. */
export function writeReport(db: DatabaseSync, dataset: string, kept: KeptReport): void {
  const first = `(SELECT min(rowid) FROM ${LOG_NAME} WHERE dataset = $dataset)`;
  db.prepare(`UPDATE ${LOG_NAME} SET report = CASE rowid WHEN ${first} THEN $report END WHERE dataset = $dataset`).run({
    dataset,
    report: JSON.stringify(kept),
  });
}

interface KeptReport {
  /** The load's id. */
  load: string;
  report: LoadReport;
}

/** Of the dataset's last load. */
export function readReport(db: DatabaseSync, dataset: string): KeptReport | undefined {
  const row = db.prepare(`SELECT report FROM ${LOG_NAME} WHERE dataset = ? AND report IS NOT NULL`).get(dataset);
  return row && (JSON.parse(String(row.report)) as KeptReport);
}

/** The tables of the dataset's loads, parents first. */
function logged(db: DatabaseSync, dataset: string): (Omit<Left, "rows"> & { table: string })[] {
  const last = readReport(db, dataset)?.report.tables;
  const rows = db.prepare(`SELECT table_name, sha256 FROM ${LOG_NAME} WHERE dataset = ? ORDER BY rowid`).all(dataset);
  return rows.map(({ table_name, sha256 }) => ({
    ...{ table: String(table_name), sha256: String(sha256) },
    sums: last?.[String(table_name)],
  }));
}

/** SQLite keeps the text of the DDL, so the file itself tells whether a table is still the schema's. */
function declared(db: DatabaseSync): (ddl: TableDdl) => boolean {
  const rows = db.prepare("SELECT sql FROM sqlite_schema").all();
  const kept = new Set(rows.map(({ sql }) => sql));
  return ({ create, indexes }) => [...create, ...indexes].every((sql) => kept.has(sql));
}

/**
 * What an earlier load left, by table: empty unless all tables are as declared and no row lost its parent, as
 * rows may where a connection has foreign keys off.
 */
export function standing(db: DatabaseSync, dataset: string, ddl: readonly TableDdl[]): Map<string, Left> {
  if (!ddl.every(declared(db))) return new Map();
  const hasOrphan = ({ table }: TableDdl) =>
    db.prepare(`PRAGMA foreign_key_check(${quote(table)})`).get() !== undefined;
  if (ddl.some(hasOrphan)) return new Map();
  const known = new Set(ddl.map(({ table }) => table));
  return new Map(
    logged(db, dataset).map(({ table, ...left }) => [
      table,
      { ...left, rows: known.has(table) ? countRows(db, table) : 0 },
    ]),
  );
}

export function countRows(db: DatabaseSync, table: string): number {
  return Number(db.prepare(`SELECT count(*) AS rows FROM ${quote(table)}`).get()?.rows);
}

/**
 * Makes the tables ready for rows and returns those that were made just now, each with the rows that went with
 * an earlier one: they have no rows and no late indexes yet. To replace rows, all tables are made anew.
 * @throws JobFailure for a table that no load has made, or of another definition where rows are to stay, or that
 * can't be made anew under what refers to it.
 */
export function prepareTables(db: DatabaseSync, task: LoadTask, ddl: readonly TableDdl[]): Map<string, number> {
  refuseOwn(ddl);
  const { mode, dropFirst } = task.options;
  const old = logged(db, task.dataset).map(({ table }) => table);
  const isView = viewsIn(db);
  refuseViews(ddl.filter(isView));
  const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  const found = ddl.filter(({ table }) => isThere.get(table));
  if (!dropFirst) refuseForeign(found.filter(({ table }) => !old.includes(table)));
  const kept = mode === "replace" || dropFirst ? [] : found;
  const isDeclared = declared(db);
  refuseOther(kept.filter((one) => !isDeclared(one)));
  const went = new Map(found.map(({ table }) => [table, countRows(db, table)]));
  const outside = outsideKeys(db, [...ddl.map(({ table }) => table), ...old]);
  if (kept.length === 0) {
    refuseDropped(db, outside, ddl);
    dropTables(db, task.dataset, [...found.map(({ table }) => table), ...old.filter((table) => !isView({ table }))]);
  }
  const made = ddl.filter((one) => !kept.includes(one));
  for (const { create } of made) for (const sql of create) createObject(db, sql);
  refuseMismatched(db, outside, ddl);
  return new Map(made.map(({ table }) => [table, went.get(table) ?? 0]));
}

/** The loader's own table is nobody's. */
function refuseOwn(ddl: readonly TableDdl[]): void {
  if (!ddl.some(({ table }) => table.toLowerCase() === LOG_NAME)) return;
  throw new JobFailure(
    "load-bad-table",
    `A table called ${LOG_NAME} is the loader's own; give the dataset's another name.`,
  );
}

function refuseForeign(tables: readonly TableDdl[]): void {
  if (tables.length === 0) return;
  const names = tables.map(({ table }) => table).join(", ");
  throw new JobFailure("load-foreign-table", `The file has tables that no load has made: ${names}. Use dropFirst.`);
}

/** Whether a view has a table's name: SQLite keeps both in one list, whatever their case. */
function viewsIn(db: DatabaseSync): ({ table }: Pick<TableDdl, "table">) => boolean {
  const rows = db.prepare("SELECT lower(name) AS name FROM sqlite_schema WHERE type = 'view'").all();
  const names = new Set(rows.map(({ name }) => name));
  return ({ table }) => names.has(table);
}

/** Views are somebody's own: nothing that drops tables drops them. */
function refuseViews(tables: readonly TableDdl[]): void {
  if (tables.length === 0) return;
  const names = tables.map(({ table }) => `${table} (view)`).join(", ");
  const message = `The file has what is no table under names of tables: ${names}. Drop it, or give it another name.`;
  throw new JobFailure("load-foreign-table", message);
}

function refuseOther(tables: readonly TableDdl[]): void {
  if (tables.length === 0) return;
  const names = tables.map(({ table }) => table).join(", ");
  throw new JobFailure(
    "load-other-definition",
    `Tables are not as this dataset defines them: ${names}. Use mode replace, or dropFirst.`,
  );
}

function dropTables(db: DatabaseSync, dataset: string, tables: readonly string[]): void {
  // Children first: dropping a table that others refer to deletes its rows one by one.
  for (const table of tables.toReversed()) db.exec(`DROP TABLE IF EXISTS ${quote(table)}`);
  db.prepare("DELETE FROM relata_load_log WHERE dataset = ?").run(dataset);
}

function createObject(db: DatabaseSync, sql: string): void {
  try {
    db.exec(sql);
  } catch (error) {
    const what = sql.slice(0, sql.indexOf("(") - 1);
    throw new JobFailure("load-bad-table", `The database refuses ${what}: ${(error as Error).message}.`, error);
  }
}
