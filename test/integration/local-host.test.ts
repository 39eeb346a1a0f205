/**
 * The embedded host over the real wire: HTTP, queues, ending. One host and one Azurite serve all of
 * it, since the library can be loaded only once a process; that makes it more than 400 lines.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { type Host, startHost } from "../../src/local/host.ts";
import type { Work } from "../support/local-app.ts";

const folder = mkdtempSync(join(tmpdir(), "relata-host-"));
const log: string[] = [];
const hostJson = {
  extensions: {
    http: { routePrefix: "" },
    queues: { batchSize: 4, newBatchThreshold: 2, maxDequeueCount: 3, visibilityTimeout: "00:00:01" },
  },
};
let azurite: Azurite;
let host: Host;
let app: typeof import("../support/local-app.ts");
let wire: Wire;
let queues: QueueServiceClient;

beforeAll(async () => {
  process.env.WORK_QUEUE = "work";
  azurite = await startAzurite({ folder, log: (line) => log.push(line) });
  queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
  for (const name of ["again-poison", "metadata"]) await queues.createQueue(name);
  wire = await cuttableWire(azurite.connectionString);
  host = await start();
  app = await import("../support/local-app.ts");
});

afterAll(async () => {
  await host?.stop();
  wire?.close();
  await azurite?.stop();
  rmSync(folder, { recursive: true });
});

function start(options: Partial<Parameters<typeof startHost>[0]> = {}): Promise<Host> {
  return startHost({
    app: () => import("../support/local-app.ts"),
    hostJson,
    storage: wire.connectionString,
    port: 0,
    queueLeaseSeconds: 2,
    log: (line) => log.push(line),
    ...options,
  });
}

describe("routes", () => {
  test.each([
    ["/shop/cart", "cart", {}],
    ["/shop/pen.txt", "file", { item: "pen", kind: "txt" }],
    ["/shop/12", "number", { id: "12" }],
    ["/shop/9", "item", { item: "9" }],
    ["/shop/p%C3%A9n", "item", { item: "pén" }],
    ["/shop/pen/cap", "part", { item: "pen", part: "cap" }],
    ["/shop/pen/cap/x", "anything", { rest: "shop/pen/cap/x" }],
    ["/shop/../Shop/CART?x=1", "cart", {}],
    ["/", "anything", {}],
  ])("%s goes to %s, the most specific that fits", async (path, name, params) => {
    const response = await fetch(host.url + path);
    expect(await response.json()).toEqual({ name, params });
  });

  test("a wrong method is not found, with no body", async () => {
    const response = await fetch(`${host.url}/shop/cart`, { method: "PUT", body: "x" });
    expect([response.status, await response.text()]).toEqual([404, ""]);
  });

  test("are reported as they were registered", () => {
    expect(host.registrations).toContainEqual({
      ...{ name: "locked", route: "locked", methods: ["GET"], authLevel: "function" },
    });
    expect(host.registrations.filter((registration) => registration.queueName)).toEqual([
      { name: "work", queueName: "work" },
      { name: "work-again", queueName: "again-poison" },
      { name: "metadata", queueName: "metadata" },
    ]);
  });
});

describe("an answer", () => {
  test("to HEAD has the headers and no body", async () => {
    const response = await fetch(`${host.url}/range`, { method: "HEAD" });
    expect([response.status, response.headers.get("content-length"), response.headers.get("etag")]).toEqual([
      ...[200, "10", '"v1"'],
    ]);
    expect(await response.text()).toBe("");
  });

  test("to a range is 206 with its Content-Range and Content-Length", async () => {
    const response = await fetch(`${host.url}/range`, { headers: { range: "bytes=2-5" } });
    const headers = ["content-range", "content-length", "content-type"].map((name) => response.headers.get(name));
    expect([response.status, ...headers, await response.text()]).toEqual([
      ...[206, "bytes 2-5/10", "4", "text/csv; charset=utf-8", "2345"],
    ]);
  });

  test("of 304 and 204 has no body", async () => {
    const same = await fetch(`${host.url}/range`, { headers: { "if-none-match": '"v1"' } });
    expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, '"v1"', ""]);
    const nothing = await fetch(`${host.url}/nothing`);
    expect([nothing.status, await nothing.text()]).toEqual([204, ""]);
    expect((await fetch(`${host.url}/void`)).status).toBe(204);
  });

  test("of a handler that throws is 500 with no body, and one line says why", async () => {
    const response = await fetch(`${host.url}/boom`);
    expect([response.status, await response.text()]).toEqual([500, ""]);
    const lines = log.filter((line) => line.includes("Kaboom"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^error boom: Error: Kaboom at handler \(.*local-app\.ts:\d+:\d+\)$/);
  });

  test("whose source breaks is broken off, so that half a file never looks whole", async () => {
    const response = await fetch(`${host.url}/download?pieces=2&fails`);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow("terminated");
    expect((await fetch(`${host.url}/shop/cart`)).status).toBe(200);
  });

  test("waits for a slow client instead of piling up in memory", async () => {
    const before = app.downloads.pieces;
    const request = http.get(`${host.url}/download?pieces=1000`);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    await delay(300);
    const unread = app.downloads.pieces - before;
    expect(unread).toBeLessThan(100); // 25 MB, most of it in the kernel's socket buffers; the file has 250
    let size = 0;
    for await (const chunk of response) size += (chunk as Buffer).length;
    expect(size).toBe(1000 * app.PIECE.length);
  });

  test("stops being made when the client goes away: in the middle, while its source waits, and before it began", async () => {
    const before = app.downloads.closed;
    for (const query of ["pieces=4000", "waits", "pieces=4000&ms=200"]) {
      const gone = new AbortController();
      const answer = fetch(`${host.url}/download?${query}`, { signal: gone.signal });
      if (query.includes("ms=")) await delay(50);
      else await (await answer).body?.getReader().read();
      gone.abort();
      await answer.catch(() => {});
    }
    const pieces = app.downloads.pieces;
    await eventually(() => expect(app.downloads.closed - before).toBe(3));
    expect(app.downloads.pieces - pieces).toBeLessThan(100);
  });
});

describe("a request", () => {
  test("body and its answer stream at the same time, piece by piece", async () => {
    const request = http.request(`${host.url}/echo`, { method: "POST" });
    const heard = once(request, "response");
    for (const [index, piece] of ["one ", "two ", "three"].entries()) {
      request.write(piece);
      const [response] = (await heard) as [http.IncomingMessage];
      const [chunk] = response.readableLength > 0 ? [response.read()] : await once(response, "data");
      expect(String(chunk)).toBe(piece);
      if (index === 2) request.end();
    }
  });

  test("body larger than 100 MB is refused, whether it gives its length or not", async () => {
    const pieces = Array.from({ length: 101 }, () => Buffer.alloc(2 ** 20));
    for (const body of [Buffer.concat(pieces), ReadableStream.from(pieces)]) {
      const response = await fetch(`${host.url}/count`, { method: "POST", body, duplex: "half" });
      expect([response.status, await response.text()]).toEqual([413, ""]);
    }
    const response = await fetch(`${host.url}/count`, { method: "POST", body: Buffer.concat(pieces.slice(1)) });
    expect(await response.json()).toBe(100 * 2 ** 20);
  });

  test("body that nobody reads does not spoil the connection for the next request", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 3; i++) {
      const request = http.request(`${host.url}/ignore`, { method: "POST", agent });
      request.end(Buffer.alloc(4 * 2 ** 20));
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      ports.add(request.socket?.localPort);
      response.resume();
      await once(response, "end");
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  test("shows the address the client used, and none of the headers only the platform may set", async () => {
    const response = await fetch(`${host.url}/inspect?a=1`, {
      headers: {
        "x-ms-client-principal": "e30=",
        "x-ms-client-principal-name": "root",
        "x-ms-invocation-id": "1",
        a: "b",
      },
    });
    const { url, user, headers } = (await response.json()) as Record<string, Record<string, string>>;
    expect([url, user, headers?.a]).toEqual([`${host.url}/inspect?a=1`, null, "b"]);
    expect(Object.keys(headers ?? {}).filter((name) => name.startsWith("x-ms-"))).toEqual([]);
  });

  test("needs the function key where the route says so and the host has one", async () => {
    const locked = await start({ functionKey: "s3cret" });
    const status = async (base: string, path: string, key?: string) =>
      (await fetch(base + path, key ? { headers: { "x-functions-key": key } } : {})).status;
    expect(await status(locked.url, "/locked")).toBe(401);
    expect(await status(locked.url, "/locked", "wrong")).toBe(401);
    expect(await status(locked.url, "/locked", "s3cret")).toBe(200);
    expect(await status(locked.url, "/locked?code=s3cret")).toBe(200);
    expect(await status(locked.url, "/nothing")).toBe(204);
    expect(await status(host.url, "/locked")).toBe(200);
    await locked.stop();
  });

  test("passes the hooks before and after its function", async () => {
    app.hooks.length = 0;
    await fetch(`${host.url}/nothing`);
    expect(app.hooks.filter((hook) => hook !== "start" && hook !== "terminate")).toEqual([
      ...["before", 'after {"status":204}'],
    ]);
  });
});

describe.concurrent("a queue message", () => {
  test("runs its function, and is gone when that succeeds", async () => {
    await send({ id: "plain" });
    await until("plain", 1);
    await untilEmpty("work");
    expect(log).toContain("work: working on plain, delivery 1");
  });

  test("comes with its metadata", async () => {
    await queues.getQueueClient("metadata").sendMessage(Buffer.from("12").toString("base64"));
    const line = await vi.waitUntil(() => log.find((candidate) => candidate.startsWith("metadata: ")), 10_000);
    const { message, id, dequeueCount, popReceipt, insertionTime, expirationTime, nextVisibleTime, queueTrigger } =
      JSON.parse(line.slice("metadata: ".length));
    expect([message, queueTrigger, dequeueCount]).toEqual([12, 12, 1]);
    expect([id, popReceipt].map((text) => typeof text)).toEqual(["string", "string"]);
    expect(Date.parse(expirationTime)).toBeGreaterThan(Date.parse(nextVisibleTime));
    expect(Date.parse(nextVisibleTime)).toBeGreaterThan(Date.parse(insertionTime));
  });

  test("that fails is tried again after the visibility timeout", async () => {
    await send({ id: "flaky", fails: 1 });
    await until("flaky", 2);
    const [first, second] = deliveries("flaky");
    expect([first?.dequeueCount, second?.dequeueCount]).toEqual([1, 2]);
    // Storage counts whole seconds, so that one second may be a little less.
    expect((second?.at ?? 0) - (first?.ended ?? 0)).toBeGreaterThan(500);
    await untilEmpty("work");
  });

  test("that fails as often as allowed moves to the poison queue, unchanged", async () => {
    await send({ id: "bad", fails: 9 });
    const text = Buffer.from('{"id":"bad","fails":9}').toString("base64");
    await untilPoisoned(text);
    expect(deliveries("bad").map((delivery) => delivery.dequeueCount)).toEqual([1, 2, 3]);
    await untilEmpty("work");
  });

  test("that is not base64 moves to the poison queue without being run", async () => {
    await send({ id: "wake" });
    const before = app.messages.length;
    await queues.getQueueClient("work").sendMessage("not base64!");
    await untilPoisoned("not base64!");
    expect(app.messages.slice(before).filter((delivery) => delivery.id === "not base64!")).toEqual([]);
  });

  test("in a queue that is itself a poison queue is tried again only after its lease", async () => {
    await send({ id: "stuck", fails: 1 }, "again-poison");
    await until("stuck", 2);
    const [first, second] = deliveries("stuck");
    expect((second?.at ?? 0) - (first?.ended ?? 0)).toBeGreaterThan(1000);
    expect(await queues.getQueueClient("again-poison-poison").exists()).toBe(false);
  });

  test("stays leased while its function runs, however long that takes", async () => {
    await send({ id: "long", ms: 5000 });
    await until("long", 1);
    await untilEmpty("work");
    expect(deliveries("long")).toHaveLength(1);
  });

  test("of a process that was killed is delivered again when its lease has run out", async () => {
    const queue = "killed";
    await send({ id: "orphan", ms: 60_000 }, queue);
    const victim = await hostProcess({ WORK_QUEUE: queue, LEASE_SECONDS: "3" });
    await victim.line(/working on orphan, delivery 1$/);
    victim.child.kill("SIGKILL");
    const heir = await hostProcess({ WORK_QUEUE: queue, LEASE_SECONDS: "3" });
    await heir.line(/working on orphan, delivery 2$/);
    heir.child.kill("SIGKILL");
  });

  test("that a stopping host can't finish is given back, without the rest of its lease", async () => {
    const client = queues.getQueueClient("unfinished");
    await client.createIfNotExists();
    await client.sendMessage(Buffer.from('{"id":"unfinished","ms":60000}').toString("base64"));
    const other = await hostProcess({ WORK_QUEUE: "unfinished", LEASE_SECONDS: "600" });
    await other.line(/working on unfinished, delivery 1$/);
    other.child.stdin.end();
    const shown = async () => (await client.peekMessages()).peekedMessageItems.length;
    await eventually(async () => expect(await shown()).toBe(1));
    other.child.kill("SIGKILL");
  });
});

describe("a queue listener", () => {
  test("runs no more at a time than batch size and threshold allow together", async () => {
    const ids = Array.from({ length: 16 }, (_, i) => `many-${i}`);
    await Promise.all(ids.map((id) => send({ id, ms: 250 })));
    await Promise.all(ids.map((id) => until(id, 1)));
    const runs = ids.flatMap(deliveries);
    const parallel = runs.map(({ at }) => runs.filter((run) => run.at <= at && (run.ended ?? 0) > at).length);
    expect(Math.max(...parallel)).toBeLessThanOrEqual(4 + 2);
    expect(Math.max(...parallel)).toBeGreaterThan(1);
  });

  test("outlives an outage of storage, which it reports once", async () => {
    const from = log.length;
    wire.cut();
    const reports = () => log.slice(from).filter((line) => line.startsWith("warning queue work: can't receive"));
    await eventually(() => expect(reports()).toHaveLength(1));
    await send({ id: "late" });
    wire.mend();
    await until("late", 1);
    expect(log).toContain("queue work: storage answers again");
    expect(reports()).toHaveLength(1);
  });
});

describe("the host", () => {
  test("says which port is taken and what to do", async () => {
    const port = Number(new URL(host.url).port);
    await expect(start({ port })).rejects.toThrow(
      `Port ${port} is in use by another program. Stop it, or choose another with PORT=${port + 1}.`,
    );
  });

  test("listens on this machine only", async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of addresses.filter(({ internal, family }) => !internal && family === "IPv4")) {
      await expect(fetch(host.url.replace("127.0.0.1", address))).rejects.toThrow("fetch failed");
    }
  });
});

describe.concurrent("a host process", () => {
  test("leaves nothing behind when it stops: its process ends by itself", async () => {
    const other = await hostProcess({ WORK_QUEUE: "elsewhere", LEASE_SECONDS: "2" });
    const agent = new http.Agent({ keepAlive: true });
    const [response] = (await once(http.get(`${other.url}/nothing`, { agent }), "response")) as [http.IncomingMessage];
    expect(response.statusCode).toBe(204);
    expect(await other.line(/^listening/)).toBe("listening on 1 port"); // none for the library's own server
    const asked = Date.now();
    other.child.stdin.end();
    expect(await once(other.child, "exit")).toEqual([0, null]);
    expect(Date.now() - asked).toBeLessThan(2000);
    agent.destroy();
  });

  test.each([
    ["app.timer('tick', { schedule: '* * * * * *', handler })", 'Function "tick" has the trigger "timerTrigger"'],
    ["app.get('a', { route: '{x:datetime}', handler })", 'Function "a" has the route "{x:datetime}"'],
    [
      "app.get('a', { extraOutputs: [output.storageQueue({ queueName: 'q', connection: '' })], handler })",
      'Function "a" has the output binding "queue"',
    ],
    [
      "app.get('a', { extraInputs: [input.storageBlob({ path: 'a/b', connection: '' })], handler })",
      'Function "a" has the input binding "blob"',
    ],
    ["app.storageQueue('a', { queueName: '%NOPE%', connection: '', handler })", 'Function "a" uses %NOPE%'],
    [
      "app.storageQueue('a', { queueName: 'q', connection: 'NOPE', handler })",
      'Function "a" uses the connection "NOPE"',
    ],
    ["app.get('a', { handler }); app.get('a', { handler })", 'Two functions are named "a"'],
    ["", "The app registered no function"],
  ])("refuses to start with %s", async (registration, message) => {
    const program = `
      import { startHost } from "./src/local/host.ts";
      const app = async () => {
        const { app, input, output } = await import("@azure/functions");
        app.setup({ enableHttpStream: true });
        const handler = () => {};
        ${registration};
      };
      const options = { app, hostJson: { extensions: { http: { routePrefix: "" } } }, storage: "", port: 0, log() {} };
      await startHost(options).catch((error) => console.log(error.message));
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
    const [said] = await once(child.stdout, "data");
    expect(String(said)).toContain(message);
  });
});

/** Repeats an assertion until it holds. Unlike expect.poll it may be used in concurrent tests. */
async function eventually(assertion: () => unknown): Promise<void> {
  await vi.waitFor(assertion, { timeout: 15_000, interval: 50 });
}

async function send(work: Work, queue = "work"): Promise<void> {
  const client = queues.getQueueClient(queue);
  await client.createIfNotExists();
  await client.sendMessage(Buffer.from(JSON.stringify(work)).toString("base64"));
}

function deliveries(id: string) {
  return app.messages.filter((message) => message.id === id);
}

/** Waits until the message was run so many times. */
async function until(id: string, count: number): Promise<void> {
  const ended = () => deliveries(id).filter((delivery) => delivery.ended).length;
  await eventually(() => expect(ended()).toBe(count));
}

/** Waits until nothing is left in a queue, hidden messages included. */
async function untilEmpty(queue: string): Promise<void> {
  const count = async () => (await queues.getQueueClient(queue).getProperties()).approximateMessagesCount;
  await eventually(async () => expect(await count()).toBe(0));
}

/** Waits until the poison queue of "work" has this text. */
async function untilPoisoned(text: string): Promise<void> {
  const client = queues.getQueueClient("work-poison");
  await client.createIfNotExists();
  const texts = async () =>
    (await client.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.map((message) => message.messageText);
  await eventually(async () => expect(await texts()).toContain(text));
}

/** A host in another process, on the same storage. */
async function hostProcess(environment: Record<string, string>) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../support/local-host-process.ts", import.meta.url))], {
    env: { ...process.env, STORAGE: azurite.connectionString, ...environment },
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) createInterface(output).on("line", (line) => lines.push(line));
  const line = (pattern: RegExp) => vi.waitUntil(() => lines.find((candidate) => pattern.test(candidate)), 15_000);
  return { child, line, url: await line(/^http:/) };
}

type Wire = Awaited<ReturnType<typeof cuttableWire>>;

/** The queue service behind a port of our own, which can be cut and mended. */
async function cuttableWire(connectionString: string) {
  const target = new URL(/QueueEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? "");
  const sockets = new Set<net.Socket>();
  let whole = true;
  const server = net.createServer((socket) => {
    if (!whole) return socket.destroy();
    const far = net.connect(Number(target.port), target.hostname);
    for (const end of [socket, far]) {
      sockets.add(end);
      end.on("error", () => {}).on("close", () => sockets.delete(end));
    }
    return socket.pipe(far).pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as net.AddressInfo;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    connectionString: connectionString.replace(`${target.host}/`, (old) => old.replace(target.port, String(port))),
    cut() {
      whole = false;
      drop();
    },
    mend() {
      whole = true;
    },
    close() {
      server.close();
      drop();
    },
  };
}
