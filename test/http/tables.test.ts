import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, problem, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;
/** orders.csv as a whole, which the tests cut. */
let whole: Buffer;
let etag: string;

beforeAll(async () => {
  app = await startApp(folder);
  await app.make({ name: "shop", seed: 42, referenceDate: "2026-01-01" });
  const answer = await get();
  whole = answer.bytes;
  etag = answer.headers.etag as string;
});
afterAll(() => app.stop());

const get = (headers: Record<string, string> = {}, table = "orders"): Promise<Answer> =>
  app.call("GET", `/datasets/shop/${table}.csv`, { headers });

/** The headers of every answer that is no problem. */
function fileHeaders(more: object = {}): object {
  return {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="orders.csv"',
    "accept-ranges": "bytes",
    "cache-control": "no-cache",
    etag,
    ...more,
  };
}

test("the whole file: header, rows, LF, and its hash as strong ETag", async () => {
  const { tables } = (await app.call("GET", "/datasets/shop", { headers: { accept: "application/json" } })).json as {
    tables: Record<string, { sha256: string; bytes: number }>;
  };
  expect(etag).toBe(`"${tables.orders?.sha256}"`);
  const answer = await get();
  expect([answer.status, answer.headers]).toEqual([200, fileHeaders({ "content-length": String(whole.length) })]);
  expect(whole).toHaveLength(tables.orders?.bytes as number);
  const lines = whole.toString().split("\n");
  expect(lines[0]).toBe("order_id,customer_id,product_id,order_date,quantity,total_amount,status,shipping_address");
  expect(lines.slice(1, 31).map((line) => line.slice(0, 5))).toEqual(
    Array.from({ length: 30 }, (_, row) => `${3001 + row},`),
  );
  expect(lines.slice(31)).toEqual([""]);
});

test("HEAD tells what GET would, without the bytes", async () => {
  const answer = await app.call("HEAD", "/datasets/shop/orders.csv");
  expect([answer.status, answer.bytes.length]).toEqual([200, 0]);
  expect(answer.headers).toEqual(fileHeaders({ "content-length": String(whole.length) }));
});

test("HEAD has no ranges", async () => {
  const answer = await app.call("HEAD", "/datasets/shop/orders.csv", { headers: { range: "bytes=0-3" } });
  expect([answer.status, answer.headers]).toEqual([200, fileHeaders({ "content-length": String(whole.length) })]);
});

describe("Range", () => {
  test.each([
    ["the first bytes", "bytes=0-9", 0, 10],
    ["one byte", "bytes=0-0", 0, 1],
    ["some in the middle", "bytes=100-199", 100, 200],
    ["from a byte on", "bytes=2000-", 2000, undefined],
    ["the last bytes", "bytes=-25", -25, undefined],
    ["more than there are, from the end", "bytes=-999999", 0, undefined],
    ["further than there are", "bytes=5-999999", 5, undefined],
    ["in a unit of other case", "Bytes=3-4", 3, 5],
  ])("%s: %s", async (_, range, first, end) => {
    const answer = await get({ range });
    const part = whole.subarray(first, end);
    const offset = first < 0 ? whole.length + first : first;
    expect([answer.status, answer.headers]).toEqual([
      206,
      fileHeaders({
        "content-length": String(part.length),
        "content-range": `bytes ${offset}-${offset + part.length - 1}/${whole.length}`,
      }),
    ]);
    expect(answer.bytes).toEqual(part);
  });

  test.each([
    ["several ranges", "bytes=0-1,5-6"],
    ["a range that ends before it starts", "bytes=9-3"],
    ["another unit", "rows=0-3"],
    ["nothing", "bytes=-"],
    ["no numbers", "bytes=a-b"],
    ["half a range", "bytes=5"],
  ])("%s is ignored: %s", async (_, range) => {
    const answer = await get({ range });
    expect([answer.status, answer.headers]).toEqual([200, fileHeaders({ "content-length": String(whole.length) })]);
    expect(answer.bytes).toEqual(whole);
  });

  test.each([["beyond"], ["bytes=99999999999999999999-"], ["bytes=-0"]])("%s can't be had: 416", async (given) => {
    const range = given === "beyond" ? `bytes=${whole.length}-` : given;
    const answer = await get({ range });
    const detail = `The file has ${whole.length} bytes.`;
    expect([answer.status, answer.headers]).toEqual([
      416,
      {
        "content-range": `bytes */${whole.length}`,
        "content-type": "application/problem+json",
        "x-ms-error-code": "range-not-satisfiable",
      },
    ]);
    expect(answer.json).toEqual(problem(416, "Range not satisfiable", "range-not-satisfiable", detail));
  });

  test("If-Range gives the part of the same file, and the whole of any other", async () => {
    const range = "bytes=10-19";
    const same = await get({ range, "if-range": etag });
    expect([same.status, same.bytes]).toEqual([206, whole.subarray(10, 20)]);
    for (const other of ['"other"', `W/${etag}`, "Thu, 01 Jan 2026 00:00:00 GMT"]) {
      const answer = await get({ range, "if-range": other });
      expect([answer.status, answer.bytes]).toEqual([200, whole]);
    }
    expect((await get({ range: "bytes=999999-", "if-range": '"other"' })).status).toBe(200);
  });

  test("parts put together are the file", async () => {
    const parts = [];
    for (let first = 0; first < whole.length; first += 1000) {
      parts.push((await get({ range: `bytes=${first}-${first + 999}` })).bytes);
    }
    expect(Buffer.concat(parts)).toEqual(whole);
  });
});

describe("If-None-Match", () => {
  test.each([
    ["the same", () => etag],
    ["one of several", () => `"a", ${etag} ,"b"`],
    ["a weak one", () => `W/${etag}`],
    ["any", () => "*"],
  ])("%s: 304 without bytes", async (_, header) => {
    const headers = { "if-none-match": header() };
    for (const method of ["GET", "HEAD"]) {
      const answer = await app.call(method, "/datasets/shop/orders.csv", { headers });
      expect([answer.status, answer.bytes.length, answer.headers]).toEqual([304, 0, fileHeaders()]);
    }
  });

  test("another one: the file", async () => {
    expect((await get({ "if-none-match": '"other"' })).bytes).toEqual(whole);
  });

  test("it goes before Range", async () => {
    expect((await get({ "if-none-match": etag, range: "bytes=0-9" })).status).toBe(304);
    expect((await get({ "if-none-match": '"other"', range: "bytes=0-9" })).status).toBe(206);
  });
});

test.each([
  ["constructor", "constructor"],
  ["__proto__", "__proto__"],
  ["toString", "toString"],
  ["manifest", "manifest"],
  ["plan", "plan"],
  ["orders.csv", "orders.csv"],
  ["..%2Forders", "../orders"],
  ["orders%00", "orders\0"],
])("there is no table %s", async (given, name) => {
  const detail = `shop has no table ${name}; it has customers, products, orders.`;
  const answer = await get({}, given);
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([404, "table-not-found"]);
  expect(answer.json).toEqual(problem(404, "Not found", "table-not-found", detail));
});
