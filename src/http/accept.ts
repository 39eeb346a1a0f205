/**
 * Accepting a job: stored together with its dataset's name and the client's idempotency key, then
 * its first message sent, then 202. A client that got no answer sends the same key again and finds
 * the job, whose message is sent once more if it has not begun.
 */
import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { Conflict, Malformed, Unprocessable } from "../dataset/errors.ts";
import { type DatasetEntry, type Job, jobFolder, type QueueName } from "../dataset/job.ts";
import type { UsedKey, World } from "../dataset/world.ts";
import { acceptedResponse, viewJob } from "./job-view.ts";
import { originOf } from "./url.ts";

/** What accepting a job needs. */
export type AcceptNeeds = Pick<World, "acceptJob" | "readKey" | "readJob" | "send" | "listChunks" | "deleteBlobs">;

/** What a key was used with before; undefined without a key or when it is new. Throws when the body differs. */
export interface Idempotency {
  readonly key: Omit<UsedKey, "job"> | undefined;
  readonly used: UsedKey | undefined;
}

const LONGEST_KEY = 255;

/** Looks the request's Idempotency-Key up. Throws Malformed for a bad key, Unprocessable for a reused one. */
export async function readIdempotency(world: AcceptNeeds, request: HttpRequest, body: string): Promise<Idempotency> {
  const given = request.headers.get("idempotency-key");
  if (given === null) return { key: undefined, used: undefined };
  if (given.trim() === "" || given.length > LONGEST_KEY) {
    throw new Malformed("bad-idempotency-key", `Idempotency-Key must have 1 to ${LONGEST_KEY} characters.`);
  }
  const hash = sha256(`${new URL(request.url).pathname}\n${given}`);
  const key = { hash, bodyHash: sha256(body) };
  const used = await world.readKey(hash);
  if (used) refuseOtherBody(used, key);
  return { key, used };
}

function refuseOtherBody(used: UsedKey, key: { bodyHash: string }): void {
  if (used.bodyHash === key.bodyHash) return;
  const message = "This Idempotency-Key was used with another body; take a new key for a new request.";
  throw new Unprocessable([{ pointer: "", code: "idempotency-key-reused", message }]);
}

/** Stores the job and sends its first message. Throws Conflict when the dataset's name is taken; the job's files are gone then. */
export async function acceptJob(
  world: AcceptNeeds,
  request: HttpRequest,
  queue: QueueName,
  job: Job,
  entry: DatasetEntry | undefined,
  { key }: Idempotency,
): Promise<HttpResponseInit> {
  const outcome = await world.acceptJob(job, entry, key && { ...key, job });
  // A transaction whose answer was lost is sent again and then meets itself: the job is there.
  const isAccepted = outcome === "accepted" || (await world.readJob(job.id)) !== undefined;
  if (!isAccepted) {
    await world.deleteBlobs(jobFolder(job.id));
    if (outcome === "name" || !key) {
      throw new Conflict(
        "dataset-exists",
        `A dataset or job called ${job.dataset} exists; choose another name or delete it.`,
      );
    }
    const used = (await world.readKey(key.hash)) as UsedKey;
    refuseOtherBody(used, key);
    return repeatAnswer(world, request, queue, used);
  }
  await world.send(queue, { job: job.id });
  return answer(world, request, job);
}

/** The first answer again; a job that has not begun gets its message again, in case the first was never sent. */
export async function repeatAnswer(
  world: AcceptNeeds,
  request: HttpRequest,
  queue: QueueName,
  { job }: UsedKey,
): Promise<HttpResponseInit> {
  const now = await world.readJob(job.id);
  if (now?.status === "NotStarted") await world.send(queue, { job: job.id });
  return answer(world, request, job);
}

async function answer(world: AcceptNeeds, request: HttpRequest, job: Job): Promise<HttpResponseInit> {
  const origin = originOf(request);
  return acceptedResponse(await viewJob(world, job, origin), job, origin);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
