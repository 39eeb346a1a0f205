/**
 * Crash at every call: the n-th thing that a story does to the world takes effect and then fails, its
 * message is delivered again, and so on with n + 1 until nothing fails any more. Every run must end
 * in the same dataset, byte for byte, and leave nothing behind.
 */
import { join } from "node:path";
import { TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { World } from "../../src/dataset/world.ts";
import { deleteDataset } from "../../src/http/datasets.ts";
import { postGenerate } from "../../src/http/generate.ts";
import { answering } from "../../src/http/problem.ts";
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { connect, type Outside } from "../../src/outside.ts";
import { context, type Disorder, drain, MODEL_LIMITS, requestOf } from "../support/dispatcher.ts";
import { type Stub, startNemotron } from "../support/nemotron/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
const LIMITS = { bodyBytes: 1_000_000, tableRows: 1_000, chunkRows: 16, ...MODEL_LIMITS };
const REQUEST = { name: "crashing", seed: 3, referenceDate: "2026-01-01", load: true };
const TEXTS = ["faker", "model"] as const;
/** Stands still, so that all runs leave the same times; near the real one, by which the model is asked. */
const CLOCK = new Date();

let azurite: Azurite;
let stub: Stub;
let outside: Outside;

beforeAll(async () => {
  azurite = await startAzurite({ folder: join(folder, "storage"), log: () => {} });
  stub = await startNemotron();
  const models = ["nvidia/nemotron-3.5-lightning-30b-a3b"];
  const model = { apiKey: "key", baseUrl: stub.url, models, requestsPerMinute: 60_000, concurrency: 1 };
  outside = connect({ storage: azurite.connectionString, home: folder, limits: LIMITS, model });
  await outside.prepareStorage();
});
afterAll(() => Promise.all([azurite.stop(), stub.close()]));

interface Crash {
  /** The call that fails, counted from 1. */
  at: number;
  /** Whether it takes effect first. */
  when: "before" | "after";
}

/** The world, but for one call. `hasCrashed` tells whether it came to it. */
function crashing(crash: Crash): { world: World; hasCrashed: () => boolean } {
  let calls = 0;
  const wrap =
    (call: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]) => {
      const isIt = ++calls === crash.at;
      if (isIt && crash.when === "before") throw new Error("crashed before the call");
      const result = await call(...args);
      if (isIt) throw new Error("crashed after the call");
      return result;
    };
  const SYNCHRONOUS = new Set(["now", "newJobId", "newSeed", "hasModel", "checkLoad"]);
  const world = Object.fromEntries(
    Object.entries(outside).map(([name, call]) => [name, SYNCHRONOUS.has(name) ? call : wrap(call as () => unknown)]),
  ) as unknown as World;
  return { world: { ...world, now: () => CLOCK }, hasCrashed: () => calls >= crash.at };
}

/** Asks until the answer is 202, as a client with an Idempotency-Key does, and drains the queues. */
async function runJob(world: World, text: string, key: string, disorder: Disorder = {}): Promise<void> {
  const handler = answering(postGenerate(world, LIMITS));
  for (let attempt = 0; ; attempt++) {
    const answer = await handler(
      requestOf("POST", "/generate", { ...REQUEST, text }, { "idempotency-key": `${text}-${key}` }),
      context(),
    );
    if ((answer as { status: number }).status === 202) break;
    expect((answer as { status: number }).status).toBe(500);
    expect(attempt).toBe(0);
  }
  await drain(azurite.connectionString, world, disorder);
}

/** Everything the job has left, by name: files, the job, the catalogue; then the dataset is deleted. */
async function takeAll(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const entry = await outside.readEntry("crashing");
  const jobId = entry?.jobId ?? "none";
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient("relata");
  for await (const { name } of container.listBlobsFlat({ prefix: `jobs/${jobId}/` })) {
    // Reports have ids and times of their own; that there is one is what counts.
    if (name.includes("/loads/")) found["jobs/…/loads"] = JSON.parse(await outside.readText(name)).status;
    else found[name.replace(jobId, "…")] = await outside.readText(name);
  }
  const { result, ...job } = (await outside.readJob(jobId)) ?? {};
  const {
    seconds: _,
    alreadyLoaded: __,
    tables,
    ...report
  } = result as { seconds: number; alreadyLoaded: boolean; tables: object };
  const totals = Object.entries(tables).map(([name, { total, indexes }]) => [name, total, indexes]);
  found.job = { ...job, id: "…", lastFault: null, result: { ...report, totals } };
  found.entry = { ...entry, jobId: "…" };
  const chunks = TableClient.fromConnectionString(azurite.connectionString, "relatachunks", {
    allowInsecureConnection: true,
  });
  const records = await Array.fromAsync(chunks.listEntities());
  found.chunkRecords = records.filter(({ partitionKey }) => partitionKey === jobId).length;
  const deletion = await answering(deleteDataset(outside))(requestOf("DELETE", "/datasets/crashing"), context());
  expect(deletion).toMatchObject({ status: 204 });
  return found;
}

describe.each(TEXTS)("with text by %s", (text) => {
  const isModel = text === "model";
  let undisturbed: Record<string, unknown>;
  beforeAll(async () => {
    await runJob(crashing({ at: -1, when: "after" }).world, text, "undisturbed");
    undisturbed = await takeAll();
  });

  test("the undisturbed run has all its files and leaves no chunk records", () => {
    const drafted = ["answers/0/000000.json", "pools/0.json", "products.provenance.jsonl"];
    const plain = ["customers.csv", "datapackage.json", "manifest.json", "orders.csv", "plan.json", "products.csv"];
    const files = [...plain, ...(isModel ? drafted : [])].map((name) => `jobs/…/${name}`);
    const found = Object.keys(undisturbed).map((name) => name.replace(/-[0-9a-f]{16}\.json$/, ".json"));
    expect(found.sort()).toEqual(["chunkRecords", "entry", "job", "jobs/…/loads", ...files].sort());
    expect(undisturbed).toMatchObject({
      chunkRecords: 0,
      job: { status: "Succeeded", phase: "done", warnings: [] },
      entry: { rows: 70 },
    });
  });

  test.each(["after", "before"] as const)(
    "a crash %s any single call changes nothing in the end",
    async (when) => {
      for (let at = 1; ; at++) {
        const { world, hasCrashed } = crashing({ at, when });
        await runJob(world, text, `${when}-${at}`);
        expect(await takeAll(), `crash ${when} call ${at}`).toEqual(undisturbed);
        if (!hasCrashed()) {
          expect(at).toBeGreaterThan(40);
          break;
        }
      }
    },
    180_000,
  );

  test("messages delivered twice, and in any order, change nothing", async () => {
    let run = 0;
    const property = fc.asyncProperty(fc.infiniteStream(fc.nat()), async (stream) => {
      const shuffle: Disorder["shuffle"] = (all) => {
        const rank = new Map(all.map((delivery) => [delivery, stream.next().value]));
        return all.toSorted((a, b) => (rank.get(a) as number) - (rank.get(b) as number));
      };
      await runJob(crashing({ at: -1, when: "after" }).world, text, `disorder-${run++}`, { shuffle, times: 2 });
      expect(await takeAll()).toEqual(undisturbed);
    });
    await fc.assert(property, { numRuns: 8 });
  });
});
