/**
 * `npm run live:nemotron`: the preset's products with texts by the real model, and figures of them. Needs
 * NVIDIA_API_KEY, sends fewer than 50 requests, and keeps nothing. Measured are only texts that the dataset's
 * own provenance says a model wrote: those of the fallback would flatter or blame the wrong writer.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import { manifest } from "../../src/dataset/manifest.ts";
import { whenEnded } from "../../src/local/ending.ts";
import { type Service, startService } from "../../src/local/service.ts";
import { type Diversity, measureDiversity } from "../../src/quality/diversity.ts";
import { unzip } from "../support/unzip.ts";

const PRODUCTS = 200;
const FIELDS = ["product_name", "description"];
const MOST_CALLS = 49;
const SAMPLES = 5;

/** 49 requests at 30 a minute, some of them slow, and what the job's own deadline adds. */
const GIVE_UP_MS = 15 * 60_000;

interface JobView {
  status: string;
  error: { message: string } | null;
  warnings: { code: string; message: string }[];
  links: { self: string; dataset: string };
}

async function runLive(url: string): Promise<void> {
  const request = { name: "live", text: "model", rows: { products: PRODUCTS, customers: 20, orders: 20 }, seed: 1 };
  const started = performance.now();
  const accepted = await call(`${url}/generate`, { method: "POST", body: JSON.stringify(request) });
  const job = await follow((await accepted.json()) as JobView);
  const seconds = (performance.now() - started) / 1_000;
  const files = unzip(Buffer.from(await (await call(job.links.dataset)).arrayBuffer()));
  const read = (name: string) => (files.get(name) as Buffer).toString();
  const { text } = manifest.parse(JSON.parse(read("manifest.json")));
  const products = parse(read("products.csv"), { columns: true }) as Record<string, string>[];
  const writers = writersOf(read("products.provenance.jsonl"));
  const { model, calls, promptTokens, completionTokens, cells } = text;
  const server = process.env.NEMOTRON_BASE_URL ? new URL(process.env.NEMOTRON_BASE_URL).host : "NVIDIA";
  console.log(`server ${server}, model ${model ?? "none"}, ${calls} calls, ${seconds.toFixed(0)} s`);
  console.log(`tokens ${promptTokens} of prompts, ${completionTokens} of answers`);
  console.log(`fallback ${((100 * cells.fallback) / (FIELDS.length * PRODUCTS)).toFixed(1)} % of the texts`);
  for (const { code, message } of job.warnings) console.log(`warning ${code}: ${message}`);
  for (const field of FIELDS) {
    const written = products
      .map((product) => product[field] as string)
      .filter((_, row) => isWritten(writers, field, row));
    console.log(`\n${field}, ${written.length} of ${PRODUCTS} by the model`);
    if (written.length > 0) printFigures(measureDiversity(written));
    for (const sample of written.slice(0, SAMPLES)) console.log(`  ${sample}`);
  }
  if (cells.fallback === FIELDS.length * PRODUCTS)
    throw new Error("the model wrote no text, so there is nothing to measure");
}

function printFigures(figures: Diversity): void {
  for (const [name, figure] of Object.entries(figures)) console.log(`  ${name} ${Number(figure.toFixed(3))}`);
}

async function follow({ links }: JobView): Promise<JobView> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  for (;;) {
    const job = (await (await call(links.self)).json()) as JobView;
    if (job.status === "Succeeded") return job;
    if (job.status === "Failed" || job.status === "Canceled") throw new Error(job.error?.message ?? job.status);
    if (Date.now() > giveUpAt) throw new Error(`the job is still ${job.status} after ${GIVE_UP_MS / 60_000} minutes`);
    await delay(1_000);
  }
}

/** By field: the origin of each row's text. */
function writersOf(provenance: string): Map<string, string[]> {
  const writers = new Map<string, string[]>();
  for (const line of provenance.trim().split("\n")) {
    const { field, first, runs } = JSON.parse(line) as { field: string; first: number; runs: [string, number][] };
    const origins = writers.get(field) ?? [];
    writers.set(field, origins);
    let row = first;
    for (const [origin, rows] of runs) for (const end = row + rows; row < end; row++) origins[row] = origin;
  }
  return writers;
}

function isWritten(writers: ReadonlyMap<string, readonly string[]>, field: string, row: number): boolean {
  return ["model", "repaired"].includes(writers.get(field)?.[row] ?? "");
}

async function call(url: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (answer.ok) return answer;
  throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

if (!process.env.NVIDIA_API_KEY) {
  console.error("Set NVIDIA_API_KEY to a key of build.nvidia.com: this asks the real model, in fewer than 50 calls.");
  process.exit(1);
}
const home = await mkdtemp(join(tmpdir(), "relata-live-"));
// Storage of its own, and a cap that holds whatever the environment allows.
delete process.env.AzureWebJobsStorage;
Object.assign(process.env, { RELATA_HOME: home, RELATA_MODEL_CALLS: String(MOST_CALLS) });
let service: Service | undefined;
let leaving: Promise<never> | undefined;

/** Stops the service, removes its folder and exits; the first code counts. */
function leave(code: number): Promise<never> {
  leaving ??= (async () => {
    await service?.stop();
    await rm(home, { recursive: true, force: true });
    process.exit(code);
  })();
  return leaving;
}

whenEnded(() => void leave(130));
try {
  service = await startService({ port: 0, log: () => {} });
  await runLive(service.url);
  await leave(0);
} catch (error) {
  if (!leaving) console.error(`\nThe run did not finish: ${(error as Error).message}.`);
  await leave(1);
}
