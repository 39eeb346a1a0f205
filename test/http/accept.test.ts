import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RelataError, Unavailable } from "../../src/dataset/errors.ts";
import type { World } from "../../src/dataset/world.ts";
import { postGenerate } from "../../src/http/generate.ts";
import { answering } from "../../src/http/problem.ts";
import { newShopJob } from "../support/expect-job.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, contextOf, LIMITS, problem, read, requestOf, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

const generate = (body: unknown, key: string): Promise<Answer> =>
  app.call("POST", "/generate", { body, headers: { "idempotency-key": key } });

/** POST /generate in a world where some calls go otherwise. */
async function generateIn(changes: Partial<World>, body: object, headers: Record<string, string> = {}) {
  const handler = answering(postGenerate({ ...app.outside, ...changes }, LIMITS));
  const answer = handler(requestOf("POST", "/generate", { body, headers }) as HttpRequest, contextOf("test"));
  return read((await answer) as HttpResponseInit);
}

/** The jobs that write or wrote this dataset, by id. */
async function jobsFor(dataset: string): Promise<string[]> {
  const { value } = (await app.call("GET", "/jobs?limit=200")).json as { value: { id: string; dataset: string }[] };
  return value.filter((job) => job.dataset === dataset).map(({ id }) => id);
}

const REUSED = "This Idempotency-Key was used with another body; take a new key for a new request.";

describe("Idempotency-Key", () => {
  test("the same key and body get the first answer again, also when the job has ended", async () => {
    const first = await generate({ name: "again" }, "again");
    expect([first.status, first.json]).toEqual([202, newShopJob("again")]);
    expect(await generate({ name: "again" }, "again")).toEqual(first);
    await app.work();
    expect(await generate({ name: "again" }, "again")).toEqual(first);
    expect(await jobsFor("again")).toHaveLength(1);
  });

  test("without a name too, although each would get a name of its own", async () => {
    const first = await generate({ seed: 1 }, "nameless");
    expect(await generate({ seed: 1 }, "nameless")).toEqual(first);
  });

  test("two requests at once make one job", async () => {
    const answers = await Promise.all([generate({ seed: 2 }, "at once"), generate({ seed: 2 }, "at once")]);
    expect(answers[0]).toEqual(answers[1]);
    const { dataset } = answers[0].json as { dataset: string };
    expect(await jobsFor(dataset)).toHaveLength(1);
  });

  test("another body under the same key is refused, also when both come at once", async () => {
    const answers = await Promise.all([generate({ seed: 3 }, "other"), generate({ seed: 4 }, "other")]);
    const refused = answers.find(({ status }) => status !== 202) as Answer;
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422]);
    const errors = [{ pointer: "", code: "idempotency-key-reused", message: REUSED }];
    const whole = problem(422, "Request can't be done", "invalid-request", `1 fault: ${REUSED}`, errors);
    expect(refused.json).toEqual(whole);
    expect((await generate({ seed: 5 }, "other")).json).toEqual(whole);
  });

  test("a refused request does not use the key up", async () => {
    expect((await generate({ name: "Bad" }, "mended")).status).toBe(422);
    expect((await generate({ name: "mended" }, "mended")).status).toBe(202);
  });

  test.each([[" "], ["x".repeat(256)]])("the key '%s' is refused", async (key) => {
    const detail = "Idempotency-Key must have 1 to 255 characters.";
    const answer = await generate({}, key);
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "bad-idempotency-key"]);
    expect(answer.json).toEqual(problem(400, "Malformed request", "bad-idempotency-key", detail));
  });

  test("a load has keys of its own", async () => {
    await app.make({ name: "loaded" });
    const headers = { "idempotency-key": "again-and-again" };
    expect((await generate({ name: "not-a-load" }, "again-and-again")).status).toBe(202);
    const first = await app.call("POST", "/datasets/loaded/load", { headers });
    expect(first.json).toMatchObject({ kind: "load", dataset: "loaded" });
    expect(await app.call("POST", "/datasets/loaded/load", { headers })).toEqual(first);
    await app.work();
    expect(await app.call("POST", "/datasets/loaded/load", { headers })).toEqual(first);
    expect(await jobsFor("loaded")).toHaveLength(2);
    expect((await app.call("POST", "/datasets/loaded/load", { headers, body: {} })).status).toBe(422);
  });
});

describe("an answer of 202 is a promise", () => {
  const down = () => Promise.reject(new Unavailable("Storage can't be reached at the moment. Ask again later.", null));

  test.each(["writeOnce", "acceptJob", "send"] as const)(
    "when %s fails the answer is 503, and a retry with the key completes the job",
    async (call) => {
      const body = { name: `durable-${call.toLowerCase()}` };
      const key = { "idempotency-key": body.name };
      const refused = await generateIn({ [call]: down }, body, key);
      expect([refused.status, refused.headers]).toEqual([
        503,
        {
          "content-type": "application/problem+json",
          "retry-after": "5",
          "x-ms-error-code": "dependency-unavailable",
        },
      ]);
      await app.work();
      expect((await app.call("GET", `/datasets/${body.name}`)).status).toBe(404);

      expect((await generate(body, body.name)).status).toBe(202);
      await app.work();
      expect((await app.call("GET", `/datasets/${body.name}`)).status).toBe(200);
      expect(await jobsFor(body.name)).toHaveLength(1);
    },
  );

  test("a transaction that is sent twice, as when its answer is lost, still accepts the job", async () => {
    for (const headers of [{}, { "idempotency-key": "twice" }]) {
      const body = { name: `twice-${Object.keys(headers).length}` };
      const acceptJob: World["acceptJob"] = async (...given) => {
        await app.outside.acceptJob(...given);
        return app.outside.acceptJob(...given);
      };
      expect((await generateIn({ acceptJob }, body, headers)).status).toBe(202);
      await app.work();
      expect((await app.call("GET", `/datasets/${body.name}`)).status).toBe(200);
    }
  });

  test("an error nobody expected says nothing but its trace id", async () => {
    const send = () => Promise.reject(new Error("AccountKey=abc at /srv/relata/queues.ts:12"));
    const answer = await generateIn({ send }, { name: "surprised" });
    const detail = "Something went wrong on our side; the log has the details under this traceId.";
    expect(answer.headers).toEqual({
      "content-type": "application/problem+json",
      "x-ms-error-code": "unexpected-error",
    });
    expect(answer.json).toEqual(problem(500, "Unexpected error", "unexpected-error", detail));
  });

  test("the log has the cause of a 5xx, and nothing of what a client did wrong", async () => {
    const logged: unknown[] = [];
    const context = Object.assign(contextOf("test"), { error: (...given: unknown[]) => logged.push(...given) });
    const cause = new Error("socket hang up");
    const thrown = [new RelataError(404, "Not found", "gone", "It is gone."), new Unavailable("Later.", cause), cause];
    for (const error of thrown) await answering(() => Promise.reject(error))(requestOf("GET", "/"), context);
    expect(logged).toEqual([thrown[1], cause]);
  });
});
