/** How large the tables of a request will be: what chunks are cut by, and what a dry run tells. */
import type { Plan } from "../dataset/plan.ts";
import { draftGroups } from "../generate/drafts/groups.ts";
import { estimateBytes } from "../generate/estimate.ts";
import { makePlan } from "../plan/cut.ts";
import { parentsFirst } from "../plan/structure.ts";
import { type Limits, mapTables, type Wanted } from "./resolve.ts";

/** The plan, and the estimated bytes of each table by its place in the schema. Throws Unprocessable. */
export function planWanted(
  wanted: Wanted,
  { dataset, createdAt }: Pick<Plan, "dataset" | "createdAt">,
  text: Plan["text"],
  limits: Pick<Limits, "chunkRows" | "ownTexts">,
): { plan: Plan; bytes: number[] } {
  const { request, schema, engine, seed, referenceDate } = wanted;
  const { csv, load, reusePools } = request;
  const bytes = mapTables(wanted, (place) => estimateBytes(engine, place, csv.formulaGuard));
  const sizes = engine.tables.map(({ rows }, place) => {
    return { rows, bytesPerRow: (bytes[place] as number) / Math.max(1, rows) };
  });
  const rows = engine.tables.map((table) => table.rows);
  const drafts = text === "model" ? draftGroups(schema, parentsFirst(schema), rows, limits.ownTexts) : [];
  const recipe = { seed, referenceDate, schema, csv, dataset, createdAt, load, text, reusePools, drafts };
  return { plan: makePlan(recipe, sizes, limits.chunkRows), bytes };
}
