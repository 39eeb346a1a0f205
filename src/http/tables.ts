/** GET and HEAD /datasets/{name}/{table}.csv: a file, with ETag, ranges and conditions (RFC 9110). */
import { Readable } from "node:stream";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { NotFound, RangeNotSatisfiable } from "../dataset/errors.ts";
import { tableBlob } from "../dataset/job.ts";
import type { World } from "../dataset/world.ts";
import { isListed } from "./conditions.ts";
import { readManifest, readyEntry } from "./datasets.ts";
import { pathPart } from "./url.ts";

/** The ETag is the file's SHA-256: the same dataset made elsewhere has the same one. */
export function getTable(world: Pick<World, "readEntry" | "readText" | "openBlob">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const entry = await readyEntry(world, request);
    const name = pathPart(request, 2).replace(/\.csv$/i, "");
    const { tables } = await readManifest(world, entry);
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (!table) {
      throw new NotFound("table-not-found", `${entry.name} has no table ${name}; it has ${entry.tables.join(", ")}.`);
    }
    const etag = `"${table.sha256}"`;
    const headers: Record<string, string> = {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}.csv"`,
      "accept-ranges": "bytes",
      "cache-control": "no-cache",
      etag,
    };
    if (isListed(request.headers.get("if-none-match"), etag)) return { status: 304, headers };
    const ifRange = request.headers.get("if-range");
    // Only GET has ranges (RFC 9110, 14.2): HEAD tells of the whole file.
    const isRanged = request.method === "GET" && (ifRange === null || ifRange === etag);
    const range = parseRange(isRanged ? request.headers.get("range") : null, table.bytes);
    const { offset, count } = range ?? { offset: 0, count: table.bytes };
    headers["content-length"] = String(count);
    if (range) headers["content-range"] = `bytes ${offset}-${offset + count - 1}/${table.bytes}`;
    const status = range ? 206 : 200;
    if (request.method === "HEAD") return { status, headers };
    const bytes = await world.openBlob(tableBlob(entry.jobId, name), offset, count);
    return { status, headers, body: Readable.toWeb(Readable.from(bytes)) as ReadableStream };
  };
}

/**
 * The one range of a Range header, or undefined for the whole file: without a header, for several
 * ranges and for what can't be read (RFC 9110 lets a server ignore those). Throws RangeNotSatisfiable.
 */
function parseRange(header: string | null, size: number): { offset: number; count: number } | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from === "") {
    const count = Math.min(Number(to), size);
    if (count === 0) throw new RangeNotSatisfiable(size);
    return { offset: size - count, count };
  }
  const offset = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < offset) return undefined;
  if (offset >= size) throw new RangeNotSatisfiable(size);
  return { offset, count: last - offset + 1 };
}
