/**
 * A load's story: the CSVs of a finished dataset into SQL tables, proven or refused.
 *
 * Everything is one transaction of the target: stage all files (their hashes must be the manifest's),
 * make the tables, insert parents before children where references run in no circle, look for orphans, count what is there, commit. A
 * load that has been done is recognised and not repeated; one that fails or dies changes nothing.
 */
import { createHash, type Hash } from "node:crypto";
import { JobFailure } from "../dataset/errors.ts";
import type { LoadReport } from "../dataset/load-report.ts";
import type { Manifest, ManifestTable } from "../dataset/manifest.ts";
import type { Table } from "../dataset/schema.ts";
import { readCsv } from "./csv-read.ts";
import type { Row, SqlLoad, SqlTarget } from "./target.ts";

export interface LoadInput {
  manifest: Manifest;
  /** The bytes of a table's CSV file. */
  open: (table: string) => Promise<AsyncIterable<Uint8Array>>;
  /** Default: the clock. */
  now?: () => Date;
  /** Told each step that is done. */
  log?: (text: string) => void;
}

/**
 * Loads a dataset, replacing what an earlier load of the same name left. Safe to repeat: the same
 * files over tables that still stand are `alreadyLoaded`, with nothing read and only `total` not 0.
 * @throws JobFailure when a file is not the manifest's, or a row has a bad value, an orphan, a repeated
 * key or breaks a check; it names table, rule and first line.
 * @throws Unavailable when another load is running.
 */
export async function loadDataset(target: SqlTarget, input: LoadInput): Promise<LoadReport> {
  const { manifest, now = () => new Date(), log = () => {} } = input;
  const started = now();
  const load = await target.begin(manifest.name, manifest.schema);
  try {
    const alreadyLoaded = await stands(load, manifest);
    const moved = alreadyLoaded ? new Map<string, Counts>() : await replace(load, input);
    const tables: LoadReport["tables"] = {};
    for (const [name, { rows, sha256 }] of Object.entries(manifest.tables)) {
      const proof = await load.proof(name);
      demandCount(name, rows, proof.total, "in the table");
      tables[name] = { ...(moved.get(name) ?? NOTHING), ...proof };
      if (!alreadyLoaded) await load.log(name, sha256, rows, started);
    }
    await load.commit();
    const seconds = (now().getTime() - started.getTime()) / 1000;
    log(alreadyLoaded ? "loaded before, nothing to do" : "committed");
    return { target: target.kind, database: target.database, alreadyLoaded, tables, orphans: 0, seconds };
  } finally {
    await load.close();
  }
}

interface Counts {
  csv: number;
  staged: number;
  inserted: number;
}

const NOTHING: Counts = { csv: 0, staged: 0, inserted: 0 };

/** True when an earlier load of these very files left these very tables, and their rows are still there. */
async function stands(load: SqlLoad, { tables }: Manifest): Promise<boolean> {
  const standing = await load.standing();
  const same = (name: string, { sha256, rows }: ManifestTable) =>
    standing.get(name)?.sha256 === sha256 && standing.get(name)?.rows === rows;
  return (
    standing.size === Object.keys(tables).length && Object.entries(tables).every(([name, table]) => same(name, table))
  );
}

async function replace(load: SqlLoad, { manifest, open, log = () => {} }: LoadInput): Promise<Map<string, Counts>> {
  const moved = new Map<string, Counts>();
  // The manifest has parents before children; in a circle of tables some child comes first and waits for the commit.
  for (const [name, expected] of Object.entries(manifest.tables)) {
    const table = manifest.schema.tables.find((table) => table.name === name) as Table;
    moved.set(name, await stage(load, table, expected, await open(name)));
    log(`staged ${expected.rows} rows of ${name}`);
  }
  await load.recreate();
  for (const [name, counts] of moved) {
    counts.inserted = await load.apply(name);
    demandCount(name, counts.csv, counts.inserted, "inserted");
    log(`inserted ${counts.inserted} rows into ${name}`);
  }
  for (const name of moved.keys()) await refuseOrphans(load, name);
  return moved;
}

async function stage(
  load: SqlLoad,
  table: Table,
  expected: ManifestTable,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Counts> {
  const hash = createHash("sha256");
  const counts = { ...NOTHING };
  counts.staged = await load.stage(table.name, counted(readCsv(hashed(bytes, hash), table), counts));
  if (hash.digest("hex") !== expected.sha256) {
    throw new JobFailure(
      "load-file-changed",
      `${table.name}.csv is not the file of the manifest: its SHA-256 differs.`,
    );
  }
  demandCount(table.name, expected.rows, counts.csv, "in the file");
  demandCount(table.name, expected.rows, counts.staged, "staged");
  return counts;
}

async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* counted(batches: AsyncIterable<Row[]>, counts: Counts): AsyncGenerator<Row[]> {
  for await (const batch of batches) {
    counts.csv += batch.length;
    yield batch;
  }
}

async function refuseOrphans(load: SqlLoad, table: string): Promise<void> {
  const { count, first } = await load.orphans(table);
  if (!first) return;
  const rows = count === 1 ? "1 row has" : `${count} rows have`;
  throw new JobFailure(
    "load-orphan",
    `${table}.csv line ${first.line}: ${first.constraint} finds no parent (${rows} none).`,
  );
}

function demandCount(table: string, expected: number, found: number, where: string): void {
  if (found === expected) return;
  throw new JobFailure("load-miscounted", `${table}: ${found} rows ${where} where there must be ${expected}.`);
}
