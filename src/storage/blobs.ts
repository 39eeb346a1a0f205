/** Blob storage: JSON documents, written once or conditionally, and CSV files put together from blocks. */
import { BlobServiceClient, type ContainerClient, RestError } from "@azure/storage-blob";
import { NotFound } from "../dataset/errors.ts";
import type { World } from "../dataset/world.ts";
import { RETRIES, reach, statusOf, unless } from "./faults.ts";

const CONTAINER = "relata";

/** Deletions under way at once. */
const DELETE_PARALLEL = 8;

type SavedFunctions = Pick<World, "readSaved" | "writeSaved" | "deleteSaved" | "listSaved">;
type Blobs = SavedFunctions &
  Pick<World, "writeOnce" | "readText" | "stageBlock" | "commitBlocks" | "openBlob" | "deleteBlobs" | "ping"> & {
    /** Creates the container when it is missing. */
    createContainer(): Promise<void>;
  };

export function connectBlobs(connectionString: string): Blobs {
  const service = BlobServiceClient.fromConnectionString(connectionString, {
    retryOptions: {
      maxTries: RETRIES.tries,
      retryDelayInMs: RETRIES.delayMs,
      maxRetryDelayInMs: RETRIES.maxDelayMs,
      tryTimeoutInMs: RETRIES.tryTimeoutMs,
    },
  });
  const container = service.getContainerClient(CONTAINER);
  const block = (name: string) => container.getBlockBlobClient(name);
  return {
    createContainer: async () => void (await reach(() => container.createIfNotExists())),
    ping: async () => void (await reach(() => container.exists())),
    writeOnce: async (name, json) => {
      const bytes = Buffer.from(json);
      const options = { conditions: { ifNoneMatch: "*" }, blobHTTPHeaders: JSON_HEADERS };
      await unless(EXISTS, () => block(name).upload(bytes, bytes.length, options), undefined);
    },
    readText: async (name) => (await readOrNotFound(name, () => block(name).downloadToBuffer())).toString("utf8"),
    stageBlock: async (name, chunk, bytes) => {
      await reach(() => block(name).stageBlock(blockId(chunk), bytes, bytes.length));
    },
    commitBlocks: async (name, chunks) => {
      const ids = Array.from({ length: chunks }, (_, chunk) => blockId(chunk));
      const blobHTTPHeaders = { blobContentType: "text/csv; charset=utf-8" };
      const options = { conditions: { ifNoneMatch: "*" }, blobHTTPHeaders };
      await unless(EXISTS, () => block(name).commitBlockList(ids, options), undefined);
    },
    openBlob: async (name, offset, count) => {
      const answer = await readOrNotFound(name, () =>
        block(name).download(offset, count, { maxRetryRequests: RETRIES.tries }),
      );
      return answer.readableStreamBody as NodeJS.ReadableStream as unknown as AsyncIterable<Uint8Array>;
    },
    deleteBlobs: async (prefix) => {
      const names = await reach(() => Array.fromAsync(container.listBlobsFlat({ prefix }), ({ name }) => name));
      for (let first = 0; first < names.length; first += DELETE_PARALLEL) {
        const some = names.slice(first, first + DELETE_PARALLEL);
        await reach(() => Promise.all(some.map((name) => block(name).deleteIfExists())));
      }
    },
    ...savedFunctions(container),
  };
}

/** Documents that change: each write and deletion names the state that it was decided on. */
function savedFunctions(container: ContainerClient): SavedFunctions {
  const block = (name: string) => container.getBlockBlobClient(name);
  return {
    readSaved: async (name) => {
      const answer = await unless([NOT_FOUND], () => block(name).download(), undefined);
      if (!answer) return undefined;
      const stream = answer.readableStreamBody as unknown as AsyncIterable<Uint8Array>;
      const pieces = await reach(() => Array.fromAsync(stream));
      return { text: Buffer.concat(pieces).toString("utf8"), tag: answer.etag as string };
    },
    writeSaved: async (name, json, before) => {
      const bytes = Buffer.from(json);
      const conditions = before ? { ifMatch: before.tag } : { ifNoneMatch: "*" };
      const upload = () => block(name).upload(bytes, bytes.length, { conditions, blobHTTPHeaders: JSON_HEADERS });
      return (await unless(EXISTS, upload, undefined)) !== undefined;
    },
    deleteSaved: async (name, { tag }) => {
      const deletion = () => block(name).delete({ conditions: { ifMatch: tag } });
      // 404: gone a moment after it was read, most likely by this very call, which the SDK repeats when an answer is lost.
      return (await unless([CHANGED], () => unless([NOT_FOUND], deletion, undefined), false)) !== false;
    },
    listSaved: async (prefix) => {
      const names = await reach(() => Array.fromAsync(container.listBlobsFlat({ prefix }), ({ name }) => name));
      return names.sort();
    },
  };
}

const JSON_HEADERS = { blobContentType: "application/json" };

const NOT_FOUND = 404;
const CHANGED = 412;

/** Two answers to `If-None-Match: *` when the blob is there: 409 from uploads, 412 from some services. */
const EXISTS = [409, 412];

/** All ids of a blob must have one length; base64 of eight digits numbers 50,000 blocks with room to spare. */
function blockId(chunk: number): string {
  return Buffer.from(String(chunk).padStart(8, "0")).toString("base64");
}

async function readOrNotFound<T>(name: string, call: () => Promise<T>): Promise<T> {
  try {
    return await reach(call);
  } catch (error) {
    if (error instanceof RestError && statusOf(error) === NOT_FOUND) {
      throw new NotFound("blob-not-found", `${name.split("/").at(-1)} is not there any more.`);
    }
    throw error;
  }
}
