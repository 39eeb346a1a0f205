/**
 * How jobs fail: at once when nobody could do them, else after the host's last delivery.
 *
 * A failed delivery leaves what it died of in the job and throws on, so that the host retries; when
 * the message ends in the poison queue, that cause becomes the job's error. A job always ends.
 */
import { JobFailure, RelataError } from "../dataset/errors.ts";
import { holdsName, isTerminal, jobFolder, type QueueName } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import { recordCancel, recordFailure } from "./load.ts";

type Needs = Pick<World, "changeJob" | "readJob" | "deleteBlobs" | "deleteChunks" | "now">;
type LoadNeeds = Parameters<typeof recordFailure>[0];

/** Runs a step of a job. A JobFailure ends the job; any other error is noted in it and thrown on. */
export async function runStep(world: Needs, jobId: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (error instanceof JobFailure) return failJob(world, jobId, error);
    await world
      .changeJob(jobId, (job) =>
        isTerminal(job.status) ? undefined : { job: { ...job, lastFault: describeFault(error) } },
      )
      .catch(() => undefined);
    throw error;
  }
}

/** Ends the job of a message that failed on every delivery. */
export async function endPoisoned(world: Needs & LoadNeeds, queue: QueueName, jobId: string): Promise<void> {
  const job = await world.readJob(jobId);
  const { code, message } = job?.lastFault ?? { code: "worker-lost", message: "the worker ended without saying why" };
  const failure = new JobFailure(code, `The step "${queue}" failed on every attempt: ${message}`);
  if (queue === "load" && job && !isTerminal(job.status)) await recordFailure(world, job, failure);
  if (queue === "load") await recordCancel(world, job);
  await failJob(world, jobId, failure);
}

/** Ends the job as Failed and removes what it had written, unless it is already published. */
async function failJob(
  world: Needs,
  jobId: string,
  { code, message }: { code: string; message: string },
): Promise<void> {
  const job = await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status)) return undefined;
    const failed = {
      ...job,
      status: "Failed" as const,
      finishedAt: world.now().toISOString(),
      error: { code, message },
    };
    return holdsName(job) ? { job: failed, entry: null } : { job: failed };
  });
  if (job && holdsName(job)) await removeFiles(world, jobId);
}

/** Deletes a job's blobs and records. */
export async function removeFiles(world: Pick<World, "deleteBlobs" | "deleteChunks">, jobId: string): Promise<void> {
  await world.deleteBlobs(jobFolder(jobId));
  await world.deleteChunks(jobId);
}

/** Our own errors are written to be read; others may hold paths, keys or accounts and stay in the log. */
function describeFault(error: unknown): { code: string; message: string } {
  if (error instanceof RelataError) return { code: error.code, message: error.message };
  return { code: "unexpected-error", message: "an unexpected error, described in the service's log" };
}
