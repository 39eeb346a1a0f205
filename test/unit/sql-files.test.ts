/**
 * The files of sql/: generated ones are what the generator makes; all are T-SQL, by a parser of others and
 * by a list of what other databases say; and the checks select something when something is wrong.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Parser } from "@dbml/core";
import { describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { schemaDdl } from "../../src/load/ddl.ts";
import { tsql } from "../../src/load/dialects/tsql.ts";
import { MIGRATIONS, recordMigration } from "../../src/load/migrations.ts";
import { readExamples } from "../support/examples.ts";
import { generatedFiles, presetDdl, readSql, SCHEMA_NAME, statementsOf } from "../support/sql-files.ts";
import { expectedModel, modelOf } from "../support/tsql-model.ts";

const ROOT = new URL("../../", import.meta.url);
const generated = generatedFiles();
if (process.env.UPDATE_SQL === "1") {
  for (const [path, text] of Object.entries(generated)) {
    mkdirSync(dirname(new URL(path, ROOT).pathname), { recursive: true });
    writeFileSync(new URL(path, ROOT), text);
  }
}

const paths = readdirSync(new URL("sql", ROOT), { recursive: true })
  .map((path) => `sql/${String(path).replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".sql"))
  .sort();
const BY_HAND = ["sql/checks/ecommerce.sql", "sql/checks/trust.sql", "sql/ecommerce/queries.sql"];

test("every file is either generated or known to be written by hand", () => {
  expect(paths).toEqual([...Object.keys(generated), ...BY_HAND].sort());
});

test.each(Object.entries(generated))("%s is what the generator makes", (path, text) => {
  expect(readSql(path), "Run UPDATE_SQL=1 npm test -- sql-files").toBe(text);
});

/** What other databases, or SQL Server alone and not Babelfish, would understand. */
const FOREIGN: [what: string, pattern: RegExp][] = [
  ["LIMIT", /\blimit\s+[\d@(]/i],
  ["RETURNING", /\breturning\b/i],
  ["::", /::/],
  ["backticks", /`/],
  ["double quotes as names", /"/],
  ["AUTO_INCREMENT", /\bauto_?increment\b/i],
  ["ON CONFLICT", /\bon\s+conflict\b/i],
  ["ON DUPLICATE KEY", /\bon\s+duplicate\b/i],
  ["boolean", /\bboolean\b/i],
  ["true and false", /(?<!')\b(?:true|false)\b/i],
  ["serial", /\b(?:big)?serial\b/i],
  ["text", /\]\s+text\b/i],
  ["STRICT", /\)\s*strict\b/i],
  ["IF NOT EXISTS after CREATE", /\bcreate\s+(?:unique\s+)?\w+\s+if\s+not\s+exists\b/i],
  ["||", /\|\|/],
  ["USING", /\busing\s*\(/i],
  ["money", /\]\s+(?:small)?money\b/i],
  ["datetime without 2", /\]\s+(?:small)?datetime\b/i],
  ["MERGE", /\bmerge\b/i],
  ["CREATE OR ALTER", /\bcreate\s+or\s+alter\b/i],
  ["NOCHECK", /\bnocheck\b/i],
  ["WAITFOR", /\bwaitfor\b/i],
  ["TOP WITH TIES", /\bwith\s+ties\b/i],
];

/** Names of the places where a statement says what T-SQL would not; texts in quotes don't count. */
function foreignWords(sql: string): string[] {
  const code = sql.replaceAll(/N?'(?:[^']|'')*'/g, "''");
  return FOREIGN.filter(([, pattern]) => pattern.test(code)).map(([what]) => what);
}

const schemas: [string, SchemaDocument][] = [
  ...PRESETS,
  ...readExamples().map(({ name, request }): [string, SchemaDocument] => [name, request.schema]),
];
const shipped: [string, string[]][] = [
  ...paths.map((path): [string, string[]] => [path, statementsOf(readSql(path)).map(({ sql }) => sql)]),
  ...schemas.map(([name, schema]): [string, string[]] => [
    `the tables of ${name}`,
    schemaDdl(schema, tsql(name)).flatMap(({ create, references, indexes }) => [...create, ...references, ...indexes]),
  ]),
  ["the migrations", MIGRATIONS.flatMap((one) => [...one.statements, recordMigration(one)])],
];

describe.each(shipped)("%s", (_, statements) => {
  test("says nothing that T-SQL and Babelfish would not understand", () => {
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.flatMap(foreignWords)).toEqual([]);
  });

  test("is T-SQL to a parser, every statement by itself", () => {
    expect(statements.filter((sql) => !isTsql(sql))).toEqual([]);
  });

  test("has no name longer than SQL Server allows", () => {
    const names = statements.join("\n").matchAll(/\[([^\]]+)\]/g);
    expect([...names].filter(([, name]) => (name as string).length > 128)).toEqual([]);
  });
});

/** By itself, as the loader sends it. It takes all that is shipped, so that nothing is exempt from it. */
function isTsql(sql: string): boolean {
  try {
    new Parser().parse(sql, "mssql");
    return true;
  } catch {
    return false;
  }
}

test.each(["SELECT a FROM t LIMIT 5", "SELECT a FROM t WHERE", "CREATE TABL t (a int)"])(
  "the parser refuses %s",
  (sql) => {
    expect(isTsql(sql)).toBe(false);
  },
);

test.each([
  ["SELECT * FROM t LIMIT 5", "LIMIT"],
  ["INSERT INTO t (a) VALUES (1) RETURNING a", "RETURNING"],
  ["SELECT a::int FROM t", "::"],
  ["SELECT `a` FROM t", "backticks"],
  ["CREATE TABLE IF NOT EXISTS t (a int)", "IF NOT EXISTS after CREATE"],
  ["CREATE TABLE t ([a] boolean)", "boolean"],
  ["CREATE TABLE t ([a] serial)", "serial"],
  ["INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT"],
  ["CREATE TABLE t (a int AUTO_INCREMENT)", "AUTO_INCREMENT"],
  ["MERGE t USING s ON 1 = 1", "MERGE"],
  ["CREATE OR ALTER VIEW v AS SELECT 1", "CREATE OR ALTER"],
])("the list of foreign words finds %s", (sql, what) => {
  expect(foreignWords(sql)).toEqual([what]);
});

test("sql/ecommerce makes the preset's tables, keys, references and indexes", () => {
  const sql = readSql("sql/ecommerce/tables.sql") + readSql("sql/ecommerce/indexes.sql");
  const model = Object.entries(modelOf(sql, SCHEMA_NAME)).map(([name, { columns: _, ...rest }]) => [name, rest]);
  expect(Object.fromEntries(model)).toEqual(expectedModel(PRESETS.get("ecommerce") as SchemaDocument, SCHEMA_NAME));
});

test("every index of the preset is there for a query that names it, and no query names another", () => {
  const named = new Set(readSql("sql/ecommerce/queries.sql").match(/\b(?:ix|uq)_\w+/g));
  expect([...named].sort()).toEqual(presetDdl.flatMap(({ indexNames }) => indexNames).sort());
});

test("migrations are numbered from 1, and each statement may be run again", () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  for (const { statements } of MIGRATIONS) {
    expect(
      statements.filter(
        (sql) => !/^IF (?:SCHEMA_ID|OBJECT_ID|COL_LENGTH)\(N'[^']+'(?:, N'[^']+')?\) IS NULL\b/.test(sql),
      ),
    ).toEqual([]);
  }
});

describe.each(["sql/checks/ecommerce.sql", "sql/checks/ecommerce-keys.sql"])("the checks of %s", (path) => {
  const checks = statementsOf(readSql(path)).map((check) => [check.title, check] as const);

  test.each(checks)("%s: none in a sound shop, some in a broken one", (_, { sql, brokenBy, title }) => {
    const db = smallShop();
    const rows = () => db.prepare(sql).all();
    expect(rows()).toEqual([]);
    db.exec(brokenBy || breakingKey(title));
    expect(rows().length).toBeGreaterThan(0);
    db.close();
  });
});

/**
 * Three rows of the preset. The checks are plain SQL, so their logic can be run here; that the tables
 * have neither types nor constraints lets anything be broken.
 */
function smallShop(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec(`ATTACH DATABASE ':memory:' AS ${SCHEMA_NAME}`);
  for (const { qualified, columns } of presetDdl) {
    db.exec(`CREATE TABLE ${qualified} (${columns.map(({ name }) => `[${name}]`).join(", ")})`);
  }
  const values = {
    customers: "1001, 'Ann', 'Lee', 'ann.lee@example.com', NULL, '2 High Street', '2025-02-01', 'Gold'",
    products: "2001, 'Kite', 'Toys & Games', 12.5, NULL, 3, NULL, NULL",
    orders: "3001, 1001, 2001, '2025-02-01', 2, 25, 'Pending', '2 High Street'",
  };
  for (const [name, row] of Object.entries(values)) db.exec(`INSERT INTO ${SCHEMA_NAME}.${name} VALUES (${row})`);
  return db;
}

/** A change that breaks the constraint of this name: every row again, or no parents any more. */
function breakingKey(title: string): string {
  const [constraint] = title.split(":");
  const table = presetDdl.find(({ primaryKey, uniqueKeys, foreignKeys }) =>
    [primaryKey, ...uniqueKeys, ...foreignKeys].some(({ name }) => name === constraint),
  );
  const reference = table?.foreignKeys.find(({ name }) => name === constraint);
  if (reference) return `DELETE FROM ${SCHEMA_NAME}.${reference.parent}`;
  return `INSERT INTO ${table?.qualified} SELECT * FROM ${table?.qualified}`;
}
