/** Whole jobs to compare answers with: what differs from one run to the next is a pattern. */
import { expect } from "vitest";
import { ORIGIN } from "./world.ts";

export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const JOB_URL = /^https:\/\/relata\.example:8443\/jobs\/[0-9a-f]{22}$/;

/** The three tables of the shop with the default numbers of rows; `share` of each is done. */
export function shopTables(share: 0 | 1): Record<string, object> {
  const rows = { customers: 20, products: 20, orders: 30 };
  return Object.fromEntries(Object.entries(rows).map(([name, rows]) => [name, { rowsDone: rows * share, rows }]));
}

/** A job for the shop that has just been accepted. */
export function newShopJob(dataset: unknown): Record<string, unknown> {
  return {
    id: expect.stringMatching(/^[0-9a-f]{22}$/),
    kind: "generate",
    status: "NotStarted",
    dataset,
    createdAt: TIME,
    startedAt: null,
    finishedAt: null,
    progress: {
      phase: "draft",
      rowsDone: 0,
      rowsTotal: 70,
      tables: shopTables(0),
      texts: { done: 0, total: 40 },
    },
    warnings: [],
    error: null,
    links: {
      self: expect.stringMatching(JOB_URL),
      dataset: typeof dataset === "string" ? `${ORIGIN}/datasets/${dataset}` : expect.any(String),
    },
  };
}

/** The same job when its dataset is there. */
export function doneShopJob(dataset: string): Record<string, unknown> {
  return {
    ...newShopJob(dataset),
    status: "Succeeded",
    startedAt: TIME,
    finishedAt: TIME,
    progress: {
      phase: "done",
      rowsDone: 70,
      rowsTotal: 70,
      tables: shopTables(1),
      texts: { done: 40, total: 40 },
    },
  };
}

/** The headers of every 202. */
export const ACCEPTED = {
  "content-type": "application/json",
  location: expect.stringMatching(JOB_URL),
  "operation-location": expect.stringMatching(JOB_URL),
  "retry-after": "1",
};
