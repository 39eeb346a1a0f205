/** Relata's own objects in the database: their migrations, the log of loads, and what is staged. */
import { Unavailable } from "../../dataset/errors.ts";
import type { LoadReport } from "../../dataset/load-report.ts";
import type { Sums } from "../checksums.ts";
import { MIGRATIONS, recordMigration } from "../migrations.ts";
import type { LoadTask, Staged } from "../target.ts";
import type { Session } from "./connection.ts";
import { dropTable, quote } from "./statements.ts";

/** Waits for its turn, as every process that begins at once does this. */
const MIGRATION_WAIT_MS = 30_000;
/** What a load that never came back has staged is dropped after so many days. */
const ABANDONED_DAYS = 2;

/** Takes an application lock until the end of the transaction; false when another has it. */
export async function takeLock(session: Session, name: string, waitMs = 0): Promise<boolean> {
  const statement = `DECLARE @granted int;
EXEC @granted = sp_getapplock @Resource = @name, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = ${waitMs};
SELECT @granted AS [granted]`;
  const { rows } = await session.query(statement, { name });
  return Number(rows[0]?.granted) >= 0;
}

/** A schema's name as the server has it, which may take another case for the same; undefined when it isn't there. */
export async function schemaNamed(session: Session, schema: string): Promise<string | undefined> {
  const { rows } = await session.query("SELECT [name] FROM sys.schemas WHERE [name] = @schema", { schema });
  return rows[0] && String(rows[0].name);
}

/** Applies the migrations that are missing, and drops what abandoned loads have staged. Safe to repeat. */
export async function migrate(session: Session): Promise<void> {
  if (!(await takeLock(session, "relata:migrations", MIGRATION_WAIT_MS))) {
    throw new Unavailable("Another process is preparing the database.", undefined);
  }
  const { rows } = await session.query(
    "SELECT CASE WHEN OBJECT_ID(N'[relata].[migrations]', N'U') IS NULL THEN 0 ELSE 1 END AS [is_there]",
  );
  const applied = rows[0]?.is_there
    ? (await session.query("SELECT [version] FROM [relata].[migrations]")).rows.map(({ version }) => version)
    : [];
  for (const migration of MIGRATIONS.filter(({ version }) => !applied.includes(version))) {
    for (const statement of migration.statements) await session.query(statement);
    await session.query(recordMigration(migration));
  }
  const { rows: abandoned } = await session.query(
    `SELECT DISTINCT [load_id] FROM [relata].[staged] WHERE [staged_at] < DATEADD(day, -${ABANDONED_DAYS}, SYSUTCDATETIME())`,
  );
  for (const { load_id } of abandoned) await dropStaged(session, String(load_id));
}

/** The staging table of one table of a load; a load's id is a job's, or at most a dataset's name. */
export const stageName = (loadId: string, table: string): string => `[relata_stage].${quote(`${loadId}_${table}`)}`;

export async function keepStaged(session: Session, loadId: string, table: string, staged: Staged): Promise<void> {
  await session.query(
    `DELETE FROM [relata].[staged] WHERE [load_id] = @load AND [table_name] = @table;
INSERT INTO [relata].[staged] ([load_id], [table_name], [counts], [staged_at]) VALUES (@load, @table, @counts, SYSUTCDATETIME())`,
    { load: loadId, table, counts: JSON.stringify(staged) },
  );
}

export async function keptStaged(session: Session, loadId: string, table: string): Promise<Staged | undefined> {
  const { rows } = await session.query(
    "SELECT [counts] FROM [relata].[staged] WHERE [load_id] = @load AND [table_name] = @table",
    { load: loadId, table },
  );
  return rows[0] && (JSON.parse(String(rows[0].counts)) as Staged);
}

export async function dropStaged(session: Session, loadId: string): Promise<void> {
  const { rows } = await session.query("SELECT [table_name] FROM [relata].[staged] WHERE [load_id] = @load", {
    load: loadId,
  });
  for (const { table_name } of rows) await session.query(dropTable(stageName(loadId, String(table_name))));
  await session.query("DELETE FROM [relata].[staged] WHERE [load_id] = @load", { load: loadId });
}

export interface Logged {
  table: string;
  dataset: string;
  sha256: string;
  ddlSha256: string;
  /** Hash of what the catalogue said of the table then; null by loaders that kept none. */
  definition: string | null;
  /** By the report of the dataset's last load. */
  sums: Sums | undefined;
}

/** What the log says of a schema's tables, of all datasets. */
export async function readLog(session: Session, schema: string): Promise<Logged[]> {
  const { rows } = await session.query(
    "SELECT [table_name], [dataset], [sha256], [ddl_sha256], [definition_sha256], [report] FROM [relata].[load_log] WHERE [target_schema] = @schema",
    { schema },
  );
  const reports = new Map(
    rows.flatMap(({ dataset, report }) => (report === null ? [] : [[dataset, readReport(report).report] as const])),
  );
  return rows.map(({ table_name, dataset, sha256, ddl_sha256, definition_sha256 }) => ({
    ...{ table: String(table_name), dataset: String(dataset), sha256: String(sha256), ddlSha256: String(ddl_sha256) },
    definition: definition_sha256 === null ? null : String(definition_sha256),
    sums: reports.get(dataset)?.tables[String(table_name)],
  }));
}

export interface LogEntry {
  schema: string;
  table: string;
  sha256: string;
  ddlSha256: string;
  definition: string;
  rows: number;
  loadedAt: Date;
  /** What has become of the rows of other datasets in the table: "changed" when some of them may have been. */
  others: "gone" | "changed" | "kept";
}

/** Rows that may have changed are still another dataset's, but of no file. */
export async function writeLog(session: Session, { dataset }: LoadTask, entry: LogEntry): Promise<void> {
  const { schema, table, sha256, ddlSha256, definition, rows, loadedAt, others } = entry;
  const where = "WHERE [target_schema] = @schema AND [table_name] = @table";
  const changing =
    others === "changed" ? `UPDATE [relata].[load_log] SET [sha256] = N'' ${where} AND [dataset] <> @dataset;\n` : "";
  await session.query(
    `${changing}DELETE FROM [relata].[load_log] ${where}${others === "gone" ? "" : " AND [dataset] = @dataset"};
INSERT INTO [relata].[load_log] ([target_schema], [table_name], [dataset], [sha256], [ddl_sha256], [definition_sha256], [rows], [loaded_at])
VALUES (@schema, @table, @dataset, @sha256, @ddl, @definition, @rows, CONVERT(datetime2(3), @at, 126))`,
    { schema, table, dataset, sha256, ddl: ddlSha256, definition, rows, at: loadedAt.toISOString().replace("Z", "") },
  );
}

export async function forgetTable(session: Session, schema: string, table: string): Promise<void> {
  const statement = "DELETE FROM [relata].[load_log] WHERE [target_schema] = @schema AND [table_name] = @table";
  await session.query(statement, { schema, table });
}

/** Kept with the first table: a message that is delivered again after the commit finds the report there. */
export async function keepReport(session: Session, task: LoadTask, schema: string, report: LoadReport): Promise<void> {
  await session.query(
    `UPDATE [relata].[load_log] SET [report] = @report
WHERE [target_schema] = @schema AND [dataset] = @dataset AND [table_name] = @table`,
    {
      ...{ schema, dataset: task.dataset, table: Object.keys(report.tables)[0] as string },
      report: JSON.stringify({ load: task.id, report }),
    },
  );
}

export async function keptReport(session: Session, task: LoadTask, schema: string): Promise<LoadReport | undefined> {
  const { rows } = await session.query(
    `SELECT [report] FROM [relata].[load_log]
WHERE [target_schema] = @schema AND [dataset] = @dataset AND [report] IS NOT NULL`,
    { schema, dataset: task.dataset },
  );
  const kept = rows.map((row) => readReport(row.report));
  return kept.find(({ load }) => load === task.id)?.report;
}

const readReport = (text: unknown) => JSON.parse(String(text)) as { load: string; report: LoadReport };
