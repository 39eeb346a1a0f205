/** The load report: what a load did to each SQL table, in numbers that must add up. */
import { z } from "zod";

const count = z.int().min(0);

const loadedTable = z.strictObject({
  /** Rows read from the CSV file. */
  csv: count,
  /** Rows that reached the staging table. */
  staged: count,
  inserted: count,
  /** Rows in the target table when the transaction was committed. */
  total: count,
  indexes: z.array(z.string()),
});

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
