/** Plans as workers need them: read once a job, compiled once a job, a few kept. */

import { JobFailure } from "../dataset/errors.ts";
import { planBlob } from "../dataset/job.ts";
import { ENGINE_VERSION, type Plan, plan as planSchema } from "../dataset/plan.ts";
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

/**
 * Plans never change, so what has been read can be kept. Throws NotFound for a job without a plan,
 * JobFailure for one that was accepted by another version of the engine.
 */
export function keepPlans(world: Pick<World, "readText">): OpenPlans {
  const kept = new Map<string, Promise<OpenPlan>>();
  return (jobId) => {
    const known = kept.get(jobId);
    if (known) return known;
    const opened = world.readText(planBlob(jobId)).then((text) => {
      const plan = planSchema.parse(JSON.parse(text));
      demandThisEngine(plan);
      return { plan, engine: compileSchema(plan.schema, plan.seed, plan.referenceDate) };
    });
    kept.set(jobId, opened);
    opened.catch(() => kept.delete(jobId));
    const [oldest] = kept.keys();
    if (kept.size > KEPT) kept.delete(oldest as string);
    return opened;
  };
}

/** A deployment in the middle of a job must not continue with other bytes what the one before began. */
function demandThisEngine({ engineVersion }: Plan): void {
  if (engineVersion === ENGINE_VERSION) return;
  const message = `The job was accepted by engine version ${engineVersion}, this is ${ENGINE_VERSION}; send the request again.`;
  throw new JobFailure("engine-changed", message);
}
