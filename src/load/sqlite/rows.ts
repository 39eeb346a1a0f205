/**
 * Rows into the tables of a SQLite file, and the search for rows without a parent.
 *
 * Several rows go in one statement, which spares most of what a statement costs (the values of an enum's check
 * are put into a table anew each time). A statement that is refused leaves nothing behind and is repeated row by
 * row: so the exact first offender is known, and a sound load pays nothing for it.
 */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { JobFailure } from "../../dataset/errors.ts";
import type { LoadOptions } from "../../dataset/load-options.ts";
import type { TableDdl } from "../ddl.ts";
import { sqlite } from "../dialects/sqlite.ts";
import type { Row, Value } from "../row.ts";
import type { Moved, Orphans } from "../target.ts";
import { isConstraint, isUnique } from "./errors.ts";
import { rowRanges } from "./proof.ts";
import { countRows } from "./tables.ts";

const { quote } = sqlite;

/** Beyond these a statement gains little. */
const ROWS_A_STATEMENT = 16;
/** What SQLite takes in one statement. */
const MOST_PARAMETERS = 32_766;

type Batches = AsyncIterable<readonly Row[]>;

/**
 * Rows into a table: "new" into one that was made for them, whose late indexes are then made too; else beside
 * rows that stay, as the mode says.
 * @throws JobFailure naming the first line that breaks a key or a check, and which.
 */
export async function loadRows(
  db: DatabaseSync,
  ddl: TableDdl,
  batches: Batches,
  mode: "new" | LoadOptions["mode"],
): Promise<Moved> {
  const { put, end } = mode === "new" ? insertInto(db, ddl) : mergeInto(db, ddl, mode);
  const before = countRows(db, ddl.table);
  let rows = 0;
  let changed = 0;
  for await (const batch of batches) {
    rows += batch.length;
    changed += put(batch);
    await turn();
  }
  end();
  // Now, not when all tables are there: in a circle of tables the next one's rows are looked up in this one.
  for (const sql of mode === "new" ? ddl.indexes : []) {
    db.exec(sql);
    await turn();
  }
  const inserted = countRows(db, ddl.table) - before;
  return { inserted, updated: changed - inserted, unchanged: rows - changed, deleted: 0 };
}

interface Putting {
  /** Puts a batch into the table and returns how many of its rows change something. */
  put(batch: readonly Row[]): number;
  /** After the last batch: puts in what had to wait for it. */
  end(): void;
}

function insertInto(db: DatabaseSync, ddl: TableDdl): Putting {
  const width = ddl.columns.length;
  const many = Math.max(1, Math.min(ROWS_A_STATEMENT, Math.floor(MOST_PARAMETERS / width)));
  const [one, several] = [db.prepare(insertSql(ddl, 1)), db.prepare(insertSql(ddl, many))];
  const values = new Array<Value>(many * width);
  const insertSeveral = (batch: readonly Row[], at: number): boolean => {
    for (let i = 0, place = 0; i < many; i++) {
      const row = batch[at + i] as Row;
      for (let column = 1; column <= width; column++) values[place++] = row[column] as Value;
    }
    try {
      several.run(...values);
      return true;
    } catch (error) {
      if (isConstraint(error)) return false;
      throw error;
    }
  };
  const put = (batch: readonly Row[]) => {
    let at = 0;
    while (at + many <= batch.length && insertSeveral(batch, at)) at += many;
    for (const [line, ...row] of batch.slice(at)) told(ddl, line, () => one.run(...row));
    return batch.length;
  };
  return { put, end: () => {} };
}

/** Beside other rows one row a statement: what it changed tells a new row, a changed and an equal one apart. */
function mergeInto(db: DatabaseSync, ddl: TableDdl, mode: LoadOptions["mode"]): Putting {
  const { table, columns, primaryKey } = ddl;
  const isKey = (name: string) => primaryKey.columns.includes(name);
  const keyColumns = columns.filter(({ name }) => isKey(name));
  const keys = keyColumns.map(({ name }) => quote(name)).join(", ");
  const definitions = keyColumns.map(({ name, type }) => `${quote(name)} ${type}`).join(", ");
  db.exec(`CREATE TEMP TABLE ${keysOf(table)} (${definitions}, PRIMARY KEY (${keys})) WITHOUT ROWID`);
  const remember = db.prepare(`INSERT INTO ${keysOf(table)} VALUES (${keyColumns.map(() => "?").join(", ")})`);
  const places = keyColumns.map((column) => columns.indexOf(column));
  const others = columns.filter(({ name }) => !isKey(name)).map(({ name }) => quote(name));
  const list = (prefix: string) => `(${others.map((name) => `${prefix}.${name}`).join(", ")})`;
  const set = others.map((name) => `${name} = excluded.${name}`).join(", ");
  const update = `UPDATE SET ${set} WHERE ${list(STANDING)} IS NOT ${list("excluded")}`;
  const onConflict = ` ON CONFLICT (${keys}) DO ${others.length > 0 ? update : "NOTHING"}`;
  const put = db.prepare(insertSql(ddl, 1) + (mode === "upsert" ? onConflict : ""));
  const waiting = mode === "upsert" && others.length > 0 ? waitingRows(db, ddl) : undefined;
  const merge = (row: Row): number => {
    const [, ...values] = row;
    try {
      return Number(put.run(...values).changes);
    } catch (error) {
      if (!waiting || !isUnique(error)) throw error;
      waiting.add(row);
      return 1;
    }
  };
  return {
    put: (batch) => {
      let changed = 0;
      for (const row of batch) {
        told(ddl, row[0], () => {
          remember.run(...places.map((place) => row[place + 1] as Value));
          changed += merge(row);
        });
      }
      return changed;
    },
    end: () => waiting?.end((row) => told(ddl, Number(row[0]), () => put.run(...row.slice(1)))),
  };
}

/**
 * Rows of an upsert whose unique value another row still has. That one may give it up further down in the file,
 * or wait too, as where two rows change places: so at the end all that wait get values that no row has, and then
 * their own. Rows stay in the table all along, since rows of others may refer to them.
 */
function waitingRows(db: DatabaseSync, { table, columns, primaryKey }: TableDdl) {
  const name = quote(`${table}#waiting`);
  const definitions = columns.map((column) => `${quote(column.name)} ${column.type}`);
  db.exec(`CREATE TEMP TABLE ${name} (${LINE} INTEGER PRIMARY KEY, ${definitions.join(", ")})`);
  const keep = db.prepare(`INSERT INTO ${name} VALUES (?${", ?".repeat(columns.length)})`);
  // A text nobody can have foreseen, a whole number below those that JSON holds exactly.
  const ofNoRow = { TEXT: `'${randomUUID()} ' || ${LINE}`, INTEGER: `-${2 ** 53} - ${LINE}` };
  const changes = columns
    .filter((column) => !primaryKey.columns.includes(column.name))
    .map(({ name, type }) => `${quote(name)} = ${ofNoRow[type as keyof typeof ofNoRow]}`);
  const sameKey = primaryKey.columns.map((key) => `own.${quote(key)} = waiting.${quote(key)}`).join(" AND ");
  return {
    add: (row: Row) => void keep.run(...row),
    end: (put: (row: Row) => void) => {
      db.exec(`PRAGMA ignore_check_constraints = ON;
UPDATE ${quote(table)} AS own SET ${changes.join(", ")} FROM ${name} AS waiting WHERE ${sameKey};
PRAGMA ignore_check_constraints = OFF`);
      const rows = db.prepare(`SELECT * FROM ${name} ORDER BY ${LINE}`);
      rows.setReadBigInts(true);
      rows.setReturnArrays(true);
      for (const row of rows.iterate() as Iterable<unknown>) put(row as Row);
    },
  };
}

/** A name no column can have. */
const LINE = quote("#line");

function insertSql({ table, columns }: TableDdl, rows: number): string {
  const names = columns.map(({ name }) => quote(name)).join(", ");
  // By another name, as the table's own may be `excluded`, which is the row that was to be put in.
  const target = `${quote(table)} AS ${STANDING}`;
  const row = `(${columns.map(() => "?").join(", ")})`;
  return `INSERT INTO ${target} (${names}) VALUES ${new Array(rows).fill(row).join(", ")}`;
}

/** The row that is there already. */
const STANDING = quote("#standing");

/** Where a load remembers its keys beside rows of others. A name no schema can have: a table's holds no #. */
const KEYS = "#keys";
export const keysOf = (table: string): string => quote(`${table}${KEYS}`);

function told({ table }: TableDdl, line: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isConstraint(error)) throw error;
    const message = error.message.replaceAll(KEYS, "");
    const code = isUnique(error) ? "load-duplicate-key" : "load-broken-rule";
    throw new JobFailure(code, `${table}.csv line ${line}: ${message}.`, error);
  }
}

/**
 * Rows of the table whose parent is missing. Where there are any, the file is read `again` to find the line of
 * the first: no sound load keeps lines.
 */
export async function findOrphans(db: DatabaseSync, ddl: TableDdl, again: () => Batches): Promise<Orphans> {
  const missing = ddl.foreignKeys.map(({ columns, parent, parentColumns }, i) => {
    const present = columns.map((column) => `child.${quote(column)} IS NOT NULL`).join(" AND ");
    const match = columns.map((column, k) => `parent.${quote(parentColumns[k] as string)} = child.${quote(column)}`);
    const lookup = `SELECT 1 FROM ${quote(parent)} AS parent WHERE ${match.join(" AND ")}`;
    return `total(${present} AND NOT EXISTS (${lookup})) AS n${i}`;
  });
  let count = 0;
  if (missing.length === 0) return { count };
  const used = [...new Set(ddl.foreignKeys.flatMap(({ columns }) => columns))];
  for await (const found of rowRanges(db, ddl, { columns: used.map(quote), results: missing })) {
    for (let i = 0; i < missing.length; i++) count += Number(found[`n${i}`]);
  }
  const first = count > 0 ? await firstOrphan(db, ddl, again()) : undefined;
  return first ? { count, first } : { count };
}

async function firstOrphan(
  db: DatabaseSync,
  { columns, foreignKeys }: TableDdl,
  batches: Batches,
): Promise<Orphans["first"]> {
  const lookups = foreignKeys.map((key) => {
    const match = key.parentColumns.map((name) => `${quote(name)} = ?`).join(" AND ");
    const find = db.prepare(`SELECT 1 FROM ${quote(key.parent)} WHERE ${match}`);
    const places = key.columns.map((own) => columns.findIndex(({ name }) => name === own) + 1);
    return { constraint: key.name, places, find };
  });
  for await (const batch of batches) {
    for (const row of batch) {
      for (const { constraint, places, find } of lookups) {
        const values = places.map((place) => row[place] as Value);
        if (!values.includes(null) && !find.get(...values)) return { constraint, line: row[0] };
      }
    }
    await turn();
  }
  return undefined;
}
