import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { measureDiversity } from "../../src/quality/diversity.ts";

test("figures of a small list, counted by hand", () => {
  // Words: the red cat sat | the red cat ran | a dog | A DOG. Of 12 words 7 differ: the red cat sat ran a dog.
  // Pairs: the-red red-cat cat-sat | the-red red-cat cat-ran | a-dog | a-dog. Of 8 pairs 5 differ.
  const texts = ["The red cat sat.", "The red cat ran!", "a dog", "A DOG "];
  const { compression, ...figures } = measureDiversity(texts);
  expect(figures).toEqual({
    texts: 4,
    duplicates: 1 / 4,
    distinct1: 7 / 12,
    distinct2: 5 / 8,
    selfRepetition: 0,
    sharedOpenings: 1,
  });
  expect(compression).toBe(texts.join("\n").length / gzipSync(texts.join("\n")).length);
});

test("runs of four words are counted once a text, where other texts have them too", () => {
  // Runs: a = one two three four, b = two three four five. The first text has a and b; the second a, twice; the
  // third b; the fourth is too short. Found elsewhere: a once and b once; a once; b once; nothing.
  const texts = [
    "One two three four five",
    "one two, three four! One two three four.",
    "two three four five",
    "one two three",
  ];
  const others = [2, 1, 1, 0];
  const mean = others.reduce((sum, r) => sum + Math.log(1 + r), 0) / 4;
  expect(measureDiversity(texts).selfRepetition).toBeCloseTo(mean, 12);
});

test("the same text over and over compresses well, different ones don't", () => {
  const same = measureDiversity(Array.from({ length: 200 }, () => "It keeps what it promises, at home and away."));
  expect(same).toMatchObject({ duplicates: 199 / 200, sharedOpenings: 1 });
  // Nine words have six runs of four, each in 199 other texts.
  expect(same.selfRepetition).toBeCloseTo(Math.log(1 + 6 * 199), 12);
  expect(same.compression).toBeGreaterThan(50);
  const words = Array.from({ length: 200 }, (_, i) => Math.floor(Math.sin(i + 1) ** 2 * 1e15).toString(36));
  expect(measureDiversity(words)).toMatchObject({ duplicates: 0, distinct1: 1, sharedOpenings: 0 });
  expect(measureDiversity(words).compression).toBeLessThan(2);
});

test("words are those of any script; an empty list has no variety to speak of", () => {
  expect(measureDiversity(["café Žižkov", "Ωmega 42"]).distinct1).toBe(1);
  expect(measureDiversity([])).toEqual({
    texts: 0,
    duplicates: 0,
    distinct1: 0,
    distinct2: 0,
    compression: 1,
    selfRepetition: 0,
    sharedOpenings: 0,
  });
  expect(measureDiversity(["", "?!"])).toMatchObject({ distinct1: 0, distinct2: 0 });
});
