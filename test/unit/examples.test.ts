/**
 * What can be said of the examples before anything is made of them: they are requests, together they
 * use the whole vocabulary, and their SQL is SQL over the tables that a load makes.
 */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import { generateRequest } from "../../src/dataset/request.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { schemaDdl } from "../../src/load/ddl.ts";
import { sqlite } from "../../src/load/dialects/sqlite.ts";
import { withRows } from "../../src/plan/cut.ts";
import { readExamples } from "../support/examples.ts";

const examples = readExamples();

describe.each(examples.map((example) => [example.name, example] as const))("the example %s", (name, example) => {
  const { request, checks } = example;

  test("is a request that can be posted, whole and with its load", () => {
    expect(generateRequest.parse(request)).toMatchObject({ name: `example-${name}`, load: true, text: "faker" });
    expect(request).toMatchObject({ seed: expect.any(Number), referenceDate: "2026-01-01", schema: { name } });
  });

  test("explains itself: a title and a description of the schema, a title of every table, rules and indexes", () => {
    const { title, description, tables } = request.schema;
    expect([typeof title, typeof description]).toEqual(["string", "string"]);
    expect(tables.filter((table) => !table.title).map(({ name }) => name)).toEqual([]);
    expect(tables.filter((table) => table.rules).length).toBeGreaterThan(0);
    expect(tables.filter((table) => table.indexes).length).toBeGreaterThan(0);
  });

  test("of a million million rows a table is refused with faults, whatever depends on what is refused", () => {
    const { schema, seed = 1 } = request;
    const huge = withRows(schema, Object.fromEntries(schema.tables.map(({ name }) => [name, 10 ** 12])));
    expect(() => compileSchema(huge, seed, "2026-01-01")).toThrow(Unprocessable);
  });

  test("has SQL over its own tables, each of which some statement reads", () => {
    const db = new DatabaseSync(":memory:");
    for (const { create, indexes } of schemaDdl(request.schema, sqlite)) {
      for (const sql of [...create, ...indexes]) db.exec(sql);
    }
    for (const { sql, brokenBy } of checks) {
      expect(() => db.prepare(sql).all(), sql).not.toThrow();
      expect(brokenBy, sql).not.toBe("");
      expect(() => db.exec(`BEGIN; ${brokenBy}; ROLLBACK`), brokenBy).not.toThrow();
    }
    db.close();
    const words = new Set(checks.flatMap(({ sql }) => sql.split(/\W+/)));
    expect(request.schema.tables.map(({ name }) => name).filter((name) => !words.has(name))).toEqual([]);
    expect(checks.filter(({ title }) => title === "")).toEqual([]);
    expect(new Set(checks.map(({ sql }) => sql)).size).toBe(checks.length);
  });
});

test("together the examples use every kind, locale, law of children, pick and type there is", () => {
  const used = new Set<string>();
  const note = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) note(item, path);
    else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) note(item, `${path}/${key}`);
      return;
    }
    const [at = "", key = ""] = path.split("/").slice(-2);
    if (["kind", "type", "locale", "unit", "fn", "order", "part", "version"].includes(key)) {
      used.add(at === "children" || at === "pick" ? `${at} ${value}` : `${key} ${value}`);
    }
  };
  note(
    examples.map(({ request }) => request.schema),
    "",
  );
  const words = (key: string, list: string) => list.split(" ").map((word) => `${key} ${word}`);
  const vocabulary = [
    ...words("kind", "sequence uuid constant category boolean uniform normal lognormal exponential gamma beta poisson"),
    ...words("kind", "binomial zipf mixture date datetime time after before pattern person address company faker list"),
    ...words("kind", "lookup expression aggregate text when template"),
    ...words("type", "string integer number boolean date datetime time uuid"),
    ...words("children", "fixed range poisson geometric zipf histogram"),
    ...words("pick", "zipf weighted"),
    ...words("locale", "en_US en_GB de_DE fr_FR es_ES it_IT nl_NL"),
    ...words("unit", "days hours minutes seconds"),
    ...words("fn", "sum count min max"),
    ...words("order", "sample shuffle cycle"),
    ...words("version", "4 7"),
    ...words("part", "firstName lastName fullName email phone birthDate sex street city region postcode full name"),
    ...words("part", "domain catchPhrase"),
  ];
  expect(vocabulary.filter((word) => !used.has(word))).toEqual([]);
});
