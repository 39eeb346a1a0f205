/**
 * One chunk: make its rows, stage them as a block, record it, and see whether it was the last.
 *
 * The block's number is the chunk's, so doing it twice writes the same block twice. "The last" is
 * found in groups: a chunk looks at its group only, and whoever completes a group counts groups. No
 * chunk ever lists all chunks, which would be quadratic.
 */
import { chunkRange } from "../dataset/chunk.ts";
import { JobFailure } from "../dataset/errors.ts";
import { isTerminal, provenanceBlob, tableBlob } from "../dataset/job.ts";
import type { PlannedTable } from "../dataset/plan.ts";
import type { World } from "../dataset/world.ts";
import { tellBroken } from "../generate/broken.ts";
import { makeOutput, type Output } from "../generate/csv/csv.ts";
import { countOrigins, provenanceLines } from "../generate/drafts/provenance.ts";
import { renderChunk } from "../generate/render.ts";
import type { OpenPlans } from "./plans.ts";

type Needs = Pick<World, "readJob" | "stageBlock" | "recordChunk" | "listChunks" | "markGroup" | "send">;

/** Chunks a group: a listing this long is one answer, and 100,000 chunks are fewer than 1,000 groups. */
const GROUP = 128;

/** Room for a chunk of the usual size without growing on the way. */
const BUFFER_BYTES = 8 * 1024 * 1024;

/** Buffers of finished chunks, kept because a fresh one of several MiB a chunk is work for the garbage collector. */
const spare: Output[] = [];

/** Makes chunk number `chunk` of the plan's table number `table`. Does nothing once the job has moved on. `log` is for debugging. */
export async function makeChunk(
  world: Needs,
  openPlan: OpenPlans,
  { job: jobId, table, chunk }: { job: string; table: number; chunk: number },
  log: (text: string) => void,
): Promise<void> {
  const job = await world.readJob(jobId);
  if (!job || isTerminal(job.status) || job.phase !== "render") return;
  const { plan, engine } = await openPlan(jobId);
  const planned = plan.tables[table] as PlannedTable;
  const place = plan.schema.tables.findIndex(({ name }) => name === planned.name);
  const range = chunkRange(planned, chunk);
  const output = spare.pop() ?? makeOutput(BUFFER_BYTES);
  const { bytes, checks, broken, origins } = renderChunk(engine, place, range, plan.csv.formulaGuard, output);
  // Such rows have been made again before; what is left won't go away by trying the chunk again.
  if (broken.size > 0) throw new JobFailure("broken-rule", tellBroken(engine, place, range, broken));
  await world.stageBlock(tableBlob(jobId, planned.name), chunk, bytes);
  spare.push(output);
  if (origins.size > 0) {
    const lines = new TextEncoder().encode(provenanceLines(range.first, origins));
    await world.stageBlock(provenanceBlob(jobId, planned.name), chunk, lines);
  }
  const texts = origins.size > 0 ? { texts: countOrigins(origins) } : {};
  await world.recordChunk(jobId, { table, chunk, rows: range.count, bytes: bytes.length, checks, ...texts });
  log(`${plan.dataset}: ${planned.name} chunk ${chunk} of ${planned.chunks}, ${range.count} rows`);
  if (await isLast(world, jobId, plan.tables, table, chunk)) await world.send("finish", { job: jobId });
}

async function isLast(
  world: Needs,
  jobId: string,
  tables: readonly PlannedTable[],
  table: number,
  chunk: number,
): Promise<boolean> {
  const group = Math.floor(chunk / GROUP);
  const from = group * GROUP;
  const to = Math.min(from + GROUP, (tables[table] as PlannedTable).chunks);
  const done = to - from === 1 ? 1 : (await world.listChunks(jobId, { table, from, to })).length;
  if (done < to - from) return false;
  const groups = tables.reduce((sum, { chunks }) => sum + Math.ceil(chunks / GROUP), 0);
  return (await world.markGroup(jobId, table, group)) === groups;
}
