/**
 * Foreign keys by which a user's own tables in the file refer to those of the dataset.
 *
 * To replace rows, tables are dropped and made anew, and SQLite lets that pass as long as each row referred to is
 * there again at the commit. But a drop counts as a DELETE of all rows: ON DELETE CASCADE would empty the user's
 * table, though no row is gone in the end. So a key that acts on it is refused before.
 */
import type { DatabaseSync } from "node:sqlite";
import { JobFailure } from "../../dataset/errors.ts";
import type { LoadOptions } from "../../dataset/load-options.ts";
import type { TableDdl } from "../ddl.ts";
import { sqlite } from "../dialects/sqlite.ts";

const { quote } = sqlite;

interface OutsideKey {
  /** The table that refers, by which columns, and the number SQLite gives the key. */
  readonly from: string;
  readonly columns: readonly string[];
  readonly id: number;
  /** The table referred to, as the key spells it. */
  readonly to: string;
  /** As SQLite spells it: "NO ACTION", "RESTRICT", "CASCADE", … */
  readonly onDelete: string;
}

const isOneOf = (tables: readonly string[], name: string): boolean =>
  tables.some((table) => table.toLowerCase() === name.toLowerCase());

/** The keys of all other tables into `own`, tables that need not be there. */
export function outsideKeys(db: DatabaseSync, own: readonly string[]): OutsideKey[] {
  const rows = db
    .prepare(
      `SELECT child.name AS "from", key.id, key."table" AS "to", key.on_delete, json_group_array(key."from" ORDER BY key.seq) AS columns
       FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS key
       WHERE child.type = 'table' GROUP BY child.name, key.id ORDER BY child.name, key.id DESC`,
    )
    .all();
  const keys = rows.map(({ from, id, to, on_delete, columns }) => ({
    ...{ from: String(from), id: Number(id), to: String(to), onDelete: String(on_delete) },
    columns: JSON.parse(String(columns)) as string[],
  }));
  return keys.filter(({ from, to }) => isOneOf(own, to) && !isOneOf(own, from));
}

/** @throws JobFailure for rows that the drop of the tables would change, or whose table is not of `ddl`, those made anew. */
export function refuseDropped(db: DatabaseSync, keys: readonly OutsideKey[], ddl: readonly TableDdl[]): void {
  const anew = ddl.map(({ table }) => table);
  for (const key of keys) {
    const isGone = !isOneOf(anew, key.to);
    if ((!isGone && key.onDelete === "NO ACTION") || !hasRows(db, key)) continue;
    const why = isGone ? "which the load would drop" : `which the load makes anew, with ON DELETE ${key.onDelete}`;
    throw referenced(key, why, "replace");
  }
}

function hasRows(db: DatabaseSync, { from, columns }: OutsideKey): boolean {
  const present = columns.map((name) => `${quote(name)} IS NOT NULL`).join(" AND ");
  return db.prepare(`SELECT 1 FROM ${quote(from)} WHERE ${present} LIMIT 1`).get() !== undefined;
}

const NO_KEY = "which has no such key";

/**
 * SQLite takes no row into a table that is referred to by columns which are no key of it.
 * @throws JobFailure naming the table with such a reference.
 */
export function refuseMismatched(db: DatabaseSync, keys: readonly OutsideKey[], ddl: readonly TableDdl[]): void {
  const there = ddl.map(({ table }) => table);
  for (const key of keys.filter(({ to }) => isOneOf(there, to))) {
    try {
      // Prepared, never run: the statement is refused as any into the table would be.
      db.prepare(`DELETE FROM ${quote(key.to)}`);
    } catch (error) {
      if ((error as Error).message.includes(`"${key.from}"`)) throw referenced(key, NO_KEY, "upsert", error);
    }
  }
}

/** What a refused commit is a failure of: the first of the keys whose rows would lose their parent. */
export function orphaned(
  db: DatabaseSync,
  ddl: readonly TableDdl[],
  mode: LoadOptions["mode"],
  cause: unknown,
): JobFailure {
  const keys = outsideKeys(
    db,
    ddl.map(({ table }) => table),
  );
  const lost = db.prepare("SELECT count(*) AS rows FROM pragma_foreign_key_check(?) WHERE fkid = ?");
  for (const key of keys) {
    const rows = Number(lost.get(key.from, key.id)?.rows);
    if (rows > 0) return referenced(key, `of which the load would delete or change ${many(rows)}`, mode, cause);
  }
  return new JobFailure("load-referenced", "A table that is no load's refers to rows that are no more.", cause);
}

const many = (rows: number): string => (rows === 1 ? "a row that is referred to" : "rows that are referred to");

function referenced({ from, columns, to }: OutsideKey, what: string, mode: LoadOptions["mode"], cause?: unknown) {
  const remedy = mode === "replace" ? "Drop that table, or load with mode upsert" : "Drop that table";
  const message = `${from} (${columns.join(", ")}) refers to ${to}, ${what}. ${remedy}.`;
  return new JobFailure("load-referenced", message, cause);
}
