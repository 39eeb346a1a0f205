/** The lengths that the T-SQL types take for granted are those of the vocabularies, in every locale. */
import { expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { type Column, cellAt } from "../../src/generate/column.ts";
import { schemaDdl } from "../../src/load/ddl.ts";
import { tsql } from "../../src/load/dialects/tsql.ts";
import { columnOf, engineOf, tableOf } from "../support/small-tables.ts";

const LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL"];
const PARTS: Record<string, string[]> = {
  person: ["firstName", "lastName", "fullName", "email", "phone", "sex"],
  address: ["street", "city", "region", "postcode", "country", "full"],
  company: ["name", "email", "domain", "catchPhrase"],
};
const kinds = Object.entries(PARTS).flatMap(([kind, parts]) =>
  parts.flatMap((part) => LOCALES.map((locale) => [kind, part, locale] as const)),
);

/** The most characters of any cell: of each part the longest word there is, whichever rows draw it. */
function mostChars(column: Column): number {
  if (column.kind === "joined") return column.parts.reduce((sum, part) => sum + mostChars(part), 0);
  return column.kind === "numbers" ? 16 : column.vocabulary.longest;
}

test.each(kinds)("every %s %s of %s fits its column", (kind, part, locale) => {
  const field: Field = { name: "value", type: "string", generator: { kind, part, locale } };
  const table = tableOf("things", [field], { rows: 100 });
  const shape = schemaDdl({ name: "s", tables: [table] }, tsql("s"))[0]?.columns[1]?.shape;
  const column = columnOf(engineOf([table]), "things.value", 0, 100);
  const length = shape?.base === "nvarchar" ? Number(shape.length) : 0;
  expect(mostChars(column)).toBeGreaterThanOrEqual(String(cellAt(column, 0)).length);
  expect(length).toBeLessThan(4000);
  expect(mostChars(column)).toBeLessThanOrEqual(length);
});
