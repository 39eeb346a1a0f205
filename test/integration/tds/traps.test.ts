/**
 * Seven ways in which the driver, used as its types and manuals suggest, loads something else than it was given.
 * Each is shown twice: first the trap, so that we hear when a new version closes it, then the way around.
 */
import sql from "mssql";
import { TYPES } from "tedious";
import { afterEach, expect, test } from "vitest";
import { type Served, serveTds } from "../../support/tds/served.ts";
import { type BulkColumnOf, streamBulk } from "../../support/tds/stream-bulk.ts";
import type { Value } from "../../support/tds/values.ts";

const { TZ } = process.env;
afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

type ColumnType = (() => sql.ISqlType) | sql.ISqlType;

/** `mssql`'s own bulk load of one column. */
async function loadColumn(pool: sql.ConnectionPool, type: ColumnType, values: unknown[], options: object = {}) {
  const table = new sql.Table("t");
  table.create = false;
  table.columns.add("value", type as sql.ISqlType, { nullable: true });
  for (const value of values) table.rows.add(value as string);
  await pool.request().bulk(table, options);
}

const lastBulk = ({ tds }: Served) => tds.log.findLast(({ kind }) => kind === "bulk");
const loaded = (served: Served): (Value | undefined)[] => lastBulk(served)?.bulk?.rows.map(([value]) => value) ?? [];
const statement = (served: Served): string | undefined => lastBulk(served)?.text;

test("trap 1: tableLock, the name in the types, is ignored; lockTable puts TABLOCK on the wire", async () => {
  const served = await serveTds();
  const naive: sql.IBulkOptions = { tableLock: true };
  await loadColumn(served.pool, sql.Int, [1], naive);
  expect(statement(served)).toBe("insert bulk [t]([value] int)");

  await loadColumn(served.pool, sql.Int, [1], { lockTable: true });
  expect(statement(served)).toBe("insert bulk [t]([value] int) WITH (TABLOCK)");
  // The order of the rows is a hint that is missing from the types too.
  await loadColumn(served.pool, sql.Int, [1], { lockTable: true, order: { value: "ASC" } });
  expect(statement(served)).toBe("insert bulk [t]([value] int) WITH (TABLOCK,ORDER (value ASC))");
});

test("trap 2: DateTime2 without a scale loses the fraction of a second, Decimal without one that of a number", async () => {
  const served = await serveTds();
  const late = new Date("2024-02-29T23:59:59.987Z");
  await loadColumn(served.pool, sql.DateTime2, [late]);
  expect(statement(served)).toBe("insert bulk [t]([value] datetime2(0))");
  // Rounded up to the end of the day, which a server stores as the next day's midnight, if it stores it.
  expect(loaded(served)).toEqual(["2024-02-29T24:00:00"]);
  await loadColumn(served.pool, sql.Decimal, [123.45]);
  expect(statement(served)).toBe("insert bulk [t]([value] decimal(1, 0))");
  expect(loaded(served)).toEqual(["123"]);

  await loadColumn(served.pool, sql.DateTime2(3), [late]);
  expect(loaded(served)).toEqual(["2024-02-29T23:59:59.987"]);
  await loadColumn(served.pool, sql.Decimal(19, 4), [123.45]);
  expect(loaded(served)).toEqual(["123.4500"]);
});

test("trap 3: decimals pass through a double both ways; 15 digits are exact, more must travel as text", async () => {
  const served = await serveTds();
  const { tds, pool } = served;
  const wide = "999999999999999.9999";
  await loadColumn(pool, sql.Decimal(19, 4), [wide]);
  expect(loaded(served)).toEqual(["1000000000000000.0000"]);
  const columns = { exact: "varchar(40)", naive: "decimal(19, 4)" };
  tds.answer("SELECT", { columns, rows: [[wide, wide]] });
  const { recordset } = await pool.request().query("SELECT CONVERT(varchar(40), total) AS exact, total AS naive");
  expect(recordset).toEqual([{ exact: wide, naive: 1e15 }]);

  await loadColumn(pool, sql.VarChar(40), [wide, "-0.0001"]);
  expect(loaded(served)).toEqual([wide, "-0.0001"]);
  // Every pattern of 15 digits tried here, in all scales that a decimal(15, s) has.
  for (let scale = 0; scale <= 15; scale++) {
    const texts = Array.from({ length: 200 }, (_, i) => fifteenDigits(i, scale));
    await loadColumn(pool, sql.Decimal(19, scale), texts);
    expect(loaded(served)).toEqual(texts);
  }
});

/** "-12345.0123456789" and the like, other digits for every `i`: multiples of a prime, so that all digits turn up. */
function fifteenDigits(i: number, scale: number): string {
  const digits = String(((i + 1) * 618_033_988_749_895) % 1_000_000_000_000_000).padStart(Math.max(15, scale + 1), "0");
  const whole = digits.slice(0, digits.length - scale).replace(/^0+(?=\d)/, "");
  return (i % 2 ? "-" : "") + (scale ? `${whole}.${digits.slice(digits.length - scale)}` : whole);
}

test("trap 4: money truncates, decimal(19, 4) doesn't", async () => {
  const served = await serveTds();
  await loadColumn(served.pool, sql.Money, [12.3456]);
  expect(loaded(served)).toEqual(["12.3455"]);

  await loadColumn(served.pool, sql.Decimal(19, 4), [12.3456]);
  expect(loaded(served)).toEqual(["12.3456"]);
});

test("trap 5: a date as text without a zone is read in the zone of the process; one from UTC fields isn't", async () => {
  const served = await serveTds();
  process.env.TZ = "America/New_York";
  expect(new Date(0).getTimezoneOffset()).toBe(300);
  await loadColumn(served.pool, sql.DateTime2(3), ["2024-02-29 10:00:00"]);
  expect(loaded(served)).toEqual(["2024-02-29T15:00:00.000"]);

  await loadColumn(served.pool, sql.DateTime2(3), [new Date(Date.UTC(2024, 1, 29, 10))]);
  expect(loaded(served)).toEqual(["2024-02-29T10:00:00.000"]);
  await loadColumn(served.pool, sql.Date, [new Date(Date.UTC(2024, 1, 29)), new Date(Date.UTC(2024, 0, 1, 23, 59))]);
  expect(loaded(served)).toEqual(["2024-02-29", "2024-01-01"]);
});

test("trap 6: a bulk load has the pool's timeout, whatever its request was given; a streamed one has its own", async () => {
  const served = await serveTds({ requestTimeout: 250 });
  const { tds, pool } = served;
  const table = new sql.Table("t");
  table.create = false;
  table.columns.add("value", sql.Int, { nullable: true });
  table.rows.add(1);
  tds.stall({ afterBulkRows: 1 });
  // The override is missing from the types.
  const patient = (pool as unknown as { request(overrides: object): sql.Request }).request({ requestTimeout: 60_000 });
  await expect(patient.bulk(table)).rejects.toMatchObject({ code: "ETIMEOUT" });
  expect(lastBulk(served)?.status).toBe("cancelled");

  const columns: BulkColumnOf[] = [["value", TYPES.Int, { nullable: true }]];
  const held = tds.stall({ afterBulkRows: 1 });
  const load = streamBulk(pool, { table: "t", columns, rows: [[1]], timeoutMs: 0 });
  await held.reached;
  // Twice the pool's timeout goes by without an answer.
  await new Promise((resolve) => setTimeout(resolve, 500));
  held.release();
  expect(await load).toBe(1);
});

test("trap 7: constraints are not checked unless the load asks for it", async () => {
  const served = await serveTds();
  await loadColumn(served.pool, sql.Int, [1]);
  expect(statement(served)).toBe("insert bulk [t]([value] int)");

  await loadColumn(served.pool, sql.Int, [1], { checkConstraints: true });
  expect(statement(served)).toBe("insert bulk [t]([value] int) WITH (CHECK_CONSTRAINTS)");
});
