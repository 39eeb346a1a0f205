/** The README's table of generators is made from the kinds themselves: `UPDATE_README=1` writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KINDS } from "../../src/generate/kinds.ts";
import { parameterSchema } from "../../src/http/json-schemas.ts";
import { ROOT } from "./source.ts";

const README = join(ROOT, "README.md");
const HEADER = "| kind | makes | parameters |";

/** A kind's parameters by name, those of all its alternatives. */
function parametersOf(kind: string): string[] {
  const schema = parameterSchema(kind, KINDS.get(kind) as never) as { anyOf?: object[]; oneOf?: object[] };
  const shapes = (schema.anyOf ?? schema.oneOf ?? [schema]) as { properties?: object }[];
  return [...new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

const lines = [...KINDS].map(([kind, { summary = "" }]) => {
  const names = parametersOf(kind).map((name) => `\`${name}\``);
  return `| \`${kind}\` | ${summary.replaceAll("|", "\\|")} | ${names.join(" ")} |`;
});
const table = [HEADER, "| --- | --- | --- |", ...lines].join("\n");

test("the README's table of generators is that of the kinds", () => {
  const text = readFileSync(README, "utf8");
  const [found = ""] = /^\| kind +\| makes [\s\S]*?(?=\n\n)/m.exec(text) ?? [];
  if (process.env.UPDATE_README)
    writeFileSync(
      README,
      text.replace(found, () => table),
    );
  // Spaces that line columns up are nobody's business.
  const plain = (rows: string) => rows.replace(/ +/g, " ").replace(/-+/g, "---");
  expect(plain(process.env.UPDATE_README ? table : found)).toBe(plain(table));
});

test("every kind says what it makes and shows an example", () => {
  expect([...KINDS].filter(([, { summary, example }]) => !summary || !example).map(([kind]) => kind)).toEqual([]);
});
