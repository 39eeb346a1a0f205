-- Each statement selects what SQL Server does not guarantee although it is declared: none is a pass.
-- For every schema of the database. Babelfish knows no untrusted constraints and has no sys.check_constraints.

-- foreign keys that are off, or were added or switched on without looking at the rows
SELECT SCHEMA_NAME(f.schema_id) AS [schema], OBJECT_NAME(f.parent_object_id) AS [table], f.name, f.is_disabled, f.is_not_trusted
FROM sys.foreign_keys AS f
WHERE f.is_disabled = 1 OR f.is_not_trusted = 1;

-- checks that are off, or were added or switched on without looking at the rows
SELECT SCHEMA_NAME(c.schema_id) AS [schema], OBJECT_NAME(c.parent_object_id) AS [table], c.name, c.is_disabled, c.is_not_trusted
FROM sys.check_constraints AS c
WHERE c.is_disabled = 1 OR c.is_not_trusted = 1;

-- indexes that are off
SELECT OBJECT_SCHEMA_NAME(i.object_id) AS [schema], OBJECT_NAME(i.object_id) AS [table], i.name
FROM sys.indexes AS i
WHERE i.is_disabled = 1;

-- foreign keys that no index begins with
SELECT OBJECT_SCHEMA_NAME(k.parent_object_id) AS [schema], OBJECT_NAME(k.parent_object_id) AS [table], f.name
FROM sys.foreign_key_columns AS k
JOIN sys.foreign_keys AS f ON f.object_id = k.constraint_object_id
WHERE NOT EXISTS (
  SELECT 1
  FROM sys.index_columns AS i
  JOIN sys.foreign_key_columns AS own
    ON own.constraint_object_id = k.constraint_object_id AND own.parent_column_id = i.column_id
  WHERE i.object_id = k.parent_object_id AND i.key_ordinal = 1
)
AND k.constraint_column_id = 1;
