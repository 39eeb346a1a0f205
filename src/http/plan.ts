/** POST /plan: what a request would cost, without doing any of it. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { World } from "../dataset/world.ts";
import { parseJson, readBody } from "./body.ts";
import { type Limits, resolveRequest } from "./resolve.ts";
import { planWanted } from "./sizes.ts";

/** Text is faker's as long as no model is connected. */
const MODEL = { calls: 0, promptTokens: 0, completionTokens: 0 };

/** Rows and chunks are those the job would have; bytes are estimated from a sample of the rows. */
export function postPlan(world: Pick<World, "now" | "newSeed" | "readSaved">, limits: Limits) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const body = parseJson(await readBody(request, limits.bodyBytes));
    const createdAt = world.now().toISOString();
    const wanted = await resolveRequest(world, body, limits, createdAt.slice(0, 10));
    const { name } = wanted.request;
    const { plan, bytes } = planWanted(wanted, { dataset: name ?? "", createdAt }, limits.chunkRows);
    const planned = plan.tables.map(({ name, rows, chunks, chunkRows }) => {
      const place = plan.schema.tables.findIndex((table) => table.name === name);
      return { name, rows, bytes: bytes[place] as number, chunks, chunkRows };
    });
    const sum = (of: "rows" | "bytes" | "chunks") => planned.reduce((total, table) => total + table[of], 0);
    const { seed, referenceDate, fingerprint } = plan;
    const tables = Object.fromEntries(planned.map(({ name, ...table }) => [name, table]));
    const totals = { rows: sum("rows"), bytes: sum("bytes"), chunks: sum("chunks") };
    return {
      jsonBody: { ...(name ? { name } : {}), seed, referenceDate, fingerprint, tables, ...totals, model: MODEL },
    };
  };
}
