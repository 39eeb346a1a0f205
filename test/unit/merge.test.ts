import { describe, expect, test } from "vitest";
import { type Column, cellAt, type Numbers } from "../../src/generate/column.ts";
import type { Block } from "../../src/generate/kind.ts";
import { boundsOf, chooseColumns, mergeColumns, mergedOf } from "../../src/generate/merge.ts";
import { viewBlock } from "../../src/generate/view.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";

const places = (...list: number[]) => Float64Array.from(list);
const numbers = (values: number[], nulls?: number[]): Numbers => {
  return {
    kind: "numbers",
    as: "number",
    scale: 0,
    values: Float64Array.from(values),
    nulls: nulls && Uint8Array.from(nulls),
  };
};
const cells = (column: Column, count: number) => Array.from({ length: count }, (_, i) => cellAt(column, i));

/** Rows 10, 11, 12, …; what was drawn again has other draws, and the parent is every second row. */
function blockOf(count: number): Block {
  const rows = Float64Array.from({ length: count }, (_, i) => 10 + i);
  const parent = {
    rows: rows.map((row) => row * 2),
    column: () => numbers([...rows].map((row) => row * 2)),
  } as Partial<Block>;
  return {
    rows,
    draws: rows.map((row) => row + 2 ** 44),
    ordinals: () => rows.map((_, i) => i % 3),
    column: (field) =>
      numbers(
        [...rows].map((row) => row * 100 + field),
        [...rows].map((row) => row % 2),
      ),
    missing: () => undefined,
    parent: () => ({ ...parent, draws: parent.rows }) as Block,
    shared: (_, make) => make(),
  };
}

describe("the block of some places", () => {
  const block = viewBlock(blockOf(6), places(1, 4));

  test("has their rows, draws and ordinals", () => {
    expect([...block.rows]).toEqual([11, 14]);
    expect([...block.draws]).toEqual([11 + 2 ** 44, 14 + 2 ** 44]);
    expect([...block.ordinals()]).toEqual([1, 1]);
  });

  test("has their part of each column, with its NULLs, and of the parent's", () => {
    expect(cells(block.column(3), 2)).toEqual([null, 1403]);
    expect(cells(block.parent(0).column(0), 2)).toEqual([22, 28]);
    expect([...block.parent(0).rows]).toEqual([22, 28]);
  });

  test("makes what is shared once, and not with the whole block", () => {
    const made = block.shared("x", () => ({}));
    expect(block.shared("x", () => ({}))).toBe(made);
  });
});

describe("merged columns", () => {
  const [ab, bc] = [makeVocabulary(["a", "b"]), makeVocabulary(["b", "", "c"])];
  const words = (vocabulary: typeof ab, ids: number[], nulls?: number[]): Column => {
    return { kind: "words", vocabulary, ids: Uint32Array.from(ids), nulls: nulls && Uint8Array.from(nulls) };
  };

  test("of numbers stand in their places, NULL in no part's", () => {
    const parts = [
      { column: numbers([1, 2], [0, 1]), places: places(0, 3) },
      { column: numbers([7]), places: places(2) },
    ];
    expect(cells(mergeColumns(parts, 5, mergedOf("integer", 0, [])), 5)).toEqual([1, null, 7, null, null]);
  });

  test("have no NULLs when no part has and all rows are covered", () => {
    const parts = [
      { column: numbers([1]), places: places(1) },
      { column: numbers([2]), places: places(0) },
    ];
    expect(mergeColumns(parts, 2, mergedOf("integer", 0, []))).toEqual(numbers([2, 1]));
  });

  test("of words have one vocabulary, and the empty string is not NULL", () => {
    const merged = mergedOf("string", 0, [ab, bc]);
    const parts = [
      { column: words(ab, [1, 0], [0, 1]), places: places(0, 1) },
      { column: words(bc, [1, 0]), places: places(2, 3) },
      { column: { kind: "literal", vocabulary: ab } as Column, places: places(5) },
    ];
    const column = mergeColumns(parts, 6, merged);
    expect(cells(column, 6)).toEqual(["b", null, "", "b", null, "a"]);
    expect(column.kind === "words" && column.vocabulary.words).toEqual(["a", "b", "", "c"]);
  });

  test("of a vocabulary nobody promised are an error, not other words", () => {
    const parts = [{ column: words(bc, [0]), places: places(0) }];
    expect(() => mergeColumns(parts, 1, mergedOf("string", 0, [ab]))).toThrow(
      "other words than its generator promised",
    );
  });

  test("of strings without a common vocabulary are joined, each part written only in its rows", () => {
    const joined: Column = {
      kind: "joined",
      parts: [words(ab, [0, 1], [1, 0]) as never, numbers([5, 6])],
      nulls: Uint8Array.of(0, 1),
    };
    const parts = [
      { column: joined, places: places(0, 2) },
      { column: words(bc, [1, 2]), places: places(1, 3) },
    ];
    const column = mergeColumns(parts, 5, mergedOf("string", 0, [undefined, bc]));
    expect(cells(column, 5)).toEqual(["5", "", null, "c", null]);
  });
});

describe("a choice of branches", () => {
  const test3: Numbers = {
    kind: "numbers",
    as: "boolean",
    scale: 0,
    values: Float64Array.of(1, 0, 1),
    nulls: Uint8Array.of(0, 0, 1),
  };
  const merged = mergedOf("integer", 0, []);

  test("takes a row where the test is 1 and not NULL, and asks no branch for nothing", () => {
    const asked: number[][] = [];
    const make = (block: Block) => {
      asked.push([...block.rows]);
      return numbers([...block.rows]);
    };
    const never = { test: ({ rows }: Block) => numbers([...rows].map(() => 0)), column: make };
    const column = chooseColumns(blockOf(3), [never, { test: () => test3, column: make }], make, merged);
    expect(cells(column, 3)).toEqual([10, 11, 12]);
    expect(asked).toEqual([[10], [11, 12]]);
  });

  test("of an empty block is an empty column", () => {
    expect(chooseColumns(blockOf(0), [], undefined, merged)).toEqual({ ...numbers([]), nulls: undefined });
  });
});

test("bounds are the widest of all, and unknown when one is", () => {
  const of = (low: number, high: number) => ({ column: () => numbers([]), bounds: { low, high } });
  expect(boundsOf([of(1, 5), of(-2, 3)])).toEqual({ low: -2, high: 5 });
  expect(boundsOf([of(1, 5), { column: () => numbers([]) }])).toBe(undefined);
});
