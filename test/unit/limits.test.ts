/** Limits that a row is made again for, and texts that are made to fit. */
import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { cutToFit } from "../../src/generate/drafts/fit.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { cellsOf, engineOf, faultsOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const ROWS = 2_000;
function made(field: Omit<Field, "name">, more: Field[] = []) {
  const engine = engineOf([tableOf("things", [...more, { name: "value", ...field }], { rows: ROWS })]);
  const { broken } = renderChunk(engine, 0, { first: 0, count: ROWS }, false);
  return { broken: Object.fromEntries(broken), cells: cellsOf(engine, "things.value", 0, ROWS) };
}

describe("a row that breaks a limit is made again", () => {
  test.each<[string, Omit<Field, "name">]>([
    [
      "a pattern",
      { type: "string", constraints: { maxLength: 6 }, generator: { kind: "pattern", pattern: "[a-z]{3,8}" } },
    ],
    [
      "faker",
      { type: "string", constraints: { maxLength: 40 }, generator: { kind: "faker", method: "lorem.sentence" } },
    ],
    [
      "a template",
      {
        type: "string",
        constraints: { maxLength: 4 },
        generator: {
          kind: "template",
          template: "x{{n}}",
          with: { n: { kind: "category", values: ["1", "22", "333", "4444"] } },
        },
      },
    ],
  ])("that is too long: %s", (_, field) => {
    const { broken, cells } = made(field);
    expect(broken).toEqual({});
    const longest = Math.max(...cells.map((cell) => String(cell).length));
    expect(longest).toBe(field.constraints?.maxLength);
  });

  test("that has no value where one is required", () => {
    const q: Field = { name: "q", type: "integer", generator: { kind: "uniform", min: 0, max: 3 } };
    const field = (required: boolean): Omit<Field, "name"> => ({
      type: "number",
      constraints: { required },
      generator: { kind: "expression", expr: "10 / q" },
    });
    expect(made(field(false), [q]).cells).toContain(null);
    const { broken, cells } = made(field(true), [q]);
    expect([broken, cells.includes(null)]).toEqual([{}, false]);
  });
});

describe("a text's fallback is made to fit", () => {
  test.each([
    ["sentences of a vocabulary", { kind: "faker", method: "lorem.sentence" }, 12],
    ["paragraphs", { kind: "faker", method: "lorem.sentences" }, 60],
    ["a template", { kind: "template", template: "Row {{id}} says this, and then says something more. And more." }, 30],
    ["a single long word", { kind: "constant", value: "x".repeat(50) }, 20],
  ])("%s", (_, fallback, maxChars) => {
    const { broken, cells } = made({ type: "string", generator: { kind: "text", prompt: "x", maxChars, fallback } });
    expect(broken).toEqual({});
    for (const cell of cells) {
      expect(String(cell).length).toBeLessThanOrEqual(maxChars);
      expect(String(cell)).not.toBe("");
    }
  });

  test.each([
    ["Fits.", 5, "Fits."],
    ["One here. Two here. Three", 20, "One here. Two here."],
    ["No end of a sentence here", 15, "No end of a"],
    ["Version 1.5 of the thing is out", 12, "Version 1.5"],
    ["word, and more", 6, "word"],
    ["abcdefgh", 3, "abc"],
    ["ab\u{1f600}", 3, "ab"],
  ])("%j in %i is %j", (text, most, expected) => {
    expect(cutToFit(text, most)).toBe(expected);
  });
});

test.each<[string, Omit<Field, "name">, string]>([
  [
    "a minimum above the maximum",
    { type: "integer", constraints: { minimum: 5, maximum: 3 }, generator: { kind: "uniform", min: 1, max: 9 } },
    "impossible-range /tables/0/fields/1/constraints/minimum",
  ],
  [
    "a range beyond the generator's",
    { type: "integer", constraints: { minimum: 25 }, generator: { kind: "uniform", min: 1, max: 20 } },
    "impossible-range /tables/0/fields/1/constraints/minimum",
  ],
  [
    "a range below the generator's",
    {
      type: "date",
      constraints: { maximum: "2019-12-31" },
      generator: { kind: "date", min: "2020-01-01", max: "2021-01-01" },
    },
    "impossible-range /tables/0/fields/1/constraints/maximum",
  ],
  [
    "an enum without a value",
    { type: "string", constraints: { enum: ["x"] }, generator: { kind: "category", values: ["a", "b"] } },
    "impossible-value /tables/0/fields/1/constraints/enum",
  ],
  [
    "a constant that is too long",
    { type: "string", constraints: { maxLength: 3 }, generator: { kind: "constant", value: "abcdef" } },
    "impossible-value /tables/0/fields/1/constraints/maxLength",
  ],
  [
    "a constant of another pattern",
    { type: "string", constraints: { pattern: "x" }, generator: { kind: "constant", value: "abcdef" } },
    "impossible-value /tables/0/fields/1/constraints/pattern",
  ],
])("%s is refused", (_, field, fault) => {
  expect(faultsOf([tableOf("things", [{ name: "value", ...field }])])).toEqual([fault]);
});

test.each(["internet.email", "phone.number", "git.commitEntry", "image.personPortrait"])(
  "faker's %s, which may be somebody's, is refused with a remedy",
  (method) => {
    const [fault] = fullFaultsOf([
      tableOf("things", [{ name: "value", type: "string", generator: { kind: "faker", method } }]),
    ]);
    expect(fault).toMatchObject({
      pointer: "/tables/0/fields/1/generator/method",
      message: expect.stringMatching(/use|person|image|git/),
    });
  },
);
