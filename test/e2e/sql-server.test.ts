/**
 * The whole service on a SQL Server: the preset and every example from POST to its tables. Needs MSSQL_TEST_URL, the
 * connection string of a database whose login may create schemas; reported as skipped without it.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoadReport } from "../../src/dataset/load-report.ts";
import { connectSqlServer, type SqlServer } from "../../src/load/sqlserver/connection.ts";
import { getManifest, postGenerate, waitForJob } from "../support/client.ts";
import { readExamples } from "../support/examples.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { readSql, statementsOf } from "../support/sql-files.ts";
import { runOn } from "../support/sql-targets.ts";
import { tempFolder } from "../support/temp-folder.ts";

const url = process.env.MSSQL_TEST_URL;
const schema = `t_${randomBytes(6).toString("hex")}`;
const requests = [
  { name: "preset", seed: 42, referenceDate: "2026-01-01", preset: "ecommerce" },
  ...readExamples().map(({ request }) => request),
];

describe.skipIf(!url)("SQL Server (MSSQL_TEST_URL)", () => {
  let host: HostProcess;
  let server: SqlServer;
  beforeAll(async () => {
    server = connectSqlServer(url as string);
    host = await startHostProcess({ RELATA_HOME: join(tempFolder(), "home"), SQL_CONNECTION_STRING: url as string });
  });
  afterAll(async () => {
    await host?.stop();
    await server.close();
  });

  const query = (statement: string) => runOn(server, statement);

  test.each(requests.map((request, place) => [request.name, request, place] as const))(
    "%s is made, loaded, proved and found there; loading it again changes nothing",
    async (name, request, place) => {
      const load = { schema: `${schema}_${place}` };
      try {
        const { id } = await postGenerate(host.url, { ...request, load });
        const report = (await waitForJob(host.url, id)).result as LoadReport;
        expect(report).toMatchObject({ target: "sqlserver", orphans: 0, alreadyLoaded: false });
        const { tables } = await getManifest(host.url, name);
        for (const [table, { rows }] of Object.entries(tables)) {
          expect([table, report.tables[table]]).toMatchObject([
            table,
            { csv: rows, staged: rows, inserted: rows, total: rows },
          ]);
          const [count] = await query(`SELECT COUNT(*) AS [rows] FROM [${load.schema}].[${table}]`);
          expect([table, count?.rows]).toEqual([table, rows]);
        }
        const again = await fetch(`${host.url}/datasets/${name}/load`, { method: "POST", body: JSON.stringify(load) });
        const job = (await again.json()) as { id: string };
        expect((await waitForJob(host.url, job.id)).result).toMatchObject({ alreadyLoaded: true });
        const listed = await (await fetch(`${host.url}/datasets/${name}/loads`)).json();
        expect(listed).toMatchObject({
          value: [
            { job: job.id, status: "Succeeded" },
            { job: id, status: "Succeeded", report },
          ],
        });
        expect(host.output()).not.toMatch(/password|pwd/i);
      } finally {
        await clean(query, load.schema);
      }
    },
  );

  test("sql/ runs as it is shipped: tables made by hand give way to a load, queries and the README's joins answer, checks find nothing", async () => {
    const own = `${schema}_sql`;
    const run = async (path: string) => {
      const text = readSql(path).replaceAll(/(?<=\[|N')ecommerce(?=\]|')/g, own);
      const results = [];
      for (const batch of text.split(/^GO$/m)) if (/^\w/m.test(batch)) results.push(await query(batch));
      return results;
    };
    try {
      for (const path of ["schema/001_objects", "schema/002_staged", "ecommerce/tables", "ecommerce/indexes"]) {
        await run(`sql/${path}.sql`);
      }
      const request = {
        ...(requests[0] as object),
        name: "by-hand",
        seed: 3,
        rows: { customers: 150, products: 100, orders: 400 },
        load: { schema: own, dropFirst: true },
      };
      const { id } = await postGenerate(host.url, request);
      expect((await waitForJob(host.url, id)).result).toMatchObject({ tables: { orders: { inserted: 400 } } });
      const answers = (await run("sql/ecommerce/queries.sql")).slice(1);
      expect(answers.length).toBeGreaterThan(4);
      expect(answers.map((rows) => rows.length)).not.toContain(0);
      const joins = [...readSql("README.md").matchAll(/```sql\n(.*?)```/gs)].flatMap(([, sql = ""]) =>
        sql.split(/;\n/),
      );
      const statements = joins
        .filter((sql) => sql.includes("spring_demo"))
        .map((sql) => sql.replaceAll("spring_demo", own));
      expect(statements).toHaveLength(2);
      for (const join of statements) expect(await query(join), join).not.toEqual([]);
      for (const path of ["sql/checks/ecommerce.sql", "sql/checks/ecommerce-keys.sql"]) {
        for (const { sql } of statementsOf(readSql(path))) {
          expect(await query(sql.replaceAll("[ecommerce]", `[${own}]`)), sql).toEqual([]);
        }
      }
    } finally {
      await clean(query, own);
    }
  });
});

async function clean(query: (statement: string) => Promise<Record<string, unknown>[]>, schema: string): Promise<void> {
  const tables = await query(`SELECT t.[name] FROM sys.tables AS t WHERE t.[schema_id] = SCHEMA_ID(N'${schema}')`);
  for (const { name } of tables) {
    const keys = await query(
      `SELECT f.[name] FROM sys.foreign_keys AS f WHERE f.[parent_object_id] = OBJECT_ID(N'[${schema}].[${name}]')`,
    );
    for (const key of keys) await query(`ALTER TABLE [${schema}].[${name}] DROP CONSTRAINT [${key.name}]`);
  }
  for (const { name } of tables) await query(`DROP TABLE [${schema}].[${name}]`);
  await query(`DELETE FROM [relata].[load_log] WHERE [target_schema] = N'${schema}'`);
}
