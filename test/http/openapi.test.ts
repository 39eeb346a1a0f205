/** What is published about the service, held to validators that know nothing of it and to its own answers. */
import { readdirSync, readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { PRESETS } from "../../src/dataset/presets.ts";
import { KINDS } from "../../src/generate/kinds.ts";
import { CALLS } from "../../src/http/routes.ts";
import { modelSettings, type Stub, startNemotron } from "../support/nemotron/server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, ORIGIN, problem, startApp } from "../support/world.ts";

type Json = Record<string, unknown>;

interface Openapi {
  openapi: string;
  info: Json;
  servers: unknown[];
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, Json>; security?: unknown[] }>>;
  components: { schemas: Record<string, Json> };
}

const folder = tempFolder();
let app: App;
let stub: Stub;
let openapi: Openapi;
let schemaJson: Json;
let accepts: ValidateFunction;

beforeAll(async () => {
  stub = await startNemotron();
  app = await startApp(folder, modelSettings(stub));
  openapi = (await get("/openapi.json")).json as Openapi;
  schemaJson = (await get("/schema.json")).json as Json;
  accepts = compile(schemaJson);
});
afterAll(() => Promise.all([app.stop(), stub.close()]));

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> => app.call("GET", path, { headers });

function compile(schema: Json): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  // Where the schemas of an OpenAPI document refer to.
  ajv.addVocabulary(["components"]);
  return ajv.compile(schema);
}

/** A schema document with this one field beside a key. */
function documentWith(field: object): Json {
  const id = { name: "id", type: "integer", generator: { kind: "sequence" } };
  return {
    name: "own",
    tables: [{ name: "things", rows: 1, primaryKey: ["id"], fields: [id, { name: "value", ...field }] }],
  };
}

describe("GET /schema.json", () => {
  test("is a JSON Schema (2020-12) that accepts every preset", () => {
    expect(schemaJson.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    for (const preset of PRESETS.values()) expect([accepts(preset), accepts.errors]).toEqual([true, null]);
  });

  test("accepts whatever field any kind of generator is known to make", () => {
    const fixtures = new URL("../fixtures/kinds/", import.meta.url);
    for (const file of readdirSync(fixtures)) {
      const goldens = JSON.parse(readFileSync(new URL(file, fixtures), "utf8")) as { field: object }[];
      for (const { field } of goldens) {
        const errors = accepts(documentWith(field)) ? [] : accepts.errors;
        expect(errors, `${file}: ${JSON.stringify(field)}`).toEqual([]);
      }
    }
  });

  test("accepts a list's name in place of values, and not both", () => {
    const category = (more: object) => documentWith({ type: "string", generator: { kind: "category", ...more } });
    expect(accepts(category({ from: "colours", field: "name" }))).toBe(true);
    expect(accepts(category({ from: "colours", values: ["a"] }))).toBe(false);
    expect(accepts(category({ field: "name" }))).toBe(false);
    expect(accepts(category({ values: { a: 1 } }))).toBe(true);
  });

  const sound = {
    type: "string",
    generator: { kind: "text", prompt: "x", fallback: { kind: "constant", value: "y" } },
  };

  test.each([
    ["an unknown key of the document", { ...documentWith(sound), colour: 1 }],
    ["an unknown key of a field", documentWith({ ...sound, colour: 1 })],
    ["an unknown kind", documentWith({ ...sound, generator: { kind: "nope" } })],
    ["an unknown parameter", documentWith({ ...sound, generator: { kind: "sequence", colour: 1 } })],
    ["a parameter out of bounds", documentWith({ ...sound, generator: { kind: "text", prompt: "" } })],
    ["a generator without kind", documentWith({ ...sound, generator: { start: 1 } })],
    [
      "an unknown parameter of a generator in a generator",
      documentWith({
        ...sound,
        generator: { ...sound.generator, fallback: { kind: "constant", value: 1, colour: 1 } },
      }),
    ],
    ["a name that can be none", { ...documentWith(sound), name: "No" }],
    ["no tables", { name: "own" }],
  ])("refuses %s, as the service does", async (_, document) => {
    expect(accepts(documentWith(sound))).toBe(true);
    expect(accepts(document)).toBe(false);
    expect((await app.call("POST", "/plan", { body: { schema: document } })).status).toBe(422);
  });
});

describe("GET /generators", () => {
  interface Kind {
    kind: string;
    summary?: string;
    parameters: Json;
    example?: { type: string; generator: { kind: string } };
  }

  test("has every kind, with parameters that judge as the service does", async () => {
    const { value } = (await get("/generators")).json as { value: Kind[] };
    expect(value.map(({ kind }) => kind)).toEqual([...KINDS.keys()]);
    const parametersOf = (kind: string) => compile(value.find((one) => one.kind === kind)?.parameters as Json);
    expect(parametersOf("sequence")({ start: 5 })).toBe(true);
    expect(parametersOf("sequence")({ start: "5" })).toBe(false);
    expect(parametersOf("sequence")({ kind: "sequence" })).toBe(false);
    expect(parametersOf("text")({ prompt: "x", fallback: { kind: "constant", value: 1 } })).toBe(true);
    for (const { kind, summary } of value) expect(summary).toBe(KINDS.get(kind)?.summary);
  });

  test("each example is a field that its own parameters and the schema of documents accept", async () => {
    const { value } = (await get("/generators")).json as { value: Kind[] };
    for (const { kind, parameters, example } of value) {
      if (!example) continue;
      const { kind: named, ...given } = example.generator;
      expect([named, compile(parameters)(given), accepts(documentWith(example))]).toEqual([kind, true, true]);
    }
  });
});

describe("GET /openapi.json", () => {
  test("is a valid OpenAPI 3.1 document of this version, at this address", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(openapi) as never);
    expect([valid, errors]).toEqual([true, undefined]);
    expect([openapi.openapi, validator.version]).toEqual(["3.1.0", "3.1"]);
    expect([openapi.info.version, openapi.servers]).toEqual([packageJson.version, [{ url: ORIGIN }]]);
  });

  test("every reference leads somewhere, and every operation has a name of its own", () => {
    const text = JSON.stringify(openapi);
    for (const [, path = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = path.split("/").reduce<unknown>((at, step) => (at as Json | undefined)?.[step], openapi);
      expect(target, path).toBeDefined();
    }
    const names = Object.values(openapi.paths).flatMap((path) =>
      Object.values(path).flatMap(({ operationId }) => operationId ?? []),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(CALLS.flatMap(({ methods }) => methods).length);
  });

  /** The body's schema in the document, but with no key allowed that it does not name. */
  function closed(body: string): ValidateFunction {
    const close = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(close);
      if (typeof value !== "object" || value === null) return value;
      const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, close(one)]));
      const isShape = copy.type === "object" && typeof copy.properties === "object" && !("oneOf" in copy);
      // An object without named keys is somebody else's document.
      const hasKeys = isShape && Object.keys(copy.properties as object).length > 0;
      return hasKeys && !("additionalProperties" in copy) ? { ...copy, additionalProperties: false } : copy;
    };
    return compile({ ...(close({ components: openapi.components }) as Json), $ref: `#/components/schemas/${body}` });
  }

  /** Fails unless the call's answer with this status is told, and its body is as told. */
  function expectTold(name: string, answer: Answer): void {
    const call = CALLS.find((call) => call.name === name);
    const type = answer.headers["content-type"]?.split(";")[0] ?? "";
    const isProblem = call?.problems.includes(answer.status);
    const told = isProblem ? { "application/problem+json": "problem" } : call?.answers[answer.status]?.content;
    if (answer.bytes.length === 0) {
      expect(call?.answers, `${name} ${answer.status}`).toHaveProperty(String(answer.status));
      return;
    }
    const body = (told as Record<string, string> | undefined)?.[type];
    expect(body, `${name} ${answer.status} ${type}`).toBeDefined();
    if (body === "binary" || body === undefined) return;
    const check = closed(body);
    expect([check(answer.json), check.errors], `${name} ${answer.status}`).toEqual([true, null]);
  }

  test("every call answers as it is told there, with a body and problems of that shape", async () => {
    const post = (path: string, body?: unknown) => app.call("POST", path, { body });
    const own = { ...documentWith({ type: "string", generator: { kind: "constant", value: 1 } }) };
    const manifest = { accept: "application/json" };
    const etag = async (path: string) => ({ "if-none-match": (await get(path)).headers.etag as string });
    const { id } = await app.make({ name: "shop", load: true });
    await app.make({ name: "gone" });
    const accepted = await post("/generate", { name: "told" });
    const job = `/jobs/${(accepted.json as { id: string }).id}`;
    const answers: [string, Answer][] = [
      ["post-generate", accepted],
      ["post-generate", await post("/generate", { name: "told" })],
      ["post-generate", await post("/generate", { name: "-", seed: -1 })],
      ["post-generate", await post("/generate", "{")],
      ["post-preview", await post("/preview")],
      ["post-preview", await post("/preview?limit=0")],
      ["post-plan", await post("/plan", { name: "told" })],
      ["post-plan", await post("/plan", { text: "model" })],
      ["list-jobs", await get("/jobs?limit=1")],
      ["list-jobs", await get("/jobs?status=none")],
      ["get-job", await get(`/jobs/${id}`)],
      ["get-job", await get(`/jobs/${id}`, await etag(`/jobs/${id}`))],
      ["get-job", await get("/jobs/none")],
      ["cancel-job", await post(`${job}/cancel`)],
      ["cancel-job", await post(`${job}/cancel`)],
      ["list-datasets", await get("/datasets?limit=1")],
      ["get-dataset", await get("/datasets/shop", manifest)],
      ["get-dataset", await get("/datasets/shop")],
      ["get-dataset", await get("/datasets/none")],
      ["delete-dataset", await app.call("DELETE", "/datasets/gone")],
      ["delete-dataset", await app.call("DELETE", "/datasets/gone")],
      ["get-table", await get("/datasets/shop/orders.csv")],
      ["get-table", await get("/datasets/shop/orders.csv", { range: "bytes=0-9" })],
      ["get-table", await get("/datasets/shop/orders.csv", { range: "bytes=99999-" })],
      ["get-table", await get("/datasets/shop/orders.csv", await etag("/datasets/shop/orders.csv"))],
      ["get-table", await app.call("HEAD", "/datasets/shop/orders.csv")],
      ["get-rows", await get("/datasets/shop/tables/orders/rows?limit=3")],
      ["get-rows", await get("/datasets/shop/tables/none/rows")],
      ["post-load", await post("/datasets/shop/load")],
      ["post-load", await post("/datasets/none/load")],
      ["post-load", await post("/datasets/shop/load", { mode: "merge" })],
      ["list-loads", await get("/datasets/shop/loads?limit=1")],
      ["list-loads", await get("/datasets/none/loads")],
      ["put-schema", await app.call("PUT", "/schemas/own", { body: own })],
      ["put-schema", await app.call("PUT", "/schemas/own", { body: own })],
      ["put-schema", await app.call("PUT", "/schemas/own", { body: own, headers: { "if-none-match": "*" } })],
      ["put-schema", await app.call("PUT", "/schemas/other", { body: own })],
      ["put-schema", await app.call("PUT", "/schemas/ecommerce", { body: own })],
      ["list-schemas", await get("/schemas")],
      ["draft-schema", await post("/schemas/draft", { description: "a vet clinic" })],
      ["draft-schema", await post("/schemas/draft", { description: "" })],
      ["get-schema", await get("/schemas/own")],
      ["get-schema", await get("/schemas/own", await etag("/schemas/own"))],
      ["delete-schema", await app.call("DELETE", "/schemas/own")],
      ["delete-schema", await app.call("DELETE", "/schemas/own")],
      ["put-list", await app.call("PUT", "/lists/told", { body: ["a", 1] })],
      ["put-list", await app.call("PUT", "/lists/told", { body: [{ a: 1, b: null }] })],
      ["put-list", await app.call("PUT", "/lists/told", { body: [] })],
      ["list-lists", await get("/lists")],
      ["get-list", await get("/lists/told")],
      ["get-list", await get("/lists/told", await etag("/lists/told"))],
      ["get-list", await get("/lists/none")],
      ["delete-list", await app.call("DELETE", "/lists/told", { headers: { "if-match": '"other"' } })],
      ["delete-list", await app.call("DELETE", "/lists/told")],
      ["list-generators", await get("/generators")],
      ["get-document-schema", await get("/schema.json")],
      ["get-openapi", await get("/openapi.json")],
      ["get-health", await get("/health")],
    ];
    for (const [name, answer] of answers) expectTold(name, answer);
    const tried = new Set(answers.map(([name]) => name));
    expect(CALLS.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
    await app.work();
  });

  test("requests are judged as the service does", async () => {
    const request = compile({ components: openapi.components, $ref: "#/components/schemas/request" });
    const told = { name: "a", preset: "ecommerce", rows: { orders: 3 }, seed: 42, referenceDate: "2026-01-01" };
    expect(request({ ...told, text: "auto", load: false, csv: { formulaGuard: true } })).toBe(true);
    expect(request({ schema: documentWith({ type: "string", generator: { kind: "constant", value: "x" } }) })).toBe(
      true,
    );
    for (const bad of [
      { seed: -1 },
      { name: "-" },
      { colour: 1 },
      { rows: { orders: 0.5 } },
      { schema: { name: "a" } },
    ]) {
      expect(request(bad), JSON.stringify(bad)).toBe(false);
    }
  });
});

test.each([
  ["GET", "/jobs?bogus=1", "This call has no query key bogus; it has status, limit, after."],
  ["GET", "/lists?limit=3&bogus=1&other", "This call has no query key bogus, other; it has limit, after."],
  ["POST", "/preview?ofset=3", "This call has no query key ofset; it has offset, limit."],
  ["POST", "/plan?offset=3", "This call has no query key offset; it has none; remove it."],
])("%s %s: a query key that the call doesn't have is refused", async (method, path, detail) => {
  const { status, json } = await app.call(method, path, method === "POST" ? { body: {} } : {});
  expect([status, json]).toEqual([400, problem(400, "Malformed request", "unknown-query-key", detail)]);
});

test.each([
  ["/lists?limit=1&limit=2", "The query has limit more than once; give each once."],
  ["/jobs?limit=1&after=a&limit=1&after=b", "The query has limit, after more than once; give each once."],
])("GET %s: a query key that is there twice is refused", async (path, detail) => {
  const { status, json } = await app.call("GET", path);
  expect([status, json]).toEqual([400, problem(400, "Malformed request", "repeated-query-key", detail)]);
});

test("the host's own query keys are let through", async () => {
  expect((await app.call("GET", "/schemas?code=key&clientId=default&limit=1")).status).toBe(200);
});
