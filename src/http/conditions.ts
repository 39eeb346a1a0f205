/** Conditional requests (RFC 9110, 13): entity tags from contents, and the headers that name them. */
import { createHash } from "node:crypto";
import type { HttpRequest } from "@azure/functions";
import { PreconditionFailed } from "../dataset/errors.ts";

/** The strong tag of a body: equal tags, equal bytes. */
export function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}

/** True when If-None-Match lists the tag or is *; W/ makes no difference there. */
export function isListed(header: string | null, etag: string): boolean {
  return tagsOf(header).some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}

/**
 * Refuses a change whose If-Match or If-None-Match does not hold for what is there (`etag`; undefined
 * when nothing is). Throws PreconditionFailed.
 */
export function demandPreconditions({ headers }: HttpRequest, etag: string | undefined): void {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null && !tagsOf(ifMatch).some((tag) => etag !== undefined && (tag === "*" || tag === etag))) {
    throw new PreconditionFailed(
      "If-Match does not name the present state; GET it, look at the change, and try again.",
    );
  }
  if (etag !== undefined && isListed(headers.get("if-none-match"), etag)) {
    throw new PreconditionFailed("If-None-Match forbids it: there is one of this name already.");
  }
}

function tagsOf(header: string | null): string[] {
  return header?.trim().split(/\s*,\s*/) ?? [];
}
