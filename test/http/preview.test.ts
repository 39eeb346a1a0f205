import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postPreview } from "../../src/http/preview.ts";
import { MODEL_LIMITS } from "../support/dispatcher.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, LIMITS, problem, read, requestOf, startApp } from "../support/world.ts";

interface Preview {
  seed: number;
  referenceDate: string;
  tables: Record<string, { fields: string[]; rows: unknown[][] }>;
}

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

const preview = (body?: unknown, query = ""): Promise<Answer> => app.call("POST", `/preview${query}`, { body });

const nobody = () => Promise.reject(new Error("No model is asked."));

/** The handler without storage, for tables larger than the app of these tests allows. */
const world = {
  now: () => new Date("2026-01-01"),
  newSeed: () => 1,
  readSaved: async () => undefined,
  hasModel: () => false,
  complete: nobody,
};
async function previewLarge(body: object, query: string): Promise<Preview["tables"]> {
  const handler = postPreview(world, {
    ...{ bodyBytes: 100_000, tableRows: 1_000, chunkRows: undefined },
    ...MODEL_LIMITS,
  });
  const answer = await read(await handler(requestOf("POST", `/preview${query}`, { body })));
  return (answer.json as Preview).tables;
}

/** Every type of field, with NULLs where there may be some. */
const TYPES = {
  name: "types",
  tables: [
    {
      name: "things",
      rows: 200,
      primaryKey: ["id"],
      fields: [
        { name: "id", type: "integer", generator: { kind: "sequence" } },
        { name: "price", type: "number", nullRate: 0.3, generator: { kind: "uniform", min: -1, max: 1 } },
        { name: "day", type: "date", nullRate: 0.3, generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" } },
        { name: "good", type: "boolean", generator: { kind: "category", values: [true, false] } },
        {
          name: "word",
          type: "string",
          nullRate: 0.3,
          generator: { kind: "category", values: ["=1+1", 'a "b", c', "é"] },
        },
      ],
    },
  ],
};

describe("the rows", () => {
  test("are those of the dataset that the same request makes, cell for cell", async () => {
    const request = { schema: TYPES, seed: 7, referenceDate: "2026-01-01" };
    const { tables } = (await preview({ name: "types", ...request })).json as Preview;
    await app.make({ name: "types", ...request });
    const csv = (await app.call("GET", "/datasets/types/things.csv")).bytes;
    // NULL is an empty cell without quotes.
    const cast = (text: string, { quoting }: { quoting: boolean }) => (text === "" && !quoting ? null : text);
    const [header, ...lines] = parse(csv, { cast }) as [string[], ...(string | null)[][]];
    expect(tables.things?.fields).toEqual(header);
    expect(tables.things?.rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))))).toEqual(lines);
    expect(lines).toHaveLength(200);
  });

  test("have integers as numbers, booleans as such, decimals and dates as exact text, NULL as null", async () => {
    const { tables } = (await preview({ schema: TYPES, seed: 7 })).json as Preview;
    const kinds = (place: number) =>
      new Set(tables.things?.rows.map((row) => (row[place] === null ? "null" : typeof row[place])));
    expect([0, 1, 2, 3, 4].map((place) => [...kinds(place)].sort())).toEqual([
      ["number"],
      ["null", "string"],
      ["null", "string"],
      ["boolean"],
      ["null", "string"],
    ]);
    for (const [, price, day] of tables.things?.rows ?? []) {
      expect(price ?? "0.00").toMatch(/^-?[01]\.\d\d$/);
      expect(day ?? "2025-01-01").toMatch(/^2025-\d\d-\d\d$/);
    }
  });

  test("of the default shop are there without a body, with the seed and date to ask for them again", async () => {
    const answer = await preview();
    const first = answer.json as Preview;
    expect([answer.status, answer.headers]).toEqual([200, { "content-type": "application/json" }]);
    expect(Object.entries(first.tables).map(([name, { rows }]) => [name, rows.length])).toEqual([
      ["customers", 20],
      ["products", 20],
      ["orders", 30],
    ]);
    const { seed, referenceDate } = first;
    expect((await preview({ seed, referenceDate })).json).toEqual(first);
  });
});

describe("limit and offset", () => {
  const rows = { customers: 1000, products: 1000, orders: 1000 };

  test("give any part, and nothing beyond the end", async () => {
    const body = { rows, seed: 3 };
    const whole = ((await preview(body)).json as Preview).tables.orders?.rows ?? [];
    expect(whole).toHaveLength(1000);
    for (const [query, first, end] of [
      ["?limit=10", 0, 10],
      ["?offset=990", 990, 1000],
      ["?offset=500&limit=2", 500, 502],
      ["?offset=1000", 1000, 1000],
      ["?offset=9007199254740991", 1000, 1000],
    ] as const) {
      const part = ((await preview(body, query)).json as Preview).tables;
      expect(part.orders?.rows).toEqual(whole.slice(first, end));
    }
  });

  test("a table of a thousand million rows is looked at anywhere, 1,000 rows at most", async () => {
    const billion = { customers: 1_000_000_000, products: 20, orders: 1_000_000_000 };
    const start = await previewLarge({ rows: billion, seed: 5 }, "");
    expect([start.customers?.rows.length, start.orders?.rows.length]).toEqual([1_000, 1_000]);
    const far = await previewLarge({ rows: billion, seed: 5 }, "?offset=900000000&limit=3");
    expect(far.customers?.rows.map(([id]) => id)).toEqual([900_001_001, 900_001_002, 900_001_003]);
    expect(far.orders?.rows.map(([id]) => id)).toEqual([900_003_001, 900_003_002, 900_003_003]);
    expect(far.products?.rows).toEqual([]);
  });

  test.each([
    ["?limit=0", "limit", "1 to 1000"],
    ["?limit=1001", "limit", "1 to 1000"],
    ["?limit=", "limit", "1 to 1000"],
    ["?limit=1e2", "limit", "1 to 1000"],
    ["?offset=-1", "offset", "0 to 9007199254740991"],
    ["?offset=1.5", "offset", "0 to 9007199254740991"],
    ["?offset=9007199254740992", "offset", "0 to 9007199254740991"],
  ])("%s is refused: 400", async (query, name, range) => {
    const answer = await preview({}, query);
    const detail = `${name} must be a whole number from ${range}.`;
    expect([answer.status, answer.json]).toEqual([400, problem(400, "Malformed request", `bad-${name}`, detail)]);
  });
});

describe("what is refused", () => {
  const codes = (answer: Answer) =>
    (answer.json as { errors: { pointer: string; code: string }[] }).errors.map(({ pointer, code }) => [pointer, code]);

  test("is refused as by POST /generate, all at once", async () => {
    const answer = await preview({ text: "model", rows: { customers: 10 ** 12 + 1, nobody: 1 }, seed: -1 });
    expect(answer.status).toBe(422);
    expect(codes(answer)).toEqual([
      ["/seed", "too-small"],
      ["/text", "no-model"],
      ["/rows/nobody", "unknown-table"],
      ["/rows/customers", "too-many-rows"],
    ]);
    expect((await preview("{")).status).toBe(400);
    expect((await preview(" ".repeat(LIMITS.bodyBytes + 1))).status).toBe(413);
  });

  test("values that can't be made are told for every table", async () => {
    const fields = [
      { name: "id", type: "integer", generator: { kind: "sequence" } },
      { name: "huge", type: "integer", generator: { kind: "expression", expr: "id * 9007199254740991" } },
    ];
    const tables = ["one", "two"].map((name) => ({ name, rows: 3, primaryKey: ["id"], fields }));
    const answer = await preview({ schema: { name: "own", tables } });
    expect([answer.status, ...codes(answer)]).toEqual([
      422,
      ["/schema/tables/0/fields/1/generator", "overflow"],
      ["/schema/tables/1/fields/1/generator", "overflow"],
    ]);
  });
});

test("nothing is created", async () => {
  const before = (await app.call("GET", "/jobs")).json;
  await preview({ name: "unmade" });
  expect((await app.call("GET", "/jobs")).json).toEqual(before);
  expect((await app.call("GET", "/datasets/unmade")).status).toBe(404);
});

test("rows that break a rule however often they are drawn come with a warning", async () => {
  const dice = { name: "dice", type: "integer", generator: { kind: "uniform", min: 1, max: 5 } };
  const id = { name: "id", type: "integer", generator: { kind: "sequence" } };
  const rules = [{ name: "high", expr: "dice > 7" }];
  const tables = [{ name: "throws", rows: 9, primaryKey: ["id"], fields: [id, dice], rules }];
  const { json } = await preview({ schema: { name: "game", tables } }, "?limit=4");
  const { warnings } = json as { warnings: { code: string; message: string }[] };
  expect(warnings).toMatchObject([
    { code: "broken-rule", message: expect.stringContaining("high by 4 of 4 rows (100 %)") },
  ]);
  expect((await preview()).json).not.toHaveProperty("warnings");
});
