/**
 * `npm run live:nemotron`: the preset's products with texts by the real model, and figures of them. Needs
 * NVIDIA_API_KEY, sends fewer than 50 requests, and keeps nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import type { Manifest } from "../../src/dataset/manifest.ts";
import { startService } from "../../src/local/service.ts";
import { measureDiversity } from "../../src/quality/diversity.ts";

const PRODUCTS = 200;
const MOST_CALLS = 49;

if (!process.env.NVIDIA_API_KEY) {
  console.error("Set NVIDIA_API_KEY: this asks the real model.");
  process.exit(1);
}
const home = await mkdtemp(join(tmpdir(), "relata-live-"));
delete process.env.AzureWebJobsStorage;
Object.assign(process.env, { RELATA_HOME: home, RELATA_MODEL_CALLS: String(MOST_CALLS) });
const service = await startService({ port: 0, log: () => {} });
try {
  const request = { name: "live", text: "model", rows: { products: PRODUCTS, customers: 20, orders: 20 }, seed: 1 };
  const started = performance.now();
  const accepted = await fetch(`${service.url}/generate`, { method: "POST", body: JSON.stringify(request) });
  let job = (await accepted.json()) as { status: string; error: unknown; warnings: object[]; links: { self: string } };
  while (!["Succeeded", "Failed", "Canceled"].includes(job.status)) {
    await delay(1_000);
    job = (await (await fetch(job.links.self)).json()) as typeof job;
  }
  if (job.status !== "Succeeded") throw new Error(`The job ended as ${job.status}: ${JSON.stringify(job.error)}`);
  const seconds = (performance.now() - started) / 1_000;
  const headers = { accept: "application/json" };
  const { text } = (await (await fetch(`${service.url}/datasets/live`, { headers })).json()) as Manifest;
  const csv = await (await fetch(`${service.url}/datasets/live/products.csv`)).text();
  const products = parse(csv, { columns: true }) as Record<string, string>[];
  const { model, calls, promptTokens, completionTokens, cells } = text;
  console.log(`${model}: ${calls} requests, ${promptTokens} + ${completionTokens} tokens, ${seconds.toFixed(0)} s`);
  console.log(`cells ${JSON.stringify(cells)}, fallback ${((100 * cells.fallback) / (2 * PRODUCTS)).toFixed(1)} %`);
  for (const warning of job.warnings) console.log(`warning ${JSON.stringify(warning)}`);
  for (const field of ["product_name", "description"]) {
    const texts = products.map((product) => product[field] as string);
    console.log(`${field} ${JSON.stringify(measureDiversity(texts))}`);
    for (const sample of texts.slice(0, 5)) console.log(`  ${sample}`);
  }
} finally {
  await service.stop();
  await rm(home, { recursive: true, force: true });
}
process.exit(0);
