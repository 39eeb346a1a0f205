/** What reaches the caller when the server fails: errors by number, refused logins, cut and stalled connections. */
import sql from "mssql";
import { TYPES } from "tedious";
import { expect, test } from "vitest";
import { serveTds } from "../../support/tds/served.ts";
import { startTds } from "../../support/tds/server.ts";
import { type BulkColumnOf, streamBulk } from "../../support/tds/stream-bulk.ts";

const COLUMNS: readonly BulkColumnOf[] = [["id", TYPES.Int, { nullable: false }]];

/** Which of the two it is depends on whether the driver was about to read or to write. */
const BROKEN = { code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/) };

/** Rows without end, and whether whoever reads them said that no more are wanted. */
function endless() {
  const source = { isClosed: false, given: 0, rows };
  function* rows() {
    try {
      for (;;) yield [source.given++];
    } finally {
      source.isClosed = true;
    }
  }
  return source;
}

const logins = (tds: { log: readonly { kind: string }[] }): number =>
  tds.log.filter(({ kind }) => kind === "login").length;

test("a deadlock victim gets 1205, its transaction is gone, and rolling back says so with EABORT", async () => {
  const { tds, pool } = await serveTds();
  tds.answer("INSERT", { rowsAffected: 1 });
  tds.fail("INSERT", { number: 1205, message: "Transaction was deadlocked." });
  const transaction = pool.transaction();
  await transaction.begin();
  await expect(transaction.request().query("INSERT t")).rejects.toMatchObject({ number: 1205, class: 13 });
  await expect(transaction.rollback()).rejects.toMatchObject({ code: "EABORT" });
  // Whole unit again.
  const again = pool.transaction();
  await again.begin();
  expect((await again.request().query("INSERT t")).rowsAffected).toEqual([1]);
  await again.commit();
  expect(tds.statements()).toEqual([
    "BEGIN TRANSACTION",
    "INSERT t",
    "BEGIN TRANSACTION",
    "INSERT t",
    "COMMIT TRANSACTION",
  ]);
});

test("an error that doesn't end the transaction leaves it to be rolled back", async () => {
  const { tds, pool } = await serveTds();
  tds.fail("INSERT", { number: 547, message: "The INSERT statement conflicted with the FOREIGN KEY constraint." });
  const transaction = pool.transaction();
  await transaction.begin();
  await expect(transaction.request().query("INSERT t")).rejects.toMatchObject({ number: 547 });
  await transaction.rollback();
  expect(tds.statements()).toEqual(["BEGIN TRANSACTION", "INSERT t", "ROLLBACK TRANSACTION"]);
});

test("a constraint that rows break fails the load at its end with 547; a wrong table fails before any row", async () => {
  const { tds, pool } = await serveTds();
  tds.fail({ afterBulkRows: 3, of: "good" }, { number: 547 });
  tds.fail("insert bulk missing", { number: 208, message: "Invalid object name 'missing'." });
  const load = (table: string, rows: Iterable<unknown[]>) =>
    streamBulk(pool, { table, columns: COLUMNS, rows, options: { checkConstraints: true } });
  await expect(load("good", [[1], [2], [3]])).rejects.toMatchObject({ number: 547 });
  const source = endless();
  await expect(load("missing", source.rows())).rejects.toMatchObject({ number: 208 });
  expect([source.isClosed, source.given]).toEqual([true, 1]);
  expect(tds.log.filter(({ kind }) => kind === "bulk").map(({ status, bulk }) => [status, bulk?.rowCount])).toEqual([
    ["failed", 3],
  ]);
});

test("a database that wakes up is waited for by the driver, if it is told to wait long enough", async () => {
  const tds = await startTds();
  tds.failLogin({ number: 40_613, times: 5, message: "Database is not currently available." });
  const config = sql.ConnectionPool.parseConnectionString(tds.connectionString);
  const connect = (retries?: number) => {
    const maxRetries = retries === undefined ? {} : { maxRetriesOnTransientErrors: retries };
    return new sql.ConnectionPool({
      ...config,
      options: { ...config.options, connectionRetryInterval: 1, ...maxRetries },
    }).connect();
  };
  // Three more tries by default, and then an error that has lost its number.
  const refused = await connect().catch((error) => error);
  expect([refused.code, refused.number, refused.message]).toEqual([
    "ELOGIN",
    undefined,
    "Database is not currently available.",
  ]);
  expect(logins(tds)).toBe(4);
  const pool = await connect(12);
  // One refused, one taken for the trial that `connect` makes.
  expect(logins(tds)).toBe(6);
  await pool.close();
  await tds.close();
});

test("a login that will never be right is tried once", async () => {
  const tds = await startTds();
  tds.failLogin({ number: 18_456, message: "Login failed for user 'tester'." });
  await expect(new sql.ConnectionPool(tds.connectionString).connect()).rejects.toMatchObject({ code: "ELOGIN" });
  expect(logins(tds)).toBe(1);
  await tds.close();
});

test.each(["SELECT n", "COMMIT TRANSACTION"])(
  "a line that is cut at %s is a reset connection, and the pool finds a new one",
  async (place) => {
    const { tds, pool } = await serveTds();
    tds.answer("SELECT n", { columns: { n: "int" }, rows: [[1]] });
    tds.cut(place);
    const transaction = pool.transaction();
    const work = async () => {
      await transaction.begin();
      await transaction.request().query("SELECT n");
      await transaction.commit();
    };
    await expect(work()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(tds.log.findLast(({ status }) => status === "cut")?.text).toBe(place);
    // A transaction keeps its dead connection until it is rolled back, which fails; after a commit it has none.
    const code = place === "SELECT n" ? "EINVALIDSTATE" : "ENOTBEGUN";
    await expect(transaction.rollback()).rejects.toMatchObject({ code });
    expect((await pool.request().query("SELECT n")).recordset).toEqual([{ n: 1 }]);
  },
);

test("a line that is cut in the middle of a load ends it, and who opened the source must close it", async () => {
  const { tds, pool } = await serveTds();
  tds.cut({ afterBulkRows: 1000 });
  const source = endless();
  const rows = source.rows();
  // Without `return`, which streamBulk calls at the end, nobody closes a generator: the driver forgets it.
  const forgotten = { [Symbol.iterator]: () => ({ next: () => rows.next() }) };
  await expect(streamBulk(pool, { table: "t", columns: COLUMNS, rows: forgotten })).rejects.toMatchObject(BROKEN);
  const load = tds.log.find(({ kind }) => kind === "bulk");
  expect(load?.status).toBe("cut");
  expect(load?.bulk?.rowCount).toBeGreaterThanOrEqual(1000);
  expect(source.isClosed).toBe(false);

  tds.cut({ afterBulkRows: 1000 });
  await expect(streamBulk(pool, { table: "t", columns: COLUMNS, rows })).rejects.toMatchObject(BROKEN);
  expect(source.isClosed).toBe(true);
});

test("a stalled statement is cancelled by an attention, and the connection goes on", async () => {
  const { tds, pool } = await serveTds({ pool: { max: 1 } });
  tds.answer("SELECT n", { columns: { n: "int" }, rows: [[1]] });
  const held = tds.stall("SELECT n");
  const request = pool.request();
  const asked = request.query("SELECT n");
  await held.reached;
  request.cancel();
  await expect(asked).rejects.toMatchObject({ code: "ECANCEL" });
  expect(tds.log.slice(-2).map(({ kind, text, status }) => [kind, text, status])).toEqual([
    ["rpc", "SELECT n", "cancelled"],
    ["attention", "SELECT n", "answered"],
  ]);
  // Let go too late, it has nobody to answer.
  held.release();
  expect((await pool.request().query("SELECT n")).recordset).toEqual([{ n: 1 }]);
  expect(tds.log.filter(({ kind }) => kind === "rpc").map(({ connection }) => connection)).toEqual([2, 2]);
});

test("a stalled statement that is let go is answered", async () => {
  const { tds, pool } = await serveTds();
  tds.answer("SELECT n", { columns: { n: "int" }, rows: [[1]] });
  const held = tds.stall("SELECT n");
  const asked = pool.request().query("SELECT n");
  await held.reached;
  held.release();
  expect((await asked).recordset).toEqual([{ n: 1 }]);
});

test("a load whose answer is missing is cancelled by an attention", async () => {
  const { tds, pool } = await serveTds();
  const held = tds.stall({ afterBulkRows: 2 });
  let cancel = () => {};
  const onStart = (means: () => void) => {
    cancel = means;
  };
  const load = streamBulk(pool, { table: "t", columns: COLUMNS, rows: [[1], [2]], onStart });
  await Promise.all([held.reached.then(() => cancel()), expect(load).rejects.toMatchObject({ code: "ECANCEL" })]);
  expect(tds.log.slice(-2).map(({ kind, status }) => [kind, status])).toEqual([
    ["bulk", "cancelled"],
    ["attention", "answered"],
  ]);
});

test("a load that is cancelled in the middle closes its source and takes its rows back", async () => {
  const { tds, pool } = await serveTds({ pool: { max: 1 } });
  const held = tds.stall({ afterBulkRows: 1000 });
  const source = endless();
  let cancel = () => {};
  const onStart = (means: () => void) => {
    cancel = means;
  };
  const load = streamBulk(pool, { table: "t", columns: COLUMNS, rows: source.rows(), onStart });
  await held.reached;
  expect(source.isClosed).toBe(false);
  cancel();
  held.release();
  await expect(load).rejects.toMatchObject({ code: "ECANCEL" });
  expect(source.isClosed).toBe(true);
  // No attention: the message was not finished yet, so it is ended with the ignore bit.
  expect(tds.log.at(-1)).toMatchObject({ kind: "bulk", status: "ignored" });
  expect(await streamBulk(pool, { table: "t", columns: COLUMNS, rows: [[1]] })).toBe(1);
});

test("a server that reads no further makes the source wait", async () => {
  const { tds, pool } = await serveTds();
  const held = tds.stall({ afterBulkRows: 1000 });
  const source = endless();
  const onStart = (cancel: () => void) => void held.reached.then(settled).then(cancel).then(held.release);
  let early = 0;
  let late = 0;
  /** Waits until a whole turn of timers has brought no new row. */
  async function settled(): Promise<void> {
    do {
      early = source.given;
      await new Promise((resolve) => setTimeout(resolve, 50));
      late = source.given;
    } while (early !== late);
  }
  await expect(streamBulk(pool, { table: "t", columns: COLUMNS, rows: source.rows(), onStart })).rejects.toThrow();
  // Buffers of sockets hold some megabytes of six-byte rows; an unbounded source would have gone on for ever.
  expect(late).toBeGreaterThan(1000);
});
