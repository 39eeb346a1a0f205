import { expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { type Climbed, knownValues } from "../../src/generate/climbed.ts";
import { type Cell, type Column, cellAt } from "../../src/generate/column.ts";
import { makeEngine } from "../../src/generate/engine.ts";
import type { Block } from "../../src/generate/kind.ts";
import { bits, makeStream } from "../../src/generate/random.ts";
import { BLOCK_ROWS, reusing } from "../../src/generate/reuse.ts";
import { LANE, MOST_ATTEMPTS } from "../../src/generate/rules.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";
import { csvOf, engineFor, integer, oneOf, refer, sequence, table } from "../support/relations.ts";

const price: Field = { name: "price", type: "number", scale: 2 };
const word: Field = { name: "word", type: "string" };

/** Hundredths, or NULL in every third row. */
const unitsOf = (row: number) => (row % 3 === 0 ? null : row * 7 - 50);
const written = (row: number): Cell => {
  const units = unitsOf(row);
  return units === null ? null : (units / 100).toFixed(2);
};

/** The column of these rows; their numbers are put on the list. */
const making =
  (asked: number[]) =>
  (rows: Float64Array): Column => {
    asked.push(...rows);
    const values = rows.map((row) => unitsOf(row) ?? 1_000 + row);
    const nulls = Uint8Array.from(rows, (row) => (unitsOf(row) === null ? 1 : 0));
    return { kind: "numbers", as: "number", scale: 2, values, ...(nulls.includes(1) ? { nulls } : {}) };
  };

const cells = (climbed: Climbed, rows: readonly number[], make: (rows: Float64Array) => Column, field = 0) => {
  const column = climbed(field, Float64Array.from(rows), make);
  return rows.map((_, i) => cellAt(column, i));
};

test.each([
  [1_000, 1_000_000, "all rows"],
  [1_000, 1_200, "sixty-four rows"],
  [1_000, 12, "one row"],
  [1_000, 0, "no row"],
  [2 ** 32 - 1, 100_000, "some of very many rows"],
  [1e12, 100_000, "no row, of more than 32 bits can number"],
])("values of %i rows in %i bytes, which is enough for %s, are those that were made", (rows, bytes) => {
  const climbed = knownValues([price], new Set([0]), rows, bytes);
  const pick = makeStream(3, "row");
  for (let round = 0; round < 60; round++) {
    const page = Array.from({ length: 50 }, (_, i) => Math.floor((bits(pick, round * 50 + i) / 2 ** 32) * rows));
    const all = round % 2 === 0 ? page : [...page.slice(0, 20), ...page.slice(0, 20), rows - 1, 0];
    expect(cells(climbed, all, making([]))).toEqual(all.map(written));
  }
});

test("a value is made once where there is room for all", () => {
  const climbed = knownValues([price, word], new Set([0, 1]), 100, 100_000);
  const asked: number[] = [];
  for (const rows of [[5], [99, 5, 6], [6, 99], [0, 5, 1]]) cells(climbed, rows, making(asked));
  expect(asked).toEqual([5, 99, 6, 0, 1]);
});

test("values of many rows are made from the first row on, a piece at a time", () => {
  const climbed = knownValues([price], new Set([0]), 10_000, 1_000_000);
  const pieces: number[][] = [];
  const rows = Array.from({ length: 10_000 }, (_, i) => (i * 7) % 10_000);
  const made = cells(climbed, rows, (piece) => {
    pieces.push([...piece]);
    return making([])(piece);
  });
  expect(made).toEqual(rows.map(written));
  expect(pieces.flat()).toEqual(rows.toSorted((a, b) => a - b));
  expect(pieces.map(({ length }) => length)).toEqual([4_096, 4_096, 1_808]);
});

test("text, and a field that reads nothing further up, are made each time", () => {
  const climbed = knownValues([price, word], new Set([1]), 100, 100_000);
  const asked: number[] = [];
  cells(climbed, [1, 2], making(asked));
  cells(climbed, [2, 1], making(asked));
  const ids = Uint32Array.of(1);
  const words = (): Column => ({ kind: "words", vocabulary: makeVocabulary(["a", "b"]), ids });
  expect([cells(climbed, [1], words, 1), cells(climbed, [1], words, 1), asked]).toEqual([["b"], ["b"], [1, 2, 2, 1]]);
});

test("what was forgotten on the way up is not needed any more", () => {
  // Two slots: row 8 takes the place of row 6 while rows are made.
  const climbed = knownValues([price], new Set([0]), 100, 24);
  cells(climbed, [6], making([]));
  const found = cells(climbed, [6, 9], (rows) => {
    cells(climbed, [8], making([]));
    return making([])(rows);
  });
  expect(found).toEqual([written(6), written(9)]);
});

test("nothing that is remembered lies in an array that is lent", () => {
  const climbed = knownValues([price], new Set([0]), BLOCK_ROWS, 1_000_000);
  const rows = Array.from({ length: BLOCK_ROWS }, (_, row) => row);
  for (let round = 0; round < 3; round++) {
    reusing(() => expect(cells(climbed, rows, making([]))).toEqual(rows.map(written)));
  }
});

const level = integer("level", { kind: "expression", expr: "coalesce(p.level, 0) + 1" });

const deep = (rows: number, depth: number, expr: string) => [
  table("t", rows, [integer("id", sequence()), integer("p_id"), oneOf("x", 1, 1_000), level], {
    foreignKeys: [refer("p_id", "", "id", { as: "p", depth })],
    rules: [{ name: "kept", expr }],
  }),
];

/** How many values of a field are made to write all of these tables' rows, and by how many blocks. */
function count(tables: Table[], field: string): { values: number; blocks: number } {
  const made = { values: 0, blocks: 0 };
  const counted = engineFor(tables).tables.map((compiled) => ({
    ...compiled,
    generators: compiled.generators.map((generator, i) => ({
      ...generator,
      column: (block: Block) => {
        if (compiled.table.fields[i]?.name === field) {
          made.values += block.rows.length;
          made.blocks++;
        }
        return generator.column(block);
      },
    })),
  }));
  csvOf(makeEngine(counted, 1_000_000), "t");
  return made;
}

test("a climb ends at the first row above, however often a row is drawn again", () => {
  const { values, blocks } = count(deep(100, 20, "level <= 3"), "level");
  // Each attempt of a row makes its own level; whatever else is made is made once.
  expect(values).toBeLessThan(100 * (MOST_ATTEMPTS + 1) + 1_000);
  expect(blocks).toBeLessThan(20 * (MOST_ATTEMPTS + 3));
});

test("rows of a deep tree are settled level by level, none twice", () => {
  const [rows, depth] = [5_000, 50];
  const tables = deep(rows, depth, "x >= p.x");
  const { values, blocks } = count(tables, "x");
  const { draws } = engineFor(tables).block(0, 0, rows);
  const attempts = draws.reduce((sum, draw, row) => sum + (draw - row) / LANE, 0);
  // Two for each attempt, the row's and its parent's, and a few to write and check it.
  expect(values).toBeLessThan(2 * attempts + 6 * rows);
  expect(blocks).toBeLessThan(3 * depth * (MOST_ATTEMPTS + 1));
});
