/** What a client may ask for: the body of POST /generate. */
import { z } from "zod";
import { loadRequest } from "./load-options.ts";
import { schemaDocument } from "./schema.ts";

export const DATASET_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const generateRequest = z.strictObject({
  name: z
    .string()
    .regex(DATASET_NAME, "must be 1 to 63 of a-z, 0-9 and -, neither starting nor ending with -")
    .optional(),
  preset: z.string().optional(),
  schema: schemaDocument.optional(),
  rows: z.record(z.string(), z.int("must be a whole number").min(0, "must be 0 or more")).optional(),
  seed: z.int("must be a whole number from 0 to 2^53-1").min(0, "must be a whole number from 0 to 2^53-1").optional(),
  referenceDate: z.iso.date("must be a date like 2026-01-01").optional(),
  text: z.enum(["auto", "model", "faker"]).default("auto"),
  /** Take the texts that a model wrote for an earlier dataset of the same fingerprint. */
  reusePools: z.boolean().default(false),
  /** Whether to load into SQL when the dataset is ready, or how. */
  load: loadRequest.default(false),
  csv: z.strictObject({ formulaGuard: z.boolean().default(false) }).default({ formulaGuard: false }),
});
export type GenerateRequest = z.infer<typeof generateRequest>;
