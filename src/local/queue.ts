/**
 * Queue triggers with the semantics of the Storage extension: leases renewed at half their time, bounded
 * parallelism, retries by dequeue count, poison queues, and polling that slows down when there is nothing to do.
 *
 * One difference is meant: on stop, messages still running after the grace are given back at once, so that the next
 * start need not wait for their leases to run out.
 */

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { DequeuedMessageItem, QueueClient, QueueServiceClient } from "@azure/storage-queue";
import type { QueueSettings } from "./config.ts";
import type { Call, Data } from "./core.ts";

export interface QueueListenerOptions {
  readonly service: QueueServiceClient;
  readonly queueName: string;
  readonly settings: QueueSettings;
  readonly leaseSeconds: number;
  /** Rejects when the invocation failed, and has then logged why. */
  readonly invoke: (call: Call) => Promise<void>;
  readonly log: (line: string) => void;
}

export interface QueueListener {
  /** Says that a message may have been sent: the next look comes at the shortest interval. */
  wake(): void;
  /** Takes no more messages, gives the running ones `graceMs` to end, and cuts all calls to storage. */
  stop(graceMs: number): Promise<void>;
}

/** A message this process holds. Its calls never reject: what storage refuses is logged, and redelivery mends it. */
interface Lease {
  /** Ends the renewal. The calls below come after it. */
  end(): Promise<void>;
  remove(): Promise<void>;
  /** Makes the message visible again after so many seconds. */
  giveBack(seconds: number): Promise<void>;
}

const MIN_POLLING_MS = 100;
const POISON = "-poison";

export function listenToQueue(options: QueueListenerOptions): QueueListener {
  const { queueName, settings, log } = options;
  const queue = options.service.getQueueClient(queueName);
  const running = new Map<Lease, Promise<void>>();
  const stopped = Promise.withResolvers<void>();
  const cut = new AbortController();
  let stopping = false;
  let nap = new AbortController();
  let pauseMs = MIN_POLLING_MS;
  let failing = false;

  async function receive(): Promise<DequeuedMessageItem[]> {
    try {
      const received = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: options.leaseSeconds,
        abortSignal: cut.signal,
      });
      if (failing) log(`queue ${queueName}: storage answers again`);
      failing = false;
      return received.receivedMessageItems;
    } catch (error) {
      // A trigger waits for its queue, it does not create it.
      if (statusOf(error) === 404 || cut.signal.aborted) return [];
      if (!failing) log(`warning queue ${queueName}: can't receive, trying again: ${messageOf(error)}`);
      failing = true;
      return [];
    }
  }

  async function poll(): Promise<void> {
    while (!stopping) {
      const messages = await receive();
      for (const message of messages) {
        const lease = holdLease(options, queue, message, cut.signal);
        const work = stopping ? lease.end().then(() => lease.giveBack(0)) : handleMessage(options, message, lease);
        running.set(lease, work);
        work.finally(() => running.delete(lease));
      }
      if (messages.length === 0) await rest();
      else pauseMs = MIN_POLLING_MS;
      while (running.size > settings.newBatchThreshold && !stopping) {
        await Promise.race([stopped.promise, ...running.values()]);
      }
    }
  }

  /** Each rest is about twice as long as the one before; the chance in it keeps listeners out of step. */
  async function rest(): Promise<void> {
    const pause = pauseMs;
    pauseMs = Math.min(pause * (1.6 + 0.8 * Math.random()), settings.maxPollingIntervalMs);
    nap = new AbortController();
    await delay(MIN_POLLING_MS);
    if (!stopping) await delay(pause - MIN_POLLING_MS, undefined, { signal: nap.signal }).catch(() => {});
  }

  const polling = poll();
  return {
    wake() {
      pauseMs = MIN_POLLING_MS;
      nap.abort();
    },
    async stop(graceMs) {
      stopping = true;
      stopped.resolve();
      nap.abort();
      await within(1000, polling);
      await within(graceMs, Promise.all(running.values()));
      await within(1000, Promise.all([...running.keys()].map((lease) => lease.end().then(() => lease.giveBack(0)))));
      cut.abort();
      await polling;
    },
  };
}

/** Runs one message to its end: removed, retried later, or moved to the poison queue. Never rejects. */
async function handleMessage(options: QueueListenerOptions, message: DequeuedMessageItem, lease: Lease): Promise<void> {
  const { queueName, settings } = options;
  // A poison queue has none of its own: what fails there stays for its lease, then is tried again, for ever.
  const last = !queueName.endsWith(POISON) && message.dequeueCount >= settings.maxDequeueCount;
  const text = decode(message.messageText, settings.messageEncoding);
  let outcome: "done" | "failed" | "poison" = "poison";
  if (text !== undefined && !(last && message.dequeueCount > settings.maxDequeueCount)) {
    const call = { id: randomUUID(), input: { string: text }, metadata: metadataOf(message, text) };
    outcome = await options.invoke(call).then(
      () => "done",
      () => (last ? "poison" : "failed"),
    );
  }
  await lease.end();
  if (outcome === "done") return lease.remove();
  if (queueName.endsWith(POISON)) return;
  if (outcome === "failed") return lease.giveBack(settings.visibilityTimeoutSeconds);
  const reason = text === undefined ? "is not base64" : `failed ${settings.maxDequeueCount} times`;
  options.log(`warning queue ${queueName}: message ${message.messageId} ${reason}, moved to ${queueName}${POISON}`);
  const moved = await moveToPoison(options, message);
  if (moved) await lease.remove();
}

async function moveToPoison(options: QueueListenerOptions, message: DequeuedMessageItem): Promise<boolean> {
  try {
    const poison = options.service.getQueueClient(options.queueName + POISON);
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText, { messageTimeToLive: -1 });
    return true;
  } catch (error) {
    options.log(`warning queue ${options.queueName}: can't write the poison queue: ${messageOf(error)}`);
    return false;
  }
}

function holdLease(
  options: QueueListenerOptions,
  queue: QueueClient,
  message: DequeuedMessageItem,
  abortSignal: AbortSignal,
): Lease {
  let receipt = message.popReceipt;
  let renewal = Promise.resolve();
  const attempt = async (what: string, call: () => Promise<unknown>) => {
    try {
      await call();
    } catch (error) {
      // Gone, or held by another since: the lease ran out, and that other one finishes the message.
      const lost = statusOf(error) === 404 || statusOf(error) === 400;
      if (lost) clearInterval(timer);
      else if (!abortSignal.aborted) {
        options.log(`warning queue ${options.queueName}: can't ${what} ${message.messageId}: ${messageOf(error)}`);
      }
    }
  };
  const show = async (seconds: number) => {
    const updated = await queue.updateMessage(message.messageId, receipt, undefined, seconds, { abortSignal });
    receipt = updated.popReceipt ?? receipt;
  };
  const timer = setInterval(() => {
    renewal = renewal.then(() => attempt("renew the lease of", () => show(options.leaseSeconds)));
  }, options.leaseSeconds * 500);
  return {
    end() {
      clearInterval(timer);
      return renewal;
    },
    remove: () => attempt("delete", () => queue.deleteMessage(message.messageId, receipt, { abortSignal })),
    giveBack: (seconds) => attempt("give back", () => show(seconds)),
  };
}

function metadataOf(message: DequeuedMessageItem, text: string): Record<string, Data> {
  const json = (value: unknown) => ({ json: JSON.stringify(value) });
  return {
    QueueTrigger: { string: text },
    Id: json(message.messageId),
    DequeueCount: json(message.dequeueCount),
    PopReceipt: json(message.popReceipt),
    InsertionTime: json(message.insertedOn),
    ExpirationTime: json(message.expiresOn),
    NextVisibleTime: json(message.nextVisibleOn),
  };
}

/** The message's text, or undefined when it is not in the encoding it should be in. */
function decode(text: string, encoding: QueueSettings["messageEncoding"]): string | undefined {
  if (encoding === "none") return text;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes.toString("utf8") : undefined;
}

/** Waits for the work, but no longer than this. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, delay(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

function messageOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  // The SDK puts the whole answer into its message; the first line says what it is.
  return [code, message?.split("\n")[0]].filter(Boolean).join(" ") || String(error);
}
