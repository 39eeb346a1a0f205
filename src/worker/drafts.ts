/**
 * The first step of a job: text is drafted before rows are made, then the chunks are handed out.
 *
 * Text comes from faker by address, in the rows themselves, so there is nothing to draft yet: a
 * model's answers, the one thing that can't be made twice, will be written to pools here.
 */
import { isTerminal } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import type { OpenPlans } from "./plans.ts";

type Needs = Pick<World, "changeJob" | "send" | "now">;

/** Messages under way at once. */
const PARALLEL = 16;

/** Starts the job and sends a message for each chunk. Repeating it sends chunks again, which is harmless. */
export async function startJob(world: Needs, openPlan: OpenPlans, jobId: string): Promise<void> {
  const job = await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status) || job.phase !== "draft") return undefined;
    return { job: { ...job, status: "Running", phase: "render", startedAt: world.now().toISOString() } };
  });
  if (job?.phase !== "render" || isTerminal(job.status)) return;
  const { plan } = await openPlan(jobId);
  const messages = plan.tables.flatMap(({ chunks }, table) => {
    return Array.from({ length: chunks }, (_, chunk) => ({ job: jobId, table, chunk }));
  });
  for (let first = 0; first < messages.length; first += PARALLEL) {
    await Promise.all(messages.slice(first, first + PARALLEL).map((message) => world.send("chunks", message)));
  }
}
