/** Why a text cell has its fallback's words instead of the model's. */
import { z } from "zod";

export const fallbackReason = z.enum([
  "no-model",
  "refused-key",
  "outage",
  "budget",
  "deadline",
  "not-answered",
  "no-exemplar",
  "too-long",
  "too-short",
  "empty",
  "refusal",
  "placeholder",
  "echo",
  "unknown-slot",
  "constraint",
  "not-text",
  "duplicate",
  "near-duplicate",
  "rule",
  "null-slot",
]);
export type FallbackReason = z.infer<typeof fallbackReason>;
