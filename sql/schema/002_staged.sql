-- What each load has staged, with what was counted on the way in; the rows are in relata_stage.
-- Generated from src/load/migrations.ts; may be run again.
SET QUOTED_IDENTIFIER ON;
GO

IF OBJECT_ID(N'[relata].[staged]', N'U') IS NULL
CREATE TABLE [relata].[staged] (
  [load_id] nvarchar(63) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [table_name] nvarchar(63) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [counts] nvarchar(max) NOT NULL,
  [staged_at] datetime2(3) NOT NULL,
  CONSTRAINT [pk_staged] PRIMARY KEY ([load_id], [table_name])
);
GO

INSERT INTO [relata].[migrations] ([version], [name], [applied_at])
SELECT 2, N'staged', SYSUTCDATETIME()
WHERE NOT EXISTS (SELECT 1 FROM [relata].[migrations] WHERE [version] = 2);
GO
