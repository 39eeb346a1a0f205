/** How large the tables of a request will be: what chunks are cut by, and what a dry run tells. */
import type { Plan } from "../dataset/plan.ts";
import { estimateBytes } from "../generate/estimate.ts";
import { makePlan } from "../plan/cut.ts";
import { mapTables, type Wanted } from "./resolve.ts";

/** The plan, and the estimated bytes of each table by its place in the schema. Throws Unprocessable. */
export function planWanted(
  wanted: Wanted,
  { dataset, createdAt }: Pick<Plan, "dataset" | "createdAt">,
  chunkRows: number | undefined,
): { plan: Plan; bytes: number[] } {
  const { request, schema, engine, seed, referenceDate } = wanted;
  const { csv, load } = request;
  const bytes = mapTables(wanted, (place) => estimateBytes(engine, place, csv.formulaGuard));
  const sizes = engine.tables.map(({ rows }, place) => {
    return { rows, bytesPerRow: (bytes[place] as number) / Math.max(1, rows) };
  });
  return { plan: makePlan({ seed, referenceDate, schema, csv, dataset, createdAt, load }, sizes, chunkRows), bytes };
}
