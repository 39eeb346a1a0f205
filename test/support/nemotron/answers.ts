/** The stub's answers: what the asked schema and rows call for, then what a fault makes of it. */
import type { Fault } from "./faults.ts";
import { writeText } from "./texts.ts";

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: object } };
  readonly chat_template_kwargs?: { readonly enable_thinking?: boolean };
  readonly [field: string]: unknown;
}

/** The rows that a request lists, one JSON object a line. */
export function askedRows({ messages }: ChatRequest): Record<string, unknown>[] {
  const lines = messages.flatMap(({ content }) => content.split("\n")).filter((line) => line.startsWith('{"i":'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Fields of the rows' schema, but for `i`; told by the prompt's list where no schema came with it. */
function askedFields({ response_format, messages }: ChatRequest): string[] {
  const schema = response_format?.json_schema?.schema as
    | { properties?: { rows?: { items?: { properties?: object } } } }
    | undefined;
  const own = Object.keys(schema?.properties?.rows?.items?.properties ?? {}).filter((name) => name !== "i");
  if (own.length > 0) return own;
  return messages.flatMap(({ content }) => [...content.matchAll(/^- (\w+): "/gm)].map(([, name]) => name as string));
}

/** "60-120 characters", or such by field. */
function lengthOf(row: Readonly<Record<string, unknown>>, field: string): [number, number] {
  const given = typeof row.length === "object" ? (row.length as Record<string, string>)[field] : row.length;
  const [, least, most] = /^(\d+)-(\d+)/.exec(String(given)) ?? [];
  return least && most ? [Number(least), Number(most)] : [60, 100];
}

export interface Message {
  content: string | null;
  reasoning_content?: string;
  finish: "stop" | "length" | "content_filter";
}

/** The message to a request; `fault` is how it goes wrong, if it does. */
export function messageTo(request: ChatRequest, fault: Fault | undefined): Message {
  const fields = askedFields(request);
  const rows = askedRows(request).map((row) => {
    return { i: row.i as number, ...Object.fromEntries(fields.map((field) => [field, textOf(row, field, fault)])) };
  });
  const json = JSON.stringify({ rows: reshape(rows, fault) });
  const plain = request.response_format ? json : `Here you are:\n\`\`\`json\n${json}\n\`\`\`\n`;
  const message: Message = { content: plain, finish: "stop" };
  if (request.chat_template_kwargs?.enable_thinking !== false)
    message.reasoning_content = "The user wants rows. Let me think.";
  switch (fault?.kind) {
    case "fenced":
      return { ...message, content: `\`\`\`json\n${json}\n\`\`\`` };
    case "thinkPrefix":
      return { ...message, content: `Okay, {"rows": they want} rows with texts.\n</think>\n\n${json}` };
    case "reasoningOnly":
      return { ...message, content: null, reasoning_content: json };
    case "cut":
      return { ...message, content: json.slice(0, Math.floor(json.length * 0.6)), finish: "length" };
    case "garbage":
      return { ...message, content: "Rows, rows, rows: row row row your boat {" };
    case "filter":
      return { ...message, content: "", finish: "content_filter" };
    default:
      return message;
  }
}

function textOf(row: Readonly<Record<string, unknown>>, field: string, fault: Fault | undefined): unknown {
  switch (fault?.kind) {
    case "refusal":
      return "I'm sorry, but I can't help with that particular request today.";
    case "placeholder":
      return "Dear [Name], here is the text that you have asked us to write.";
    case "echo":
      return `"tone": "dry" and "voice": "a cook", as they were given in the row`;
    case "duplicateTexts":
      return "The very same words in every single row, whatever the row may be.";
    case "wrongTypes":
      return 17;
    default:
      return writeText(row, field, lengthOf(row, field));
  }
}

function reshape<T extends { i: number }>(rows: T[], fault: Fault | undefined): unknown[] {
  switch (fault?.kind) {
    case "shuffledRows":
      return rows.toReversed();
    case "duplicateRows":
      return rows.flatMap((row) => [row, { ...row, note: "again" }]);
    case "extraRows":
      return [...rows, { ...rows[0], i: 1_000_000 }];
    case "missingRows":
      return rows.slice(0, Math.max(0, rows.length - fault.rows));
    default:
      return rows;
  }
}
