/**
 * Making rows and staging them as blocks, against staging the same bytes made before: how much of
 * the way to storage generation costs. Both go to the same Azurite, three blocks at a time, as the
 * worker's queue does.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput } from "../../src/generate/csv/csv.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { startAzurite } from "../../src/local/azurite.ts";
import { withRows } from "../../src/plan/cut.ts";
import { connectBlobs } from "../../src/storage/blobs.ts";

const CHUNK_ROWS = 72_000;
const CHUNKS = 12;
const PARALLEL = 3;
const ROUNDS = 5;

const folder = await mkdtemp(join(tmpdir(), "relata-bench-"));
const azurite = await startAzurite({ folder: join(folder, "storage"), log: console.error });
try {
  await compare();
} finally {
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
}

async function compare(): Promise<void> {
  const blobs = connectBlobs(azurite.connectionString);
  await blobs.createContainer();
  const rows = { customers: 100_000, products: 10_000, orders: CHUNK_ROWS * CHUNKS };
  const engine = compileSchema(withRows(PRESETS.get("ecommerce") as SchemaDocument, rows), 42, "2026-01-01");
  const outputs = Array.from({ length: PARALLEL }, () => makeOutput(8 * 1024 * 1024));
  const render = (chunk: number, lane: number) =>
    renderChunk(engine, 2, { first: chunk * CHUNK_ROWS, count: CHUNK_ROWS }, false, outputs[lane]).bytes;
  const made = Array.from({ length: CHUNKS }, (_, chunk) => render(chunk, 0).slice());
  const bytes = made.reduce((sum, chunk) => sum + chunk.length, 0);
  let name = 0;
  const time = async (bytesOf: (chunk: number, lane: number) => Uint8Array): Promise<number> => {
    const blob = `bench/${name++}`;
    const started = performance.now();
    let next = 0;
    const lane = async (_: unknown, number: number) => {
      for (let chunk = next++; chunk < CHUNKS; chunk = next++)
        await blobs.stageBlock(blob, chunk, bytesOf(chunk, number));
    };
    await Promise.all(Array.from({ length: PARALLEL }, lane));
    return performance.now() - started;
  };
  const best = { both: Number.POSITIVE_INFINITY, staging: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round++) {
    best.staging = Math.min(best.staging, await time((chunk) => made[chunk] as Uint8Array));
    best.both = Math.min(best.both, await time(render), await time(render));
    best.staging = Math.min(best.staging, await time((chunk) => made[chunk] as Uint8Array));
  }
  const rate = (ms: number) => `${(bytes / 1e3 / ms).toFixed(0)} MB/s`;
  console.log(
    `stage ${(bytes / 1e6).toFixed(0)} MB of orders: made and staged ${rate(best.both)}, staged only ${rate(best.staging)}, ` +
      `ratio ${(best.staging / best.both).toFixed(2)} (gate 0.7)`,
  );
}
