/**
 * The loader and the real driver against the TDS test server: what is said, in which order and transaction, and what
 * becomes of it when the server fails. Answers are scripted, so nothing here shows that T-SQL does what we think.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { loadDataset, stageTable } from "../../../src/load/load.ts";
import { connectSqlServer } from "../../../src/load/sqlserver/connection.ts";
import { sqlServerTarget } from "../../../src/load/sqlserver/target.ts";
import { bigShopFiles, manifestOf, opener, shop, shopFiles } from "../../support/load-fixtures.ts";
import { changed, scriptLoader, standLoaded } from "../../support/tds/loader-script.ts";
import { serveLoader as serve } from "../../support/tds/loader-served.ts";
import { startTds } from "../../support/tds/server.ts";

const COUNTS =
  /^(?:BEGIN|COMMIT|ROLLBACK) TRANSACTION$|sp_getapplock|^insert bulk|^\(bulk|^INSERT|^UPDATE|^CREATE|^ALTER|^DROP/;
const outline = (statements: string[]): string[] =>
  statements
    .filter((text) => COUNTS.test(text))
    .map((text) => (/sp_getapplock/.test(text) ? "lock" : (text.split(/[(\n]/)[0] as string).trim()));

test("INSERT BULK has a staging heap with its line, units for decimals, scales for instants, and both hints", async () => {
  const { tds, load } = await serve();
  await load();
  const bulks = tds.log.filter(({ kind }) => kind === "bulk");
  expect(bulks.map(({ text }) => text)).toEqual([
    "insert bulk [relata_stage].[7e5d_customers]([_line] bigint, [customer_id] bigint, [name] nvarchar(40), " +
      "[email] nvarchar(850), [note] nvarchar(4000), [active] bit, [customer_tier] nvarchar(6)) WITH (CHECK_CONSTRAINTS,KEEP_NULLS,TABLOCK)",
    "insert bulk [relata_stage].[7e5d_products]([_line] bigint, [product_id] bigint, [product_name] nvarchar(425), " +
      "[brand] nvarchar(425), [price] bigint, [rating] bigint) WITH (CHECK_CONSTRAINTS,KEEP_NULLS,TABLOCK)",
    "insert bulk [relata_stage].[7e5d_orders]([_line] bigint, [order_id] bigint, [customer_id] bigint, [product_id] bigint, " +
      "[order_date] date, [quantity] bigint, [total_amount] bigint) WITH (CHECK_CONSTRAINTS,KEEP_NULLS,TABLOCK)",
  ]);
  expect(bulks[0]?.bulk?.rows).toEqual([
    [2n, 1001n, "Zoë Müller-Łukasz", "zoe@example.com", 'said "hello, world"\non two lines', true, "Gold"],
    [4n, 1002n, "李小龍 🐉", "li@example.org", "", false, "L'Or"],
    [5n, 1003n, "Ann", "ann@example.net", null, null, null],
  ]);
  expect(bulks[2]?.bulk?.rows[2]).toEqual([4n, 3003n, 1002n, 2001n, null, 2n, 3998n]);
});

test("each table is staged in its own transaction, then one of all locks, tables, rows, keys, indexes and the log", async () => {
  const { tds, load } = await serve();
  const report = await load();
  expect(report).toMatchObject({ target: "sqlserver", database: "test.shop_demo", alreadyLoaded: false });
  expect(report.tables.orders).toMatchObject({
    ...{ csv: 4, staged: 4, inserted: 4, updated: 0, unchanged: 0, rejected: 0 },
    constraints: { foreignKeys: 2, checks: 2, trusted: true },
  });
  expect(report.tables.products?.constraints).toEqual({ foreignKeys: 0, checks: 4, trusted: true });
  const staging = (table: string, rows: number) =>
    [
      ...["BEGIN TRANSACTION", "lock", `DROP TABLE IF EXISTS [relata_stage].[7e5d_${table}]`],
      ...[
        `CREATE TABLE [relata_stage].[7e5d_${table}]`,
        `insert bulk [relata_stage].[7e5d_${table}]`,
        "",
        "COMMIT TRANSACTION",
      ],
    ].map((text) => text || `bulk of ${rows} rows`);
  const lines = outline(tds.statements().map((text) => text.replace(/^\((bulk of \d+ rows)\)$/, "INSERT $1"))).map(
    (text) => text.replace("INSERT bulk", "bulk"),
  );
  const tail = lines.slice(lines.indexOf("CREATE TABLE [shop_demo].[customers]"));
  for (const [table, rows] of Object.entries({ customers: 3, products: 2, orders: 4 })) {
    const start = lines.indexOf(`DROP TABLE IF EXISTS [relata_stage].[7e5d_${table}]`) - 2;
    expect(lines.slice(start, start + 7)).toEqual(staging(table, rows));
  }
  expect(tail).toEqual([
    "CREATE TABLE [shop_demo].[customers]",
    "CREATE TABLE [shop_demo].[products]",
    "CREATE TABLE [shop_demo].[orders]",
    "INSERT INTO [shop_demo].[customers]",
    "INSERT INTO [shop_demo].[products]",
    "INSERT INTO [shop_demo].[orders]",
    "CREATE INDEX [ix_orders_order_date] ON [shop_demo].[orders]",
    "CREATE INDEX [ix_orders_product_id_order_date] ON [shop_demo].[orders]",
    "CREATE INDEX [ix_orders_customer_id] ON [shop_demo].[orders]",
    "CREATE INDEX [ix_orders_product_id] ON [shop_demo].[orders]",
    "ALTER TABLE [shop_demo].[orders] ADD CONSTRAINT [fk_orders_customers] FOREIGN KEY",
    "ALTER TABLE [shop_demo].[orders] ADD CONSTRAINT [fk_orders_products] FOREIGN KEY",
    "UPDATE [relata].[load_log] SET [report] = @report",
    "DROP TABLE IF EXISTS [relata_stage].[7e5d_customers]",
    "DROP TABLE IF EXISTS [relata_stage].[7e5d_products]",
    "DROP TABLE IF EXISTS [relata_stage].[7e5d_orders]",
    "COMMIT TRANSACTION",
  ]);
  const last = Math.max(...tds.log.map(({ transaction }) => transaction));
  const inLast = tds.log
    .filter(({ transaction, kind }) => transaction === last && kind === "rpc")
    .map(({ parameters }) => parameters.name);
  expect(inLast.slice(0, 3)).toEqual([
    "relata:shop_demo.customers",
    "relata:shop_demo.orders",
    "relata:shop_demo.products",
  ]);
  expect(tds.statements().join("\n")).not.toMatch(/NOCHECK|MERGE|DISABLE/);
});

test.each([1205, 40_197, 40_501, 40_613, 10_928, 49_918])(
  "error %i in the middle is waited for, and the whole unit is done again",
  async (number) => {
    const { tds, load, waits } = await serve();
    tds.fail("INSERT INTO [shop_demo].[orders]", { number, times: 2, aborts: true });
    expect((await load()).tables.orders).toMatchObject({ inserted: 4 });
    // Half of the wait is by chance; here always the middle of it.
    expect(waits).toEqual([3750, 7500]);
    const inserts = tds.statements().filter((text) => text.startsWith("INSERT INTO [shop_demo].[customers]"));
    expect(inserts).toHaveLength(3);
    expect(tds.log.filter(({ kind }) => kind === "bulk")).toHaveLength(3);
  },
);

test.each([
  [547, "load-broken-rule"],
  [2627, "load-duplicate-key"],
  [2601, "load-duplicate-key"],
  [515, "load-broken-rule"],
  [40_544, "load-database-full"],
  [1105, "load-database-full"],
  [229, "load-permission"],
  [3726, "load-referenced"],
  [4815, "load-refused"],
])("error %i ends the job as %s, without another try", async (number, code) => {
  const { tds, load, waits } = await serve();
  tds.fail("INSERT INTO [shop_demo].[orders]", { number, message: "No." });
  await expect(load()).rejects.toMatchObject({ name: "JobFailure", code });
  expect(waits).toEqual([]);
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test("what never passes is told after six tries, as a server that can't be reached", async () => {
  const { tds, load, waits } = await serve();
  tds.fail("INSERT INTO [shop_demo].[orders]", { number: 40_501, times: Number.POSITIVE_INFINITY, aborts: true });
  await expect(load()).rejects.toMatchObject({
    name: "Unavailable",
    message: "The SQL server of SQL_CONNECTION_STRING can't be reached or is busy.",
  });
  expect(waits).toEqual([3750, 7500, 15_000, 30_000, 45_000]);
});

test("a lock that another load keeps is waited for, and nothing is touched", async () => {
  const { tds, load, script, waits } = await serve();
  await load();
  const before = tds.statements().length;
  script.granted = -1;
  await expect(load(shopFiles, { id: "0000" })).rejects.toMatchObject({
    name: "Unavailable",
    message: expect.stringMatching(/^Another load/),
  });
  expect(waits).toHaveLength(5);
  expect(new Set(outline(tds.statements().slice(before)))).toEqual(
    new Set(["BEGIN TRANSACTION", "lock", "ROLLBACK TRANSACTION"]),
  );
});

test("a refused login ends the job at once and names neither user nor password", async () => {
  const { tds, load, waits } = await serve();
  tds.failLogin({ number: 18_456, message: "Login failed for user 'tester'.", times: Number.POSITIVE_INFINITY });
  const error = (await load().catch((error) => error)) as Error;
  expect(error).toMatchObject({ name: "JobFailure", code: "load-login" });
  expect(error.message).not.toMatch(/tester|any/);
  expect(waits).toEqual([]);
});

test("a host that nobody knows ends the job at once, naming the setting", async () => {
  const server = connectSqlServer("Server=no-such-host.invalid;Database=x;User Id=a;Password=b;Encrypt=true");
  const waits: number[] = [];
  const target = sqlServerTarget(server, { sleep: async (ms) => void waits.push(ms), random: () => 0.5 });
  const load = loadDataset(target, { id: "7e5d", manifest: manifestOf(shopFiles), open: opener(shopFiles) });
  await expect(load).rejects.toMatchObject({
    name: "JobFailure",
    code: "load-connection",
    message: expect.stringContaining("SQL_CONNECTION_STRING"),
  });
  expect(waits).toEqual([]);
});

test("a server whose certificate nobody vouches for ends the job at once, naming both remedies", async () => {
  const tds = await startTds({ encryption: "on" });
  onTestFinished(() => tds.close());
  const server = connectSqlServer(tds.connectionString.replace(";TrustServerCertificate=true", ""));
  const sleep = () => Promise.reject(new Error("nothing is to be waited for"));
  const target = sqlServerTarget(server, { sleep, random: () => 0.5 });
  const load = loadDataset(target, { id: "7e5d", manifest: manifestOf(shopFiles), open: opener(shopFiles) });
  await expect(load).rejects.toMatchObject({
    name: "JobFailure",
    code: "load-connection",
    message: expect.stringMatching(
      /certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\).* trusts.* TrustServerCertificate=true/,
    ),
  });
});

test("a dataset called as the loader's own schema has its tables beside it", async () => {
  const { tds, target } = await serve();
  scriptLoader(tds, shop, "data_relata");
  const manifest = manifestOf(shopFiles, shop, "relata");
  const report = await loadDataset(target, { id: "7e5d", manifest, open: opener(shopFiles) });
  expect(report.database).toBe("test.data_relata");
});

test("a closed firewall ends the job and says so", async () => {
  const { tds, load } = await serve();
  const message = "Cannot open server 'x'. Client with IP address '10.0.0.1' is not allowed to access the server.";
  tds.failLogin({ number: 40_615, message, times: Number.POSITIVE_INFINITY });
  await expect(load()).rejects.toMatchObject({
    name: "JobFailure",
    code: "load-firewall",
    message: expect.not.stringContaining("10.0"),
  });
});

test.each([
  ["in the middle of the rows", { afterBulkRows: 5000, of: "7e5d_orders" }],
  ["at the INSERT", "INSERT INTO [shop_demo].[orders]"],
  ["at the lock", "sp_getapplock"],
])("a line that is cut %s is taken up again from the last whole unit", async (_, place) => {
  const { tds, load, waits } = await serve();
  tds.cut(place);
  expect((await load(bigShopFiles(9000))).tables.orders).toMatchObject({ csv: 9000, inserted: 9000 });
  expect(waits).toHaveLength(1);
});

test("broken connections are given back: more of them than the pool has, and the next load still finds one", async () => {
  const { tds, load, waits } = await serve();
  for (let i = 0; i < 5; i++) tds.cut("INSERT INTO [shop_demo].[orders]");
  expect((await load()).tables.orders).toMatchObject({ inserted: 4 });
  expect(waits).toHaveLength(5);
  for (let i = 0; i < 5; i++) tds.cut({ afterBulkRows: 1, of: "again_orders" });
  expect((await load(shopFiles, { id: "again" })).tables.orders).toMatchObject({ inserted: 4 });
});

test("a bulk load that stands still is broken off by the loader's own clock, and done again", async () => {
  const { tds, load, waits } = await serve({ stallMs: 1500 });
  const hold = tds.stall({ afterBulkRows: 100, of: "7e5d_orders" });
  const loading = load(bigShopFiles(300_000));
  await hold.reached;
  expect((await loading).tables.orders).toMatchObject({ csv: 300_000, inserted: 300_000 });
  expect(waits).toHaveLength(1);
  const statuses = tds.log.flatMap(({ bulk, status, text }) => (bulk && text.includes("7e5d_orders") ? [status] : []));
  expect(statuses).toHaveLength(2);
  expect(statuses.map((status) => status === "answered")).toEqual([false, true]);
});

test("a statement over its time is broken off", async () => {
  const { tds, load, waits } = await serve({ statementMs: 100 });
  tds.stall("INSERT INTO [shop_demo].[orders]");
  expect((await load()).tables.orders).toMatchObject({ inserted: 4 });
  expect(waits).toHaveLength(1);
});

test("a load that nobody wants any more ends in the middle of its rows: the file is closed, nothing committed", async () => {
  const { tds, target } = await serve();
  const files = bigShopFiles(200_000);
  let isClosed = false;
  let asked = 0;
  const open = async () => {
    async function* slow() {
      try {
        const bytes = Buffer.from(files.orders as string);
        for (let at = 0; at < bytes.length; at += 65_536) {
          yield bytes.subarray(at, at + 65_536);
          await new Promise((resolve) => setTimeout(resolve, 40));
        }
      } finally {
        isClosed = true;
      }
    }
    return slow();
  };
  const isWanted = async () => ++asked < 3;
  const input = { id: "7e5d", manifest: manifestOf(files), open, isWanted };
  await expect(stageTable(target, input, "orders")).rejects.toMatchObject({ code: "load-canceled" });
  expect(isClosed).toBe(true);
  const [bulk] = tds.log.filter(({ kind }) => kind === "bulk");
  expect(bulk?.bulk?.rowCount).toBeGreaterThan(0);
  expect(bulk?.bulk?.rowCount).toBeLessThan(200_000);
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test("a key or check that the server doesn't trust refuses the load", async () => {
  const { tds, load, script } = await serve();
  script.untrusted.add("fk_orders_products");
  await expect(load()).rejects.toMatchObject({
    code: "load-unproven",
    message: "orders: foreign key fk_orders_products is not trusted.",
  });
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test.each([
  ["134904", "191487828", "orders.total_amount: the file has values and sum 4:134905, the table 4:134904."],
  ["134905", "1", "orders: every column has the file's values, but not in the same rows"],
])("a sum that differs refuses the load and says where", async (amount, rowSum, message) => {
  const { tds, load } = await serve();
  const columns = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [
      [`n${i}`, "bigint"],
      [`s${i}`, "varchar(40)"],
    ]).flat(),
  );
  tds.answer(/^SELECT COUNT_BIG\(m\.\[m0\].*FROM \[shop_demo\]\.\[orders\]/s, {
    columns: { ...columns, row_sum: "varchar(40)" },
    rows: [[4n, "12010", 4n, "4007", 3n, "6004", 3n, "61054", 4n, "7", 4n, amount, rowSum]],
  });
  await expect(load()).rejects.toMatchObject({
    code: "load-checksum-differs",
    message: expect.stringContaining(message),
  });
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test("a key that is another one when it was added again refuses the load", async () => {
  const { tds, load, script } = await serve();
  await load();
  standLoaded(tds, "shop-demo");
  const options = { mode: "replace", dropFirst: false };
  const files = { ...shopFiles, orders: (shopFiles.orders as string).replace("39.98", "39.99") };
  expect(await load(files, { id: "good", options })).toMatchObject({ alreadyLoaded: false });
  tds.answer(/^ALTER TABLE .* ADD CONSTRAINT \[fk_orders_products\]/, () => {
    script.altered.set("fk_orders_products", "customer_id");
    return { rowsAffected: 0 };
  });
  await expect(load(files, { id: "next", options })).rejects.toMatchObject({
    code: "load-unproven",
    message: "orders: its definition is not what it was.",
  });
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test("a row that the database counts neither as inserted nor as there before refuses the load", async () => {
  const { tds, load } = await serve();
  tds.answer(/^INSERT INTO \[shop_demo\]\.\[orders\]/, changed(3));
  await expect(load()).rejects.toMatchObject({
    code: "load-miscounted",
    message: "orders: 3 rows inserted, updated or unchanged where there must be 4.",
  });
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test("rows that the columns can't hold are rejected by line before the driver sees them", async () => {
  const { tds, load } = await serve();
  const files = { ...shopFiles, customers: (shopFiles.customers as string).replace("Ann", "A".repeat(41)) };
  await expect(load(files)).rejects.toMatchObject({
    code: "load-bad-value",
    rejected: [
      { table: "customers", line: 5, reason: "field name: the text is longer than the 40 characters of its column" },
    ],
  });
  expect(tds.log.find(({ kind }) => kind === "bulk")?.bulk?.rowCount).toBe(2);
  expect(tds.statements().at(-1)).toBe("ROLLBACK TRANSACTION");
});

test("a million rows go from the file to the wire in the memory of a hundred thousand", {
  timeout: 180_000,
}, async () => {
  const { tds, target } = await serve({}, { keepRows: 0 });
  let peak = 0;
  const peakOf = async (rows: number): Promise<number> => {
    peak = 0;
    const { files, open } = ordersFile(rows, () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    });
    await stageTable(target, { id: `rows${rows}`, manifest: files, open }, "orders");
    return peak;
  };
  await peakOf(20_000);
  const few = await peakOf(100_000);
  const many = await peakOf(1_000_000);
  expect(tds.log.flatMap(({ bulk }) => (bulk ? [bulk.rowCount] : []))).toEqual([20_000, 100_000, 1_000_000]);
  expect(many - few).toBeLessThan(120 * 2 ** 20);
});

/** A file of so many orders that is never whole in memory: its pieces are made as they are read. */
function ordersFile(rows: number, onPiece: () => void) {
  const [head, ...lines] = (bigShopFiles(1000).orders as string).trimEnd().split("\n");
  const tails = lines.map((line) => line.slice(line.indexOf(",")));
  function* pieces() {
    yield Buffer.from(`${head}\n`);
    for (let first = 0; first < rows; first += 1000) {
      onPiece();
      yield Buffer.from(tails.map((tail, i) => `${first + i + 1}${tail}\n`).join(""));
    }
  }
  const hash = createHash("sha256");
  for (const piece of pieces()) hash.update(piece);
  const manifest = manifestOf(shopFiles);
  const orders = { ...(manifest.tables.orders as object), rows, sha256: hash.digest("hex") } as never;
  const open = async () => Readable.from(pieces()) as AsyncIterable<Uint8Array>;
  return { files: { ...manifest, tables: { ...manifest.tables, orders } }, open };
}
