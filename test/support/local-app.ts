/**
 * The app that the tests of the local host run: the real library, every kind of answer, and queue functions that do
 * what their message says. What happened is kept in `messages` and `downloads`. Import it only through a host.
 */

import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { app, type InvocationContext } from "@azure/functions";

app.setup({ enableHttpStream: true });

/** Registered from the least specific to the most, so that order alone never gives the right answer. */
const routes = {
  anything: "{*rest}",
  part: "shop/{item}/{part?}",
  item: "shop/{item}",
  number: "shop/{id:int:min(10)}",
  file: "shop/{item}.{kind:alpha}",
  cart: "shop/cart",
};
for (const [name, route] of Object.entries(routes)) {
  app.get(name, { route, handler: (request) => ({ jsonBody: { name, params: request.params } }) });
}

app.post("echo", { route: "echo", handler: (request) => ({ body: request.body ?? "" }) });
app.post("count", {
  route: "count",
  handler: async (request) => ({ jsonBody: (await request.arrayBuffer()).byteLength }),
});
app.post("ignore", { route: "ignore", handler: () => ({ body: "not read" }) });
app.get("inspect", {
  route: "inspect",
  handler: (request) => ({
    jsonBody: { url: request.url, user: request.user, headers: Object.fromEntries(request.headers) },
  }),
});
app.http("locked", { methods: ["GET"], route: "locked", authLevel: "function", handler: () => ({ body: "open" }) });
app.get("nothing", { route: "nothing", handler: () => ({ status: 204 }) });
app.get("void", { route: "void", handler: () => undefined as never });
app.get("boom", {
  route: "boom",
  handler: () => {
    throw new Error("Kaboom");
  },
});

const FILE = Buffer.from("0123456789");
app.http("range", {
  methods: ["GET", "HEAD"],
  route: "range",
  handler(request) {
    const headers = { etag: '"v1"', "accept-ranges": "bytes", "content-type": "text/csv; charset=utf-8" };
    if (request.headers.get("if-none-match") === '"v1"') return { status: 304, headers };
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
    const bytes = first === undefined ? FILE : FILE.subarray(Number(first), Number(last) + 1);
    const range = { "content-range": `bytes ${first}-${last}/${FILE.length}` };
    return {
      status: first === undefined ? 200 : 206,
      headers: { ...headers, ...(first === undefined ? {} : range), "content-length": String(bytes.length) },
      body: Readable.from([bytes]),
    };
  },
});

/** What the downloads have produced so far, and whether their source was closed. */
export const downloads = { pieces: 0, closed: 0 };
export const PIECE = Buffer.alloc(256 * 1024, "x");

/** `pieces` of 256 KiB; with `fails` the stream breaks after them, with `waits` it has one and never ends. */
app.get("download", {
  route: "download",
  async handler(request) {
    await delay(Number(request.query.get("ms")));
    const pieces = Number(request.query.get("pieces"));
    async function* source() {
      for (let i = 0; i < pieces; i++) {
        downloads.pieces++;
        yield PIECE;
      }
      if (request.query.has("fails")) throw new Error("The source broke");
    }
    const silent = new Readable({ read() {} });
    silent.push(PIECE);
    const body = request.query.has("waits") ? silent : Readable.from(source());
    body.on("close", () => downloads.closed++);
    return { body };
  },
});

export interface Work {
  readonly id: string;
  /** How long the work takes; default 0. */
  readonly ms?: number;
  /** Fails on this many of its deliveries. */
  readonly fails?: number;
}

/** Every delivery, in order of arrival. */
export const messages: { id: string; dequeueCount: number; at: number; ended?: number }[] = [];

async function work(message: unknown, context: InvocationContext): Promise<void> {
  const { id, ms = 0, fails = 0 } = message as Work;
  const dequeueCount = Number(context.triggerMetadata?.dequeueCount);
  const delivery: (typeof messages)[number] = { id, dequeueCount, at: Date.now() };
  messages.push(delivery);
  context.log(`working on ${id}, delivery ${dequeueCount}`);
  await delay(ms);
  delivery.ended = Date.now();
  if (dequeueCount <= fails) throw new Error(`${id} failed`);
}

app.storageQueue("work", { queueName: "%WORK_QUEUE%", connection: "AzureWebJobsStorage", handler: work });
app.storageQueue("work-again", { queueName: "again-poison", connection: "AzureWebJobsStorage", handler: work });
app.storageQueue("metadata", {
  queueName: "metadata",
  connection: "AzureWebJobsStorage",
  handler: (message, context) => context.log(JSON.stringify({ message, ...context.triggerMetadata })),
});

/** Hooks as they ran, as the library calls them. */
export const hooks: string[] = [];
app.hook.appStart(() => void hooks.push("start"));
app.hook.appTerminate(() => void hooks.push("terminate"));
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === "nothing") hooks.push("before");
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === "nothing") hooks.push(`after ${JSON.stringify(context.result)}`);
});
