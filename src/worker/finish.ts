/**
 * The last step of a dataset: commit its blobs, hash them, write the manifest, and publish.
 *
 * Nothing is visible before the one transaction that makes the job succeed and the name point at its
 * files; a cancellation competes for the same transaction, so exactly one of the two happens.
 */
import { createHash } from "node:crypto";
import type { ChunkRecord } from "../dataset/chunk.ts";
import { JobFailure } from "../dataset/errors.ts";
import { dataPackageBlob, isTerminal, type Job, manifestBlob, provenanceBlob, tableBlob } from "../dataset/job.ts";
import type { Manifest, ManifestTable } from "../dataset/manifest.ts";
import type { Plan, PlannedTable } from "../dataset/plan.ts";
import type { Pool } from "../dataset/pool.ts";
import type { Table } from "../dataset/schema.ts";
import type { World } from "../dataset/world.ts";
import { countTexts } from "../plan/cut.ts";
import { measureDiversity } from "../quality/diversity.ts";
import { findFlaws, sumChecks, sumTexts } from "../quality/tally.ts";
import { dataPackage } from "./data-package.ts";
import { removeFiles } from "./failure.ts";
import type { OpenPlans } from "./plans.ts";

type Needs = Pick<
  World,
  | "changeJob"
  | "readJob"
  | "listChunks"
  | "commitBlocks"
  | "openBlob"
  | "writeOnce"
  | "send"
  | "deleteChunks"
  | "deleteBlobs"
  | "now"
>;

/** Publishes the job's dataset. Safe to repeat after a crash at any point. */
export async function finishJob(world: Needs, openPlan: OpenPlans, jobId: string): Promise<void> {
  const job = await world.changeJob(jobId, (job) => {
    return job.phase === "render" && !isTerminal(job.status) ? { job: { ...job, phase: "finish" } } : undefined;
  });
  if (job?.phase === "finish" && !isTerminal(job.status)) await publish(world, openPlan, job);
  await tidy(world, jobId);
}

async function publish(world: Needs, openPlan: OpenPlans, { id }: Job): Promise<void> {
  const { plan, pools } = await openPlan(id);
  const records = await world.listChunks(id);
  const flaws = findFlaws(plan.tables, records);
  if (flaws.length > 0) {
    // Another delivery of this message may have published and tidied the records away meanwhile.
    const job = await world.readJob(id);
    if (job?.phase !== "finish") return;
    throw new JobFailure("unsound-dataset", `The dataset was not published: ${flaws.join("; ")}.`);
  }
  const tables: [string, ManifestTable][] = [];
  for (const planned of plan.tables) tables.push([planned.name, await seal(world, id, plan, planned)]);
  for (const table of new Set(plan.drafts.map(({ table }) => table))) {
    const { name, chunks } = plan.tables.find(({ name }) => name === table) as PlannedTable;
    await world.commitBlocks(provenanceBlob(id, name), chunks);
  }
  const manifest = describe(plan, Object.fromEntries(tables), records, pools);
  await world.writeOnce(manifestBlob(id), JSON.stringify(manifest, null, 2));
  await world.writeOnce(dataPackageBlob(id), JSON.stringify(dataPackage(manifest), null, 2));
  const job = await world.changeJob(id, (job) => {
    if (isTerminal(job.status) || job.phase !== "finish") return undefined;
    const finishedAt = world.now().toISOString();
    const next: Partial<Job> = plan.load ? { phase: "load" } : { phase: "done", status: "Succeeded", finishedAt };
    return { job: { ...job, ...next }, entry: entryOf(id, manifest) };
  });
  if (job?.status === "Canceled") await removeFiles(world, id);
}

/** Commits a table's blob and reads it once from end to end for its hash. */
async function seal(
  world: Needs,
  jobId: string,
  plan: Plan,
  { name, rows, chunks }: PlannedTable,
): Promise<ManifestTable> {
  const blob = tableBlob(jobId, name);
  await world.commitBlocks(blob, chunks);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of await world.openBlob(blob)) {
    hash.update(piece);
    bytes += piece.length;
  }
  const { fields } = plan.schema.tables.find((table) => table.name === name) as Table;
  return {
    rows,
    bytes,
    sha256: hash.digest("hex"),
    fields: fields.map((field) => ({ name: field.name, type: field.type })),
    url: `/datasets/${plan.dataset}/${name}.csv`,
  };
}

function describe(
  plan: Plan,
  tables: Record<string, ManifestTable>,
  records: readonly ChunkRecord[],
  pools: readonly Pool[],
): Manifest {
  const { dataset: name, engineVersion, seed, referenceDate, fingerprint, createdAt, schema } = plan;
  const text = plan.text === "model" ? modelText(plan, records, pools) : fakerText(plan);
  const checks = sumChecks(records);
  return { name, engineVersion, seed, referenceDate, fingerprint, createdAt, schema, tables, text, checks };
}

const NO_CELLS = { model: 0, pool: 0, cache: 0, repaired: 0, faker: 0, fallback: 0 };

function fakerText({ schema, tables }: Plan): Manifest["text"] {
  const cells = { ...NO_CELLS, faker: countTexts(schema.tables, tables) };
  return { model: null, calls: 0, promptTokens: 0, completionTokens: 0, cells };
}

/** What was asked and what came of it; texts of an earlier dataset cost this one nothing. */
function modelText(plan: Plan, records: readonly ChunkRecord[], pools: readonly Pool[]): Manifest["text"] {
  const names = plan.tables.map((table) => table.name);
  const fields = sumTexts(names, records);
  const cells = { ...NO_CELLS };
  for (const counts of Object.values(fields)) {
    for (const [origin, count] of Object.entries(counts)) {
      cells[origin.startsWith("fallback:") ? "fallback" : (origin as keyof typeof cells)] += count;
    }
  }
  const asked = pools.filter(({ isReused }) => !isReused);
  const sum = (of: "calls" | "promptTokens" | "completionTokens") => asked.reduce((total, pool) => total + pool[of], 0);
  const models: Record<string, number> = {};
  for (const pool of pools)
    for (const [id, calls] of Object.entries(pool.models)) models[id] = (models[id] ?? 0) + calls;
  const [most] = Object.entries(models).sort(([, a], [, b]) => b - a);
  const spent = { calls: sum("calls"), promptTokens: sum("promptTokens"), completionTokens: sum("completionTokens") };
  return {
    model: most?.[0] ?? null,
    ...spent,
    cells,
    fields,
    models,
    pools: pools.map((pool) => figuresOf(plan, pool)),
  };
}

/** How far a pool goes, and how varied it is. */
function figuresOf({ tables }: Plan, { table, mode, fields, entries }: Pool) {
  const rows = tables.find(({ name }) => name === table)?.rows ?? 0;
  const distinct = fields.map((field, place): [string, number] => {
    const { duplicates } = measureDiversity(entries.map(({ texts }) => texts[place] as string));
    return [field, 1 - duplicates];
  });
  const rowsPerText = entries.length === 0 ? 0 : rows / entries.length;
  return { table, mode, texts: entries.length, rowsPerText, distinct: Object.fromEntries(distinct) };
}

function entryOf(jobId: string, { name, createdAt, tables }: Manifest) {
  const sum = (of: "rows" | "bytes") => Object.values(tables).reduce((total, table) => total + table[of], 0);
  const names = Object.keys(tables);
  return { name, state: "ready" as const, jobId, createdAt, tables: names, rows: sum("rows"), bytes: sum("bytes") };
}

/** What follows a publication, also when only this delivery of the message gets so far. */
async function tidy(world: Needs, jobId: string): Promise<void> {
  const job = await world.readJob(jobId);
  if (!job) return;
  await world.deleteChunks(jobId);
  if (job.phase === "load" && !isTerminal(job.status)) await world.send("load", { job: jobId });
}
