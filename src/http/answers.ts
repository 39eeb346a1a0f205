/** The bodies of answers as zod schemas: told in /openapi.json, and held to real answers by a test. */
import { z } from "zod";
import { datasetEntry, job } from "../dataset/job.ts";
import { listDocument } from "../dataset/list.ts";
import { loadOptions } from "../dataset/load-options.ts";
import { loadRecord, loadReport } from "../dataset/load-report.ts";
import { manifest } from "../dataset/manifest.ts";
import { generateRequest } from "../dataset/request.ts";
import { schemaDocument } from "../dataset/schema.ts";
import { draftRequest } from "./draft-schema.ts";

const count = z.int().min(0);
const url = z.string().meta({ format: "uri" });
const listOf = (item: z.ZodType) => z.object({ value: z.array(item), nextLink: url.optional() });

const jobAnswer = z.object({
  ...job.pick({ id: true, kind: true, status: true, dataset: true }).shape,
  ...job.pick({ createdAt: true, startedAt: true, finishedAt: true }).shape,
  progress: z.object({
    phase: job.shape.phase,
    rowsDone: count,
    rowsTotal: count,
    rowsLoaded: count.optional().describe("Rows that the load has read so far, where the job loads."),
    tables: z.record(z.string(), z.object({ rowsDone: count, rows: count })),
    texts: z.object({ done: count, total: count }),
  }),
  warnings: job.shape.warnings,
  error: job.shape.error,
  links: z.object({ self: url, dataset: url, report: url.optional() }),
  result: loadReport.optional().describe("The load report, once a load has ended."),
});

const dataset = datasetEntry.pick({ name: true, tables: true, rows: true, bytes: true, createdAt: true });

const cell = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .describe("Integers are numbers; decimals, dates and times are exact text; NULL is null.");
const page = { fields: z.array(z.string()), rows: z.array(z.array(cell)) };
const chosen = { seed: count, referenceDate: z.iso.date() };

const warnings = job.shape.warnings;
const size = { rows: count, bytes: count.describe("Estimated from a sample of the rows."), chunks: count };
const cost = { calls: count, promptTokens: count, completionTokens: count };
const plan = z.object({
  name: z.string().optional(),
  ...chosen,
  fingerprint: z.string(),
  tables: z.record(z.string(), z.object({ ...size, chunkRows: count })),
  ...size,
  model: z.object(cost),
  warnings: warnings.optional().describe("Tables that are too large to be generated here."),
});

const generatorKind = z.object({
  kind: z.string(),
  summary: z.string().optional(),
  parameters: z.object().describe("A JSON Schema (2020-12) of the keys beside kind."),
  example: z.object().optional().describe("A field, without its name, whose generator is of this kind."),
});

const value = z.union([z.string(), z.number(), z.boolean()]);
const values = z
  .union([z.array(value).min(1), z.array(z.record(z.string().min(1), value.nullable())).min(1)])
  .describe("Values, whose field is called value, or flat objects.");

const fault = z.object({ pointer: z.string(), code: z.string(), message: z.string() });
const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(fault).optional().describe("Every fault at once, each with a JSON Pointer into the body."),
  traceId: z.string(),
});

/** Everything that /openapi.json names, under the name it has there. */
export const BODIES = {
  request: generateRequest,
  schema: schemaDocument,
  job: jobAnswer,
  jobs: listOf(jobAnswer),
  manifest,
  dataset,
  datasets: listOf(dataset),
  preview: z.object({
    ...chosen,
    tables: z.record(z.string(), z.object(page)),
    warnings: warnings.optional().describe("Rules that rows shown break."),
  }),
  loadOptions,
  loads: listOf(loadRecord),
  plan,
  rows: z.object({ ...page, offset: count, total: count }),
  schemas: listOf(schemaDocument),
  draftRequest,
  draft: z.object({
    schema: z.object().describe("A schema document; one with faults may have any form."),
    faults: z.array(fault),
    model: z.string(),
    ...cost,
  }),
  values,
  list: listDocument,
  lists: listOf(z.object({ name: z.string() })),
  generators: z.object({ value: z.array(generatorKind) }),
  health: z.object({ status: z.literal("ok"), version: z.string() }),
  document: z.object().describe("A document of another standard."),
  problem,
};
export type BodyName = keyof typeof BODIES;
