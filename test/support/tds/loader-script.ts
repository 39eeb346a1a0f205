/**
 * Answers to all that the loader says to a SQL Server, for loads of one schema document into an empty database. What
 * the loader stores comes back to it; what the server must know of rows is what the loader counted on their way in.
 */
import type { SchemaDocument } from "../../../src/dataset/schema.ts";
import { textDigest } from "../../../src/load/checksums.ts";
import { schemaDdl, type TableDdl } from "../../../src/load/ddl.ts";
import { tsql } from "../../../src/load/dialects/tsql.ts";
import { MIGRATIONS } from "../../../src/load/migrations.ts";
import type { Staged } from "../../../src/load/target.ts";
import type { Entry, Reply } from "./script.ts";
import type { TdsServer } from "./server.ts";

export interface LoaderScript {
  /** Constraints that the server doesn't trust, by name; a test may add some. */
  readonly untrusted: Set<string>;
  /** What foreign keys and checks say that aren't as declared, by name: another column, another condition. */
  readonly altered: Map<string, string>;
  /** Foreign keys of other tables: name, schema and table of each, and the table it refers to. A test may add some. */
  readonly outside: string[][];
  /** What is no table and has the name of one: name and kind. A test may add some. */
  readonly namesakes: string[][];
  /** What the server finds of schemas of the name it is asked for; a test may have it find one. */
  readonly schemas: string[];
  /** Answers of sp_getapplock; 0 is granted. */
  granted: number;
}

/** Scripts a server for loads of `schema` into the database schema `target`. */
export function scriptLoader(tds: TdsServer, schema: SchemaDocument, target: string): LoaderScript {
  const ddl = schemaDdl(schema, tsql(target));
  const script: LoaderScript = {
    untrusted: new Set(),
    altered: new Map(),
    outside: [],
    namesakes: [],
    schemas: [],
    granted: 0,
  };
  const kept = new Map<string, Staged>();
  let lastLoad: unknown;
  const tableIn = (text: string) => ddl.find(({ qualified }) => text.includes(qualified)) as TableDdl;
  const stagedOf = ({ text }: Entry) => kept.get(tableIn(text).table) as Staged;
  const number = (name: string, value: number): Reply => ({ columns: { [name]: "bigint" }, rows: [[BigInt(value)]] });
  const none: Reply = { columns: { line: "bigint" }, rows: [] };

  tds.answer("sp_getapplock", () => ({ columns: { granted: "int" }, rows: [[script.granted]] }));
  tds.answer(/^SELECT CASE WHEN OBJECT_ID/, ({ text }) => ({
    columns: { is_there: "int" },
    rows: [[text.includes("[relata]") ? 1 : 0]],
  }));
  tds.answer("FROM sys.schemas", () => ({
    columns: { name: "nvarchar(128)" },
    rows: script.schemas.map((name) => [name]),
  }));
  const versions = MIGRATIONS.map(({ version }) => [version]);
  tds.answer("SELECT [version] FROM [relata].[migrations]", { columns: { version: "int" }, rows: versions });
  tds.answer("SELECT DISTINCT [load_id]", none);
  tds.answer("HASHBYTES('SHA2_256', N'é')", number("digest", textDigest("sha256-utf16le")("é")));
  tds.answer("FROM [relata].[load_log]", none);
  tds.answer(/^(?:CREATE|DROP|ALTER|DELETE|IF SCHEMA_ID)/, { rowsAffected: 0 });
  tds.answer(/^(?:DELETE|UPDATE) t /, changed(0));
  tds.answer(/^INSERT INTO \[relata\]|^UPDATE \[relata\]/, { rowsAffected: 1 });
  tds.answer("INSERT INTO [relata].[staged]", ({ parameters }) => {
    lastLoad = parameters.load;
    kept.set(String(parameters.table), JSON.parse(String(parameters.counts)) as Staged);
    return { rowsAffected: 1 };
  });
  tds.answer("SELECT [counts] FROM [relata].[staged]", ({ parameters }) => {
    const found = parameters.load === lastLoad ? kept.get(String(parameters.table)) : undefined;
    return { columns: { counts: "nvarchar(max)" }, rows: found ? [[JSON.stringify(found)]] : [] };
  });
  tds.answer("SELECT [table_name] FROM [relata].[staged]", () => {
    return { columns: { table_name: "nvarchar(63)" }, rows: [...kept.keys()].map((table) => [table]) };
  });
  tds.answer(/^DELETE FROM \[relata\]\.\[staged\] WHERE \[load_id\] = @load$/, { rowsAffected: 1 });
  tds.answer(/^SELECT COUNT_BIG\(\*\) AS \[rows\] FROM \(/, number("rows", 0));
  tds.answer(/^SELECT MIN\(CASE/, { columns: { r0: "bigint" }, rows: [[null]] });
  tds.answer(/^SELECT COUNT_BIG\(\*\) AS \[rows\], MIN\(s/, {
    columns: { rows: "bigint", line: "bigint" },
    rows: [[0n, null]],
  });
  tds.answer(/^INSERT INTO \[(?!relata)/, (entry) => changed(stagedOf(entry).staged));
  tds.answer(/^SELECT COUNT_BIG\(\*\) AS \[rows\] FROM \[(?!relata)/, (entry) =>
    number("rows", stagedOf(entry).staged),
  );
  tds.answer(/INNER JOIN [\s\S]*WHERE NOT EXISTS \(SELECT .* EXCEPT SELECT/, number("rows", 0));
  scriptCatalog(tds, script, tableIn);
  tds.answer(/^SELECT COUNT_BIG\(m\./, (entry) => {
    const { checksums, rowSum } = stagedOf(entry);
    const sums = Object.values(checksums).map((text) => text.split(":") as [string, string]);
    const columns = sums.flatMap((_, i) => [
      [`n${i}`, "bigint"],
      [`s${i}`, "varchar(40)"],
    ]);
    return {
      columns: { ...Object.fromEntries(columns), row_sum: "varchar(40)" },
      rows: [[...sums.flatMap(([count, sum]) => [BigInt(count), sum]), rowSum]],
    };
  });
  return script;
}

/** From here on the tables are there as the load before left them, and the log has it as a load of `dataset`. */
export function standLoaded(tds: TdsServer, dataset: string): void {
  const entries = tds.log.filter(({ text }) => text.includes("INSERT INTO [relata].[load_log]"));
  tds.answer(/^SELECT CASE WHEN OBJECT_ID/, { columns: { is_there: "int" }, rows: [[1]] });
  const hash = "nvarchar(64)";
  const names = { table_name: "nvarchar(63)", dataset: "nvarchar(63)" };
  tds.answer("SELECT [table_name], [dataset]", {
    columns: { ...names, sha256: hash, ddl_sha256: hash, definition_sha256: hash, report: "nvarchar(max)" },
    rows: entries.map(({ parameters: { table, sha256, ddl, definition } }) => [
      ...([table, dataset, sha256, ddl, definition] as string[]),
      null,
    ]),
  });
}

/** To a change of rows that asks how many it had; the count beside it has a trigger's row, too. */
export const changed = (rows: number): Reply => [
  { rowsAffected: rows + 1 },
  { columns: { changed: "bigint" }, rows: [[BigInt(rows)]] },
];

/** Every constraint and index that the document declares, enforced and trusted. */
function scriptCatalog(tds: TdsServer, script: LoaderScript, tableIn: (text: string) => TableDdl): void {
  tds.answer("FROM sys.objects AS o WHERE o.[object_id] IN", {
    columns: { name: "nvarchar(128)", kind: "nvarchar(60)" },
    rows: script.namesakes,
  });
  tds.answer("FROM sys.foreign_keys AS f WHERE f.[referenced_object_id] IN", {
    columns: { name: "nvarchar(128)", schema: "nvarchar(128)", table: "nvarchar(128)", to: "nvarchar(128)" },
    rows: script.outside,
  });
  tds.answer("FROM sys.columns AS c", ({ text }) => {
    const { columns, primaryKey, uniqueKeys, indexNames, foreignKeys, checks } = tableIn(text);
    const indexes = [primaryKey.name, ...uniqueKeys.map(({ name }) => name), ...indexNames];
    const untrusted = (name: string) => (script.untrusted.has(name) ? 1 : 0);
    const constraint = { name: "nvarchar(128)", disabled: "int", untrusted: "int" };
    const keys = foreignKeys.flatMap(({ name, columns: own }) =>
      own.map((column) => [name, 0, untrusted(name), script.altered.get(name) ?? column]),
    );
    return [
      { columns: { name: "nvarchar(128)" }, rows: columns.map(({ name }) => [name]) },
      { columns: { name: "nvarchar(128)", disabled: "bit" }, rows: indexes.map((name) => [name, false]) },
      { columns: { ...constraint, own: "nvarchar(128)" }, rows: keys },
      {
        columns: { ...constraint, definition: "nvarchar(max)" },
        rows: checks.map(({ name, condition }) => [name, 0, untrusted(name), script.altered.get(name) ?? condition]),
      },
    ];
  });
}
