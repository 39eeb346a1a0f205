/** Plans as workers need them: read once a job, compiled once a job, a few kept. */
import { JobFailure } from "../dataset/errors.ts";
import { planBlob, poolBlob } from "../dataset/job.ts";
import { ENGINE_VERSION, type Plan, plan as planSchema } from "../dataset/plan.ts";
import { type Pool, pool as poolSchema } from "../dataset/pool.ts";
import type { World } from "../dataset/world.ts";
import { compileSchema } from "../generate/compile.ts";
import type { Engine } from "../generate/engine.ts";

/** Jobs whose chunks a worker may be making alternately; a compiled schema is about a megabyte. */
const KEPT = 8;

interface OpenPlan {
  readonly plan: Plan;
  /** What a model wrote, in the order of the plan's drafts. */
  readonly pools: readonly Pool[];
  readonly engine: Engine;
}

export type OpenPlans = (jobId: string) => Promise<OpenPlan>;

/**
 * Plans and pools never change, so what has been read can be kept. Throws NotFound for a job without a
 * plan or one whose text is still being drafted, JobFailure for one that was accepted by another version
 * of the engine.
 */
export function keepPlans(world: Pick<World, "readText">): OpenPlans {
  const kept = new Map<string, Promise<OpenPlan>>();
  return (jobId) => {
    const known = kept.get(jobId);
    if (known) return known;
    const opened = openPlan(world, jobId);
    kept.set(jobId, opened);
    opened.catch(() => kept.delete(jobId));
    const [oldest] = kept.keys();
    if (kept.size > KEPT) kept.delete(oldest as string);
    return opened;
  };
}

async function openPlan(world: Pick<World, "readText">, jobId: string): Promise<OpenPlan> {
  const plan = await readPlan(world, jobId);
  const pools = await Promise.all(plan.drafts.map((_, group) => readPool(world, jobId, group)));
  return { plan, pools, engine: compileSchema(plan.schema, plan.seed, plan.referenceDate, pools) };
}

/** The plan alone. Throws as `keepPlans` says. */
export async function readPlan(world: Pick<World, "readText">, jobId: string): Promise<Plan> {
  const plan = planSchema.parse(JSON.parse(await world.readText(planBlob(jobId))));
  demandThisEngine(plan);
  return plan;
}

/** What a model wrote for the plan's group number `group`. Throws NotFound. */
export async function readPool(world: Pick<World, "readText">, jobId: string, group: number): Promise<Pool> {
  return poolSchema.parse(JSON.parse(await world.readText(poolBlob(jobId, group))));
}

/** A deployment in the middle of a job must not continue with other bytes what the one before began. */
function demandThisEngine({ engineVersion }: Plan): void {
  if (engineVersion === ENGINE_VERSION) return;
  const message = `The job was accepted by engine version ${engineVersion}, this is ${ENGINE_VERSION}; send the request again.`;
  throw new JobFailure("engine-changed", message);
}
