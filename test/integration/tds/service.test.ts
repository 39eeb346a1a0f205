/** The whole service as its own process, with the TDS test server as its database: from POST to the list of loads. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DEFAULT_PRESET, PRESETS } from "../../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../../src/dataset/schema.ts";
import { postGenerate, waitForJob } from "../../support/client.ts";
import { startHostProcess } from "../../support/host-process.ts";
import { scriptLoader } from "../../support/tds/loader-script.ts";
import { startTds } from "../../support/tds/server.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const SECRETS = /zq7-hidden|tester/;

/** A service of its own for each test: a connection that one has opened would be there for the next. */
async function serve() {
  const tds = await startTds();
  onTestFinished(() => tds.close());
  scriptLoader(tds, PRESETS.get(DEFAULT_PRESET) as SchemaDocument, "spring_demo");
  const host = await startHostProcess({
    RELATA_HOME: join(tempFolder(), "home"),
    SQL_CONNECTION_STRING: tds.connectionString.replace(/Password=[^;]*/, "Password=zq7-hidden"),
  });
  onTestFinished(async () => void (await host.stop()));
  const listLoads = async (name: string) => (await fetch(`${host.url}/datasets/${name}/loads`)).json();
  return { tds, host, listLoads };
}

test("a refused login ends the job at once, is listed with the dataset, and no secret is told", async () => {
  const { tds, host, listLoads } = await serve();
  tds.failLogin({ number: 18_456, message: "Login failed for user 'tester'.", times: 2 });
  const { id } = await postGenerate(host.url, { name: "refused", load: true });
  const job = await waitForJob(host.url, id, ({ status }) => status === "Failed");
  expect(job.error).toMatchObject({ code: "load-login" });
  expect(await listLoads("refused")).toMatchObject({ value: [{ job: id, status: "Failed", error: job.error }] });
  expect((await fetch(`${host.url}/datasets/refused/customers.csv`)).status).toBe(200);
  for (const text of [JSON.stringify(job), host.output()]) expect(text).not.toMatch(SECRETS);
});

test("the preset is staged, moved and proved, and the report is the job's result", async () => {
  const { host, listLoads } = await serve();
  const { id } = await postGenerate(host.url, { name: "spring-demo", load: true });
  const { result } = await waitForJob(host.url, id);
  const table = (rows: number) => ({ csv: rows, staged: rows, inserted: rows, rejected: 0, total: rows });
  expect(result).toMatchObject({
    target: "sqlserver",
    orphans: 0,
    tables: { customers: table(20), products: table(20), orders: table(30) },
  });
  expect(await listLoads("spring-demo")).toMatchObject({ value: [{ job: id, status: "Succeeded", report: result }] });
});
