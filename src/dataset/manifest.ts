/** The manifest: what a finished dataset is, down to the hash of every file. */
import { z } from "zod";
import { checks, originCounts } from "./chunk.ts";
import { draftGroup } from "./pool.ts";
import { fieldType, schemaDocument } from "./schema.ts";

const manifestTable = z.strictObject({
  rows: z.int().min(0),
  bytes: z.int().min(0),
  /** Hex SHA-256 of the CSV file's bytes. */
  sha256: z.string(),
  fields: z.array(z.strictObject({ name: z.string(), type: fieldType })),
  url: z.string(),
});
export type ManifestTable = z.infer<typeof manifestTable>;

const count = z.int().min(0);

export const manifest = z.strictObject({
  name: z.string(),
  engineVersion: z.int(),
  seed: z.int(),
  referenceDate: z.string(),
  fingerprint: z.string(),
  createdAt: z.string(),
  schema: schemaDocument,
  /** By table name, parents before children. */
  tables: z.record(z.string(), manifestTable),
  text: z.strictObject({
    model: z.string().nullable(),
    calls: count,
    promptTokens: count,
    completionTokens: count,
    /** Where each text cell came from; they add up to rows x text fields. */
    cells: z.strictObject({
      model: count,
      pool: count,
      cache: count,
      repaired: count,
      faker: count,
      fallback: count,
    }),
    /** Only where a model was asked: the same by "table.field", with the reasons of fallbacks, and requests by model. */
    fields: originCounts.optional(),
    models: z.record(z.string(), count).optional(),
    /** What was written for which fields: how many rows share a text, and the share of texts that differ. */
    pools: z
      .array(
        z.strictObject({
          table: z.string(),
          mode: draftGroup.shape.mode,
          texts: count,
          rowsPerText: z.number(),
          distinct: z.record(z.string(), z.number()),
        }),
      )
      .optional(),
  }),
  checks,
});
export type Manifest = z.infer<typeof manifest>;
