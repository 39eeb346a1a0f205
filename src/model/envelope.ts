/**
 * What is in an answer of status 200: the client promises a type, servers send pages, nothing, errors,
 * or an answer without half its parts.
 */
import { z } from "zod";
import type { Completion } from "../dataset/model.ts";

const tokens = z.int().min(0).catch(0).default(0);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const envelope = z.object({
  model: z.string().optional(),
  choices: z
    .tuple([
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: text, reasoning_content: text, reasoning: text }),
      }),
    ])
    .rest(z.unknown()),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish(),
});

const errorBody = z.object({
  error: z.union([
    z.string(),
    z.object({ message: z.string().optional(), code: z.coerce.number().optional().catch(undefined) }),
  ]),
});

export type Message = Omit<Completion, "calls" | "warnings">;

/** The message of a body; `error` when there is none, with a status where the body tells one. */
export function readEnvelope(
  body: unknown,
  asked: string,
): Message | { error: { status?: number | undefined; text: string } } {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    const told = errorBody.safeParse(body);
    if (!told.success) return { error: { text: "no message" } };
    const { error } = told.data;
    return { error: typeof error === "string" ? { text: error } : { status: error.code, text: error.message ?? "" } };
  }
  const {
    model = asked,
    choices: [{ finish_reason, message }],
    usage,
  } = parsed.data;
  const content = afterThinking(message.content);
  const reasoning = message.reasoning_content || message.reasoning;
  const finish = finish_reason === "content_filter" ? "filter" : finish_reason === "length" ? "length" : "stop";
  if (content.trim() === "" && reasoning === "" && finish === "stop") return { error: { text: "an empty message" } };
  return {
    content,
    reasoning: afterThinking(reasoning),
    finish,
    model,
    promptTokens: usage?.prompt_tokens ?? 0,
    completionTokens: usage?.completion_tokens ?? 0,
  };
}

/** Some servers leave what the model thought in front of what it says, even when told not to think. */
function afterThinking(text: string): string {
  const end = text.lastIndexOf("</think>");
  return end < 0 ? text : text.slice(end + "</think>".length);
}
