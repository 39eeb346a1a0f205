import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { type Answer, type App, LIMITS, ORIGIN, problem, startApp } from "../support/world.ts";

const folder = tempFolder();
let app: App;

beforeAll(async () => {
  app = await startApp(folder);
});
afterAll(() => app.stop());

const CSV = { "content-type": "text/csv; charset=utf-8" };
const get = (name: string, headers: Record<string, string> = {}) => app.call("GET", `/lists/${name}`, { headers });
const put = (name: string, body: unknown, headers: Record<string, string> = {}) =>
  app.call("PUT", `/lists/${name}`, { body, headers });
const NO_LIST = problem(404, "Not found", "list-not-found", "There is no list of this name; GET /lists lists them.");

/** Pointer and code of each fault of a 422. */
function faultsOf({ status, json }: Answer): [string, string][] {
  expect(status).toBe(422);
  return (json as { errors: { pointer: string; code: string }[] }).errors.map(({ pointer, code }) => [pointer, code]);
}

describe("what is stored", () => {
  test("CSV: a header line, quotes, blank lines left out, empty cells null and empty texts texts", async () => {
    const text = '\uFEFFname,hex\r\nred,#f00\r\n"light, ""blue""",\r\n\r\n"",#000\r\n';
    const answer = await put("colours", text, CSV);
    const rows = [
      ["red", "#f00"],
      ['light, "blue"', null],
      ["", "#000"],
    ];
    const list = { name: "colours", fields: ["name", "hex"], rows };
    expect([answer.status, answer.headers.location, answer.json]).toEqual([201, `${ORIGIN}/lists/colours`, list]);
    const read = await get("colours");
    expect([read.status, read.headers.etag, read.json]).toEqual([200, answer.headers.etag, list]);
    expect((await get("colours", { "if-none-match": read.headers.etag as string })).status).toBe(304);
  });

  test.each<[string, unknown, string[], unknown[][]]>([
    ["values", [1, "a", true], ["value"], [[1], ["a"], [true]]],
    [
      "objects",
      [{ a: 1 }, { b: "x", a: null }],
      ["a", "b"],
      [
        [1, null],
        [null, "x"],
      ],
    ],
    [
      "names that every object inherits",
      [{ toString: 1 }, { a: 2 }],
      ["toString", "a"],
      [
        [1, null],
        [null, 2],
      ],
    ],
  ])("JSON: an array of %s", async (_, body, fields, rows) => {
    expect((await put("some", JSON.stringify(body))).json).toEqual({ name: "some", fields, rows });
  });

  test("it is replaced and deleted under conditions", async () => {
    const first = await put("changing", ["a"], { "if-none-match": "*" });
    expect(first.status).toBe(201);
    expect((await put("changing", ["b"], { "if-none-match": "*" })).status).toBe(412);
    expect((await put("changing", ["b"], { "if-match": first.headers.etag as string })).status).toBe(200);
    const remove = (headers: Record<string, string>) => app.call("DELETE", "/lists/changing", { headers });
    expect((await remove({ "if-match": first.headers.etag as string })).status).toBe(412);
    expect((await remove({})).status).toBe(204);
    expect((await remove({})).json).toEqual(NO_LIST);
    expect((await get("changing")).json).toEqual(NO_LIST);
    expect((await get("a%2Fb")).json).toEqual(NO_LIST);
  });

  test("names are listed in parts", async () => {
    for (const name of ["zebra", "ant"]) await put(name, ["x"]);
    const first = (await app.call("GET", "/lists?limit=1")).json as { value: object[]; nextLink: string };
    expect(first.value).toEqual([{ name: "ant" }]);
    const rest = (await app.call("GET", first.nextLink.slice(ORIGIN.length).replace("limit=1", "limit=200"))).json;
    expect((rest as { value: object[] }).value).toContainEqual({ name: "zebra" });
    expect((rest as { value: object[] }).value).not.toContainEqual({ name: "ant" });
  });
});

describe("what is refused", () => {
  test.each([
    ["an object", "{}", "", "invalid-type"],
    ["nothing in it", "[]", "", "empty-list"],
    ["an array in it", '["a", ["b"]]', "/1", "invalid-type"],
    ["NULL among values", '["a", null]', "/1", "invalid-type"],
    ["an object that is not flat", '[{"a/b": {}}]', "/0/a~1b", "invalid-type"],
    ["values among objects", '[{"a": 1}, 2]', "/1", "invalid-type"],
    ["a key without a name", '[{"": 1}]', "", "invalid-type"],
  ])("JSON with %s: 422", async (_, body, pointer, code) => {
    expect(faultsOf(await put("bad", body))).toEqual([[pointer, code]]);
    expect((await get("bad")).status).toBe(404);
  });

  test.each([["a,b\n1\n"], ['a\n"open\n'], ["a,a\n1,2\n"], ["a,\n1,2\n"]])("no CSV, %o: 400", async (body) => {
    const answer = await put("bad", body, CSV);
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "malformed-csv"]);
  });

  test("a header without values, a name that can be none, too much of it", async () => {
    expect(faultsOf(await put("bad", "a\n", CSV))).toEqual([["", "empty-list"]]);
    expect(faultsOf(await put("a-b", ["x"]))).toEqual([["", "bad-name"]]);
    const answer = await put("bad", "red,#f00");
    expect(answer.headers["x-ms-error-code"]).toBe("malformed-json");
    expect((answer.json as { detail: string }).detail).toMatch(
      /^The body is not JSON: .+\. A list as CSV needs the header Content-Type: text\/csv\.$/,
    );
    expect((await put("bad", " ".repeat(LIMITS.bodyBytes + 1))).status).toBe(413);
  });
});

/** A document with one field, drawn from a list. */
function document(generator: object, type = "string"): { name: string; tables: object[] } {
  const fields = [
    { name: "id", type: "integer", generator: { kind: "sequence" } },
    { name: "value", type, generator },
  ];
  return { name: "own", tables: [{ name: "things", rows: 50, primaryKey: ["id"], fields }] };
}

describe("a generator with from", () => {
  const preview = (body: object) => app.call("POST", "/preview", { body });
  const valuesOf = (answer: Answer) =>
    (answer.json as { tables: { things: { rows: unknown[][] } } }).tables.things.rows.map(([, value]) => value);

  test("makes what the same one with the values makes, also inside another generator", async () => {
    await put("shades", "name,size\nlight,1\ndark,2\n,3\n", CSV);
    const same = async (given: object, plain: object, type?: string) => {
      const [a, b] = await Promise.all([given, plain].map((one) => preview({ seed: 4, schema: document(one, type) })));
      expect(valuesOf(a as Answer)).toEqual(valuesOf(b as Answer));
      return new Set(valuesOf(a as Answer));
    };
    const listed = { kind: "category", from: "shades", field: "name" };
    const plain = { kind: "category", values: ["light", "dark"] };
    expect(await same(listed, plain)).toEqual(new Set(["light", "dark"]));
    const text = { kind: "text", prompt: "x" };
    await same({ ...text, fallback: listed }, { ...text, fallback: plain });
    const sizes = { kind: "category", from: "shades", field: "size" };
    expect(await same(sizes, { kind: "category", values: [1, 2, 3] }, "integer")).toEqual(new Set([1, 2, 3]));
  });

  test("leaves the values in the plan, so that neither a changed nor a deleted list changes the dataset", async () => {
    await put("fruit", ["apple", "pear"]);
    const schema = document({ kind: "category", from: "fruit" });
    expect(await app.make({ name: "eaten", schema })).toMatchObject({ status: "Succeeded" });
    const manifest = async () =>
      (await app.call("GET", "/datasets/eaten", { headers: { accept: "application/json" } })).json as {
        schema: object;
      };
    const kept = document({ kind: "category", values: ["apple", "pear"] });
    expect((await manifest()).schema).toEqual(kept);
    await app.call("DELETE", "/lists/fruit");
    expect((await app.call("GET", "/datasets/eaten/tables/things/rows")).status).toBe(200);
    expect(faultsOf(await preview({ schema }))).toEqual([["/schema/tables/0/fields/1/generator/from", "unknown-list"]]);
  });

  test("stays a name in a saved schema, which then follows the list", async () => {
    await put("pets", ["cat"]);
    const schema = { ...document({ kind: "category", from: "pets" }), name: "pet_shop" };
    expect((await app.call("PUT", "/schemas/pet_shop", { body: schema })).status).toBe(201);
    expect((await app.call("GET", "/schemas/pet_shop")).json).toEqual(schema);
    await put("pets", ["dog"]);
    expect(valuesOf(await preview({ preset: "pet_shop" }))[0]).toBe("dog");
    await app.call("DELETE", "/lists/pets");
    expect(faultsOf(await preview({ preset: "pet_shop" }))).toEqual([["/preset", "unknown-list"]]);
  });

  test.each([
    [{ from: "nothing" }, "/from", "unknown-list"],
    [{ from: "a/b" }, "/from", "unknown-list"],
    [{ from: "wide" }, "", "missing-field"],
    [{ from: "wide", field: "c" }, "/field", "unknown-field"],
    [{ from: "wide", field: "b" }, "/from", "empty-list"],
    [{ from: "wide", field: "a", values: ["x"] }, "/values", "two-lists"],
  ])("%o is refused with all else that is wrong", async (parameters, pointer, code) => {
    await put("wide", [{ a: "x", b: null }]);
    const schema = document({ kind: "category", ...parameters });
    const at = "/schema/tables/0/fields/1/generator";
    expect(faultsOf(await preview({ schema, seed: -1 }))).toEqual([
      ["/seed", "too-small"],
      [at + pointer, code],
    ]);
    const both = document({ kind: "text", prompt: "{{nobody}}", fallback: { kind: "category", ...parameters } });
    expect(faultsOf(await preview({ schema: both }))).toEqual([
      [`${at}/fallback${pointer}`, code],
      [`${at}/prompt`, "unknown-field"],
    ]);
  });

  test("values that don't fit the field are told like any others", async () => {
    await put("words", ["one"]);
    const answer = await preview({ schema: document({ kind: "category", from: "words" }, "integer") });
    expect(faultsOf(answer).map(([, code]) => code)).toEqual(["type-mismatch"]);
  });

  test("lists that add up to more than a schema holds are refused", async () => {
    await put("long", "v\n".repeat(30_001), CSV);
    const field = (n: number) => ({ name: `f${n}`, type: "string", generator: { kind: "category", from: "long" } });
    const fields = [
      { name: "id", type: "integer", generator: { kind: "sequence" } },
      ...Array.from({ length: 34 }, (_, n) => field(n)),
    ];
    const schema = { name: "own", tables: [{ name: "things", rows: 1, primaryKey: ["id"], fields }] };
    expect(faultsOf(await preview({ schema }))).toEqual([["/schema/tables", "too-many-values"]]);
  });
});
