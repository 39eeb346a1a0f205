/**
 * The app without a host: the registrations of main.ts, called as the library calls them, over a
 * world that is real (Azurite, SQLite) and belongs to one test file alone.
 *
 * Every answer is searched for what must never leave the service, whatever its test is about.
 */
import { join } from "node:path";
import { HttpRequest, HttpResponse, type HttpResponseInit, InvocationContext } from "@azure/functions";
import { expect } from "vitest";
import hostJson from "../../host.json" with { type: "json" };
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { readHostSettings } from "../../src/local/config.ts";
import { installCore } from "../../src/local/core.ts";
import { readFunctions } from "../../src/local/functions.ts";
import { pathSegments } from "../../src/local/route.ts";
import { connect, type Outside } from "../../src/outside.ts";
import { readSettings } from "../../src/settings.ts";
import { drain, MODEL_LIMITS } from "./dispatcher.ts";

/** Not the host's own address, so that links can only come from the request. */
export const ORIGIN = "https://relata.example:8443";

/** Small, so that a test reaches them. */
export const LIMITS = { bodyBytes: 65_536, tableRows: 1_000, chunkRows: 16, ...MODEL_LIMITS };

export interface Answer {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  /** The body as JSON; undefined when it is something else. */
  json: unknown;
}

/** A problem's whole body. */
export function problem(status: number, title: string, code: string, detail: string, errors?: object[]): object {
  const type = `urn:relata:problem:${code}`;
  return { type, title, status, detail, code, ...(errors ? { errors } : {}), traceId: TRACE };
}

export interface Ask {
  /** An object is sent as JSON, a text as it is, a stream in pieces and without a length. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface App {
  readonly outside: Outside;
  readonly storage: string;
  /** Calls the function that has this method and route; throws when there is none. */
  call(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Does all work that lies in the queues. */
  work(): Promise<void>;
  /** POSTs a request and does its work; returns the job as it then is. */
  make(request: object): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Starts storage in `folder` and the app on it, with more settings. Once a process: the library keeps what was registered. */
export async function startApp(folder: string, settings: Record<string, string> = {}): Promise<App> {
  const azurite: Azurite = await startAzurite({ folder: join(folder, "storage"), log: () => {} });
  const storage = azurite.connectionString;
  Object.assign(process.env, {
    AzureWebJobsStorage: storage,
    RELATA_HOME: folder,
    RELATA_MAX_BODY_BYTES: String(LIMITS.bodyBytes),
    RELATA_MAX_TABLE_ROWS: String(LIMITS.tableRows),
    RELATA_CHUNK_ROWS: String(LIMITS.chunkRows),
    ...settings,
  });
  const core = installCore();
  await import("../../src/main.ts");
  const environment = { settings: readHostSettings(hostJson, {}), environment: {}, storage };
  const functions = readFunctions(core.functions.values(), environment).filter(({ kind }) => kind === "http");
  await core.runHooks("appStart");
  const secrets = [folder, process.cwd(), "node_modules", /\n\s+at /, /nvapi-/, ...secretsOf(storage)];

  const call = async (method: string, path: string, ask: Ask = {}): Promise<Answer> => {
    const segments = pathSegments(new URL(path, ORIGIN).pathname);
    const found = functions.find((f) => f.kind === "http" && f.methods.includes(method) && f.route.match(segments));
    if (!found) throw new Error(`No function answers ${method} ${path}.`);
    const context = contextOf(found.target.name);
    const answer = await read((await found.target.handler(requestOf(method, path, ask), context)) as HttpResponseInit);
    for (const secret of secrets) expect(answer.bytes.toString("latin1")).not.toMatch(secret);
    return answer;
  };
  const outside = connect(readSettings());
  const work = () => drain(storage, outside);
  const make = async (request: object) => {
    const accepted = await call("POST", "/generate", { body: request });
    expect(accepted.status).toBe(202);
    await work();
    return (await call("GET", accepted.headers.location as string)).json as Record<string, unknown>;
  };
  return { outside, storage, call, work, make, stop: () => azurite.stop() };
}

/** The trace id that is in every problem. */
export const TRACE = "5e0c8e44-0000-4000-8000-000000000001";

export function contextOf(functionName: string): InvocationContext {
  return new InvocationContext({ functionName, invocationId: TRACE, logHandler: () => {} });
}

/** A request as the library makes it of a streamed one. */
export function requestOf(method: string, path: string, { body, headers = {} }: Ask = {}): HttpRequest {
  const sent = body === undefined || typeof body === "string" || body instanceof ReadableStream;
  const nativeRequest = new Request(new URL(path, ORIGIN), {
    method,
    headers,
    ...(body === undefined ? {} : { body: (sent ? body : JSON.stringify(body)) as string, duplex: "half" as const }),
  });
  return new HttpRequest({ nativeRequest } as unknown as ConstructorParameters<typeof HttpRequest>[0]);
}

/** What a client would receive. */
export async function read(init: HttpResponseInit): Promise<Answer> {
  const response = new HttpResponse(init);
  const headers = Object.fromEntries(response.headers);
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = /\bjson$/.test(headers["content-type"] ?? "") && bytes.length > 0;
  return { status: response.status, headers, bytes, json: isJson ? JSON.parse(bytes.toString()) : undefined };
}

function secretsOf(connectionString: string): string[] {
  return [...connectionString.matchAll(/Account(?:Name|Key)=([^;]+)/g)].map((match) => match[1] as string);
}
