/**
 * The whole embedded stack: a job of a million orders against staging the same bytes directly to the
 * same storage, the memory of the host at one and five million, and the time of the smallest job.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BlobServiceClient } from "@azure/storage-blob";
import { startAzurite } from "../../src/local/azurite.ts";
import { getManifest, postGenerate, waitForJob } from "../support/client.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";

const BLOCK_BYTES = 6 * 1024 * 1024;
const PARALLEL = 4;
const ROUNDS = 3;
const SMALL_JOBS = 20;
const MILLION = 1_000_000;

const folder = await mkdtemp(join(tmpdir(), "relata-bench-"));
const azurite = await startAzurite({ folder: join(folder, "storage"), log: console.error });
try {
  await benchSmallJobs();
  await benchAgainstStaging();
  await benchMemory();
} finally {
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
}

function startHost(): Promise<HostProcess> {
  return startHostProcess({ AzureWebJobsStorage: azurite.connectionString, RELATA_HOME: join(folder, "home") });
}

/** POSTs and waits; milliseconds from the request to Succeeded. */
async function timeJob(url: string, name: string, orders?: number): Promise<number> {
  const started = performance.now();
  const rows = orders === undefined ? {} : { customers: 100_000, products: 10_000, orders };
  const { id } = await postGenerate(url, { name, seed: 5, referenceDate: "2026-01-01", rows });
  await waitForJob(url, id, undefined, 600_000);
  return performance.now() - started;
}

async function remove(url: string, name: string): Promise<void> {
  await fetch(`${url}/datasets/${name}`, { method: "DELETE" });
}

async function benchSmallJobs(): Promise<void> {
  const host = await startHost();
  const times: number[] = [];
  for (let job = 0; job < SMALL_JOBS; job++) times.push(await timeJob(host.url, `small-${job}`));
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * (SMALL_JOBS - 1))] as number).toFixed(0);
  console.log(`service 70 rows, POST to Succeeded: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ${SMALL_JOBS} jobs`);
  await host.stop();
}

async function benchAgainstStaging(): Promise<void> {
  const host = await startHost();
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient("relata");
  let job = Number.POSITIVE_INFINITY;
  let bare = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const name = `million-${round}`;
    job = Math.min(job, await timeJob(host.url, name, MILLION));
    const { tables } = await getManifest(host.url, name);
    bytes = Object.values(tables).reduce((sum, table) => sum + table.bytes, 0);
    const files = await Promise.all(
      Object.keys(tables).map(async (table) => {
        return Buffer.from(await (await fetch(`${host.url}/datasets/${name}/${table}.csv`)).arrayBuffer());
      }),
    );
    await remove(host.url, name);
    const started = performance.now();
    for (const [place, file] of files.entries())
      await stage(container.getBlockBlobClient(`bare/${round}-${place}`), file);
    bare = Math.min(bare, performance.now() - started);
  }
  await host.stop();
  const rate = (ms: number) => `${(bytes / 1e3 / ms).toFixed(0)} MB/s`;
  console.log(
    `service 1M orders (${(bytes / 1e6).toFixed(0)} MB): job ${rate(job)} in ${(job / 1e3).toFixed(2)} s, ` +
      `bare staging ${rate(bare)}, ratio ${(bare / job).toFixed(2)} (best of ${ROUNDS}, alternating)`,
  );
}

async function stage(
  blob: ReturnType<ReturnType<BlobServiceClient["getContainerClient"]>["getBlockBlobClient"]>,
  file: Buffer,
) {
  const ids = Array.from({ length: Math.ceil(file.length / BLOCK_BYTES) }, (_, n) => {
    return Buffer.from(String(n).padStart(8, "0")).toString("base64");
  });
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < ids.length; n = next++) {
      const piece = file.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES);
      await blob.stageBlock(ids[n] as string, piece, piece.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  await blob.commitBlockList(ids);
}

async function benchMemory(): Promise<void> {
  const peaks: number[] = [];
  for (const millions of [1, 5]) {
    const host = await startHost();
    await timeJob(host.url, `memory-${millions}`, millions * MILLION);
    peaks.push(peakMb(host.pid));
    await remove(host.url, `memory-${millions}`);
    await host.stop();
    await delay(1_000);
  }
  const [one = 0, five = 0] = peaks;
  console.log(
    `service peak RSS of the host: ${one} MB at 1M orders, ${five} MB at 5M, ratio ${(five / one).toFixed(2)}`,
  );
}

/** The high-water mark that Linux keeps of a process. */
function peakMb(pid: number): number {
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kb) / 1024);
}
