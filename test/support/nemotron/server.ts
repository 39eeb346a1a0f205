/**
 * A server of language models on loopback, in NVIDIA's manner: the real client talks real HTTP to it.
 *
 * It answers any request with texts of its own for the rows that are listed, and goes wrong when told to:
 * for the next requests in turn (`plan`), or for a share of all, chosen by what is asked and how often.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { askedRows, type ChatRequest, messageTo } from "./answers.ts";
import { type Fault, problemBody } from "./faults.ts";
import { hashText } from "./texts.ts";

export interface StubOptions {
  /** By default the first model of old is gone and two of today are there. */
  models?: Record<string, "active" | "gone" | "missing">;
  /** The only key that is let in; without it any is. */
  key?: string;
  latencyMs?: number;
  /** Another clock: when a request comes, and how its latency passes. */
  clock?: { now(): Date; sleep(ms: number): Promise<void> };
  /** What goes wrong by when a request comes, in milliseconds since the server began. */
  faultAt?: (at: number) => Fault | undefined;
  /** Fields that are refused with a 400, besides those that NVIDIA refuses. */
  refuses?: readonly string[];
  /** A share of requests, by what they ask for and the how manieth time, goes wrong in one of these ways. */
  faults?: { seed: number; rate: number; of: readonly Fault[] };
}

/** A request as it came. */
export interface Call {
  /** Milliseconds since the server began. */
  readonly at: number;
  readonly body: ChatRequest;
  /** Names of the headers and their values, the key left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** Requests under way, this one included. */
  readonly inFlight: number;
  /** The rows that were asked for. */
  readonly rows: readonly number[];
  readonly fault: Fault | undefined;
}

export interface Stub {
  /** http://127.0.0.1:PORT/v1 */
  readonly url: string;
  readonly calls: readonly Call[];
  /** What the next requests get: a fault each, or undefined for an answer. */
  plan(...answers: (Fault | undefined)[]): void;
  /** How many of these nobody has come for. */
  plannedCount(): number;
  /** The content of messages instead of rows; undefined for rows again. */
  answerWith(answer: ((request: ChatRequest) => string) | undefined): void;
  close(): Promise<void>;
}

interface State {
  inFlight: number;
  readonly began: number;
  answer: ((request: ChatRequest) => string) | undefined;
}

const MODELS = {
  "nvidia/nemotron-3-nano-30b-a3b": "gone",
  "nvidia/nemotron-3.5-lightning-30b-a3b": "active",
  "nvidia/nemotron-3-super-120b-a12b": "active",
} as const;

/** The one model of tests that want no surprises. */
export const MODEL = "nvidia/nemotron-3.5-lightning-30b-a3b";

/** A key of the form that NVIDIA's have. */
export const KEY = "nvapi-abcdefghij0123456789";

/** What the app is told to ask this server, as fast as it can. */
export function modelSettings({ url }: Pick<Stub, "url">): Record<string, string> {
  const pace = { NEMOTRON_REQUESTS_PER_MINUTE: "60000", NEMOTRON_MODELS: MODEL };
  return { NVIDIA_API_KEY: KEY, NEMOTRON_BASE_URL: url, ...pace };
}

/** What comes of a step, and the requests that it sent. */
export async function callsDuring<T>(stub: Stub, step: () => Promise<T>): Promise<{ result: T; calls: Stub["calls"] }> {
  const before = stub.calls.length;
  const result = await step();
  return { result, calls: stub.calls.slice(before) };
}

/** What a request may have; NVIDIA refuses all else. */
const KNOWN_FIELDS = [
  "model",
  "messages",
  "max_tokens",
  "temperature",
  "top_p",
  "response_format",
  "chat_template_kwargs",
  "stream",
  "seed",
];

const CHARACTERS_PER_TOKEN = 4;

export async function startNemotron(options: StubOptions = {}): Promise<Stub> {
  const calls: Call[] = [];
  const planned: (Fault | undefined)[] = [];
  const pending = new Map<string, { left: number; body: string }>();
  const attempts = new Map<string, number>();
  const { clock = { now: () => new Date(), sleep: (ms) => delay(ms) } } = options;
  const state: State = { inFlight: 0, began: clock.now().getTime(), answer: undefined };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });

  const chat = async (request: IncomingMessage, response: ServerResponse, body: ChatRequest): Promise<void> => {
    const refused = refusal(request, body, options);
    const at = clock.now().getTime() - state.began;
    const byTime = options.faultAt?.(at) ?? seededFault(body, options, attempts);
    const fault = refused ?? (planned.length > 0 ? planned.shift() : byTime);
    const { authorization: _, ...headers } = request.headers as Record<string, string>;
    const rows = askedRows(body).map(({ i }) => i as number);
    calls.push({ at, body, headers, inFlight: state.inFlight, rows, fault });
    if (options.latencyMs) await clock.sleep(options.latencyMs);
    await answer(response, body, fault, state.answer, pending);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    state.inFlight++;
    response.on("close", () => state.inFlight--);
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const path = request.url ?? "";
    if (path === "/v1/chat/completions") return chat(request, response, JSON.parse(text) as ChatRequest);
    const status = /^\/v2\/nvcf\/pexec\/status\/(.+)$/.exec(path);
    if (status) return poll(response, status[1] as string, pending);
    if (path === "/v1/models") return send(response, 200, "application/json", JSON.stringify({ data: [] }));
    return send(response, 404, "text/plain", "404 page not found");
  };

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    plan: (...answers) => {
      planned.push(...answers);
    },
    answerWith: (answer) => {
      state.answer = answer;
    },
    plannedCount: () => planned.length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What is wrong with the request itself, in the order in which NVIDIA looks: the model before the key. */
function refusal({ headers }: IncomingMessage, body: ChatRequest, options: StubOptions): Fault | undefined {
  const { models = MODELS, key, refuses = [] } = options;
  const state = (models as Record<string, string>)[body.model] ?? "missing";
  if (state === "gone") return { kind: "status", status: 410 };
  if (!headers.authorization) return { kind: "status", status: 401 };
  if (key !== undefined && headers.authorization !== `Bearer ${key}`) return { kind: "status", status: 403 };
  if (state === "missing") return { kind: "status", status: 404 };
  const field = Object.keys(body).find((name) => refuses.includes(name) || !KNOWN_FIELDS.includes(name));
  if (field) return { kind: "status", status: 400, field };
  const format = body.response_format?.type;
  if (format && refuses.includes(format)) return { kind: "status", status: 400, field: `response_format.${format}` };
  return undefined;
}

/** By content and the how manieth time it is asked, so that the order of arrival does not matter. */
function seededFault(body: ChatRequest, { faults }: StubOptions, attempts: Map<string, number>): Fault | undefined {
  if (!faults) return undefined;
  const content = body.messages.at(-1)?.content ?? "";
  const attempt = (attempts.get(content) ?? 0) + 1;
  attempts.set(content, attempt);
  const hash = hashText(`${faults.seed} ${attempt} ${content}`);
  if ((hash % 10_000) / 10_000 >= faults.rate) return undefined;
  return faults.of[Math.floor(hash / 10_000) % faults.of.length];
}

async function answer(
  response: ServerResponse,
  body: ChatRequest,
  fault: Fault | undefined,
  own: State["answer"],
  pending: Map<string, { left: number; body: string }>,
): Promise<void> {
  const json = JSON.stringify(completionOf(body, fault, own));
  switch (fault?.kind) {
    case "status": {
      const { type, body: text } = problemBody(fault.status, body.model, fault.field);
      if (fault.retryAfter !== undefined) response.setHeader("retry-after", String(fault.retryAfter));
      return send(response, fault.status, type, text);
    }
    case "accepted": {
      const id = crypto.randomUUID();
      if (!fault.forgets) pending.set(id, { left: fault.times ?? 1, body: json });
      response.setHeader("nvcf-reqid", id).setHeader("nvcf-status", "pending-evaluation");
      return send(response, 202, "application/json", "");
    }
    case "hang":
      return;
    case "endless":
      response.writeHead(200, { "content-type": "application/json" });
      while (!response.destroyed) {
        response.write(" ".repeat(65_536));
        await delay(1);
      }
      return;
    case "drip":
      response.writeHead(200, { "content-type": "application/json" });
      for (const byte of json) {
        if (response.destroyed) return;
        response.write(byte);
        await new Promise((resolve) => setTimeout(resolve, fault.everyMs));
      }
      return void response.end();
    case "disconnect":
      response.writeHead(200, { "content-type": "application/json", "content-length": json.length });
      response.write(json.slice(0, 10), () => response.destroy());
      return;
    case "redirect":
      response.setHeader("location", fault.to);
      return send(response, 307, "text/plain", "");
    case "html200":
      return send(response, 200, "text/html", "<html><body>Maintenance</body></html>");
    case "empty200":
      return send(response, 200, "application/json", "");
    case "error200":
      return send(
        response,
        200,
        "application/json",
        JSON.stringify({ error: { message: "Internal", code: fault.code ?? 500 } }),
      );
    default:
      return send(response, 200, "application/json", json);
  }
}

function completionOf(body: ChatRequest, fault: Fault | undefined, answer: State["answer"]): object {
  const { finish, ...message } = answer ? { content: answer(body), finish: "stop" } : messageTo(body, fault);
  const prompt = body.messages.reduce((sum, { content }) => sum + content.length, 0);
  const written = message.content?.length ?? 0;
  const usage = {
    prompt_tokens: Math.ceil(prompt / CHARACTERS_PER_TOKEN),
    completion_tokens: Math.ceil(written / CHARACTERS_PER_TOKEN),
  };
  const choice = { index: 0, message: { role: "assistant", ...message }, finish_reason: finish };
  return {
    id: "chat-1",
    object: "chat.completion",
    model: body.model,
    choices: [choice],
    ...(fault?.kind === "noUsage" ? {} : { usage }),
  };
}

function poll(response: ServerResponse, id: string, pending: Map<string, { left: number; body: string }>): void {
  const found = pending.get(id);
  if (!found) send(response, 404, "text/plain", "404 page not found");
  else if (found.left-- <= 0) send(response, 200, "application/json", found.body);
  else {
    response.setHeader("nvcf-reqid", id).setHeader("nvcf-status", "pending-evaluation");
    send(response, 202, "application/json", "");
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}
