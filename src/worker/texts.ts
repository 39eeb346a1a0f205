/**
 * Drafting: a model is asked for a job's texts, before any row is made.
 *
 * Each answer is stored before it is used and the pool of a group is written once, so whoever takes the
 * job over asks for nothing that was answered. What the model does not give has its fallback: a job never
 * fails for want of text. A delivery of the job's message ends within the host's time; the next goes on.
 */
import { createHash } from "node:crypto";
import { NotFound } from "../dataset/errors.ts";
import type { FallbackReason } from "../dataset/fallback.ts";
import { answerFolder, isTerminal, type Job, keptPoolBlob, poolBlob } from "../dataset/job.ts";
import { ModelFailure } from "../dataset/model.ts";
import type { Plan } from "../dataset/plan.ts";
import { answer as answerSchema, type DraftGroup, type Pool, pool as poolSchema } from "../dataset/pool.ts";
import type { World } from "../dataset/world.ts";
import { compileSchema } from "../generate/compile.ts";
import { type Gathering, gather } from "../generate/drafts/gather.ts";
import { type Draft, type Item, layOut } from "../generate/drafts/lay-out.ts";
import { renderPrompt } from "../generate/drafts/prompt.ts";
import { readPool } from "./plans.ts";

type Needs = Pick<
  World,
  "changeJob" | "complete" | "hasModel" | "listSaved" | "readText" | "writeOnce" | "readSaved" | "writeSaved" | "now"
>;

/** What one job may ask of a model. */
export interface DraftLimits {
  modelCalls: number;
  modelTokens: number;
}

/** A delivery ends well within the ten minutes that the smallest hosting plan gives it. */
const DELIVERY_MS = 8 * 60_000;

/** What is not answered an hour after a job's start has its fallback. */
const JOB_MS = 60 * 60_000;

/** Requests under way at once; the model's side may allow fewer. */
const ASKING = 6;

/** Clean answers in a row after which requests grow again. */
const CLEAN_STREAK = 5;

/** Requests in a row without an answer, each after its own repeats, that make an outage. */
const OUTAGE = 3;

/** "later": the time of this delivery is up, and what is missing is for the next. */
export type Drafted = { outcome: "done" | "later" | "ended"; warnings: Job["warnings"] };

/** Drafts every group of the plan that has no pool yet. */
export async function draftTexts(world: Needs, plan: Plan, job: Job, limits: DraftLimits): Promise<Drafted> {
  const pools: Pool[] = [];
  const spent = { calls: 0, tokens: 0 };
  const clock = {
    delivery: world.now().getTime() + DELIVERY_MS,
    job: Date.parse(job.startedAt ?? job.createdAt) + JOB_MS,
  };
  const sitting: Sitting = { world, plan, job, limits, spent, clock, ended: undefined, stopped: undefined };
  for (const [number, group] of plan.drafts.entries()) {
    const pool = (await findPool(sitting, number, group)) ?? (await draftGroup(sitting, number, group, pools));
    if (!pool) return { outcome: sitting.ended ?? "ended", warnings: [] };
    pools.push(pool);
    if (!pool.isReused) {
      spent.calls += pool.calls;
      spent.tokens += pool.promptTokens + pool.completionTokens;
    }
  }
  return { outcome: "done", warnings: warningsOf(pools) };
}

/** One delivery's work. */
interface Sitting {
  readonly world: Needs;
  readonly plan: Plan;
  readonly job: Job;
  readonly limits: DraftLimits;
  /** By the groups that are done. */
  readonly spent: { calls: number; tokens: number };
  /** Milliseconds since 1970: when this delivery's time is up, and when the job's is. */
  readonly clock: { readonly delivery: number; readonly job: number };
  /** Why the delivery ends before the work does. */
  ended: "later" | "ended" | undefined;
  /** Why the model is not asked any more in this job. */
  stopped: FallbackReason | undefined;
}

/** A pool that is there already, or that an earlier dataset of the same fingerprint left. */
async function findPool({ world, plan, job }: Sitting, number: number, group: DraftGroup): Promise<Pool | undefined> {
  const own = await readPool(world, job.id, number).catch(absent);
  if (own || !plan.reusePools) return own;
  const kept = await world.readSaved(keptPoolBlob(plan.fingerprint, number));
  const parsed = kept && poolSchema.safeParse(JSON.parse(kept.text));
  if (!parsed?.success || parsed.data.fields.join() !== group.fields.join()) return undefined;
  return keepPool(world, job.id, number, { ...parsed.data, isReused: true });
}

function absent(error: unknown): undefined {
  if (!(error instanceof NotFound)) throw error;
}

/** The pool as it is then: another delivery of the message may have been the first. */
async function keepPool(world: Needs, jobId: string, number: number, pool: Pool): Promise<Pool> {
  await world.writeOnce(poolBlob(jobId, number), JSON.stringify(pool));
  return readPool(world, jobId, number);
}

async function draftGroup(
  sitting: Sitting,
  number: number,
  group: DraftGroup,
  before: readonly Pool[],
): Promise<Pool | undefined> {
  const { world, plan, job } = sitting;
  const draft = layOut(compileSchema(plan.schema, plan.seed, plan.referenceDate, before), plan.seed, group);
  const gathering = gather(draft);
  const stored = await world.listSaved(answerFolder(job.id, number));
  for (const name of stored) {
    const { asked, completion } = answerSchema.parse(JSON.parse(await world.readText(name)));
    gathering.take(asked, completion);
  }
  await askAll(sitting, number, draft, gathering, stored.length);
  if (sitting.ended) return undefined;
  const pool = await keepPool(world, job.id, number, gathering.pool());
  const kept = keptPoolBlob(plan.fingerprint, number);
  await world.writeSaved(kept, JSON.stringify(pool), await world.readSaved(kept));
  return pool;
}

/** How requests of a group go on. */
interface Pace {
  /** Texts in the next request: halved when an answer was cut or had gaps, grown again after clean ones. */
  size: number;
  clean: number;
  /** The next answer's number; stored answers are read in this order. */
  next: number;
  /** Requests without an answer since the last that had one. */
  failures: number;
  /** Requests under way. */
  asking: number;
}

/** Asks for what is open, several requests at once, until nothing is or the sitting ends. */
async function askAll(
  sitting: Sitting,
  number: number,
  draft: Draft,
  gathering: Gathering,
  first: number,
): Promise<void> {
  const pace: Pace = { size: draft.group.textsPerCall, clean: 0, next: first, failures: 0, asking: 0 };
  const asking = new Set<number>();
  const askInTurn = async (): Promise<void> => {
    while (mayAsk(sitting, gathering, pace.asking)) {
      const open = gathering.open().filter(({ i }) => !asking.has(i));
      const items = open.slice(0, pace.size);
      if (items.length === 0) return;
      for (const { i } of items) asking.add(i);
      await askOnce(sitting, number, draft, gathering, items, pace);
      for (const { i } of items) asking.delete(i);
    }
  };
  // A line ends when all that is open is being asked for; what comes back refused is for the next round.
  while (gathering.open().length > 0 && mayAsk(sitting, gathering, pace.asking)) {
    const lines = await Promise.allSettled(Array.from({ length: ASKING }, askInTurn));
    const failed = lines.find((line) => line.status === "rejected");
    if (failed) throw failed.reason;
  }
  if (sitting.stopped) gathering.giveUp(sitting.stopped);
}

/** Whether to go on beside the requests under way; says in the sitting why not. */
function mayAsk(sitting: Sitting, gathering: Gathering, asking: number): boolean {
  const { world, limits, spent, clock } = sitting;
  const { calls, tokens } = gathering.spent();
  const now = world.now().getTime();
  if (!world.hasModel()) sitting.stopped ??= "no-model";
  else if (spent.calls + calls + asking >= limits.modelCalls) {
    // Those under way may be the last that are paid for, or cost less than they might.
    if (asking === 0) sitting.stopped ??= "budget";
    return false;
  } else if (spent.tokens + tokens >= limits.modelTokens) sitting.stopped ??= "budget";
  else if (now >= clock.job) sitting.stopped ??= "deadline";
  else if (now >= clock.delivery) sitting.ended ??= "later";
  return !sitting.stopped && !sitting.ended;
}

/** One request: its answer is stored, then judged. */
async function askOnce(
  sitting: Sitting,
  number: number,
  draft: Draft,
  gathering: Gathering,
  items: readonly Item[],
  pace: Pace,
): Promise<void> {
  const { world, job, limits, spent, clock } = sitting;
  const place = pace.next++;
  const prompt = renderPrompt(draft, items, place);
  const asked = items.map(({ i }) => i);
  const until = new Date(Math.min(clock.delivery, clock.job));
  try {
    const calls = limits.modelCalls - spent.calls - gathering.spent().calls - pace.asking++;
    const completion = await world.complete(prompt, { until, calls });
    const hash = createHash("sha256").update(prompt.system).update(prompt.user).digest("hex").slice(0, 16);
    const name = `${answerFolder(job.id, number)}${String(place).padStart(6, "0")}-${hash}.json`;
    await world.writeOnce(name, JSON.stringify({ asked, completion }));
    const isClean = gathering.take(asked, completion);
    pace.failures = 0;
    pace.clean = isClean ? pace.clean + 1 : 0;
    if (!isClean && completion.finish === "length") pace.size = Math.max(1, Math.ceil(items.length / 2));
    if (pace.clean % CLEAN_STREAK === 0 && isClean) pace.size = Math.min(draft.group.textsPerCall, pace.size * 2);
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    noteFailure(sitting, gathering, error, ++pace.failures);
  } finally {
    pace.asking--;
  }
  await tellProgress(sitting, number, gathering.settled() / draft.items.length);
}

function noteFailure(sitting: Sitting, gathering: Gathering, failure: ModelFailure, failures: number): void {
  gathering.spend(failure.calls);
  const { code, message, isLasting } = failure;
  if (!isLasting && failures < OUTAGE) return;
  // A failure because the delivery's time is up is no outage.
  if (!isLasting && !mayAsk(sitting, gathering, 0)) return;
  sitting.stopped ??= isLasting && code !== "model-gone" ? "refused-key" : isLasting ? "no-model" : "outage";
  gathering.warn({ code, message });
}

/** Shows how far the drafting is, and learns whether the job was ended meanwhile. */
async function tellProgress(sitting: Sitting, number: number, share: number): Promise<void> {
  const { world, plan, job } = sitting;
  const cells = plan.drafts.map(({ table, fields }) => {
    return fields.length * (plan.tables.find(({ name }) => name === table)?.rows ?? 0);
  });
  const before = cells.slice(0, number).reduce((sum, count) => sum + count, 0);
  const done = before + Math.floor((cells[number] as number) * share);
  const now = await world.changeJob(job.id, (job) => {
    return isTerminal(job.status) || job.phase !== "draft" ? undefined : { job: { ...job, textsDone: done } };
  });
  if (!now || isTerminal(now.status) || now.phase !== "draft") sitting.ended ??= "ended";
}

/** What was told of the model, each once, and a warning for each group that lacks texts, with the reasons. */
function warningsOf(pools: readonly Pool[]): Job["warnings"] {
  const told = new Map(pools.flatMap((pool) => pool.warnings.map((warning) => [warning.message, warning])));
  const lacking = pools.flatMap(({ table, fields, mode, entries, refused }) => {
    if (refused.length === 0) return [];
    const reasons = Map.groupBy(refused, ({ reason }) => reason);
    const counts = [...reasons].map(([reason, { length }]) => `${length} ${reason}`).join(", ");
    const what = `${refused.length} of ${entries.length + refused.length} ${mode}`;
    const message = `${table}.${fields.join(", ")}: ${what} have no text of the model (${counts}).`;
    return [{ code: "text-fallback", message }];
  });
  return [...told.values(), ...lacking];
}
