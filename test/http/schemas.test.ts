import { expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import { schemaDocument } from "../../src/dataset/schema.ts";
import { answering } from "../../src/http/problem.ts";
import { getSchema, listSchemas } from "../../src/http/schemas.ts";
import { contextOf, problem, read, requestOf } from "../support/world.ts";

const get = async (handler: Parameters<typeof answering>[0], path: string) =>
  read((await answering(handler)(requestOf("GET", path), contextOf("test"))) as object);

const JSON_HEADERS = { "content-type": "application/json" };

test("GET /schemas lists every preset as a document that is valid", async () => {
  const answer = await get(listSchemas, "/schemas");
  expect([answer.status, answer.headers]).toEqual([200, JSON_HEADERS]);
  expect(answer.json).toEqual({ value: [...PRESETS.values()] });
  const { value } = answer.json as { value: { name: string }[] };
  expect(value.map((document) => schemaDocument.parse(document).name)).toEqual(["ecommerce"]);
});

test("GET /schemas/{name} is one of them", async () => {
  const answer = await get(getSchema, "/schemas/ecommerce");
  expect([answer.status, answer.headers, answer.json]).toEqual([200, JSON_HEADERS, PRESETS.get("ecommerce")]);
});

test.each(["library", "Ecommerce", "__proto__", "constructor", "a%2Fb"])("there is no schema %s", async (name) => {
  const answer = await get(getSchema, `/schemas/${name}`);
  const detail = "There is no schema of this name; GET /schemas lists them.";
  expect([answer.status, answer.headers]).toEqual([
    404,
    { "content-type": "application/problem+json", "x-ms-error-code": "schema-not-found" },
  ]);
  expect(answer.json).toEqual(problem(404, "Not found", "schema-not-found", detail));
});
