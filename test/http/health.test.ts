/** Health, and what every other call says while storage is away: one test, for storage goes away but once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { tempFolder } from "../support/temp-folder.ts";
import { type App, problem, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

test("the service is healthy while storage answers; without it, every call that needs it is 503 and says when to come back", async () => {
  const healthy = await app.call("GET", "/health");
  expect([healthy.status, healthy.headers, healthy.json]).toEqual([
    200,
    { "content-type": "application/json" },
    { status: "ok", version: packageJson.version },
  ]);

  await app.stop();
  const key = { "idempotency-key": "while-away" };
  const answers = await Promise.all([
    app.call("GET", "/health"),
    app.call("POST", "/generate", { body: {} }),
    app.call("POST", "/generate", { body: {}, headers: key }),
    app.call("GET", "/jobs"),
    app.call("GET", "/jobs/0123456789abcdef012345"),
    app.call("POST", "/jobs/0123456789abcdef012345/cancel"),
    app.call("GET", "/datasets"),
    app.call("GET", "/datasets/shop"),
    app.call("DELETE", "/datasets/shop"),
    app.call("GET", "/datasets/shop/orders.csv"),
    app.call("HEAD", "/datasets/shop/orders.csv"),
    app.call("POST", "/datasets/shop/load"),
    app.call("POST", "/datasets/shop/load", { headers: key }),
  ]);
  const detail = "Storage can't be reached at the moment. Ask again later.";
  for (const answer of answers) {
    expect([answer.status, answer.headers, answer.json]).toEqual([
      503,
      { "content-type": "application/problem+json", "retry-after": "5", "x-ms-error-code": "dependency-unavailable" },
      problem(503, "Temporarily unavailable", "dependency-unavailable", detail),
    ]);
  }

  // What needs no storage goes on, and what is wrong is still told before storage is asked.
  expect((await app.call("GET", "/schemas")).status).toBe(200);
  expect((await app.call("POST", "/generate", { body: { name: "Bad" } })).status).toBe(422);
});
