/** Bulk loads on the wire: the statement to the letter, every type decoded, a million rows in flat memory. */
import sql from "mssql";
import { TYPES } from "tedious";
import { expect, test } from "vitest";
import { serveTds } from "../../support/tds/served.ts";
import { type BulkColumnOf, streamBulk } from "../../support/tds/stream-bulk.ts";

const COLUMNS: readonly BulkColumnOf[] = [
  ["id", TYPES.Int, { nullable: false }],
  ["big", TYPES.BigInt, { nullable: true }],
  ["level", TYPES.TinyInt, { nullable: true }],
  ["open", TYPES.Bit, { nullable: true }],
  ["total", TYPES.Decimal, { nullable: true, precision: 19, scale: 4 }],
  ["score", TYPES.Float, { nullable: true }],
  ["day", TYPES.Date, { nullable: true }],
  ["at", TYPES.Time, { nullable: true, scale: 3 }],
  ["placed", TYPES.DateTime2, { nullable: true, scale: 3 }],
  ["key", TYPES.UniqueIdentifier, { nullable: true }],
  ["name", TYPES.NVarChar, { nullable: true, length: 40 }],
  ["note", TYPES.NVarChar, { nullable: true, length: Number.POSITIVE_INFINITY }],
  ["code", TYPES.VarChar, { nullable: true, length: 10 }],
];

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");

/** Row `i` as the driver takes it and as the server must read it, each written down by itself. */
function given(i: number): unknown[] {
  if (i % 7 === 3) return [i, ...COLUMNS.slice(1).map(() => null)];
  const at = Date.UTC(2024, 1, 1) + i * 1_234_567;
  const values = [
    BigInt(-i) * 10_000_000_000n,
    i % 256,
    i % 2 === 0,
    i % 3 === 1 ? -i / 100 : i / 100,
    (1 - i) / 8,
    new Date(at),
    new Date(at),
    new Date(at),
  ];
  return [i, ...values, `00000000-0000-4000-8000-${pad(i, 12)}`, `Zoë 😀 ${i}`, "é".repeat(i % 50), `€${i}`];
}

function expected(i: number): unknown[] {
  if (i % 7 === 3) return [i, ...COLUMNS.slice(1).map(() => null)];
  const [day, clock] = new Date(Date.UTC(2024, 1, 1) + i * 1_234_567).toISOString().replace("Z", "").split("T");
  const total = `${i % 3 === 1 ? "-" : ""}${Math.floor(i / 100)}.${pad(i % 100, 2)}00`;
  const key = `00000000-0000-4000-8000-${pad(i, 12)}`;
  const numbers = [BigInt(i) * -10_000_000_000n, i % 256, i % 2 === 0, total, (1 - i) / 8];
  return [i, ...numbers, day, clock, `${day}T${clock}`, key, `Zoë 😀 ${i}`, "é".repeat(i % 50), `€${i}`];
}

function* rowsGiven(count: number) {
  for (let i = 0; i < count; i++) yield given(i);
}

test("100,000 rows of every type arrive as they were given, NULLs among them", async () => {
  const count = 100_000;
  let seen = 0;
  const wrong: unknown[] = [];
  const onBulkRow = (row: unknown[]) => {
    const want = expected(seen++);
    if (wrong.length < 5 && row.some((value, i) => value !== want[i])) wrong.push({ row, want });
  };
  const { tds, pool } = await serveTds({}, { keepRows: 2, onBulkRow });
  expect(await streamBulk(pool, { table: "[stage].[orders]", columns: COLUMNS, rows: rowsGiven(count) })).toBe(count);

  expect(wrong).toEqual([]);
  const [load] = tds.log.filter(({ kind }) => kind === "bulk");
  expect(load?.bulk?.rowCount).toBe(count);
  expect(load?.bulk?.rows).toEqual([expected(0), expected(1)]);
  expect(load?.status).toBe("answered");
});

test("a text of many packets arrives whole, between short ones", async () => {
  const { tds, pool } = await serveTds();
  const columns: BulkColumnOf[] = [["note", TYPES.NVarChar, { nullable: true, length: Number.POSITIVE_INFINITY }]];
  const texts = ["", "é😀".repeat(200_000), null, "end"];
  await streamBulk(pool, { table: "t", columns, rows: texts.map((text) => [text]) });
  expect(tds.log.at(-1)?.bulk?.rows.map(([text]) => text)).toEqual(texts);
});

test("INSERT BULK names every column with its type, and the rows are described alike", async () => {
  const { tds, pool } = await serveTds();
  await streamBulk(pool, { table: "[stage].[orders]", columns: COLUMNS, rows: [] });
  const [load] = tds.log.filter(({ kind }) => kind === "bulk");
  expect(load?.text).toBe(
    "insert bulk [stage].[orders]([id] int, [big] bigint, [level] tinyint, [open] bit, [total] decimal(19, 4), " +
      "[score] float, [day] date, [at] time(3), [placed] datetime2(3), [key] uniqueidentifier, [name] nvarchar(40), " +
      "[note] nvarchar(max), [code] varchar(10))",
  );
  const described = load?.bulk?.columns.map(({ name, type }) => `[${name}] ${type}`).join(", ");
  expect(load?.text).toBe(`insert bulk [stage].[orders](${described})`);
  expect(load?.bulk?.columns.filter(({ nullable }) => !nullable).map(({ name }) => name)).toEqual(["id"]);
});

test("a load runs in the transaction it was started in, after the lock and before the commit", async () => {
  const { tds, pool } = await serveTds();
  tds.answer("sp_getapplock", { columns: { granted: "int" }, rows: [[0]] });
  const transaction = pool.transaction();
  await transaction.begin();
  await transaction
    .request()
    .query("DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'shop'; SELECT @r AS granted");
  await streamBulk(transaction, { table: "stage", columns: COLUMNS.slice(0, 1), rows: [[1], [2]] });
  await transaction.commit();
  expect(tds.statements()).toEqual([
    "BEGIN TRANSACTION",
    "DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'shop'; SELECT @r AS granted",
    "insert bulk stage([id] int)",
    "(bulk of 2 rows)",
    "COMMIT TRANSACTION",
  ]);
  const inside = tds.log.filter(({ kind }) => kind !== "driver" && kind !== "login").slice(1);
  expect(inside.map(({ transaction }) => transaction)).toEqual([1, 1, 1, 1]);
});

test("equal rows have an equal checksum, and one changed value another", async () => {
  const { tds, pool } = await serveTds();
  const changed = function* () {
    for (let i = 0; i < 1000; i++) yield i === 500 ? [i, ...given(500).slice(1, -1), "€x"] : given(i);
  };
  const load = (rows: Iterable<unknown[]>) => streamBulk(pool, { table: "t", columns: COLUMNS, rows });
  await load(rowsGiven(1000));
  await load([...rowsGiven(1000)]);
  await load(changed());
  const [first, again, other] = tds.log.flatMap(({ bulk }) => (bulk ? [bulk.checksum] : []));
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("a text longer than its column fails the whole load with error 4815", async () => {
  const { tds, pool } = await serveTds();
  const columns: BulkColumnOf[] = [["name", TYPES.NVarChar, { nullable: true, length: 3 }]];
  const load = streamBulk(pool, { table: "t", columns, rows: [["abc"], ["abcd"]] });
  await expect(load).rejects.toMatchObject({ number: 4815 });
  expect(tds.log.at(-1)?.status).toBe("failed");
});

test("a value the driver can't convert takes the load back and gives the client's own error", async () => {
  const { tds, pool } = await serveTds();
  const load = streamBulk(pool, { table: "t", columns: COLUMNS.slice(0, 1), rows: [[1], ["one"]] });
  await expect(load).rejects.toThrow("Invalid number.");
  expect(tds.log.at(-1)).toMatchObject({ kind: "bulk", status: "ignored" });
});

test("the connection goes on after a load that failed", async () => {
  const { tds, pool } = await serveTds({ pool: { max: 1 } });
  const load = (rows: unknown[][]) => streamBulk(pool, { table: "t", columns: COLUMNS.slice(0, 1), rows });
  await expect(load([["one"]])).rejects.toThrow();
  tds.fail({ afterBulkRows: 1 }, { number: 2627, message: "Violation of PRIMARY KEY constraint." });
  await expect(load([[1]])).rejects.toMatchObject({ number: 2627 });
  expect(await load([[1], [2]])).toBe(2);
  expect(new Set(tds.log.filter(({ kind }) => kind === "bulk").map(({ connection }) => connection)).size).toBe(1);
});

test("mssql's own bulk works too, with its table of rows", async () => {
  const { tds, pool } = await serveTds();
  const table = new sql.Table("stage.t");
  table.create = false;
  table.columns.add("id", sql.Int, { nullable: false });
  table.columns.add("total", sql.Decimal(19, 4), { nullable: true });
  table.rows.add(1, 12.5);
  expect((await pool.request().bulk(table)).rowsAffected).toBe(1);
  expect(tds.log.at(-1)?.bulk?.rows).toEqual([[1, "12.5000"]]);
});
