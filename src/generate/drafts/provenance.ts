/** Where each text cell came from: counted for the manifest, and run by run for the file beside the CSV. */
import type { OriginCounts } from "../../dataset/chunk.ts";
import { ORIGIN_NAMES } from "../../dataset/pool.ts";

/** By field: where each cell of some rows comes from, as places in ORIGIN_NAMES. */
type Origins = ReadonlyMap<string, Uint8Array>;

export function countOrigins(origins: Origins): OriginCounts {
  const counted = [...origins].map(([field, places]): [string, Record<string, number>] => {
    const counts: Record<string, number> = {};
    for (const [name, rows] of runs(places)) counts[name] = (counts[name] ?? 0) + rows;
    return [field, counts];
  });
  return Object.fromEntries(counted);
}

/** A line of JSON a field: the first row, and runs of rows with the same origin, as [origin, rows]. */
export function provenanceLines(first: number, origins: Origins): string {
  const lines = [...origins].map(([field, places]) => JSON.stringify({ field, first, runs: runs(places) }));
  return lines.map((line) => `${line}\n`).join("");
}

/** [1, 1, 1, 2] as [["repaired", 3], ["pool", 1]]. */
function runs(places: Uint8Array): [origin: string, rows: number][] {
  const found: [string, number][] = [];
  for (let start = 0, i = 1; i <= places.length; i++) {
    if (i < places.length && places[i] === places[start]) continue;
    found.push([ORIGIN_NAMES[places[start] as number] as string, i - start]);
    start = i;
  }
  return found;
}
