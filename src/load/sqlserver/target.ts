/**
 * SQL Server and Azure SQL as the target of loads.
 *
 * A table's rows are staged by one streamed bulk load into a heap of the load's own, in a transaction that also
 * keeps what was counted; so staging is repeated only where it did not happen. All that the tables go through is
 * one transaction under the application locks of all of them: whoever dies in it leaves the old state.
 */
import { JobFailure, Unavailable } from "../../dataset/errors.ts";
import { isTaken, type LoadOptions } from "../../dataset/load-options.ts";
import { type Sums, type TextHash, textDigest } from "../checksums.ts";
import { mayBeNull, schemaDdl } from "../ddl.ts";
import { tsql } from "../dialects/tsql.ts";
import { refuseOrphans } from "../orphans.ts";
import type { Reject, Row } from "../row.ts";
import type { Left, LoadTask, Moved, Orphans, SqlLoad, SqlTarget } from "../target.ts";
import { driverRow, LINE_COLUMN, stageColumns } from "./columns.ts";
import type { Session, SqlServer } from "./connection.ts";
import { type Patience, retrying } from "./faults.ts";
import * as objects from "./objects.ts";
import { heeding, keysInto } from "./outside.ts";
import * as sql from "./statements.ts";
import { ddlHash, type Prepared, prepareTables, proveTable } from "./tables.ts";

export function sqlServerTarget(server: SqlServer, patience: Patience): SqlTarget {
  let textHash: Promise<TextHash> | undefined;
  const ready = async (): Promise<TextHash> => {
    textHash ??= introduce(server);
    const asked = textHash;
    return asked.catch((error) => {
      if (textHash === asked) textHash = undefined;
      throw error;
    });
  };
  return {
    kind: "sqlserver",
    stagesApart: true,
    refusals: () => [],
    attempt: (unit) => retrying(unit, patience),
    begin: async (task, stagedTable) => {
      const hash = await ready();
      const session = await server.begin();
      try {
        await lock(session, task, stagedTable);
        // Staging has nothing to do with the tables' schema, and waits for nobody who makes it.
        const schema = stagedTable === undefined ? await settleSchema(session, task) : wantedSchema(task);
        return sqlLoad(session, server.database, task, schema, hash);
      } catch (error) {
        await session.rollback();
        throw error;
      }
    },
    discard: async (id) => {
      await ready();
      const session = await server.begin();
      try {
        await objects.dropStaged(session, id);
        await session.commit();
      } finally {
        await session.rollback();
      }
    },
  };
}

/** Once a process: our own objects are there, and how the server hashes a text is known. */
async function introduce(server: SqlServer): Promise<TextHash> {
  const session = await server.begin();
  try {
    await objects.migrate(session);
    const probe = "SELECT CONVERT(bigint, SUBSTRING(HASHBYTES('SHA2_256', N'\u00e9'), 1, 4)) AS [digest]";
    const { rows } = await session.query(probe);
    const found = (["sha256-utf16le", "sha256-utf8"] as const).find(
      (one) => textDigest(one)("\u00e9") === Number(rows[0]?.digest),
    );
    if (!found) throw new JobFailure("load-unproven", "The server's SHA-256 of a text is none that can be checked.");
    await session.commit();
    return found;
  } finally {
    await session.rollback();
  }
}

/** The schema of the tables: as asked for, or the dataset's own. */
function wantedSchema({ dataset, options }: LoadTask): string {
  const own = dataset.replaceAll("-", "_");
  return options.schema ?? (isTaken(own) ? `data_${own}` : own);
}

/** Locks are told apart by every character; names that are the same in another case must have the same lock. */
const lockOf = (name: string): string => `relata:${name.toLowerCase()}`;

async function lock(session: Session, task: LoadTask, stagedTable: string | undefined): Promise<void> {
  const names =
    stagedTable === undefined
      ? task.schema.tables.map(({ name }) => lockOf(`${wantedSchema(task)}.${name}`)).sort()
      : [`relata:stage:${task.id}.${stagedTable}`];
  for (const name of names) {
    if (await objects.takeLock(session, name)) continue;
    throw new Unavailable("Another load of these tables is running; ask again when it has ended.", undefined);
  }
}

/** How long a load waits for another one that makes the schema of both. */
const SCHEMA_WAIT_MS = 30_000;

/** The schema as the server calls it. One that is not there yet is for this transaction alone to make. */
async function settleSchema(session: Session, task: LoadTask): Promise<string> {
  const wanted = wantedSchema(task);
  const found = await objects.schemaNamed(session, wanted);
  if (found !== undefined) return found;
  if (!(await objects.takeLock(session, lockOf(`schema:${wanted}`), SCHEMA_WAIT_MS))) {
    throw new Unavailable("Another load is making the schema; ask again when it has ended.", undefined);
  }
  return (await objects.schemaNamed(session, wanted)) ?? wanted;
}

function placesOf(task: LoadTask, schema: string): Map<string, sql.Place> {
  const ddl = schemaDdl(task.schema, tsql(schema));
  const places = task.schema.tables.map((table, i): [string, sql.Place] => {
    const of = ddl[i] as (typeof ddl)[number];
    const columns = stageColumns(table, of.columns);
    return [table.name, { table, ddl: of, columns, stage: objects.stageName(task.id, table.name) }];
  });
  return new Map(places);
}

function sqlLoad(session: Session, database: string, task: LoadTask, schema: string, textHash: TextHash): SqlLoad {
  const places = placesOf(task, schema);
  const get = (table: string) => places.get(table) as sql.Place;
  let prepared: Prepared = { made: new Map(), definitions: new Map(), references: [], outside: [] };
  const proved = new Map<string, string>();
  return {
    database: `${database}.${schema}`,
    textHash,
    finished: () => objects.keptReport(session, task, schema),
    standing: () => standing(session, task, schema, places),
    stage: (table, batches, reject) => stage(session, get(table), batches, reject),
    keep: (table, staged) => objects.keepStaged(session, task.id, table, staged),
    kept: (table) => objects.keptStaged(session, task.id, table),
    prepare: async () => {
      for (const place of places.values()) await validate(session, place);
      prepared = await prepareTables(
        session,
        task,
        schema,
        [...places.values()],
        await objects.readLog(session, schema),
      );
    },
    apply: async (table) => {
      const { ddl } = get(table);
      // Keys that stand would refuse an orphan without saying which line it is; their parents have their rows.
      const standing = ddl.foreignKeys.filter((_, i) => !prepared.references.includes(ddl.references[i] as string));
      refuseOrphans(table, await orphans(session, get(table), get, standing));
      return apply(session, task, get(table), prepared);
    },
    orphans: (table) => orphans(session, get(table), get, get(table).ddl.foreignKeys),
    restore: async () => {
      for (const statement of prepared.references) await session.query(statement);
    },
    proof: async (table) => {
      const { definition, ...proof } = await proveTable(session, get(table));
      proved.set(table, definition);
      const isAsFound = [definition, undefined].includes(prepared.definitions.get(table));
      return isAsFound ? proof : { ...proof, missing: [...proof.missing, "its definition is not what it was"] };
    },
    sums: (table, rows) => sumTable(session, get(table), rows),
    // Its sums are in the report, which is kept too.
    log: (table, { sha256, rows }, loadedAt) => {
      const definition = proved.get(table) as string;
      const others = othersAfter(task, prepared.made.has(table));
      const entry = { schema, table, sha256, ddlSha256: ddlHash(get(table)), definition, rows, loadedAt, others };
      return objects.writeLog(session, task, entry);
    },
    finish: async (report) => {
      await objects.keepReport(session, task, schema, report);
      await objects.dropStaged(session, task.id);
    },
    commit: () => session.commit(),
    close: () => session.rollback(),
  };
}

/** What a load leaves of the rows of other datasets. */
function othersAfter({ options: { mode } }: LoadTask, isNew: boolean): objects.LogEntry["others"] {
  if (isNew || mode === "replace") return "gone";
  return mode === "append" ? "kept" : "changed";
}

async function standing(
  session: Session,
  { dataset }: LoadTask,
  schema: string,
  places: ReadonlyMap<string, sql.Place>,
): Promise<Map<string, Left>> {
  const found = new Map<string, Left>();
  for (const logged of await objects.readLog(session, schema)) {
    if (logged.dataset !== dataset) continue;
    const { table, sha256, sums } = logged;
    const place = places.get(table);
    if (!place || logged.ddlSha256 !== ddlHash(place)) return new Map();
    if (!(await session.query(sql.exists(place))).rows[0]?.is_there) return new Map();
    const { total, missing, definition } = await proveTable(session, place);
    if (missing.length > 0 || logged.definition !== definition) return new Map();
    found.set(table, { sha256, rows: total, sums });
  }
  return found;
}

async function stage(
  session: Session,
  place: sql.Place,
  batches: AsyncIterable<readonly Row[]>,
  reject: Reject,
): Promise<number> {
  await session.query(sql.dropTable(place.stage));
  await session.query(sql.createStage(place));
  async function* given() {
    for await (const batch of batches) {
      yield batch.flatMap((row) => {
        const one = driverRow(row, place.columns, reject);
        return one ? [one] : [];
      });
    }
  }
  return session.bulk(place.stage, [LINE_COLUMN, ...place.columns], given());
}

/** Keys and rules of the staged rows among themselves, each by a query that names the first line. */
async function validate(session: Session, place: sql.Place): Promise<void> {
  const { table, ddl } = place;
  const refuse = (code: string, line: unknown, text: string) => {
    throw new JobFailure(code, `${table.name}.csv line ${line}: ${text}.`);
  };
  const required = table.fields.filter((field) => !mayBeNull(field, table)).map(({ name }) => name);
  const rules = [
    ...required.map((name) => ({
      condition: `s.${sql.quote(name)} IS NOT NULL`,
      text: `${name} is NULL and must not be`,
    })),
    ...ddl.checks.map(({ name, condition }) => ({ condition, text: `check ${name} fails` })),
  ];
  if (rules.length > 0) {
    const { rows } = await session.query(
      sql.brokenRules(
        place,
        rules.map(({ condition }) => condition),
      ),
    );
    const broken = rules.flatMap(({ text }, i) => {
      const line = rows[0]?.[`r${i}`];
      return line === null || line === undefined ? [] : [{ line: Number(line), text }];
    });
    const [first] = broken.sort((a, b) => a.line - b.line);
    if (first) refuse("load-broken-rule", first.line, first.text);
  }
  for (const { name, columns } of [ddl.primaryKey, ...ddl.uniqueKeys, ...ddl.uniqueIndexes]) {
    const { rows } = await session.query(sql.repeatedKeys(place, columns));
    if (Number(rows[0]?.rows) === 0) continue;
    const { rows: found } = await session.query(sql.duplicates(place, columns));
    refuse(
      "load-duplicate-key",
      found[0]?.line,
      `${name} has this ${columns.join(", ")} already (${found[0]?.rows} rows repeat one)`,
    );
  }
}

async function apply(session: Session, { options }: LoadTask, place: sql.Place, prepared: Prepared): Promise<Moved> {
  const { ddl } = place;
  const isNew = prepared.made.has(ddl.table);
  const outside = keysInto(prepared.outside, ddl.table);
  const change = (statement: string) =>
    heeding(outside, options.mode, async () => {
      const { rows } = await session.query(sql.counted(statement));
      return Number(rows[0]?.changed);
    });
  if (options.mode !== "replace" && !isNew) await refuseTaken(session, place, options.mode);
  // Asked before anything moves: what is left over of the others would be right by definition.
  const unchanged = options.mode === "append" || isNew ? 0 : await countSame(session, place);
  const went = prepared.made.get(ddl.table) ?? 0;
  const deleted = options.mode === "replace" && !isNew ? await change(sql.deleteOthers(place)) : went;
  const updating = options.mode === "append" || isNew ? undefined : sql.updateChanged(place);
  const updated = updating ? await change(updating) : 0;
  const inserted = await change(sql.insertNew(place));
  if (isNew) for (const statement of ddl.indexes) await session.query(statement);
  return { inserted, updated, unchanged, deleted };
}

async function countSame(session: Session, place: sql.Place): Promise<number> {
  const { rows } = await session.query(sql.sameRows(place));
  return Number(rows[0]?.rows);
}

/** Keys of rows that stay, whatever the load does: the server would refuse them without saying which line it is. */
async function refuseTaken(session: Session, place: sql.Place, mode: LoadOptions["mode"]): Promise<void> {
  const { primaryKey, uniqueKeys, uniqueIndexes } = place.ddl;
  const asked = [
    ...(mode === "append" ? [{ name: primaryKey.name, statement: sql.knownKeys(place) }] : []),
    ...[...uniqueKeys, ...uniqueIndexes].map(({ name, columns }) => ({
      name,
      statement: sql.takenKeys(place, columns),
    })),
  ];
  for (const { name, statement } of asked) {
    const { rows } = await session.query(statement);
    const known = Number(rows[0]?.rows);
    if (known === 0) continue;
    const message = `${place.table.name}.csv line ${rows[0]?.line}: ${name} is in the table already (${known} rows are).`;
    throw new JobFailure("load-duplicate-key", message);
  }
}

async function orphans(
  session: Session,
  place: sql.Place,
  get: (table: string) => sql.Place,
  keys: sql.Place["ddl"]["foreignKeys"],
): Promise<Orphans> {
  const found: Orphans = { count: 0 };
  for (const key of keys) {
    const { rows } = await session.query(sql.orphans(place, key, get(key.parent).ddl.qualified));
    found.count += Number(rows[0]?.rows);
    const line = rows[0]?.line;
    if (line === null || line === undefined) continue;
    if (Number(line) < (found.first?.line ?? Number.POSITIVE_INFINITY)) {
      found.first = { constraint: key.name, line: Number(line) };
    }
  }
  return found;
}

async function sumTable(session: Session, place: sql.Place, of: "staged" | "all"): Promise<Sums> {
  const [row] = (await session.query(sql.sums(place, of))).rows;
  const checksums = place.table.fields.map(({ name }, i) => [name, `${row?.[`n${i}`]}:${row?.[`s${i}`] ?? 0}`]);
  return { checksums: Object.fromEntries(checksums), rowSum: String(row?.row_sum ?? 0) };
}
