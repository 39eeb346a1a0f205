/** /schemas: presets and saved schemas, as documents to change, post back and save. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { Conflict, type Fault, NotFound, Unprocessable } from "../dataset/errors.ts";
import { PRESETS, SCHEMA_FOLDER, schemaBlob, schemaName } from "../dataset/presets.ts";
import type { SchemaDocument } from "../dataset/schema.ts";
import type { World } from "../dataset/world.ts";
import { parseJson, readBody } from "./body.ts";
import { listResponse, pageOf } from "./page.ts";
import { type Limits, readSavedSchema, resolveRequest } from "./resolve.ts";
import { deleteDocument, isSavedName, saveDocument, savedResponse } from "./saved.ts";
import { planWanted } from "./sizes.ts";
import { pathPart } from "./url.ts";

/** Whole documents by name, presets among them. */
export function listSchemas(world: Pick<World, "readSaved" | "listSaved">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { limit, after = "" } = pageOf(request);
    const saved = (await world.listSaved(SCHEMA_FOLDER)).map(schemaName);
    const names = [...PRESETS.keys(), ...saved].filter((name) => name > after).sort();
    const shown = names.slice(0, limit);
    const texts = await Promise.all(shown.map((name) => readSchema(world, name)));
    const next = names.length > limit ? shown.at(-1) : undefined;
    // One that was deleted a moment ago is left out.
    const value = texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as object]));
    return listResponse(request, value, next);
  };
}

export function getSchema(world: Pick<World, "readSaved">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const text = await readSchema(world, pathPart(request, 1));
    if (text === undefined) throw noSchema();
    return savedResponse(request, text);
  };
}

/** Saves a document under its own name, judged as POST /generate would: 201 when it is new, 200 when it replaces one. */
export function putSchema(
  world: Pick<World, "now" | "newSeed" | "readSaved" | "writeSaved" | "hasModel">,
  limits: Limits,
) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const name = pathPart(request, 1);
    refusePreset(name);
    const given = parseJson(await readBody(request, limits.bodyBytes));
    const document = await judgeSchema(world, name, given, limits);
    return saveDocument(world, request, schemaBlob(name), JSON.stringify(document));
  };
}

/** Datasets that were made from it keep their own copy. */
export function deleteSchema(world: Pick<World, "readSaved" | "deleteSaved">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const name = pathPart(request, 1);
    refusePreset(name);
    if (!isSavedName(name) || !(await deleteDocument(world, request, schemaBlob(name)))) throw noSchema();
    return { status: 204 };
  };
}

/** The document as it is kept. Throws Unprocessable with all its faults; pointers start at the document. */
export async function judgeSchema(
  world: Pick<World, "now" | "newSeed" | "readSaved" | "hasModel">,
  name: string,
  given: unknown,
  limits: Limits,
): Promise<SchemaDocument> {
  const faults: Fault[] = [];
  const own = Object(given).name;
  if (typeof own === "string" && own !== name) {
    const message = `name: is ${own}, but the address says ${name}; make them equal.`;
    faults.push({ pointer: "/name", code: "name-mismatch", message });
  }
  const createdAt = world.now().toISOString();
  try {
    const wanted = await resolveRequest(world, { schema: given }, limits, createdAt.slice(0, 10));
    planWanted(wanted, { dataset: name, createdAt }, "faker", limits);
    if (faults.length === 0) return wanted.request.schema as SchemaDocument;
  } catch (error) {
    if (!(error instanceof Unprocessable)) throw error;
    faults.push(...error.faults.map((fault) => ({ ...fault, pointer: fault.pointer.replace(/^\/schema/, "") })));
  }
  throw new Unprocessable(faults);
}

async function readSchema(world: Pick<World, "readSaved">, name: string): Promise<string | undefined> {
  const preset = PRESETS.get(name);
  return preset ? JSON.stringify(preset) : (await readSavedSchema(world, name))?.text;
}

function refusePreset(name: string): void {
  if (!PRESETS.has(name)) return;
  throw new Conflict("preset-name", `${name} is a preset, which can't be changed; save yours under another name.`);
}

function noSchema(): NotFound {
  return new NotFound("schema-not-found", "There is no schema of this name; GET /schemas lists them.");
}
