import fc from "fast-check";
import { expect, test } from "vitest";
import { makeSeen } from "../../src/generate/drafts/judge.ts";

const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
const word = fc.array(letter, { minLength: 2, maxLength: 8 }).map((letters) => letters.join(""));
const sentence = fc.array(word, { minLength: 12, maxLength: 30 });
/** Some words of a sentence replaced. */
const pair = fc.tuple(sentence, fc.array(fc.tuple(fc.nat(), word), { maxLength: 3 })).map(([words, changes]) => {
  const other = words.slice();
  for (const [place, instead] of changes) other[place % other.length] = instead;
  return [words.join(" "), other.join(" ")] as const;
});

/** Jaccard's coefficient of the three-letter pieces, plainly. */
function alike(a: string, b: string): number {
  const [of, also] = [a, b].map(
    (text) => new Set(Array.from({ length: text.length - 2 }, (_, i) => text.slice(i, i + 3))),
  );
  const all = new Set([...(of as Set<string>), ...(also as Set<string>)]);
  return [...all].filter((piece) => of?.has(piece) && also?.has(piece)).length / all.size;
}

test("texts are repetitions only from 0.8 of common pieces on, and then nearly always", () => {
  const [pairs] = fc.sample(fc.array(pair, { minLength: 2_000, maxLength: 2_000, size: "max" }), {
    numRuns: 1,
    seed: 4,
  });
  const judged = (pairs as [string, string][]).map(([one, other]) => {
    const seen = makeSeen();
    seen.add(one);
    return { likeness: alike(one, other), found: seen.find(other) };
  });
  expect(judged.filter(({ likeness, found }) => likeness < 0.8 && found)).toEqual([]);
  const share = (from: number, to: number) => {
    const within = judged.filter(({ likeness }) => likeness >= from && likeness < to);
    expect(within.length).toBeGreaterThan(100);
    return within.filter(({ found }) => found === "near-duplicate").length / within.length;
  };
  // By 1 - (1 - s^4)^8: 0.985 at 0.8, 0.9997 at 0.9.
  expect(share(0.8, 0.9)).toBeGreaterThan(0.97);
  expect(share(0.9, 1)).toBeGreaterThan(0.99);
});
