/** Limits that a row is made again for, and texts that are made to fit. */
import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { cutToFit } from "../../src/generate/drafts/fit.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { cellsOf, engineOf, tableOf } from "../support/small-tables.ts";

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
