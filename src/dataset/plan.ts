/**
 * The plan: everything a worker needs to make any chunk of a job without asking anybody.
 *
 * It is written once, before the job is accepted, and never changed: engine version, seed, chunk
 * size and schema (with the row counts of the request put in) are those of the acceptance.
 */
import { z } from "zod";
import { loadRequest } from "./load-options.ts";
import { draftGroup } from "./pool.ts";
import { schemaDocument } from "./schema.ts";

/** Raised whenever the bytes of any dataset change; the golden hashes in `test/` guard it. */
export const ENGINE_VERSION = 1;

/** Raised when the words of prompts change: texts of another version are not reused. */
export const PROMPT_VERSION = 1;

const plannedTable = z.strictObject({
  name: z.string(),
  rows: z.int().min(0),
  /** Rows a chunk; the last chunk may have fewer. */
  chunkRows: z.int().min(1),
  /** At least 1: a table without rows still has its header line to write. */
  chunks: z.int().min(1),
});
export type PlannedTable = z.infer<typeof plannedTable>;

export const plan = z.strictObject({
  engineVersion: z.int(),
  dataset: z.string(),
  createdAt: z.string(),
  seed: z.int().min(0),
  referenceDate: z.string(),
  schema: schemaDocument,
  csv: z.strictObject({ formulaGuard: z.boolean() }),
  load: loadRequest,
  /** Who writes the text fields. */
  text: z.enum(["faker", "model"]).default("faker"),
  /** Take the texts of an earlier dataset of the same fingerprint, where there are any. */
  reusePools: z.boolean().default(false),
  /** What the model is asked for, in the order in which it is asked. */
  drafts: z.array(draftGroup).default([]),
  /** Parents before children. */
  tables: z.array(plannedTable),
  /** SHA-256 of all that decides the bytes: equal fingerprints, equal files. */
  fingerprint: z.string(),
});
export type Plan = z.infer<typeof plan>;
