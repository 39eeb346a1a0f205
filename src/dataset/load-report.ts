/** The load report: what a load did to each SQL table, in numbers that must add up. */
import { z } from "zod";
import { JobFailure } from "./errors.ts";

const count = z.int().min(0);

const loadedTable = z.strictObject({
  /** Rows read from the CSV file: inserted + updated + unchanged + rejected. */
  csv: count,
  /** Rows that reached the staging table. */
  staged: count,
  inserted: count,
  /** Rows whose primary key was there with other values. */
  updated: count,
  /** Rows that were there already, value by value. */
  unchanged: count,
  /** Rows that could not be read. A load with any is refused, so that a report of success has none. */
  rejected: count,
  /** Rows that were there and are not in the file, in mode replace; all that were there where the table was made anew. */
  deleted: count,
  /** Rows in the target table when the transaction was committed. */
  total: count,
  /** Declared indexes that are there, those of the primary and unique keys among them, by their names in the DDL. */
  indexes: z.array(z.string()),
  /** Foreign keys and checks that are on; null where there are none, or the database doesn't say whether it trusts them. */
  constraints: z.strictObject({ foreignKeys: count, checks: count, trusted: z.boolean().nullable() }),
  /**
   * By field, "values:sum" over the rows of the file, counted from the file and again by the database over its
   * tables, which must agree (src/load/checksums.ts says what is summed). Empty when nothing was loaded.
   */
  checksums: z.record(z.string(), z.string()),
  rowSum: z
    .string()
    .describe(
      "A sum over the same rows, of a number made of all values of a row: values that changed places between rows change it. Counted and held against the file as checksums are.",
    ),
  seconds: z.number().min(0),
  rowsPerSecond: count,
});
export type LoadedTable = z.infer<typeof loadedTable>;

export const loadReport = z.strictObject({
  target: z.enum(["sqlite", "sqlserver"]),
  /** Where the tables are: a file name below RELATA_HOME, or a database and schema; never a secret. */
  database: z.string(),
  /** True when this very dataset had been loaded before and nothing was done. */
  alreadyLoaded: z.boolean(),
  tables: z.record(z.string(), loadedTable),
  orphans: count,
  seconds: z.number().min(0),
});
export type LoadReport = z.infer<typeof loadReport>;

/** A row that could not be read, by the line it starts on in the CSV file. */
const rejectedRow = z.strictObject({ table: z.string(), line: z.int().min(1), reason: z.string() });
export type RejectedRow = z.infer<typeof rejectedRow>;

/** One load of a dataset as GET /datasets/{name}/loads shows it. */
export const loadRecord = z.strictObject({
  /** The job that loaded. */
  job: z.string(),
  status: z.enum(["Succeeded", "Failed", "Canceled"]),
  finishedAt: z.string(),
  report: loadReport.optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  /** The first of the rows that could not be read. */
  rejected: z.array(rejectedRow).optional(),
});
export type LoadRecord = z.infer<typeof loadRecord>;

/** Rows that can't be loaded gate the load: it ends, with the first of them by line and reason. */
export class RowsRejected extends JobFailure {
  readonly rejected: readonly RejectedRow[];
  constructor(message: string, rejected: readonly RejectedRow[]) {
    super("load-bad-value", message);
    this.name = "JobFailure";
    this.rejected = rejected;
  }
}
