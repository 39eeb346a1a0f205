/** Text by a model on the whole service, two hosts on one storage: the same texts from either, and no key in what they print. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAzurite } from "../../src/local/azurite.ts";
import { postGenerate, waitForJob } from "../support/client.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { KEY, modelSettings, type Stub, startNemotron } from "../support/nemotron/server.ts";
import { notes } from "../support/notes.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ROWS = 3_000;
const folder = tempFolder();
let stub: Stub;
let azurite: Awaited<ReturnType<typeof startAzurite>>;
let hosts: HostProcess[];

beforeAll(async () => {
  stub = await startNemotron({ key: KEY });
  azurite = await startAzurite({ folder: `${folder}/storage`, log: () => {} });
  const settings = {
    ...modelSettings(stub),
    AzureWebJobsStorage: azurite.connectionString,
    RELATA_CHUNK_ROWS: "100",
  };
  hosts = await Promise.all([1, 2].map((n) => startHostProcess({ ...settings, RELATA_HOME: `${folder}/home-${n}` })));
}, 60_000);
afterAll(async () => {
  await Promise.all((hosts ?? []).map((host) => host.stop()));
  await azurite.stop();
  await stub.close();
});

test("two hosts make rows from the same texts, reuse gives the same file, and neither prints the key", async () => {
  const [one, two] = hosts as [HostProcess, HostProcess];
  const request = { seed: 5, referenceDate: "2026-01-01", schema: notes(ROWS) };
  const files: string[] = [];
  for (const [place, name] of ["first", "again"].entries()) {
    const before = stub.calls.length;
    const { id } = await postGenerate(one.url, { ...request, name, reusePools: place === 1 });
    await waitForJob(two.url, id);
    expect(stub.calls.length > before).toBe(place === 0);
    files.push(await (await fetch(`${two.url}/datasets/${name}/things.csv`)).text());
  }
  expect(files[0]?.split("\n").length).toBe(ROWS + 2);
  expect(files[1]).toBe(files[0]);
  stub.plan({ kind: "status", status: 401 });
  const { id } = await postGenerate(one.url, { ...request, name: "refused", seed: 6 });
  await waitForJob(one.url, id);
  for (const host of hosts) expect(host.output()).not.toContain(KEY);
}, 120_000);
