/**
 * A text pool: what a model wrote for the text fields of one table that share an answer.
 *
 * Pools are the one thing of a dataset that can't be made twice, so they are written once, before the
 * first row is made, and rows read their text out of them by address.
 */
import { z } from "zod";
import { fallbackReason } from "./fallback.ts";

const count = z.int().min(0);
const warning = z.strictObject({ code: z.string(), message: z.string() });

/** The text fields of a table that one answer fills, and how many answers are wanted. */
export const draftGroup = z.strictObject({
  /** Names of the table and its fields. */
  table: z.string(),
  fields: z.array(z.string()).min(1),
  /** Whether each row gets a text of its own, or rows share exemplars that are alike in what the prompt mentions. */
  mode: z.enum(["rows", "exemplars"]),
  /** Rows or exemplars to be asked for. */
  texts: count,
  /** Of them in one request, as long as answers come back whole. */
  textsPerCall: z.int().min(1),
});
export type DraftGroup = z.infer<typeof draftGroup>;

const entry = z.strictObject({
  /** The row it was written for. */
  row: count,
  /** The values that rows share which may have it (`keyOf` in generate/drafts); empty when it is its own row's. */
  key: z.string(),
  /** In the order of the pool's fields. */
  texts: z.array(z.string()),
  /** `repaired`: the answer had to be mended, or the row asked for again. */
  origin: z.enum(["model", "repaired"]),
});

export const pool = z.strictObject({
  table: z.string(),
  fields: z.array(z.string()),
  mode: draftGroup.shape.mode,
  /** Paths by whose values a row finds its exemplars. */
  by: z.array(z.string()),
  /** Paths that may stand in texts as {{path}}, to be filled from the row. */
  slots: z.array(z.string()),
  /** True when the texts are those of an earlier dataset. */
  isReused: z.boolean(),
  entries: z.array(entry),
  /** Why rows or exemplars that were asked for have no text. */
  refused: z.array(z.strictObject({ row: count, reason: fallbackReason })),
  /** Requests by the model that served them. */
  models: z.record(z.string(), count),
  /** Requests sent, those without an answer included. */
  calls: count,
  promptTokens: count,
  completionTokens: count,
  /** What the job's owner should know of the model. */
  warnings: z.array(warning),
});
export type Pool = z.infer<typeof pool>;

/** An answer of the model as it is stored, before it is used. */
export const answer = z.strictObject({
  /** The numbers of the texts that were asked for. */
  asked: z.array(count),
  completion: z.strictObject({
    content: z.string(),
    reasoning: z.string(),
    finish: z.enum(["stop", "length", "filter"]),
    model: z.string(),
    calls: count,
    promptTokens: count,
    completionTokens: count,
    warnings: z.array(warning),
  }),
});

/** Characters of a text field that does not say how many it may have. */
export const USUAL_MAX_CHARS = 200;

/** Where a text cell came from: the codes of a provenance file and of the manifest's counts. */
export const ORIGINS = ["model", "repaired", "pool", "cache"] as const;
export type Origin = (typeof ORIGINS)[number] | `fallback:${z.infer<typeof fallbackReason>}`;

/** All origins by number: how they are kept row by row. */
export const ORIGIN_NAMES: readonly Origin[] = [
  ...ORIGINS,
  ...fallbackReason.options.map((reason) => `fallback:${reason}` as const),
];
