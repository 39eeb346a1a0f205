/**
 * Foreign keys by which tables outside the dataset refer to its tables.
 *
 * The loader takes only its own keys away. Under those of others no table can be dropped and no row that one of
 * theirs refers to; by itself the server says so in the middle of the load, and not what to do. They are read
 * once, before anything is changed: whoever has made objects in a transaction would wait there for others who have.
 */
import { JobFailure } from "../../dataset/errors.ts";
import type { LoadOptions } from "../../dataset/load-options.ts";
import type { Session } from "./connection.ts";
import { faultOf } from "./faults.ts";
import { referencesInto } from "./statements.ts";

export interface OutsideKey {
  readonly name: string;
  /** The table that refers, with its schema. */
  readonly from: string;
  /** The table of the dataset, as the server calls it. */
  readonly to: string;
}

/** The keys of all other tables into `own`, tables that need not be there, quoted and with their schema. */
export async function outsideKeys(session: Session, own: readonly string[]): Promise<OutsideKey[]> {
  const { rows } = await session.query(referencesInto(own));
  return rows.map(({ name, schema, table, to }) => ({
    name: String(name),
    from: `${schema}.${table}`,
    to: String(to),
  }));
}

/** Servers may keep names in another case. */
const isCalled = (found: string, wanted: string): boolean => found.toLowerCase() === wanted.toLowerCase();

export const keysInto = (keys: readonly OutsideKey[], table: string): OutsideKey[] =>
  keys.filter(({ to }) => isCalled(to, table));

/**
 * No table goes that others refer to. `instead` is how to load so that none would, if there is a way.
 * @throws JobFailure naming each key and its table.
 */
export function refuseDropped(keys: readonly OutsideKey[], instead: string | undefined): void {
  if (keys.length > 0) throw referenced(keys, "which the load would drop", instead);
}

/**
 * Changes rows that others may refer to.
 * @throws JobFailure naming the key that refuses, when it is one of `keys`.
 */
export async function heeding<T>(
  keys: readonly OutsideKey[],
  mode: LoadOptions["mode"],
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    const { number, message = "" } = faultOf(error);
    const said = message.toLowerCase();
    const refusing = number === REFERENCED ? keys.filter(({ name }) => said.includes(name.toLowerCase())) : [];
    if (refusing.length === 0) throw error;
    const instead = mode === "replace" ? "load with mode upsert" : undefined;
    throw referenced(refusing, "of which the load would delete or change rows that are referred to", instead, error);
  }
}

/** "The DELETE (or UPDATE) statement conflicted with the REFERENCE constraint"; an own constraint's number too. */
const REFERENCED = 547;

function referenced(keys: readonly OutsideKey[], what: string, instead: string | undefined, cause?: unknown) {
  const named = keys.map(({ name, from, to }) => `${from} refers to ${to} by ${name}`).join(", ");
  const remedies = ["Drop that constraint", ...(instead ? [instead] : []), "or load into another schema"];
  return new JobFailure("load-referenced", `${named}, ${what}. ${remedies.join(", ")}.`, cause);
}
