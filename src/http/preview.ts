/** POST /preview: the first rows of each table, or any others, at once and without a job. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { Table } from "../dataset/schema.ts";
import type { World } from "../dataset/world.ts";
import { tellBroken } from "../generate/broken.ts";
import { readPage } from "../generate/page.ts";
import { parseJson, readBody } from "./body.ts";
import { MAX_ROWS, rowsOf } from "./page.ts";
import { draftPage } from "./preview-texts.ts";
import { dryLimits, type Limits, mapTables, resolveRequest } from "./resolve.ts";

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
    const wanted = await resolveRequest(world, body, dryLimits(limits), world.now().toISOString().slice(0, 10));
    const { schema, seed, referenceDate, request: asked } = wanted;
    const engine = asked.text === "model" ? await draftPage(world, wanted, offset, limit) : wanted.engine;
    const pages = mapTables({ ...wanted, engine }, (place) => {
      const { name, fields } = schema.tables[place] as Table;
      const { rows, broken } = readPage(engine, place, offset, limit);
      const range = { first: offset, count: rows.length };
      // As a job, rows that break rules although they were made again would end it.
      const told = broken();
      const warning = told.size > 0 ? [{ code: "broken-rule", message: tellBroken(engine, place, range, told) }] : [];
      return { name, page: { fields: fields.map(({ name }) => name), rows }, warning };
    });
    const tables = Object.fromEntries(pages.map(({ name, page }) => [name, page]));
    const warnings = pages.flatMap(({ warning }) => warning);
    return { jsonBody: { seed, referenceDate, tables, ...(warnings.length > 0 ? { warnings } : {}) } };
  };
}
