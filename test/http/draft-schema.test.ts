/** What a model is asked for while somebody waits: previews with its texts, and schemas by description. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { callsDuring, MODEL, modelSettings, type Stub, startNemotron } from "../support/nemotron/server.ts";
import { notes } from "../support/notes.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type App, startApp } from "../support/world.ts";

const BASE = { seed: 7, referenceDate: "2026-01-01" };
let app: App;
let stub: Stub;

beforeAll(async () => {
  stub = await startNemotron();
  app = await startApp(tempFolder(), modelSettings(stub));
});
afterAll(() => Promise.all([app.stop(), stub.close()]));

describe("a preview", () => {
  const preview = (body: object, query = "") => app.call("POST", `/preview${query}`, { body: { ...BASE, ...body } });

  test("is faker's, unless a model is asked for", async () => {
    const { calls } = await callsDuring(stub, () => preview({}));
    expect(calls.length).toBe(0);
    const { result, calls: asked } = await callsDuring(stub, () =>
      preview({ schema: notes(60), text: "model" }, "?offset=40&limit=5"),
    );
    expect(asked.map(({ rows }) => rows.length)).toEqual([5]);
    const { tables } = result.json as { tables: { things: { rows: string[][] } } };
    expect(tables.things.rows.map((row) => row[3])).toHaveLength(5);
    const plain = (await preview({ schema: notes(60) }, "?offset=40&limit=5")).json as typeof result.json & {
      tables: typeof tables;
    };
    expect(tables.things.rows.map((row) => row.slice(0, 3))).toEqual(
      plain.tables.things.rows.map((row) => row.slice(0, 3)),
    );
    for (const [i, row] of tables.things.rows.entries()) expect(row[3]).not.toBe(plain.tables.things.rows[i]?.[3]);
  });

  test("by a model has at most 100 texts", async () => {
    const answer = await preview({ schema: notes(200), text: "model" });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ pointer: "/text", code: "too-many-texts" }] });
  });
});

describe("a schema by description", () => {
  const draft = (body: object) => app.call("POST", "/schemas/draft", { body });
  const said: string[] = [];
  const sound = { ...notes(10), name: "clinic" };
  const faulty = { ...sound, tables: [{ ...sound.tables[0], primaryKey: ["nothing"] }] };
  const say = (...documents: unknown[]) => {
    said.length = 0;
    const left = documents.map((document) => (typeof document === "string" ? document : JSON.stringify(document)));
    stub.answerWith(({ messages }) => {
      said.push(messages[1]?.content ?? "");
      return left.shift() ?? "nothing more";
    });
  };
  afterEach(() => stub.answerWith(undefined));

  test("is proposed, judged and returned; nothing is saved", async () => {
    say(sound);
    const { status, json } = await draft({ description: "a vet clinic" });
    expect([status, json]).toMatchObject([200, { schema: sound, faults: [], model: MODEL, calls: 1 }]);
    expect(said[0]).toBe('Description: "a vet clinic"');
    expect((await app.call("GET", "/schemas/clinic")).status).toBe(404);
    expect((await app.call("POST", "/preview", { body: { schema: sound } })).status).toBe(200);
  });

  test("has its faults told to the model, with the document", async () => {
    say(`Here: \`\`\`json\n${JSON.stringify(faulty)}\n\`\`\``, sound);
    expect((await draft({ description: "a vet clinic" })).json).toMatchObject({ schema: sound, faults: [], calls: 2 });
    expect(said[1]).toContain(JSON.stringify(faulty));
    expect(said[1]).toContain("/tables/0/primaryKey");
  });

  test("that has faults after two more tries is returned with them", async () => {
    say(faulty, faulty, faulty);
    const { status, json } = await draft({ description: "a vet clinic" });
    expect([status, said.length]).toEqual([200, 3]);
    expect(json).toMatchObject({
      schema: faulty,
      faults: [{ pointer: expect.stringContaining("/tables/0/primaryKey") }],
    });
  });

  test("that is none is a 503 that says what to do; a description is needed", async () => {
    say("I can't.", "Sorry.", "No.");
    expect((await draft({ description: "x" })).json).toMatchObject({ status: 503, code: "model-unusable" });
    expect((await draft({})).json).toMatchObject({ status: 422, errors: [{ pointer: "/description" }] });
  });
});
