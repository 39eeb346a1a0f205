/** Paged lists: `?limit=&after=` in, `{value, nextLink?}` out. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { Malformed } from "../dataset/errors.ts";
import type { Page } from "../dataset/world.ts";
import { queryOf } from "./url.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The page asked for. Throws Malformed. */
export function readPage(request: HttpRequest): Page {
  const text = queryOf(request).get("limit");
  const limit = text === null ? DEFAULT_LIMIT : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new Malformed("bad-limit", `limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  return { limit, after: queryOf(request).get("after") ?? undefined };
}

/** The list, with the link to the next page where there is one. */
export function listResponse(
  request: HttpRequest,
  value: readonly object[],
  next: string | undefined,
): HttpResponseInit {
  if (next === undefined) return { jsonBody: { value } };
  const url = new URL(request.url);
  url.searchParams.set("after", next);
  return { jsonBody: { value, nextLink: url.href } };
}
