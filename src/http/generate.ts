/** POST /generate: a request becomes a plan and a job, or all its faults at once. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { type DatasetEntry, type Job, planBlob } from "../dataset/job.ts";
import { optionsOf } from "../dataset/load-options.ts";
import type { Plan } from "../dataset/plan.ts";
import type { World } from "../dataset/world.ts";
import { countTexts } from "../plan/cut.ts";
import { type AcceptNeeds, acceptJob, readIdempotency, repeatAnswer } from "./accept.ts";
import { parseJson, readBody } from "./body.ts";
import { type Limits, resolveRequest, writerOf } from "./resolve.ts";
import { planWanted } from "./sizes.ts";

type Needs = AcceptNeeds &
  Pick<World, "now" | "newJobId" | "newSeed" | "hasModel" | "checkLoad" | "writeOnce" | "readSaved">;

/** Accepts a job. The plan is written first, so that an accepted job always has one. */
export function postGenerate(world: Needs, limits: Limits) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const body = await readBody(request, limits.bodyBytes);
    const idempotency = await readIdempotency(world, request, body);
    if (idempotency.used) return repeatAnswer(world, request, "drafts", idempotency.used);
    const id = world.newJobId();
    const createdAt = world.now().toISOString();
    const wanted = await resolveRequest(world, parseJson(body), limits, createdAt.slice(0, 10));
    const made = `${wanted.schema.name.replaceAll("_", "-").slice(0, 50)}-${id.slice(-8)}`;
    const text = writerOf(world, wanted);
    const { plan } = planWanted(wanted, { dataset: wanted.request.name ?? made, createdAt }, text, limits);
    await world.writeOnce(planBlob(id), JSON.stringify(plan));
    return acceptJob(world, request, "drafts", newJob(id, plan), newEntry(id, plan), idempotency);
  };
}

function newJob(id: string, { dataset, createdAt, tables, schema, load }: Plan): Job {
  const options = optionsOf(load);
  return {
    id,
    kind: "generate",
    status: "NotStarted",
    dataset,
    createdAt,
    startedAt: null,
    finishedAt: null,
    phase: "draft",
    tables: tables.map(({ name, rows }) => ({ name, rows })),
    texts: countTexts(schema.tables, tables),
    textsDone: 0,
    ...(options ? { load: options } : {}),
    warnings: [],
    error: null,
    lastFault: null,
  };
}

function newEntry(jobId: string, { dataset: name, createdAt, tables }: Plan): DatasetEntry {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { name, state: "writing", jobId, createdAt, tables: tables.map((table) => table.name), rows, bytes: 0 };
}
