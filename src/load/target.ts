/**
 * The seam between a load's story (load.ts) and a database: what the story asks for, nothing wider.
 *
 * A target opens transactions. Everything that happens in one becomes visible at `commit` or not at all,
 * and a process that dies in the middle leaves the database as it was. Implementations never buffer a
 * table: rows pass in batches, and no call holds the event loop for long.
 */
import type { LoadOptions } from "../dataset/load-options.ts";
import type { LoadReport, RejectedRow } from "../dataset/load-report.ts";
import type { SchemaDocument } from "../dataset/schema.ts";
import type { Sums, TextHash } from "./checksums.ts";
import type { Reject, Row } from "./row.ts";

/** One load: equal ids, the same load, however often its messages are delivered. */
export interface LoadTask {
  readonly id: string;
  readonly dataset: string;
  readonly schema: SchemaDocument;
  readonly options: LoadOptions;
}

export interface SqlTarget {
  readonly kind: LoadReport["target"];
  /** Whether staged rows outlive their transaction, so that each table can be staged by a message of its own. */
  readonly stagesApart: boolean;
  /** What this database can't do of what the options ask for, each with the option's name. */
  refusals(options: LoadOptions): { option: keyof LoadOptions; message: string }[];
  /**
   * Takes the lock and opens the transaction: of one table's staging where they are staged apart, else of the load.
   * @throws Unavailable when another load keeps the lock.
   */
  begin(task: LoadTask, stagedTable?: string): Promise<SqlLoad>;
  /** Runs a unit of work, whole transactions of it; again when what it died of passes by itself. */
  attempt<T>(unit: () => Promise<T>): Promise<T>;
  /** Forgets what a load has staged. Safe to repeat. */
  discard(id: string): Promise<void>;
}

/** What a table's staging found, kept beside the staged rows. */
export interface Staged extends Sums {
  csv: number;
  staged: number;
  rejected: RejectedRow[];
  /** `rejected` has the first of them only. */
  rejectedCount: number;
  seconds: number;
}

export interface Moved {
  inserted: number;
  updated: number;
  unchanged: number;
  deleted: number;
}

/** What the database itself says of a table. */
export interface TableProof {
  total: number;
  indexes: string[];
  constraints: { foreignKeys: number; checks: number; trusted: boolean | null };
  /** What is declared and not there, or there but not enforced: a sentence each. */
  missing: string[];
}

/** What a load left of a table. */
export interface Left {
  /** Of the file. */
  sha256: string;
  /** That the table has now. */
  rows: number;
  /** Of the file's rows, by the load that left them. */
  sums: Sums | undefined;
}

/** One open transaction. `table` is always a table name of the schema it was opened for. */
export interface SqlLoad {
  /** Where the tables are, fit to be shown to anybody. */
  readonly database: string;
  readonly textHash: TextHash;
  /** The report of this very load, when it was committed before. */
  finished(): Promise<LoadReport | undefined>;
  /** What an earlier load left, by table: empty unless every table, key and index is still as the schema has it. */
  standing(): Promise<ReadonlyMap<string, Left>>;
  /**
   * Puts the rows into an unconstrained staging table, or, where all of a load is one transaction, already into
   * the table itself, and counts what is there. In that case it throws what `apply` would.
   */
  stage(table: string, batches: AsyncIterable<readonly Row[]>, reject: Reject): Promise<number>;
  keep(table: string, staged: Staged): Promise<void>;
  /** What `keep` was given, if the table's rows are staged. */
  kept(table: string): Promise<Staged | undefined>;
  /** Makes the dataset's tables ready to take the rows as the options say. */
  prepare(): Promise<void>;
  /**
   * Staging into the table, parents first by the caller's order where there is one; then the table's indexes.
   * @throws JobFailure naming the first line that breaks a key or a check, and which.
   */
  apply(table: string): Promise<Moved>;
  /**
   * Rows whose parent is missing; asked when all tables are applied. `again` reads the rows once more, for a
   * target that has kept no lines.
   */
  orphans(table: string, again: () => AsyncIterable<readonly Row[]>): Promise<Orphans>;
  /** Puts back what `prepare` took away; asked when no table has orphans. */
  restore(): Promise<void>;
  /** What the database itself says of the table now. */
  proof(table: string): Promise<TableProof>;
  /** The measures summed over the table's rows: those under the keys that are staged, or all. */
  sums(table: string, rows: "staged" | "all"): Promise<Sums>;
  /** Remembers for the next load's `standing` what file the table came from. */
  log(table: string, file: { sha256: string; rows: number }, loadedAt: Date): Promise<void>;
  /** Remembers the report for `finished`. */
  finish(report: LoadReport): Promise<void>;
  commit(): Promise<void>;
  /** Always called last; rolls back unless committed. */
  close(): Promise<void>;
}

export interface Orphans {
  count: number;
  /** The foreign key of the first orphan and its line; absent when none of the load's own rows is one. */
  first?: { constraint: string; line: number };
}
