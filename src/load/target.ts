/**
 * The seam between a load's story (load.ts) and a database: what the story asks for, nothing wider.
 *
 * A target opens one transaction a load. Everything that happens in it becomes visible at `commit`
 * or not at all, and a process that dies in the middle leaves the database as it was. Implementations
 * never buffer a table: rows pass in batches, and no call holds the event loop for long.
 */
import type { LoadReport } from "../dataset/load-report.ts";
import type { SchemaDocument } from "../dataset/schema.ts";

/**
 * A field's value on its way into SQL. Decimals are whole units of 10^-scale, booleans 0 and 1, whole
 * numbers beyond 2^53 bigints; dates, times and all the rest are text.
 */
export type Value = string | number | bigint | null;

/** The line of the CSV file a row starts on (the header is line 1), then its values in field order. */
export type Row = [line: number, ...values: Value[]];

export interface SqlTarget {
  readonly kind: LoadReport["target"];
  /** Where the tables are, fit to be shown to anybody. */
  readonly database: string;
  /**
   * Takes the lock of the database's loads and opens the transaction.
   * @throws Unavailable when another load keeps the lock.
   */
  begin(dataset: string, schema: SchemaDocument): Promise<SqlLoad>;
}

/** One open transaction. `table` is always a table name of the schema it was opened for. */
export interface SqlLoad {
  /** What an earlier load left, by table: empty unless every table and index is still as the schema has it. */
  standing(): Promise<ReadonlyMap<string, { sha256: string; rows: number }>>;
  /** Puts the rows into an unconstrained staging table and counts what is there. */
  stage(table: string, batches: AsyncIterable<readonly Row[]>): Promise<number>;
  /** Makes the dataset's tables as the schema has them, empty; those of an earlier load are gone. */
  recreate(): Promise<void>;
  /**
   * Staging into the table, parents first by the caller's order where there is one; then the table's indexes. Returns the rows inserted.
   * @throws JobFailure naming the first line that breaks a key or a check, and which.
   */
  apply(table: string): Promise<number>;
  /** Staged rows whose parent is missing; asked when all tables are applied. */
  orphans(table: string): Promise<Orphans>;
  /** What the database itself says of the table now. */
  proof(table: string): Promise<{ total: number; indexes: string[] }>;
  /** Remembers, for the next load's `standing`, that the table came from the file with this hash. */
  log(table: string, sha256: string, rows: number, loadedAt: Date): Promise<void>;
  commit(): Promise<void>;
  /** Always called last; rolls back unless committed. */
  close(): Promise<void>;
}

export interface Orphans {
  count: number;
  /** The foreign key of the first orphan and its line; absent when there is none. */
  first?: { constraint: string; line: number };
}
