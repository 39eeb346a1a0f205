/** Makes the clients once: an object of plain functions, all that the app can do to the world. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "./dataset/world.ts";
import { connectLoads } from "./load/connect.ts";
import { connectModel } from "./model/complete.ts";
import type { Settings } from "./settings.ts";
import { connectBlobs } from "./storage/blobs.ts";
import { connectQueues } from "./storage/queues.ts";
import { connectState } from "./storage/state.ts";

export type Outside = World & {
  /** Creates the container, queues and tables that are missing. Safe to repeat. */
  prepareStorage(): Promise<void>;
};

/** No call is made before a function is called. */
export function connect({ storage, home, model, sql }: Settings): Outside {
  const blobs = connectBlobs(storage);
  const queues = connectQueues(storage);
  const state = connectState(storage);
  return {
    ...blobs,
    ...queues,
    ...state,
    now: () => new Date(),
    newJobId: () => newJobId(Date.now(), randomBytes(5)),
    ...connectModel(model, {
      readSaved: blobs.readSaved,
      writeSaved: blobs.writeSaved,
      now: () => new Date(),
      sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
      random: Math.random,
    }),
    newSeed: () => randomBytes(6).readUIntBE(0, 6),
    ...connectLoads(sql, join(home, "sql"), { sleep: (ms) => sleep(ms), random: Math.random }),
    prepareStorage: async () => {
      await Promise.all([blobs.createContainer(), queues.createQueues(), state.createTables()]);
    },
  };
}

/** Milliseconds of a far day, from which ids count down so that the newest job sorts first. */
const FAR_MS = 2 ** 47;

/** 12 hex digits of time, counting down, and 10 at random. */
export function newJobId(nowMs: number, random: Buffer): string {
  return (FAR_MS - nowMs).toString(16).padStart(12, "0") + random.toString("hex");
}
