/**
 * The first step of a job: its texts are drafted before rows are made, then the chunks are handed out.
 * Without a model the text is faker's, by address, in the rows themselves, and there is nothing to draft.
 */
import { isTerminal, type Job } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import { readPlan } from "./plans.ts";
import { type DraftLimits, draftTexts } from "./texts.ts";

type Needs = Parameters<typeof draftTexts>[0] & Pick<World, "send">;

/** Messages under way at once. */
const PARALLEL = 16;

/**
 * Drafts the job's texts and sends a message for each chunk. When a model needs more time than one
 * delivery has, the message is sent again. Repeating it asks for no text twice and sends chunks again,
 * which is harmless.
 */
export async function startJob(world: Needs, jobId: string, limits: DraftLimits): Promise<void> {
  const begun = await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status) || job.phase !== "draft" || job.status === "Running") return undefined;
    return { job: { ...job, status: "Running", startedAt: world.now().toISOString() } };
  });
  if (!begun || isTerminal(begun.status)) return;
  const plan = await readPlan(world, jobId);
  let warnings: Job["warnings"] = [];
  if (begun.phase === "draft") {
    const drafted = await draftTexts(world, plan, begun, limits);
    if (drafted.outcome === "later") await world.send("drafts", { job: jobId });
    if (drafted.outcome !== "done") return;
    warnings = drafted.warnings;
  }
  const job = await world.changeJob(jobId, (job) => {
    if (isTerminal(job.status) || job.phase !== "draft") return undefined;
    return { job: { ...job, phase: "render", textsDone: plan.drafts.length > 0 ? job.texts : 0, warnings } };
  });
  if (job?.phase !== "render" || isTerminal(job.status)) return;
  const messages = plan.tables.flatMap(({ chunks }, table) => {
    return Array.from({ length: chunks }, (_, chunk) => ({ job: jobId, table, chunk }));
  });
  for (let first = 0; first < messages.length; first += PARALLEL) {
    await Promise.all(messages.slice(first, first + PARALLEL).map((message) => world.send("chunks", message)));
  }
}
