/** A job as clients see it. */
import type { HttpResponseInit } from "@azure/functions";
import { isTerminal, type Job } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import { etagOf, isListed } from "./conditions.ts";

/** Seconds a client should wait before it asks again. */
const POLL_SECONDS = 1;

/** The job with its progress. A finished job has done all its rows; a running one is counted by its chunk records. */
export async function viewJob(world: Pick<World, "listChunks">, job: Job, origin: string): Promise<object> {
  const { id, kind, status, dataset, createdAt, startedAt, finishedAt, phase, tables, texts, error, result } = job;
  const isCounting = kind === "generate" && phase === "render" && status !== "NotStarted";
  const records = isCounting ? await world.listChunks(id) : [];
  const isDone = phase === "load" || phase === "done" || phase === "finish";
  const done = tables.map(({ rows }, place) => {
    if (isDone) return rows;
    return records.filter(({ table }) => table === place).reduce((sum, record) => sum + record.rows, 0);
  });
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  const rowsTotal = sum(tables.map(({ rows }) => rows));
  const rowsLoaded = status === "Succeeded" ? rowsTotal : sum(Object.values(job.rowsLoaded ?? {}));
  const progress = {
    phase,
    rowsDone: sum(done),
    rowsTotal,
    ...(kind === "load" || job.load ? { rowsLoaded } : {}),
    tables: Object.fromEntries(tables.map(({ name, rows }, place) => [name, { rowsDone: done[place], rows }])),
    texts: { done: isDone ? texts : 0, total: texts },
  };
  const links = { self: `${origin}/jobs/${id}`, dataset: `${origin}/datasets/${dataset}` };
  const head = { id, kind, status, dataset, createdAt, startedAt, finishedAt };
  return { ...head, progress, warnings: warningsOf(job), error, links, ...(result === undefined ? {} : { result }) };
}

/** With what a step has died of and is tried again for: otherwise a job that waits for a server looks idle. */
function warningsOf({ status, warnings, lastFault }: Job): Job["warnings"] {
  if (isTerminal(status) || !lastFault) return warnings;
  return [...warnings, { ...lastFault, message: `A step failed and is tried again: ${lastFault.message}` }];
}

/** 202 with the places to look at from now on. */
export function acceptedResponse(view: object, job: Job, origin: string): HttpResponseInit {
  const url = `${origin}/jobs/${job.id}`;
  const headers = { location: url, "operation-location": url, "retry-after": String(POLL_SECONDS) };
  return { status: 202, headers, jsonBody: view };
}

/** 200 with an ETag, or 304 when the client has this very state. */
export function jobResponse(view: object, job: Job, ifNoneMatch: string | null): HttpResponseInit {
  const body = JSON.stringify(view);
  const etag = etagOf(body);
  const headers: Record<string, string> = { etag, "cache-control": "no-cache" };
  if (!isTerminal(job.status)) headers["retry-after"] = String(POLL_SECONDS);
  if (isListed(ifNoneMatch, etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, body };
}
