import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileMatcher } from "../../src/generate/pattern/match.ts";

/** As a constraint means it: the whole value. */
const native = (pattern: string, text: string) => new RegExp(`^(?:${pattern})$`, "u").test(text);

describe("expressions that have more ways than there is time", () => {
  test.each([
    "(a+)+c",
    "(a|a)*c",
    "(a*)*c",
    "(a|aa)+c",
    "a*a*a*a*a*a*a*a*c",
    "(.*.*)*c",
    "((a?){9}){9}c",
    "(x+x+)+y|(a+)+c",
  ])("%s", (pattern) => {
    const matches = compileMatcher(pattern);
    expect(matches(`${"a".repeat(5_000)}b`)).toBe(false);
    expect(matches("c") || matches("ac") || matches("aac")).toBe(true);
  });
});

test("matches what JavaScript's own matcher does", () => {
  const atom = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "\\d", "\\w", "\\.", "é", "\\b", "^", "$", "(?:)");
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      fc.array(tie("tree"), { maxLength: 3 }).map((parts) => parts.join("")),
      fc.array(tie("tree"), { minLength: 2, maxLength: 3 }).map((parts) => `(?:${parts.join("|")})`),
      fc
        .tuple(tie("tree"), fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{0}", "*?"))
        .map(([part, times]) => `(${part})${times}`),
    ),
  }));
  const text = fc
    .array(fc.constantFrom("a", "b", "1", ".", "é", " ", "\n"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(tree, text, (pattern, text) => {
      // The matcher that is compared with must not be led astray itself.
      fc.pre(pattern.length <= 40 && (pattern.match(/\)[*+{?]/g) ?? []).length <= 3);
      expect([pattern, text, compileMatcher(pattern)(text)]).toEqual([pattern, text, native(pattern, text)]);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ["(", /Unterminated group/],
  ["a(?=b)", /lookaround/],
  ["(?<!a)b", /lookaround/],
  ["(a)\\1", /reference back/],
  ["(?:(?:a{50}){50}){50}", /longer than 4000/],
])("%s is refused", (pattern, message) => {
  expect(() => compileMatcher(pattern)).toThrow(message);
});
