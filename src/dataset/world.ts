/**
 * Everything the app can do to the world, as function types.
 *
 * `storage/` and `load/` make these functions, `outside.ts` puts them into one object, and a story
 * takes the few it needs (`Pick<World, …>`); a test passes lambdas or wraps them to fail. Each call
 * is safe to repeat with the same arguments, which is what lets every message be delivered twice.
 * All of them throw Unavailable when the other side can't be reached.
 */
import type { ChunkRecord } from "./chunk.ts";
import type { DatasetEntry, Job, JobStatus, QueueName } from "./job.ts";
import type { LoadOptions } from "./load-options.ts";
import type { LoadReport } from "./load-report.ts";
import type { Manifest } from "./manifest.ts";
import type { Allowance, Completion, Prompt } from "./model.ts";

export interface World {
  now(): Date;
  /** A new job's id. Ids sort newest first. */
  newJobId(): string;
  /** A random whole number, 0 to 2^48-1. */
  newSeed(): number;

  /** Writes a JSON text under a name once; what is there already stays. */
  writeOnce(blob: string, json: string): Promise<void>;
  /** Throws NotFound. */
  readText(blob: string): Promise<string>;
  /** Puts bytes aside as block number `chunk` of a blob that is not visible yet; the last write of a number wins. */
  stageBlock(blob: string, chunk: number, bytes: Uint8Array): Promise<void>;
  /** Makes the blob out of the blocks 0 to `chunks` - 1, unless it is there already. */
  commitBlocks(blob: string, chunks: number): Promise<void>;
  /** The bytes [offset, offset + count) of a blob, by default all. Throws NotFound. */
  openBlob(blob: string, offset?: number, count?: number): Promise<AsyncIterable<Uint8Array>>;
  /** Deletes all blobs whose names start so. */
  deleteBlobs(prefix: string): Promise<void>;

  /** A document that may change; undefined when there is none. */
  readSaved(blob: string): Promise<Saved | undefined>;
  /**
   * Writes a document if what is there is still `before` (undefined: nothing); false when it is not. A
   * write whose answer was lost may say false about itself: read again, and see whether it is yours.
   */
  writeSaved(blob: string, json: string, before: Saved | undefined): Promise<boolean>;
  /** Deletes a document if it is still this one; false when it is not. */
  deleteSaved(blob: string, before: Saved): Promise<boolean>;
  /** The names of all documents whose names start so, sorted. */
  listSaved(prefix: string): Promise<string[]>;

  /** Whether there is a model to ask. */
  hasModel(): boolean;
  /** Asks the model. Throws ModelFailure. */
  complete(prompt: Prompt, allowance: Allowance): Promise<Completion>;

  send(queue: QueueName, message: object): Promise<void>;

  /**
   * Stores a new job, with its dataset's name reserved and its idempotency key taken: all or nothing.
   * Says what stood in the way otherwise.
   */
  acceptJob(job: Job, entry: DatasetEntry | undefined, key: UsedKey | undefined): Promise<"accepted" | "name" | "key">;
  readKey(hash: string): Promise<UsedKey | undefined>;
  readJob(id: string): Promise<Job | undefined>;
  /**
   * Reads, decides, writes, and starts again when somebody else wrote in between. `decide` returns the
   * new job (and, in the same transaction, its dataset's entry: null deletes it), or undefined to leave
   * all as it is. Returns the job as it then is; undefined when there is none.
   */
  changeJob(id: string, decide: (job: Job) => JobChange | undefined): Promise<Job | undefined>;
  /** Newest first. `after` is the `next` of the page before. */
  listJobs(page: Page & { status?: JobStatus | undefined }): Promise<{ value: Job[]; next?: string | undefined }>;

  readEntry(name: string): Promise<DatasetEntry | undefined>;
  /** By name. */
  listEntries(page: Page): Promise<{ value: DatasetEntry[]; next?: string | undefined }>;
  /** Deletes the entry if it is still this one; false when it is not. */
  deleteEntry(entry: DatasetEntry): Promise<boolean>;

  recordChunk(job: string, record: ChunkRecord): Promise<void>;
  /** Records of one table's chunks [from, to), or of all tables. */
  listChunks(job: string, of?: { table: number; from: number; to: number }): Promise<ChunkRecord[]>;
  /** Marks a group of chunks as complete and counts the groups marked so far. */
  markGroup(job: string, table: number, group: number): Promise<number>;
  deleteChunks(job: string): Promise<void>;

  /** What the database can't do of what is asked for, by option. */
  checkLoad(options: LoadOptions): { option: keyof LoadOptions; message: string }[];
  /** Whether tables are to be staged one by one before `loadDataset`; false when it does all, or all is done. */
  needsStaging(load: DatasetLoad): Promise<boolean>;
  stageTable(load: DatasetLoad, table: string): Promise<void>;
  /** Loads a dataset into SQL, as a whole or not at all. */
  loadDataset(load: DatasetLoad): Promise<LoadReport>;
  /** Drops what a load that has ended without success may have staged. */
  discardLoad(id: string): Promise<void>;
  /** Throws Unavailable when storage can't be reached. */
  ping(): Promise<void>;
}

/** One load of a dataset, by the id of its job. */
export interface DatasetLoad {
  id: string;
  manifest: Manifest;
  options: LoadOptions;
  /** The bytes of a table's CSV. */
  open: (table: string) => Promise<AsyncIterable<Uint8Array>>;
  /** False once the job has been cancelled: the load then ends in the middle. */
  isWanted: () => Promise<boolean>;
  /** Told about once a second how many of a table's rows have been read; those before it have been read whole. */
  progress: (table: string, rows: number) => Promise<void>;
}

/** A document as it was read, with the storage's tag of that state. */
export interface Saved {
  text: string;
  tag: string;
}

export interface Page {
  limit: number;
  after?: string | undefined;
}

interface JobChange {
  job: Job;
  /** The dataset's entry, written in the same transaction; null deletes it. */
  entry?: DatasetEntry | null;
}

/** An idempotency key that has been used: the hash of key and route, of the body, and the first answer. */
export interface UsedKey {
  hash: string;
  bodyHash: string;
  job: Job;
}
