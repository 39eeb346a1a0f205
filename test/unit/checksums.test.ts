import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { sumRows } from "../../src/load/checksums.ts";
import type { Row, Value } from "../../src/load/row.ts";

const tableOf = (...types: Field["type"][]): Table => ({
  ...{ name: "t", rows: 1, primaryKey: ["f0"] },
  fields: types.map((type, i) => ({ name: `f${i}`, type, ...(type === "datetime" ? { scale: 3 } : {}) })),
});

const sumsOf = (table: Table, rows: readonly Value[][]) => {
  const sums = sumRows(table, "fnv1a");
  rows.forEach((row, i) => {
    sums.add([i, ...row] as Row);
  });
  return sums.sums();
};

const P = 67_108_859n;

/** The number of a row, by whole numbers without an end: the fourth power of its measures weighed by powers of 27182818. */
function numberOf(measures: readonly (bigint | null)[]): bigint {
  const mixed = measures.reduce<bigint>((sum, m, i) => {
    return sum + (m ?? 31_415_926n) * 27_182_818n ** BigInt(measures.length - 1 - i);
  }, 0n);
  return (((mixed % P) + P) % P) ** 4n % P;
}

test("the rows' sum is exact for whole numbers of 64 bits, days before 1970 and NULL", () => {
  const whole = fc.oneof(
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt(2n ** 53n - 2n ** 27n, 2n ** 53n + 5n),
    fc.bigInt(2n ** 52n - 5n, 2n ** 52n + 5n),
    fc.bigInt(-5n, 5n),
  );
  const instant = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  const row = fc.tuple(whole, fc.option(whole), fc.option(instant));
  const table = tableOf("integer", "number", "datetime");
  // As the CSV's reader gives them: bigints only beyond 2^53.
  const given = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const wanted = rows.map(([a, b, at]) => numberOf([a, b, at && BigInt(at.getTime())]));
      const values = rows.map(([a, b, at]) => [
        given(a),
        b === null ? null : given(b),
        at === null ? null : at.toISOString(),
      ]);
      expect(sumsOf(table, values).rowSum).toBe(String(wanted.reduce((sum, one) => sum + one, 0n)));
    }),
  );
});

test.each([
  ["of two rows", [0, 1]],
  ["of four rows, crosswise", [0, 1, 1, 0]],
  ["of eight rows, crosswise twice", [0, 1, 1, 0, 1, 0, 0, 1]],
])("values that change places between rows %s leave every column's sum, and not the rows'", (_, places) => {
  const pairs: [Value, Value][] = [
    [7, 8],
    [0, null],
    [0, 3],
  ];
  for (const pair of pairs) {
    const rows = places.map((place, i) => [i, pair[place] as Value]);
    const swapped = places.map((place, i) => [i, pair[1 - place] as Value]);
    const [before, after] = [rows, swapped].map((one) => sumsOf(tableOf("integer", "integer"), one));
    expect(after?.checksums).toEqual(before?.checksums);
    expect(after?.rowSum).not.toBe(before?.rowSum);
  }
});

test("a change of places goes unseen in none of a thousand small tables", () => {
  const table = tableOf("integer", "integer", "integer");
  let unseen = 0;
  for (let a = 0; a < 10; a++) {
    for (let b = 0; b < 10; b++) {
      for (let c = 1; c <= 10; c++) {
        const [before, after] = [
          [a, b],
          [b, a],
        ].map(([one, two]) => sumsOf(table, [[1, one, b] as Value[], [1 + c, two, a] as Value[]]));
        if (a !== b && before?.rowSum === after?.rowSum) unseen++;
      }
    }
  }
  expect(unseen).toBe(0);
});

test("the rows' sum doesn't hang on their order", () => {
  const rows = [
    [1, "a"],
    [2, null],
    [3, "b"],
  ] as Value[][];
  const table = tableOf("integer", "string");
  expect(sumsOf(table, rows.toReversed())).toEqual(sumsOf(table, rows));
});
