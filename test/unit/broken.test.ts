import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { tellBroken } from "../../src/generate/broken.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { engineFor, integer, oneOf, placeOf, refer, rowsOf, sequence, table } from "../support/relations.ts";

const id = integer("id", sequence());
const text = (name: string, generator: Field["generator"], more: Partial<Field> = {}): Field => ({
  name,
  type: "string",
  ...(generator ? { generator } : {}),
  ...more,
});
const one = (fields: Field[], ...exprs: string[]) =>
  table("t", 200, [id, ...fields], { rules: exprs.map((expr, i) => ({ name: `rule${i}`, expr })) });

/** What is said of all rows of `t`. */
function told(tables: Table[]): string {
  const engine = engineFor(tables);
  const range = { first: 0, count: rowsOf(engine, "t").length };
  const { broken } = renderChunk(engine, placeOf(engine, "t"), range, false);
  return tellBroken(engine, placeOf(engine, "t"), range, broken);
}

const parent = table("a", 20, [id, oneOf("v", 1, 3)]);
const junction = table("t", 150, [integer("a_id"), integer("b_id")], {
  key: "a_id b_id",
  foreignKeys: [refer("a_id", "a", "id"), refer("b_id", "b", "id")],
  rules: [{ name: "rule0", expr: "a.v != b.v" }],
});
const fixed = "and what it reads stays the same however often they are drawn";
const drawn = "however often they are drawn; loosen the rule";

describe("rows that drawing again can't mend say so", () => {
  test.each<[string, Table[]]>([
    ["about a person's sex", [one([text("f", { kind: "person", part: "sex" })], "f == 'female'")]],
    ["about a person's name", [one([text("f", { kind: "person", part: "lastName" })], "length(f) < 8")]],
    ["about a list in its order", [one([text("f", { kind: "list", values: ["a", "b"], order: "cycle" })], "f != 'a'")]],
    ["about a shuffled list", [one([integer("f", { kind: "list", values: [1, 2, 3], order: "shuffle" })], "f != 2")]],
    ["about a constant", [one([integer("f", { kind: "constant", value: 3 })], "f != 3")]],
    [
      "about a unique field",
      [one([integer("f", { kind: "uniform", min: 1, max: 5_000 }, { constraints: { unique: true } })], "f > 100")],
    ],
    ["about the key", [one([], "id > 3")]],
    ["about the parents of a junction", [parent, { ...parent, name: "b" }, junction]],
  ])("%s", (_, tables) => {
    expect(told(tables)).toMatch(new RegExp(`^t breaks rule0 by \\d+ of \\d+ rows \\([0-9.]+ %\\), ${fixed}`));
  });

  test("in a field's own limits", () => {
    const sex = text("f", { kind: "person", part: "sex" }, { constraints: { enum: ["female"] } });
    const male = rowsOf(engineFor([one([sex])]), "t").filter(({ f }) => f === "male").length;
    expect(told([one([sex])])).toContain(`t breaks f by ${male} of 200 rows (${male / 2} %), ${fixed}`);
  });
});

test("rules that other draws could keep, but did not, are told apart, each with its rows", () => {
  expect(told([one([oneOf("x", 1, 5)], "x + id > 7")])).toBe(
    `t breaks rule0 by 2 of 200 rows (1 %), ${drawn}, or choose generators that keep it more often.`,
  );
  const both = told([one([oneOf("x", 1, 5)], "x + id > 7", "id != 50", "id != 60", "x < 9")]);
  expect(both).toContain(`rule0 by 2 of 200 rows (1 %), ${drawn}`);
  expect(both).toContain(`rule1 by 1 of 200 rows (0.5 %), rule2 by 1 of 200 rows (0.5 %), ${fixed}`);
  expect(both).not.toContain("rule3");
});

test("so are rules about children, for which no row is made again", () => {
  const n = integer("n", { kind: "aggregate", of: "c", via: "t", fn: "count" });
  const child = table("c", undefined, [id, integer("t_id")], {
    foreignKeys: [refer("t_id", "t", "id", { children: { kind: "range", min: 0, max: 3 } })],
  });
  expect(told([one([n], "n > 1"), child])).toContain("no row is made again for what its children are");
});
