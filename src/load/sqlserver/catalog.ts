/**
 * What the server's catalogue says of a table: is it there, on, trusted, and still what the load made?
 *
 * A constraint, index or column of the right name may be another one by now: a key on other columns, a check that lets
 * more pass, a shorter text. What the catalogue says of all that the document declares has one hash, which is kept with
 * each load and held against later. Made without object ids, it is the same for a key that was taken away and added again.
 * What somebody added to a table, such as an index for queries of their own, is not in it.
 */
import { createHash } from "node:crypto";
import type { TableDdl } from "../ddl.ts";
import type { Session } from "./connection.ts";
import { literal } from "./statements.ts";

type CatalogRow = Record<string, unknown>;

/** Rows by kind; an index or a foreign key has one for each of its columns. Each has a `name`. */
export interface Catalog {
  readonly columns: readonly CatalogRow[];
  readonly indexes: readonly CatalogRow[];
  readonly foreignKeys: readonly CatalogRow[];
  readonly checks: readonly CatalogRow[];
}

/** Asked in one round trip. */
export async function readCatalog(session: Session, { qualified }: TableDdl): Promise<Catalog> {
  const { sets } = await session.query(catalogOf(qualified));
  const [columns = [], indexes = [], foreignKeys = [], checks = []] = sets;
  return { columns, indexes, foreignKeys, checks };
}

/** Four results. None mixes texts of two views in a column: these may differ in collation. */
function catalogOf(qualified: string): string {
  const table = `OBJECT_ID(${literal(qualified)})`;
  const state = (id: string) =>
    `OBJECTPROPERTY(${id}, 'CnstIsDisabled') AS [disabled], OBJECTPROPERTY(${id}, 'CnstIsNotTrusted') AS [untrusted]`;
  const checks = (definition: string) =>
    `SELECT o.[name], ${state("o.[object_id]")}, ${definition}(o.[object_id]) AS [definition]
FROM sys.objects AS o WHERE o.[parent_object_id] = ${table} AND o.[type] = 'C'`;
  return `SELECT c.[name], TYPE_NAME(c.[user_type_id]) AS [type_name], c.[max_length], c.[precision], c.[scale], c.[is_nullable],
c.[collation_name], c.[is_identity], c.[is_computed], d.[definition] AS [initial]
FROM sys.columns AS c
LEFT JOIN sys.default_constraints AS d ON d.[parent_object_id] = ${table} AND d.[parent_column_id] = c.[column_id]
WHERE c.[object_id] = ${table};
SELECT i.[name], i.[is_disabled] AS [disabled], i.[type], i.[is_unique], i.[is_primary_key], i.[is_unique_constraint],
i.[ignore_dup_key], i.[filter_definition], COL_NAME(k.[object_id], k.[column_id]) AS [own], k.[key_ordinal],
k.[is_descending_key], k.[is_included_column]
FROM sys.indexes AS i LEFT JOIN sys.index_columns AS k ON k.[object_id] = ${table} AND k.[index_id] = i.[index_id]
WHERE i.[object_id] = ${table} AND i.[name] IS NOT NULL;
SELECT f.[name], ${state("f.[object_id]")}, OBJECT_SCHEMA_NAME(f.[referenced_object_id]) AS [parent_schema],
OBJECT_NAME(f.[referenced_object_id]) AS [parent], f.[delete_referential_action], f.[update_referential_action],
k.[constraint_column_id], COL_NAME(k.[parent_object_id], k.[parent_column_id]) AS [own],
COL_NAME(k.[referenced_object_id], k.[referenced_column_id]) AS [theirs]
FROM sys.foreign_keys AS f
LEFT JOIN sys.foreign_key_columns AS k ON k.[parent_object_id] = ${table} AND k.[constraint_object_id] = f.[object_id]
WHERE f.[parent_object_id] = ${table};
IF SERVERPROPERTY('BabelfishVersion') IS NULL
${checks("OBJECT_DEFINITION")}
ELSE EXEC(${literal(checks(BABELFISH_DEFINITION))})`;
}

/** Its OBJECT_DEFINITION fails at a list of texts. */
const BABELFISH_DEFINITION = "pg_get_constraintdef";

/** All that is declared, as the catalogue has it: equal tables, equal hashes. */
export function definitionHash(catalog: Catalog, ddl: TableDdl): string {
  const told = (rows: readonly CatalogRow[], names: readonly string[]) =>
    [...names].sort().map((name) => [
      name,
      rows
        .filter((row) => isNamed(String(row.name), name, ddl.table))
        // Whether it is on is judged by itself; Babelfish's own names have a hash in them.
        .map(({ name: _, disabled: __, untrusted: ___, ...row }) => JSON.stringify(row))
        .sort(),
    ]);
  const names = (things: readonly { name: string }[]) => things.map(({ name }) => name);
  const whole = [
    told(catalog.columns, names(ddl.columns)),
    told(catalog.indexes, indexesOf(ddl)),
    told(catalog.foreignKeys, names(ddl.foreignKeys)),
    told(catalog.checks, names(ddl.checks)),
  ];
  return createHash("sha256").update(JSON.stringify(whole)).digest("hex");
}

/** All declared indexes, those of keys first. */
export const indexesOf = ({ primaryKey, uniqueKeys, indexNames }: TableDdl): string[] => [
  ...[primaryKey, ...uniqueKeys].map(({ name }) => name),
  ...indexNames,
];

/** Babelfish keeps names in lower case, and those of indexes with the table's and an MD5 behind, cut to 63 bytes. */
export function isNamed(found: string, wanted: string, table: string): boolean {
  const [name, whole] = [found.toLowerCase(), wanted.toLowerCase()];
  return name === whole || (/[0-9a-f]{32}$/.test(name) && (whole + table).startsWith(name.slice(0, -32)));
}
