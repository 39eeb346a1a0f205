/**
 * Relata's own objects in a SQL Server database: the log of loads and the schema for staging tables.
 *
 * Migrations only add, each in its own statements, and every statement may be run again: so a database
 * administrator can run the same text by hand (sql/schema/, made from here) before or after the
 * loader does. It is a module, not .sql files, because the bundle has no files beside it.
 */

export interface Migration {
  /** 1, 2, 3, …: applied in this order, each recorded in relata.migrations when it is done. */
  readonly version: number;
  readonly name: string;
  /** What it is for, as the head of its file. */
  readonly about: string;
  /** Each a batch of its own. */
  readonly statements: readonly string[];
}

/** A name of a dataset or table is at most 63 characters; a schema's 128, as SQL Server's names are. */
const objects: Migration = {
  version: 1,
  name: "objects",
  about: "Relata's own objects: which migrations were applied, which files were loaded, and where they are staged.",
  statements: [
    "IF SCHEMA_ID(N'relata') IS NULL EXEC(N'CREATE SCHEMA [relata]')",
    "IF SCHEMA_ID(N'relata_stage') IS NULL EXEC(N'CREATE SCHEMA [relata_stage]')",
    `IF OBJECT_ID(N'[relata].[migrations]', N'U') IS NULL
CREATE TABLE [relata].[migrations] (
  [version] int NOT NULL,
  [name] nvarchar(100) NOT NULL,
  [applied_at] datetime2(3) NOT NULL,
  CONSTRAINT [pk_migrations] PRIMARY KEY ([version])
)`,
    `IF OBJECT_ID(N'[relata].[load_log]', N'U') IS NULL
CREATE TABLE [relata].[load_log] (
  [target_schema] nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [table_name] nvarchar(63) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [dataset] nvarchar(63) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [sha256] nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [ddl_sha256] nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [rows] bigint NOT NULL,
  [loaded_at] datetime2(3) NOT NULL,
  [report] nvarchar(max) NULL,
  CONSTRAINT [pk_load_log] PRIMARY KEY ([target_schema], [table_name], [dataset]),
  CONSTRAINT [ck_load_log_rows_minimum] CHECK ([rows] >= 0)
)`,
  ],
};

const staged: Migration = {
  version: 2,
  name: "staged",
  about: "What each load has staged, with what was counted on the way in; the rows are in relata_stage.",
  statements: [
    `IF OBJECT_ID(N'[relata].[staged]', N'U') IS NULL
CREATE TABLE [relata].[staged] (
  [load_id] nvarchar(63) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [table_name] nvarchar(63) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [counts] nvarchar(max) NOT NULL,
  [staged_at] datetime2(3) NOT NULL,
  CONSTRAINT [pk_staged] PRIMARY KEY ([load_id], [table_name])
)`,
  ],
};

const definitions: Migration = {
  version: 3,
  name: "definitions",
  about:
    "What the catalogue said of each table when its load was proved, as a hash: a table that was altered since is found by it.",
  statements: [
    `IF COL_LENGTH(N'[relata].[load_log]', N'definition_sha256') IS NULL
ALTER TABLE [relata].[load_log] ADD [definition_sha256] nvarchar(64) COLLATE Latin1_General_100_BIN2 NULL`,
  ],
};

export const MIGRATIONS: readonly Migration[] = [objects, staged, definitions];

/** The last statement of a migration: that it was applied, once. */
export function recordMigration({ version, name }: Migration): string {
  return `INSERT INTO [relata].[migrations] ([version], [name], [applied_at])
SELECT ${version}, N'${name}', SYSUTCDATETIME()
WHERE NOT EXISTS (SELECT 1 FROM [relata].[migrations] WHERE [version] = ${version})`;
}
