import { describe, expect, test } from "vitest";
import { makeStream } from "../../../src/generate/random.ts";
import { type Counts, makeSpread } from "../../../src/generate/relations/spread.ts";

const stream = makeStream(1, "spread");

/** Numbers of children by a formula, with how many parents were asked for. */
function counted(of: (parent: number) => number, least: number, most: number, keepsZero = false) {
  const asked = { parents: 0 };
  const counts: Counts = {
    least,
    most,
    keepsZero,
    of: (parents) => {
      asked.parents += parents.length;
      return parents.map(of);
    },
  };
  return { counts, asked };
}

test("rows are looked up at the end of 900 million as cheaply as at their start", () => {
  const { counts, asked } = counted((parent) => (parent % 2 === 0 ? 800 : 1_000), 800, 1_000);
  const spread = makeSpread(1_000_000, counts, stream);
  const work = (first: number) => {
    const before = asked.parents;
    spread?.locate(Float64Array.from({ length: 4_096 }, (_, i) => first + i));
    return asked.parents - before;
  };
  expect(spread?.total).toBe(900_000_000);
  expect([work(0), work(899_995_904)]).toEqual([64, 64]);
  expect(spread?.locate(Float64Array.of(899_999_999, 0, 450_000_800))).toEqual({
    parents: Float64Array.of(999_999, 0, 500_001),
    ordinals: Float64Array.of(999, 0, 0),
  });
});

describe("a total is kept by changes as small and as even as can be", () => {
  test.each([130_000, 140_000])("over %i parents", (parents) => {
    const { counts } = counted((parent) => parent % 5, 0, 9);
    const plain = makeSpread(parents, counts, stream);
    const more = makeSpread(parents, counts, stream, (plain?.total as number) + 1_000);
    let changed = 0;
    for (let parent = 0; parent < parents; parent++) {
      const change = (more?.count(parent) as number) - (parent % 5);
      expect(change === 0 || change === 1).toBe(true);
      changed += change;
    }
    expect([changed, more?.total]).toEqual([1_000, (plain?.total as number) + 1_000]);
  });

  test("and parents without children stay without where the law keeps their share", () => {
    const { counts } = counted((parent) => (parent % 4 === 0 ? 0 : 2), 0, 5, true);
    for (const total of [750, 1_000, 3_749, 3_750]) {
      const spread = makeSpread(1_000, counts, stream, total);
      expect(spread?.total).toBe(total);
      for (let parent = 0; parent < 1_000; parent++) expect(spread?.count(parent) === 0).toBe(parent % 4 === 0);
    }
    expect([makeSpread(1_000, counts, stream, 749), makeSpread(1_000, counts, stream, 3_751)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("to the last row where products of its parts pass 2^53", () => {
    const { counts } = counted((parent) => (parent * 7_919) % 1_000, 0, 1_000);
    for (const total of [299_999_999, 300_000_000, 299_999_998]) {
      const spread = makeSpread(300_000, counts, stream, total);
      let sum = 0;
      for (let parent = 0; parent < 300_000; parent++) sum += spread?.count(parent) as number;
      expect([spread?.total, sum]).toEqual([total, total]);
    }
  });
});

test("the children of a parent end where the next one's start", () => {
  const { counts } = counted((parent) => (parent * 31) % 4, 0, 3);
  for (const parents of [100, 131_073, 131_136]) {
    const spread = makeSpread(parents, counts, stream);
    for (const parent of [0, 1, 50, 63, 64, 65, 98, parents - 2]) {
      expect((spread?.first(parent) as number) + (spread?.count(parent) as number)).toBe(spread?.first(parent + 1));
    }
    expect(spread?.first(parents)).toBe(spread?.total);
  }
});
