-- What the catalogue said of each table when its load was proved, as a hash: a table that was altered since is found by it.
-- Generated from src/load/migrations.ts; may be run again.
SET QUOTED_IDENTIFIER ON;
GO

IF COL_LENGTH(N'[relata].[load_log]', N'definition_sha256') IS NULL
ALTER TABLE [relata].[load_log] ADD [definition_sha256] nvarchar(64) COLLATE Latin1_General_100_BIN2 NULL;
GO

INSERT INTO [relata].[migrations] ([version], [name], [applied_at])
SELECT 3, N'definitions', SYSUTCDATETIME()
WHERE NOT EXISTS (SELECT 1 FROM [relata].[migrations] WHERE [version] = 3);
GO
