/** What main.ts registers, exactly: a route or queue that changes is a change of the contract. */
import { beforeAll, expect, test } from "vitest";
import { QUEUES } from "../../src/dataset/job.ts";
import { CALLS } from "../../src/http/routes.ts";
import { installCore, type RegisteredFunction } from "../../src/local/core.ts";
import { firstCells } from "./source.ts";

let registered: RegisteredFunction[];

beforeAll(async () => {
  // Nothing is called, so nobody needs to answer there.
  process.env.AzureWebJobsStorage = "UseDevelopmentStorage=true";
  const core = installCore();
  await import("../../src/main.ts");
  registered = [...core.functions.values()];
});

/** The trigger of each function, without the name of its binding, which is a hash. */
function triggers(type: string): (Record<string, unknown> & { function: string })[] {
  return registered.flatMap(({ name, bindings }) =>
    Object.values(bindings)
      .filter((binding) => binding.type === type)
      .map(({ direction, name: _, type: __, ...rest }) => ({ function: name, ...rest })),
  );
}

test("these are the HTTP functions", () => {
  const lines = triggers("httpTrigger").map(
    (t) => `${t.function}: ${(t.methods as string[]).join(",")} /${t.route} ${t.authLevel}`,
  );
  expect(lines).toMatchInlineSnapshot(`
    [
      "post-generate: POST /generate function",
      "post-preview: POST /preview function",
      "post-plan: POST /plan function",
      "list-jobs: GET /jobs function",
      "get-job: GET /jobs/{id} function",
      "cancel-job: POST /jobs/{id}/cancel function",
      "list-datasets: GET /datasets function",
      "get-dataset: GET /datasets/{name} function",
      "delete-dataset: DELETE /datasets/{name} function",
      "get-table: GET,HEAD /datasets/{name}/{table}.csv function",
      "get-rows: GET /datasets/{name}/tables/{table}/rows function",
      "post-load: POST /datasets/{name}/load function",
      "list-loads: GET /datasets/{name}/loads function",
      "list-schemas: GET /schemas function",
      "draft-schema: POST /schemas/draft function",
      "get-schema: GET /schemas/{name} function",
      "put-schema: PUT /schemas/{name} function",
      "delete-schema: DELETE /schemas/{name} function",
      "list-lists: GET /lists function",
      "get-list: GET /lists/{name} function",
      "put-list: PUT /lists/{name} function",
      "delete-list: DELETE /lists/{name} function",
      "list-generators: GET /generators function",
      "get-document-schema: GET /schema.json function",
      "get-openapi: GET /openapi.json function",
      "get-health: GET /health anonymous",
    ]
  `);
});

test("these are the queue functions", () => {
  const lines = triggers("queueTrigger").map((t) => `${t.function}: ${t.queueName} ${t.connection}`);
  expect(lines).toMatchInlineSnapshot(`
    [
      "start-job: drafts AzureWebJobsStorage",
      "make-chunk: chunks AzureWebJobsStorage",
      "finish-job: finish AzureWebJobsStorage",
      "load-job: load AzureWebJobsStorage",
      "end-poisoned-drafts: drafts-poison AzureWebJobsStorage",
      "end-poisoned-chunks: chunks-poison AzureWebJobsStorage",
      "end-poisoned-finish: finish-poison AzureWebJobsStorage",
      "end-poisoned-load: load-poison AzureWebJobsStorage",
    ]
  `);
});

test("every function has one trigger of a kind the embedded host knows, and retries are the queue's", () => {
  expect(triggers("httpTrigger").length + triggers("queueTrigger").length).toBe(registered.length);
  for (const { retryOptions } of registered) expect(retryOptions).toBeUndefined();
});

test("the queues are those of the app, each with its poison queue", () => {
  const names = triggers("queueTrigger").map(({ queueName }) => queueName);
  expect(names.sort()).toEqual(QUEUES.flatMap((name) => [name, `${name}-poison`]).sort());
});

test("function names and routes are used once", () => {
  const names = registered.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const calls = triggers("httpTrigger").flatMap(({ methods, route }) =>
    (methods as string[]).map((method) => `${method} /${route}`),
  );
  expect(new Set(calls).size).toBe(calls.length);
});

test("openapi.json tells of these calls and no other, each by the name of its function", () => {
  const told = CALLS.map(
    (call) => `${call.name}: ${call.methods.join(",")} ${call.path} ${call.isOpen ? "anonymous" : "function"}`,
  );
  const made = triggers("httpTrigger").map(
    (t) => `${t.function}: ${(t.methods as string[]).join(",")} /${t.route} ${t.authLevel}`,
  );
  expect(told.sort()).toEqual(made.sort());
});

test("only health is open to everyone", () => {
  const open = triggers("httpTrigger").filter(({ authLevel }) => authLevel !== "function");
  expect(open.map((trigger) => trigger.function)).toEqual(["get-health"]);
});

test("the README's API table has these calls and no other", () => {
  const calls = triggers("httpTrigger").flatMap(({ methods, route }) =>
    // HEAD is told of in the line of its GET.
    (methods as string[]).filter((method) => method !== "HEAD").map((method) => `${method} /${route}`),
  );
  expect(firstCells(/^[A-Z]+ \//).sort()).toEqual(calls.sort());
});
