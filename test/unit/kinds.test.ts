/**
 * Golden values of every generator kind, by seed 42 and 2026-01-01: `test/fixtures/kinds/<kind>.json`.
 *
 * They change only together with ENGINE_VERSION, since whoever asks again for the same dataset must
 * get the same bytes. After such a change, or for a new case (write its `field`), `UPDATE_GOLDEN=1`
 * writes the values anew, to be read in the diff.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { KINDS } from "../../src/generate/kinds.ts";
import { cellsOf, childOf, engineOf, tableOf } from "../support/small-tables.ts";

interface Golden {
  field: Omit<Field, "name">;
  /** More of the table `things` that the field stands in, and tables beside it. */
  things?: Partial<Table>;
  tables?: Table[];
  /** The first five cells. */
  values: unknown[];
  /** Of the first thousand cells as JSON. */
  sha256: string;
}

const FOLDER = new URL("../fixtures/kinds/", import.meta.url);
const files = readdirSync(FOLDER).map((name) => name.replace(/\.json$/, ""));
const parent = tableOf(
  "parent",
  [
    { name: "colour", type: "string", generator: { kind: "category", values: ["red", "blue"] } },
    { name: "day", type: "date", generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" } },
  ],
  { rows: 100 },
);
const { field: parentId, key } = childOf("parent");

function make({ field, things = {}, tables = [] }: Golden): Golden {
  const { fields = [], foreignKeys = [], ...more } = things;
  const table = tableOf("things", [parentId, ...fields, { name: "value", ...field }], {
    ...more,
    foreignKeys: [key, ...foreignKeys],
  });
  const cells = cellsOf(engineOf([parent, ...tables, table]), "things.value", 0, 1_000);
  const sha256 = createHash("sha256").update(JSON.stringify(cells)).digest("hex");
  const given = Object.keys(things).length > 0 ? { things } : {};
  return { field, ...given, ...(tables.length > 0 ? { tables } : {}), values: cells.slice(0, 5), sha256 };
}

describe.each(files)("%s", (kind) => {
  const file = new URL(`${kind}.json`, FOLDER);
  const goldens = JSON.parse(readFileSync(file, "utf8")) as Golden[];
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(goldens.map(make), null, 2)}\n`);

  test.each(goldens)("makes the bytes it always made: $field", (golden) => {
    expect(make(golden)).toEqual(process.env.UPDATE_GOLDEN ? make(golden) : golden);
  });

  test("has its example among them", () => {
    const example = KINDS.get(kind)?.example;
    if (example) expect(goldens.map(({ field }) => field)).toContainEqual(example);
  });
});

test("every kind has golden values", () => {
  expect(files.sort()).toEqual([...KINDS.keys()].sort());
});
