/** POST /preview: the first rows of each table, or any others, at once and without a job. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { World } from "../dataset/world.ts";
import type { CompiledTable, Engine } from "../generate/engine.ts";
import { readPage } from "../generate/page.ts";
import { renderChunk, tellBroken } from "../generate/render.ts";
import { parseJson, readBody } from "./body.ts";
import { MAX_ROWS, rowsOf } from "./page.ts";
import { draftPage } from "./preview-texts.ts";
import { type Limits, mapTables, resolveRequest } from "./resolve.ts";

/**
 * The rows `?offset=&limit=` of every table, by default the first 1,000: those the dataset would have.
 * Text is faker's unless the request says `"text": "model"`. Seed and reference date are told, so that a request without them can be repeated. Nothing is kept.
 */
export function postPreview(
  world: Pick<World, "now" | "newSeed" | "readSaved" | "hasModel" | "complete">,
  limits: Limits,
) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { offset, limit } = rowsOf(request, MAX_ROWS);
    const body = parseJson(await readBody(request, limits.bodyBytes));
    const wanted = await resolveRequest(world, body, limits, world.now().toISOString().slice(0, 10));
    const { schema, seed, referenceDate, request: asked } = wanted;
    const engine = asked.text === "model" ? await draftPage(world, wanted, offset, limit) : wanted.engine;
    const tables = mapTables(wanted, (place) => {
      const fields = schema.tables[place]?.fields.map(({ name }) => name);
      return [schema.tables[place]?.name, { fields, rows: readPage(engine, place, offset, limit) }];
    });
    const warnings = mapTables({ ...wanted, engine }, (place) => brokenIn(engine, place, offset, limit)).flat();
    const told = warnings.length > 0 ? { warnings } : {};
    return { jsonBody: { seed, referenceDate, tables: Object.fromEntries(tables), ...told } };
  };
}

/** A warning when rows shown break rules although they were made again: as a job they would end it. */
function brokenIn(engine: Engine, place: number, offset: number, limit: number): { code: string; message: string }[] {
  const { table, rows } = engine.tables[place] as CompiledTable;
  const count = Math.max(0, Math.min(limit, rows - offset));
  const { broken } = renderChunk(engine, place, { first: offset, count }, false);
  return broken.size === 0 ? [] : [{ code: "broken-rule", message: tellBroken(table.name, count, broken) }];
}
