import fc from "fast-check";
import { expect, test } from "vitest";
import { cellAt } from "../../src/generate/column.ts";
import { makeOutput, writeRows } from "../../src/generate/csv/csv.ts";
import { stringifyRows } from "../../src/generate/csv/reference.ts";
import { columnOf, engineOf, tableOf } from "../support/small-tables.ts";

const ROWS = 60;

/** Regular expressions of all that the kind knows, nested, with repeats that often don't fit one list. */
const { regex } = fc.letrec<{ regex: string; item: string; atom: string }>((tie) => ({
  atom: fc.constantFrom(
    ...[
      "a",
      "b",
      "\\.",
      "é",
      '"',
      ",",
      "-",
      "[A-Z]",
      "[a-f\\d]",
      "[^a-z]",
      "\\d",
      "\\w",
      "\\s",
      "\\W",
      ".",
      "=",
      "[ab]",
    ],
  ),
  item: fc
    .tuple(
      fc.oneof(
        { weight: 4, arbitrary: tie("atom") },
        { weight: 1, arbitrary: tie("regex").map((one) => `(?:${one})`) },
      ),
      fc.constantFrom("", "", "", "?", "*", "+", "{3}", "{2,4}", "{0,9}", "{5,12}", "{0}", "{1,}?"),
    )
    .map(([atom, quantifier]) => atom + quantifier),
  regex: fc
    .array(fc.array(tie("item"), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((branches) => branches.map((items) => items.join("")).join("|")),
}));

/** The field's generator and first rows; undefined for what is refused as too long or too complex. */
function make(pattern: string) {
  try {
    const field = { name: "value", type: "string" as const, generator: { kind: "pattern", pattern } };
    const engine = engineOf([tableOf("things", [field])]);
    return { column: columnOf(engine, "things.value", 0, ROWS), deck: engine.tables[0]?.generators[1]?.deck };
  } catch {
    return undefined;
  }
}

test("every value matches its pattern as a whole, and is written as csv-stringify would", () => {
  let made = 0;
  fc.assert(
    fc.property(regex, (pattern) => {
      const column = make(pattern)?.column;
      if (!column) return;
      made++;
      const whole = new RegExp(`^(?:${pattern})$`);
      const cells = Array.from({ length: ROWS }, (_, i) => String(cellAt(column, i)));
      expect(cells.filter((cell) => !whole.test(cell))).toEqual([]);
      const output = makeOutput(0);
      writeRows(output, [column], ROWS, true);
      const written = Buffer.from(output.buffer.subarray(0, output.length)).toString("utf8");
      expect(written).toBe(stringifyRows([column], ROWS, true));
    }),
    { numRuns: 400 },
  );
  expect(made).toBeGreaterThan(200);
});

test("a deck's numbers are different texts that match, and lead back to their numbers", () => {
  let decks = 0;
  fc.assert(
    fc.property(regex, (pattern) => {
      const deck = make(pattern)?.deck;
      if (!deck) return;
      decks++;
      const count = Math.min(deck.size, 500);
      // Neighbours, where equal texts of unlucky seams would be, and the rest evenly.
      const numbers = Float64Array.from({ length: count }, (_, i) => (i % 2 ? i : Math.floor(i * (deck.size / count))));
      const column = deck.column(numbers);
      const texts = [...numbers].map((_, i) => String(cellAt(column, i)));
      expect(new Set(texts).size).toBe(new Set(numbers).size);
      expect([...numbers].map((_, i) => deck.idOf(column, i))).toEqual([...numbers]);
      const whole = new RegExp(`^(?:${pattern})$`);
      expect(texts.filter((text) => !whole.test(text))).toEqual([]);
    }),
    { numRuns: 400 },
  );
  // About 90 of the 400 have one: enough that the property was really asked.
  expect(decks).toBeGreaterThan(40);
});
