import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellAt } from "../../../src/generate/column.ts";
import { parsePattern } from "../../../src/generate/pattern/parse.ts";
import { partsOf } from "../../../src/generate/pattern/parts.ts";
import {
  cellsOf,
  cellsOfField,
  chiSquare,
  columnOf,
  engineOf,
  fullFaultsOf,
  tableOf,
  tally,
} from "../../support/small-tables.ts";

const field = (pattern: string, type: Field["type"] = "string"): Field => {
  return { name: "value", type, generator: { kind: "pattern", pattern } };
};
const cells = (pattern: string, count = 1_000) => cellsOfField(field(pattern), count).map(String);
const engineFor = (pattern: string) => engineOf([tableOf("things", [field(pattern)])]);
const deckOf = (pattern: string) => engineFor(pattern).tables[0]?.generators[1]?.deck;
/** How many parts a value has. */
const widthOf = (pattern: string) => {
  const column = columnOf(engineFor(pattern), "things.value", 0, 1);
  return column.kind === "joined" ? column.parts.length : 1;
};

/** Shares of the outcomes within five standard deviations of 20,000 draws. */
function expectEven(pattern: string, key: (cell: string) => unknown, outcomes: readonly unknown[]): void {
  const counts = tally(cells(pattern, 20_000).map(key));
  const share = 1 / outcomes.length;
  expect(new Set(counts.keys())).toEqual(new Set(outcomes));
  for (const count of counts.values()) {
    expect(Math.abs(count / 20_000 - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / 20_000));
  }
}

describe("a pattern", () => {
  test("draws each character of a class equally often, at every place on its own", () => {
    const drawn = cells("[A-Z]{3}-\\d{5}", 50_000);
    for (const place of [0, 1, 2]) {
      expect(
        chiSquare(
          drawn.map((cell) => cell.charCodeAt(place) - 65),
          26,
        ),
      ).toBeLessThan(61);
    }
    for (const place of [4, 5, 6, 7, 8])
      expect(
        chiSquare(
          drawn.map((cell) => Number(cell[place])),
          10,
        ),
      ).toBeLessThan(34);
    // Neighbours in one list, and on both sides of the seam between two.
    for (const place of [4, 5, 6, 7]) {
      expect(
        chiSquare(
          drawn.map((cell) => Number(cell.slice(place, place + 2))),
          100,
        ),
      ).toBeLessThan(161.3);
    }
  });

  test("draws branches and numbers of repeats evenly, however many texts are behind each", () => {
    expectEven("a|[b-z]{2}", (cell) => cell.length, [1, 2]);
    expectEven("\\d{8}|[A-Z]{9}|x", (cell) => cell.length, [1, 8, 9]);
    expectEven("[A-Z]{1,3}", (cell) => cell.length, [1, 2, 3]);
    expectEven("[A-Z]{2,11}", (cell) => cell.length, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expectEven("(?:[A-Z]{5}){1,4}", (cell) => cell.length, [5, 10, 15, 20]);
  });

  test("ends * and + after 8 times, and {m,} there or at m", () => {
    expectEven("x*", (cell) => cell.length, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expectEven("x+", (cell) => cell.length, [1, 2, 3, 4, 5, 6, 7, 8]);
    expectEven("x{7,}", (cell) => cell.length, [7, 8]);
    expectEven("x{12,}", (cell) => cell.length, [12]);
  });

  test("has the characters that JavaScript gives each class, as far as they are printable ASCII", () => {
    const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
    const sets: [string, RegExp][] = [
      [".", /./],
      ["\\w", /\w/],
      ["\\W", /\W/],
      ["\\D", /\D/],
      ["\\S", /\S/],
      ["\\s", /\s/],
      ["[^a-z\\d]", /[^a-z\d]/],
      ["[\\s\\S]", /[\s\S]/],
      ["[\\]\\-^a]", /[\]\-^a]/],
    ];
    for (const [pattern, set] of sets) {
      expect([...new Set(cells(pattern, 3_000))].sort()).toEqual(printable.filter((one) => set.test(one)).sort());
    }
  });

  test("keeps literals, escapes and letters beyond ASCII; an empty one is an empty string", () => {
    expect(cells("a\\.b\\\\\\/\\u00e9\\x41ß\\(東\\)", 1)).toEqual(["a.b\\/éAß(東)"]);
    expect(cells('\\t,"', 1)).toEqual(['\t,"']);
    expect(cells("^$", 1)).toEqual([""]);
    expect(cells("(?:){100}a{0}", 1)).toEqual([""]);
  });

  test("ignores the anchors at its ends, in every branch", () => {
    expect([...tally(cells("^(?<kind>ab)$")).keys()]).toEqual(["ab"]);
    expect([...tally(cells("^a|b$")).keys()].sort()).toEqual(["a", "b"]);
  });

  test("multiplies out what is small: the number of parts is what a cell costs", () => {
    expect(widthOf("(?:DE|AT|CH)[1-9]\\d\\d")).toBe(1);
    expect(widthOf("SKU-\\d{3}")).toBe(1);
    expect(widthOf("[A-Z]{2}-\\d{4}")).toBe(3);
    expect(widthOf("[A-Z]{1,3}")).toBe(2);
    expect(widthOf("\\d{12}")).toBe(4);
    expect(widthOf("[a-f\\d]{32}")).toBe(11);
    expect(widthOf("[a-z]{0,99}")).toBe(50);
  });

  test("makes lists of no more words than fit, whatever it looks like", () => {
    for (const pattern of [
      ".{99}.{99}",
      "[ -z]{3}[!-~]{97}[!-~]{97}",
      "(?:\\w{9}|\\d{5}x?){1,9}",
      "[^a]{0,100}|[^b]{100}",
      "(?:a?){100}",
    ]) {
      const { parts } = partsOf(parsePattern(pattern));
      // One more is the empty word of a part that isn't always there.
      expect(Math.max(...parts.map(({ words }) => words.length))).toBeLessThanOrEqual(4_097);
    }
  });
});

describe("the deck of a pattern", () => {
  test.each([
    ["[A-C]{2}-\\d", 90],
    ["\\d{12}", 10 ** 12],
    ["[A-Z]{8}\\d{4}", 26 ** 8 * 10 ** 4],
    ["yes|no|yes", 2],
    ["a?a?", 3],
    ["[A-C]{1,3}-[x-z]", 39 * 3],
    ["[A-Z]{1,2}-\\d{4}", (26 + 676) * 10_000],
    ["(?:[A-Z]{1,2};){2}\\d{1,3}", (26 + 676) ** 2 * 1_110],
    ["x", 1],
  ])("of %s has its %i different texts, by number", (pattern, size) => {
    const deck = deckOf(pattern);
    if (!deck) throw new Error("There is no deck.");
    expect(deck.size).toBe(size);
    const count = Math.min(size, 20_000);
    const numbers = Float64Array.from({ length: count }, (_, i) => Math.floor(i * (size / count)));
    const column = deck.column(numbers);
    const places = Array.from({ length: count }, (_, i) => i);
    expect(places.map((i) => deck.idOf(column, i))).toEqual([...numbers]);
    const texts = places.map((i) => String(cellAt(column, i)));
    expect(new Set(texts).size).toBe(count);
    expect(texts.filter((text) => !new RegExp(`^(?:${pattern})$`).test(text))).toEqual([]);
    // The generator's own columns lead to numbers too.
    const own = columnOf(engineFor(pattern), "things.value", 0, 100);
    const again = deck.column(Float64Array.from({ length: 100 }, (_, i) => deck.idOf(own, i)));
    for (let i = 0; i < 100; i++) expect(cellAt(again, i)).toBe(cellAt(own, i));
  });

  test.each([
    ["two lists of several lengths, whose seam could be anywhere", "[a-z]{1,2}[a-z]{1,2}"],
    ["branches that are too long to be listed", "\\d{8}|[A-Z]{8}"],
    ["more texts than can be dealt", "\\d{16}"],
  ])("is not there for %s", (_, pattern) => {
    expect(deckOf(pattern)).toBeUndefined();
  });
});

test("what is one word of a short list may be what another field depends on", () => {
  const item: Field = {
    name: "item",
    type: "string",
    generator: { kind: "category", by: "value", values: { a: ["x"], b: ["y"] } },
  };
  const engine = engineOf([tableOf("things", [field("a|b"), item])]);
  const given = cellsOf(engine, "things.value", 0, 100);
  expect(cellsOf(engine, "things.item", 0, 100)).toEqual(given.map((cell) => (cell === "a" ? "x" : "y")));
});

describe("a pattern refuses", () => {
  const faults = (pattern: string, type?: Field["type"]) => fullFaultsOf([tableOf("things", [field(pattern, type)])]);

  test.each([
    ["a(?=b)", "An assertion at character 2 of"],
    ["a(?<!b)c", "An assertion at character 2 of"],
    ["\\bword", "An assertion at character 1 of"],
    ["a(^b)", "An assertion at character 3 of"],
    ["(a)\\1", "A reference back at character 4 of"],
    ["(?<x>a)\\k<x>", "A reference back at character 8 of"],
    ["(?i:a)", "A modifier at character 1 of"],
    ["\\p{L}", "\\p at character 1 of"],
    ["\\Aab\\z", "\\A at character 1 of"],
    ["a\\0", "\\0 at character 2 of"],
    ["x{101}", "A repeat at character 1 of"],
    ["[]", "A class at character 1 of"],
    ["[^\\s\\S]", "A class at character 1 of"],
    ["[\\u0000-\\uffff]", "A range at character 2 of"],
    ["a🚲", "A character at character 2 of"],
    ["[🚲]", "A character at character 2 of"],
    ["(ab", '"(ab" can\'t be read: Unterminated group.'],
    ["a{3,2}", "can't be read: numbers out of order"],
    ["[a-z]{100}[a-z]{100}x", "can be 201 characters long; keep it at 200 or less."],
  ])("%s, telling the place and what to do", (pattern, message) => {
    const [fault, ...more] = faults(pattern);
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ code: "bad-pattern", pointer: "/tables/0/fields/1/generator/pattern" });
    expect(fault?.message).toContain(message);
  });

  test("more branches than a row's cost allows", () => {
    const branches = Array.from({ length: 10 }, (_, i) => `[a-z]{${i + 4}}`).join("|");
    expect(faults(`(?:${branches}){15}`)[0]?.message).toMatch(/has too many long branches; give it fewer, or shorten/);
  });

  test("fields that are no strings, and no pattern at all", () => {
    expect(faults("\\d", "integer").map(({ code }) => code)).toEqual(["type-mismatch"]);
    expect(faults("").map(({ code }) => code)).toEqual(["bad-parameter"]);
  });
});
