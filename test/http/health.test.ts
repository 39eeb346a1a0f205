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

const ANT = {
  name: "ant",
  tables: [
    {
      name: "things",
      rows: 1,
      primaryKey: ["id"],
      fields: [{ name: "id", type: "integer", generator: { kind: "sequence" } }],
    },
  ],
};

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
    app.call("GET", "/datasets/shop/tables/orders/rows"),
    app.call("POST", "/preview", { body: { preset: "saved" } }),
    app.call("POST", "/plan", { body: { preset: "saved" } }),
    app.call("GET", "/schemas"),
    app.call("GET", "/schemas/saved"),
    app.call("PUT", "/schemas/ant", { body: ANT }),
    app.call("DELETE", "/schemas/ant"),
    app.call("GET", "/lists"),
    app.call("GET", "/lists/ant"),
    app.call("PUT", "/lists/ant", { body: ["a"] }),
    app.call("DELETE", "/lists/ant"),
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
  for (const path of ["/schemas/ecommerce", "/generators", "/schema.json", "/openapi.json"]) {
    expect((await app.call("GET", path)).status).toBe(200);
  }
  for (const path of ["/preview", "/plan"]) expect((await app.call("POST", path)).status).toBe(200);
  expect((await app.call("POST", "/generate", { body: { name: "Bad" } })).status).toBe(422);
});
