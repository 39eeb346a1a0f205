/** GET /datasets/{name}/tables/{table}/rows: any rows of a finished table, made again by address instead of read. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { Conflict, JobFailure, NotFound } from "../dataset/errors.ts";
import type { Plan } from "../dataset/plan.ts";
import type { World } from "../dataset/world.ts";
import type { Engine } from "../generate/engine.ts";
import { readPage } from "../generate/page.ts";
import { readyEntry } from "./datasets.ts";
import { rowsOf } from "./page.ts";
import { pathPart } from "./url.ts";

const DEFAULT_ROWS = 100;

/** Throws JobFailure for a plan of another engine version. */
type OpenPlan = (jobId: string) => Promise<{ plan: Plan; engine: Engine }>;

/**
 * The values are those of the CSV before `formulaGuard`. A dataset made by another engine version is
 * refused, since this one would make other values than its files have.
 */
export function getRows(world: Pick<World, "readEntry">, openPlan: OpenPlan) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { offset, limit } = rowsOf(request, DEFAULT_ROWS);
    const entry = await readyEntry(world, request);
    const name = pathPart(request, 3);
    if (!entry.tables.includes(name)) {
      throw new NotFound("table-not-found", `${entry.name} has no table ${name}; it has ${entry.tables.join(", ")}.`);
    }
    const { engine } = await openPlan(entry.jobId).catch((error: unknown) => {
      if (!(error instanceof JobFailure)) throw error;
      const remedy = `download /datasets/${entry.name}/${name}.csv, or make the dataset again`;
      throw new Conflict(error.code, `Another version of the engine made this dataset; ${remedy}.`);
    });
    const place = engine.tables.findIndex(({ table }) => table.name === name);
    const fields = engine.tables[place]?.table.fields.map(({ name }) => name);
    const { rows } = readPage(engine, place, offset, limit);
    return { jsonBody: { fields, rows, offset, total: engine.tables[place]?.rows } };
  };
}
