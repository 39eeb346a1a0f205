/** The TDS test server and the real driver: login, statements, parameters, results and transactions. */
import { once } from "node:events";
import { connect } from "node:net";
import sql from "mssql";
import { TYPES } from "tedious";
import { expect, test } from "vitest";
import { serveTds } from "../../support/tds/served.ts";
import { startTds } from "../../support/tds/server.ts";
import { type BulkColumnOf, streamBulk } from "../../support/tds/stream-bulk.ts";

test("a login is logged with its user, database and application, and nowhere with its password", async () => {
  const { tds } = await serveTds({ database: "shop", user: "loader", password: "never-to-be-seen" });
  const login = tds.log.find(({ kind }) => kind === "login");
  expect(login?.parameters).toEqual({ user: "loader", database: "shop", application: "node-mssql" });
  expect(JSON.stringify(tds.log)).not.toContain("never-to-be-seen");
});

test("a client that insists on encryption hangs up before it has sent its password", async () => {
  const tds = await startTds();
  const pool = new sql.ConnectionPool(tds.connectionString.replace("Encrypt=false", "Encrypt=true"));
  await expect(pool.connect()).rejects.toMatchObject({ code: "EENCRYPT" });
  expect(tds.log).toEqual([]);
  await tds.close();
});

test("encryption works as a connection string asks for it, for statements and for long loads", async () => {
  const { tds, pool } = await serveTds({}, { encryption: "on" });
  expect(tds.connectionString).toContain("Encrypt=true");
  tds.answer("SELECT n", { columns: { n: "nvarchar(max)" }, rows: [["é".repeat(100_000)]] });
  expect((await pool.request().query("SELECT n")).recordset).toEqual([{ n: "é".repeat(100_000) }]);
  const columns: BulkColumnOf[] = [["id", TYPES.Int, { nullable: false }]];
  const rows = Array.from({ length: 100_000 }, (_, i) => [i]);
  expect(await streamBulk(pool, { table: "t", columns, rows })).toBe(100_000);
  expect(tds.log.at(-1)?.bulk?.rows[999]).toEqual([999]);
});

test("a server that encrypts takes no login in the clear", async () => {
  const tds = await startTds({ encryption: "on" });
  const clear = tds.connectionString.replace("Encrypt=true", "Encrypt=false");
  await expect(new sql.ConnectionPool(clear).connect()).rejects.toMatchObject({ code: "EENCRYPT" });
  expect(tds.log).toEqual([]);
  await tds.close();
});

test("a certificate that nobody vouches for is refused unless it is taken on trust", async () => {
  const tds = await startTds({ encryption: "on" });
  const wary = tds.connectionString.replace("TrustServerCertificate=true", "TrustServerCertificate=false");
  await expect(new sql.ConnectionPool(wary).connect()).rejects.toMatchObject({ code: "ESOCKET" });
  expect(tds.log).toEqual([]);
  await tds.close();
});

test("strict encryption works with a certificate that is trusted, and not with one that isn't", async () => {
  const tds = await startTds({ encryption: "strict" });
  tds.answer("SELECT n", { columns: { n: "int" }, rows: [[1]] });
  const config = sql.ConnectionPool.parseConnectionString(tds.connectionString);
  const connect = (cryptoCredentialsDetails: object) => {
    const options = { ...config.options, encrypt: "strict", serverName: "localhost", cryptoCredentialsDetails };
    return new sql.ConnectionPool({ ...config, options: options as unknown as sql.IOptions }).connect();
  };
  await expect(connect({})).rejects.toMatchObject({ code: "ESOCKET" });
  expect(tds.log).toEqual([]);
  const pool = await connect({ ca: tds.certificate });
  expect((await pool.request().query("SELECT n")).recordset).toEqual([{ n: 1 }]);
  await pool.close();
  await tds.close();
});

test("a row comes back with every type", async () => {
  const { tds, pool } = await serveTds();
  const instant = "2024-02-29T23:59:59.987";
  const cells: [name: string, type: string, sent: string | number | bigint | boolean, received: unknown][] = [
    ["bit", "bit", true, true],
    ["tinyint", "tinyint", 255, 255],
    ["smallint", "smallint", -32_768, -32_768],
    ["int", "int", -2_147_483_648, -2_147_483_648],
    ["bigint", "bigint", 9_223_372_036_854_775_807n, "9223372036854775807"],
    ["real", "real", 0.5, 0.5],
    ["float", "float", 0.1, 0.1],
    ["small_decimal", "decimal(9, 2)", "-1234567.89", -1_234_567.89],
    ["decimal", "decimal(19, 4)", "123.4500", 123.45],
    ["wide_decimal", "decimal(38, 0)", "18446744073709551616", 2 ** 64],
    ["money", "money", "-12.3456", -12.3456],
    ["smallmoney", "smallmoney", "12.3456", 12.3456],
    ["date", "date", "2024-02-29", new Date("2024-02-29T00:00:00Z")],
    ["time", "time(3)", "23:59:59.987", new Date("1970-01-01T23:59:59.987Z")],
    ["datetime2", "datetime2(3)", instant, new Date(`${instant}Z`)],
    ["datetime2_7", "datetime2(7)", instant, new Date(`${instant}Z`)],
    ["datetime", "datetime", instant, new Date(`${instant}Z`)],
    ["smalldatetime", "smalldatetime", "2024-02-29T23:59:00", new Date("2024-02-29T23:59:00Z")],
    [
      "uniqueidentifier",
      "uniqueidentifier",
      "6f9619ff-8b86-d011-b42d-00c04fc964ff",
      "6F9619FF-8B86-D011-B42D-00C04FC964FF",
    ],
    ["nvarchar", "nvarchar(40)", "Zoë 😀", "Zoë 😀"],
    ["nvarchar_max", "nvarchar(max)", "é".repeat(9000), "é".repeat(9000)],
    ["varchar", "varchar(40)", "€uro", "€uro"],
    ["varchar_max", "varchar(max)", "", ""],
  ];
  const columns = Object.fromEntries(cells.map(([name, type]) => [name, type]));
  tds.answer("FROM every_type", { columns, rows: [cells.map(([, , sent]) => sent), cells.map(() => null)] });

  const { recordset } = await pool.request().query("SELECT * FROM every_type");
  expect(recordset).toEqual([
    Object.fromEntries(cells.map(([name, , , received]) => [name, received])),
    Object.fromEntries(cells.map(([name]) => [name, null])),
  ]);
});

test("parameters are logged decoded, with the types they were declared with", async () => {
  const { tds, pool } = await serveTds();
  tds.answer(/^UPDATE orders/, { rowsAffected: 1 });
  await pool
    .request()
    .input("id", sql.BigInt, "9007199254740993")
    .input("total", sql.Decimal(19, 4), 12.5)
    .input("placed", sql.DateTime2(3), new Date("2024-02-29T23:59:59.987Z"))
    .input("note", sql.NVarChar(200), "Zoë 😀")
    .input("source", sql.VarChar(50), "a/b.csv")
    .input("big", sql.NVarChar(sql.MAX), "x".repeat(10_000))
    .input("none", sql.Int, null)
    .query("UPDATE orders SET total = @total WHERE id = @id");

  const call = tds.log.find(({ kind }) => kind === "rpc");
  expect(call?.declared).toBe(
    "@id bigint, @total decimal(19, 4), @placed datetime2(3), @note nvarchar(200), @source varchar(50), @big nvarchar(max), @none int",
  );
  expect(call?.parameters).toEqual({
    id: 9_007_199_254_740_993n,
    total: "12.5000",
    placed: "2024-02-29T23:59:59.987",
    note: "Zoë 😀",
    source: "a/b.csv",
    big: "x".repeat(10_000),
    none: null,
  });
});

test("counts, several results and messages come through, for a batch as for a call", async () => {
  const { tds, pool } = await serveTds();
  const reply = [
    { rowsAffected: 3 },
    { columns: { n: "int" }, rows: [[7]] },
    { info: { message: "done", number: 50_001 } },
  ];
  tds.answer("UPDATE t", reply);
  for (const ask of ["query", "batch"] as const) {
    const request = pool.request();
    const heard: string[] = [];
    request.on("info", ({ message }) => heard.push(message));
    const { recordset, rowsAffected } = await request[ask]("UPDATE t; SELECT n; PRINT 'done'");
    expect([recordset, rowsAffected, heard]).toEqual([[{ n: 7 }], [3, 1], ["done"]]);
  }
  expect(tds.log.filter(({ kind }) => kind !== "driver" && kind !== "login").map(({ kind }) => kind)).toEqual([
    "rpc",
    "batch",
  ]);
});

test("a procedure called by name gives its return value, and an answer may look at the parameters", async () => {
  const { tds, pool } = await serveTds();
  tds.answer("EXEC sp_getapplock", ({ parameters }) => ({ returns: parameters.Resource === "taken" ? -1 : 0 }));
  const lock = (resource: string) =>
    pool.request().input("Resource", sql.NVarChar(255), resource).execute("sp_getapplock");
  expect((await lock("free")).returnValue).toBe(0);
  expect((await lock("taken")).returnValue).toBe(-1);
});

test("statements carry the transaction they run in, and a rollback ends it", async () => {
  const { tds, pool } = await serveTds();
  tds.answer("INSERT", { rowsAffected: 1 });
  const first = pool.transaction();
  await first.begin(sql.ISOLATION_LEVEL.SERIALIZABLE);
  await first.request().query("INSERT a");
  await first.commit();
  const second = pool.transaction();
  await second.begin();
  await second.request().query("INSERT b");
  await second.rollback();
  await pool.request().query("INSERT c");

  const sent = tds.log.filter(({ kind }) => kind === "rpc" || kind === "transaction");
  expect(sent.map(({ text, transaction }) => [text, transaction])).toEqual([
    ["BEGIN TRANSACTION", 0],
    ["INSERT a", 1],
    ["COMMIT TRANSACTION", 1],
    ["BEGIN TRANSACTION", 0],
    ["INSERT b", 2],
    ["ROLLBACK TRANSACTION", 2],
    ["INSERT c", 0],
  ]);
  expect(sent[0]?.parameters).toEqual({ isolation: sql.ISOLATION_LEVEL.SERIALIZABLE });
});

test("a statement that nothing is scripted for fails at once, and again when the server is closed", async () => {
  const tds = await startTds();
  const pool = await new sql.ConnectionPool(tds.connectionString).connect();
  await expect(pool.request().query("SELECT surprise")).rejects.toMatchObject({
    number: 50_000,
    message: "No answer is scripted for: SELECT surprise",
  });
  await pool.close();
  await expect(tds.close()).rejects.toThrow("SELECT surprise");
});

test("what is no TDS ends the connection, and fails when the server is closed", async () => {
  const tds = await startTds();
  const socket = connect(tds.port, "127.0.0.1").resume();
  socket.end("GET / HTTP/1.1\r\n\r\n".padEnd(30_000));
  await once(socket, "close");
  await expect(tds.close()).rejects.toThrow("a message of type 71 is not known here");
});

test("the newest of several answers speaks, and a failure comes before them", async () => {
  const { tds, pool } = await serveTds();
  tds.answer("SELECT n", { columns: { n: "int" }, rows: [[1]] });
  tds.answer("SELECT   n\n", { columns: { n: "int" }, rows: [[2]] });
  tds.fail("SELECT n", { number: 8134, state: 7, message: "Divide by zero error encountered." });
  const ask = () => pool.request().query("SELECT n FROM t");
  await expect(ask()).rejects.toMatchObject({ number: 8134, state: 7, class: 16 });
  expect((await ask()).recordset).toEqual([{ n: 2 }]);
});
