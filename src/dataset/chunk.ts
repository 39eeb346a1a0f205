/** A chunk: a range of rows of one table, the unit of work; its record says what was written. */
import { z } from "zod";
import type { PlannedTable } from "./plan.ts";

/** What is counted over every row; all zero in a sound dataset. */
export const checks = z.strictObject({
  orphans: z.int().min(0),
  duplicateKeys: z.int().min(0),
  brokenRules: z.int().min(0),
});
export type Checks = z.infer<typeof checks>;

/** By field, then by origin. */
export const originCounts = z.record(z.string(), z.record(z.string(), z.int().min(0)));
export type OriginCounts = z.infer<typeof originCounts>;

/** What a worker records of a chunk once its block is staged. */
export const chunkRecord = z.strictObject({
  table: z.int().min(0),
  chunk: z.int().min(0),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  checks,
  /** Of each text field that a model was asked for: cells by where they came from. */
  texts: originCounts.optional(),
});
export type ChunkRecord = z.infer<typeof chunkRecord>;

/** The rows [first, first + count) of chunk number `chunk`. */
export function chunkRange(table: PlannedTable, chunk: number): { first: number; count: number } {
  const first = chunk * table.chunkRows;
  return { first, count: Math.min(table.chunkRows, table.rows - first) };
}
