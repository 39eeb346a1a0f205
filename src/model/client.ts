/**
 * The `openai` client, made so that nothing of the environment gets into a request, it repeats nothing by
 * itself, and the key goes to the configured origin alone.
 */
import OpenAI from "openai";
import type { ModelSettings } from "../dataset/model.ts";

/** Milliseconds between two looks at an answer that is not there yet. */
const POLL_MS = 1_000;

/** Where NVIDIA's hosted endpoint keeps answers that take longer, and for whom. */
const HOSTED = "integrate.api.nvidia.com";
const HOSTED_STATUS = "https://api.nvcf.nvidia.com";

/** Longest body of an answer that is read; 32,768 tokens are about an eighth of it. */
const LONGEST_BODY = 1024 * 1024;

/** What a request says of itself; the client would add what it finds in variables meant for OpenAI. */
const HEADERS = ["accept", "authorization", "content-type", "nvcf-poll-seconds", "user-agent"];

/** As a gateway that got no good answer. */
const BAD_GATEWAY = 502;

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export function makeClient({ apiKey, baseUrl }: ModelSettings, sleep: Sleep): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: baseUrl,
    // Absent ones would be taken from variables meant for OpenAI.
    organization: null,
    project: null,
    // One call is one request: the budget counts them, and a busy server names no time to wait.
    maxRetries: 0,
    logLevel: "off",
    fetch: boundedFetch(new URL(baseUrl), sleep),
  });
}

/**
 * fetch that waits for an answer given as 202 with NVCF-REQID, reads no more than it should, and follows no
 * redirect: the prompt would go where nobody meant it to.
 */
function boundedFetch(base: URL, sleep: Sleep): typeof fetch {
  const statusOrigin = base.hostname === HOSTED ? HOSTED_STATUS : base.origin;
  return async (input, init) => {
    const given = new Headers(init?.headers);
    const headers = HEADERS.flatMap((name): [string, string][] => {
      const value = given.get(name);
      return value === null ? [] : [[name, value]];
    });
    const ask = (url: Parameters<typeof fetch>[0], more: RequestInit = {}) =>
      fetch(url, { ...init, ...more, headers, redirect: "manual" });
    let response = await ask(input);
    for (let polls = 0; ; polls++) {
      const id = response.headers.get("nvcf-reqid");
      if (response.status !== 202 || !id || !/^[\w-]+$/.test(id)) {
        // What the status address says is of this answer alone, not of the model or the key.
        return polls > 0 && response.status !== 200 ? replaced(response, BAD_GATEWAY) : bounded(response);
      }
      await response.body?.cancel();
      await sleep(POLL_MS, init?.signal ?? undefined);
      response = await ask(`${statusOrigin}/v2/nvcf/pexec/status/${id}`, { method: "GET", body: null });
    }
  };
}

async function replaced(response: Response, status: number): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, { status });
}

/** The answer, read; another in its place when it is too long. */
async function bounded(response: Response): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > LONGEST_BODY) return new Response(null, { status: BAD_GATEWAY });
    pieces.push(piece);
  }
  const { status, headers } = response;
  return new Response(length === 0 ? null : Buffer.concat(pieces), { status, headers: plain(headers) });
}

/** The body is unpacked by now, and as long as it is. */
function plain(given: Headers): Headers {
  const headers = new Headers(given);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
  return headers;
}
