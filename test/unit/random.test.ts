import { describe, expect, test } from "vitest";
import {
  below,
  belowAll,
  bits,
  bitsAll,
  idsBelow,
  makeStream,
  permute,
  permuteBack,
  permuteBackAll,
  uniform,
  uniformAll,
} from "../../src/generate/random.ts";
import { chiSquare, correlation } from "../support/small-tables.ts";

const stream = makeStream(42, "orders.quantity value");
const rows = (count: number, first = 0) => Float64Array.from({ length: count }, (_, i) => first + i);
const MAX_ROW = Number.MAX_SAFE_INTEGER;

describe("the values are fixed for ever, since every dataset is made of them", () => {
  test("streams are the first eight bytes of SHA-256 of seed and name", () => {
    expect(stream).toEqual({ a: 813955722, b: -2115079899 });
    expect(makeStream(MAX_ROW, "")).toEqual({ a: -1128918041, b: 1196455935 });
  });

  test("bits of rows and draws, up to the last row there can be", () => {
    expect([0, 1, 2, 4294967295, 4294967296, MAX_ROW].map((row) => bits(stream, row))).toEqual([
      3417254811, 796385867, 2513606528, 688258309, 1499465747, 3123314189,
    ]);
    expect([1, 2, 3].map((draw) => bits(stream, 7, draw))).toEqual([4249556039, 2069305845, 127993568]);
  });

  test("numbers made of them", () => {
    expect([0, 1].map((row) => uniform(stream, row))).toEqual([0.7956416355753886, 0.18542303243147873]);
    expect([0, 1, 2, 3, 4, 5].map((row) => below(stream, row, 100))).toEqual([79, 18, 58, 8, 56, 55]);
    expect([0, 1, 2].map((row) => below(stream, row, 10_000_000_000))).toEqual([7956416355, 1854230324, 5852446323]);
    expect([0, 1, 2, 3, 4, 5, 6].map((i) => permute(stream, 7, i))).toEqual([3, 5, 2, 0, 1, 4, 6]);
    expect([0, 1, 2].map((i) => permute(stream, 1_300_000, i))).toEqual([736202, 478641, 1172895]);
  });
});

test("the functions for whole blocks give what the ones for single rows give", () => {
  for (const some of [Float64Array.of(5, 0, 5, 2 ** 31, 4294967295), Float64Array.of(5, 0, 5, 4294967297, MAX_ROW)]) {
    for (const n of [1, 7, 1_048_576, 1_048_577, 2 ** 40]) {
      expect(belowAll(stream, some, n)).toEqual(some.map((row) => below(stream, row, n)));
    }
    expect([...idsBelow(stream, some, 100)]).toEqual([...some].map((row) => below(stream, row, 100)));
    expect(uniformAll(stream, some)).toEqual(some.map((row) => uniform(stream, row)));
    expect([...bitsAll(stream, some)]).toEqual([...some].map((row) => bits(stream, row)));
  }
});

test("all 53 bits of a seed count", () => {
  for (const seed of [0, 1, 42, 2 ** 31]) {
    expect(makeStream(seed + 2 ** 32, "x")).not.toEqual(makeStream(seed, "x"));
    expect(makeStream(seed + 2 ** 52, "x")).not.toEqual(makeStream(seed, "x"));
  }
});

test("rows beyond 2^32 are other rows, not the first ones again", () => {
  const first = [...rows(1_000)].map((row) => bits(stream, row));
  for (const offset of [2 ** 32, 2 ** 33, 2 ** 52]) {
    const later = [...rows(1_000)].map((row) => bits(stream, row + offset));
    expect(later.filter((value, i) => value === first[i])).toEqual([]);
    expect(Math.abs(correlation(first, later))).toBeLessThan(0.12);
  }
});

describe("draws are even", () => {
  // 99.99 % of fair generators stay below: chi-square with 6 and 99 degrees of freedom.
  test.each([
    [7, 27.9],
    [100, 161.3],
  ])("below(%i), over rows and over draws", (n, bound) => {
    expect(chiSquare(belowAll(stream, rows(100_000), n), n)).toBeLessThan(bound);
    expect(chiSquare(belowAll(stream, rows(100_000, 2 ** 40), n), n)).toBeLessThan(bound);
    const draws = Array.from({ length: 100_000 }, (_, draw) => below(stream, 3, n, draw));
    expect(chiSquare(draws, n)).toBeLessThan(bound);
  });

  test("above 2^20, where the 32 bits of one draw would be uneven", () => {
    const n = 3 * 2 ** 30;
    const thirds = belowAll(stream, rows(100_000), n).map((value) => Math.floor(value / 2 ** 30));
    expect(chiSquare(thirds, 3)).toBeLessThan(18.4);
    const lastBits = belowAll(stream, rows(100_000), n).map((value) => value % 7);
    expect(chiSquare(lastBits, 7)).toBeLessThan(27.9);
  });

  test("each of the 32 bits is set in half of the rows", () => {
    const counts = new Float64Array(32);
    for (const row of rows(100_000)) {
      const value = bits(stream, row);
      for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] as number) + ((value >>> bit) & 1);
    }
    for (const count of counts) expect(Math.abs(count - 50_000)).toBeLessThan(700);
  });

  test("uniform stays in [0, 1) and fills it", () => {
    const values = uniformAll(stream, rows(100_000));
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(
      chiSquare(
        values.map((value) => Math.floor(value * 100)),
        100,
      ),
    ).toBeLessThan(161.3);
  });
});

describe("draws know nothing of each other", () => {
  // Four standard deviations of the correlation of 100,000 independent pairs.
  const NEGLIGIBLE = 4 / Math.sqrt(100_000);
  const values = (of = stream, draw = 0, first = 0) => [...rows(100_000, first)].map((row) => uniform(of, row, draw));

  test("neighbouring rows", () => {
    expect(Math.abs(correlation(values(), values(stream, 0, 1)))).toBeLessThan(NEGLIGIBLE);
    expect(Math.abs(correlation(values(), values(stream, 0, 256)))).toBeLessThan(NEGLIGIBLE);
  });

  test("draws of one row", () => {
    expect(Math.abs(correlation(values(), values(stream, 1)))).toBeLessThan(NEGLIGIBLE);
    expect(Math.abs(correlation(values(stream, 1), values(stream, 2)))).toBeLessThan(NEGLIGIBLE);
  });

  test.each(["orders.quantity valuf", "orders.quantity value ", "customers.quantity value"])(
    "streams with names as close as %j",
    (name) => expect(Math.abs(correlation(values(), values(makeStream(42, name))))).toBeLessThan(NEGLIGIBLE),
  );

  test("the same name under the next seed", () => {
    expect(Math.abs(correlation(values(), values(makeStream(43, "orders.quantity value"))))).toBeLessThan(NEGLIGIBLE);
  });

  test("a stream is no shifted copy of another: no run of three values of one lies in the other", () => {
    const runs = (name: string) => {
      const of = makeStream(42, name);
      const own = [...rows(20_000)].map((row) => bits(of, row));
      return own.slice(2).map((value, i) => `${own[i]} ${own[i + 1]} ${value}`);
    };
    const seen = new Set(runs("a"));
    expect(runs("b").filter((run) => seen.has(run))).toEqual([]);
  });
});

describe("permute", () => {
  test("moves a third of a deck to each third, so that it shuffles", () => {
    const n = 30_000;
    const places = Array.from({ length: n }, (_, i) => permute(stream, n, i));
    const cells = places.map((place, i) => Math.floor((3 * i) / n) * 3 + Math.floor((3 * place) / n));
    expect(chiSquare(cells, 9)).toBeLessThan(27.9);
    expect(Math.abs(correlation(places, [...places.keys()]))).toBeLessThan(4 / Math.sqrt(n));
  });

  test("shuffles differently by stream", () => {
    const other = makeStream(43, "orders.quantity value");
    const same = Array.from({ length: 10_000 }, (_, i) => permute(stream, 10_000, i) === permute(other, 10_000, i));
    expect(same.filter(Boolean).length).toBeLessThan(10);
  });

  test("deals the same with tables of its rounds as it did without: up to 2^24, and for the first deck only", () => {
    const [most, over] = [2 ** 24, 2 ** 24 + 1];
    expect([0, 1, most - 1].map((i) => permute(stream, most, i))).toEqual([11448240, 10760174, 8009705]);
    expect([0, 1, most - 1].map((i) => permuteBack(stream, most, i))).toEqual([11723665, 11871533, 5299970]);
    expect([0, 1].map((i) => permute(stream, most, i, 3))).toEqual([11073205, 13066553]);
    expect([0, 1, over - 1].map((i) => permute(stream, over, i))).toEqual([2026224, 5714066, 7836805]);
  });

  test("keeps decks of several sizes and streams apart, whatever is asked for in between", () => {
    const other = makeStream(43, "other");
    const decks = [100, 5_000, 2 ** 24].flatMap((n) => [stream, other].map((of) => ({ of, n })));
    const alone = decks.map(({ of, n }) => Array.from({ length: 20 }, (_, i) => permute(of, n, i)));
    const inTurn = Array.from({ length: 20 }, (_, i) => decks.map(({ of, n }) => permute(of, n, i)));
    expect(decks.map((_, deck) => inTurn.map((places) => places[deck]))).toEqual(alone);
  });

  test("comes back from its largest deck", () => {
    for (const n of [2 ** 24, 2 ** 24 + 1, 2 ** 30, 2 ** 30 - 1, 2 ** 29 + 1, 2 ** 52]) {
      for (const i of [0, 1, 12_345_678, n - 1]) {
        const place = permute(stream, n, i);
        expect([place >= 0 && place < n, permuteBack(stream, n, place)]).toEqual([true, i]);
      }
    }
  });
});

test("permuteBackAll is permuteBack for each place, in small decks and large", () => {
  const stream = makeStream(7, "deck");
  for (const n of [1, 2, 3, 100, 4_096, 65_537, 1_400_000, 2 ** 24, 2 ** 24 + 1, 2 ** 40]) {
    const places = Float64Array.from({ length: 500 }, (_, i) => Math.floor((i / 500) * n));
    expect([...permuteBackAll(stream, n, places)]).toEqual([...places].map((place) => permuteBack(stream, n, place)));
  }
});
