/**
 * `npm run demo`: the whole job once, on storage of its own. Starts the service, POSTs a request,
 * shows the progress, saves the CSVs to ./out, prints some rows and a join over the loaded SQL
 * tables, and stops everything it started. With `--stub` a stand-in for a model's server writes the
 * texts; with NVIDIA_API_KEY set, the model does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { whenEnded } from "./ending.ts";
import { type Service, startService } from "./service.ts";

const REQUEST = { name: "demo", preset: "ecommerce", seed: 42, load: true };
const OUT = "out";
const POLL_MS = 100;

/** A job is seconds, a minute where a model is slow; one that takes longer has met something the demo can't mend. */
const GIVE_UP_MS = 180_000;

/** The stand-in lies with the tests, which a checkout has. */
const STUB = "test/support/nemotron/main.ts";

const REVENUE_BY_TIER = `
  SELECT c.customer_tier AS tier, COUNT(*) AS orders, printf('%.2f', SUM(o.total_amount)) AS revenue
  FROM orders o
  JOIN customers c ON c.customer_id = o.customer_id
  WHERE o.status <> 'Cancelled'
  GROUP BY c.customer_tier
  ORDER BY SUM(o.total_amount) DESC`;

const BAR_WIDTH = 30;
const SHOWN_LINES = 4;
let lastDrawn = "";

interface JobView {
  status: string;
  error: { message: string } | null;
  progress: {
    phase: string;
    rowsDone: number;
    rowsTotal: number;
    tables: Record<string, { rows: number }>;
    texts: { done: number; total: number };
  };
  warnings: { message: string }[];
  links: { self: string; dataset: string };
}

const home = await mkdtemp(join(tmpdir(), "relata-demo-"));
let service: Service | undefined;
let stub: ChildProcess | undefined;
whenEnded(() => void leave(130));

async function runDemo(): Promise<void> {
  const started = Date.now();
  // The demo brings its own storage and database, so that it can be run again and beside a running service.
  delete process.env.AzureWebJobsStorage;
  delete process.env.SQL_CONNECTION_STRING;
  process.env.RELATA_HOME = home;
  if (process.argv.includes("--stub")) await startStub();
  service = await startService({ port: 0, log: (line) => console.error(line) });
  console.log(`service at ${service.url}\n\nPOST /generate ${JSON.stringify(REQUEST)}`);
  const accepted = await call(`${service.url}/generate`, { method: "POST", body: JSON.stringify(REQUEST) });
  const job = await follow(((await accepted.json()) as JobView).links.self);
  await mkdir(OUT, { recursive: true });
  console.log();
  for (const [table, { rows }] of Object.entries(job.progress.tables)) await saveTable(job, table, rows);
  await tellTexts(job);
  const loaded = join(home, "sql", "demo.sqlite");
  const kept = join(OUT, "demo.sqlite");
  console.log(`Revenue by customer tier, from ${kept}:${REVENUE_BY_TIER}\n`);
  printRows(query(loaded, REVENUE_BY_TIER));
  await copyFile(loaded, kept);
  console.log(`\ndone in ${((Date.now() - started) / 1000).toFixed(1)} s: ${job.progress.rowsTotal} rows`);
}

/** Ends with this process at the latest: it reads what this one would have to say. */
async function startStub(): Promise<void> {
  stub = spawn(process.execPath, [STUB], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(stub.stdout as NonNullable<ChildProcess["stdout"]>, "data")) as [Buffer];
  process.env.NVIDIA_API_KEY = "stub";
  process.env.NEMOTRON_BASE_URL = line.toString().trim();
}

/** Who wrote the texts. */
async function tellTexts({ links, warnings }: JobView): Promise<void> {
  const answer = await call(links.dataset, { headers: { accept: "application/json" } });
  const { text } = (await answer.json()) as { text: { model: string | null; calls: number; cells: object } };
  const written = text.model ? `${text.model}, ${text.calls} requests` : "faker (set NVIDIA_API_KEY for a model)";
  console.log(`texts by ${written}: ${JSON.stringify(text.cells)}`);
  for (const { message } of warnings) console.log(`  warning: ${message}`);
  console.log();
}

/** Polls the job and draws its bar until it ends. */
async function follow(url: string): Promise<JobView> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  for (;;) {
    const job = (await (await call(url)).json()) as JobView;
    drawProgress(job);
    if (job.status === "Succeeded") return job;
    if (job.status === "Failed" || job.status === "Canceled") throw new Error(job.error?.message ?? job.status);
    if (Date.now() > giveUpAt) throw new Error(`the job is still ${job.status} after ${GIVE_UP_MS / 1000} s`);
    await delay(POLL_MS);
  }
}

/** One line that is drawn over on a terminal, and a line for each change elsewhere. */
function drawProgress({ status, progress: { phase, rowsDone, rowsTotal, texts } }: JobView): void {
  const filled = Math.round((BAR_WIDTH * rowsDone) / Math.max(1, rowsTotal));
  const bar = "#".repeat(filled).padEnd(BAR_WIDTH, "-");
  const line = `[${bar}] ${rowsDone}/${rowsTotal} rows, ${phase}${phase === "draft" && texts.done > 0 ? ` ${texts.done}/${texts.total} texts` : ""}`;
  const isOver = status === "Succeeded";
  if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(BAR_WIDTH + 30)}${isOver ? "\n" : ""}`);
  else if (line !== lastDrawn) console.log(line);
  lastDrawn = line;
}

async function saveTable({ links }: JobView, table: string, rows: number): Promise<void> {
  const file = join(OUT, `${table}.csv`);
  const { body } = await call(`${links.dataset}/${table}.csv`);
  if (!body) throw new Error(`${table}.csv came without a body`);
  const [forFile, forScreen] = body.tee();
  const [, text] = await Promise.all([
    pipeline(Readable.fromWeb(forFile as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file)),
    new Response(forScreen).text(),
  ]);
  console.log(`${file} (${rows} rows)`);
  for (const line of text.split("\n").slice(0, SHOWN_LINES)) console.log(`  ${line}`);
  console.log();
}

async function call(url: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (answer.ok) return answer;
  throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

function query(file: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function printRows(rows: readonly Record<string, unknown>[]): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  for (const line of lines) console.log(`  ${line.map((cell, i) => cell.padEnd(widths[i] as number)).join("  ")}`);
}

let leaving: Promise<never> | undefined;

/** Stops the service, removes its folder and exits; the first code counts, whatever else then goes wrong. */
function leave(code: number): Promise<never> {
  leaving ??= (async () => {
    await service?.stop();
    stub?.kill();
    await rm(home, { recursive: true, force: true });
    process.exit(code);
  })();
  return leaving;
}

try {
  await runDemo();
  await leave(0);
} catch (error) {
  if (!leaving) console.error(`The demo did not finish: ${(error as Error).message}`);
  await leave(1);
}
