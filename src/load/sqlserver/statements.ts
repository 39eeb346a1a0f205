/**
 * The T-SQL of a load, as texts. Every statement is one that SQL Server, Azure SQL and Babelfish 4.3 take:
 * no MERGE, no constraint switched off, names in brackets and quoted literals only.
 */
import { type Field, scaleOf, type Table } from "../../dataset/schema.ts";
import { measureOf, NULL_MEASURE, ROW_PRIME, rowWeights } from "../checksums.ts";
import type { TableDdl } from "../ddl.ts";
import { LINE, type StageColumn } from "./columns.ts";

/** All that statements about one table need. */
export interface Place {
  readonly table: Table;
  readonly ddl: TableDdl;
  readonly columns: readonly StageColumn[];
  /** The staging table, quoted and with its schema. */
  readonly stage: string;
}

export const quote = (name: string): string => `[${name.replaceAll("]", "]]")}]`;
export const literal = (text: string): string => `N'${text.replaceAll("'", "''")}'`;
const and = (conditions: readonly string[]): string => conditions.join(" AND ");
const list = (names: readonly string[], prefix = ""): string => names.map((name) => prefix + quote(name)).join(", ");

export const createSchema = (schema: string): string =>
  `IF SCHEMA_ID(${literal(schema)}) IS NULL EXEC(${literal(`CREATE SCHEMA ${quote(schema)}`)})`;

export const dropTable = (qualified: string): string => `DROP TABLE IF EXISTS ${qualified}`;

export const dropConstraint = (qualified: string, name: string): string =>
  `ALTER TABLE ${qualified} DROP CONSTRAINT ${quote(name)}`;

/** The names of a table's own foreign keys. */
export const referencesOf = (qualified: string): string =>
  `SELECT f.[name] FROM sys.foreign_keys AS f WHERE f.[parent_object_id] = OBJECT_ID(${literal(qualified)})`;

/** The foreign keys of all other tables into these. */
export const referencesInto = (qualified: readonly string[]): string => {
  const ids = qualified.map((name) => `COALESCE(OBJECT_ID(${literal(name)}), 0)`).join(", ");
  return `SELECT f.[name], OBJECT_SCHEMA_NAME(f.[parent_object_id]) AS [schema], OBJECT_NAME(f.[parent_object_id]) AS [table],
OBJECT_NAME(f.[referenced_object_id]) AS [to]
FROM sys.foreign_keys AS f WHERE f.[referenced_object_id] IN (${ids}) AND f.[parent_object_id] NOT IN (${ids})`;
};

/** What has one of these names and is no table: a view, a synonym, a procedure. */
export const namesakes = (qualified: readonly string[]): string => {
  const ids = qualified.map((name) => `COALESCE(OBJECT_ID(${literal(name)}), 0)`).join(", ");
  return `SELECT o.[name], o.[type_desc] AS [kind] FROM sys.objects AS o WHERE o.[object_id] IN (${ids}) AND o.[type] <> 'U'`;
};

/** A heap, without keys: typed, all NULLs allowed, so that a bad row is found by a query and not by a failed load. */
export const createStage = ({ stage, columns }: Place): string =>
  `CREATE TABLE ${stage} (\n  [${LINE}] bigint NOT NULL,\n  ${columns.map(({ definition }) => definition).join(",\n  ")}\n)`;

/** The staged rows with the values that the table will have. */
const source = ({ stage, columns }: Place, as: string): string =>
  `(SELECT [${LINE}], ${columns.map(({ name, value }) => (value === quote(name) ? value : `${value} AS ${quote(name)}`)).join(", ")} FROM ${stage}) AS ${as}`;

const sameKey = ({ ddl }: Place, as = "s"): string =>
  and(ddl.primaryKey.columns.map((name) => `t.${quote(name)} = ${as}.${quote(name)}`));

/** Equal only when every character is, case, accents and trailing blanks included; NULLs are equal. */
const compared = ({ columns }: Place, as: string): string =>
  columns
    .map(({ name, type }) => {
      const column = `${as}.${quote(name)}`;
      return type.name === "NVarChar" ? `${column} COLLATE Latin1_General_100_BIN2, DATALENGTH(${column})` : column;
    })
    .join(", ");

/** Lines whose key an earlier line has. NULLs are no key. */
export const duplicates = ({ stage }: Place, key: readonly string[]): string => {
  const present = and(key.map((name) => `${quote(name)} IS NOT NULL`));
  return `SELECT COUNT_BIG(*) AS [rows], MIN(d.[${LINE}]) AS [line] FROM (
  SELECT [${LINE}], ROW_NUMBER() OVER (PARTITION BY ${list(key)} ORDER BY [${LINE}]) AS [place] FROM ${stage} WHERE ${present}
) AS d WHERE d.[place] > 1`;
};

/** Keys that are there more than once: cheaper than to ask where, which is asked only if there are any. */
export const repeatedKeys = ({ stage }: Place, key: readonly string[]): string => {
  const present = and(key.map((name) => `${quote(name)} IS NOT NULL`));
  return `SELECT COUNT_BIG(*) AS [rows] FROM (
  SELECT 1 AS [one] FROM ${stage} WHERE ${present} GROUP BY ${list(key)} HAVING COUNT_BIG(*) > 1
) AS d`;
};

/** For each condition, by place, the first line that breaks it; NULL where none does. One scan for all. */
export const brokenRules = (place: Place, conditions: readonly string[]): string =>
  `SELECT ${conditions.map((condition, i) => `MIN(CASE WHEN NOT (${condition}) THEN s.[${LINE}] END) AS [r${i}]`).join(", ")}
FROM ${source(place, "s")}`;

/** Staged rows whose primary key the table has already. */
export const knownKeys = (place: Place): string =>
  `SELECT COUNT_BIG(*) AS [rows], MIN(s.[${LINE}]) AS [line] FROM ${source(place, "s")}
WHERE EXISTS (SELECT 1 FROM ${place.ddl.qualified} AS t WHERE ${sameKey(place)})`;

/** Staged rows with a unique key that a row has which is not staged, and so stays as it is. */
export const takenKeys = (place: Place, key: readonly string[]): string => {
  const present = and(key.map((name) => `s.${quote(name)} IS NOT NULL`));
  const match = and(key.map((name) => `t.${quote(name)} = s.${quote(name)}`));
  const isStaged = `SELECT 1 FROM ${source(place, "o")} WHERE ${sameKey(place, "o")}`;
  return `SELECT COUNT_BIG(*) AS [rows], MIN(s.[${LINE}]) AS [line] FROM ${source(place, "s")}
WHERE ${present} AND EXISTS (SELECT 1 FROM ${place.ddl.qualified} AS t WHERE ${match} AND NOT EXISTS (${isStaged}))`;
};

/** Rows of the table that are as they are staged, value by value. */
export const sameRows = (place: Place): string =>
  `SELECT COUNT_BIG(*) AS [rows] FROM ${place.ddl.qualified} AS t INNER JOIN ${source(place, "s")} ON ${sameKey(place)}
WHERE NOT EXISTS (SELECT ${compared(place, "s")} EXCEPT SELECT ${compared(place, "t")})`;

/** A change that says how many rows it had: what the driver is told counts the rows of triggers, too. */
export const counted = (change: string): string => `${change};\nSELECT ROWCOUNT_BIG() AS [changed]`;

export const deleteOthers = (place: Place): string =>
  `DELETE t FROM ${place.ddl.qualified} AS t
WHERE NOT EXISTS (SELECT 1 FROM ${source(place, "s")} WHERE ${sameKey(place)})`;

/** Undefined for a table that is all key. */
export const updateChanged = (place: Place): string | undefined => {
  const { ddl, columns } = place;
  const changing = columns.filter(({ name }) => !ddl.primaryKey.columns.includes(name));
  if (changing.length === 0) return undefined;
  return `UPDATE t SET ${changing.map(({ name }) => `${quote(name)} = s.${quote(name)}`).join(", ")}
FROM ${ddl.qualified} AS t INNER JOIN ${source(place, "s")} ON ${sameKey(place)}
WHERE EXISTS (SELECT ${compared(place, "s")} EXCEPT SELECT ${compared(place, "t")})`;
};

export const insertNew = (place: Place): string => {
  const names = place.columns.map(({ name }) => name);
  return `INSERT INTO ${place.ddl.qualified} (${list(names)})
SELECT ${list(names, "s.")} FROM ${source(place, "s")}
WHERE NOT EXISTS (SELECT 1 FROM ${place.ddl.qualified} AS t WHERE ${sameKey(place)})`;
};

export const orphans = (place: Place, key: TableDdl["foreignKeys"][number], parent: string): string => {
  const present = and(key.columns.map((name) => `s.${quote(name)} IS NOT NULL`));
  const match = and(key.columns.map((name, i) => `p.${quote(key.parentColumns[i] as string)} = s.${quote(name)}`));
  return `SELECT COUNT_BIG(*) AS [rows], MIN(s.[${LINE}]) AS [line] FROM ${source(place, "s")}
WHERE ${present} AND NOT EXISTS (SELECT 1 FROM ${parent} AS p WHERE ${match})`;
};

export const exists = ({ ddl }: Place): string =>
  `SELECT CASE WHEN OBJECT_ID(${literal(ddl.qualified)}, N'U') IS NULL THEN 0 ELSE 1 END AS [is_there]`;

export const countRows = ({ ddl }: Place): string => `SELECT COUNT_BIG(*) AS [rows] FROM ${ddl.qualified}`;

/**
 * What checksums.ts sums, over the table's rows or those with a staged key: two columns a field, n0, s0, n1, s1, …,
 * and the sum of the rows' numbers. SQUARE is of doubles, exact below 2^53, and names what it squares once.
 */
export const sums = (place: Place, of: "staged" | "all"): string => {
  const { fields } = place.table;
  const measures = fields.map((field, i) => `${measure(field, `t.${quote(field.name)}`)} AS [m${i}]`);
  const results = fields.map((_, i) => {
    return `COUNT_BIG(m.[m${i}]) AS [n${i}], CONVERT(varchar(40), SUM(CONVERT(decimal(38, 0), m.[m${i}]))) AS [s${i}]`;
  });
  const remainder = (i: number) => `CONVERT(bigint, m.[m${i}] % ${ROW_PRIME})`;
  const weights = rowWeights(fields.length);
  const parts = weights.map((weight, i) => `${weight} * ISNULL(${remainder(i)}, ${NULL_MEASURE})`);
  const squared = (number: string) => `CONVERT(bigint, SQUARE(${number})) % ${ROW_PRIME}`;
  return `SELECT ${results.join(",\n")},
CONVERT(varchar(40), SUM(${squared(squared("r.[mixed]"))})) AS [row_sum]
FROM ${place.ddl.qualified} AS t${of === "all" ? "" : ` INNER JOIN ${source(place, "s")} ON ${sameKey(place)}`}
CROSS APPLY (SELECT ${measures.join(",\n")}) AS m
CROSS APPLY (SELECT (${parts.join(" + ")}) % ${ROW_PRIME} AS [mixed]) AS r`;
};

function measure(field: Field, column: string): string {
  const digest = (text: string) => `CONVERT(bigint, SUBSTRING(HASHBYTES('SHA2_256', ${text}), 1, 4))`;
  switch (measureOf(field)) {
    case "text":
      return digest(column);
    case "uuid":
      return digest(`UPPER(CONVERT(nvarchar(36), ${column}))`);
    case "days":
      return `DATEDIFF(day, '19700101', ${column})`;
    case "milliseconds":
      return field.type === "time"
        ? `DATEDIFF(millisecond, '00:00:00', ${column})`
        : `DATEDIFF_BIG(millisecond, '1970-01-01T00:00:00', ${column})`;
    default: {
      const whole = field.type === "boolean" ? `CONVERT(int, ${column})` : column;
      return scaleOf(field) === 0 ? whole : `${whole} * ${10 ** scaleOf(field)}`;
    }
  }
}
