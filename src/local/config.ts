/**
 * host.json as the real host reads it: documented defaults, and every value can be overridden by a setting
 * `AzureFunctionsJobHost__<path>`, for example AzureFunctionsJobHost__extensions__queues__batchSize=4.
 */

import type { LogLevel } from "./core.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface QueueSettings {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a failed message stays invisible before it is tried again. Not the lease. */
  readonly visibilityTimeoutSeconds: number;
  readonly maxPollingIntervalMs: number;
  readonly messageEncoding: "base64" | "none";
}

export interface HostSettings {
  readonly routePrefix: string;
  readonly logLevel: LogLevel;
  readonly queues: QueueSettings;
}

const LEVELS: readonly LogLevel[] = ["trace", "debug", "information", "warning", "error", "critical", "none"];

/** True when a line of this level is shown under the given minimum. */
export function isShown(level: LogLevel, minimum: LogLevel): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(minimum);
}

/** Throws an Error that names the setting and the values it takes. */
export function readHostSettings(hostJson: unknown, environment: Environment): HostSettings {
  const read = (path: string): unknown => {
    const name = `azurefunctionsjobhost__${path.replaceAll(".", "__")}`.toLowerCase();
    const override = Object.keys(environment).find((key) => key.toLowerCase() === name);
    return override === undefined ? valueAt(hostJson, path) : environment[override];
  };
  const integer = (path: string, fallback: number, min: number, max: number): number => {
    const value = Number(read(path) ?? fallback);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new Error(`host.json: ${path} must be a whole number from ${min} to ${max}.`);
  };
  const choice = <T extends string>(path: string, fallback: T, values: readonly T[]): T => {
    const given = String(read(path) ?? fallback).toLowerCase();
    const value = values.find((candidate) => candidate === given);
    if (value !== undefined) return value;
    throw new Error(`host.json: ${path} must be one of ${values.join(", ")}.`);
  };
  const batchSize = integer("extensions.queues.batchSize", 16, 1, 32);
  return {
    routePrefix: String(read("extensions.http.routePrefix") ?? "api"),
    logLevel: choice("logging.logLevel.default", "information", LEVELS),
    queues: {
      batchSize,
      newBatchThreshold: integer("extensions.queues.newBatchThreshold", Math.floor(batchSize / 2), 0, 1000),
      maxDequeueCount: integer("extensions.queues.maxDequeueCount", 5, 1, 1_000_000),
      visibilityTimeoutSeconds: Math.round(seconds(read("extensions.queues.visibilityTimeout"), 0)),
      // 2 s is the real host's default on a developer's machine; in Azure it is a minute.
      maxPollingIntervalMs: seconds(read("extensions.queues.maxPollingInterval"), 2) * 1000,
      messageEncoding: choice("extensions.queues.messageEncoding", "base64", ["base64", "none"]),
    },
  };
}

/** Replaces each `%NAME%` by the setting of that name. `owner` opens the message when there is none. */
export function resolveNames(text: string, environment: Environment, owner: string): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = environment[name];
    if (value === undefined) throw new Error(`${owner} uses %${name}%, which is not set. Set ${name}.`);
    return value;
  });
}

function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce((inner: unknown, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** Reads .NET's `[d.]hh:mm:ss[.fff]`. "00:00:30" -> 30 */
function seconds(text: unknown, fallback: number): number {
  if (text === undefined) return fallback;
  const [, days = "0", hours, minutes, rest] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(String(text)) ?? [];
  if (rest === undefined) throw new Error(`host.json: "${text}" is not a time span like 00:00:30.`);
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest);
}
