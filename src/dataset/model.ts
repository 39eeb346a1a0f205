/** What is asked of a language model, and what comes back: the model's side of `world.ts`. */
import { RelataError } from "./errors.ts";

/** Where and how a model is asked. */
export interface ModelSettings {
  apiKey: string;
  baseUrl: string;
  models: readonly string[];
  requestsPerMinute: number;
  concurrency: number;
}

/** One request for a JSON answer. */
export interface Prompt {
  /** The same for all prompts of a kind, so that a server can keep what it made of it. */
  readonly system: string;
  readonly user: string;
  /** The JSON Schema the answer must follow; its root is an object. */
  readonly answer: { readonly name: string; readonly schema: object };
  readonly maxTokens: number;
  /** Varies the sampling from prompt to prompt. Best effort: equal seeds needn't give equal answers. */
  readonly seed: number;
}

/** How much one prompt may cost. */
export interface Allowance {
  /** No attempt is begun when it could last beyond. */
  readonly until: Date;
  /** Requests, counting repeats. */
  readonly calls: number;
}

/** An answer as it came: unparsed, since what is left of a cut answer may still be of use. */
export interface Completion {
  /** The message's text; empty where the server gave none. */
  readonly content: string;
  /** What the model thought, where the server tells; of use only when `content` is empty. */
  readonly reasoning: string;
  /** Why it ended: done, out of tokens, or withheld by a content filter. */
  readonly finish: "stop" | "length" | "filter";
  /** The model that served. */
  readonly model: string;
  /** Requests sent for it, repeats included. */
  readonly calls: number;
  /** 0 where the server doesn't tell. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** What the job's owner should know: a model that is gone, a capability that is missing. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** 503: the model gave no answer. Its message holds no key, account or host. */
export class ModelFailure extends RelataError {
  /** True when asking again can't help for as long as the job lasts: a refused key, no model left. */
  readonly isLasting: boolean;
  /** Requests that were sent all the same. */
  readonly calls: number;
  constructor(code: string, message: string, { isLasting, calls }: { isLasting: boolean; calls: number }) {
    super(503, "The model gave no answer", code, message, { retryAfterSeconds: 60 });
    this.isLasting = isLasting;
    this.calls = calls;
  }
}
