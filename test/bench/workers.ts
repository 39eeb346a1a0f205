/**
 * One worker against two, each rendering chunks of its own: first only that, then sending each chunk
 * over HTTP to a sink that drops it, as a worker stages its blocks. The sink has a thread of its own,
 * which on a machine of two cores competes with the workers. Each round begins with the hand-written
 * kernel of the same bytes, whose threads share nothing: what two of them gain is what the machine gives.
 * (Two virtual processors can be one core's two threads or share its caches with other machines.)
 */
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput } from "../../src/generate/csv/csv.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { printGate } from "./gate.ts";
import { ordersKernel } from "./orders-kernel.ts";
import { SEED, SHOP, TODAY } from "./schemas.ts";

const ORDERS = 2;
const CHUNK_ROWS = 65_536;
const CHUNKS = 16;
const ROUNDS = 15;

/** In place of a port: nothing is sent, or the kernel writes the rows. */
const NOWHERE = 0;
const KERNEL = -1;

/** Best times of one worker and of two. */
type Pair = [one: number, two: number];

/** Chunks [first, first + CHUNKS), sent to `port`. */
interface Work {
  first: number;
  port: number;
}

if (isMainThread) await compareWorkers();
else if (workerData === "sink") serveSink();
else serveWork();

async function compareWorkers(): Promise<void> {
  const start = (data: string) => new Worker(new URL(import.meta.url), { workerData: data });
  const sink = start("sink");
  const [port] = (await once(sink, "message")) as [number];
  const workers = [start("worker"), start("worker")];
  for (const [what, to] of [
    ["render", NOWHERE],
    ["render and send", port],
  ] as const) {
    const plain = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as Pair;
    const best = [...plain] as Pair;
    for (let round = 0; round <= ROUNDS; round++) {
      for (const count of [1, 2] as const) {
        const [written, rendered] = [
          await timeRows(workers.slice(0, count), KERNEL),
          await timeRows(workers.slice(0, count), to),
        ];
        if (round === 0) continue;
        plain[count - 1] = Math.min(plain[count - 1] as number, written);
        best[count - 1] = Math.min(best[count - 1] as number, rendered);
      }
    }
    const [ratio, machine] = [best[0] / best[1], plain[0] / plain[1]];
    console.log(`workers ${what}: ${best.map((ns) => (1e3 / ns).toFixed(2)).join(" and ")} M orders/s by one and two`);
    printGate(`workers ${what}, two / one`, ratio, ">=", 1.8);
    printGate(`workers ${what}, of the ${machine.toFixed(2)} times that the machine gives`, ratio / machine, ">=", 0.9);
  }
  await Promise.all([sink, ...workers].map((thread) => thread.terminate()));
}

/** Nanoseconds a row of all workers together. */
async function timeRows(workers: readonly Worker[], port: number): Promise<number> {
  const started = performance.now();
  await Promise.all(
    workers.map((worker, place) => {
      worker.postMessage({ first: place * CHUNKS, port } satisfies Work);
      return once(worker, "message");
    }),
  );
  return ((performance.now() - started) * 1e6) / (workers.length * CHUNKS * CHUNK_ROWS);
}

function serveWork(): void {
  const engine = compileSchema(SHOP, SEED, TODAY);
  const kernel = ordersKernel(engine, SEED, TODAY);
  const output = makeOutput(0);
  const agent = new Agent({ keepAlive: true });
  parentPort?.on("message", async ({ first, port }: Work) => {
    for (let chunk = first; chunk < first + CHUNKS; chunk++) {
      if (port === KERNEL) {
        kernel(chunk * CHUNK_ROWS, CHUNK_ROWS);
        continue;
      }
      const range = { first: chunk * CHUNK_ROWS, count: CHUNK_ROWS };
      const { bytes } = renderChunk(engine, ORDERS, range, false, output);
      if (port !== NOWHERE) await send(bytes, port, agent);
    }
    parentPort?.postMessage("done");
  });
}

async function send(bytes: Uint8Array, port: number, agent: Agent): Promise<void> {
  const put = request({ port, agent, method: "PUT", headers: { "content-length": bytes.length } });
  put.end(bytes);
  const [response] = await once(put, "response");
  response.resume();
  await once(response, "end");
}

function serveSink(): void {
  const server = createServer((incoming, response) => {
    incoming.resume().on("end", () => response.writeHead(201).end());
  });
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
}
