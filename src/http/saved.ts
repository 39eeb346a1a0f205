/**
 * Documents under names that clients choose: read, replaced and deleted, each under the conditions of
 * its request and never over a state that nobody looked at.
 */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { schemaDocument } from "../dataset/schema.ts";
import type { Saved, World } from "../dataset/world.ts";
import { demandPreconditions, etagOf, isListed } from "./conditions.ts";

/** True for what can name a saved document; storage would take a / in it for a folder. */
export function isSavedName(name: string): boolean {
  return schemaDocument.shape.name.safeParse(name).success;
}

/** 200 with the document and its ETag, or 304 when the client has it. */
export function savedResponse(request: HttpRequest, text: string): HttpResponseInit {
  const headers = { etag: etagOf(text), "cache-control": "no-cache" };
  if (isListed(request.headers.get("if-none-match"), headers.etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, body: text };
}

/** Writes the document: 201 when it is new, 200 when it replaces one. Throws PreconditionFailed. */
export async function saveDocument(
  world: Pick<World, "readSaved" | "writeSaved">,
  request: HttpRequest,
  blob: string,
  text: string,
): Promise<HttpResponseInit> {
  let before = await world.readSaved(blob);
  demandPreconditions(request, tagOf(before));
  while (!(await world.writeSaved(blob, text, before))) {
    const now = await world.readSaved(blob);
    // Our own write, whose answer was lost; or the very same document from somebody else.
    if (now?.text === text) break;
    before = now;
    demandPreconditions(request, tagOf(before));
  }
  const { origin, pathname } = new URL(request.url);
  const headers = { etag: etagOf(text), location: origin + pathname, "content-type": "application/json" };
  return { status: before ? 200 : 201, headers, body: text };
}

/** Deletes the document; false when there was none. Throws PreconditionFailed. */
export async function deleteDocument(
  world: Pick<World, "readSaved" | "deleteSaved">,
  request: HttpRequest,
  blob: string,
): Promise<boolean> {
  let saved = await world.readSaved(blob);
  if (!saved) return false;
  // Gone at the second look: deleted by us, whose answer was lost, or by somebody else; there is none either way.
  for (; saved; saved = await world.readSaved(blob)) {
    demandPreconditions(request, tagOf(saved));
    if (await world.deleteSaved(blob, saved)) break;
  }
  return true;
}

function tagOf(saved: Saved | undefined): string | undefined {
  return saved && etagOf(saved.text);
}
