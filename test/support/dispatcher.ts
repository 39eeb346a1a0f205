/**
 * The stories without a host: a real world (Azurite, SQLite), real queues, and a loop that delivers
 * messages the way the host does, so that a test can decide which delivery fails, repeats or waits.
 */
import { HttpRequest, InvocationContext } from "@azure/functions";
import { QueueServiceClient } from "@azure/storage-queue";
import { chunkMessage, jobMessage, loadMessage, QUEUES, type QueueName } from "../../src/dataset/job.ts";
import type { World } from "../../src/dataset/world.ts";
import { makeChunk } from "../../src/worker/chunk.ts";
import { startJob } from "../../src/worker/drafts.ts";
import { runStep } from "../../src/worker/failure.ts";
import { finishJob } from "../../src/worker/finish.ts";
import { loadJob } from "../../src/worker/load.ts";
import { keepPlans, type OpenPlans } from "../../src/worker/plans.ts";

/** What the jobs of these tests may ask of a model. */
export const MODEL_LIMITS = { ownTexts: 2_000, modelCalls: 100, modelTokens: 1_000_000 };

/** A message as it lies in a queue. */
export interface Delivery {
  queue: QueueName;
  message: unknown;
}

/** Runs the story that belongs to a message. */
export async function deliver(world: World, openPlan: OpenPlans, { queue, message }: Delivery): Promise<void> {
  const { job } = jobMessage.loose().parse(message);
  const steps: Record<QueueName, () => Promise<void>> = {
    drafts: () => startJob(world, job, MODEL_LIMITS),
    chunks: () => makeChunk(world, openPlan, chunkMessage.parse(message), () => {}),
    finish: () => finishJob(world, openPlan, job),
    load: () => loadJob(world, loadMessage.parse(message)),
  };
  await runStep(world, job, steps[queue]);
}

export interface Disorder {
  /** The order in which the messages found together are delivered; default as found. */
  shuffle?: (deliveries: Delivery[]) => Delivery[];
  /** How often each message is delivered before it is deleted; default once. */
  times?: number;
}

/** Delivers messages until all queues are empty; one whose delivery throws is delivered again. */
export async function drain(storage: string, world: World, disorder: Disorder = {}): Promise<void> {
  const { shuffle = (all) => all, times = 1 } = disorder;
  const service = QueueServiceClient.fromConnectionString(storage);
  const openPlan = keepPlans(world);
  for (;;) {
    const found: (Delivery & { done: () => Promise<unknown> })[] = [];
    for (const queue of QUEUES) {
      const client = service.getQueueClient(queue);
      const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 600 });
      for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
        const message: unknown = JSON.parse(Buffer.from(messageText, "base64").toString());
        found.push({ queue, message, done: () => client.deleteMessage(messageId, popReceipt) });
      }
    }
    if (found.length === 0) return;
    for (const delivery of shuffle(found) as typeof found) {
      for (let time = 0; time < times; time++) await deliverUntilItHolds(world, openPlan, delivery);
      await delivery.done();
    }
  }
}

/** The host gives up after five; a test that fails one call a run never needs so many. */
const MOST_DELIVERIES = 5;

async function deliverUntilItHolds(world: World, openPlan: OpenPlans, delivery: Delivery): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await deliver(world, openPlan, delivery);
      return;
    } catch (error) {
      if (attempt === MOST_DELIVERIES) throw error;
    }
  }
}

/** A request as the library hands it to a handler. */
export function requestOf(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): HttpRequest {
  const url = `http://127.0.0.1:7071${path}`;
  return new HttpRequest({ method, url, headers, ...(body ? { body: { string: JSON.stringify(body) } } : {}) });
}

export const context = (): InvocationContext => new InvocationContext({ functionName: "test", logHandler: () => {} });
