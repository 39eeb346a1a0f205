/**
 * The body of a request: only what the hosted endpoint takes, which refuses what it does not know, and
 * without what a server has said that it does not know.
 */
import type OpenAI from "openai";
import type { Prompt } from "../dataset/model.ts";

/** What a server takes, as far as it has told. */
export interface Capabilities {
  /** How the form of the answer is asked for: enforced, as JSON of any form, or in words only. */
  readonly format: "json_schema" | "json_object" | "none";
  /** Whether thinking can be switched off. It is on by default and can take all tokens of an answer. */
  readonly thinkingSwitch: boolean;
  readonly seed: boolean;
}

export const ALL: Capabilities = { format: "json_schema", thinkingSwitch: true, seed: true };

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming & { chat_template_kwargs?: { enable_thinking: boolean } };

/** NVIDIA's advice for these models, thinking or not. */
const SAMPLING = { temperature: 1, top_p: 0.95 };

export function bodyOf(model: string, prompt: Prompt, { format, thinkingSwitch, seed }: Capabilities): Body {
  const { name, schema } = prompt.answer;
  const inWords = format === "json_schema" ? "" : `\nThe answer is JSON of this schema: ${JSON.stringify(schema)}`;
  return {
    model,
    messages: [
      { role: "system", content: prompt.system + inWords },
      { role: "user", content: prompt.user },
    ],
    max_tokens: prompt.maxTokens,
    ...SAMPLING,
    ...(format === "json_schema"
      ? { response_format: { type: format, json_schema: { name, strict: true, schema: { ...schema } } } }
      : {}),
    ...(format === "json_object" ? { response_format: { type: format } } : {}),
    ...(thinkingSwitch ? { chat_template_kwargs: { enable_thinking: false } } : {}),
    ...(seed ? { seed: prompt.seed } : {}),
  };
}

/** The capabilities without what a refusal names; undefined when it names nothing that can be left out. */
export function withoutRefused(has: Capabilities, refusal: string): Capabilities | undefined {
  if (has.thinkingSwitch && /chat_template|enable_thinking/i.test(refusal)) return { ...has, thinkingSwitch: false };
  if (has.format !== "none" && /response_format|json_schema|json_object|guided/i.test(refusal)) {
    return { ...has, format: has.format === "json_schema" ? "json_object" : "none" };
  }
  return has.seed && /\bseed\b/i.test(refusal) ? { ...has, seed: false } : undefined;
}
