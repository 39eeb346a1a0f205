/** A job: one accepted request on its way, as clients see it and as it is kept in Table storage. */
import { z } from "zod";
import { loadOptions } from "./load-options.ts";

export const jobStatus = z.enum(["NotStarted", "Running", "Succeeded", "Failed", "Canceled"]);
export type JobStatus = z.infer<typeof jobStatus>;

const jobError = z.strictObject({ code: z.string(), message: z.string() });

export const job = z.strictObject({
  id: z.string(),
  kind: z.enum(["generate", "load"]),
  status: jobStatus,
  dataset: z.string(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  phase: z.enum(["draft", "render", "finish", "load", "done"]),
  tables: z.array(z.strictObject({ name: z.string(), rows: z.int().min(0) })),
  /** Text cells asked for, in all tables. */
  texts: z.int().min(0),
  /** Of them drafted by a model so far. */
  textsDone: z.int().min(0).default(0),
  /** How to load, where the job does. */
  load: loadOptions.optional(),
  /** Rows that the load has read so far, by table. */
  rowsLoaded: z.record(z.string(), z.int().min(0)).optional(),
  warnings: z.array(jobError),
  error: jobError.nullable(),
  /** What the last failed delivery died of; becomes `error` should the message end in the poison queue. */
  lastFault: jobError.nullable(),
  /** The load report, once a load has ended. */
  result: z.unknown().optional(),
});
export type Job = z.infer<typeof job>;

/** True when nothing will happen to the job any more. */
export function isTerminal(status: JobStatus): boolean {
  return status === "Succeeded" || status === "Failed" || status === "Canceled";
}

/** True while the job's dataset is only a reserved name: nobody has seen it and it may vanish. */
export function holdsName({ kind, phase }: Job): boolean {
  return kind === "generate" && phase !== "load" && phase !== "done";
}

/** A dataset's entry in the catalogue: `writing` reserves the name, `ready` makes it visible. */
export const datasetEntry = z.strictObject({
  name: z.string(),
  state: z.enum(["writing", "ready"]),
  /** The job that writes or wrote it; its id is also where the files lie. */
  jobId: z.string(),
  createdAt: z.string(),
  tables: z.array(z.string()),
  rows: z.int().min(0),
  bytes: z.int().min(0),
});
export type DatasetEntry = z.infer<typeof datasetEntry>;

/** What travels in the queues: references, never data (a message holds 48 KiB at most). */
export const jobMessage = z.strictObject({ job: z.string() });
/** The table whose turn it is, by place; absent at the beginning, and beyond the last at the end. */
export const loadMessage = z.strictObject({ job: z.string(), table: z.int().min(0).optional() });
export const chunkMessage = z.strictObject({ job: z.string(), table: z.int().min(0), chunk: z.int().min(0) });

/** The queues, in the order of a job's life. */
export const QUEUES = ["drafts", "chunks", "finish", "load"] as const;
export type QueueName = (typeof QUEUES)[number];

/** Where a job keeps its files: everything of a dataset lies under the id of the job that wrote it. */
export const jobFolder = (jobId: string): string => `jobs/${jobId}/`;
export const planBlob = (jobId: string): string => `${jobFolder(jobId)}plan.json`;
export const tableBlob = (jobId: string, table: string): string => `${jobFolder(jobId)}${table}.csv`;
/** Which texts came from where, a line for each chunk and field. */
export const provenanceBlob = (jobId: string, table: string): string => `${jobFolder(jobId)}${table}.provenance.jsonl`;
/** What a model wrote for group number `group`, and its answers to single requests for it. */
export const poolBlob = (jobId: string, group: number): string => `${jobFolder(jobId)}pools/${group}.json`;
export const answerFolder = (jobId: string, group: number): string => `${jobFolder(jobId)}answers/${group}/`;
/** The texts last written for a fingerprint, for jobs that reuse them. */
export const keptPoolBlob = (fingerprint: string, group: number): string => `pools/${fingerprint}-${group}.json`;
export const manifestBlob = (jobId: string): string => `${jobFolder(jobId)}manifest.json`;
/** What became of a load, by its job; under the folder of the dataset, so that it goes with it. */
export const loadsFolder = (jobId: string): string => `${jobFolder(jobId)}loads/`;
export const loadBlob = (jobId: string, loadJobId: string): string => `${loadsFolder(jobId)}${loadJobId}.json`;
export const dataPackageBlob = (jobId: string): string => `${jobFolder(jobId)}datapackage.json`;
