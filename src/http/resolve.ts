/**
 * From the body of a request to a compiled schema, or to all its faults at once: the one judgement
 * that generating, previewing, planning and saving a schema share.
 */
import type { z } from "zod";
import { type Broken, brokenParts } from "../dataset/broken.ts";
import { type Fault, JobFailure, Unprocessable } from "../dataset/errors.ts";
import { optionsOf } from "../dataset/load-options.ts";
import { escapePointer } from "../dataset/misfit.ts";
import type { Plan } from "../dataset/plan.ts";
import { DEFAULT_PRESET, PRESETS, schemaBlob } from "../dataset/presets.ts";
import { type GenerateRequest, generateRequest } from "../dataset/request.ts";
import { type SchemaDocument, schemaDocument } from "../dataset/schema.ts";
import type { Saved, World } from "../dataset/world.ts";
import { compileSchema, faultsBeside } from "../generate/compile.ts";
import { isText } from "../generate/drafts/groups.ts";
import type { Engine } from "../generate/engine.ts";
import { withRows } from "../plan/cut.ts";
import { structureFaults } from "../plan/structure.ts";
import { faultsOf, loadFaults } from "./body.ts";
import { fillLists } from "./fill.ts";
import { repairSchema } from "./repair.ts";
import { isSavedName } from "./saved.ts";

export interface Limits {
  bodyBytes: number;
  /** Rows of one table. */
  tableRows: number;
  /** Rows a chunk instead of a size in bytes; for tests and tuning. */
  chunkRows: number | undefined;
  /** Text cells of a table up to which a model writes a text for each row. */
  ownTexts: number;
  /** What one job may ask of a model. */
  modelCalls: number;
  modelTokens: number;
}

/** Rows of a table that are addressed, where none is kept. */
const MOST_ADDRESSED = 10 ** 12;

/** For what keeps nothing: rows of tables too large to be generated here can be looked at and counted as well. */
export const dryLimits = (limits: Limits): Limits => ({ ...limits, tableRows: MOST_ADDRESSED });

/** A request with all that it left open decided: the row counts are in the schema. */
export interface Wanted {
  request: GenerateRequest;
  schema: SchemaDocument;
  engine: Engine;
  seed: number;
  referenceDate: string;
}

/** A seed and `today` stand in for those not given. Throws Unprocessable with every fault of request and schema. */
export async function resolveRequest(
  world: Pick<World, "newSeed" | "readSaved" | "hasModel"> & Partial<Pick<World, "checkLoad">>,
  given: unknown,
  limits: Limits,
  today: string,
): Promise<Wanted> {
  const parsed = generateRequest.safeParse(given);
  const faults = parsed.success ? [] : faultsOf(parsed.error);
  const sound = parsed.success ? parsed.data : soundPart(given, parsed.error);
  if (!sound) throw new Unprocessable(faults);
  const isGiven = (key: string) => Object(given)[key] !== undefined;
  const repaired = isGiven("schema") && !sound.schema ? repairSchema(Object(given).schema) : undefined;
  const request = repaired ? { ...sound, schema: repaired.schema } : sound;
  if (isGiven("preset") && isGiven("schema")) {
    faults.push({ pointer: "/preset", code: "two-schemas", message: "Give either a preset or a schema, not both." });
  }
  if (request.text === "model" && !world.hasModel()) {
    const message = "No model is connected: set NVIDIA_API_KEY, or use auto or faker.";
    faults.push({ pointer: "/text", code: "no-model", message });
  }
  const load = optionsOf(request.load);
  if (load && world.checkLoad) faults.push(...loadFaults(world.checkLoad(load), "/load"));
  // A preset or schema with faults has told them; the default would only add faults that are not the client's.
  const isMisread = (isGiven("preset") && !request.preset) || (isGiven("schema") && !request.schema);
  const base = isMisread ? undefined : await findSchema(world, request, faults);
  if (!base) throw new Unprocessable(faults);
  const { seed = world.newSeed(), referenceDate = today, rows = {} } = request;
  faults.push(...rowFaults(base, request, limits));
  const { schema, faults: listFaults, unfilled } = await fillLists(world, withRows(base, rows));
  faults.push(...placeFaults(listFaults, request, "preset"));
  const engine = compileWanted(schema, seed, referenceDate, request, faults, unfilled, repaired?.broken);
  if (engine) faults.push(...derivedRowFaults(schema, engine, request, limits));
  if (!engine || faults.length > 0) throw new Unprocessable(faults);
  return { request, schema, engine, seed, referenceDate };
}

/** Who writes the text fields of a sound request: the model when it is asked for, or there is one and nobody said no. */
export function writerOf(world: Pick<World, "hasModel">, { request, schema }: Wanted): Plan["text"] {
  const hasTexts = schema.tables.some(({ fields }) => fields.some(isText));
  return request.text !== "faker" && hasTexts && world.hasModel() ? "model" : "faker";
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

async function findSchema(
  world: Pick<World, "readSaved">,
  { preset = DEFAULT_PRESET, schema }: GenerateRequest,
  faults: Fault[],
): Promise<SchemaDocument | undefined> {
  const shipped = schema ?? PRESETS.get(preset);
  if (shipped) return shipped;
  const saved = await readSavedSchema(world, preset);
  if (!saved) {
    const message = `There is no preset or saved schema ${preset}; GET /schemas lists what there is.`;
    faults.push({ pointer: "/preset", code: "unknown-preset", message });
    return undefined;
  }
  const parsed = schemaDocument.safeParse(JSON.parse(saved.text));
  if (parsed.success) return parsed.data;
  for (const { pointer, message } of faultsOf(parsed.error)) {
    const told = `${preset} was saved by another version, which allowed what this one does not (${pointer}): ${message}`;
    faults.push({ pointer: "/preset", code: "outdated-schema", message: told });
  }
  return undefined;
}

/** The saved schema of this name; undefined when there is none. */
export async function readSavedSchema(world: Pick<World, "readSaved">, name: string): Promise<Saved | undefined> {
  return isSavedName(name) ? world.readSaved(schemaBlob(name)) : undefined;
}

function rowFaults(schema: SchemaDocument, request: GenerateRequest, limits: Limits): Fault[] {
  const { rows = {} } = request;
  const names = schema.tables.map(({ name }) => name);
  // A table whose name can't be read may be any.
  const unknown = Object.keys(rows).filter((name) => !names.includes(name) && !names.includes(""));
  const faults = unknown.map((name): Fault => {
    const message = `${schema.name} has no table ${name}; it has ${names.join(", ")}.`;
    return { pointer: `/rows/${escapePointer(name)}`, code: "unknown-table", message };
  });
  for (const [place, table] of withRows(schema, rows).tables.entries()) {
    if (table.rows === undefined || table.rows <= limits.tableRows) continue;
    const message = `${table.name}: ${table.rows} rows are more than the limit of ${limits.tableRows} a table; ask for fewer, or raise RELATA_MAX_TABLE_ROWS.`;
    const isInSchema = request.schema && !Object.hasOwn(rows, table.name);
    const pointer = isInSchema ? `/schema/tables/${place}/rows` : `/rows/${table.name}`;
    faults.push({ pointer, code: "too-many-rows", message });
  }
  return faults;
}

/** Tables whose parents give them more rows than a table may have. */
export function derivedRowFaults(
  schema: SchemaDocument,
  engine: Pick<Engine, "tables">,
  request: Pick<GenerateRequest, "schema">,
  { tableRows }: Pick<Limits, "tableRows">,
): Fault[] {
  return engine.tables.flatMap(({ rows }, place) => {
    const { name, rows: given } = schema.tables[place] as SchemaDocument["tables"][number];
    if (given !== undefined || rows <= tableRows) return [];
    const message = `${name}: its parents have ${rows} children, more than the limit of ${tableRows} rows a table; give it rows, or its parents fewer.`;
    const pointer = request.schema ? `/schema/tables/${place}/foreignKeys` : `/rows/${name}`;
    return [{ pointer, code: "too-many-rows", message }];
  });
}

/** Compiles the schema to find what is wrong with it, but for generators whose list is missing; pointers are those of the request. */
function compileWanted(
  schema: SchemaDocument,
  seed: number,
  referenceDate: string,
  request: GenerateRequest,
  faults: Fault[],
  unfilled: readonly string[],
  broken: Broken = new Set(),
): Engine | undefined {
  const structure = structureFaults(schema, broken);
  faults.push(...placeFaults(structure, request, "rows"));
  const isOwn = ({ pointer }: Fault) => !unfilled.some((generator) => `${pointer}/`.startsWith(`${generator}/`));
  const addValues = (found: readonly Fault[]) => {
    faults.push(...placeFaults(found.filter(isOwn), request, "referenceDate"));
  };
  if (structure.length > 0 || broken.size > 0) {
    addValues(faultsBeside(schema, seed, referenceDate, brokenParts(schema, broken, structure)));
    return undefined;
  }
  try {
    return compileSchema(schema, seed, referenceDate);
  } catch (error) {
    if (error instanceof JobFailure) {
      // Numbers of children hang on rows, which could not be made.
      const { pointer = "/tables", code, message } = error;
      faults.push(...placeFaults([{ pointer, code, message }], request, "rows"));
      return undefined;
    }
    if (!(error instanceof Unprocessable)) throw error;
    addValues(error.faults);
    return undefined;
  }
}

/**
 * Faults of the schema as faults of the request. A schema known by name was sound when it was saved,
 * so what the request added to it is to blame: row counts for its structure, the date for its values.
 */
function placeFaults(
  found: readonly Fault[],
  request: GenerateRequest,
  suspect: "rows" | "referenceDate" | "preset",
): Fault[] {
  const cause = request[suspect] === undefined ? "/preset" : `/${suspect}`;
  return found.map((fault) => ({ ...fault, pointer: request.schema ? `/schema${fault.pointer}` : cause }));
}

/**
 * What `make` makes of each table, by its place. A row that can't be made, an overflow say, is a fault
 * of the request, which could only fail later as a job: throws Unprocessable with those of all tables.
 */
export function mapTables<T>({ engine, request }: Wanted, make: (place: number) => T): T[] {
  const found: Fault[] = [];
  const made = engine.tables.flatMap((_, place) => {
    try {
      return [make(place)];
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      const { pointer = `/tables/${place}`, code, message } = error;
      // Children fail with their parents: that is one fault.
      const isTold = found.some((fault) => fault.pointer === pointer && fault.message === message);
      if (!isTold) found.push({ pointer, code, message });
      return [];
    }
  });
  if (found.length > 0) throw new Unprocessable(placeFaults(found, request, "rows"));
  return made;
}
