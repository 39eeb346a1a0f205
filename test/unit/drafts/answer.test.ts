import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, readRows } from "../../../src/generate/drafts/answer.ts";

const rowsFrom = (content: string, asked = [0, 1, 2], reasoning = "") => {
  const { rows, isRepaired } = readRows({ content, reasoning }, ["note"], asked);
  return { rows: Object.fromEntries([...rows].map(([i, { note }]) => [i, note])), isRepaired };
};
const TWO = '{"rows":[{"i":0,"note":"a"},{"i":2,"note":"b"}]}';

describe("rows are read", () => {
  test.each([
    ["plain", TWO, false],
    ["a bare list", '[{"i":0,"note":"a"},{"i":2,"note":"b"}]', false],
    ["fenced", `\`\`\`json\n${TWO}\n\`\`\``, true],
    ["with prose around", `Here are the rows: ${TWO} I hope they fit.`, true],
    [
      "out of order, twice and uncalled for",
      '{"rows":[{"i":2,"note":"b"},{"i":7,"note":"x"},{"i":0,"note":"a"},{"i":0,"note":"c"}]}',
      false,
    ],
    ["with numbers as text", '{"rows":[{"i":"0","note":"a"},{"i":"2","note":"b"}]}', false],
    ["cut in the middle", `${TWO.slice(0, -2)},{"i":1,"note":"never fin`, true],
    [
      "a faulty row among good ones",
      '{"rows":[{"i":0,"note":"a"},{"i":1,"note":5},{"i":1},{"i":2,"note":"b"}]}',
      false,
    ],
    ["under another name", TWO.replace("rows", "data"), true],
    ["in a list of their own", `[${TWO}]`, true],
    ["after a lone quote in prose, cut", `For a 3" label: ${TWO.slice(0, -2)},{"i":1,"no`, true],
    ["around a row with a quote too many", TWO.replace("},{", '},{"i":1,"note":"5" wide"},{'), true],
    ["with a comma too many", TWO.replace("]", ",]"), true],
  ])("%s", (_, content, isRepaired) => {
    expect(rowsFrom(content)).toEqual({ rows: { 0: "a", 2: "b" }, isRepaired });
  });

  test("a single row, and paragraphs as a list", () => {
    expect(rowsFrom('{"i":1,"note":["First.","Second."]}').rows).toEqual({ 1: "First.\n\nSecond." });
  });

  test("of fields that are called as a line's own keys are, the row's number among them", () => {
    const content = '{"rows":[{"i":1,"_i":"a","_tone":"b"},{"i":2,"tone":"c"}]}';
    const { rows } = readRows({ content, reasoning: "" }, ["i", "tone"], [1, 2]);
    expect([...rows]).toEqual([[1, { i: "a", tone: "b" }]]);
  });

  test("with line breaks that JSON doesn't allow, as blanks", () => {
    expect(rowsFrom('{"rows":[{"i":0,"note":"First.\nSecond."},{"i":1,"note":"c"}]}').rows).toEqual({
      0: "First. Second.",
      1: "c",
    });
  });

  test("from what was thought, only where nothing was said", () => {
    expect(rowsFrom(" ", [0, 2], TWO)).toEqual({ rows: { 0: "a", 2: "b" }, isRepaired: true });
    expect(rowsFrom("Sorry.", [0, 2], TWO).rows).toEqual({});
  });

  test.each(["", "null", "[]", "{}", '{"rows":{}}', "<html></html>", "}{", '{"rows":[null,3,"x"]}'])(
    "nothing from %j",
    (content) => {
      expect(rowsFrom(content).rows).toEqual({});
    },
  );
});

test("an answer cut anywhere gives just the rows that are whole", () => {
  const nasty = ['"', "\\", "{", "}", "[", "]", ",", ":", "é", "\n", "\u0001", "a b"];
  const note = fc.array(fc.constantFrom(...nasty), { maxLength: 12 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(
      fc.array(note, { minLength: 1, maxLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (notes, share) => {
        const rows = notes.map((note, i) => JSON.stringify({ i, note }));
        const whole = `{"rows":[${rows.join(",")}]}`;
        const cut = Math.floor(share * whole.length);
        let end = '{"rows":['.length;
        const complete = rows.filter((row) => {
          end += row.length + 1;
          return end - 1 <= cut;
        }).length;
        const { rows: found } = readRows({ content: whole.slice(0, cut), reasoning: "" }, ["note"], [...notes.keys()]);
        expect([...found]).toEqual(notes.slice(0, complete).map((note, i) => [i, { note }]));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a document is found within fences and prose", () => {
  expect(readJson('Sure:\n```json\n{"a":[1]}\n```\nDone.')).toEqual({ a: [1] });
  expect(readJson("none at all")).toBeUndefined();
});
