/** Rows whose parent is missing end a load, in the same words wherever they are found. */
import { JobFailure } from "../dataset/errors.ts";
import type { Orphans } from "./target.ts";

/** @throws JobFailure naming the first orphan's line and key, unless there is none. */
export function refuseOrphans(table: string, { count, first }: Orphans): void {
  if (count === 0) return;
  const rows = count === 1 ? "1 row has" : `${count} rows have`;
  const where = first ? `.csv line ${first.line}: ${first.constraint}` : ": a row that was there before";
  throw new JobFailure("load-orphan", `${table}${where} finds no parent (${rows} none).`);
}
