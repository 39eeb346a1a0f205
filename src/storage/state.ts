/**
 * Job state in Table storage.
 *
 * Jobs, dataset entries and idempotency keys share one partition, so that a job and its dataset's
 * name change together or not at all: that one transaction is what accepts, publishes and cancels.
 * Chunk records have a partition a job. Documents are kept as JSON; zod reads them back.
 */
import { odata, TableClient, type TransactionAction } from "@azure/data-tables";
import { chunkRecord } from "../dataset/chunk.ts";
import { datasetEntry, type Job, job as jobSchema } from "../dataset/job.ts";
import type { UsedKey, World } from "../dataset/world.ts";
import { RETRIES, reach, statusOf, unless } from "./faults.ts";

const STATE_TABLE = "relata";
const CHUNK_TABLE = "relatachunks";
const PARTITION = "state";
const JOB = "job:";
const DATASET = "dataset:";
const KEY = "key:";

/** Most entities a transaction takes. */
const BATCH = 100;

const NOT_FOUND = [404];
const CONFLICT = 409;
const PRECONDITION_FAILED = 412;

/** A property holds 32,768 characters; a document is cut into as many as it needs (an entity holds 1 MiB). */
const PIECE = 30_000;

/** An entity as it is kept; its document is in the properties document0, document1, … */
type Entity = {
  partitionKey: string;
  rowKey: string;
  status?: string;
  etag?: string;
  [piece: `document${number}`]: string;
};

type JobFunctions = Pick<World, "acceptJob" | "readKey" | "readJob" | "changeJob" | "listJobs">;
type EntryFunctions = Pick<World, "readEntry" | "listEntries" | "deleteEntry">;
type ChunkFunctions = Pick<World, "recordChunk" | "listChunks" | "markGroup" | "deleteChunks">;
type State = JobFunctions & EntryFunctions & ChunkFunctions & { createTables(): Promise<void> };

export function connectState(connectionString: string): State {
  const options = {
    // Azurite on this machine speaks HTTP; an account in Azure is always reached by HTTPS.
    allowInsecureConnection: /http:\/\/|UseDevelopmentStorage=true/i.test(connectionString),
    retryOptions: {
      maxRetries: RETRIES.tries - 1,
      retryDelayInMs: RETRIES.delayMs,
      maxRetryDelayInMs: RETRIES.maxDelayMs,
    },
  };
  const state = TableClient.fromConnectionString(connectionString, STATE_TABLE, options);
  const chunks = TableClient.fromConnectionString(connectionString, CHUNK_TABLE, options);
  return {
    createTables: async () => {
      await Promise.all([state, chunks].map((table) => reach(() => table.createTable())));
    },
    ...jobFunctions(state),
    ...entryFunctions(state),
    ...chunkFunctions(chunks),
  };
}

function jobFunctions(state: TableClient): JobFunctions {
  const readKey: State["readKey"] = async (hash) => {
    const found = await read(state, KEY + hash);
    return found && (readDocument(found) as UsedKey);
  };
  return {
    readKey,
    acceptJob: async (job, entry, key) => {
      const actions: TransactionAction[] = [["create", jobEntity(job)]];
      if (entry) actions.push(["create", documentEntity(DATASET + entry.name, entry)]);
      if (key) actions.push(["create", documentEntity(KEY + key.hash, key)]);
      try {
        await reach(() => state.submitTransaction(actions));
        return "accepted";
      } catch (error) {
        if (statusOf(error) !== CONFLICT) throw error;
        return key && (await readKey(key.hash)) ? "key" : "name";
      }
    },
    readJob: async (id) => {
      const found = await read(state, JOB + id);
      return found && parseJob(found);
    },
    changeJob: async (id, decide) => {
      for (;;) {
        const found = await read(state, JOB + id);
        if (!found) return undefined;
        const before = parseJob(found);
        const change = decide(before);
        if (!change) return before;
        const actions: TransactionAction[] = [
          ["update", jobEntity(change.job), "Replace", { etag: found.etag as string }],
        ];
        if (change.entry) actions.push(["update", documentEntity(DATASET + before.dataset, change.entry), "Replace"]);
        if (change.entry === null)
          actions.push(["delete", { partitionKey: PARTITION, rowKey: DATASET + before.dataset }]);
        const isWritten = await unless([PRECONDITION_FAILED], () => state.submitTransaction(actions), undefined);
        if (isWritten) return change.job;
      }
    },
    listJobs: async ({ status, limit, after }) => {
      const only = status ? odata` and status eq ${status}` : "";
      const { entities, next } = await readPage(state, JOB, only, limit, after);
      return { value: entities.map(parseJob), next };
    },
  };
}

function entryFunctions(state: TableClient): EntryFunctions {
  const parse = (entity: Entity) => datasetEntry.parse(readDocument(entity));
  return {
    readEntry: async (name) => {
      const found = await read(state, DATASET + name);
      return found && parse(found);
    },
    listEntries: async ({ limit, after }) => {
      const { entities, next } = await readPage(state, DATASET, odata` and status eq ${"ready"}`, limit, after);
      return { value: entities.map(parse), next };
    },
    deleteEntry: async (entry) => {
      const found = await read(state, DATASET + entry.name);
      if (!found || parse(found).jobId !== entry.jobId) return false;
      const deletion = () => state.deleteEntity(PARTITION, found.rowKey, { etag: found.etag as string });
      // 404: gone a moment after it was read, most likely by this very call, which the SDK repeats when an answer is lost.
      return (await unless([PRECONDITION_FAILED], () => unless(NOT_FOUND, deletion, undefined), false)) !== false;
    },
  };
}

function chunkFunctions(chunks: TableClient): ChunkFunctions {
  const rowKey = (table: number, chunk: number) => `chunk:${digits(table, 4)}:${digits(chunk, 8)}`;
  const list = (filter: string) =>
    reach(() => Array.fromAsync(chunks.listEntities<Entity>({ queryOptions: { filter } })));
  return {
    recordChunk: async (job, record) => {
      const key = rowKey(record.table, record.chunk);
      const entity = { partitionKey: job, rowKey: key, ...writeDocument(record) };
      await reach(() => chunks.upsertEntity(entity, "Replace"));
    },
    listChunks: async (job, of) => {
      const from = of ? rowKey(of.table, of.from) : "chunk:";
      const to = of ? rowKey(of.table, of.to) : "chunk;";
      const found = await list(odata`PartitionKey eq ${job} and RowKey ge ${from} and RowKey lt ${to}`);
      return found.map((entity) => chunkRecord.parse(readDocument(entity)));
    },
    markGroup: async (job, table, group) => {
      const entity = { partitionKey: job, rowKey: `group:${digits(table, 4)}:${digits(group, 6)}` };
      await reach(() => chunks.upsertEntity(entity, "Replace"));
      return (await list(odata`PartitionKey eq ${job} and RowKey ge ${"group:"} and RowKey lt ${"group;"}`)).length;
    },
    deleteChunks: async (job) => {
      const found = await list(odata`PartitionKey eq ${job}`);
      for (let first = 0; first < found.length; first += BATCH) {
        const some = found.slice(first, first + BATCH).map(({ partitionKey, rowKey }): TransactionAction => {
          return ["delete", { partitionKey, rowKey }];
        });
        // 404: another delivery of the same message has deleted them already.
        await unless(NOT_FOUND, () => chunks.submitTransaction(some), undefined);
      }
    },
  };
}

async function read(table: TableClient, rowKey: string): Promise<Entity | undefined> {
  return unless(NOT_FOUND, () => table.getEntity<Entity>(PARTITION, rowKey), undefined);
}

/** A page of the entities whose row keys start so, in the order of their keys. */
async function readPage(table: TableClient, prefix: string, only: string, limit: number, after = "") {
  const beyond = `${prefix.slice(0, -1)};`;
  const filter = odata`PartitionKey eq ${PARTITION} and RowKey gt ${prefix + after} and RowKey lt ${beyond}` + only;
  const entities: Entity[] = [];
  await reach(async () => {
    for await (const entity of table.listEntities<Entity>({ queryOptions: { filter } })) {
      entities.push(entity);
      if (entities.length > limit) break;
    }
  });
  const hasMore = entities.length > limit;
  const shown = entities.slice(0, limit);
  return { entities: shown, next: hasMore ? shown.at(-1)?.rowKey.slice(prefix.length) : undefined };
}

function jobEntity(job: Job): Entity {
  return documentEntity(JOB + job.id, job, job.status);
}

/** `status` is a property of its own so that lists can filter by it. */
function documentEntity(
  rowKey: string,
  document: object,
  status = (document as { state?: string }).state ?? "",
): Entity {
  return { partitionKey: PARTITION, rowKey, status, ...writeDocument(document) };
}

function parseJob(entity: Entity): Job {
  return jobSchema.parse(readDocument(entity));
}

function writeDocument(document: object): Record<`document${number}`, string> {
  const text = JSON.stringify(document);
  const pieces = Math.ceil(text.length / PIECE);
  return Object.fromEntries(
    Array.from({ length: pieces }, (_, n) => [`document${n}`, text.slice(n * PIECE, (n + 1) * PIECE)]),
  );
}

function readDocument(entity: Entity): unknown {
  let text = "";
  for (let n = 0; `document${n}` in entity; n++) text += entity[`document${n}`];
  return JSON.parse(text);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
