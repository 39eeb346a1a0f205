import { expect, test } from "vitest";
import { schemaDocument } from "../../src/dataset/schema.ts";
import { dataPackage } from "../../src/worker/data-package.ts";
import { manifestOf } from "../support/load-fixtures.ts";

const schema = schemaDocument.parse({
  name: "people",
  title: "People",
  description: "Who leads whom.",
  tables: [
    {
      name: "people",
      primaryKey: ["team", "number"],
      uniqueKeys: [["token"]],
      foreignKeys: [
        { fields: ["team", "boss"], reference: { resource: "", fields: ["team", "number"] }, nullRate: 0.1, depth: 4 },
        { fields: ["mentor"], reference: { resource: "people", fields: ["token"] }, nullRate: 0.5 },
        { fields: ["team"], reference: { resource: "teams", fields: ["id"] }, children: { kind: "fixed", n: 1 } },
      ],
      fields: [
        { name: "team", type: "string", constraints: { pattern: "[A-Z]{2}" }, generator: { kind: "uuid" } },
        { name: "number", type: "integer", constraints: { minimum: 1, pattern: "\\d+" } },
        { name: "boss", type: "integer", constraints: { pattern: "\\d+" } },
        { name: "token", type: "uuid", title: "Token", constraints: { required: true } },
        { name: "mentor", type: "uuid" },
        { name: "since", type: "datetime", scale: 3 },
        { name: "starts", type: "time", description: "Start of the working day." },
      ],
    },
    { name: "teams", primaryKey: ["id"], fields: [{ name: "id", type: "string" }] },
  ],
});

/** Hand-made after the Data Package Standard 2.0: a self reference has no resource, a pattern is for strings. */
test("the package describes keys, self references and types as version 2 of the standard has them", () => {
  const files = { people: "team,number,boss,token,mentor,since,starts\n", teams: "id\n" };
  const { resources, ...head } = dataPackage(manifestOf(files, schema)) as { resources: Record<string, unknown>[] };
  expect(head).toEqual({
    $schema: "https://datapackage.org/profiles/2.0/datapackage.json",
    name: "shop-demo",
    title: "People",
    description: "Who leads whom.",
    created: "2026-01-01T00:00:00.000Z",
  });
  expect(resources.map(({ name, path }) => [name, path])).toEqual([
    ["people", "people.csv"],
    ["teams", "teams.csv"],
  ]);
  expect(resources[0]?.schema).toEqual({
    fields: [
      { name: "team", type: "string", constraints: { pattern: "[A-Z]{2}" } },
      { name: "number", type: "integer", constraints: { minimum: 1 } },
      { name: "boss", type: "integer" },
      { name: "token", type: "string", format: "uuid", title: "Token", constraints: { required: true } },
      { name: "mentor", type: "string", format: "uuid" },
      { name: "since", type: "datetime" },
      { name: "starts", type: "time", description: "Start of the working day." },
    ],
    primaryKey: ["team", "number"],
    uniqueKeys: [["token"]],
    foreignKeys: [
      { fields: ["team", "boss"], reference: { fields: ["team", "number"] } },
      { fields: ["mentor"], reference: { fields: ["token"] } },
      { fields: ["team"], reference: { resource: "teams", fields: ["id"] } },
    ],
    missingValues: [""],
  });
});
