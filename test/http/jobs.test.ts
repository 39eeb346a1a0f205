import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import { postCancel } from "../../src/http/jobs.ts";
import { makeChunk } from "../../src/worker/chunk.ts";
import { startJob } from "../../src/worker/drafts.ts";
import { runStep } from "../../src/worker/failure.ts";
import { keepPlans } from "../../src/worker/plans.ts";
import { MODEL_LIMITS, requestOf } from "../support/dispatcher.ts";
import { ACCEPTED, doneShopJob, newShopJob, shopTables, TIME } from "../support/expect-job.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, ORIGIN, problem, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

/** Accepts a job whose work is not done; returns its id. */
async function accept(name: string, more: object = {}): Promise<string> {
  const { status, json } = await app.call("POST", "/generate", { body: { name, ...more } });
  expect(status).toBe(202);
  return (json as { id: string }).id;
}

/** Begins a job and makes its first chunks; the rest stays in the queues. */
async function begin(id: string, chunks: number): Promise<void> {
  const openPlan = keepPlans(app.outside);
  const world = { ...app.outside, send: async () => {} };
  await startJob(world, id, MODEL_LIMITS);
  for (let chunk = 0; chunk < chunks; chunk++) {
    await makeChunk(world, openPlan, { job: id, table: 0, chunk }, () => {});
  }
}

const get = (id: string, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call("GET", `/jobs/${id}`, { headers });

const cancel = (id: string): Promise<Answer> => app.call("POST", `/jobs/${id}/cancel`);

const NO_JOB = problem(404, "Not found", "job-not-found", "There is no job with this id.");

describe("GET /jobs/{id}", () => {
  test("a waiting job says when to ask again", async () => {
    const id = await accept("waiting");
    const answer = await get(id);
    expect([answer.status, answer.headers]).toEqual([
      200,
      {
        "content-type": "application/json",
        "cache-control": "no-cache",
        etag: expect.stringMatching(/^"[\w-]{22}"$/),
        "retry-after": "1",
      },
    ]);
    expect(answer.json).toEqual({ ...newShopJob("waiting"), id });
  });

  test("a running job counts the rows that are made", async () => {
    const id = await accept("counting");
    await begin(id, 1);
    const { json, headers } = await get(id);
    expect(json).toEqual({
      ...newShopJob("counting"),
      status: "Running",
      startedAt: TIME,
      progress: {
        phase: "render",
        rowsDone: 16,
        rowsTotal: 70,
        tables: { ...shopTables(0), customers: { rowsDone: 16, rows: 20 } },
        texts: { done: 0, total: 40 },
      },
    });
    expect(headers["retry-after"]).toBe("1");
  });

  test("a finished job has done everything and says nothing about asking again", async () => {
    const { id } = await app.make({ name: "finished" });
    const { json, headers } = await get(id as string);
    expect(json).toEqual(doneShopJob("finished"));
    expect(headers).not.toHaveProperty("retry-after");
  });

  test("a failed job says why", async () => {
    const id = await accept("failing");
    await begin(id, 1);
    const fail = () => Promise.reject(new JobFailure("unsound-dataset", "The dataset was not published."));
    await runStep(app.outside, id, fail);
    expect((await get(id)).json).toEqual({
      ...newShopJob("failing"),
      status: "Failed",
      startedAt: TIME,
      finishedAt: TIME,
      progress: { ...(newShopJob("").progress as object), phase: "render" },
      error: { code: "unsound-dataset", message: "The dataset was not published." },
    });
    expect((await get(id)).headers).not.toHaveProperty("retry-after");
  });

  test("the ETag gives 304 until the job has moved on", async () => {
    const id = await accept("etag");
    const { headers } = await get(id);
    const etag = headers.etag as string;
    const same = await get(id, { "if-none-match": `"other", ${etag}` });
    expect([same.status, same.bytes.length, same.headers]).toEqual([
      304,
      0,
      { "cache-control": "no-cache", etag, "retry-after": "1" },
    ]);
    await begin(id, 1);
    const moved = await get(id, { "if-none-match": etag });
    expect(moved.status).toBe(200);
    expect(moved.headers.etag).not.toBe(etag);
  });

  test.each([["0123456789abcdef012345"], ["a%2Fb"], ["it's"], ["%00"], ["..%2f..%2fetc"], ["x".repeat(3000)]])(
    "an unknown id is not found: %s",
    async (id) => {
      for (const answer of [await get(id), await cancel(id)]) {
        expect([answer.status, answer.json]).toEqual([404, NO_JOB]);
        expect(answer.headers).toEqual({
          "content-type": "application/problem+json",
          "x-ms-error-code": "job-not-found",
        });
      }
    },
  );

  test("an id with a broken escape is malformed", async () => {
    const detail = "The path has a % that starts no valid escape.";
    expect((await get("%zz")).json).toEqual(problem(400, "Malformed request", "malformed-path", detail));
  });
});

describe("POST /jobs/{id}/cancel", () => {
  test.each(["before it began", "while it runs"])(
    "a job is cancelled %s, its files go and its name is free",
    async (when) => {
      const name = when.replaceAll(" ", "-");
      const id = await accept(name);
      if (when === "while it runs") await begin(id, 1);
      const answer = await cancel(id);
      expect([answer.status, answer.headers]).toEqual([202, ACCEPTED]);
      expect(answer.headers.location).toBe(`${ORIGIN}/jobs/${id}`);
      const canceled = { id, status: "Canceled", finishedAt: TIME, error: null, progress: { rowsDone: 0 } };
      expect(answer.json).toMatchObject(canceled);

      // What lies in the queues comes too late and changes nothing.
      await app.work();
      const view = await get(id);
      expect(view.json).toEqual(answer.json);
      expect(view.headers).not.toHaveProperty("retry-after");
      expect((await app.call("GET", `/datasets/${name}`)).status).toBe(404);
      // Blocks that were never committed can't be deleted; storage drops them by itself.
      const container = BlobServiceClient.fromConnectionString(app.storage).getContainerClient("relata");
      const blobs = container.listBlobsFlat({ prefix: `jobs/${id}` });
      expect(await Array.fromAsync(blobs, (blob) => blob.name)).toEqual([]);
      expect(await app.outside.listChunks(id)).toEqual([]);

      expect(await app.make({ name })).toEqual(doneShopJob(name));
    },
  );

  test("a job that has ended can't be cancelled", async () => {
    const { id } = await app.make({ name: "ended" });
    const answer = await cancel(id as string);
    const detail = "The job has already ended as Succeeded; there is nothing to cancel.";
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([409, "job-ended"]);
    expect(answer.json).toEqual(problem(409, "Conflict", "job-ended", detail));
    expect((await app.call("GET", "/datasets/ended")).status).toBe(200);

    const other = await accept("ended-twice");
    await cancel(other);
    expect((await cancel(other)).json).toMatchObject({
      detail: "The job has already ended as Canceled; there is nothing to cancel.",
    });
  });

  test("a load that is cancelled leaves the dataset, and is among its loads", async () => {
    await app.make({ name: "unloaded" });
    const { id } = (await app.call("POST", "/datasets/unloaded/load")).json as { id: string };
    expect((await cancel(id)).json).toMatchObject({ kind: "load", status: "Canceled" });
    await app.work();
    expect((await get(id)).json).toMatchObject({ status: "Canceled" });
    expect((await app.call("GET", "/datasets/unloaded")).status).toBe(200);
    const { value } = (await app.call("GET", "/datasets/unloaded/loads")).json as { value: unknown[] };
    expect(value).toEqual([{ job: id, status: "Canceled", finishedAt: expect.any(String) }]);
  });
});

describe("GET /jobs", () => {
  interface List {
    value: { id: string; status: string; dataset: string }[];
    nextLink?: string;
  }
  const list = async (path: string): Promise<List> => (await app.call("GET", path)).json as List;

  test("the newest come first, each as it would be alone", async () => {
    const ids = [await accept("list-1"), await accept("list-2"), await accept("list-3")];
    await begin(ids[2] as string, 1);
    const { value } = await list("/jobs?limit=3");
    expect(value).toEqual(await Promise.all(ids.toReversed().map(async (id) => (await get(id)).json)));
  });

  test("pages follow each other by nextLink and miss nothing", async () => {
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await accept(`page-${i}`));
    const found: string[] = [];
    let page = await list("/jobs?limit=2");
    for (;;) {
      found.push(...page.value.map(({ id }) => id));
      if (!page.nextLink) break;
      expect(page.nextLink).toMatch(/^https:\/\/relata\.example:8443\/jobs\?limit=2&after=[0-9a-f]+$/);
      expect(page.value).toHaveLength(2);
      page = await list(page.nextLink.slice(ORIGIN.length));
    }
    expect(found.slice(0, 5)).toEqual(ids.toReversed());
    expect(found).toEqual([...new Set(found)].sort());
    expect(await list("/jobs?limit=200")).toEqual({ value: found.map((id) => expect.objectContaining({ id })) });
  });

  test("a status filter lists only such jobs, page by page", async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) {
      ids.push(await accept(`status-${i}`));
      await accept(`status-${i}-other`);
      await cancel(ids[i] as string);
    }
    const first = await list("/jobs?status=Canceled&limit=2");
    const second = await list((first.nextLink as string).slice(ORIGIN.length));
    expect([...first.value, ...second.value].slice(0, 3).map(({ id }) => id)).toEqual(ids.toReversed());
    expect((first.nextLink as string).startsWith(`${ORIGIN}/jobs?status=Canceled&limit=2&after=`)).toBe(true);
    expect([...first.value, ...second.value].map(({ status }) => status)).toSatisfy((all: string[]) =>
      all.every((status) => status === "Canceled"),
    );
  });

  test("beyond the last page there is nothing", async () => {
    expect(await list("/jobs?after=zz'%00")).toEqual({ value: [] });
  });

  test.each(["0", "201", "-1", "1.5", "ten", ""])("limit=%s is refused", async (limit) => {
    for (const path of ["/jobs", "/datasets"]) {
      const answer = await app.call("GET", `${path}?limit=${limit}`);
      const detail = "limit must be a whole number from 1 to 200.";
      expect([answer.status, answer.json]).toEqual([400, problem(400, "Malformed request", "bad-limit", detail)]);
    }
  });

  test.each(["running", "Done", "", "' or 1 eq 1"])("status=%s is refused", async (status) => {
    const answer = await app.call("GET", `/jobs?status=${encodeURIComponent(status)}`);
    const detail = "status must be one of NotStarted, Running, Succeeded, Failed, Canceled.";
    expect([answer.status, answer.json]).toEqual([400, problem(400, "Malformed request", "bad-status", detail)]);
  });
});

test("a cancellation whose write is repeated, because its answer was lost, is still the client's own", async () => {
  const id = await accept("cancelled-once");
  const { changeJob } = app.outside;
  const repeating: typeof changeJob = async (job, decide) => {
    await changeJob(job, decide);
    return changeJob(job, decide);
  };
  const answer = await postCancel({ ...app.outside, changeJob: repeating })(requestOf("POST", `/jobs/${id}/cancel`));
  expect(answer).toMatchObject({ status: 202, jsonBody: { id, status: "Canceled" } });
  expect((await cancel(id)).status).toBe(409);
});

test("a delivery that fails after its job has ended leaves the job as it ended", async () => {
  const id = await accept("ended-before");
  await cancel(id);
  const ended = await app.outside.readJob(id);
  await expect(runStep(app.outside, id, () => Promise.reject(new Error("too late")))).rejects.toThrow("too late");
  expect(await app.outside.readJob(id)).toEqual(ended);
});
