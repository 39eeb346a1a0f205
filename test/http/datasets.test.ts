import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_VERSION } from "../../src/dataset/plan.ts";
import { PRESETS } from "../../src/dataset/presets.ts";
import { postGenerate } from "../../src/http/generate.ts";
import { ACCEPTED, newShopJob, shopTables, TIME } from "../support/expect-job.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { unzip } from "../support/unzip.ts";
import { type Answer, type App, LIMITS, ORIGIN, problem, read, requestOf, startApp } from "../support/world.ts";

const folder = tempFolder();
const TABLES = ["customers", "products", "orders"];
const NO_DATASET = problem(
  404,
  "Not found",
  "dataset-not-found",
  "There is no dataset of this name; GET /datasets lists them.",
);
let app: App;
/** The job of the dataset `unwritten`, whose work is never done. */
let unwritten: string;

beforeAll(async () => {
  app = await startApp(folder);
  await app.make({ name: "shop", seed: 42, referenceDate: "2026-01-01" });
  // Its first message is never sent, so that no work in this file finishes it.
  const accept = postGenerate({ ...app.outside, send: async () => {} }, LIMITS);
  const answer = await read(await accept(requestOf("POST", "/generate", { body: { name: "unwritten" } })));
  unwritten = (answer.json as { id: string }).id;
});
afterAll(() => app.stop());

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> => app.call("GET", path, { headers });
const manifestOf = async (name: string) =>
  (await get(`/datasets/${name}`, { accept: "application/json" })).json as Record<string, unknown>;

describe("GET /datasets/{name}", () => {
  test("with Accept: application/json it is the manifest, true to the files", async () => {
    const answer = await get("/datasets/shop", { accept: "text/html;q=0.5, application/json" });
    expect([answer.status, answer.headers]).toEqual([200, { "content-type": "application/json", vary: "accept" }]);

    const schema = PRESETS.get("ecommerce");
    const tables = Object.fromEntries(
      await Promise.all(
        TABLES.map(async (name) => {
          const { bytes } = await get(`/datasets/shop/${name}.csv`);
          const table = schema?.tables.find((table) => table.name === name);
          const described = {
            rows: table?.rows,
            bytes: bytes.length,
            sha256: createHash("sha256").update(bytes).digest("hex"),
            fields: table?.fields.map(({ name, type }) => ({ name, type })),
            url: `/datasets/shop/${name}.csv`,
          };
          return [name, described];
        }),
      ),
    );
    expect(answer.json).toEqual({
      name: "shop",
      engineVersion: ENGINE_VERSION,
      seed: 42,
      referenceDate: "2026-01-01",
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      createdAt: TIME,
      schema,
      tables,
      text: {
        model: null,
        calls: 0,
        promptTokens: 0,
        completionTokens: 0,
        cells: { model: 0, pool: 0, cache: 0, repaired: 0, faker: 40, fallback: 0 },
      },
      checks: { orphans: 0, duplicateKeys: 0, brokenRules: 0 },
    });
    expect(Object.keys((answer.json as { tables: object }).tables)).toEqual(TABLES);
  });

  test.each([[undefined], ["*/*"], ["application/zip"], ["text/html"]])(
    "with Accept: %s it is a zip of all files",
    async (accept) => {
      const answer = await get("/datasets/shop", accept === undefined ? {} : { accept });
      expect([answer.status, answer.headers]).toEqual([
        200,
        {
          "content-type": "application/zip",
          "content-disposition": 'attachment; filename="shop.zip"',
          vary: "accept",
        },
      ]);
      const files = unzip(answer.bytes);
      expect([...files.keys()]).toEqual(["manifest.json", "datapackage.json", ...TABLES.map((name) => `${name}.csv`)]);
      for (const name of TABLES) {
        expect(files.get(`${name}.csv`)).toEqual((await get(`/datasets/shop/${name}.csv`)).bytes);
      }
      expect(JSON.parse(String(files.get("manifest.json")))).toEqual(await manifestOf("shop"));
      expect(JSON.parse(String(files.get("datapackage.json")))).toMatchObject({
        name: "shop",
        resources: TABLES.map((name) => ({ name, path: `${name}.csv` })),
      });
    },
  );

  test.each(["nobody", "unwritten", "__proto__", "constructor", "a%2Fb", "it's", "%00", "x".repeat(3000)])(
    "%s is not found by any of the dataset's calls",
    async (name) => {
      const calls = [
        get(`/datasets/${name}`),
        get(`/datasets/${name}/orders.csv`),
        app.call("HEAD", `/datasets/${name}/orders.csv`),
        app.call("POST", `/datasets/${name}/load`),
        ...(name === "unwritten" ? [] : [app.call("DELETE", `/datasets/${name}`)]),
      ];
      for (const answer of await Promise.all(calls)) expect([answer.status, answer.json]).toEqual([404, NO_DATASET]);
    },
  );

  test("a broken escape is malformed in all of them", async () => {
    const calls = [
      get("/datasets/%zz"),
      get("/datasets/%zz/orders.csv"),
      get("/datasets/shop/%zz.csv"),
      app.call("POST", "/datasets/%zz/load"),
      app.call("DELETE", "/datasets/%zz"),
      get("/schemas/%zz"),
    ];
    const detail = "The path has a % that starts no valid escape.";
    for (const answer of await Promise.all(calls)) {
      expect([answer.status, answer.json]).toEqual([400, problem(400, "Malformed request", "malformed-path", detail)]);
    }
  });
});

describe("GET /datasets", () => {
  interface List {
    value: { name: string }[];
    nextLink?: string;
  }

  test("finished datasets are listed by name, page by page; what is being written is not", async () => {
    for (const name of ["list-b", "list-c", "list-a"]) await app.make({ name, rows: { orders: 1 } });
    const found: List["value"] = [];
    let next: string | undefined = "/datasets?limit=2";
    while (next !== undefined) {
      const page = (await get(next)).json as List;
      expect(page.value.length).toBeLessThanOrEqual(2);
      found.push(...page.value);
      next = page.nextLink?.slice(ORIGIN.length);
    }
    expect(found.map(({ name }) => name)).toEqual(found.map(({ name }) => name).sort());
    expect(found.map(({ name }) => name)).not.toContain("unwritten");
    const { tables } = (await manifestOf("list-a")) as { tables: Record<string, { bytes: number }> };
    const bytes = Object.values(tables).reduce((sum, table) => sum + table.bytes, 0);
    const listed = found.filter(({ name }) => name.startsWith("list-"));
    expect(listed.map(({ name }) => name)).toEqual(["list-a", "list-b", "list-c"]);
    expect(listed[0]).toEqual({ name: "list-a", tables: TABLES, rows: 41, bytes, createdAt: TIME });
  });
});

describe("DELETE /datasets/{name}", () => {
  const remove = (name: string) => app.call("DELETE", `/datasets/${name}`);

  test("the dataset is gone with its files, and its name is free again", async () => {
    const { id } = await app.make({ name: "gone" });
    const answer = await remove("gone");
    expect([answer.status, answer.bytes.length]).toEqual([204, 0]);
    expect((await get("/datasets/gone")).json).toEqual(NO_DATASET);
    expect((await remove("gone")).json).toEqual(NO_DATASET);
    const container = BlobServiceClient.fromConnectionString(app.storage).getContainerClient("relata");
    expect(await Array.fromAsync(container.listBlobsFlat({ prefix: `jobs/${id}` }))).toEqual([]);
    expect(await app.make({ name: "gone" })).toMatchObject({ status: "Succeeded" });
  });

  test("while a job is writing it, it can't be deleted", async () => {
    const answer = await remove("unwritten");
    const detail = "A job is writing this dataset; cancel the job, or delete it when it has ended.";
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([409, "dataset-in-use"]);
    expect(answer.json).toEqual(problem(409, "Conflict", "dataset-in-use", detail));
    expect((await get(`/jobs/${unwritten}`)).status).toBe(200);
  });
});

describe("POST /datasets/{name}/load", () => {
  const load = (name: string, body?: unknown) => app.call("POST", `/datasets/${name}/load`, { body });

  function report(alreadyLoaded: boolean): object {
    const rows = { customers: 20, products: 20, orders: 30 };
    const tables = Object.entries(rows).map(([name, rows]) => {
      const moved = alreadyLoaded ? 0 : rows;
      const none = { updated: 0, unchanged: 0, rejected: 0, deleted: 0 };
      const proof = { total: rows, indexes: expect.any(Array), constraints: expect.any(Object) };
      const sums = { checksums: expect.any(Object), rowSum: expect.any(String) };
      const rates = { seconds: expect.any(Number), rowsPerSecond: expect.any(Number) };
      return [name, { csv: moved, staged: moved, inserted: moved, ...none, ...proof, ...sums, ...rates }];
    });
    const seconds = expect.any(Number);
    const database = "sql/tables.sqlite";
    return { target: "sqlite", database, alreadyLoaded, tables: Object.fromEntries(tables), orphans: 0, seconds };
  }

  test("a job of kind load fills the tables, and loading again changes nothing", async () => {
    await app.make({ name: "tables" });
    const accepted = await load("tables");
    const waiting = {
      ...newShopJob("tables"),
      kind: "load",
      progress: {
        phase: "load",
        rowsDone: 70,
        rowsTotal: 70,
        rowsLoaded: 0,
        tables: shopTables(1),
        texts: { done: 0, total: 0 },
      },
    };
    expect([accepted.status, accepted.headers, accepted.json]).toEqual([202, ACCEPTED, waiting]);
    await app.work();
    const done = await get(accepted.headers.location as string);
    expect(done.json).toEqual({
      ...waiting,
      status: "Succeeded",
      startedAt: TIME,
      finishedAt: TIME,
      progress: { ...waiting.progress, phase: "done", rowsLoaded: 70 },
      result: report(false),
    });
    expect(done.headers).not.toHaveProperty("retry-after");

    const again = await load("tables");
    await app.work();
    expect((await get(again.headers.location as string)).json).toMatchObject({
      status: "Succeeded",
      result: report(true),
    });

    const database = new DatabaseSync(join(folder, "sql", "tables.sqlite"), { readOnly: true });
    const join3 = "FROM orders JOIN customers USING (customer_id) JOIN products USING (product_id)";
    expect(database.prepare(`SELECT COUNT(*) AS rows ${join3}`).get()).toEqual({ rows: 30 });
    database.close();
  });

  test("a request with load: true has the report in its own job", async () => {
    const job = await app.make({ name: "loaded", load: true });
    expect(job).toMatchObject({
      kind: "generate",
      status: "Succeeded",
      progress: { phase: "done" },
      result: { ...report(false), database: "sql/loaded.sqlite" },
    });
  });

  test("what became of its loads is listed, newest first and by pages, and goes with the dataset", async () => {
    await app.make({ name: "again-and-again" });
    expect((await get("/datasets/again-and-again/loads")).json).toEqual({ value: [] });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.unshift(((await load("again-and-again")).json as { id: string }).id);
      await app.work();
    }
    const { json } = await get("/datasets/again-and-again/loads");
    const { value } = json as { value: { job: string; report: { alreadyLoaded: boolean } }[] };
    expect(value.map(({ job, report }) => [job, report.alreadyLoaded])).toEqual([
      [ids[0], true],
      [ids[1], true],
      [ids[2], false],
    ]);
    const page = (await get("/datasets/again-and-again/loads?limit=2")).json as { value: object[]; nextLink: string };
    expect(page.value).toEqual(value.slice(0, 2));
    expect((await get(page.nextLink.replace(ORIGIN, ""))).json).toEqual({ value: value.slice(2) });
    await app.call("DELETE", "/datasets/again-and-again");
    expect((await get("/datasets/again-and-again/loads")).status).toBe(404);
    await app.make({ name: "again-and-again" });
    expect((await get("/datasets/again-and-again/loads")).json).toEqual({ value: [] });
  });

  test.each([
    [{ schema: "shop" }, "/schema", "load-option"],
    [{ schema: "x; DROP" }, "/schema", "invalid-format"],
    [{ schema: "relata" }, "/schema", "custom"],
    [{ mode: "merge" }, "/mode", "invalid-value"],
    [{ dropfirst: true }, "/dropfirst", "unknown-key"],
    [{ dropFirst: 1 }, "/dropFirst", "invalid-type"],
  ])("options that are wrong or that SQLite lacks are refused with their place: %j", async (options, pointer, code) => {
    await app.make({ name: "choosy" }).catch(() => {});
    const answer = await load("choosy", options);
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ pointer, code }] } });
    const generated = await app.call("POST", "/generate", { body: { load: options, seed: -1 } });
    expect(generated.json).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ pointer: `/load${pointer}`, code })]),
    });
    await app.call("DELETE", "/datasets/choosy");
  });

  test.each(["upsert", "append"])("%s loads a dataset of whom nothing is there yet", async (mode) => {
    const job = await app.make({ name: `by-${mode}`, load: { mode } });
    expect(job).toMatchObject({ status: "Succeeded", result: { tables: { orders: { inserted: 30, total: 30 } } } });
  });

  test("options are heeded: dropFirst loads again what is loaded already", async () => {
    await app.make({ name: "dropping", load: { dropFirst: true } });
    const { headers } = await load("dropping", { dropFirst: true });
    await app.work();
    expect((await get(headers.location as string)).json).toMatchObject({
      status: "Succeeded",
      result: { alreadyLoaded: false, tables: { orders: { inserted: 30 } } },
    });
  });

  test("a load of a dataset that has gone meanwhile fails and says so", async () => {
    await app.make({ name: "fleeting" });
    const { headers } = await load("fleeting");
    await app.call("DELETE", "/datasets/fleeting");
    await app.work();
    expect((await get(headers.location as string)).json).toMatchObject({
      status: "Failed",
      error: { code: "dataset-not-found", message: "Dataset fleeting is not there any more." },
    });
  });

  test("a body over the limit is refused", async () => {
    const answer = await load("shop", " ".repeat(65_537));
    const detail = "The body is larger than the limit of 65536 bytes.";
    expect([answer.status, answer.json]).toEqual([413, problem(413, "Request too large", "body-too-large", detail)]);
  });
});
