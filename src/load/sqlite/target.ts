/**
 * The embedded database: a dataset's tables in one SQLite file, loaded in one transaction.
 *
 * As that transaction hides everything until the end, rows need no staging: they go from the CSV straight into
 * their table (rows.ts), which is made when the first row comes (tables.ts). node:sqlite is
 * synchronous: between two batches the event loop gets its turn; only an index and the commit take longer,
 * under 1 s a million rows.
 */
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { JobFailure, Unavailable } from "../../dataset/errors.ts";
import type { LoadOptions } from "../../dataset/load-options.ts";
import type { Table } from "../../dataset/schema.ts";
import { schemaDdl, type TableDdl } from "../ddl.ts";
import { sqlite } from "../dialects/sqlite.ts";
import type { LoadTask, Moved, SqlLoad, SqlTarget, Staged } from "../target.ts";
import { fileFault, isBusy, isConstraint } from "./errors.ts";
import { orphaned } from "./outside.ts";
import { proveTable, sumTable } from "./proof.ts";
import { findOrphans, keysOf, loadRows } from "./rows.ts";
import { prepareLog, prepareTables, readReport, standing, writeLog, writeReport } from "./tables.ts";

const POLL_MS = 50;

/**
 * Loads into the SQLite file, which is made with its folder when absent. A second load of the same
 * file, in this process or another, waits `waitMs` for the first and is then told to come back.
 */
export function sqliteTarget(file: string, waitMs = 5000): SqlTarget {
  return {
    kind: "sqlite",
    stagesApart: false,
    refusals,
    attempt: (unit) => unit().catch((error) => Promise.reject(told(error, file))),
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
      return sqliteLoad(db, placeOf(file), task, ddl);
    },
  };
}

/** What the file itself is unfit for, as a job's failure; any other error as it is. */
function told(error: unknown, file: string): unknown {
  const fault = fileFault(error);
  return fault ? new JobFailure("load-database", `The SQLite file ${placeOf(file)} ${fault}.`, error) : error;
}

/** Its folder and name: no more of the path is anybody's. */
const placeOf = (file: string): string => `${basename(dirname(file))}/${basename(file)}`;

function refusals({ schema }: LoadOptions): { option: keyof LoadOptions; message: string }[] {
  if (schema === undefined) return [];
  return [{ option: "schema", message: "SQLite has no schemas, each dataset has a file: leave schema out" }];
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
      if (!isBusy(error)) throw error;
      if (waited >= waitMs)
        throw new Unavailable("Another load of this dataset is running; ask again when it has ended.", error);
      await sleep(POLL_MS);
    }
  }
  // Still enforced, but at the commit: a row may refer to a later one, of its own table or in a circle of tables.
  db.exec("PRAGMA defer_foreign_keys = ON");
  prepareLog(db);
}

function sqliteLoad(db: DatabaseSync, database: string, task: LoadTask, ddl: readonly TableDdl[]): SqlLoad {
  const { schema, options } = task;
  const of = new Map(ddl.map((table) => [table.table, table]));
  const get = (table: string) => of.get(table) as TableDdl;
  const kept = new Map<string, Staged>();
  const moved = new Map<string, Moved>();
  let made: ReadonlyMap<string, number> | undefined;
  return {
    database,
    textHash: "fnv1a",
    finished: async () => {
      const kept = readReport(db, task.dataset);
      return kept?.load === task.id ? kept.report : undefined;
    },
    standing: async () => standing(db, task.dataset, ddl),
    // What can't be stored in a column of SQLite can't be read from a CSV either.
    stage: async (table, batches) => {
      made ??= prepareTables(db, task, ddl);
      const found = await loadRows(db, get(table), batches, made.has(table) ? "new" : options.mode);
      moved.set(table, { ...found, deleted: made.get(table) ?? 0 });
      return found.inserted + found.updated + found.unchanged;
    },
    keep: async (table, staged) => void kept.set(table, staged),
    kept: async (table) => kept.get(table),
    prepare: async () => {},
    apply: async (table) => moved.get(table) as Moved,
    orphans: (table, again) => findOrphans(db, get(table), again),
    restore: async () => {},
    proof: async (table) => proveTable(db, get(table)),
    sums: (table, rows) => {
      const declared = schema.tables.find(({ name }) => name === table) as Table;
      return sumTable(db, declared, get(table), rows === "all" || made?.has(table) ? undefined : keysOf(table));
    },
    // Its sums are in the report, which is kept too.
    log: async (table, { sha256, rows }, loadedAt) =>
      writeLog(db, [task.dataset, table, sha256, rows, loadedAt.toISOString()]),
    finish: async (report) => writeReport(db, task.dataset, { load: task.id, report }),
    commit: async () => commit(db, task, ddl),
    close: async () => db.close(),
  };
}

/** The load's own rows have their parents by now; what is refused is a row of a table that the load doesn't know. */
function commit(db: DatabaseSync, { options }: LoadTask, ddl: readonly TableDdl[]): void {
  try {
    db.exec("COMMIT");
  } catch (error) {
    throw isConstraint(error) ? orphaned(db, ddl, options.mode, error) : error;
  }
}
