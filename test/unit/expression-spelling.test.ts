/** What other languages spell otherwise is refused with a word for how it is written here. */
import { expect, test } from "vitest";
import { refused } from "../support/evaluate.ts";

test.each([
  ["two = 2", "equal is =="],
  ["two !== 2", "unequal !="],
  ["two <> 2", "unequal is !="],
  ["two > 1 and two < 3", "and is &&"],
  ["two > 1 OR two < 3", "or is ||"],
  ["two > 1 & two < 3", "and is &&"],
  ["not two > 1", "not is !"],
  ["not(two > 1)", "write !x"],
  ["two is not null", "!isNull(x) for a value"],
  ["two in (1, 2)", "write x in [1, 2]"],
  ["two not in [1, 2]", "not is !"],
  ["two between 1 and 3", "x >= 1 && x <= 9"],
  ["word like 'a%'", "startsWith(x, 'a')"],
  ["case when two > 1 then 1 else 2 end", "if(c, a, b)"],
  ["two mod 2", "x % y"],
  ["two * +2", "has no + before it"],
  ["word == 'it''s'", "a backslash or the other kind"],
  ["1_000", "without _"],
  ["two == 2.5E2", "write 250"],
  ["TRUE", "write true"],
  ["two == NULL", "write null"],
  ["word || word", "concat(x, y)"],
  ["IFNULL(two, 1)", "write coalesce(x, y)"],
  ["two two", "join its values by operators"],
  [" ", "write one"],
])("%s is told how it is written here", (expr, remedy) => {
  const faults = refused(expr, "boolean");
  expect(faults).toEqual([expect.stringContaining(remedy)]);
});

test("nothing of what stands in quotes is taken for a spelling", () => {
  expect(refused("word == 'a = b and c' two", "boolean")).toEqual([
    `bad-expression: "word == 'a = b and c' two" is more than one value; join its values by operators.`,
  ]);
});
