/** The load's messages: one a table, parents first, and what a cancellation, a failure and a repetition do. */
import { expect, test } from "vitest";
import { JobFailure, Unavailable } from "../../src/dataset/errors.ts";
import type { Job } from "../../src/dataset/job.ts";
import { type LoadReport, RowsRejected } from "../../src/dataset/load-report.ts";
import type { DatasetLoad } from "../../src/dataset/world.ts";
import { viewJob } from "../../src/http/job-view.ts";
import { endPoisoned, runStep } from "../../src/worker/failure.ts";
import { loadJob } from "../../src/worker/load.ts";
import { manifestOf, shopFiles } from "../support/load-fixtures.ts";

const REPORT: LoadReport = {
  ...{ target: "sqlserver", database: "db.shop_demo", alreadyLoaded: false, tables: {}, orphans: 0, seconds: 1 },
};

const CANCELED_AT = "2026-01-01T12:00:00.000Z";
/** What is kept of the load when it was cancelled. */
const CANCELED = {
  "jobs/made1/loads/load1.json": { job: "load1", status: "Canceled", finishedAt: CANCELED_AT },
};

/** A world with one job of kind load, and what is done to it. */
function makeWorld(
  doing: { needsStaging?: boolean; stage?: (load: DatasetLoad) => Promise<void>; finish?: () => void } = {},
) {
  const done: string[] = [];
  const kept: Record<string, unknown> = {};
  const queue: { job: string; table?: number }[] = [{ job: "load1" }];
  let job: Job = {
    ...{ id: "load1", kind: "load", status: "NotStarted", dataset: "shop-demo", createdAt: "2026-01-01T00:00:00.000Z" },
    ...{
      startedAt: null,
      finishedAt: null,
      phase: "load",
      tables: [],
      texts: 0,
      textsDone: 0,
      warnings: [],
      error: null,
    },
    ...{ lastFault: null, load: { mode: "upsert", dropFirst: false, schema: "shop" } },
  } as Job;
  const entry = {
    name: "shop-demo",
    state: "ready" as const,
    jobId: "made1",
    createdAt: "",
    tables: [],
    rows: 9,
    bytes: 1,
  };
  const world = {
    now: () => new Date("2026-01-02T00:00:00.000Z"),
    readJob: async () => job,
    changeJob: async (_: string, decide: (job: Job) => { job: Job } | undefined) => {
      job = decide(job)?.job ?? job;
      return job;
    },
    readEntry: async () => entry,
    readText: async () => JSON.stringify(manifestOf(shopFiles)),
    openBlob: async (blob: string) => {
      done.push(`open ${blob}`);
      return [] as unknown as AsyncIterable<Uint8Array>;
    },
    writeOnce: async (blob: string, json: string) => {
      kept[blob] ??= JSON.parse(json);
    },
    send: async (_: string, message: object) => void queue.push(message as { job: string }),
    needsStaging: async () => doing.needsStaging ?? true,
    stageTable: async (load: DatasetLoad, table: string) => {
      done.push(`stage ${table} of ${load.id}`);
      await doing.stage?.(load);
    },
    loadDataset: async (load: DatasetLoad) => {
      done.push(`finish ${load.options.mode} into ${load.options.schema}`);
      doing.finish?.();
      return REPORT;
    },
    discardLoad: async (id: string) => void done.push(`discard ${id}`),
  };
  const run = async () => {
    for (let message = queue.shift(); message; message = queue.shift()) await loadJob(world, message);
  };
  const cancel = () => {
    job = { ...job, status: "Canceled", finishedAt: CANCELED_AT };
  };
  return { world, done, kept, run, cancel, queue, job: () => job };
}

test("each table is staged by a message of its own, parents first, and the last message ends the job", async () => {
  const { done, kept, run, job } = makeWorld();
  await run();
  const stages = ["customers", "products", "orders"].map((table) => `stage ${table} of load1`);
  expect(done).toEqual([...stages, "finish upsert into shop"]);
  expect(job()).toMatchObject({ status: "Succeeded", phase: "done", result: REPORT });
  const finishedAt = "2026-01-02T00:00:00.000Z";
  expect(kept).toEqual({
    "jobs/made1/loads/load1.json": { job: "load1", status: "Succeeded", finishedAt, report: REPORT },
  });
});

test("what the load has read so far is in the job: the tables before, and the rows of the one it is at", async () => {
  const made = makeWorld({ stage: ({ progress }) => progress("orders", 2) });
  await loadJob(made.world, { job: "load1", table: 2 });
  expect(made.job()).toMatchObject({ status: "Running", rowsLoaded: { customers: 3, products: 2, orders: 2 } });
  const view = (job: Job) => viewJob({ listChunks: async () => [] }, job, "http://127.0.0.1");
  expect(await view(made.job())).toMatchObject({ progress: { rowsLoaded: 7 } });
});

test("a job that has been cancelled meanwhile takes no more progress", async () => {
  const made = makeWorld({
    stage: async ({ progress }) => {
      made.cancel();
      await progress("orders", 2);
    },
  });
  await loadJob(made.world, { job: "load1", table: 2 });
  expect(made.job().rowsLoaded).toBeUndefined();
});

test("while a step that failed is waited for, the job says of what; once it has ended, no more", async () => {
  const made = makeWorld({ stage: () => Promise.reject(new Unavailable("The server is down.", undefined)) });
  const files = { deleteBlobs: async () => {}, deleteChunks: async () => {} };
  const step = runStep({ ...made.world, ...files }, "load1", () => loadJob(made.world, { job: "load1", table: 0 }));
  await expect(step).rejects.toThrow("The server is down.");
  const view = () => viewJob({ listChunks: async () => [] }, made.job(), "http://127.0.0.1");
  const message = "A step failed and is tried again: The server is down.";
  expect(await view()).toMatchObject({ status: "Running", error: null, warnings: [{ message }] });
  made.cancel();
  expect(await view()).toMatchObject({ status: "Canceled", warnings: [] });
});

test("where nothing is staged apart, one message does it all", async () => {
  const { done, run } = makeWorld({ needsStaging: false });
  await run();
  expect(done).toEqual(["finish upsert into shop"]);
});

test("any message may come again, also when the job has ended", async () => {
  const { world, run, job, done } = makeWorld();
  await run();
  const ended = job();
  for (const message of [{ job: "load1" }, { job: "load1", table: 1 }, { job: "load1", table: 3 }])
    await loadJob(world, message);
  expect([job(), done.length]).toEqual([ended, 4]);
});

test("a job that is cancelled in the middle of a table stays cancelled, and what it staged goes", async () => {
  const made = makeWorld({
    stage: async ({ isWanted }) => {
      made.cancel();
      if (!(await isWanted())) throw new JobFailure("load-canceled", "The load was cancelled.");
    },
  });
  await made.run();
  expect(made.job()).toMatchObject({ status: "Canceled", error: null });
  expect(made.done).toEqual(["stage customers of load1", "discard load1"]);
  expect([made.kept, made.queue]).toEqual([CANCELED, []]);
});

test("a job that is cancelled between two tables is not gone on with, and what it staged goes", async () => {
  const { world, done, kept, cancel } = makeWorld();
  await loadJob(world, { job: "load1", table: 0 });
  cancel();
  await loadJob(world, { job: "load1", table: 1 });
  expect(done).toEqual(["stage customers of load1", "discard load1"]);
  expect(kept).toEqual(CANCELED);
});

test("a load that is cancelled before it begins is among the dataset's loads all the same", async () => {
  const { run, done, kept, cancel } = makeWorld();
  cancel();
  await run();
  expect([done, kept]).toEqual([[], CANCELED]);
});

test("a load that is cancelled after its last delivery has failed is kept as cancelled", async () => {
  const { world, kept, cancel } = makeWorld();
  cancel();
  const files = { deleteBlobs: async () => {}, deleteChunks: async () => {} };
  await endPoisoned({ ...world, ...files }, "load", "load1");
  expect(kept).toEqual(CANCELED);
});

test("a load that was done when it was cancelled is kept with its report, however often its message comes", async () => {
  const made = makeWorld({ needsStaging: false, finish: () => made.cancel() });
  await made.run();
  await loadJob(made.world, { job: "load1" });
  expect(made.job()).toMatchObject({ status: "Canceled" });
  expect(made.kept).toMatchObject({ "jobs/made1/loads/load1.json": { status: "Succeeded", report: REPORT } });
});

test("a load that is refused is kept with its error and the rows that it was refused for", async () => {
  const rejected = [{ table: "customers", line: 3, reason: "field name: too long" }];
  const { done, kept, run } = makeWorld({
    stage: () => Promise.reject(new RowsRejected("customers.csv line 3, field name: too long.", rejected)),
  });
  await expect(run()).rejects.toMatchObject({ name: "JobFailure", code: "load-bad-value" });
  const error = { code: "load-bad-value", message: "customers.csv line 3, field name: too long." };
  expect(kept["jobs/made1/loads/load1.json"]).toMatchObject({ status: "Failed", error, rejected });
  expect(done.at(-1)).toBe("discard load1");
});

test("what may pass is thrown on and leaves no record, so that the message comes again", async () => {
  const { done, kept, run } = makeWorld({ stage: () => Promise.reject(new Error("connection lost")) });
  await expect(run()).rejects.toThrow("connection lost");
  expect([kept, done]).toEqual([{}, ["stage customers of load1"]]);
});

test("a load whose dataset is deleted meanwhile lets go of what it has staged", async () => {
  const { world, done } = makeWorld();
  await loadJob(world, { job: "load1", table: 0 });
  const deleted = { ...world, readEntry: async () => undefined };
  await expect(loadJob(deleted, { job: "load1", table: 1 })).rejects.toMatchObject({ code: "dataset-not-found" });
  expect(done).toEqual(["stage customers of load1", "discard load1"]);
});

test("a database that can't let go of what was staged hides no error", async () => {
  const { world, kept } = makeWorld({ stage: () => Promise.reject(new JobFailure("load-login", "Refused.")) });
  const unreachable = { ...world, discardLoad: () => Promise.reject(new Error("connection refused")) };
  await expect(loadJob(unreachable, { job: "load1", table: 0 })).rejects.toMatchObject({ code: "load-login" });
  expect(kept["jobs/made1/loads/load1.json"]).toMatchObject({ status: "Failed", error: { code: "load-login" } });
});

test("a load whose message failed on every delivery ends, and is among the dataset's loads", async () => {
  const { world, kept, done, job } = makeWorld();
  const files = { deleteBlobs: async () => {}, deleteChunks: async () => {} };
  await endPoisoned({ ...world, ...files }, "load", "load1");
  const error = {
    code: "worker-lost",
    message: 'The step "load" failed on every attempt: the worker ended without saying why',
  };
  expect(job()).toMatchObject({ status: "Failed", error });
  expect(kept["jobs/made1/loads/load1.json"]).toMatchObject({ job: "load1", status: "Failed", error });
  expect(done).toEqual(["discard load1"]);
});
