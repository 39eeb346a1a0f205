/** POST /plan: what a request would cost, without doing any of it. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { keptPoolBlob } from "../dataset/job.ts";
import type { Plan } from "../dataset/plan.ts";
import type { World } from "../dataset/world.ts";
import { layOut } from "../generate/drafts/lay-out.ts";
import { type Cost, estimateDraft } from "../generate/drafts/prompt.ts";
import { parseJson, readBody } from "./body.ts";
import { dryLimits, type Limits, resolveRequest, type Wanted, writerOf } from "./resolve.ts";
import { planWanted } from "./sizes.ts";

/** Rows and chunks are those the job would have; bytes are estimated from a sample of the rows. */
export function postPlan(world: Pick<World, "now" | "newSeed" | "readSaved" | "hasModel">, limits: Limits) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const body = parseJson(await readBody(request, limits.bodyBytes));
    const createdAt = world.now().toISOString();
    const wanted = await resolveRequest(world, body, dryLimits(limits), createdAt.slice(0, 10));
    const { name } = wanted.request;
    const { plan, bytes } = planWanted(wanted, { dataset: name ?? "", createdAt }, writerOf(world, wanted), limits);
    const planned = plan.tables.map(({ name, rows, chunks, chunkRows }) => {
      const place = plan.schema.tables.findIndex((table) => table.name === name);
      return { name, rows, bytes: bytes[place] as number, chunks, chunkRows };
    });
    const sum = (of: "rows" | "bytes" | "chunks") => planned.reduce((total, table) => total + table[of], 0);
    const { seed, referenceDate, fingerprint } = plan;
    const tables = Object.fromEntries(planned.map(({ name, ...table }) => [name, table]));
    const totals = { rows: sum("rows"), bytes: sum("bytes"), chunks: sum("chunks") };
    const model = await estimateModel(world, wanted, plan);
    const warnings = tooLarge(plan, limits);
    return {
      jsonBody: {
        ...{ ...(name ? { name } : {}), seed, referenceDate, fingerprint, tables, ...totals, model },
        ...(warnings.length > 0 ? { warnings } : {}),
      },
    };
  };
}

/** Tables that POST /generate refuses here. */
function tooLarge({ tables }: Plan, { tableRows }: Limits): { code: string; message: string }[] {
  return tables
    .filter(({ rows }) => rows > tableRows)
    .map(({ name, rows }) => ({
      code: "too-many-rows",
      message: `${name}: ${rows} rows are more than the limit of ${tableRows} a table; to generate them, raise RELATA_MAX_TABLE_ROWS.`,
    }));
}

/** What the model will be asked, if no answer has to be asked for again; nothing for texts that are reused. */
async function estimateModel(world: Pick<World, "readSaved">, { engine }: Wanted, plan: Plan): Promise<Cost> {
  const total: Cost = { calls: 0, promptTokens: 0, completionTokens: 0 };
  for (const [number, group] of plan.drafts.entries()) {
    if (plan.reusePools && (await world.readSaved(keptPoolBlob(plan.fingerprint, number)))) continue;
    const { calls, promptTokens, completionTokens } = estimateDraft(layOut(engine, plan.seed, group));
    total.calls += calls;
    total.promptTokens += promptTokens;
    total.completionTokens += completionTokens;
  }
  return total;
}
