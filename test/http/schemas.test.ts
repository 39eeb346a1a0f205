import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import { schemaDocument } from "../../src/dataset/schema.ts";
import { deleteSchema, putSchema } from "../../src/http/schemas.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, LIMITS, ORIGIN, problem, read, requestOf, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

const get = (path: string, headers: Record<string, string> = {}) => app.call("GET", path, { headers });
const put = (name: string, body: unknown, headers: Record<string, string> = {}) =>
  app.call("PUT", `/schemas/${name}`, { body, headers });
const remove = (name: string, headers: Record<string, string> = {}) =>
  app.call("DELETE", `/schemas/${name}`, { headers });

/** A document whose `things` have this many rows. */
function document(name: string, rows = 3): { name: string; tables: { rows: number }[] } {
  const fields = [{ name: "id", type: "integer", generator: { kind: "sequence" } }];
  return { name, tables: [{ name: "things", rows, primaryKey: ["id"], fields } as { rows: number }] };
}

const STRONG = expect.stringMatching(/^"[\w-]{22}"$/);
const NO_SCHEMA = problem(
  404,
  "Not found",
  "schema-not-found",
  "There is no schema of this name; GET /schemas lists them.",
);

/** The status and code of a problem. */
const refusal = ({ status, headers }: Answer) => [status, headers["x-ms-error-code"]];
const CHANGED = [412, "precondition-failed"];

describe("GET /schemas/{name}", () => {
  test("a preset is a valid document, with an ETag that says when it is still the same", async () => {
    const answer = await get("/schemas/ecommerce");
    const headers = { "content-type": "application/json", "cache-control": "no-cache", etag: STRONG };
    expect([answer.status, answer.headers, answer.json]).toEqual([200, headers, PRESETS.get("ecommerce")]);
    expect(schemaDocument.parse(answer.json).name).toBe("ecommerce");
    const { etag = "" } = answer.headers;
    const again = await get("/schemas/ecommerce", { "if-none-match": etag });
    expect([again.status, again.bytes.length, again.headers.etag]).toEqual([304, 0, etag]);
    expect((await get("/schemas/ecommerce", { "if-none-match": '"other"' })).status).toBe(200);
  });

  test.each(["library", "Ecommerce", "__proto__", "constructor", "a%2Fb", "%2E%2E%2Fjobs", "a%00"])(
    "there is no schema %s",
    async (name) => {
      const answer = await get(`/schemas/${name}`);
      expect(refusal(answer)).toEqual([404, "schema-not-found"]);
      expect(answer.json).toEqual(NO_SCHEMA);
    },
  );
});

describe("PUT /schemas/{name}", () => {
  test("a new one is 201 with its place, the same again 200, and both give the document", async () => {
    const first = await put("fresh", document("fresh"));
    const headers = { "content-type": "application/json", etag: STRONG, location: `${ORIGIN}/schemas/fresh` };
    expect([first.status, first.headers, first.json]).toEqual([201, headers, document("fresh")]);
    expect((await get("/schemas/fresh")).headers.etag).toBe(first.headers.etag);
    const second = await put("fresh", document("fresh"));
    expect([second.status, second.headers.etag]).toEqual([200, first.headers.etag]);
    const third = await put("fresh", document("fresh", 4));
    expect([third.status, third.json]).toEqual([200, document("fresh", 4)]);
    expect(third.headers.etag).not.toBe(first.headers.etag);
    expect((await get("/schemas/fresh")).json).toEqual(document("fresh", 4));
  });

  test("what GET gives can be put back", async () => {
    const preset = { ...((await get("/schemas/ecommerce")).json as object), name: "my_shop" };
    expect((await put("my_shop", preset)).status).toBe(201);
    const { json, headers } = await get("/schemas/my_shop");
    expect(json).toEqual(preset);
    expect((await put("my_shop", json)).headers.etag).toBe(headers.etag);
  });

  test("it is judged as POST /generate would, with all faults at once and pointers into the document", async () => {
    const fields = [
      { name: "id", type: "integer", generator: { kind: "nope" } },
      { name: "note", type: "string" },
    ];
    const faulty = {
      name: "other",
      tables: [{ name: "things", rows: LIMITS.tableRows + 1, primaryKey: ["id"], fields }],
    };
    const answer = await put("faulty", faulty);
    const { errors } = answer.json as { errors: { pointer: string; code: string; message: string }[] };
    expect(answer.status).toBe(422);
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ["/name", "name-mismatch"],
      ["/tables/0/rows", "too-many-rows"],
      ["/tables/0/fields/0/generator/kind", "unknown-kind"],
      ["/tables/0/fields/1/generator", "missing-generator"],
    ]);
    expect(errors[0]?.message).toBe("name: is other, but the address says faulty; make them equal.");
    expect((await get("/schemas/faulty")).status).toBe(404);
  });

  test.each([
    ["null", ""],
    ["[]", ""],
    ["", "/name"],
    ['{"name": "Bad", "tables": []}', "/name"],
    ['{"name": "bad", "tables": []}', "/tables"],
    ['{"name": "bad", "colour": 1}', "/tables"],
  ])("%s is no schema: 422 at %o", async (body, pointer) => {
    const { status, json } = await put("bad", body);
    const pointers = (json as { errors: { pointer: string }[] }).errors.map((fault) => fault.pointer);
    expect(status).toBe(422);
    expect(pointers).toContain(pointer);
  });

  test("a name that can be none is refused, however the document is called", async () => {
    for (const name of ["No", "a-b", "a%2Fb"])
      expect((await put(name, document(decodeURIComponent(name)))).status).toBe(422);
  });

  test("what is no JSON is 400, and what is too large 413", async () => {
    expect(refusal(await put("bad", "{"))).toEqual([400, "malformed-json"]);
    expect(refusal(await put("bad", " ".repeat(LIMITS.bodyBytes + 1)))).toEqual([413, "body-too-large"]);
  });

  test("a preset is not overwritten", async () => {
    const answer = await put("ecommerce", document("ecommerce"));
    const detail = "ecommerce is a preset, which can't be changed; save yours under another name.";
    expect([answer.status, answer.json]).toEqual([409, problem(409, "Conflict", "preset-name", detail)]);
  });
});

describe("conditions", () => {
  test("If-None-Match: * writes only what is new", async () => {
    const headers = { "if-none-match": "*" };
    expect((await put("once", document("once"), headers)).status).toBe(201);
    const answer = await put("once", document("once", 9), headers);
    const detail = "If-None-Match forbids it: there is one of this name already.";
    expect([answer.status, answer.json]).toEqual([
      412,
      problem(412, "Precondition failed", "precondition-failed", detail),
    ]);
    expect((await get("/schemas/once")).json).toEqual(document("once"));
  });

  test("If-Match writes and deletes only what has that ETag", async () => {
    const { etag = "" } = (await put("matched", document("matched"))).headers;
    for (const tag of ['"other"', `W/${etag}`]) {
      expect(refusal(await put("matched", document("matched", 9), { "if-match": tag }))).toEqual(CHANGED);
      expect(refusal(await remove("matched", { "if-match": tag }))).toEqual(CHANGED);
    }
    const next = await put("matched", document("matched", 5), { "if-match": `"other", ${etag}` });
    expect(next.status).toBe(200);
    expect(refusal(await remove("matched", { "if-match": etag }))).toEqual(CHANGED);
    expect((await remove("matched", { "if-match": next.headers.etag as string })).status).toBe(204);
  });

  test("If-Match: * needs one to be there", async () => {
    expect(refusal(await put("absent", document("absent"), { "if-match": "*" }))).toEqual(CHANGED);
    await put("absent", document("absent"));
    expect((await put("absent", document("absent"), { "if-match": "*" })).status).toBe(200);
  });

  test("of two writers with the same ETag one wins, and of two with If-None-Match too", async () => {
    const race = async (headers: Record<string, string>) => {
      const answers = await Promise.all([5, 6].map((rows) => put("raced", document("raced", rows), headers)));
      const won = answers.filter(({ status }) => status < 300);
      expect(answers.map(({ status }) => status).sort()).toEqual([won[0]?.status, 412]);
      expect((await get("/schemas/raced")).json).toEqual(won[0]?.json);
      return won[0]?.headers.etag as string;
    };
    const etag = await race({ "if-none-match": "*" });
    await put("raced", document("raced", 7), { "if-match": etag });
    await race({ "if-match": (await get("/schemas/raced")).headers.etag as string });
  });

  test("a write or deletion whose answer was lost on the way from storage is recognised as done", async () => {
    const lost = {
      ...app.outside,
      // The SDK repeats the call, and meets its own effect.
      writeSaved: async (...given: Parameters<typeof app.outside.writeSaved>) => {
        await app.outside.writeSaved(...given);
        return app.outside.writeSaved(...given);
      },
      deleteSaved: async (...given: Parameters<typeof app.outside.deleteSaved>) => {
        await app.outside.deleteSaved(...given);
        return app.outside.deleteSaved(...given);
      },
    };
    const ask = async (
      handler: ReturnType<typeof putSchema>,
      method: string,
      headers: Record<string, string>,
      body?: object,
    ) => read(await handler(requestOf(method, "/schemas/lost", { headers, body })));
    const created = await ask(putSchema(lost, LIMITS), "PUT", { "if-none-match": "*" }, document("lost"));
    expect(created.status).toBe(201);
    const etag = created.headers.etag as string;
    const replaced = await ask(putSchema(lost, LIMITS), "PUT", { "if-match": etag }, document("lost", 8));
    expect(replaced.status).toBe(200);
    expect((await ask(deleteSchema(lost), "DELETE", { "if-match": replaced.headers.etag as string })).status).toBe(204);
    expect((await get("/schemas/lost")).status).toBe(404);
  });
});

describe("DELETE /schemas/{name}", () => {
  test("it is gone, and its name is free", async () => {
    await put("brief", document("brief"));
    const answer = await remove("brief");
    expect([answer.status, answer.bytes.length]).toEqual([204, 0]);
    expect((await get("/schemas/brief")).status).toBe(404);
    expect((await remove("brief")).json).toEqual(NO_SCHEMA);
    expect((await put("brief", document("brief"))).status).toBe(201);
  });

  test("a preset stays, and what can be no name is not there", async () => {
    expect(refusal(await remove("ecommerce"))).toEqual([409, "preset-name"]);
    expect((await remove("No%2Fname")).json).toEqual(NO_SCHEMA);
  });
});

test("a saved schema is used by name in every request, and a dataset made from it keeps it", async () => {
  await put("by_name", document("by_name", 7));
  const request = { name: "named", preset: "by_name" };
  expect((await app.call("POST", "/plan", { body: request })).json).toMatchObject({ rows: 7 });
  expect((await app.call("POST", "/preview", { body: request })).json).toMatchObject({
    tables: { things: { fields: ["id"], rows: [[1], [2], [3], [4], [5], [6], [7]] } },
  });
  expect(await app.make({ ...request, rows: { things: 2 } })).toMatchObject({ status: "Succeeded" });
  await remove("by_name");
  const manifest = await get("/datasets/named", { accept: "application/json" });
  expect(manifest.json).toMatchObject({ schema: document("by_name", 2), tables: { things: { rows: 2 } } });
  const answer = await app.call("POST", "/generate", { body: request });
  expect(answer.json).toMatchObject({ status: 422, errors: [{ pointer: "/preset", code: "unknown-preset" }] });
});

test("row counts that break a saved schema are blamed on the request", async () => {
  const { tables } = document("family");
  const foreignKeys = [{ fields: ["id"], reference: { resource: "things", fields: ["id"] } }];
  const fields = [
    { name: "key", type: "integer", generator: { kind: "sequence" } },
    { name: "id", type: "integer" },
  ];
  const children = { name: "children", rows: 2, primaryKey: ["key"], foreignKeys, fields };
  expect((await put("family", { name: "family", tables: [...tables, children] })).status).toBe(201);
  const answer = await app.call("POST", "/preview", { body: { preset: "family", rows: { things: 0 } } });
  expect(answer.json).toMatchObject({ errors: [{ pointer: "/rows", code: "no-parents" }] });
});

test("a schema that an earlier version saved and this one can't read is told, not used", async () => {
  await app.outside.writeSaved("schemas/aged.json", JSON.stringify({ ...document("aged"), colour: 1 }), undefined);
  const answer = await app.call("POST", "/plan", { body: { preset: "aged" } });
  expect(answer.json).toMatchObject({ status: 422, errors: [{ pointer: "/preset", code: "outdated-schema" }] });
  expect((await get("/schemas/aged")).status).toBe(200);
});

test("GET /schemas lists presets and saved ones by name, in parts", async () => {
  for (const name of ["zebra", "ant"]) await put(name, document(name));
  const found: string[] = [];
  let next: string | undefined = "/schemas?limit=1";
  while (next !== undefined) {
    const answer = await get(next);
    const { value, nextLink } = answer.json as { value: { name: string }[]; nextLink?: string };
    expect([answer.status, value.length]).toEqual([200, 1]);
    found.push(...value.map(({ name }) => name));
    next = nextLink?.slice(ORIGIN.length);
  }
  expect(found).toEqual([...found].sort());
  expect(found).toEqual(expect.arrayContaining(["ant", "ecommerce", "zebra"]));
  const whole = (await get("/schemas")).json as { value: { name: string }[] };
  expect(whole.value.find(({ name }) => name === "ant")).toEqual(document("ant"));
  expect(whole.value.find(({ name }) => name === "ecommerce")).toEqual(PRESETS.get("ecommerce"));
  expect(refusal(await get("/schemas?limit=0"))).toEqual([400, "bad-limit"]);
});
