/** Storage errors end here: an unreachable or overloaded service becomes Unavailable, the rest stays what it is. */
import { RelataError, Unavailable } from "../dataset/errors.ts";

/** The HTTP status of a storage error; undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === "number" ? status : undefined;
}

const OVERLOADED = 429;

/** Runs a storage call; throws Unavailable when no answer came, the service failed or is overloaded. */
export async function reach<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof RelataError) throw error;
    const status = statusOf(error);
    if (status !== undefined && status < 500 && status !== OVERLOADED) throw error;
    throw new Unavailable("Storage can't be reached at the moment. Ask again later.", error);
  }
}

/** Runs a storage call whose refusals with one of these statuses are an answer, not an error. */
export async function unless<T, U>(statuses: readonly number[], call: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await reach(call);
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return otherwise;
    throw error;
  }
}

/**
 * Few and quick: a caller over HTTP shall hear 503 within seconds, and a worker's message comes back
 * by itself. A try is given a minute, enough for a block on a slow line.
 */
export const RETRIES = { tries: 3, delayMs: 200, maxDelayMs: 2_000, tryTimeoutMs: 60_000 };
