/** Storage queues: messages are JSON, base64 as the Functions host expects (its SDK counterpart does not encode). */
import { QueueServiceClient } from "@azure/storage-queue";
import { QUEUES, type QueueName } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import { RETRIES, reach } from "./faults.ts";

type Queues = Pick<World, "send"> & {
  /** Creates the queues and their poison queues when missing: a trigger never creates its own. */
  createQueues(): Promise<void>;
};

export function connectQueues(connectionString: string): Queues {
  const service = QueueServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: RETRIES.tries, retryDelayInMs: RETRIES.delayMs, maxRetryDelayInMs: RETRIES.maxDelayMs },
  });
  const clients = new Map(QUEUES.map((name) => [name, service.getQueueClient(name)]));
  return {
    createQueues: async () => {
      const names = QUEUES.flatMap((name) => [name, `${name}-poison`]);
      await Promise.all(names.map((name) => reach(() => service.getQueueClient(name).createIfNotExists())));
    },
    send: async (queue: QueueName, message) => {
      const text = Buffer.from(JSON.stringify(message)).toString("base64");
      // -1: never expires, so a job that waits for a week is still done.
      await reach(() =>
        (clients.get(queue) as NonNullable<ReturnType<typeof clients.get>>).sendMessage(text, {
          messageTimeToLive: -1,
        }),
      );
    },
  };
}
