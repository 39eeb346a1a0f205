import { BlobServiceClient } from "@azure/storage-blob";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { getRows } from "../../src/http/rows.ts";
import { makePlan, withRows } from "../../src/plan/cut.ts";
import { keepPlans } from "../../src/worker/plans.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, problem, read, requestOf, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;
/** The lines of orders.csv as cells, which the answers must have. */
let lines: string[][];
let header: string[];

beforeAll(async () => {
  app = await startApp(folder);
  await app.make({ name: "shop", rows: { orders: 250 }, seed: 42, referenceDate: "2026-01-01" });
  const csv = (await app.call("GET", "/datasets/shop/orders.csv")).bytes;
  [header, ...lines] = parse(csv) as [string[], ...string[][]];
});
afterAll(() => app.stop());

interface Rows {
  fields: string[];
  rows: unknown[][];
  offset: number;
  total: number;
}

const get = (query = "", table = "orders", dataset = "shop"): Promise<Answer> =>
  app.call("GET", `/datasets/${dataset}/tables/${table}/rows${query}`);
const textOf = (rows: unknown[][]) => rows.map((row) => row.map(String));

test("the first hundred are given unless others are asked for", async () => {
  const answer = await get();
  const { fields, rows, ...rest } = answer.json as Rows;
  expect([answer.status, answer.headers, rest]).toEqual([
    200,
    { "content-type": "application/json" },
    { offset: 0, total: 250 },
  ]);
  expect(fields).toEqual(header);
  expect(textOf(rows)).toEqual(lines.slice(0, 100));
  expect(rows[0]?.slice(0, 3)).toEqual(lines[0]?.slice(0, 3).map(Number));
});

test("parts put together are the file", async () => {
  const found: unknown[][] = [];
  for (let offset = 0; offset < 250; offset += 33) {
    const { rows, ...rest } = (await get(`?offset=${offset}&limit=33`)).json as Rows;
    expect(rest).toEqual({ fields: header, offset, total: 250 });
    found.push(...rows);
  }
  expect(textOf(found)).toEqual(lines);
});

test.each([["?offset=250"], ["?offset=9007199254740991&limit=1000"]])(
  "%s is beyond the end: no rows",
  async (query) => {
    const { rows, total } = (await get(query)).json as Rows;
    expect([rows, total]).toEqual([[], 250]);
  },
);

test("row 900,000,000 is made by its number alone", async () => {
  const schema = withRows(PRESETS.get("ecommerce") as SchemaDocument, { customers: 10 ** 9, orders: 10 ** 9 });
  const recipe = { seed: 1, referenceDate: "2026-01-01", schema, csv: { formulaGuard: false } };
  const sizes = schema.tables.map(({ rows = 0 }) => ({ rows, bytesPerRow: 100 }));
  const plan = makePlan({ ...recipe, dataset: "large", createdAt: "2026-01-01T00:00:00.000Z", load: false }, sizes);
  const tables = schema.tables.map(({ name }) => name);
  const entry = { name: "large", state: "ready" as const, jobId: "1", createdAt: "", tables, rows: 0, bytes: 0 };
  const openPlan = keepPlans({ readText: async () => JSON.stringify(plan) });
  const handler = getRows({ readEntry: async () => entry }, openPlan);
  const request = requestOf("GET", "/datasets/large/tables/orders/rows?offset=900000000&limit=2");
  const { rows, total } = (await read(await handler(request))).json as Rows;
  expect([rows.map(([id]) => id), total]).toEqual([[900_003_001, 900_003_002], 1_000_000_000]);
});

describe("what is refused", () => {
  test.each([
    ["?limit=0", "bad-limit"],
    ["?limit=1001", "bad-limit"],
    ["?limit=ten", "bad-limit"],
    ["?offset=-1", "bad-offset"],
    ["?offset=0.5", "bad-offset"],
    ["?ofset=3", "unknown-query-key"],
  ])("%s: 400", async (query, code) => {
    const answer = await get(query);
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, code]);
  });

  test.each(["customer", "constructor", "orders.csv", "..%2Forders"])("there is no table %s", async (table) => {
    const detail = `shop has no table ${decodeURIComponent(table)}; it has customers, products, orders.`;
    const answer = await get("", table);
    expect(answer.json).toEqual(problem(404, "Not found", "table-not-found", detail));
  });

  test("there is no such dataset, or none yet", async () => {
    await app.call("POST", "/generate", { body: { name: "unwritten" } });
    for (const dataset of ["nothing", "a%2Fb", "unwritten"]) {
      const answer = await get("", "orders", dataset);
      expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([404, "dataset-not-found"]);
    }
    await app.work();
  });

  test("a dataset of another engine version is only in its files", async () => {
    const { id } = await app.make({ name: "aged" });
    const container = BlobServiceClient.fromConnectionString(app.storage).getContainerClient("relata");
    const blob = container.getBlockBlobClient(`jobs/${id}/plan.json`);
    const plan = JSON.parse((await blob.downloadToBuffer()).toString()) as object;
    const text = JSON.stringify({ ...plan, engineVersion: 0 });
    await blob.upload(text, text.length);
    const answer = await get("", "orders", "aged");
    const detail =
      "Another version of the engine made this dataset; download /datasets/aged/orders.csv, or make the dataset again.";
    expect([answer.status, answer.json]).toEqual([409, problem(409, "Conflict", "engine-changed", detail)]);
    expect((await app.call("GET", "/datasets/aged/orders.csv")).status).toBe(200);
  });
});
