/**
 * Several hosts, dying hosts: the same dataset, byte for byte.
 *
 * Storage runs apart from the hosts, as it does in Azure. It is never killed: the emulator saves
 * every five seconds, so a kill would test it and not us.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { getHashes, getManifest, postGenerate, waitForJob } from "../support/client.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
const REQUEST = { seed: 7, referenceDate: "2026-01-01", rows: { customers: 500, products: 90, orders: 3_000 } };

let azurite: Azurite;
let running: HostProcess[] = [];

beforeAll(async () => {
  azurite = await startAzurite({ folder: join(folder, "storage"), log: () => {} });
});
afterEach(async () => {
  await Promise.all(running.map((host) => host.stop()));
  running = [];
});
afterAll(() => azurite.stop());

async function startHost(settings: Record<string, string> = {}): Promise<HostProcess> {
  const host = await startHostProcess({
    AzureWebJobsStorage: azurite.connectionString,
    RELATA_HOME: join(folder, "home"),
    RELATA_QUEUE_LEASE_SECONDS: "2",
    AzureFunctionsJobHost__logging__logLevel__default: "Debug",
    ...settings,
  });
  running.push(host);
  return host;
}

/** Hashes of the request's files as one undisturbed host makes them, and what they are compared with. */
async function makeAlone(name: string, settings: Record<string, string>): Promise<Record<string, string>> {
  const { url } = await startHost(settings);
  const { id } = await postGenerate(url, { ...REQUEST, name });
  await waitForJob(url, id);
  return getHashes(url, name);
}

test("chunks of 7 rows, of 1,000 and of the default size give the same files", async () => {
  const hashes = await makeAlone("by-default", {});
  expect(await makeAlone("by-seven", { RELATA_CHUNK_ROWS: "7" })).toEqual(hashes);
  expect(await makeAlone("by-thousand", { RELATA_CHUNK_ROWS: "1000" })).toEqual(hashes);
});

test("two hosts on one storage account share a job and make the files that one makes", async () => {
  const alone = await makeAlone("by-one", {});
  const [a, b] = await Promise.all([startHost({ RELATA_CHUNK_ROWS: "25" }), startHost({ RELATA_CHUNK_ROWS: "25" })]);
  const { id } = await postGenerate(a.url, { ...REQUEST, name: "by-two" });
  await waitForJob(b.url, id);
  expect(await getHashes(b.url, "by-two")).toEqual(alone);
  for (const host of [a, b]) expect(host.output()).toMatch(/by-two: orders chunk/);
});

test("a job whose host is killed half way is finished by the next with the same bytes", async () => {
  const alone = await makeAlone("by-survivor", {});
  const first = await startHost({ RELATA_CHUNK_ROWS: "20" });
  const { id } = await postGenerate(first.url, { ...REQUEST, name: "by-successor", load: true });
  await waitForJob(first.url, id, ({ progress }) => progress.rowsDone > 400);
  await first.kill();
  const second = await startHost();
  const atStart = await (await fetch(`${second.url}/jobs/${id}`)).json();
  expect(atStart).toMatchObject({ status: "Running", progress: { phase: "render" } });
  const done = await waitForJob(second.url, id);
  expect(done.result).toMatchObject({ orphans: 0, tables: { orders: { csv: 3_000, inserted: 3_000 } } });
  expect(await getHashes(second.url, "by-successor")).toEqual(alone);
  const { tables } = await getManifest(second.url, "by-successor");
  const file = Buffer.from(await (await fetch(`${second.url}/datasets/by-successor/orders.csv`)).arrayBuffer());
  expect(createHash("sha256").update(file).digest("hex")).toBe(tables.orders?.sha256);
});
