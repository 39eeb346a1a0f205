/** What a user sees when something around the service breaks. */

import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Job } from "../../src/dataset/job.ts";
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { connect } from "../../src/outside.ts";
import { getHashes, getJob, postGenerate, waitForJob } from "../support/client.ts";
import { MODEL_LIMITS } from "../support/dispatcher.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { relayStorage } from "../support/outage.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
const home = join(folder, "home");
const ROWS = { customers: 500, products: 90, orders: 3_000 };

let azurite: Azurite;
let host: HostProcess;

beforeAll(async () => {
  azurite = await startAzurite({ folder: join(folder, "storage"), log: () => {} });
});
afterEach(() => host.stop());
afterAll(() => azurite.stop());

async function startHost(settings: Record<string, string>): Promise<string> {
  const common = { AzureWebJobsStorage: azurite.connectionString, RELATA_HOME: home, RELATA_QUEUE_LEASE_SECONDS: "2" };
  host = await startHostProcess({ ...common, ...settings });
  return host.url;
}

test("while storage is away the service answers 503, and afterwards the job goes on to the same bytes", async () => {
  const line = await relayStorage(azurite.connectionString);
  const url = await startHost({ AzureWebJobsStorage: line.connectionString, RELATA_CHUNK_ROWS: "20" });
  const request = { seed: 9, referenceDate: "2026-01-01", rows: ROWS };
  const { id } = await postGenerate(url, { ...request, name: "through-an-outage" });
  await waitForJob(url, id, ({ progress }) => progress.rowsDone > 200);
  await line.cut();
  for (const path of ["/health", `/jobs/${id}`, "/datasets", "/datasets/through-an-outage/orders.csv"]) {
    const answer = await fetch(url + path);
    expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "5"]);
    expect(await answer.json()).toMatchObject({ code: "dependency-unavailable", status: 503 });
  }
  await line.mend();
  await waitForJob(url, id);
  const calm = await postGenerate(url, { ...request, name: "in-calm" });
  await waitForJob(url, calm.id);
  expect(await getHashes(url, "through-an-outage")).toEqual(await getHashes(url, "in-calm"));
  await host.stop();
  await line.cut();
});

test("a message that fails every time ends its job as Failed with the cause, and the name is free again", async () => {
  const outside = connect({
    storage: azurite.connectionString,
    home,
    limits: { bodyBytes: 1, tableRows: 1, chunkRows: undefined, ...MODEL_LIMITS },
  });
  await outside.prepareStorage();
  const times = { createdAt: new Date().toISOString(), startedAt: null, finishedAt: null };
  const id = outside.newJobId();
  const job: Job = {
    ...{ id, kind: "generate", status: "NotStarted", dataset: "without-plan", ...times, phase: "draft" },
    ...{ tables: [], texts: 0, textsDone: 0, warnings: [], error: null, lastFault: null },
  };
  const entry = { name: "without-plan", state: "writing" as const, jobId: id, createdAt: times.createdAt };
  await outside.acceptJob(job, { ...entry, tables: [], rows: 0, bytes: 0 }, undefined);
  await outside.send("drafts", { job: id });
  const url = await startHost({ AzureFunctionsJobHost__extensions__queues__visibilityTimeout: "00:00:00" });
  const failed = await waitForJob(url, id, ({ status }) => status === "Failed");
  expect(failed.error).toEqual({
    code: "blob-not-found",
    message: 'The step "drafts" failed on every attempt: plan.json is not there any more.',
  });
  const next = await postGenerate(url, { name: "without-plan" });
  await waitForJob(url, next.id);
});

test("a cancelled job ends Canceled between two chunks and leaves no dataset behind", async () => {
  const url = await startHost({ RELATA_CHUNK_ROWS: "10" });
  const { id } = await postGenerate(url, { name: "not-wanted", rows: ROWS });
  await waitForJob(url, id, ({ progress }) => progress.rowsDone > 100);
  const answer = await fetch(`${url}/jobs/${id}/cancel`, { method: "POST" });
  expect([answer.status, ((await answer.json()) as { status: string }).status]).toEqual([202, "Canceled"]);
  expect((await fetch(`${url}/jobs/${id}/cancel`, { method: "POST" })).status).toBe(409);
  expect((await fetch(`${url}/datasets/not-wanted`)).status).toBe(404);
  const next = await postGenerate(url, { name: "not-wanted" });
  await waitForJob(url, next.id);
  expect((await getJob(url, id)).status).toBe("Canceled");
});
