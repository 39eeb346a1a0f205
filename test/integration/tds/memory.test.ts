/** Rows are streamed from the iterable to the wire: ten times as many need no more memory. */
import { TYPES } from "tedious";
import { expect, test } from "vitest";
import { serveTds } from "../../support/tds/served.ts";
import { type BulkColumnOf, streamBulk } from "../../support/tds/stream-bulk.ts";

const COLUMNS: readonly BulkColumnOf[] = [
  ["id", TYPES.Int, { nullable: false }],
  ["total", TYPES.Decimal, { nullable: true, precision: 19, scale: 4 }],
  ["placed", TYPES.DateTime2, { nullable: true, scale: 3 }],
  ["name", TYPES.NVarChar, { nullable: true, length: 40 }],
];

test("a million rows are loaded in the memory of a hundred thousand", { timeout: 180_000 }, async () => {
  const { tds, pool } = await serveTds({}, { keepRows: 0 });
  let peak = 0;
  function* rows(count: number) {
    for (let i = 0; i < count; i++) {
      if (i % 5000 === 0) peak = Math.max(peak, process.memoryUsage.rss());
      yield [i, i / 100, new Date(i * 60_000), `customer number ${i}`];
    }
  }
  const peakOf = async (count: number): Promise<number> => {
    peak = 0;
    expect(await streamBulk(pool, { table: "t", columns: COLUMNS, rows: rows(count) })).toBe(count);
    return peak;
  };
  const few = await peakOf(100_000);
  const many = await peakOf(1_000_000);
  expect(tds.log.flatMap(({ bulk }) => (bulk ? [bulk.rowCount] : []))).toEqual([100_000, 1_000_000]);
  // As an array these rows take some 300 MB more.
  expect(many - few).toBeLessThan(100 * 2 ** 20);
});
