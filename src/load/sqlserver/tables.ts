/**
 * The target tables of a load: made, found as they were left, or made anew; and what the server says of them.
 *
 * Foreign keys are taken away while rows move and are added again at the end, in the same transaction. The
 * server then looks at every row once and trusts the key; rows may come in any order, and tables may refer to
 * each other in a circle. Nothing is ever switched off.
 */
import { createHash } from "node:crypto";
import { JobFailure } from "../../dataset/errors.ts";
import type { LoadTask, TableProof } from "../target.ts";
import { definitionHash, indexesOf, isNamed, readCatalog } from "./catalog.ts";
import type { Session } from "./connection.ts";
import { forgetTable, type Logged } from "./objects.ts";
import { keysInto, type OutsideKey, outsideKeys, refuseDropped } from "./outside.ts";
import {
  countRows,
  createSchema,
  dropConstraint,
  dropTable,
  exists,
  namesakes,
  type Place,
  quote,
  referencesOf,
} from "./statements.ts";

/** Equal definitions, equal hashes. */
export const ddlHash = ({ ddl: { create, references, indexes } }: Pick<Place, "ddl">): string =>
  createHash("sha256")
    .update(JSON.stringify([create, references, indexes]))
    .digest("hex");

/** What `prepareTables` made and took away. */
export interface Prepared {
  /** Tables that were made just now, each with the rows that went with an earlier one: they have no rows and no indexes yet. */
  made: ReadonlyMap<string, number>;
  /** Of the others, what the catalogue said of each before anything was changed. */
  definitions: ReadonlyMap<string, string>;
  /** Statements that add the foreign keys that are not there now. */
  references: string[];
  /** The keys of others into the tables. */
  outside: readonly OutsideKey[];
}

/**
 * Makes the tables ready for rows.
 * @throws JobFailure for tables that are somebody else's, or of another definition where rows are to stay, or would
 * have to go while others refer to them.
 */
export async function prepareTables(
  session: Session,
  task: LoadTask,
  schema: string,
  places: readonly Place[],
  log: readonly Logged[],
): Promise<Prepared> {
  const { dropFirst, mode } = task.options;
  const inSchema = (table: string) => `${quote(schema)}.${quote(table)}`;
  const old = mode === "replace" ? leftOver(task, places, log) : [];
  const isTable = await refuseNamesakes(session, places, old.map(inSchema), schema);
  const left = old.filter(isTable);
  const states = new Map<string, State>();
  const found = new Map<string, string>();
  for (const place of places) {
    const { state, definition } = await stateOf(session, place, log);
    states.set(place.ddl.table, state);
    if (definition !== undefined) found.set(place.ddl.table, definition);
  }
  const named = (state: State) => [...states].filter(([, one]) => one === state).map(([table]) => table);
  if (!dropFirst) {
    refuseForeign(named("foreign"), schema);
    if (mode !== "replace") refuseOther(named("other"), schema);
  }
  const isAnew = dropFirst || named("other").length > 0;
  const dropped = isAnew ? [...states].flatMap(([table, state]) => (state === "absent" ? [] : [table])) : [];
  if (!dropFirst) refuseHeld(task, dropped, log, schema);
  const outside = await outsideKeys(session, [...places.map(({ ddl }) => ddl.qualified), ...left.map(inSchema)]);
  const going = [...dropped, ...left];
  const referenced = going.flatMap((table) => keysInto(outside, table));
  // Where only tables go that the schema has no more, upsert lets them be.
  const isOurs = [...states.values()].every((state) => state === "ours");
  refuseDropped(referenced, !isAnew ? "load with mode upsert" : isOurs ? "load without dropFirst" : undefined);
  await session.query(createSchema(schema));
  for (const table of old) await forgetTable(session, schema, table);
  // All keys first, as the tables may refer to each other in any direction.
  for (const table of going) await dropReferences(session, inSchema(table));
  const made = new Map((isAnew ? [...states.keys()] : named("absent")).map((table) => [table, 0]));
  for (const place of places) {
    if (dropped.includes(place.ddl.table)) made.set(place.ddl.table, await rowsIn(session, place));
  }
  for (const table of going) await session.query(dropTable(inSchema(table)));
  const references: string[] = [];
  for (const place of places) {
    const { ddl } = place;
    if (made.has(ddl.table)) {
      for (const statement of ddl.create) await session.query(statement);
      references.push(...ddl.references);
    } else {
      references.push(...(await takeReferences(session, task, place, places)));
    }
  }
  const definitions = new Map([...found].filter(([table]) => !made.has(table)));
  return { made, definitions, references, outside };
}

async function rowsIn(session: Session, place: Place): Promise<number> {
  const { rows } = await session.query(countRows(place));
  return Number(rows[0]?.rows);
}

/** "ours": made by the loader as it would make it now, and left so. "other": made in another way, or changed since. */
type State = "absent" | "ours" | "other" | "foreign";

async function stateOf(
  session: Session,
  place: Place,
  log: readonly Logged[],
): Promise<{ state: State; definition?: string }> {
  const { rows } = await session.query(exists(place));
  if (!rows[0]?.is_there) return { state: "absent" };
  const logged = log.filter(({ table }) => table === place.ddl.table);
  if (logged.length === 0) return { state: "foreign" };
  if (logged.some(({ ddlSha256 }) => ddlSha256 !== ddlHash(place))) return { state: "other" };
  const { missing, definition } = await proveTable(session, place);
  const isAsLeft = missing.length === 0 && logged.every((one) => one.definition === definition);
  return { state: isAsLeft ? "ours" : "other", definition };
}

function refuseForeign(tables: readonly string[], schema: string): void {
  if (tables.length === 0) return;
  throw new JobFailure(
    "load-foreign-table",
    `Schema ${schema} has tables that no load has made: ${tables.join(", ")}. Choose another schema, or dropFirst.`,
  );
}

function refuseOther(tables: readonly string[], schema: string): void {
  if (tables.length === 0) return;
  throw new JobFailure(
    "load-other-definition",
    `Tables of schema ${schema} are not as this dataset defines them: ${tables.join(", ")}. Use mode replace, or dropFirst.`,
  );
}

/** To make a table anew takes the rows of other datasets away with it. */
function refuseHeld({ dataset }: LoadTask, tables: readonly string[], log: readonly Logged[], schema: string): void {
  const held = log.filter((one) => tables.includes(one.table) && one.dataset !== dataset);
  if (held.length === 0) return;
  const told = held.map((one) => `table ${one.table} holds dataset ${one.dataset}`).sort();
  throw new JobFailure(
    "load-other-dataset",
    `Tables of schema ${schema} would be made anew, but ${told.join(", ")}: choose another schema, or dropFirst.`,
  );
}

/**
 * Whether a table of an earlier load, one of `others`, is still one: what somebody called so after it was dropped is theirs.
 * @throws JobFailure for what has the name of a table to load into and is none, whatever may be dropped.
 */
async function refuseNamesakes(
  session: Session,
  places: readonly Place[],
  others: readonly string[],
  schema: string,
): Promise<(table: string) => boolean> {
  const { rows } = await session.query(namesakes([...places.map(({ ddl }) => ddl.qualified), ...others]));
  const found = new Map(rows.map(({ name, kind }) => [String(name).toLowerCase(), String(kind)]));
  const taken = places.flatMap(({ ddl: { table } }) => {
    const kind = found.get(table);
    return kind === undefined ? [] : [`${table} (${kind.toLowerCase().replaceAll("_", " ")})`];
  });
  if (taken.length > 0) {
    throw new JobFailure(
      "load-foreign-table",
      `Schema ${schema} has what is no table under names of tables: ${taken.join(", ")}. Drop or rename it, or choose another schema.`,
    );
  }
  return (table) => !found.has(table);
}

async function dropReferences(session: Session, qualified: string): Promise<void> {
  const { rows } = await session.query(referencesOf(qualified));
  for (const { name } of rows) await session.query(dropConstraint(qualified, String(name)));
}

/** Tables of an earlier load of this dataset that its schema has no more, and that no other dataset's load made. */
function leftOver({ dataset }: LoadTask, places: readonly Place[], log: readonly Logged[]): string[] {
  const known = new Set(places.map(({ ddl }) => ddl.table));
  const isShared = (table: string) => log.some((other) => other.table === table && other.dataset !== dataset);
  const left = log.filter(({ table, dataset: of }) => of === dataset && !known.has(table) && !isShared(table));
  return left.map(({ table }) => table);
}

/**
 * Takes foreign keys away and returns what adds them again: all where rows are replaced, as rows of a parent may
 * go before those of its children; else only those whose parent gets its rows later or from the same statement.
 */
async function takeReferences(
  session: Session,
  { options }: LoadTask,
  place: Place,
  places: readonly Place[],
): Promise<string[]> {
  const order = places.map(({ ddl }) => ddl.table);
  const { foreignKeys, references, table } = place.ddl;
  const taken: string[] = [];
  for (const [i, { name, parent }] of foreignKeys.entries()) {
    if (options.mode !== "replace" && order.indexOf(parent) < order.indexOf(table)) continue;
    await session.query(dropConstraint(place.ddl.qualified, name));
    taken.push(references[i] as string);
  }
  return taken;
}

/** What the server says of a table, and the hash of its definition there (catalog.ts). */
export async function proveTable(session: Session, place: Place): Promise<TableProof & { definition: string }> {
  const { ddl } = place;
  const { rows: counted } = await session.query(countRows(place));
  const catalog = await readCatalog(session, ddl);
  const isOn = (row: Record<string, unknown>) => Number(row.disabled ?? 0) === 0;
  const find = (rows: readonly Record<string, unknown>[], name: string) =>
    rows.find((row) => isNamed(String(row.name), name, ddl.table));
  const missing: string[] = [];
  const demand = (rows: readonly Record<string, unknown>[], what: string, names: readonly string[]) => {
    for (const name of names) {
      const found = find(rows, name);
      if (!found) missing.push(`${what} ${name} is missing`);
      else if (!isOn(found)) missing.push(`${what} ${name} is disabled`);
      else if (found.untrusted === 1) missing.push(`${what} ${name} is not trusted`);
    }
  };
  const names = (things: readonly { name: string }[]) => things.map(({ name }) => name);
  demand(catalog.columns, "column", names(ddl.columns));
  demand(catalog.foreignKeys, "foreign key", names(ddl.foreignKeys));
  demand(catalog.checks, "check", names(ddl.checks));
  demand(catalog.indexes, "index", indexesOf(ddl));
  const told = [...catalog.foreignKeys, ...catalog.checks].map(({ untrusted }) => untrusted);
  // A foreign key has a row for each of its columns.
  const keysOn = new Set(catalog.foreignKeys.filter(isOn).map(({ name }) => name));
  return {
    total: Number(counted[0]?.rows),
    indexes: indexesOf(ddl)
      .filter((name) => find(catalog.indexes, name))
      .sort(),
    constraints: {
      foreignKeys: keysOn.size,
      checks: catalog.checks.filter(isOn).length,
      // Babelfish knows no trust and says nothing; of no constraints nothing is said, either.
      trusted: told.length === 0 || told.some((one) => one === null) ? null : told.every((one) => one === 0),
    },
    missing,
    definition: definitionHash(catalog, ddl),
  };
}
