import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DATASET_NAME } from "../../src/dataset/request.ts";
import { ACCEPTED, doneShopJob, newShopJob } from "../support/expect-job.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, LIMITS, problem, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

const generate = (body?: unknown): Promise<Answer> => app.call("POST", "/generate", { body });

async function manifestOf(dataset: string): Promise<Record<string, unknown>> {
  const answer = await app.call("GET", `/datasets/${dataset}`, { headers: { accept: "application/json" } });
  return answer.json as Record<string, unknown>;
}

/** The faults of an answer that must be 422. */
function faultsOf(answer: Answer): { pointer: string; code: string; message: string }[] {
  expect(answer).toMatchObject({
    status: 422,
    headers: { "content-type": "application/problem+json", "x-ms-error-code": "invalid-request" },
  });
  return (answer.json as { errors: { pointer: string; code: string; message: string }[] }).errors;
}

/** A table with a key and nothing else. */
function plainTable(name: string, more: object = {}): object {
  const fields = [{ name: "id", type: "integer", generator: { kind: "sequence" } }];
  return { name, rows: 3, primaryKey: ["id"], fields, ...more };
}

describe("what is accepted", () => {
  test.each([
    ["no body", undefined],
    ["a blank body", " \n"],
    ["an empty object", {}],
  ])("%s asks for the default shop", async (_, body) => {
    const answer = await generate(body);
    const job = answer.json as { id: string; dataset: string };
    expect([answer.status, answer.headers]).toEqual([202, ACCEPTED]);
    expect(job).toEqual({ ...newShopJob(expect.stringMatching(/^ecommerce-[0-9a-f]{8}$/)) });
    expect(answer.headers.location).toBe(`https://relata.example:8443/jobs/${job.id}`);
    expect(answer.headers["operation-location"]).toBe(answer.headers.location);
  });

  test("name, seed, date and rows of the request are those of the dataset", async () => {
    const body = {
      name: "123",
      preset: "ecommerce",
      rows: { orders: 5 },
      seed: 2 ** 53 - 1,
      referenceDate: "2024-02-29",
    };
    const job = await app.make({ ...body, text: "faker", load: false, csv: { formulaGuard: true } });
    expect(job).toMatchObject({ status: "Succeeded", dataset: "123", progress: { rowsDone: 45, rowsTotal: 45 } });
    expect(await manifestOf("123")).toMatchObject({
      name: "123",
      seed: 2 ** 53 - 1,
      referenceDate: "2024-02-29",
      tables: { customers: { rows: 20 }, products: { rows: 20 }, orders: { rows: 5 } },
    });
  });

  test("a seed and a date that were not given are chosen and recorded, and give the same bytes when asked again", async () => {
    expect(await app.make({ name: "chosen" })).toEqual(doneShopJob("chosen"));
    const { seed, referenceDate, createdAt, fingerprint, tables } = await manifestOf("chosen");
    expect(seed).toSatisfy((value) => Number.isSafeInteger(value) && (value as number) >= 0);
    expect(referenceDate).toBe((createdAt as string).slice(0, 10));
    await app.make({ name: "chosen-again", seed, referenceDate });
    const again = await manifestOf("chosen-again");
    const hashes = (of: unknown) => Object.values(of as Record<string, { sha256: string }>).map(({ sha256 }) => sha256);
    expect([again.fingerprint, hashes(again.tables)]).toEqual([fingerprint, hashes(tables)]);
  });

  test.each([["a"], ["a_"], [`a${"_b".repeat(31)}`]])(
    "the name made for a schema called %s is a dataset name",
    async (name) => {
      const { dataset } = (await generate({ schema: { name, tables: [plainTable("things")] } })).json as {
        dataset: string;
      };
      expect(dataset).toMatch(DATASET_NAME);
    },
  );

  test("a schema from GET /schemas can be changed and posted back", async () => {
    const schema = (await app.call("GET", "/schemas/ecommerce")).json as { name: string; tables: { rows: number }[] };
    schema.name = "my_shop";
    for (const table of schema.tables) table.rows = 4;
    expect(await app.make({ name: "mine", schema, rows: { orders: 6 } })).toMatchObject({ status: "Succeeded" });
    expect(await manifestOf("mine")).toMatchObject({
      schema: { name: "my_shop" },
      tables: { customers: { rows: 4 }, products: { rows: 4 }, orders: { rows: 6 } },
      checks: { orphans: 0, duplicateKeys: 0, brokenRules: 0 },
    });
  });

  test("tables without rows are files with a header line", async () => {
    await app.make({ name: "empty", rows: { customers: 0, products: 0, orders: 0 } });
    const answer = await app.call("GET", "/datasets/empty/orders.csv");
    expect(answer.bytes.toString()).toBe(
      "order_id,customer_id,product_id,order_date,quantity,total_amount,status,shipping_address\n",
    );
  });
});

describe("what is refused", () => {
  test.each([["{"], ["{'name': 1}"], ["name=x"]])("%s is no JSON: 400", async (body) => {
    const answer = await generate(body);
    expect(answer).toMatchObject({ status: 400, headers: { "x-ms-error-code": "malformed-json" } });
    expect(answer.json).toEqual(
      problem(400, "Malformed request", "malformed-json", expect.stringMatching(/^The body is not JSON: .+\.$/)),
    );
  });

  test.each([["null"], ["[]"], ["5"], ['"text"']])("%s is JSON but no request: 422", async (body) => {
    expect(faultsOf(await generate(body))).toEqual([
      { pointer: "", code: "invalid-type", message: expect.stringContaining("expected object") },
    ]);
  });

  test("all faults come at once, each with its place and what to do", async () => {
    const answer = await generate({
      name: "Bad_",
      preset: "library",
      rows: { customers: -1, products: 1.5, orders: "30" },
      seed: 2 ** 53,
      referenceDate: "2026-02-30",
      text: "model",
      load: "yes",
      csv: { guard: true },
      "a/b~c": 1,
    });
    const seed = "seed: must be a whole number from 0 to 2^53-1.";
    const name = "name: must be 1 to 63 of a-z, 0-9 and -, neither starting nor ending with -.";
    const errors = [
      { pointer: "/name", code: "invalid-format", message: name },
      { pointer: "/rows/customers", code: "too-small", message: "customers: must be 0 or more." },
      { pointer: "/rows/products", code: "invalid-type", message: "products: must be a whole number." },
      { pointer: "/rows/orders", code: "invalid-type", message: "orders: must be a whole number." },
      { pointer: "/seed", code: "too-big", message: seed },
      { pointer: "/referenceDate", code: "invalid-format", message: "referenceDate: must be a date like 2026-01-01." },
      { pointer: "/load", code: "invalid-union", message: "load: must be true, false, or how to load." },
      {
        pointer: "/csv/guard",
        code: "unknown-key",
        message: "guard is not known here; remove it or check its spelling.",
      },
      {
        pointer: "/a~1b~0c",
        code: "unknown-key",
        message: "a/b~c is not known here; remove it or check its spelling.",
      },
      {
        pointer: "/text",
        code: "no-model",
        message: "No model is connected: set NVIDIA_API_KEY, or use auto or faker.",
      },
      {
        pointer: "/preset",
        code: "unknown-preset",
        message: "There is no preset or saved schema library; GET /schemas lists what there is.",
      },
    ];
    expect(answer.headers).toEqual({
      "content-type": "application/problem+json",
      "x-ms-error-code": "invalid-request",
    });
    expect(answer.json).toEqual(problem(422, "Request can't be done", "invalid-request", `11 faults: ${name}`, errors));
  });

  test("what is wrong with the rows is told beside a bad name, row for row", async () => {
    const answer = await generate({ name: "-", rows: { customers: -1, "or/ders": 5, products: LIMITS.tableRows + 1 } });
    expect(faultsOf(answer)).toEqual([
      { pointer: "/name", code: "invalid-format", message: expect.any(String) },
      { pointer: "/rows/customers", code: "too-small", message: "customers: must be 0 or more." },
      {
        pointer: "/rows/or~1ders",
        code: "unknown-table",
        message: "ecommerce has no table or/ders; it has customers, products, orders.",
      },
      {
        pointer: "/rows/products",
        code: "too-many-rows",
        message:
          "products: 1001 rows are more than the limit of 1000 a table; ask for fewer, or raise RELATA_MAX_TABLE_ROWS.",
      },
    ]);
  });

  test.each([
    [{ seed: -1 }, "/seed"],
    [{ seed: 0.5 }, "/seed"],
    [{ seed: "42" }, "/seed"],
    [{ referenceDate: "tomorrow" }, "/referenceDate"],
    [{ referenceDate: "2026-01-01T00:00:00Z" }, "/referenceDate"],
    [{ name: "" }, "/name"],
    [{ name: "a".repeat(64) }, "/name"],
    [{ name: "a/b" }, "/name"],
    [{ text: "gpt" }, "/text"],
    [{ rows: { toString: 1 } }, "/rows/toString"],
    [{ rows: { customers: 0 } }, "/rows"],
    [{ preset: "__proto__" }, "/preset"],
    [{ preset: null }, "/preset"],
    [{ schema: null }, "/schema"],
    [{ schema: {} }, "/schema/name"],
  ])("%o is refused at %s", async (body, pointer) => {
    expect(faultsOf(await generate(body))[0]).toMatchObject({ pointer, message: expect.stringMatching(/\.$/) });
  });

  test("a preset and a schema are one too many", async () => {
    const schema = { name: "own", tables: [plainTable("things")] };
    expect(faultsOf(await generate({ preset: "ecommerce", schema }))).toEqual([
      { pointer: "/preset", code: "two-schemas", message: "Give either a preset or a schema, not both." },
    ]);
  });

  test("faults of a schema's shape are found under /schema", async () => {
    const fields = [{ name: "Id", type: "text" }];
    const schema = { name: "own", tables: [plainTable("things", { fields, colour: 1 })] };
    expect(faultsOf(await generate({ schema, text: "model" })).map(({ pointer, code }) => [pointer, code])).toEqual([
      ["/schema/tables/0/fields/0/name", "invalid-format"],
      ["/schema/tables/0/fields/0/type", "invalid-value"],
      ["/schema/tables/0/colour", "unknown-key"],
      ["/text", "no-model"],
      ["/schema/tables/0/primaryKey", "unknown-field"],
    ]);
  });

  test("faults between a schema's tables are told with those of the request", async () => {
    const foreignKeys = [{ fields: ["owner"], reference: { resource: "people", fields: ["id"] } }];
    const schema = { name: "own", tables: [plainTable("things"), plainTable("things", { rows: 5000, foreignKeys })] };
    expect(faultsOf(await generate({ schema, name: "-" }))).toEqual([
      { pointer: "/name", code: "invalid-format", message: expect.any(String) },
      {
        pointer: "/schema/tables/1/rows",
        code: "too-many-rows",
        message:
          "things: 5000 rows are more than the limit of 1000 a table; ask for fewer, or raise RELATA_MAX_TABLE_ROWS.",
      },
      { pointer: "/schema/tables/1", code: "duplicate-name", message: "things is used twice; rename one." },
      {
        pointer: "/schema/tables/1/foreignKeys/0/fields",
        code: "unknown-field",
        message: "things has no field owner.",
      },
    ]);
  });

  test("faults of generators are told all at once", async () => {
    const fields = [
      { name: "id", type: "integer", generator: { kind: "nope" } },
      { name: "note", type: "string" },
    ];
    const schema = { name: "own", tables: [plainTable("things", { fields })] };
    expect(faultsOf(await generate({ schema, seed: -1 })).map(({ pointer, code }) => [pointer, code])).toEqual([
      ["/seed", "too-small"],
      ["/schema/tables/0/fields/0/generator/kind", "unknown-kind"],
      ["/schema/tables/0/fields/1/generator", "missing-generator"],
    ]);
  });

  test("a reference date so early that the preset's dates leave the calendar is refused, by its name", async () => {
    expect(faultsOf(await generate({ referenceDate: "0001-01-01" }))).toEqual([
      {
        pointer: "/referenceDate",
        code: "impossible-range",
        message: "referenceDate-1095d leaves the years 0000 to 9999; choose another reference date or distance.",
      },
    ]);
  });

  test("a schema whose values can't be made is refused at once instead of failing as a job", async () => {
    const fields = [
      { name: "id", type: "integer", generator: { kind: "sequence" } },
      { name: "huge", type: "integer", generator: { kind: "expression", expr: "id * 9007199254740991" } },
    ];
    const schema = { name: "own", tables: [plainTable("things", { fields })] };
    expect(faultsOf(await generate({ schema })).map(({ pointer, code }) => [pointer, code])).toEqual([
      ["/schema/tables/0/fields/1/generator", "overflow"],
    ]);
  });

  test("a taken name is refused while it is being written and when it is there, and leaves no files behind", async () => {
    const body = { name: "taken" };
    const detail = "A dataset or job called taken exists; choose another name or delete it.";
    const [first, second] = await Promise.all([generate(body), generate(body)]);
    expect([first.status, second.status].sort()).toEqual([202, 409]);
    await app.work();
    const third = await generate(body);
    expect([third.status, third.headers["x-ms-error-code"]]).toEqual([409, "dataset-exists"]);
    expect(third.json).toEqual(problem(409, "Conflict", "dataset-exists", detail));

    const container = BlobServiceClient.fromConnectionString(app.storage).getContainerClient("relata");
    const blobs = await Array.fromAsync(container.listBlobsFlat(), ({ name }) => name.split("/")[1] as string);
    const jobs = await Array.fromAsync(new Set(blobs), (id) => app.outside.readJob(id));
    expect(jobs).not.toContain(undefined);
  });
});

describe("the body's limit", () => {
  const text = JSON.stringify({ name: "padded" });
  const padded = (bytes: number) => text.padEnd(bytes, " ");

  test("a body of just that size is taken", async () => {
    expect((await generate(padded(LIMITS.bodyBytes))).status).toBe(202);
  });

  /** The pieces as a stream that would go on for ever; `taken` counts what was asked for. */
  function endless() {
    const counter = { taken: 0 };
    const body = new ReadableStream({
      pull(controller) {
        counter.taken++;
        controller.enqueue(Buffer.alloc(1024, " "));
      },
    });
    return { counter, body };
  }

  test.each([
    ["with its length", () => ({ body: padded(LIMITS.bodyBytes + 1), headers: { "content-length": "65537" } })],
    ["with a length that lies", () => ({ body: padded(LIMITS.bodyBytes + 1), headers: { "content-length": "5" } })],
    ["as a stream without length", () => ({ body: endless().body })],
  ])("a larger one is refused %s", async (_, ask) => {
    const answer = await app.call("POST", "/generate", ask());
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([413, "body-too-large"]);
    const detail = "The body is larger than the limit of 65536 bytes.";
    expect(answer.json).toEqual(problem(413, "Request too large", "body-too-large", detail));
  });

  test("a stream is read no further than the limit", async () => {
    const { body, counter } = endless();
    await app.call("POST", "/generate", { body });
    expect(counter.taken).toBeLessThan(70);
  });

  test("a stream in pieces that cut characters is read whole", async () => {
    const bytes = Buffer.from(JSON.stringify({ name: "é" }));
    const body = ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(faultsOf(await generate(body))).toMatchObject([{ pointer: "/name" }]);
  });
});
