/**
 * Puts the values of uploaded lists into a schema: `{"kind": "list", "from": "colours", "field": "name"}`
 * becomes `{"kind": "list", "values": […]}`, wherever generators stand, also inside others.
 */
import type { Fault } from "../dataset/errors.ts";
import { LISTING_KINDS, type ListDocument, listBlob, listDocument } from "../dataset/list.ts";
import { escapePointer } from "../dataset/misfit.ts";
import type { SchemaDocument } from "../dataset/schema.ts";
import type { World } from "../dataset/world.ts";
import { isSavedName } from "./saved.ts";

/** Values that lists may add to one schema: they travel with its plan and manifest. */
const MOST_VALUES = 1_000_000;

/** A generator's parameters that name a list. */
interface Named extends Record<string, unknown> {
  readonly from: string;
}

type Lists = ReadonlyMap<string, ListDocument | undefined>;

interface Filled {
  /** The schema with the values put in. */
  schema: SchemaDocument;
  /** What stood in the way; pointers start at the document. */
  faults: Fault[];
  /** The pointers of the generators that were left as they are. */
  unfilled: string[];
}

/** Reads every list that the schema names, once, and puts its values in. */
export async function fillLists(world: Pick<World, "readSaved">, schema: SchemaDocument): Promise<Filled> {
  const found = findNamed(schema.tables, "/tables");
  if (found.size === 0) return { schema, faults: [], unfilled: [] };
  const names = [...new Set([...found.values()].map(({ from }) => from))];
  const lists = new Map(await Promise.all(names.map(async (name) => [name, await readList(world, name)] as const)));
  const faults: Fault[] = [];
  const unfilled: string[] = [];
  const filled = new Map<unknown, object>();
  let room = MOST_VALUES;
  for (const [pointer, spec] of found) {
    const values = chooseValues(spec, lists);
    if (Array.isArray(values)) {
      const { from: _, field: __, ...rest } = spec;
      filled.set(spec, { ...rest, values });
      room -= values.length;
    } else {
      unfilled.push(pointer);
      faults.push({ ...values, pointer: pointer + values.pointer });
    }
  }
  if (room < 0) {
    const message = `The lists add ${MOST_VALUES - room} values to the schema, more than the limit of ${MOST_VALUES}.`;
    faults.push({ pointer: "/tables", code: "too-many-values", message });
  }
  const tables = replaceAll(schema.tables, filled) as SchemaDocument["tables"];
  return { schema: { ...schema, tables }, faults, unfilled };
}

/** The generators that name a list, by their pointers. */
function findNamed(value: unknown, pointer: string, found = new Map<string, Named>()): Map<string, Named> {
  if (typeof value !== "object" || value === null) return found;
  const { kind, from } = value as { kind?: unknown; from?: unknown };
  if (LISTING_KINDS.includes(kind as string) && typeof from === "string") return found.set(pointer, value as Named);
  for (const [key, inner] of Object.entries(value)) findNamed(inner, `${pointer}/${escapePointer(key)}`, found);
  return found;
}

function replaceAll(value: unknown, by: ReadonlyMap<unknown, object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const replaced = by.get(value);
  if (replaced) return replaced;
  if (Array.isArray(value)) return value.map((one) => replaceAll(one, by));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaceAll(one, by)]));
}

/** The values of the field that the generator names, without those that are missing; or why there are none. */
function chooseValues({ from, field, values: own }: Named, lists: Lists): unknown[] | Fault {
  const list = lists.get(from);
  if (!list)
    return { pointer: "/from", code: "unknown-list", message: `There is no list ${from}; PUT /lists/${from}.` };
  if (own !== undefined) {
    return { pointer: "/values", code: "two-lists", message: `Give either values or from, not both.` };
  }
  const known = list.fields.join(", ");
  if (field === undefined && list.fields.length > 1) {
    return { pointer: "", code: "missing-field", message: `${from} has the fields ${known}; name one with "field".` };
  }
  const place = field === undefined ? 0 : list.fields.indexOf(field as string);
  if (place < 0) {
    return { pointer: "/field", code: "unknown-field", message: `${from} has no field ${field}; it has ${known}.` };
  }
  const values = list.rows.flatMap((row) => row[place] ?? []);
  if (values.length > 0) return values;
  return { pointer: "/from", code: "empty-list", message: `${from} has no value in ${list.fields[place]}.` };
}

async function readList(world: Pick<World, "readSaved">, name: string): Promise<ListDocument | undefined> {
  const saved = isSavedName(name) ? await world.readSaved(listBlob(name)) : undefined;
  return saved && listDocument.parse(JSON.parse(saved.text));
}
