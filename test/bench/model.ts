/**
 * Text by a model against a stand-in for its server, over HTTP with the real client: how much of the budget
 * two hosts use and whether any minute has more, a storm of 429s, requests for a thousand texts and for a
 * million rows, and a server of which three answers in ten go wrong. Minutes pass on a clock of their own.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { Manifest } from "../../src/dataset/manifest.ts";
import type { Prompt } from "../../src/dataset/model.ts";
import { readRows } from "../../src/generate/drafts/answer.ts";
import { connectModel } from "../../src/model/complete.ts";
import { measureDiversity } from "../../src/quality/diversity.ts";
import { getManifest, postGenerate, waitForJob } from "../support/client.ts";
import { makeClock } from "../support/clock.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { messageTo } from "../support/nemotron/answers.ts";
import type { Fault } from "../support/nemotron/faults.ts";
import { MODEL, modelSettings, type Stub, startNemotron } from "../support/nemotron/server.ts";
import { notes } from "../support/notes.ts";
import { makeSaved } from "../support/saved.ts";
import { printGate } from "./gate.ts";

const MINUTE = 60_000;
const RPM = 60;
const LATENCY_MS = 1_000;
const MINUTES = 5;
const HOSTS = 2;

const PROMPT: Prompt = {
  system: "Write rows.",
  user: '- note: "A note"\n{"i":0,"length":"60-100 characters"}',
  answer: { name: "rows", schema: { type: "object" } },
  maxTokens: 100,
  seed: 0,
};

await benchBudget();
await benchStorm();
await benchJobs();

/** When requests came to the stub, in virtual milliseconds, from hosts that ask as fast as they may. */
async function askFor(minutes: number, faultAt: (at: number) => Fault | undefined): Promise<number[]> {
  const clock = makeClock();
  const stub = await startNemotron({ latencyMs: LATENCY_MS, clock, faultAt });
  const saved = makeSaved();
  const until = new Date(clock.now().getTime() + minutes * MINUTE);
  const settings = { apiKey: "key", baseUrl: stub.url, models: [MODEL], requestsPerMinute: RPM, concurrency: 4 };
  const lines = Array.from({ length: HOSTS }, () =>
    connectModel(settings, { ...saved, ...clock, random: () => 0.5 }),
  ).flatMap(({ complete }) =>
    Array.from({ length: 4 }, async () => {
      while (await complete(PROMPT, { until, calls: 100 }).catch(() => undefined));
    }),
  );
  await Promise.all(lines);
  await stub.close();
  return stub.calls.map(({ at }) => at);
}

/** The most requests that any minute has. */
function mostInAMinute(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
}

async function benchBudget(): Promise<void> {
  const times = await askFor(MINUTES, () => undefined);
  const used = times.length / (RPM * MINUTES);
  console.log(
    `model budget: ${times.length} requests in ${MINUTES} minutes at ${RPM} a minute, ${HOSTS} hosts, answers take 1 s`,
  );
  printGate("model budget, share used", used, ">=", 0.95);
  printGate("model budget, most requests in any minute", mostInAMinute(times), "<=", RPM);
}

/** A minute of 429s: how long nobody asks after it, and how much of the budget is used from then on. */
async function benchStorm(): Promise<void> {
  const storm = (at: number): Fault | undefined =>
    at >= MINUTE && at < 2 * MINUTE ? { kind: "status", status: 429 } : undefined;
  const times = await askFor(MINUTES, storm);
  const first = times.find((at) => at >= 2 * MINUTE) ?? Number.POSITIVE_INFINITY;
  const after = times.filter((at) => at >= first);
  const share = after.length / ((RPM * (MINUTES * MINUTE - first)) / MINUTE);
  const gaps = after.slice(1).map((at, i) => at - (after[i] as number));
  console.log(
    `model storm: ${times.filter((at) => storm(at)).length} requests met the minute of 429s; first after it: ${((first - 2 * MINUTE) / 1e3).toFixed(1)} s`,
  );
  printGate("model storm, longest rest afterwards, s", Math.max(...gaps) / 1e3, "<=", 5);
  printGate("model storm, share used afterwards", share, ">=", 0.95);
}

async function benchJobs(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "relata-bench-"));
  try {
    await withHost(folder, {}, async (host) => {
      const texts = 1_000;
      const { calls } = (await makeNotes(host, "texts", texts)).text;
      printGate("model calls per 1,000 short texts", (1_000 * calls) / texts, "<=", 60);
      const csv = await (await fetch(`${host.url}/datasets/texts/things.csv`)).text();
      const written = (parse(csv, { columns: true }) as { note: string }[]).map(({ note }) => note);
      console.log(`model diversity of the stand-in's texts: ${JSON.stringify(measureDiversity(written))}`);
      const rows = await makeNotes(host, "rows", 1_000_000);
      printGate("model calls of 1M rows", rows.text.calls, "<=", 120);
      const { "fallback:no-exemplar": missing = 0 } = rows.text.fields?.["things.note"] ?? {};
      console.log(`model 1M rows: ${rows.text.pools?.[0]?.texts} texts, rows without one ${missing}`);
    });
    await benchFaults(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of every ten requests three go wrong; what nobody answered must be just what has the fallback. */
async function benchFaults(folder: string): Promise<void> {
  const of: Fault[] = [
    { kind: "status", status: 500 },
    { kind: "disconnect" },
    { kind: "html200" },
    { kind: "cut" },
    { kind: "garbage" },
    { kind: "missingRows", rows: 7 },
    { kind: "wrongTypes" },
    { kind: "fenced" },
    { kind: "status", status: 429, retryAfter: 0 },
  ];
  await withHost(folder, { faults: { seed: 3, rate: 0.3, of } }, async (host, stub) => {
    const { tables, text } = await makeNotes(host, "faulty", 1_000);
    const answered = new Set(stub.calls.flatMap(({ body, fault }) => brought(body, fault)));
    const wrong = stub.calls.filter(({ fault }) => fault).length;
    const lost = 1_000 - answered.size;
    console.log(
      `model faults: ${wrong} of ${stub.calls.length} requests went wrong, rows ${tables.things?.rows}, fallback ${text.cells.fallback}, never answered ${lost}`,
    );
    printGate("model faults, fallback beyond what was never answered", text.cells.fallback - lost, "<=", 0);
    printGate("model faults, rows of 1,000", tables.things?.rows ?? 0, ">=", 1_000);
  });
}

/** The numbers of the rows that an answer brings whole. */
function brought(body: Stub["calls"][number]["body"], fault: Fault | undefined): number[] {
  if (fault && ["status", "disconnect", "html200"].includes(fault.kind)) return [];
  const { content, reasoning_content: reasoning = "" } = messageTo(body, fault);
  const all = Array.from({ length: 1_000 }, (_, i) => i);
  return [...readRows({ content: content ?? "", reasoning }, ["note"], all).rows.keys()];
}

async function withHost(
  folder: string,
  options: Parameters<typeof startNemotron>[0],
  run: (host: HostProcess, stub: Stub) => Promise<void>,
): Promise<void> {
  const stub = await startNemotron(options);
  const settings = { ...modelSettings(stub), RELATA_HOME: join(folder, stub.url.replace(/\W/g, "")) };
  const host = await startHostProcess(settings);
  try {
    await run(host, stub);
  } finally {
    await host.stop();
    await stub.close();
  }
}

async function makeNotes(host: HostProcess, name: string, rows: number) {
  const { id } = await postGenerate(host.url, { name, seed: 5, referenceDate: "2026-01-01", schema: notes(rows) });
  await waitForJob(host.url, id, undefined, 600_000);
  return (await getManifest(host.url, name)) as unknown as Manifest;
}
