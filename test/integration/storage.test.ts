/** What storage must do that the stories rely on, on the real wire. */

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NotFound } from "../../src/dataset/errors.ts";
import type { DatasetEntry, Job } from "../../src/dataset/job.ts";
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { connect, newJobId, type Outside } from "../../src/outside.ts";
import { MODEL_LIMITS } from "../support/dispatcher.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
let azurite: Azurite;
let outside: Outside;

beforeAll(async () => {
  azurite = await startAzurite({ folder: join(folder, "storage"), log: () => {} });
  const limits = { bodyBytes: 1, tableRows: 1, chunkRows: undefined, ...MODEL_LIMITS };
  outside = connect({ storage: azurite.connectionString, home: folder, limits });
  await outside.prepareStorage();
  await outside.prepareStorage();
});
afterAll(() => azurite.stop());

function newJob(dataset: string): Job {
  const times = { createdAt: "2026-01-01T00:00:00.000Z", startedAt: null, finishedAt: null };
  return {
    ...{ id: outside.newJobId(), kind: "generate", status: "NotStarted", dataset, ...times, phase: "draft" },
    ...{ tables: [], texts: 0, textsDone: 0, warnings: [], error: null, lastFault: null },
  };
}

function newEntry(name: string, jobId: string): DatasetEntry {
  return { name, state: "writing", jobId, createdAt: "2026-01-01T00:00:00.000Z", tables: [], rows: 0, bytes: 0 };
}

async function readAll(blob: string): Promise<string> {
  return Buffer.concat(await Array.fromAsync(await outside.openBlob(blob))).toString();
}

test("a document written once stays as it was first written", async () => {
  await outside.writeOnce("once.json", "first");
  await outside.writeOnce("once.json", "second");
  expect(await outside.readText("once.json")).toBe("first");
});

test("blocks staged in any order and twice become one blob in the order of their numbers", async () => {
  const stage = (chunk: number, text: string) => outside.stageBlock("blocks", chunk, Buffer.from(text));
  await stage(2, "c");
  await stage(0, "torn");
  await stage(1, "b");
  await stage(0, "a");
  await expect(outside.openBlob("blocks")).rejects.toThrow(NotFound);
  await outside.commitBlocks("blocks", 3);
  expect(await readAll("blocks")).toBe("abc");
});

test("a block staged late and a second commit leave a committed blob alone", async () => {
  await outside.stageBlock("late", 0, Buffer.from("as it was"));
  await outside.commitBlocks("late", 1);
  await outside.stageBlock("late", 0, Buffer.from("too late"));
  await outside.commitBlocks("late", 1);
  expect(await readAll("late")).toBe("as it was");
});

test("a part of a blob is read without the rest", async () => {
  await outside.stageBlock("part", 0, Buffer.from("0123456789"));
  await outside.commitBlocks("part", 1);
  expect(Buffer.concat(await Array.fromAsync(await outside.openBlob("part", 3, 4))).toString()).toBe("3456");
});

test("a job whose name is taken is not stored at all", async () => {
  const [first, second] = [newJob("taken"), newJob("taken")];
  expect(await outside.acceptJob(first, newEntry("taken", first.id), undefined)).toBe("accepted");
  const key = { hash: "unused", bodyHash: "", job: second };
  expect(await outside.acceptJob(second, newEntry("taken", second.id), key)).toBe("name");
  expect(await outside.readJob(second.id)).toBeUndefined();
  expect(await outside.readKey("unused")).toBeUndefined();
});

test("changes of one job at the same time all take place, one after the other", async () => {
  const job = newJob("contended");
  await outside.acceptJob(job, undefined, undefined);
  const warn = (n: number) =>
    outside.changeJob(job.id, (now) => ({
      job: { ...now, warnings: [...now.warnings, { code: `w${n}`, message: "" }] },
    }));
  await Promise.all(Array.from({ length: 8 }, (_, n) => warn(n)));
  const codes = (await outside.readJob(job.id))?.warnings.map(({ code }) => code).sort();
  expect(codes).toEqual(["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"]);
});

test("a job may carry a report far longer than a table property holds", async () => {
  const job = { ...newJob("long"), result: { text: "ü".repeat(200_000) } };
  await outside.acceptJob(job, undefined, undefined);
  expect(await outside.readJob(job.id)).toEqual(job);
});

test("jobs are listed newest first, page by page", async () => {
  const ids = [1_000, 2_000, 3_000].map((ms) => newJobId(ms, Buffer.alloc(5)));
  for (const id of ids) await outside.acceptJob({ ...newJob("old"), id, status: "Canceled" }, undefined, undefined);
  const first = await outside.listJobs({ limit: 2, status: "Canceled" });
  expect(first.value.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  const second = await outside.listJobs({ limit: 2, status: "Canceled", after: first.next });
  expect([second.value.map(({ id }) => id), second.next]).toEqual([[ids[0]], undefined]);
});

test("chunk records are counted once however often they are written, and by range", async () => {
  const checks = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };
  const record = (table: number, chunk: number) => ({ table, chunk, rows: 5, bytes: 50, checks });
  for (const [table, chunk] of [
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 130],
    [1, 0],
  ] as const) {
    await outside.recordChunk("counted", record(table, chunk));
  }
  expect(await outside.listChunks("counted")).toEqual([record(0, 0), record(0, 1), record(0, 130), record(1, 0)]);
  expect(await outside.listChunks("counted", { table: 0, from: 0, to: 128 })).toEqual([record(0, 0), record(0, 1)]);
  expect([await outside.markGroup("counted", 0, 0), await outside.markGroup("counted", 0, 0)]).toEqual([1, 1]);
  expect(await outside.markGroup("counted", 0, 1)).toBe(2);
  await outside.deleteChunks("counted");
  await outside.deleteChunks("counted");
  expect(await outside.listChunks("counted")).toEqual([]);
});

test("more chunk records than a page and a transaction hold are listed and deleted", async () => {
  const checks = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };
  const chunks = Array.from({ length: 1_050 }, (_, chunk) => chunk);
  for (let first = 0; first < chunks.length; first += 50) {
    const some = chunks.slice(first, first + 50);
    await Promise.all(some.map((chunk) => outside.recordChunk("many", { table: 0, chunk, rows: 1, bytes: 1, checks })));
  }
  expect((await outside.listChunks("many")).map(({ chunk }) => chunk)).toEqual(chunks);
  await outside.deleteChunks("many");
  expect(await outside.listChunks("many")).toEqual([]);
});

test("deleting an entry leaves a newer one of the same name alone", async () => {
  const job = newJob("reborn");
  await outside.acceptJob(job, newEntry("reborn", job.id), undefined);
  expect(await outside.deleteEntry(newEntry("reborn", "an-older-job"))).toBe(false);
  expect(await outside.deleteEntry(newEntry("reborn", job.id))).toBe(true);
  expect(await outside.deleteEntry(newEntry("reborn", job.id))).toBe(false);
});
