/**
 * Loads: the loader against the bare driver, both into a TDS server that counts and drops rows in a process of its
 * own; whole loads into SQLite; and the loader's memory at one and five million rows. The files are made as they are
 * read, so that no disk is timed. The server stands in for a network, not for a SQL Server: nothing is claimed of one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import sql from "mssql";
import { TYPES } from "tedious";
import type { Manifest } from "../../src/dataset/manifest.ts";
import type { SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { sumRows } from "../../src/load/checksums.ts";
import { loadDataset, stageTable } from "../../src/load/load.ts";
import type { Row } from "../../src/load/row.ts";
import { sqliteTarget } from "../../src/load/sqlite/target.ts";
import { connectSqlServer } from "../../src/load/sqlserver/connection.ts";
import { sqlServerTarget } from "../../src/load/sqlserver/target.ts";
import type { SqlTarget } from "../../src/load/target.ts";
import { manifestOf } from "../support/load-fixtures.ts";
import { scriptLoader } from "../support/tds/loader-script.ts";
import { startTds } from "../support/tds/server.ts";
import { type BulkColumnOf, streamBulk } from "../support/tds/stream-bulk.ts";
import { printGate } from "./gate.ts";

const ROWS = 300_000;
const ROUNDS = 3;
const MILLION = 1_000_000;
const PIECE_ROWS = 1000;

/** Orders of eight fields, with foreign keys whose columns begin the primary key or an index that is asked for. */
function shop(indexed: boolean): SchemaDocument {
  const id = { name: "id", type: "integer" } as const;
  const key = (field: string, resource: string) => ({ fields: [field], reference: { resource, fields: ["id"] } });
  return {
    name: "shop",
    tables: [
      { name: "customers", rows: 3, primaryKey: ["id"], fields: [id] },
      {
        name: "orders",
        rows: ROWS,
        primaryKey: indexed ? ["order_id"] : ["customer_id", "order_id"],
        foreignKeys: [key("customer_id", "customers")],
        ...(indexed ? { indexes: [{ fields: ["customer_id", "order_date"] }, { fields: ["status"] }] } : {}),
        fields: [
          { name: "order_id", type: "integer" },
          { name: "customer_id", type: "integer" },
          { name: "product_id", type: "integer", constraints: { minimum: 1 } },
          { name: "order_date", type: "date" },
          { name: "quantity", type: "integer", constraints: { minimum: 1 } },
          { name: "total_amount", type: "number", scale: 2, constraints: { minimum: 0 } },
          { name: "status", type: "string", constraints: { enum: ["Pending", "Shipped", "Delivered"] } },
          { name: "shipping_address", type: "string", constraints: { maxLength: 60 } },
        ],
      },
    ],
  };
}

const STATUSES = ["Pending", "Shipped", "Delivered"] as const;
const tails = Array.from({ length: PIECE_ROWS }, (_, i) => {
  const day = `2025-${String(1 + (i % 12)).padStart(2, "0")}-15`;
  const total = `${i}.${10 + (i % 90)}`;
  return `,${1 + (i % 3)},${2001 + i},${day},${1 + (i % 5)},${total},${STATUSES[i % 3]},"${i} Main Street, Springfield, IL 62${i}"\n`;
});

function* pieces(schema: SchemaDocument, rows: number): Generator<Buffer> {
  yield Buffer.from(`${schema.tables[1]?.fields.map(({ name }) => name).join()}\n`);
  for (let first = 0; first < rows; first += PIECE_ROWS) {
    yield Buffer.from(tails.map((tail, i) => `${first + i + 1}${tail}`).join(""));
  }
}

/** With `made`, the file is made beforehand, and nothing of that is timed. */
function input(rows: number, id: string, { indexed = false, made = false } = {}) {
  const schema = shop(indexed);
  const customers = "id\n1\n2\n3\n";
  const small: Manifest = manifestOf({ customers, orders: "\n" }, schema, "shop-demo");
  const hash = createHash("sha256");
  const kept: Buffer[] = [];
  for (const piece of pieces(schema, rows)) {
    hash.update(piece);
    if (made) kept.push(piece);
  }
  const orders = { ...(small.tables.orders as object), rows, sha256: hash.digest("hex") } as never;
  const open = async (table: string): Promise<AsyncIterable<Uint8Array>> =>
    Readable.from(table === "orders" ? (made ? kept : pieces(schema, rows)) : [Buffer.from(customers)]);
  return { id, manifest: { ...small, tables: { ...small.tables, orders } }, open };
}

async function timed(rows: number, act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return (rows / (performance.now() - started)) * 1000;
}

/** The rows of a bare driver: made beforehand, a batch again and again, in the columns of the staging table. */
async function driveBare(pool: sql.ConnectionPool, rows: number): Promise<void> {
  const columns: BulkColumnOf[] = [
    ...["_line", "order_id", "customer_id", "product_id"].map(
      (name): BulkColumnOf => [name, TYPES.BigInt, { nullable: true }],
    ),
    ["order_date", TYPES.Date, { nullable: true }],
    ["quantity", TYPES.BigInt, { nullable: true }],
    ["total_amount", TYPES.BigInt, { nullable: true }],
    ["status", TYPES.NVarChar, { nullable: true, length: 9 }],
    ["shipping_address", TYPES.NVarChar, { nullable: true, length: 60 }],
  ];
  const batch = tails.map((_, i) => [
    i,
    i,
    1,
    2001,
    new Date(0),
    1,
    i * 100,
    "Shipped",
    `${i} Main Street, Springfield, IL 62${i}`,
  ]);
  function* all() {
    for (let given = 0; given < rows; given += PIECE_ROWS) yield* batch;
  }
  await streamBulk(pool, { table: "t", columns, rows: all(), options: { lockTable: true } });
}

async function benchSqlServer(url: string): Promise<void> {
  const pool = await new sql.ConnectionPool(url).connect();
  const server = connectSqlServer(url);
  const target = sqlServerTarget(server, { sleep: async () => {}, random: Math.random });
  const best = { bare: 0, staging: 0, loader: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const load = input(ROWS, `round-${round}`);
    best.bare = Math.max(best.bare, await timed(ROWS, () => driveBare(pool, ROWS)));
    best.staging = Math.max(best.staging, await timed(ROWS, () => stageRows(target, load.manifest.schema, round)));
    best.loader = Math.max(best.loader, await timed(ROWS, () => stageTable(target, load, "orders")));
  }
  console.log(
    `load to a TDS server: driver ${best.bare.toFixed(0)}, loader from rows ${best.staging.toFixed(0)}, from CSV ${best.loader.toFixed(0)} rows/s`,
  );
  printGate("load, loader from rows, with checksums, of the bare driver", best.staging / best.bare, ">=", 0.6);
  printGate("load, CSV to the wire, thousand rows/s", best.loader / 1000, ">=", 100);
  await server.close();
  await pool.close();
}

/** The loader's own part: rows that are read already, summed, converted and staged. */
async function stageRows(target: SqlTarget, schema: SchemaDocument, round: number): Promise<void> {
  const options = { mode: "replace", dropFirst: false } as const;
  const load = await target.begin({ id: `rows-${round}`, dataset: "shop-demo", schema, options }, "orders");
  const sums = sumRows(schema.tables[1] as Table, load.textHash);
  const batch = tails.map(
    (_, i): Row => [i, i, 1, 2001, "2025-06-15", 1, i * 100, "Shipped", `${i} Main Street, Springfield, IL 62${i}`],
  );
  async function* batches() {
    for (let given = 0; given < ROWS; given += PIECE_ROWS) {
      for (const row of batch) sums.add(row);
      yield batch;
    }
  }
  await load.stage("orders", batches(), () => {});
  await load.commit();
  await load.close();
}

async function benchSqlite(): Promise<void> {
  for (const [what, indexed, gate] of [
    ["foreign key and checks", false, 150],
    ["with two indexes", true, 80],
  ] as const) {
    let best = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const folder = mkdtempSync(join(tmpdir(), "relata-bench-"));
      const load = input(ROWS, "sqlite", { indexed, made: true });
      best = Math.max(best, await timed(ROWS, () => loadDataset(sqliteTarget(join(folder, "shop.sqlite")), load)));
      rmSync(folder, { recursive: true, force: true });
    }
    printGate(`load, CSV into SQLite, ${what}, proved, thousand rows/s`, best / 1000, ">=", gate);
  }
}

async function peakMegabytes(url: string, rows: number): Promise<number> {
  const child = spawn(process.execPath, [import.meta.filename, "memory", url, String(rows)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  await once(child, "exit");
  return Number(line) / 1024;
}

async function serveSink(): Promise<void> {
  const tds = await startTds({ keepRows: 0 });
  scriptLoader(tds, shop(false), "shop_demo");
  tds.answer("insert bulk", {});
  console.log(tds.connectionString);
}

async function measureMemory(url: string, rows: number): Promise<void> {
  const server = connectSqlServer(url);
  const target = sqlServerTarget(server, { sleep: async () => {}, random: Math.random });
  await stageTable(target, input(rows, `memory-${rows}`), "orders");
  console.log(process.resourceUsage().maxRSS);
  await server.close();
}

async function startSink(): Promise<{ sink: ChildProcess; url: string }> {
  const sink = spawn(process.execPath, [import.meta.filename, "sink"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(sink.stdout as Readable, "data")) as [Buffer];
  return { sink, url: String(line).trim() };
}

const [task, url = "", rows = ""] = process.argv.slice(2);
if (task === "sink") await serveSink();
else if (task === "memory") await measureMemory(url, Number(rows));
else {
  const { sink, url } = await startSink();
  await benchSqlServer(url);
  const [one, five] = [await peakMegabytes(url, MILLION), await peakMegabytes(url, 5 * MILLION)];
  console.log(`load, loader's peak: ${one.toFixed(0)} MiB at one million rows, ${five.toFixed(0)} at five`);
  printGate("load, peak at five million rows / one", five / one, "<=", 1.2);
  sink.kill();
  await benchSqlite();
}
