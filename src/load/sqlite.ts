/**
 * The embedded database: a dataset's tables in one SQLite file, loaded in one transaction.
 *
 * Rows go through a temporary staging table, whose key is the CSV line, and from there into the real
 * one by ranges of lines. A range that is refused is repeated line by line, so the exact first
 * offender is known and a sound load pays nothing for it. node:sqlite is synchronous: between two
 * ranges the event loop gets its turn; only an index and the commit take longer, under 1 s a million rows.
 */
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { JobFailure, Unavailable } from "../dataset/errors.ts";
import type { LoadOptions } from "../dataset/load-options.ts";
import type { Table } from "../dataset/schema.ts";
import { schemaDdl, type TableDdl } from "./ddl.ts";
import { sqlite } from "./dialects/sqlite.ts";
import { proveTable, sumTable } from "./sqlite-proof.ts";
import type { LoadTask, Orphans, Row, SqlLoad, SqlTarget, Staged } from "./target.ts";

/** Lines a statement: about 10 ms. */
const RANGE_LINES = 5000;
const POLL_MS = 50;

const LOG_TABLE = `CREATE TABLE IF NOT EXISTS relata_load_log (
  dataset TEXT NOT NULL,
  table_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  rows INTEGER NOT NULL,
  loaded_at TEXT NOT NULL,
  PRIMARY KEY (dataset, table_name)
) STRICT`;

/**
 * Loads into the SQLite file, which is made with its folder when absent. A second load of the same
 * file, in this process or another, waits `waitMs` for the first and is then told to come back.
 */
export function sqliteTarget(file: string, waitMs = 5000): SqlTarget {
  return {
    kind: "sqlite",
    stagesApart: false,
    refusals,
    attempt: (unit) => unit(),
    discard: async () => {},
    begin: async (task) => {
      const ddl = schemaDdl(task.schema, sqlite);
      mkdirSync(dirname(file), { recursive: true });
      const db = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
      try {
        await takeLock(db, waitMs);
      } catch (error) {
        db.close();
        throw error;
      }
      return sqliteLoad(db, `${basename(dirname(file))}/${basename(file)}`, task, ddl);
    },
  };
}

function refusals({ schema, mode }: LoadOptions): { option: keyof LoadOptions; message: string }[] {
  return [
    ...(schema === undefined
      ? []
      : [{ option: "schema" as const, message: "SQLite has no schemas, each dataset has a file: leave schema out" }]),
    ...(mode === "replace"
      ? []
      : [
          {
            option: "mode" as const,
            message: `a dataset's SQLite file holds no other rows to ${mode === "append" ? "append" : "upsert"} to: use replace`,
          },
        ]),
  ];
}

/**
 * Asks again from here instead of by SQLite's busy timeout: that one blocks the thread, and so would
 * keep a load in this same process from ever letting go.
 */
async function takeLock(db: DatabaseSync, waitMs: number): Promise<void> {
  // 64 MiB of pages: with SQLite's 2 MiB, pages of a text index go to the WAL many times over.
  db.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = FILE");
  for (let waited = 0; ; waited += POLL_MS) {
    try {
      db.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
      break;
    } catch (error) {
      if (primaryCode(error) !== SQLITE_BUSY) throw error;
      if (waited >= waitMs)
        throw new Unavailable("Another load of this dataset is running; ask again when it has ended.", error);
      await sleep(POLL_MS);
    }
  }
  // Still enforced, but at the commit: a row may refer to a later one, of its own table or in a circle of tables.
  db.exec(`PRAGMA defer_foreign_keys = ON; ${LOG_TABLE}`);
}

function sqliteLoad(db: DatabaseSync, database: string, task: LoadTask, ddl: readonly TableDdl[]): SqlLoad {
  const { dataset, schema } = task;
  const of = new Map(ddl.map((table) => [table.table, table]));
  const get = (table: string) => of.get(table) as TableDdl;
  const kept = new Map<string, Staged>();
  return {
    database,
    textBytes: "utf8",
    // A load that was committed and asked for again finds its tables standing.
    finished: async () => undefined,
    standing: async () => standing(db, dataset, ddl),
    // What can't be stored in a column of SQLite can't be read from a CSV either.
    stage: (table, batches) => stage(db, get(table), batches),
    keep: async (table, staged) => void kept.set(table, staged),
    kept: async (table) => kept.get(table),
    prepare: async () => recreate(db, task, ddl),
    apply: async (table) => ({ inserted: await apply(db, get(table)), updated: 0, unchanged: 0, deleted: 0 }),
    orphans: (table) => orphans(db, get(table)),
    restore: async () => {},
    proof: async (table) => proveTable(db, get(table)),
    checksums: (table) => sumTable(db, schema.tables.find(({ name }) => name === table) as Table, get(table)),
    log: async (table, sha256, rows, loadedAt) => {
      const values = [dataset, table, sha256, rows, loadedAt.toISOString()];
      db.prepare("INSERT INTO relata_load_log VALUES (?, ?, ?, ?, ?)").run(...values);
    },
    finish: async () => {},
    commit: async () => db.exec("COMMIT"),
    close: async () => db.close(),
  };
}

interface Standing {
  sha256: string;
  rows: number;
}

/** SQLite keeps the text of the DDL, so the file itself tells whether the tables are still the schema's. */
function standing(db: DatabaseSync, dataset: string, ddl: readonly TableDdl[]): Map<string, Standing> {
  const kept = new Set(
    db
      .prepare("SELECT sql FROM sqlite_schema")
      .all()
      .map(({ sql }) => sql),
  );
  if (!ddl.every(({ create, indexes }) => [...create, ...indexes].every((sql) => kept.has(sql)))) return new Map();
  const known = new Set(ddl.map(({ table }) => table));
  return new Map(
    logged(db, dataset).map(({ table, sha256 }) => [
      table,
      { sha256, rows: known.has(table) ? count(db, quote(table)) : 0 },
    ]),
  );
}

/** The tables of the dataset's last load, parents first. */
function logged(db: DatabaseSync, dataset: string): { table: string; sha256: string }[] {
  const rows = db
    .prepare("SELECT table_name, sha256 FROM relata_load_log WHERE dataset = ? ORDER BY rowid")
    .all(dataset);
  return rows.map(({ table_name, sha256 }) => ({ table: String(table_name), sha256: String(sha256) }));
}

function recreate(db: DatabaseSync, { dataset, options }: LoadTask, ddl: readonly TableDdl[]): void {
  // Children first: dropping a table that others refer to deletes its rows one by one.
  const dropped = [...(options.dropFirst ? ddl : []), ...logged(db, dataset)].reverse();
  for (const { table } of dropped) db.exec(`DROP TABLE IF EXISTS ${quote(table)}`);
  db.prepare("DELETE FROM relata_load_log WHERE dataset = ?").run(dataset);
  for (const sql of ddl.flatMap(({ create }) => create)) {
    try {
      db.exec(sql);
    } catch (error) {
      throw new JobFailure(
        "load-bad-table",
        `The database refuses ${sql.slice(0, sql.indexOf("(") - 1)}: ${(error as Error).message}.`,
        error,
      );
    }
  }
}

async function stage(
  db: DatabaseSync,
  { table, columns }: TableDdl,
  batches: AsyncIterable<readonly Row[]>,
): Promise<number> {
  const definitions = columns.map(({ name, type }) => `${quote(name)} ${type}`).join(", ");
  db.exec(`CREATE TEMP TABLE ${staged(table)} (${LINE} INTEGER PRIMARY KEY, ${definitions}) STRICT`);
  const insert = db.prepare(`INSERT INTO ${staged(table)} VALUES (?${", ?".repeat(columns.length)})`);
  for await (const batch of batches) {
    for (const row of batch) insert.run(...row);
    await turn();
  }
  return count(db, staged(table));
}

async function apply(db: DatabaseSync, { table, columns, indexes }: TableDdl): Promise<number> {
  const names = columns.map(({ name }) => quote(name)).join(", ");
  const insert = db.prepare(
    `INSERT INTO ${quote(table)} (${names}) SELECT ${names} FROM ${staged(table)} WHERE ${LINE} BETWEEN ? AND ?`,
  );
  let inserted = 0;
  for await (const [first, last] of lineRanges(db, table)) {
    try {
      inserted += Number(insert.run(first, last).changes);
    } catch (error) {
      throw primaryCode(error) === SQLITE_CONSTRAINT ? firstRefused(db, insert, table, first, last) : error;
    }
  }
  for (const sql of indexes) {
    db.exec(sql);
    await turn();
  }
  return inserted;
}

/** A refused statement leaves nothing of its range, so its lines can be tried one by one. */
function firstRefused(db: DatabaseSync, insert: StatementSync, table: string, first: number, last: number): Error {
  const lines = db
    .prepare(`SELECT ${LINE} AS line FROM ${staged(table)} WHERE ${LINE} BETWEEN ? AND ?`)
    .all(first, last);
  for (const { line } of lines) {
    try {
      insert.run(line as number, line as number);
    } catch (error) {
      const message = (error as Error).message;
      const code = /^UNIQUE/.test(message) ? "load-duplicate-key" : "load-broken-rule";
      return new JobFailure(code, `${table}.csv line ${line}: ${message}.`, error);
    }
  }
  throw new Error(`Lines ${first} to ${last} of ${table} are refused together but not one by one.`);
}

async function orphans(db: DatabaseSync, { table, foreignKeys }: TableDdl): Promise<Orphans> {
  const found: Orphans = { count: 0 };
  for (const { name, columns, parent, parentColumns } of foreignKeys) {
    const present = columns.map((column) => `child.${quote(column)} IS NOT NULL`).join(" AND ");
    const match = columns
      .map((column, i) => `parent.${quote(parentColumns[i] as string)} = child.${quote(column)}`)
      .join(" AND ");
    const query = db.prepare(
      `SELECT count(*) AS orphans, min(${LINE}) AS line FROM ${staged(table)} AS child WHERE ${LINE} BETWEEN ? AND ?
       AND ${present} AND NOT EXISTS (SELECT 1 FROM ${quote(parent)} AS parent WHERE ${match})`,
    );
    for await (const [first, last] of lineRanges(db, table)) {
      const { orphans, line } = query.get(first, last) as { orphans: number; line: number | null };
      found.count += orphans;
      if (line !== null && line < (found.first?.line ?? Infinity)) found.first = { constraint: name, line };
    }
  }
  return found;
}

/** The staged lines in ranges, inclusive, with a turn of the event loop after each. */
async function* lineRanges(db: DatabaseSync, table: string): AsyncGenerator<[first: number, last: number]> {
  const end = db.prepare(`SELECT max(${LINE}) AS line FROM ${staged(table)}`).get()?.line;
  for (let first = 2; first <= Number(end ?? 0); first += RANGE_LINES) {
    yield [first, first + RANGE_LINES - 1];
    await turn();
  }
}

function count(db: DatabaseSync, quoted: string): number {
  return Number(db.prepare(`SELECT count(*) AS rows FROM ${quoted}`).get()?.rows);
}

const { quote } = sqlite;

/** Names no schema can have: a field's or table's holds no #. */
const LINE = quote("#line");
const staged = (table: string): string => quote(`${table}#staged`);

const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;

/** SQLite's result code without its extension, 0 for another error. */
function primaryCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}
