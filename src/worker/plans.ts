/** Plans as workers need them: read once a job, compiled once a job, a few kept. */

import { planBlob } from "../dataset/job.ts";
import { type Plan, plan as planSchema } from "../dataset/plan.ts";
import type { World } from "../dataset/world.ts";
import { compileSchema } from "../generate/compile.ts";
import type { Engine } from "../generate/engine.ts";

/** Jobs whose chunks a worker may be making alternately; a compiled schema is about a megabyte. */
const KEPT = 8;

interface OpenPlan {
  readonly plan: Plan;
  readonly engine: Engine;
}

export type OpenPlans = (jobId: string) => Promise<OpenPlan>;

/** Plans never change, so what has been read can be kept. Throws NotFound for a job without a plan. */
export function keepPlans(world: Pick<World, "readText">): OpenPlans {
  const kept = new Map<string, Promise<OpenPlan>>();
  return (jobId) => {
    const known = kept.get(jobId);
    if (known) return known;
    const opened = world.readText(planBlob(jobId)).then((text) => {
      const plan = planSchema.parse(JSON.parse(text));
      return { plan, engine: compileSchema(plan.schema, plan.seed, plan.referenceDate) };
    });
    kept.set(jobId, opened);
    opened.catch(() => kept.delete(jobId));
    const [oldest] = kept.keys();
    if (kept.size > KEPT) kept.delete(oldest as string);
    return opened;
  };
}
