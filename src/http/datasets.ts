/** GET /datasets and /datasets/{name}, DELETE, POST …/load: the catalogue and what can be done with a dataset. */
import { Readable } from "node:stream";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { ZipFile } from "yazl";
import { Conflict, NotFound, Unprocessable } from "../dataset/errors.ts";
import {
  type DatasetEntry,
  dataPackageBlob,
  type Job,
  jobFolder,
  loadBlob,
  loadsFolder,
  manifestBlob,
  provenanceBlob,
  tableBlob,
} from "../dataset/job.ts";
import { type LoadOptions, loadOptions } from "../dataset/load-options.ts";
import { loadRecord } from "../dataset/load-report.ts";
import { type Manifest, manifest as manifestSchema } from "../dataset/manifest.ts";
import { DATASET_NAME } from "../dataset/request.ts";
import type { World } from "../dataset/world.ts";
import { type AcceptNeeds, acceptJob, readIdempotency, repeatAnswer } from "./accept.ts";
import { faultsOf, loadFaults, parseJson, readBody } from "./body.ts";
import { listResponse, pageOf } from "./page.ts";
import { pathPart } from "./url.ts";

export function listDatasets(world: Pick<World, "listEntries">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { value, next } = await world.listEntries(pageOf(request));
    const shown = value.map(({ name, tables, rows, bytes, createdAt }) => ({ name, tables, rows, bytes, createdAt }));
    return listResponse(request, shown, next);
  };
}

/** The manifest where JSON is asked for, else everything as a zip. */
export function getDataset(world: Pick<World, "readEntry" | "readText" | "openBlob">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const entry = await readyEntry(world, request);
    const text = await world.readText(manifestBlob(entry.jobId));
    if (/\bapplication\/json\b/i.test(request.headers.get("accept") ?? "")) {
      return { headers: { "content-type": "application/json", vary: "accept" }, body: text };
    }
    const headers = {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="${entry.name}.zip"`,
      vary: "accept",
    };
    return { headers, body: Readable.toWeb(zipDataset(world, entry, text)) as ReadableStream };
  };
}

/** The zip as a stream: each file is opened when its turn comes, so memory does not grow with the dataset. */
function zipDataset(world: Pick<World, "openBlob">, entry: DatasetEntry, manifest: string): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const options = { mtime: new Date(entry.createdAt) };
  zip.on("error", (error: Error) => output.destroy(error));
  const add = (name: string, blob: string) =>
    zip.addReadStreamLazy(name, options, (callback) => {
      world.openBlob(blob).then(
        (stream) => callback(null, Readable.from(stream)),
        (error: unknown) => callback(error, Readable.from([])),
      );
    });
  zip.addBuffer(Buffer.from(manifest), "manifest.json", options);
  add("datapackage.json", dataPackageBlob(entry.jobId));
  for (const table of entry.tables) add(`${table}.csv`, tableBlob(entry.jobId, table));
  for (const table of draftedTables(manifest)) add(`${table}.provenance.jsonl`, provenanceBlob(entry.jobId, table));
  zip.end();
  return output;
}

/** Tables with text that a model was asked for. */
function draftedTables(manifest: string): Set<string> {
  const { fields = {} } = manifestSchema.parse(JSON.parse(manifest)).text;
  return new Set(Object.keys(fields).map((path) => path.slice(0, path.indexOf("."))));
}

/** The entry goes first, so that nobody sees a dataset without its files. */
export function deleteDataset(world: Pick<World, "readEntry" | "deleteEntry" | "deleteBlobs">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const entry = await findEntry(world, request);
    if (!entry) throw noDataset();
    if (entry.state === "writing") {
      throw new Conflict(
        "dataset-in-use",
        "A job is writing this dataset; cancel the job, or delete it when it has ended.",
      );
    }
    if (!(await world.deleteEntry(entry))) throw noDataset();
    await world.deleteBlobs(jobFolder(entry.jobId));
    return { status: 204 };
  };
}

/** A job of kind `load` for a finished dataset. */
export function postLoad(
  world: AcceptNeeds & Pick<World, "readEntry" | "readText" | "checkLoad" | "now" | "newJobId">,
  bodyBytes: number,
) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const body = await readBody(request, bodyBytes);
    const idempotency = await readIdempotency(world, request, body);
    if (idempotency.used) return repeatAnswer(world, request, "load", idempotency.used);
    const load = readOptions(world, body);
    const entry = await readyEntry(world, request);
    const { tables } = await readManifest(world, entry);
    const job: Job = {
      id: world.newJobId(),
      kind: "load",
      status: "NotStarted",
      dataset: entry.name,
      createdAt: world.now().toISOString(),
      startedAt: null,
      finishedAt: null,
      phase: "load",
      tables: Object.entries(tables).map(([name, { rows }]) => ({ name, rows })),
      texts: 0,
      textsDone: 0,
      load,
      warnings: [],
      error: null,
      lastFault: null,
    };
    return acceptJob(world, request, "load", job, undefined, idempotency);
  };
}

/** An empty body asks for the defaults. Throws Unprocessable for options that are wrong or that the database lacks. */
function readOptions(world: Pick<World, "checkLoad">, body: string): LoadOptions {
  const parsed = loadOptions.safeParse(parseJson(body));
  const faults = parsed.success ? loadFaults(world.checkLoad(parsed.data), "") : faultsOf(parsed.error);
  if (!parsed.success || faults.length > 0) throw new Unprocessable(faults);
  return parsed.data;
}

/** What became of the dataset's loads, newest first. */
export function listLoads(world: Pick<World, "readEntry" | "listSaved" | "readText">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const entry = await readyEntry(world, request);
    const { limit, after = "" } = pageOf(request);
    const folder = loadsFolder(entry.jobId);
    // Ids of jobs count down, so names in order are loads newest first.
    const ids = (await world.listSaved(folder)).map((name) => name.slice(folder.length, -".json".length));
    const found = ids.filter((id) => id > after);
    const shown = found.slice(0, limit);
    const texts = await Promise.all(shown.map((id) => world.readText(loadBlob(entry.jobId, id))));
    const next = found.length > limit ? shown.at(-1) : undefined;
    return listResponse(
      request,
      texts.map((text) => loadRecord.parse(JSON.parse(text))),
      next,
    );
  };
}

/** The published dataset of the route. Throws NotFound, also while it is being written. */
export async function readyEntry(world: Pick<World, "readEntry">, request: HttpRequest): Promise<DatasetEntry> {
  const entry = await findEntry(world, request);
  if (entry?.state !== "ready") throw noDataset();
  return entry;
}

/** The route's entry. What can be no name is not asked for: storage takes a / in a key for a fault. */
async function findEntry(world: Pick<World, "readEntry">, request: HttpRequest): Promise<DatasetEntry | undefined> {
  const name = pathPart(request, 1);
  return DATASET_NAME.test(name) ? world.readEntry(name) : undefined;
}

export async function readManifest(world: Pick<World, "readText">, { jobId }: DatasetEntry): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await world.readText(manifestBlob(jobId))));
}

function noDataset(): NotFound {
  return new NotFound("dataset-not-found", "There is no dataset of this name; GET /datasets lists them.");
}
