import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import { type SchemaDocument, schemaDocument } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { postPlan } from "../../src/http/plan.ts";
import { derivedRowFaults } from "../../src/http/resolve.ts";
import { withRows } from "../../src/plan/cut.ts";
import { MODEL_LIMITS } from "../support/dispatcher.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type App, LIMITS, read, requestOf, startApp } from "../support/world.ts";

interface PlanAnswer {
  name?: string;
  seed: number;
  referenceDate: string;
  fingerprint: string;
  tables: Record<string, { rows: number; bytes: number; chunks: number; chunkRows: number }>;
  rows: number;
  bytes: number;
  chunks: number;
  model: object;
}

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

const plan = async (body?: unknown): Promise<PlanAnswer> =>
  (await app.call("POST", "/plan", { body })).json as PlanAnswer;

/** The handler without storage and with chunks of about 6 MiB. */
const world = {
  now: () => new Date("2026-01-01"),
  newSeed: () => 1,
  readSaved: async () => undefined,
  hasModel: () => false,
};
async function planLarge(body: object): Promise<PlanAnswer> {
  const handler = postPlan(world, { bodyBytes: 1_000_000, tableRows: 10 ** 12, chunkRows: undefined, ...MODEL_LIMITS });
  return (await read(await handler(requestOf("POST", "/plan", { body })))).json as PlanAnswer;
}

test("a small dataset is planned as it is then made: bytes, rows, chunks, fingerprint", async () => {
  const request = { name: "planned", seed: 9, referenceDate: "2026-01-01", rows: { orders: 400 } };
  const answer = await plan(request);
  await app.make(request);
  const manifest = (await app.call("GET", "/datasets/planned", { headers: { accept: "application/json" } })).json as {
    fingerprint: string;
    tables: Record<string, { rows: number; bytes: number }>;
  };
  const real = Object.fromEntries(
    Object.entries(manifest.tables).map(([name, { rows, bytes }]) => {
      return [name, { rows, bytes, chunks: Math.ceil(rows / LIMITS.chunkRows), chunkRows: LIMITS.chunkRows }];
    }),
  );
  const sum = (of: "rows" | "bytes" | "chunks") => Object.values(real).reduce((total, table) => total + table[of], 0);
  expect(answer).toEqual({
    name: "planned",
    seed: 9,
    referenceDate: "2026-01-01",
    fingerprint: manifest.fingerprint,
    tables: real,
    ...{ rows: sum("rows"), bytes: sum("bytes"), chunks: sum("chunks") },
    model: { calls: 0, promptTokens: 0, completionTokens: 0 },
  });
});

test("without a body it is the default shop, and what was chosen is told", async () => {
  const answer = await plan();
  expect(answer).not.toHaveProperty("name");
  expect([answer.rows, answer.chunks, Object.keys(answer.tables)]).toEqual([
    70,
    6,
    ["customers", "products", "orders"],
  ]);
  const { seed, referenceDate } = answer;
  expect(await plan({ seed, referenceDate })).toEqual(answer);
});

test("nothing is created", async () => {
  const before = (await app.call("GET", "/jobs")).json;
  await plan({ name: "unmade" });
  expect((await app.call("GET", "/jobs")).json).toEqual(before);
  expect((await app.call("GET", "/datasets/unmade")).status).toBe(404);
});

test("what POST /generate refuses is refused, all at once", async () => {
  const answer = await app.call("POST", "/plan", { body: { text: "model", preset: "nope", seed: -1 } });
  const { errors } = answer.json as { errors: { pointer: string }[] };
  expect([answer.status, errors.map(({ pointer }) => pointer)]).toEqual([422, ["/seed", "/text", "/preset"]]);
});

/** A table of hard cases for an estimate: one field that decides the length of a line. */
function lines(name: string, rows: number, fields: object[]): SchemaDocument {
  const id = { name: "id", type: "integer", generator: { kind: "sequence" } };
  return schemaDocument.parse({ name, tables: [{ name: "lines", rows, primaryKey: ["id"], fields: [id, ...fields] }] });
}
const paragraph = { kind: "faker", method: "lorem.paragraphs" };
const shop = PRESETS.get("ecommerce") as SchemaDocument;

describe("estimated bytes are within a tenth of the real ones", () => {
  test.each([
    ["the shop, small", withRows(shop, { customers: 600, products: 513, orders: 700 })],
    ["the shop, middling", withRows(shop, { customers: 5_000, products: 700, orders: 30_000 })],
    ["the shop, large", withRows(shop, { customers: 140_000, products: 1_000, orders: 200_000 })],
    ["nothing but a number that grows", lines("numbers", 200_000, [])],
    [
      "a few long texts among many short ones",
      lines("mixed", 50_000, [{ name: "t", type: "string", nullRate: 0.8, generator: paragraph }]),
    ],
    ["long texts", lines("texts", 3_000, [{ name: "t", type: "string", generator: paragraph }])],
    ["no rows at all", lines("empty", 0, [])],
  ])("%s", async (_, schema) => {
    const answer = await planLarge({ schema, seed: 11, referenceDate: "2026-01-01" });
    const engine = compileSchema(schema, 11, "2026-01-01");
    for (const [place, { name, rows = 0 }] of schema.tables.entries()) {
      const real = renderChunk(engine, place, { first: 0, count: rows }, false).bytes.length;
      const estimated = answer.tables[name]?.bytes ?? 0;
      expect(Math.abs(estimated - real), `${name}: ${estimated} for ${real}`).toBeLessThanOrEqual(real / 10);
    }
  });

  test("also with ' before what a spreadsheet would run", async () => {
    const schema = lines("formulas", 400, [
      { name: "t", type: "string", generator: { kind: "constant", value: "=1" } },
    ]);
    const plain = await planLarge({ schema });
    const guarded = await planLarge({ schema, csv: { formulaGuard: true } });
    expect(guarded.bytes - plain.bytes).toBe(400);
  });
});

test("chunks are about 6 MiB, whatever the number of rows", async () => {
  const { tables } = await planLarge({ rows: { customers: 1_000, products: 1_000, orders: 1_000_000_000 } });
  const { bytes, chunks, rows, chunkRows } = tables.orders as PlanAnswer["tables"][string];
  expect(bytes / chunks / 2 ** 20).toBeGreaterThan(5.9);
  expect(bytes / chunks / 2 ** 20).toBeLessThan(6.1);
  expect(chunks).toBe(Math.ceil(rows / chunkRows));
});

test("what is too large to be generated here is planned and told", async () => {
  const request = { rows: { customers: 20, products: 20, orders: LIMITS.tableRows + 1 } };
  const { rows, warnings } = (await plan(request)) as PlanAnswer & { warnings?: { code: string; message: string }[] };
  expect(rows).toBe(LIMITS.tableRows + 41);
  expect(warnings?.map(({ code, message }) => [code, message.split(":")[0]])).toEqual([["too-many-rows", "orders"]]);
  expect((await app.call("POST", "/generate", { body: request })).status).toBe(422);
  expect(await plan({ rows: { orders: LIMITS.tableRows } })).not.toHaveProperty("warnings");
});

test("a table whose parents have too many children for it is refused, by where its number can be given", () => {
  const schema = {
    name: "s",
    tables: [{ name: "few" }, { name: "many" }, { name: "fixed", rows: 9 }],
  } as SchemaDocument;
  const engine = { tables: [4, 5, 9].map((rows) => ({ rows })) } as unknown as Parameters<typeof derivedRowFaults>[1];
  const faults = (request: object) => derivedRowFaults(schema, engine, request, { tableRows: 4 });
  expect(faults({ schema }).map(({ pointer, code }) => [pointer, code])).toEqual([
    ["/schema/tables/1/foreignKeys", "too-many-rows"],
  ]);
  expect(faults({}).map(({ pointer }) => pointer)).toEqual(["/rows/many"]);
});
