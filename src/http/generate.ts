/** POST /generate: a request becomes a plan and a job, or all its faults at once. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { z } from "zod";
import { type Fault, JobFailure, Unprocessable } from "../dataset/errors.ts";
import { type DatasetEntry, type Job, planBlob } from "../dataset/job.ts";
import type { Plan } from "../dataset/plan.ts";
import { DEFAULT_PRESET, PRESETS } from "../dataset/presets.ts";
import { type GenerateRequest, generateRequest } from "../dataset/request.ts";
import type { SchemaDocument } from "../dataset/schema.ts";
import type { World } from "../dataset/world.ts";
import { compileSchema } from "../generate/compile.ts";
import type { Engine } from "../generate/engine.ts";
import { renderChunk } from "../generate/render.ts";
import { countTexts, makePlan, withRows } from "../plan/cut.ts";
import { structureFaults } from "../plan/structure.ts";
import { acceptJob, readIdempotency, repeatAnswer } from "./accept.ts";
import { escapePointer, faultsOf, parseJson, readBody } from "./body.ts";

type Needs = Pick<
  World,
  | "now"
  | "newJobId"
  | "newSeed"
  | "writeOnce"
  | "acceptJob"
  | "readKey"
  | "readJob"
  | "send"
  | "listChunks"
  | "deleteBlobs"
>;

export interface Limits {
  bodyBytes: number;
  /** Rows of one table. */
  tableRows: number;
  /** Rows a chunk instead of a size in bytes; for tests and tuning. */
  chunkRows: number | undefined;
}

/** Accepts a job. The plan is written first, so that an accepted job always has one. */
export function postGenerate(world: Needs, limits: Limits) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const body = await readBody(request, limits.bodyBytes);
    const idempotency = await readIdempotency(world, request, body);
    if (idempotency.used) return repeatAnswer(world, request, "drafts", idempotency.used);
    const id = world.newJobId();
    const createdAt = world.now().toISOString();
    const chosen = { seed: world.newSeed(), referenceDate: createdAt.slice(0, 10) };
    const { request: wanted, schema, engine, seed, referenceDate } = resolveRequest(parseJson(body), limits, chosen);
    const { csv, load, name } = wanted;
    const dataset = name ?? `${schema.name.replaceAll("_", "-").slice(0, 50)}-${id.slice(-8)}`;
    const recipe = { seed, referenceDate, schema, csv, dataset, createdAt, load };
    const plan = makePlan(recipe, (place) => estimateRowBytes(engine, place), limits.chunkRows);
    await world.writeOnce(planBlob(id), JSON.stringify(plan));
    return acceptJob(world, request, "drafts", newJob(id, plan), newEntry(id, plan), idempotency);
  };
}

interface Wanted {
  request: GenerateRequest;
  schema: SchemaDocument;
  engine: Engine;
  seed: number;
  referenceDate: string;
}

/** The request with its schema compiled, or Unprocessable with every fault of both. */
function resolveRequest(given: unknown, limits: Limits, otherwise: { seed: number; referenceDate: string }): Wanted {
  const parsed = generateRequest.safeParse(given);
  const faults = parsed.success ? [] : faultsOf(parsed.error);
  const request = parsed.success ? parsed.data : soundPart(given, parsed.error);
  if (!request) throw new Unprocessable(faults);
  const isGiven = (key: string) => Object(given)[key] !== undefined;
  if (isGiven("preset") && isGiven("schema")) {
    faults.push({ pointer: "/preset", code: "two-schemas", message: "Give either a preset or a schema, not both." });
  }
  if (request.text === "model") {
    const message = "No model is connected to this service; use auto or faker.";
    faults.push({ pointer: "/text", code: "no-model", message });
  }
  const { seed = otherwise.seed, referenceDate = otherwise.referenceDate, rows = {} } = request;
  // A preset or schema with faults has told them; the default would only add faults that are not the client's.
  const isMisread = (isGiven("preset") && !request.preset) || (isGiven("schema") && !request.schema);
  const base = isMisread ? undefined : findSchema(request, faults);
  if (base) faults.push(...rowFaults(base, request, limits));
  const schema = base && withRows(base, rows);
  const engine = schema && compileWanted(schema, seed, referenceDate, request.schema !== undefined, faults);
  if (!schema || !engine || faults.length > 0) throw new Unprocessable(faults);
  return { request, schema, engine, seed, referenceDate };
}

/** The request without its faulty keys, so that what is left can be judged too; undefined when nothing is. */
function soundPart(given: unknown, { issues }: z.ZodError): GenerateRequest | undefined {
  const rest = structuredClone(given) as Record<string, Record<string, unknown>>;
  for (const { path } of issues) {
    const [key, inner] = path as string[];
    if (key === undefined) continue;
    if (key === "rows" && inner !== undefined) delete rest.rows?.[inner];
    else delete rest[key];
  }
  return generateRequest.strip().safeParse(rest).data;
}

function findSchema({ preset = DEFAULT_PRESET, schema }: GenerateRequest, faults: Fault[]): SchemaDocument | undefined {
  const found = schema ?? PRESETS.get(preset);
  if (found) return found;
  const known = [...PRESETS.keys()].join(", ");
  faults.push({
    pointer: "/preset",
    code: "unknown-preset",
    message: `There is no preset ${preset}; there is ${known}.`,
  });
  return undefined;
}

function rowFaults(schema: SchemaDocument, request: GenerateRequest, limits: Limits): Fault[] {
  const { rows = {} } = request;
  const names = schema.tables.map(({ name }) => name);
  const unknown = Object.keys(rows).filter((name) => !names.includes(name));
  const faults = unknown.map((name): Fault => {
    const message = `${schema.name} has no table ${name}; it has ${names.join(", ")}.`;
    return { pointer: `/rows/${escapePointer(name)}`, code: "unknown-table", message };
  });
  for (const [place, table] of withRows(schema, rows).tables.entries()) {
    if (table.rows <= limits.tableRows) continue;
    const message = `${table.name}: ${table.rows} rows are more than the limit of ${limits.tableRows} a table.`;
    const isInSchema = request.schema && !Object.hasOwn(rows, table.name);
    const pointer = isInSchema ? `/schema/tables/${place}/rows` : `/rows/${table.name}`;
    faults.push({ pointer, code: "too-many-rows", message });
  }
  return faults;
}

/** Compiles the schema to find what is wrong with it; pointers are those of the request. */
function compileWanted(
  schema: SchemaDocument,
  seed: number,
  referenceDate: string,
  isOwn: boolean,
  faults: Fault[],
): Engine | undefined {
  // A preset is sound in itself: only the row counts can break its structure, only the date its values.
  const report = (found: readonly Fault[], cause: "/rows" | "/referenceDate") => {
    faults.push(...found.map((fault) => ({ ...fault, pointer: isOwn ? `/schema${fault.pointer}` : cause })));
    return undefined;
  };
  const structure = structureFaults(schema);
  if (structure.length > 0) return report(structure, "/rows");
  try {
    return compileSchema(schema, seed, referenceDate);
  } catch (error) {
    if (error instanceof Unprocessable) return report(error.faults, "/referenceDate");
    throw error;
  }
}

/** Rows that are made to see how long a table's lines are. */
const SAMPLE_ROWS = 100;

/** Throws Unprocessable when a value can't be made, an overflow say: the job could only fail later. */
function estimateRowBytes(engine: Engine, place: number): number {
  const rows = engine.tables[place]?.table.rows ?? 0;
  const count = Math.min(SAMPLE_ROWS, rows);
  if (count === 0) return 1;
  try {
    return renderChunk(engine, place, { first: rows - count, count }, false).bytes.length / count;
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    throw new Unprocessable([{ pointer: `/schema/tables/${place}`, code: error.code, message: error.message }]);
  }
}

function newJob(id: string, { dataset, createdAt, tables, schema }: Plan): Job {
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
    texts: countTexts(schema.tables),
    warnings: [],
    error: null,
    lastFault: null,
  };
}

function newEntry(jobId: string, { dataset: name, createdAt, tables }: Plan): DatasetEntry {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { name, state: "writing", jobId, createdAt, tables: tables.map((table) => table.name), rows, bytes: 0 };
}
