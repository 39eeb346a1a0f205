/**
 * The Functions host for machines without Core Tools: it loads the app, drives the real @azure/functions library,
 * and serves HTTP and Storage queue triggers.
 *
 * It is one process: there is no function timeout, no scaling, and no worker that is restarted when it crashes.
 * What else differs from the real host is said where it is done.
 */

import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { QueueServiceClient } from "@azure/storage-queue";
import { isShown, readHostSettings } from "./config.ts";
import { type Call, type Core, installCore, type RegisteredFunction } from "./core.ts";
import { type AppFunction, readFunctions } from "./functions.ts";
import { createHttpServer } from "./http.ts";
import { listenToQueue, type QueueListener } from "./queue.ts";

export interface HostOptions {
  /** Imports the app's entry file. Called once the library can find its core. */
  readonly app: () => Promise<unknown>;
  /** The parsed host.json. */
  readonly hostJson: unknown;
  /** Connection string for queue triggers on AzureWebJobsStorage. */
  readonly storage: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** How long a message is held before another host may have it. Default 600, as in the real host. */
  readonly queueLeaseSeconds?: number | undefined;
  /** Demanded by routes of authLevel "function". Without it everyone on this machine is let in, as by Core Tools. */
  readonly functionKey?: string | undefined;
  /** Takes one line a call, but for line breaks the app itself logs. */
  readonly log: (line: string) => void;
}

interface Registration {
  readonly name: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
  readonly queueName?: string;
}

export interface Host {
  readonly url: string;
  /** The functions that run, in the order in which the app registered them. */
  readonly registrations: readonly Registration[];
  /** Ends within 7 s: requests still open after 5 s are cut off, messages still running are given back. Safe to repeat. */
  stop(): Promise<void>;
}

// Between a request to stop and the end of what is still running.
const STOP_GRACE_MS = 5000;

/**
 * Resolves when the app answers. A process can start a host again after a stop, but only with the same app: the
 * library keeps what was registered. Throws an Error with a remedy when the port is taken or the app, host.json or
 * the environment holds something that is not supported.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const settings = readHostSettings(options.hostJson, process.env);
  const leaseSeconds = options.queueLeaseSeconds ?? 600;
  if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1) throw new Error("The queue lease must be whole seconds.");

  const core = installCore();
  await options.app();
  const proxy = await core.start((level, message, name = "app") => {
    const prefix = level === "information" ? "" : `${level} `;
    if (isShown(level, settings.logLevel)) options.log(`${prefix}${name}: ${message}`);
  });
  if (core.functions.size === 0) throw new Error("The app registered no function. Import it only in HostOptions.app.");
  const { storage } = options;
  const functions = readFunctions(core.functions.values(), { settings, environment: process.env, storage });
  if (!proxy) throw new Error("The app must call app.setup({ enableHttpStream: true }); only streaming is supported.");

  const listeners: QueueListener[] = [];
  // What has just ended is the likeliest sender of the next message; the real host knows of its output bindings only.
  const wake = () => {
    for (const listener of listeners) listener.wake();
  };
  const invoke = (target: RegisteredFunction, call: Call) => run(core, target, call, options.log);
  const server = createHttpServer({
    functions: functions.filter((candidate) => candidate.kind === "http"),
    proxy,
    functionKey: options.functionKey,
    log: options.log,
    async invoke(target, call, method) {
      await invoke(target, call).finally(() => method !== "GET" && method !== "HEAD" && wake());
    },
  });
  // Short retries: a listener has patience of its own, and a stop must not wait for the SDK's.
  const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 1000 };
  const queues = functions.flatMap((candidate) => {
    if (candidate.kind !== "queue") return [];
    return [
      { ...candidate, service: QueueServiceClient.fromConnectionString(candidate.connectionString, { retryOptions }) },
    ];
  });
  await core.runHooks("appStart");
  await listen(server, options.port);
  for (const { service, queueName, target } of queues) {
    const listener = listenToQueue({
      ...{ service, queueName, leaseSeconds, settings: settings.queues, log: options.log },
      invoke: (call) => invoke(target, call).finally(wake),
    });
    listeners.push(listener);
  }

  let stopping: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    registrations: functions.map(toRegistration),
    stop() {
      stopping ??= Promise.all([close(server), ...listeners.map((listener) => listener.stop(STOP_GRACE_MS))]).then(() =>
        core.runHooks("appTerminate"),
      );
      return stopping;
    },
  };
}

async function run(core: Core, target: RegisteredFunction, call: Call, log: (line: string) => void): Promise<void> {
  try {
    await core.invoke(target, call);
  } catch (error) {
    const where = error instanceof Error ? /\n\s+(at .*)/.exec(error.stack ?? "")?.[1] : undefined;
    log(`error ${target.name}: ${String(error).split("\n")[0]}${where ? ` ${where}` : ""}`);
    throw error;
  }
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    const other = port < 65_535 ? port + 1 : 7071;
    throw new Error(`Port ${port} is in use by another program. Stop it, or choose another with PORT=${other}.`);
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection that becomes idle only now is not closed by itself.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const late = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

function toRegistration(found: AppFunction): Registration {
  const { name } = found.target;
  if (found.kind === "queue") return { name, queueName: found.queueName };
  return { name, route: found.template, methods: found.methods, authLevel: found.authLevel };
}
