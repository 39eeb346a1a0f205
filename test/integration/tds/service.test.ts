/** The whole service as its own process, with the TDS test server as its database: from POST to the list of loads. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_PRESET, PRESETS } from "../../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../../src/dataset/schema.ts";
import { postGenerate, waitForJob } from "../../support/client.ts";
import { type HostProcess, startHostProcess } from "../../support/host-process.ts";
import { scriptLoader } from "../../support/tds/loader-script.ts";
import { startTds, type TdsServer } from "../../support/tds/server.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const SECRETS = /zq7-hidden|tester/;

let tds: TdsServer;
let host: HostProcess;
beforeAll(async () => {
  tds = await startTds();
  scriptLoader(tds, PRESETS.get(DEFAULT_PRESET) as SchemaDocument, "spring_demo");
  host = await startHostProcess({
    RELATA_HOME: join(tempFolder(), "home"),
    SQL_CONNECTION_STRING: tds.connectionString.replace(/Password=[^;]*/, "Password=zq7-hidden"),
  });
});
afterAll(async () => {
  await host?.stop();
  await tds.close();
});
const listLoads = async (name: string) => (await fetch(`${host.url}/datasets/${name}/loads`)).json();

test("a refused login ends the job at once, is listed with the dataset, and no secret is told", async () => {
  tds.failLogin({ number: 18_456, message: "Login failed for user 'tester'.", times: 2 });
  const { id } = await postGenerate(host.url, { name: "refused", load: true });
  const job = await waitForJob(host.url, id, ({ status }) => status === "Failed");
  expect(job.error).toMatchObject({ code: "load-login" });
  expect(await listLoads("refused")).toMatchObject({ value: [{ job: id, status: "Failed", error: job.error }] });
  expect((await fetch(`${host.url}/datasets/refused/customers.csv`)).status).toBe(200);
  for (const text of [JSON.stringify(job), host.output()]) expect(text).not.toMatch(SECRETS);
});

test("the preset is staged, moved and proved, and the report is the job's result", async () => {
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
