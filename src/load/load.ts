/**
 * A load's story: the CSVs of a finished dataset into SQL tables, proven or refused.
 *
 * Stage every file (its hash must be the manifest's; rows that can't be read end the load), make the tables
 * ready, move the rows, look for orphans, hold counts, checksums, constraints and indexes against what is
 * declared, commit. A load that has been done is recognised and not repeated; one that fails or dies changes
 * nothing. Where a database keeps staged rows, each table is staged by itself (`stageTable`), and all that
 * changes the tables is one transaction at the end (`finishLoad`); elsewhere that one stages too.
 */
import { createHash, type Hash, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { JobFailure } from "../dataset/errors.ts";
import { DEFAULT_LOAD, type LoadOptions } from "../dataset/load-options.ts";
import {
  type LoadedTable,
  type LoadReport,
  loadReport,
  type RejectedRow,
  RowsRejected,
} from "../dataset/load-report.ts";
import type { Manifest, ManifestTable } from "../dataset/manifest.ts";
import type { Table } from "../dataset/schema.ts";
import { type Sums, sumRows } from "./checksums.ts";
import { readCsv } from "./csv-read.ts";
import { refuseOrphans } from "./orphans.ts";
import type { Row } from "./row.ts";
import type { Left, LoadTask, Moved, SqlLoad, SqlTarget, Staged } from "./target.ts";

export interface LoadInput {
  manifest: Manifest;
  /** The bytes of a table's CSV file. */
  open: (table: string) => Promise<AsyncIterable<Uint8Array>>;
  /** Tells loads apart; what one has staged is not another's. */
  id: string;
  options?: LoadOptions;
  /** False when nobody wants the load any more: it then ends at once, changing nothing. */
  isWanted?: () => Promise<boolean>;
  /** Told now and then how many of a table's rows have been read. */
  progress?: (table: string, rows: number) => Promise<void>;
  /** Default: the clock. */
  now?: () => Date;
  /** Told each step that is done. */
  log?: (text: string) => void;
}

/**
 * Loads a dataset, by default replacing what an earlier load of the same name left. Safe to repeat: the same
 * files over tables that still hold them are `alreadyLoaded`: no file is read, and of the counts only `total` is not 0.
 * @throws JobFailure when a file is not the manifest's, or a row has a bad value, an orphan, a repeated
 * key or breaks a check; it names table, rule and first line.
 * @throws Unavailable when another load is running.
 */
export async function loadDataset(
  target: SqlTarget,
  given: Omit<LoadInput, "id"> & { id?: string },
): Promise<LoadReport> {
  const input = { id: randomUUID(), ...given };
  if (target.stagesApart && (await needsStaging(target, input))) {
    for (const table of Object.keys(input.manifest.tables)) await stageTable(target, input, table);
  }
  return finishLoad(target, input);
}

/** False when the load is done, or there seems to be nothing to do; `finishLoad` looks closer. */
export async function needsStaging(target: SqlTarget, input: LoadInput): Promise<boolean> {
  return target.attempt(() =>
    within(target.begin(taskOf(input)), async (load) => {
      return !(await load.finished()) && !areSame(await load.standing(), input);
    }),
  );
}

/** Stages one table in a transaction of its own. Safe to repeat: rows that are staged stay. */
export async function stageTable(target: SqlTarget, input: LoadInput, table: string): Promise<void> {
  await target.attempt(() =>
    within(target.begin(taskOf(input), table), async (load) => {
      const staged = (await load.kept(table)) ?? (await stage(load, input, table));
      refuseRejected(table, staged);
      await load.commit();
    }),
  );
}

/** Moves what is staged into the tables, proves it and commits. Safe to repeat: a load that is done is not done again. */
export async function finishLoad(target: SqlTarget, input: LoadInput): Promise<LoadReport> {
  const { manifest, now = () => new Date(), log = () => {} } = input;
  const report = await target.attempt(() =>
    within(target.begin(taskOf(input)), async (load) => {
      const done = await load.finished();
      if (done) return done;
      const started = now();
      const standing = await readStanding(load, input);
      const alreadyLoaded = standing !== undefined;
      const { tables, stagingSeconds } = standing ?? (await move(load, input));
      // Staging in transactions of its own was over before this one started its clock.
      const before = target.stagesApart ? stagingSeconds : 0;
      const seconds = rounded((now().getTime() - started.getTime()) / 1000 + before);
      const database = load.database;
      const report: LoadReport = { target: target.kind, database, alreadyLoaded, tables, orphans: 0, seconds };
      demandValid(report);
      if (!alreadyLoaded) {
        for (const [name, { rows, sha256 }] of Object.entries(manifest.tables)) {
          await load.log(name, { sha256, rows }, started);
        }
        await load.finish(report);
      }
      await demandWanted(input);
      await load.commit();
      log(alreadyLoaded ? "loaded before, nothing to do" : "committed");
      return report;
    }),
  );
  // Another load of the same files was done first, after this one had staged them.
  if (report.alreadyLoaded) await target.discard(input.id);
  return report;
}

/** To the millisecond, as the clock has it. */
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;

function taskOf({ manifest, id, options = DEFAULT_LOAD }: LoadInput): LoadTask {
  return { id, dataset: manifest.name, schema: manifest.schema, options };
}

async function within<T>(opening: Promise<SqlLoad>, act: (load: SqlLoad) => Promise<T>): Promise<T> {
  const load = await opening;
  try {
    return await act(load);
  } finally {
    await load.close();
  }
}

/**
 * True when an earlier load of these very files left these tables, by hash and number of rows. Among rows of others
 * ours can't be told without their keys, which are in the files.
 */
function areSame(
  standing: ReadonlyMap<string, Left>,
  { manifest: { tables }, options = DEFAULT_LOAD }: LoadInput,
): boolean {
  if (options.dropFirst) return false;
  const isSame = (name: string, { sha256, rows }: ManifestTable) => {
    const found = standing.get(name);
    return found?.sha256 === sha256 && found.rows === rows;
  };
  return (
    standing.size === Object.keys(tables).length && Object.entries(tables).every(([name, table]) => isSame(name, table))
  );
}

const NOTHING: Moved = { inserted: 0, updated: 0, unchanged: 0, deleted: 0 };

interface Outcome {
  tables: LoadReport["tables"];
  stagingSeconds: number;
}

/** The tables as an earlier load of these very files left them; undefined when a value, a row or a key has changed. */
async function readStanding(load: SqlLoad, input: LoadInput): Promise<Outcome | undefined> {
  const standing = await load.standing();
  if (!areSame(standing, input)) return undefined;
  const told: LoadReport["tables"] = {};
  for (const name of Object.keys(input.manifest.tables)) {
    const { missing, ...proof } = await load.proof(name);
    refuseMissing(name, missing);
    const sums = await load.sums(name, "all");
    const left = standing.get(name)?.sums;
    if (!left || !areEqual(sums, left)) return undefined;
    const counts = { csv: 0, staged: 0, ...NOTHING, rejected: 0 };
    told[name] = { ...counts, ...proof, ...sums, seconds: 0, rowsPerSecond: 0 };
  }
  return { tables: told, stagingSeconds: 0 };
}

const areEqual = (one: Sums, other: Sums): boolean =>
  one.rowSum === other.rowSum && isDeepStrictEqual(one.checksums, other.checksums);

async function move(load: SqlLoad, input: LoadInput): Promise<Outcome> {
  const { manifest, log = () => {}, now = () => new Date() } = input;
  const staged = new Map<string, Staged>();
  // The manifest has parents before children; in a circle of tables some child comes first and waits.
  for (const name of Object.keys(manifest.tables)) {
    const found = (await load.kept(name)) ?? (await stage(load, input, name));
    refuseRejected(name, found);
    staged.set(name, found);
    log(`staged ${found.staged} rows of ${name}`);
  }
  await load.prepare();
  const moves = new Map<string, Moved & { seconds: number }>();
  for (const name of staged.keys()) {
    await demandWanted(input);
    const started = now().getTime();
    const moved = await load.apply(name);
    moves.set(name, { ...moved, seconds: (now().getTime() - started) / 1000 });
    log(`inserted ${moved.inserted} rows into ${name}, updated ${moved.updated}`);
  }
  for (const name of staged.keys()) refuseOrphans(name, await load.orphans(name, () => readAgain(input, name)));
  await load.restore();
  const tables: LoadReport["tables"] = {};
  for (const [name, found] of staged) {
    tables[name] = await prove(load, input, name, found, moves.get(name) as Moved & { seconds: number });
    log(`proved ${name}`);
  }
  const stagingSeconds = [...staged.values()].reduce((sum, { seconds }) => sum + seconds, 0);
  return { tables, stagingSeconds };
}

/** Everything that must be equal is: else the load ends here, and nothing of it stays. */
async function prove(
  load: SqlLoad,
  { manifest, options = DEFAULT_LOAD }: LoadInput,
  name: string,
  found: Staged,
  { seconds: moving, ...moved }: Moved & { seconds: number },
): Promise<LoadedTable> {
  demandCount(name, found.csv, moved.inserted + moved.updated + moved.unchanged, "inserted, updated or unchanged");
  const { missing, ...proof } = await load.proof(name);
  refuseMissing(name, missing);
  const { rows } = manifest.tables[name] as ManifestTable;
  if (options.mode === "replace") demandCount(name, rows, proof.total, "in the table");
  const sums = await load.sums(name, "staged");
  refuseDifferent(name, found, sums);
  const seconds = rounded(found.seconds + moving);
  const rowsPerSecond = seconds > 0 ? Math.round(found.csv / seconds) : 0;
  const counts = { csv: found.csv, staged: found.staged, ...moved, rejected: found.rejectedCount };
  return { ...counts, ...proof, ...sums, seconds, rowsPerSecond };
}

function refuseDifferent(table: string, file: Sums, { checksums, rowSum }: Sums): void {
  for (const [field, expected] of Object.entries(file.checksums)) {
    if (checksums[field] === expected) continue;
    throw new JobFailure(
      "load-checksum-differs",
      `${table}.${field}: the file has values and sum ${expected}, the table ${checksums[field]}.`,
    );
  }
  if (rowSum === file.rowSum) return;
  throw new JobFailure(
    "load-checksum-differs",
    `${table}: every column has the file's values, but not in the same rows: the file's rows sum to ${file.rowSum}, the table's to ${rowSum}.`,
  );
}

/** Rejected rows of a table that are kept by line and reason. */
const KEPT_REJECTS = 100;

async function stage(load: SqlLoad, input: LoadInput, name: string): Promise<Staged> {
  const { manifest, now = () => new Date() } = input;
  const table = manifest.schema.tables.find((table) => table.name === name) as Table;
  const expected = manifest.tables[name] as ManifestTable;
  const started = now().getTime();
  const hash = createHash("sha256");
  const rejected: RejectedRow[] = [];
  let rejectedCount = 0;
  let read = 0;
  const reject = (line: number, reason: string) => {
    rejectedCount++;
    if (rejected.length < KEPT_REJECTS) rejected.push({ table: name, line, reason });
  };
  const sums = sumRows(table, load.textHash);
  await demandWanted(input);
  const batches = counted(
    wanted(readCsv(hashed(await input.open(name), hash), table, reject), input, name),
    (batch) => {
      read += batch.length;
      for (const row of batch) sums.add(row);
    },
  );
  const staged = await load.stage(name, batches, reject);
  if (hash.digest("hex") !== expected.sha256) {
    const changed = `${name}.csv is not the file of the manifest: its SHA-256 differs.`;
    // Which rows can't be read says more of what was changed.
    refuseRejected(name, { rejected, rejectedCount }, ` ${changed}`);
    throw new JobFailure("load-file-changed", changed);
  }
  const csv = staged + rejectedCount;
  // What the reader refused never was a row; what the target refused was one of `read`.
  if (rejectedCount === 0) demandCount(name, read, staged, "staged");
  demandCount(name, expected.rows, csv, "in the file");
  const seconds = (now().getTime() - started) / 1000;
  const found: Staged = { csv, staged, rejected, rejectedCount, ...sums.sums(), seconds };
  await load.keep(name, found);
  return found;
}

async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* counted(batches: AsyncIterable<Row[]>, see: (batch: Row[]) => void): AsyncGenerator<Row[]> {
  for await (const batch of batches) {
    see(batch);
    yield batch;
  }
}

const WANTED_EVERY_MS = 1000;

/** Ends in the middle of the rows once nobody wants them any more; else tells how far it is. */
async function* wanted(batches: AsyncIterable<Row[]>, input: LoadInput, table: string): AsyncGenerator<Row[]> {
  let asked = performance.now();
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.length;
    if (performance.now() - asked > WANTED_EVERY_MS) {
      await demandWanted(input);
      await input.progress?.(table, rows);
      asked = performance.now();
    }
    yield batch;
  }
}

async function demandWanted({ isWanted }: LoadInput): Promise<void> {
  if (isWanted && !(await isWanted())) throw new JobFailure("load-canceled", "The load was cancelled.");
}

function refuseRejected(
  table: string,
  { rejected, rejectedCount }: Pick<Staged, "rejected" | "rejectedCount">,
  more = "",
): void {
  const [first] = rejected;
  if (!first) return;
  const others = rejectedCount === 1 ? "" : ` (${rejectedCount} rows can't be loaded)`;
  throw new RowsRejected(`${table}.csv line ${first.line}, ${first.reason}${others}.${more}`, rejected);
}

function refuseMissing(table: string, missing: readonly string[]): void {
  if (missing.length > 0) throw new JobFailure("load-unproven", `${table}: ${missing.join("; ")}.`);
}

async function* readAgain({ manifest, open }: LoadInput, name: string): AsyncGenerator<Row[]> {
  const table = manifest.schema.tables.find((table) => table.name === name) as Table;
  yield* readCsv(await open(name), table, () => {});
}

/** A report that can't be read by those who ask for it is none. */
function demandValid(report: LoadReport): void {
  const { error } = loadReport.safeParse(report);
  const [wrong] = error?.issues ?? [];
  if (!wrong) return;
  throw new JobFailure(
    "load-unproven",
    `The load's report is not valid: ${wrong.path.join(".")}: ${wrong.message}.`,
    error,
  );
}

function demandCount(table: string, expected: number, found: number, where: string): void {
  if (found === expected) return;
  throw new JobFailure("load-miscounted", `${table}: ${found} rows ${where} where there must be ${expected}.`);
}
