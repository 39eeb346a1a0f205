import fc from "fast-check";
import { expect, test } from "vitest";
import { readRows } from "../../src/generate/drafts/answer.ts";

/** What makes a scanner lose its way, above all where strings end and objects begin. */
const piece = fc.constantFrom(
  ...['"', "\\", "{", "}", "[", "]", ",", ":", "\n", "\u0001", "\u2028", "é", "🚲", "a b"],
  ...['{"i":1,"name":"x","note":"y"}', '"},{"i":2,', "```", "</think>", "\\u007b"],
);
const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
const row = fc.record({ name: text, note: text });
const twenty = fc.array(row, { minLength: 20, maxLength: 20 });
const FIELDS = ["name", "note"];

const read = (content: string, asked: Iterable<number>) => [
  ...readRows({ content, reasoning: "" }, FIELDS, [...asked]).rows,
];

test("twenty rows, cut at every single character, give just the rows that are whole", () => {
  fc.assert(
    fc.property(twenty, (rows) => {
      const written = rows.map((texts, i) => JSON.stringify({ i, ...texts }));
      const whole = `{"rows":[${written.join(",")}]}`;
      let end = '{"rows":['.length - 1;
      const ends = written.map((one) => {
        end += one.length + 1;
        return end;
      });
      for (let cut = 0; cut <= whole.length; cut++) {
        const complete = ends.filter((end) => end <= cut).length;
        const expected = rows.slice(0, complete).map((texts, i) => [i, texts]);
        const found = read(whole.slice(0, cut), rows.keys());
        // toEqual at each of some thousand cuts takes seconds.
        if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, `cut at ${cut}`).toEqual(expected);
      }
    }),
    { numRuns: 8 },
  );
});

test("a row with a quote too many costs no other row, whatever is in them", () => {
  const plain = fc.array(fc.constantFrom("a", "b c", "{", "}", ",", ":", "é"), { maxLength: 8 });
  const rows = fc.array(
    fc.tuple(
      plain.map((pieces) => pieces.join("")),
      fc.boolean(),
    ),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(rows, (rows) => {
      const written = rows.map(([note, isSound], i) => {
        const sound = JSON.stringify({ i, name: "n", note });
        return isSound ? sound : sound.replace('"n"', '"a 5" pipe"');
      });
      const found = read(`{"rows":[${written.join(",")}]}`, rows.keys());
      const sound = rows.flatMap(([note, isSound], i) => (isSound ? [[i, { name: "n", note }]] : []));
      expect(found).toEqual(sound);
    }),
    { numRuns: 1_000 },
  );
});

test("nothing that a server sends is too much", () => {
  const any = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    text,
    fc.json(),
    fc.json().map((json) => `\`\`\`json\n${json.slice(0, -1)}`),
  );
  fc.assert(
    fc.property(any, any, (content, reasoning) => {
      const { rows } = readRows({ content, reasoning }, FIELDS, [0, 1]);
      for (const [i, texts] of rows) expect([[0, 1].includes(i), Object.keys(texts)]).toEqual([true, FIELDS]);
    }),
    { numRuns: 2_000 },
  );
  expect(read("[".repeat(1_000_000), [0])).toEqual([]);
  expect(read(`{"rows":[{"i":0,"name":"a","note":"${"x".repeat(20_000_000)}`, [0])).toEqual([]);
});
