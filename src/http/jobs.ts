/** GET /jobs, GET /jobs/{id}, POST /jobs/{id}/cancel. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { Conflict, Malformed, NotFound } from "../dataset/errors.ts";
import { holdsName, isTerminal, type Job, jobFolder, jobStatus } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import { acceptedResponse, jobResponse, viewJob } from "./job-view.ts";
import { listResponse, pageOf } from "./page.ts";
import { originOf, pathPart, queryOf } from "./url.ts";

/** Lists jobs, newest first; `?status=` takes one of the five. */
export function listJobs(world: Pick<World, "listJobs" | "listChunks">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const given = queryOf(request).get("status");
    const status = jobStatus.optional().safeParse(given ?? undefined);
    if (!status.success) throw new Malformed("bad-status", `status must be one of ${jobStatus.options.join(", ")}.`);
    const { value, next } = await world.listJobs({ ...pageOf(request), status: status.data });
    const views = await Promise.all(value.map((job) => viewJob(world, job, originOf(request))));
    return listResponse(request, views, next);
  };
}

export function getJob(world: Pick<World, "readJob" | "listChunks">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const job = found(await world.readJob(jobId(request)));
    const view = await viewJob(world, job, originOf(request));
    return jobResponse(view, job, request.headers.get("if-none-match"));
  };
}

/**
 * Ends the job as Canceled in the transaction that a publication would need, so that either the
 * dataset is there or the job is cancelled. Workers find out at their next chunk.
 */
export function postCancel(world: Pick<World, "changeJob" | "listChunks" | "deleteBlobs" | "deleteChunks" | "now">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    let isOurs = false;
    let releasesName = false;
    const finishedAt = world.now().toISOString();
    const job = await world.changeJob(jobId(request), (job) => {
      const isEnded = isTerminal(job.status);
      // A write whose answer was lost is met again here, as a job that we have cancelled already.
      isOurs = !isEnded || (job.status === "Canceled" && job.finishedAt === finishedAt);
      releasesName = holdsName(job);
      if (isEnded) return undefined;
      const canceled = { ...job, status: "Canceled" as const, finishedAt };
      return releasesName ? { job: canceled, entry: null } : { job: canceled };
    });
    const { id, status } = found(job);
    if (!isOurs) throw new Conflict("job-ended", `The job has already ended as ${status}; there is nothing to cancel.`);
    if (releasesName) {
      await world.deleteBlobs(jobFolder(id));
      await world.deleteChunks(id);
    }
    const origin = originOf(request);
    return acceptedResponse(await viewJob(world, job as Job, origin), job as Job, origin);
  };
}

/** The route's job id. Throws NotFound for what can be none: storage takes a / in a key for a fault. */
function jobId(request: HttpRequest): string {
  const id = pathPart(request, 1);
  return found(/^[0-9a-f]+$/.test(id) ? id : undefined);
}

function found<T>(job: T | undefined): T {
  if (job !== undefined) return job;
  throw new NotFound("job-not-found", "There is no job with this id.");
}
