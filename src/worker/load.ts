/** Loads a published dataset into SQL, as the last step of a job or as a job of its own. */
import { JobFailure } from "../dataset/errors.ts";
import { isTerminal, manifestBlob, tableBlob } from "../dataset/job.ts";
import { manifest as manifestSchema } from "../dataset/manifest.ts";
import type { World } from "../dataset/world.ts";

type Needs = Pick<World, "changeJob" | "readEntry" | "readText" | "openBlob" | "loadDataset" | "now">;

/** Runs the load and ends the job with its report. Loading the same dataset again changes nothing. */
export async function loadJob(world: Needs, jobId: string): Promise<void> {
  const job = await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status) || job.status === "Running") return undefined;
    return { job: { ...job, status: "Running", phase: "load", startedAt: world.now().toISOString() } };
  });
  if (!job || isTerminal(job.status) || job.phase !== "load") return;
  const entry = await world.readEntry(job.dataset);
  if (entry?.state !== "ready")
    throw new JobFailure("dataset-not-found", `Dataset ${job.dataset} is not there any more.`);
  const manifest = manifestSchema.parse(JSON.parse(await world.readText(manifestBlob(entry.jobId))));
  const report = await world.loadDataset(manifest, (table) => world.openBlob(tableBlob(entry.jobId, table)));
  await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status)) return undefined;
    return {
      job: { ...job, status: "Succeeded", phase: "done", finishedAt: world.now().toISOString(), result: report },
    };
  });
}
