/**
 * One prompt, answered: by the first model of the list that is served, within what it may cost.
 *
 * What the server can't do is found out by its refusals and remembered. A busy server is waited for, a
 * failing one asked again a little later; what will not change is told at once. Nothing is logged.
 */
import type OpenAI from "openai";
import { type Allowance, type Completion, ModelFailure, type ModelSettings, type Prompt } from "../dataset/model.ts";
import type { World } from "../dataset/world.ts";
import { ALL, bodyOf, type Capabilities, withoutRefused } from "./body.ts";
import { makeClient } from "./client.ts";
import { type Message, readEnvelope } from "./envelope.ts";
import { type Failure, failureOf, failureOfStatus } from "./failures.ts";
import { makePace, type Pace, type PaceNeeds } from "./pace.ts";

export type ModelNeeds = PaceNeeds & { random(): number };

/** Longest wait for one answer: answers come within seconds or after minutes, and a second request is faster. */
const ATTEMPT_MS = 60_000;

/** An attempt that has less time than this is not begun. */
const LEAST_MS = 50;

/** Repeats after failures that may pass. */
const REPEATS = 2;
const BACKOFF_MS = 500;

/** Without settings there is no model: `complete` always fails. */
export function connectModel(
  settings: ModelSettings | undefined,
  needs: ModelNeeds,
): Pick<World, "hasModel" | "complete"> {
  if (!settings) {
    const failure = new ModelFailure("no-model", "No model is connected: set NVIDIA_API_KEY.", {
      isLasting: true,
      calls: 0,
    });
    return { hasModel: () => false, complete: () => Promise.reject(failure) };
  }
  const side: Side = {
    client: makeClient(settings, needs.sleep),
    pace: makePace(settings, needs),
    models: settings.models,
    gone: new Map(),
    capabilities: new Map(),
    needs,
  };
  return { hasModel: () => true, complete: (prompt, allowance) => complete(side, prompt, allowance) };
}

/** What is known of the other side, for as long as the process lives. */
interface Side {
  readonly client: OpenAI;
  readonly pace: Pace;
  readonly models: readonly string[];
  /** Models that are not served any more, with what is told of them. */
  readonly gone: Map<string, string>;
  readonly capabilities: Map<string, Capabilities>;
  readonly needs: ModelNeeds;
}

async function complete(side: Side, prompt: Prompt, allowance: Allowance): Promise<Completion> {
  let calls = 0;
  let repeats = 0;
  for (const model of side.models) {
    const isServed = () => !side.gone.has(model);
    while (isServed()) {
      if (calls >= allowance.calls)
        throw fail("model-budget", "The job's requests to the model are spent.", false, calls);
      if (!(await side.pace.begin(allowance.until, isServed))) {
        if (!isServed()) break;
        throw fail("model-deadline", "The model gave no answer in time.", false, calls);
      }
      calls++;
      const has = side.capabilities.get(model) ?? ALL;
      const answer = await attempt(side, bodyOf(model, prompt, has), allowance.until);
      // Before the turn goes on to somebody who would ask the same model.
      if ("kind" in answer && answer.kind === "gone") {
        side.gone.set(model, `The model ${model} is not served any more (status ${answer.status}).`);
      }
      await side.pace.end(outcomeOf(answer));
      if (!("kind" in answer)) return { ...answer, calls, warnings: warningsOf(side, model) };
      if (answer.kind === "refused") throw fail(answer.code, answer.message, true, calls);
      if (answer.kind === "body") stepDown(side, model, has, answer.refusal, calls);
      if (answer.kind !== "transient") continue;
      if (++repeats > REPEATS) throw fail("model-down", "The model's server fails or does not answer.", false, calls);
      await side.needs.sleep(side.needs.random() * BACKOFF_MS * 2 ** repeats);
    }
  }
  throw fail(
    "model-gone",
    `None of the models is served: ${side.models.join(", ")}; set NEMOTRON_MODELS.`,
    true,
    calls,
  );
}

function fail(code: string, message: string, isLasting: boolean, calls: number): ModelFailure {
  return new ModelFailure(code, message, { isLasting, calls });
}

/** One request. */
async function attempt(
  { client, needs }: Side,
  body: ReturnType<typeof bodyOf>,
  until: Date,
): Promise<Message | Failure> {
  const left = until.getTime() - needs.now().getTime();
  const timeout = Math.round(Math.max(LEAST_MS, Math.min(ATTEMPT_MS, left / 2)));
  try {
    const headers = { "NVCF-POLL-SECONDS": String(Math.max(1, Math.floor(timeout / 1_000))) };
    const answer = readEnvelope(await client.chat.completions.create(body, { timeout, headers }), body.model);
    if (!("error" in answer)) return answer;
    const { status, text } = answer.error;
    return status !== undefined && status >= 400 ? failureOfStatus(status, text) : { kind: "transient" };
  } catch (error) {
    return failureOf(error);
  }
}

function outcomeOf(answer: Message | Failure): Parameters<Pace["end"]>[0] {
  if (!("kind" in answer)) return "answered";
  if (answer.kind === "busy") return { busyMs: answer.retryAfterMs };
  return answer.kind === "transient" ? "failed" : "answered";
}

/** Leaves out of what a request `has` what the server does not take; throws ModelFailure when that is nothing of ours. */
function stepDown({ capabilities }: Side, model: string, has: Capabilities, refusal: string, calls: number): void {
  // Another request has learnt something meanwhile, most likely the same.
  if ((capabilities.get(model) ?? ALL) !== has) return;
  const next = withoutRefused(has, refusal);
  if (!next) throw fail("model-misconfigured", `The model ${model} does not take the service's requests.`, true, calls);
  capabilities.set(model, next);
}

/** What the owner of a job should know: models before this one that are gone, and what this one can't do. */
function warningsOf({ gone, models, capabilities }: Side, model: string): Completion["warnings"] {
  const passed = models.slice(0, models.indexOf(model)).flatMap((name) => {
    const message = gone.get(name);
    return message ? [{ code: "model-gone", message: `${message.slice(0, -1)}; ${model} served instead.` }] : [];
  });
  const { format } = capabilities.get(model) ?? ALL;
  if (format === "json_schema") return passed;
  const message = `The model ${model} can't be held to a form of answer; more answers may have to be repaired.`;
  return [...passed, { code: "model-capability", message }];
}
