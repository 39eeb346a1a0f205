/** Text by a model, from the request to the files: the whole app, real storage, the real client, real HTTP. */
import { BlobServiceClient } from "@azure/storage-blob";
import { parse } from "csv-parse/sync";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../src/dataset/manifest.ts";
import type { World } from "../../src/dataset/world.ts";
import { startJob } from "../../src/worker/drafts.ts";
import { MODEL_LIMITS } from "../support/dispatcher.ts";
import type { Fault } from "../support/nemotron/faults.ts";
import { callsDuring, KEY, MODEL, modelSettings, type Stub, startNemotron } from "../support/nemotron/server.ts";
import { notes } from "../support/notes.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { unzip } from "../support/unzip.ts";
import { type App, startApp } from "../support/world.ts";

const OWN_TEXTS = 120;
let app: App;
let stub: Stub;

beforeAll(async () => {
  stub = await startNemotron({ key: KEY });
  app = await startApp(tempFolder(), { ...modelSettings(stub), RELATA_OWN_TEXTS: String(OWN_TEXTS) });
});
afterAll(() => Promise.all([app.stop(), stub.close()]));
// A fault that was planned and met nobody would hit the next test.
afterEach(() => expect(stub.plannedCount()).toBe(0));

const BASE = { seed: 7, referenceDate: "2026-01-01" };

let made = 0;
async function make(request: object): Promise<{ job: Record<string, unknown>; name: string; manifest: Manifest }> {
  const name = `texts-${++made}`;
  const job = await app.make({ ...BASE, name, ...request });
  expect(job).toMatchObject({ status: "Succeeded", error: null });
  const { json } = await app.call("GET", `/datasets/${name}`, { headers: { accept: "application/json" } });
  return { job, name, manifest: json as Manifest };
}

async function cells(name: string, table: string): Promise<Record<string, string>[]> {
  const { bytes } = await app.call("GET", `/datasets/${name}/${table}.csv`);
  return parse(bytes, { columns: true });
}

const NO_CELLS = { model: 0, pool: 0, cache: 0, repaired: 0, faker: 0, fallback: 0 };
describe("the preset", () => {
  test("has every name and description written, by one request", async () => {
    const { result, calls } = await callsDuring(stub, () => make({}));
    const { job, manifest, name } = result;
    expect(calls.map(({ body, rows }) => [body.model, rows.length])).toEqual([[MODEL, 20]]);
    expect(job).toMatchObject({ progress: { texts: { done: 40, total: 40 } }, warnings: [] });
    expect(manifest.text).toMatchObject({
      model: MODEL,
      calls: 1,
      cells: { ...NO_CELLS, model: 40 },
      fields: { "products.product_name": { model: 20 }, "products.description": { model: 20 } },
    });
    const products = await cells(name, "products");
    const line = (row: number) =>
      JSON.parse(
        (calls[0]?.body.messages[1]?.content ?? "").split("\n").find((text) => text.startsWith(`{"i":${row},`)) ?? "{}",
      );
    for (const [row, product] of products.entries()) {
      expect(line(row)).toMatchObject({ category: product.category, brand: product.brand });
      expect([...(product.description ?? "")].length).toBeLessThanOrEqual(280);
    }
    expect(new Set(products.map(({ description }) => description)).size).toBe(20);
  });

  test("keeps everything else as it is without a model", async () => {
    const [drafted, plain] = [await make({}), await make({ text: "faker" })];
    expect(plain.manifest.text).toEqual({
      model: null,
      calls: 0,
      promptTokens: 0,
      completionTokens: 0,
      cells: { ...NO_CELLS, faker: 40 },
    });
    for (const table of ["customers", "orders"]) {
      expect(drafted.manifest.tables[table]?.sha256).toBe(plain.manifest.tables[table]?.sha256);
    }
    const strip = (rows: Record<string, string>[]) => rows.map(({ product_name: _, description: __, ...row }) => row);
    expect(strip(await cells(drafted.name, "products"))).toEqual(strip(await cells(plain.name, "products")));
    expect(drafted.manifest.fingerprint).not.toBe(plain.manifest.fingerprint);
  });

  test("comes with where each cell is from, and rows by address have the same texts", async () => {
    const { name } = await make({});
    const files = unzip((await app.call("GET", `/datasets/${name}`)).bytes);
    expect([...files.keys()]).toContain("products.provenance.jsonl");
    const lines = String(files.get("products.provenance.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    // 20 rows in chunks of 16.
    expect(lines).toEqual(
      [
        [0, 16],
        [16, 4],
      ].flatMap(([first, rows]) =>
        ["product_name", "description"].map((field) => ({ field, first, runs: [["model", rows]] })),
      ),
    );
    const page = (await app.call("GET", `/datasets/${name}/tables/products/rows?offset=17&limit=2`)).json as {
      fields: string[];
      rows: string[][];
    };
    const products = await cells(name, "products");
    const place = page.fields.indexOf("description");
    expect(page.rows.map((row) => row[place])).toEqual(products.slice(17, 19).map(({ description }) => description));
  });
});

describe("a plan", () => {
  test.each([
    ["texts for each row", 100],
    ["exemplars", 900],
  ])("tells calls, and tokens within 10 %%: %s", async (_, rows) => {
    const request = { schema: notes(rows), ...BASE };
    const { json } = await app.call("POST", "/plan", { body: request });
    const { model } = json as { model: { calls: number; promptTokens: number; completionTokens: number } };
    const { manifest } = await make(request);
    expect(manifest.text.calls).toBe(model.calls);
    for (const of of ["promptTokens", "completionTokens"] as const) {
      expect(Math.abs(model[of] / manifest.text[of] - 1), of).toBeLessThan(0.1);
    }
  });

  test("of faker's text asks for nothing", async () => {
    const { json } = await app.call("POST", "/plan", { body: { text: "faker" } });
    expect(json).toMatchObject({ model: { calls: 0, promptTokens: 0, completionTokens: 0 } });
  });
});

test("fields may be called as the keys of a prompt's lines are, and mention each other", async () => {
  const text = (name: string, prompt: string) => {
    return { name, type: "string", generator: { kind: "text", prompt, maxChars: 160, draft: "both" } };
  };
  const fields = [
    { name: "id", type: "integer", generator: { kind: "sequence" } },
    { name: "voice", type: "string", generator: { kind: "category", values: ["alto", "bass"] } },
    text("i", "On a {{voice}}"),
    text("tone", "The tone of {{ i }}"),
  ];
  const schema = { name: "choir", tables: [{ name: "singers", rows: 20, primaryKey: ["id"], fields }] };
  const { result, calls } = await callsDuring(stub, () => make({ schema }));
  expect(result.manifest.text.fields).toEqual({ "singers.i": { model: 20 }, "singers.tone": { model: 20 } });
  const singers = await cells(result.name, "singers");
  const lines = calls.flatMap(({ body }) => (body.messages[1]?.content ?? "").split("\n"));
  expect(lines).toContain('- _i: "On a {{_voice}} At most 160 characters."');
  expect(lines).toContain('- _tone: "The tone of {{_i}} At most 160 characters."');
  const asked = lines.filter((line) => line.startsWith('{"i":')).map((line) => JSON.parse(line));
  expect(asked.map(({ i, _voice }) => [i, _voice])).toEqual(singers.map(({ voice }, row) => [row, voice]));
  expect(new Set(singers.flatMap(({ i, tone }) => [i, tone])).size).toBe(40);
});

describe("answers that are not quite right", () => {
  test.each<[string, Fault]>([
    ["fenced", { kind: "fenced" }],
    ["after a stray </think>", { kind: "thinkPrefix" }],
    ["as reasoning with content null", { kind: "reasoningOnly" }],
    ["with rows out of order", { kind: "shuffledRows" }],
    ["with rows twice", { kind: "duplicateRows" }],
    ["with rows that nobody asked for", { kind: "extraRows" }],
    ["cut in the middle of a row", { kind: "cut" }],
    ["with rows missing", { kind: "missingRows", rows: 3 }],
    ["not JSON", { kind: "garbage" }],
    ["of wrong types", { kind: "wrongTypes" }],
    ["withheld by a filter", { kind: "filter" }],
    ["refusals", { kind: "refusal" }],
    ["placeholders", { kind: "placeholder" }],
    ["echoes of the request", { kind: "echo" }],
    ["the same text in every row", { kind: "duplicateTexts" }],
  ])("%s: every row has its text, and none but the missing is asked for again", async (_, fault) => {
    stub.plan(fault);
    const { result, calls } = await callsDuring(stub, () => make({ schema: notes(20) }));
    const { model, repaired, fallback } = result.manifest.text.cells;
    expect([model + repaired, fallback]).toEqual([20, 0]);
    const again = calls.slice(1).flatMap(({ rows }) => rows);
    const kept = {
      fenced: 20,
      thinkPrefix: 20,
      reasoningOnly: 20,
      shuffledRows: 20,
      duplicateRows: 20,
      extraRows: 20,
      missingRows: 17,
      duplicateTexts: 1,
    };
    if (fault.kind in kept) expect(again.length).toBe(20 - (kept[fault.kind as keyof typeof kept] as number));
    if (fault.kind === "cut") expect(again.length).toBeLessThan(12);
    expect(new Set(again).size).toBe(again.length);
  });

  test("a row refused twice has just the text that it has without a model, and the job says why", async () => {
    stub.plan({ kind: "refusal" }, { kind: "refusal" });
    const refused = await make({ schema: notes(20) });
    const plain = await make({ schema: notes(20), text: "faker" });
    expect(await cells(refused.name, "things")).toEqual(await cells(plain.name, "things"));
    expect(refused.manifest.text).toMatchObject({
      cells: { ...NO_CELLS, fallback: 20 },
      fields: { "things.note": { "fallback:refusal": 20 } },
    });
    expect(refused.job.warnings).toEqual([
      { code: "text-fallback", message: "things.note: 20 of 20 rows have no text of the model (20 refusal)." },
    ]);
  });

  test("texts that break a rule of the table give way to the fallback, and the rule holds", async () => {
    const rules = [{ name: "short", expr: "length(note) < 100" }];
    const fallback = { kind: "category", values: ["short enough"] };
    const { name, manifest } = await make({ schema: notes(60, { rules }, { fallback }) });
    const texts = (await cells(name, "things")).map(({ note }) => note ?? "");
    expect(texts.every((text) => text.length < 100)).toBe(true);
    const { fields = {} } = manifest.text;
    expect(fields["things.note"]?.["fallback:rule"]).toBe(texts.filter((text) => text === "short enough").length);
    expect(fields["things.note"]?.model).toBeGreaterThan(10);
    expect(manifest.checks).toEqual({ orphans: 0, duplicateKeys: 0, brokenRules: 0 });
  });
});

describe("a model that can't be had", () => {
  test.each([401, 402, 403])("%i: the job succeeds, and what nobody wrote is the fallback's", async (status) => {
    stub.plan({ kind: "status", status });
    const { result, calls } = await callsDuring(stub, () => make({ schema: notes(100) }));
    const { "fallback:refused-key": refused = 0, model = 0 } = result.manifest.text.fields?.["things.note"] ?? {};
    expect([refused >= 25, refused + model]).toEqual([true, 100]);
    expect(result.job.warnings).toMatchObject([{ code: "model-refused-key" }, { code: "text-fallback" }]);
    expect(calls.length).toBeLessThanOrEqual(4);
  });
});

describe("exemplars", () => {
  test("are shared by rows that are like them, with the row's own values in their slots", async () => {
    const { result, calls } = await callsDuring(stub, () => make({ schema: notes(900) }));
    const { manifest, name, job } = result;
    expect(manifest.text.cells).toEqual({ ...NO_CELLS, pool: 900 });
    const [figures] = manifest.text.pools ?? [];
    expect(figures).toMatchObject({ table: "things", mode: "exemplars", texts: 60, rowsPerText: 15 });
    expect(figures?.distinct.note).toBeGreaterThan(0.9);
    expect(job.warnings).toMatchObject([]);
    const asked = calls
      .flatMap(({ body }) => body.messages.flatMap(({ content }) => content.split("\n")))
      .filter((line) => line.startsWith('{"i"'))
      .map((line) => JSON.parse(line));
    expect(asked.length).toBe(60);
    expect(new Set(asked.map(({ size }) => size))).toEqual(new Set(["{{size}}"]));
    const things = await cells(name, "things");
    expect(things.some(({ note, size }) => note?.includes(`with ${size} in mind`))).toBe(true);
    for (const { note, colour, size } of things) {
      expect(note).not.toContain("{{");
      const quoted = /with ((?:(?!with ).)+) in mind/.exec(note ?? "")?.[1];
      if (quoted) expect([colour, size]).toContain(quoted);
    }
    const files = unzip((await app.call("GET", `/datasets/${name}`)).bytes);
    expect(String(files.get("things.provenance.jsonl")).trim().split("\n").length).toBe(Math.ceil(900 / 16));
  });
});

describe("texts once written", () => {
  test("are reused without a request, byte for byte, and count as cached", async () => {
    const first = await make({ schema: notes(60) });
    const request = { schema: notes(60), reusePools: true };
    const plan = (await app.call("POST", "/plan", { body: { ...BASE, ...request } })).json;
    expect(plan).toMatchObject({ model: { calls: 0 } });
    const { result, calls } = await callsDuring(stub, () => make(request));
    expect(calls.length).toBe(0);
    expect(result.manifest.tables.things?.sha256).toBe(first.manifest.tables.things?.sha256);
    expect(result.manifest.text).toMatchObject({ calls: 0, promptTokens: 0, cells: { ...NO_CELLS, cache: 60 } });
    expect(result.manifest.text.model).toBe(first.manifest.text.model);
  });

  test("of another seed are not", async () => {
    await make({ schema: notes(30) });
    const { calls } = await callsDuring(stub, () => make({ schema: notes(30), seed: 8, reusePools: true }));
    expect(calls.length).toBe(2);
  });

  test("are not asked for twice by the worker that takes over", async () => {
    const { json } = await app.call("POST", "/generate", { body: { ...BASE, name: "taken-over", schema: notes(100) } });
    const { id } = json as { id: string };
    let answers = 0;
    const dying: World = {
      ...app.outside,
      complete: async (prompt, allowance) => {
        if (++answers > 2) throw new Error("the worker died");
        return app.outside.complete(prompt, allowance);
      },
    };
    const { calls: before } = await callsDuring(stub, () => startJob(dying, id, MODEL_LIMITS).catch(() => {}));
    const { calls: after } = await callsDuring(stub, () => app.work());
    const rows = [...before, ...after].flatMap(({ rows }) => rows);
    expect(before.length).toBe(2);
    expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const manifest = (await app.call("GET", "/datasets/taken-over", { headers: { accept: "application/json" } })).json;
    expect(manifest).toMatchObject({ text: { calls: 4, cells: { ...NO_CELLS, model: 100 } } });
  });
});

describe("limits of a job", () => {
  test("its requests spent, the rest has its fallback", async () => {
    const { json } = await app.call("POST", "/generate", { body: { ...BASE, name: "thrifty", schema: notes(100) } });
    await startJob(app.outside, (json as { id: string }).id, { ...MODEL_LIMITS, modelCalls: 2 });
    await app.work();
    const manifest = (await app.call("GET", "/datasets/thrifty", { headers: { accept: "application/json" } }))
      .json as Manifest;
    const counts = manifest.text.fields?.["things.note"] ?? {};
    expect(counts["fallback:budget"]).toBeGreaterThan(0);
    expect((counts.model ?? 0) + (counts["fallback:budget"] ?? 0)).toBe(100);
  });

  test("a canceled job asks for no more", async () => {
    const { json } = await app.call("POST", "/generate", { body: { ...BASE, name: "given-up", schema: notes(100) } });
    const { id } = json as { id: string };
    const canceling: World = {
      ...app.outside,
      complete: async (prompt, allowance) => {
        await app.call("POST", `/jobs/${id}/cancel`);
        return app.outside.complete(prompt, allowance);
      },
    };
    const { calls } = await callsDuring(stub, () => startJob(canceling, id, MODEL_LIMITS));
    await app.work();
    expect(calls.length).toBeLessThanOrEqual(6);
    expect((await app.call("GET", `/jobs/${id}`)).json).toMatchObject({ status: "Canceled" });
  });
});

test("the key is in nothing that is kept, and in no prompt", async () => {
  await make({});
  const container = BlobServiceClient.fromConnectionString(app.storage).getContainerClient("relata");
  for await (const { name } of container.listBlobsFlat()) {
    expect(name).not.toContain(KEY);
    expect((await container.getBlobClient(name).downloadToBuffer()).includes(KEY)).toBe(false);
  }
  for (const { body } of stub.calls) expect(JSON.stringify(body)).not.toContain(KEY);
});
