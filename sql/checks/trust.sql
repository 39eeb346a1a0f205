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

-- foreign keys that no index begins with, in any order of their columns: one that is on and has all rows, or all but
-- those without a parent. Such a filter is "([a] IS NOT NULL AND [b] IS NOT NULL)" of these columns and, by its length, no more.
SELECT OBJECT_SCHEMA_NAME(f.parent_object_id) AS [schema], OBJECT_NAME(f.parent_object_id) AS [table], f.name
FROM sys.foreign_keys AS f
WHERE NOT EXISTS (
  SELECT 1
  FROM sys.indexes AS i
  WHERE i.object_id = f.parent_object_id AND i.is_disabled = 0
    AND NOT EXISTS (
      SELECT 1
      FROM sys.foreign_key_columns AS k
      WHERE k.constraint_object_id = f.object_id AND NOT EXISTS (
        SELECT 1
        FROM sys.index_columns AS x
        WHERE x.object_id = i.object_id AND x.index_id = i.index_id AND x.column_id = k.parent_column_id
          AND x.key_ordinal BETWEEN 1
            AND (SELECT COUNT(*) FROM sys.foreign_key_columns AS n WHERE n.constraint_object_id = f.object_id)
      )
    )
    AND (i.has_filter = 0 OR LEN(i.filter_definition) + 3 = (
      SELECT SUM(LEN(QUOTENAME(c.name)) + 17)
      FROM sys.foreign_key_columns AS k
      JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
      WHERE k.constraint_object_id = f.object_id
        AND CHARINDEX(QUOTENAME(c.name) + ' IS NOT NULL', i.filter_definition) > 0
    ))
);
