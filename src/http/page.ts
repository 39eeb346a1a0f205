/** Parts of long answers: lists by `?limit=&after=`, as `{value, nextLink?}`, and rows by `?offset=&limit=`. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { Malformed } from "../dataset/errors.ts";
import type { Page } from "../dataset/world.ts";
import { queryOf } from "./url.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The page asked for. Throws Malformed. */
export function pageOf(request: HttpRequest): Page {
  const limit = wholeNumber(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT);
  return { limit, after: queryOf(request).get("after") ?? undefined };
}

/** Most rows of a table in one answer. */
export const MAX_ROWS = 1_000;

/** The rows asked for by `?offset=&limit=`, from 0 and at most 1,000. Throws Malformed. */
export function rowsOf(request: HttpRequest, defaultLimit: number): { offset: number; limit: number } {
  return {
    offset: wholeNumber(request, "offset", 0, 0, Number.MAX_SAFE_INTEGER),
    limit: wholeNumber(request, "limit", defaultLimit, 1, MAX_ROWS),
  };
}

function wholeNumber(request: HttpRequest, name: string, otherwise: number, least: number, most: number): number {
  const text = queryOf(request).get(name);
  if (text === null) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Malformed(`bad-${name}`, `${name} must be a whole number from ${least} to ${most}.`);
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
