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

/** Scheme, host and port by which the client reached us. */
export function originOf(request: HttpRequest): string {
  return new URL(request.url).origin;
}
