import fc from "fast-check";
import { expect, test } from "vitest";
import { below, makeStream, permute, permuteBack } from "../../src/generate/random.ts";

const stream = fc.tuple(fc.maxSafeNat(), fc.string()).map(([seed, name]) => makeStream(seed, name));

test("permute is a bijection of every deck, and permuteBack its inverse", () => {
  fc.assert(
    fc.property(stream, fc.integer({ min: 1, max: 600 }), (of, n) => {
      const places = Array.from({ length: n }, (_, i) => permute(of, n, i));
      expect([...places].sort((a, b) => a - b)).toEqual([...places.keys()]);
      expect(places.map((place) => permuteBack(of, n, place))).toEqual([...places.keys()]);
    }),
  );
});

test("below stays below, whatever the row, the draw and the number", () => {
  fc.assert(
    fc.property(stream, fc.maxSafeNat(), fc.maxSafeNat(), fc.nat(1_000), (of, row, n, draw) => {
      const value = below(of, row, n + 1, draw);
      expect(Number.isInteger(value) && value >= 0 && value <= n).toBe(true);
    }),
  );
});
