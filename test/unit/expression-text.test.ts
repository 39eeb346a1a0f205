import { describe, expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import type { Field } from "../../src/dataset/schema.ts";
import { evaluate, refused } from "../support/evaluate.ts";
import { cellsOf, columnOf, engineOf, tableOf } from "../support/small-tables.ts";

test.each([
  ["word + '-' + stamp", "red-x"],
  ["concat(word, ' ', two, ' ', price, ' ', rate)", "red 2 19.99 0.125"],
  ["concat(yes, ' ', day, ' ', at, ' ', noon)", "true 2024-02-28 2024-02-28T23:30:15.250Z 12:00:00"],
  ["concat(price * rate, '')", "2.49875"],
  ["concat(1 / 3 * rate * rate, '')", "0.005208328"],
  ["concat('', '')", ""],
  ["'a' + '2024-02-28'", "a2024-02-28"],
  ["'2024-02-28'", "2024-02-28"],
  ["mail + '!' + mail", "red.2@example.org!red.2@example.org"],
  ["upper(word)", "RED"],
  ["upper(mail)", "RED.2@EXAMPLE.ORG"],
  ["lower('ÀÉ')", "àé"],
  ["upper('straße')", "STRASSE"],
  ["trim('  a b ')", "a b"],
  ["left(word, 2)", "re"],
  ["left(word, 9)", "red"],
  ["left(word, -1)", ""],
  ["left(word, 1.5)", "re"],
  ["left(word, rate * 8)", "r"],
  ["concat(if(yes, day, at), ' ', if(yes, noon, '12:00:00.5'))", "2024-02-28T00:00:00.000Z 12:00:00.000"],
  ["right(word, 2)", "ed"],
  ["right(word, 0)", ""],
  ["right('a🚲b', 2)", "🚲b"],
  ["left('🚲🚲', 1)", "🚲"],
  ["substr(word, 2)", "ed"],
  ["substr(word, 2, 1)", "e"],
  ["substr(word, two, two)", "ed"],
  ["substr(word, 0, 2)", "r"],
  ["substr(word, -5)", "red"],
  ["substr(word, 1, 0)", ""],
  ["replace(mail, 'e', 'E')", "rEd.2@ExamplE.org"],
  ["replace('a.b.c', '.', '')", "abc"],
  ["replace(word, '', 'x')", "red"],
  ["replace('$&', '&', '$&')", "$$&"],
  ["padStart(two, 4, '0')", "0002"],
  ["padStart(two, 0, '0')", "2"],
  ["padStart(-price, 8)", "  -19.99"],
  ["padStart(9999, 5, 'ab')", "a9999"],
  ["padStart(10000, 5, '0')", "10000"],
  ["padStart(0.05, 6, '0')", "000.05"],
  ["concat(if(yes, 5, 0.25), '')", "5.00"],
  ["concat(datetime(day) + hours(1), '')", "2024-02-28T01:00:00Z"],
  ["concat(datetime(day) + hours(1.0), '')", "2024-02-28T01:00:00.000Z"],
  ["padStart(word, 6, '🚲-')", "🚲-🚲red"],
  ["if(no_word == 'x', 'a', 'b')", "b"],
  ["coalesce(no_word, word)", "red"],
  ["coalesce(no_word, mail)", "red.2@example.org"],
  ["no_word ?? 'none'", "none"],
  ["coalesce(null, no_word, '', word)", ""],
  ["isNull(no_word) ? 'gone' : no_word", "gone"],
  ["yes ? null : word", null],
  ["yes ? word : null", "red"],
])("%s is %j", (expr, result) => {
  expect(evaluate(expr, "string")).toBe(result);
});

test.each([
  ["length(word)", 3],
  ["length('')", 0],
  ["length('🚲')", 1],
  ["length(mail)", 17],
  ["length(left(mail, two)) * 10", 20],
])("%s is %i", (expr, result) => {
  expect(evaluate(expr, "integer")).toBe(result);
});

test.each([
  ["contains(mail, '@')", true],
  ["contains(word, 'D')", false],
  ["startsWith(mail, word)", true],
  ["startsWith(word, 'ed')", false],
  ["endsWith(word, 'ed')", true],
  ["endsWith(mail, word)", false],
  ["isNull(no_word)", true],
  ["isNull(word)", false],
  ["isNull(null)", true],
])("%s is %s", (expr, result) => {
  expect(evaluate(expr, "boolean")).toBe(result);
});

const colours: Field = {
  name: "colour",
  type: "string",
  nullRate: 0.2,
  generator: { kind: "category", values: ["red", "Blue", ""] },
};
const expression = (name: string, expr: string): Field => ({
  name,
  type: "string",
  generator: { kind: "expression", expr },
});

describe("a string is made once a word, not once a row", () => {
  test.each([
    ["upper(colour)", ["RED", "BLUE", ""]],
    ["replace(left(colour, 1), 'B', 'blue')", ["r", "blue", ""]],
    ["coalesce(lower(colour), 'none')", ["red", "blue", "", "none"]],
    ["if(colour == 'red', 'r', colour)", ["r", "red", "Blue", ""]],
  ])("%s has the words %j, in every block", (expr, words) => {
    const engine = engineOf([tableOf("things", [colours, expression("value", expr)])]);
    const columns = [0, 500].map((first) => columnOf(engine, "things.value", first, 300));
    expect(columns.map((column) => column.kind === "words" && column.vocabulary.words)).toEqual([words, words]);
    expect(engine.tables[0]?.generators[2]?.vocabulary?.words).toEqual(words);
  });

  test("and category takes them as its `by`", () => {
    const item: Field = {
      name: "item",
      type: "string",
      generator: { kind: "category", by: "big", values: { RED: ["r"], BLUE: ["b"], "": ["-"] } },
    };
    const engine = engineOf([
      tableOf("things", [{ ...colours, nullRate: 0 }, expression("big", "upper(colour)"), item]),
    ]);
    const items = cellsOf(engine, "things.item", 0, 300);
    expect(items).toEqual(
      cellsOf(engine, "things.colour", 0, 300).map((colour) => ({ red: "r", Blue: "b", "": "-" })[String(colour)]),
    );
  });

  test("a NULL stays one, and is not the empty string", () => {
    const engine = engineOf([tableOf("things", [colours, expression("value", "lower(colour)")])]);
    const given = cellsOf(engine, "things.colour", 0, 300);
    expect(cellsOf(engine, "things.value", 0, 300)).toEqual(given.map((word) => word && String(word).toLowerCase()));
    expect(new Set(given)).toEqual(new Set([null, "", "red", "Blue"]));
  });
});

test("a joined column needs no strings: its parts are numbers and words", () => {
  const engine = engineOf([
    tableOf("things", [colours, expression("value", "concat('N', padStart(id, 4, '0'), colour)")]),
  ]);
  const column = columnOf(engine, "things.value", 0, 10);
  expect(column.kind === "joined" && column.parts.map(({ kind }) => kind)).toEqual([
    "literal",
    "words",
    "numbers",
    "words",
  ]);
});

describe("strings can't grow without end", () => {
  const grown = `${"replace(".repeat(5)}word${", 'e', 'eeeeeeeeee')".repeat(5)}`;

  test("by replacing: known words are refused", () => {
    expect(refused(grown, "string")).toEqual([
      `overflow: "${grown}" makes a string of more than 100000 characters; shorten it.`,
    ]);
  });

  test("by replacing: others end the job", () => {
    expect(() => evaluate(grown.replace("word", "mail"), "string")).toThrow(JobFailure);
  });

  test("by fields that join each other", () => {
    // The longest word has 4 bytes, so that field k can have 4 x 2^k: 131,072 at k = 15.
    const doubled = Array.from({ length: 40 }, (_, i) => expression(`f${i + 1}`, `f${i} + f${i}`));
    const engine = engineOf([tableOf("things", [{ ...colours, name: "f0" }, ...doubled])]);
    expect(() => cellsOf(engine, "things.f40", 0, 1)).toThrow(
      '"f14 + f14" could take 131072 bytes, over 100000; join fewer fields.',
    );
  });

  test("by templates of each other", () => {
    const doubled = Array.from({ length: 40 }, (_, i): Field => {
      const generator = { kind: "template", template: `{{f${i}}}{{f${i}}}` };
      return { name: `f${i + 1}`, type: "string", generator };
    });
    const engine = engineOf([tableOf("things", [{ ...colours, name: "f0" }, ...doubled])]);
    expect(() => cellsOf(engine, "things.f40", 0, 1)).toThrow(
      '"{{f14}}{{f14}}" could take 131072 bytes, over 100000; join fewer fields.',
    );
  });
});
