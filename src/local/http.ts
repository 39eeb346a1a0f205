/**
 * HTTP triggers: a request on 127.0.0.1 finds its route and is handed to the library, which streams the answer.
 *
 * The library is given the client's own response object, so bodies flow in both directions without a second hop.
 * Two things it does not do by itself are added here: it waits for a slow client before it takes more of a
 * streamed body, and it stops a stream nobody receives any longer.
 */

import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { type EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import type { Call, RegisteredFunction } from "./core.ts";
import type { HttpFunction } from "./functions.ts";
import { compareRoutes, pathSegments } from "./route.ts";

export interface HttpOptions {
  readonly functions: readonly HttpFunction[];
  /** The library's request listener, see Core.start. */
  readonly proxy: EventEmitter;
  readonly functionKey: string | undefined;
  readonly invoke: (target: RegisteredFunction, call: Call, method: string) => Promise<void>;
  readonly log: (line: string) => void;
}

// The real host's limit on a developer's machine.
const MAX_BODY_BYTES = 100 * 1024 * 1024;

// Anyone can send these; only the platform may.
const FORGEABLE = /^(x-ms-invocation-id$|x-ms-client-principal)/;

/** A server that is not listening yet. */
export function createHttpServer(options: HttpOptions): Server {
  const functions = options.functions.toSorted((a, b) => compareRoutes(a.route, b.route));
  const server = createServer((request, response) => {
    // A client that goes away breaks both; it is seen as `close`.
    request.on("error", () => {});
    response.on("error", () => {});
    answer({ ...options, functions }, request, response).catch((error: unknown) => {
      options.log(`error http ${request.method} ${request.url}: ${error}`);
      if (response.headersSent) response.destroy();
      else end(response, 500);
    });
  });
  // Longer than common clients keep an idle connection, so that none is closed just as it is used again.
  server.keepAliveTimeout = 130_000;
  return server;
}

async function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = requestUrl(request);
  if (url === null) return end(response, 400);
  const found = findFunction(options.functions, request.method ?? "", url.pathname);
  if (found === undefined) return end(response, 404);
  if (found.authLevel === "function" && !hasKey(request, url, options.functionKey)) return end(response, 401);
  if (Number(request.headers["content-length"]) > MAX_BODY_BYTES) return end(response, 413);

  const id = randomUUID();
  const upload = limitUpload(request, response);
  // What the library reads of an incoming message: these three, and the body.
  const forwarded = Object.assign(upload.body, {
    method: request.method,
    url: url.pathname + url.search,
    headers: { "x-ms-invocation-id": id, "x-forwarded-host": url.host, "x-forwarded-proto": "http" },
  });
  const headers = Object.entries(request.headers).filter(([name]) => !FORGEABLE.test(name));
  const parameters = Object.entries(found.parameters).map(([name, value]) => [name, { string: value }]);
  options.proxy.emit("request", forwarded, response);
  try {
    const call: Call = {
      id,
      input: { string: "" },
      metadata: {
        ...Object.fromEntries(parameters),
        Headers: { json: JSON.stringify(Object.fromEntries(headers)) },
      },
      reply(result, error) {
        if (error !== null) return { status: upload.tooLarge() ? 413 : 500 };
        return paceBody(result ?? { status: 204 }, request, response);
      },
    };
    await options.invoke(found.target, call, request.method ?? "");
  } catch {
    // Logged by invoke. When the answer had begun, breaking it off is the only way to say that it is not whole.
    if (!response.headersSent) end(response, 500);
    else if (!response.writableEnded) response.destroy();
  }
}

/** The address the client asked for, or null when it makes no sense. Dot segments are resolved. */
function requestUrl(request: IncomingMessage): URL | null {
  const host = request.headers.host ?? `127.0.0.1:${request.socket.localPort}`;
  const path = request.url ?? "";
  return path.startsWith("/") ? URL.parse(`http://${host}${path}`) : URL.parse(path);
}

/** The most specific route that fits path and method. A wrong method is no match, so it answers 404. */
function findFunction(functions: readonly HttpFunction[], method: string, pathname: string) {
  const segments = pathSegments(pathname);
  for (const candidate of functions) {
    if (!candidate.methods.includes(method)) continue;
    const parameters = candidate.route.match(segments);
    if (parameters) return { ...candidate, parameters };
  }
  return undefined;
}

function hasKey(request: IncomingMessage, url: URL, key: string | undefined): boolean {
  if (key === undefined) return true;
  const given = request.headers["x-functions-key"] ?? url.searchParams.get("code") ?? "";
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(String(given)), digest(key));
}

/**
 * The request's body as a stream of its own, which fails beyond the limit or when the client goes away. What the
 * handler leaves unread is dropped after the answer, so that the connection can carry the next request.
 */
function limitUpload(request: IncomingMessage, response: ServerResponse) {
  const body = new PassThrough();
  let size = 0;
  body.on("error", () => {});
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES || body.destroyed) return;
    body.destroy(new Error(`The request body is larger than ${MAX_BODY_BYTES} bytes`));
  });
  request.on("close", () => {
    if (!request.complete) body.destroy(new Error("The client closed the connection"));
  });
  response.on("close", () => {
    request.unpipe(body);
    request.resume();
    body.destroy();
  });
  request.pipe(body);
  return { body, tooLarge: () => size > MAX_BODY_BYTES };
}

/**
 * The handler's result with its streamed body, if it has one, tied to the client: taken no faster than the client
 * reads, and destroyed when the client is gone. The library writes without waiting (see its sendProxyResponse),
 * which would hold a whole download in memory.
 */
function paceBody(result: unknown, request: IncomingMessage, response: ServerResponse): unknown {
  const { status, headers, cookies, body, jsonBody } = Object(result);
  const streamed = body instanceof ReadableStream || typeof body?.[Symbol.asyncIterator] === "function";
  if (!streamed || jsonBody !== undefined) return result;
  const source = asReadable(body);
  const gone = new AbortController();
  source.on("error", () => {});
  const stop = () => {
    gone.abort();
    source.destroy();
  };
  if (response.destroyed) stop();
  else response.on("close", stop);
  if (request.method === "HEAD") return { status, headers, cookies };
  return { status, headers, cookies, body: ReadableStream.from(pace(source, response, gone.signal)) };
}

async function* pace(source: Readable, response: ServerResponse, gone: AbortSignal) {
  try {
    for await (const chunk of source) {
      yield chunk;
      if (response.writableNeedDrain) await once(response, "drain", { signal: gone });
    }
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

function asReadable(body: Readable | ReadableStream | AsyncIterable<unknown>): Readable {
  if (body instanceof Readable) return body;
  return body instanceof ReadableStream ? Readable.fromWeb(body) : Readable.from(body);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": 0 }).end();
}
