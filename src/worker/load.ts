/**
 * Loads a published dataset into SQL, as the last step of a job or as a job of its own.
 *
 * Where the database keeps staged rows, each table is a message of its own, parents first, and the last one moves
 * all of them, proves the load and ends the job; elsewhere one message does it all. Every step may be repeated.
 */
import { JobFailure } from "../dataset/errors.ts";
import { isTerminal, type Job, loadBlob, type loadMessage, manifestBlob, tableBlob } from "../dataset/job.ts";
import { DEFAULT_LOAD } from "../dataset/load-options.ts";
import { type LoadRecord, type RejectedRow, RowsRejected } from "../dataset/load-report.ts";
import { manifest as manifestSchema } from "../dataset/manifest.ts";
import type { DatasetLoad, World } from "../dataset/world.ts";

type Needs = Pick<
  World,
  | "changeJob"
  | "readJob"
  | "readEntry"
  | "readText"
  | "writeOnce"
  | "openBlob"
  | "send"
  | "needsStaging"
  | "stageTable"
  | "loadDataset"
  | "discardLoad"
  | "now"
>;

type Message = ReturnType<typeof loadMessage.parse>;

/** Does the message's part of the load. Loading the same dataset again changes nothing. */
export async function loadJob(world: Needs, { job: jobId, table }: Message): Promise<void> {
  const job = await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status) || job.status === "Running") return undefined;
    return { job: { ...job, status: "Running", phase: "load", startedAt: world.now().toISOString() } };
  });
  if (job?.status === "Canceled") await recordCancel(world, job);
  if (job?.status === "Canceled" && table !== undefined) await world.discardLoad(jobId);
  if (!job || isTerminal(job.status) || job.phase !== "load") return;
  const entry = await world.readEntry(job.dataset);
  if (entry?.state !== "ready") {
    await world.discardLoad(jobId).catch(() => undefined);
    throw new JobFailure("dataset-not-found", `Dataset ${job.dataset} is not there any more.`);
  }
  const load: DatasetLoad = {
    id: jobId,
    manifest: manifestSchema.parse(JSON.parse(await world.readText(manifestBlob(entry.jobId)))),
    options: job.load ?? DEFAULT_LOAD,
    open: (table) => world.openBlob(tableBlob(entry.jobId, table)),
    isWanted: () => isWanted(world, jobId),
    progress: (table, rows) => recordProgress(world, load, table, rows),
  };
  try {
    const next = await takeStep(world, load, table);
    if (next !== undefined) await world.send("load", { job: jobId, table: next });
    else await endJob(world, load, loadBlob(entry.jobId, jobId));
  } catch (error) {
    // Cancelled meanwhile: whatever it died of, nobody waits for it.
    if (!(await isWanted(world, jobId))) {
      await recordCancel(world, await world.readJob(jobId));
      return world.discardLoad(jobId);
    }
    if (error instanceof JobFailure) await recordFailure(world, job, error);
    throw error;
  }
}

async function isWanted(world: Pick<World, "readJob">, jobId: string): Promise<boolean> {
  const job = await world.readJob(jobId);
  return job !== undefined && !isTerminal(job.status);
}

async function recordProgress(
  world: Pick<World, "changeJob">,
  { id, manifest }: DatasetLoad,
  table: string,
  rows: number,
): Promise<void> {
  const rowsLoaded: Record<string, number> = { [table]: rows };
  for (const [name, before] of Object.entries(manifest.tables)) {
    if (name === table) break;
    rowsLoaded[name] = before.rows;
  }
  await world.changeJob(id, (job) => (isTerminal(job.status) ? undefined : { job: { ...job, rowsLoaded } }));
}

/** The place of the table that comes next; undefined when it is the turn of all of them. */
async function takeStep(world: Needs, load: DatasetLoad, table: number | undefined): Promise<number | undefined> {
  if (table === undefined) return (await world.needsStaging(load)) ? 0 : undefined;
  const name = Object.keys(load.manifest.tables)[table];
  if (name === undefined) return undefined;
  await world.stageTable(load, name);
  return table + 1;
}

/** The report is kept first: a job that has ended has one. */
async function endJob(world: Needs, load: DatasetLoad, blob: string): Promise<void> {
  const report = await world.loadDataset(load);
  const finishedAt = world.now().toISOString();
  const record: LoadRecord = { job: load.id, status: "Succeeded", finishedAt, report };
  await world.writeOnce(blob, JSON.stringify(record));
  await world.changeJob(load.id, (job) => {
    if (isTerminal(job.status)) return undefined;
    return { job: { ...job, status: "Succeeded", phase: "done", finishedAt, result: report } };
  });
}

/**
 * Keeps among the dataset's loads that this one was cancelled. The worker does it, not who cancels: it alone knows
 * whether the load was done before. A load has a message until its end, so some worker always comes to this.
 */
export async function recordCancel(
  world: Pick<World, "readEntry" | "writeOnce" | "now">,
  job: Job | undefined,
): Promise<void> {
  if (job?.status !== "Canceled") return;
  const finishedAt = job.finishedAt ?? world.now().toISOString();
  await keepRecord(world, job, { job: job.id, status: "Canceled", finishedAt });
}

/** The first record of a load stays. */
async function keepRecord(
  world: Pick<World, "readEntry" | "writeOnce">,
  { id, dataset }: Job,
  record: LoadRecord,
): Promise<void> {
  const entry = await world.readEntry(dataset);
  if (entry?.state === "ready") await world.writeOnce(loadBlob(entry.jobId, id), JSON.stringify(record));
}

/** Keeps what a load failed of among the dataset's loads, and lets go of what it has staged. */
export async function recordFailure(
  world: Pick<World, "readEntry" | "writeOnce" | "discardLoad" | "now">,
  job: Job,
  error: JobFailure,
): Promise<void> {
  const { code, message } = error;
  const rejected: readonly RejectedRow[] = error instanceof RowsRejected ? error.rejected : [];
  await keepRecord(world, job, {
    ...{ job: job.id, status: "Failed", finishedAt: world.now().toISOString(), error: { code, message } },
    ...(rejected.length > 0 ? { rejected: [...rejected] } : {}),
  });
  // A database that can't be reached keeps it; it is dropped as abandoned after two days.
  await world.discardLoad(job.id).catch(() => undefined);
}
