/**
 * The request's URL, read from the URL itself: the library's `params` miss values that look like
 * numbers or booleans on the real host, and its `query` forgets repeated names.
 */
import type { HttpRequest } from "@azure/functions";
import { Malformed } from "../dataset/errors.ts";

/** Part number `place` of the path, 0-based, decoded: 1 of /datasets/spring-demo is "spring-demo". Throws Malformed. */
export function pathPart(request: HttpRequest, place: number): string {
  try {
    return decodeURIComponent(new URL(request.url).pathname.split("/")[place + 1] ?? "");
  } catch {
    throw new Malformed("malformed-path", "The path has a % that starts no valid escape.");
  }
}

export function queryOf(request: HttpRequest): URLSearchParams {
  return new URL(request.url).searchParams;
}

/** Query keys of any call: the host takes a key by these. */
const HOST_KEYS = ["code", "clientId"];

/**
 * Throws Malformed for a query key that the call doesn't have, and for one that is there twice: a misspelled one or
 * the second would do nothing, without a word.
 */
export function demandKnownQuery(request: HttpRequest, known: readonly string[]): void {
  const keys = [...queryOf(request).keys()];
  const unknown = [...new Set(keys)].filter((key) => ![...known, ...HOST_KEYS].includes(key));
  if (unknown.length > 0) {
    const remedy = known.length > 0 ? `it has ${known.join(", ")}` : "it has none; remove it";
    throw new Malformed("unknown-query-key", `This call has no query key ${unknown.join(", ")}; ${remedy}.`);
  }
  const repeated = known.filter((key) => keys.indexOf(key) !== keys.lastIndexOf(key));
  if (repeated.length === 0) return;
  throw new Malformed("repeated-query-key", `The query has ${repeated.join(", ")} more than once; give each once.`);
}

/** Scheme, host and port by which the client reached us. */
export function originOf(request: HttpRequest): string {
  return new URL(request.url).origin;
}
