import { expect, test } from "vitest";
import { makeStream, permute } from "../../src/generate/random.ts";
import { shuffleAll } from "../../src/generate/shuffle.ts";

test.each([0, 1, 42])("whole blocks are shuffled as single rows are, seed %i", (seed) => {
  const stream = makeStream(seed, "things person main");
  for (const size of [2, 3, 4, 5, 1_000, 1_048_576, 1_397_242, 2 ** 30 - 1, 2 ** 30]) {
    const rows = Float64Array.from({ length: 2_000 }, (_, i) => (i % 3 === 0 ? i : i * 1_234_567 + 2 ** (i % 50)));
    expect([...shuffleAll(stream, size, rows)]).toEqual([...rows].map((row) => permute(stream, size, row % size)));
  }
});
