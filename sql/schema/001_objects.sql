-- Relata's own objects: which migrations were applied, which files were loaded, and where they are staged.
-- Generated from src/load/migrations.ts; may be run again.
SET QUOTED_IDENTIFIER ON;
GO

IF SCHEMA_ID(N'relata') IS NULL EXEC(N'CREATE SCHEMA [relata]');
GO

IF SCHEMA_ID(N'relata_stage') IS NULL EXEC(N'CREATE SCHEMA [relata_stage]');
GO

IF OBJECT_ID(N'[relata].[migrations]', N'U') IS NULL
CREATE TABLE [relata].[migrations] (
  [version] int NOT NULL,
  [name] nvarchar(100) NOT NULL,
  [applied_at] datetime2(3) NOT NULL,
  CONSTRAINT [pk_migrations] PRIMARY KEY ([version])
);
GO

IF OBJECT_ID(N'[relata].[load_log]', N'U') IS NULL
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
);
GO

INSERT INTO [relata].[migrations] ([version], [name], [applied_at])
SELECT 1, N'objects', SYSUTCDATETIME()
WHERE NOT EXISTS (SELECT 1 FROM [relata].[migrations] WHERE [version] = 1);
GO
