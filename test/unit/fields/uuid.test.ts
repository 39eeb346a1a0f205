import { describe, expect, test } from "vitest";
import { JobFailure } from "../../../src/dataset/errors.ts";
import type { Field, Table } from "../../../src/dataset/schema.ts";
import { checkBlock } from "../../../src/generate/check.ts";
import type { Joined, Words } from "../../../src/generate/column.ts";
import { makeOutput, writeRows } from "../../../src/generate/csv/csv.ts";
import type { CompiledTable, Engine } from "../../../src/generate/engine.ts";
import type { Generator } from "../../../src/generate/kind.ts";
import { cellsOf, cellsOfField, chiSquare, columnOf, engineOf, faultsOf, tableOf } from "../../support/small-tables.ts";

const uuid = (version: number, type: Field["type"] = "uuid"): Field => {
  return { name: "value", type, generator: { kind: "uuid", version } };
};
const engineFor = (version: number) => engineOf([tableOf("things", [uuid(version)])]);
const inverse = (engine: Engine) => ((engine.tables[0] as CompiledTable).generators[1] as Required<Generator>).rowOf;
const hexOf = (cell: unknown) => String(cell).replaceAll("-", "");
/** `count` bits of the 128 from bit number `first` on, by the hexadecimal digits they stand in. */
function bitsOf(cell: unknown, first: number, count: number): number {
  const from = first >> 2;
  const to = (first + count + 3) >> 2;
  const digits = Number.parseInt(hexOf(cell).slice(from, to), 16);
  return Math.floor(digits / 2 ** (4 * to - first - count)) % 2 ** count;
}

describe.each([4, 7])("a UUID of version %i", (version) => {
  const engine = engineFor(version);
  const cells = cellsOf(engine, "things.value", 0, 20_000);

  test("is written as RFC 9562 has it, with its version and variant in their bits", () => {
    const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
    expect(cells.filter((cell) => !shape.test(String(cell)))).toEqual([]);
    expect(cells.filter((cell) => bitsOf(cell, 48, 4) !== version || bitsOf(cell, 64, 2) !== 0b10)).toEqual([]);
  });

  test("leads back to its row, and only from the whole of its text", () => {
    const far = 123_456_789_012;
    const rowOf = inverse(engine);
    for (const first of [0, far]) {
      const column = columnOf(engine, "things.value", first, 1_000) as Joined;
      const places = Array.from({ length: 1_000 }, (_, i) => i);
      expect(places.map((i) => rowOf(column, i))).toEqual(places.map((i) => first + i));
      for (const part of column.parts.keys()) {
        const parts = column.parts.map((own, p) =>
          p === part ? { ...(own as Words), ids: (own as Words).ids.map((id) => id ^ 1) } : own,
        );
        const changed = { ...column, parts };
        expect(places.filter((i) => rowOf(changed, i) === first + i)).toEqual([]);
      }
    }
  });

  test("has bits that are as often 1 as 0, but for those that are fixed or tell the time", () => {
    const free = Array.from({ length: 128 }, (_, bit) => bit).filter((bit) => {
      return !(bit >= 48 && bit < 52) && bit !== 64 && bit !== 65 && (version === 4 || bit >= 52);
    });
    for (const bit of free) {
      const ones = cells.reduce<number>((sum, cell) => sum + bitsOf(cell, bit, 1), 0);
      // Five standard deviations of 20,000 coins.
      expect(Math.abs(ones - 10_000), `bit ${bit}`).toBeLessThan(354);
    }
    expect(
      chiSquare(
        cells.map((cell) => bitsOf(cell, 120, 8)),
        256,
      ),
    ).toBeLessThan(370);
  });

  test("differs in a million rows, and from seed to seed", () => {
    const output = makeOutput(0);
    writeRows(output, [columnOf(engine, "things.value", 0, 1_000_000)], 1_000_000, false);
    const lines = Buffer.from(output.buffer.subarray(0, output.length)).toString("latin1").trimEnd().split("\n");
    const seen = new Set<unknown>(lines);
    expect([lines.length, seen.size, lines.slice(0, 20_000)]).toEqual([1_000_000, 1_000_000, cells]);
    const other = engineOf([tableOf("things", [uuid(version)])], 43);
    expect(cellsOf(other, "things.value", 0, 1_000).filter((cell) => seen.has(cell))).toEqual([]);
  });
});

test("version 7 goes up a millisecond a row from a year before the reference date", () => {
  const cells = cellsOf(engineFor(7), "things.value", 0, 5);
  const from = Date.parse("2025-01-01T00:00:00Z");
  expect(cells.map((cell) => bitsOf(cell, 0, 48))).toEqual([0, 1, 2, 3, 4].map((row) => from + row));
  expect(cells.map(String)).toEqual(cells.map(String).toSorted());
  expect(() => cellsOf(engineFor(7), "things.value", 2 ** 48, 1)).toThrow(JobFailure);
});

test("is version 4 unless told otherwise, and may be a string", () => {
  const plain = { kind: "uuid" };
  expect(cellsOfField({ type: "uuid", generator: plain })).toEqual(cellsOfField(uuid(4)));
  expect(cellsOfField({ type: "string", generator: plain })).toEqual(cellsOfField(uuid(4)));
});

test.each([100, 200_000])("may be the key of a parent of %i rows that children refer to", (rows) => {
  const parent: Table = {
    name: "parent",
    rows,
    primaryKey: ["key"],
    fields: [{ ...uuid(4), name: "key" }],
  };
  const key = { fields: ["parent_key"], reference: { resource: "parent", fields: ["key"] } };
  const child = tableOf("child", [{ name: "parent_key", type: "uuid" }], { foreignKeys: [key] });
  const engine = engineOf([parent, child]);
  const keys = new Set(cellsOf(engine, "parent.key", 0, rows));
  expect(cellsOf(engine, "child.parent_key", 0, 1_000).filter((cell) => !keys.has(cell))).toEqual([]);
  for (const [place, table] of engine.tables.entries()) {
    expect(checkBlock(engine, table, engine.block(place, 0, 100))).toMatchObject({
      orphans: 0,
      duplicateKeys: 0,
      brokenRules: 0,
    });
  }
});

test("refuses other versions and types, and times before 1970", () => {
  const at = "/tables/0/fields/1/generator";
  expect(faultsOf([tableOf("things", [uuid(1)])])).toEqual([`bad-parameter ${at}/version`]);
  expect(faultsOf([tableOf("things", [uuid(4, "integer")])])).toEqual([`type-mismatch ${at}`]);
  expect(() => engineOf([tableOf("things", [uuid(7)])], 42, "1970-06-01")).toThrow();
  expect(() => engineOf([tableOf("things", [uuid(4)])], 42, "1970-06-01")).not.toThrow();
});
