/**
 * What must hold between the tables of a schema document: names, keys, references, and an order in
 * which every parent comes before its children.
 */
import { type Broken, brokenParts, hasBroken } from "../dataset/broken.ts";
import type { Fault } from "../dataset/errors.ts";
import { parseIndexFilter } from "../dataset/index-filter.ts";
import {
  type Field,
  type ForeignKey,
  type Index,
  parentName,
  parentTable,
  type SchemaDocument,
  type Table,
} from "../dataset/schema.ts";

/** Every fault of the document's structure but for its broken parts, with pointers that start at the document. */
export function structureFaults(schema: SchemaDocument, broken: Broken = new Set()): Fault[] {
  const faults = duplicateFaults(
    "/tables",
    schema.tables.map(({ name }) => name),
  );
  for (const [i, table] of schema.tables.entries()) {
    const pointer = `/tables/${i}`;
    if (broken.has(pointer)) continue;
    faults.push(
      ...duplicateFaults(
        `${pointer}/fields`,
        table.fields.map(({ name }) => name),
      ),
    );
    if (!hasBroken(broken, `${pointer}/foreignKeys`) && !broken.has(`${pointer}/rows`)) {
      faults.push(...rowCountFaults(table, pointer));
    }
    faults.push(...keyFaults(table, pointer, broken));
    for (const [k, key] of (table.foreignKeys ?? []).entries()) {
      const at = `${pointer}/foreignKeys/${k}`;
      if (!broken.has(at)) faults.push(...foreignKeyFaults(schema, table, key, at, broken));
    }
    faults.push(
      ...duplicateFaults(
        `${pointer}/foreignKeys`,
        (table.foreignKeys ?? []).map(parentName),
        'give one of them another name by "as"',
      ),
    );
  }
  return [...faults, ...cycleFaults(schema, brokenParts(schema, broken, faults))];
}

/**
 * The tables' places, parents before children, otherwise as in the document; in a circle of tables a
 * reference that may be NULL gives way. Needs a sound structure.
 */
export function parentsFirst(schema: SchemaDocument): number[] {
  const order: number[] = [];
  const isReady = (place: number, keys: readonly ForeignKey[]) =>
    !order.includes(place) && keys.every((key) => order.includes(parentPlace(schema, place, key)) || isSelf(key));
  const keysOf = (place: number) => schema.tables[place]?.foreignKeys ?? [];
  const places = [...schema.tables.keys()];
  while (order.length < places.length) {
    const next =
      places.find((place) => isReady(place, keysOf(place))) ??
      places.find((place) =>
        isReady(
          place,
          keysOf(place).filter((key) => !mayBeNull(key)),
        ),
      );
    if (next === undefined) throw new Error("The tables refer to each other in a circle.");
    order.push(next);
  }
  return order;
}

function parentPlace(schema: SchemaDocument, place: number, key: ForeignKey): number {
  const name = parentTable(schema.tables[place] as Table, key);
  return schema.tables.findIndex((table) => table.name === name);
}

const isSelf = (key: ForeignKey): boolean => key.reference.resource === "";

const mayBeNull = (key: ForeignKey): boolean => isSelf(key) || (key.nullRate ?? 0) > 0;

/** An empty name is one that could not be read. */
function duplicateFaults(pointer: string, names: readonly string[], remedy = "rename one"): Fault[] {
  return names.flatMap((name, i) => {
    if (name === "" || names.indexOf(name) === i) return [];
    return [{ pointer: `${pointer}/${i}`, code: "duplicate-name", message: `${name} is used twice; ${remedy}.` }];
  });
}

function keyFaults(table: Table, pointer: string, broken: Broken): Fault[] {
  const keys = [
    { fields: table.primaryKey, at: `${pointer}/primaryKey` },
    ...(table.uniqueKeys ?? []).map((fields, i) => ({ fields, at: `${pointer}/uniqueKeys/${i}` })),
  ];
  const faults = keys.flatMap(({ fields, at }) => [
    ...unknownFields(table, fields, at),
    ...duplicateFaults(at, fields),
    ...widthFaults(fields, at, MOST_KEY_FIELDS, "a key"),
  ]);
  for (const [i, index] of (table.indexes ?? []).entries()) {
    const isFiltered = !hasBroken(broken, `${pointer}/fields`);
    faults.push(...indexFaults(table, isFiltered ? index : { ...index, where: undefined }, `${pointer}/indexes/${i}`));
  }
  for (const [i, field] of table.fields.entries()) {
    if (field.nullRate) faults.push(...nullFaults(table, field, `${pointer}/fields/${i}/nullRate`, "remove nullRate"));
    faults.push(...scaleFaults(field, `${pointer}/fields/${i}/scale`));
  }
  return faults;
}

/** What SQL Server takes in a key, and beside the fields of an index. A foreign key is as wide as its parent's key. */
const MOST_KEY_FIELDS = 32;
const MOST_INCLUDED = 1_023;

function widthFaults(fields: readonly string[], pointer: string, most: number, what: string): Fault[] {
  if (fields.length <= most) return [];
  const message = `${fields.length} fields are more than SQL Server takes in ${what}: leave ${most} at most.`;
  return [{ pointer, code: "too-many-fields", message }];
}

/** Decimals are those of a number, or of seconds; none at all are any type's. */
function scaleFaults({ name, type, scale = 0 }: Field, pointer: string): Fault[] {
  const hasSeconds = type === "datetime" || type === "time";
  if (type === "number" || scale === 0 || (hasSeconds && scale === 3)) return [];
  const message = hasSeconds
    ? `${name}: seconds have 0 or 3 decimals; change scale.`
    : `${name} is ${type}, which has no decimals; remove scale, or make it a number.`;
  return [{ pointer, code: "bad-scale", message }];
}

function indexFaults(table: Table, { fields, include = [], where }: Index, pointer: string): Fault[] {
  const names = fields.map((name) => name.replace(/ desc$/, ""));
  const faults = [
    ...unknownFields(table, [...names, ...include], pointer),
    ...duplicateFaults(`${pointer}/fields`, names),
    ...duplicateFaults(`${pointer}/include`, include),
    ...widthFaults(include, `${pointer}/include`, MOST_INCLUDED, "an index's include"),
  ];
  const carried = include.find((name) => names.includes(name));
  if (carried !== undefined) {
    const message = `${carried} is a field of the index anyway; remove it from include.`;
    faults.push({ pointer: `${pointer}/include`, code: "duplicate-name", message });
  }
  if (where === undefined) return faults;
  try {
    parseIndexFilter(where, table);
  } catch (error) {
    const remedy = `Write comparisons of a field with a literal, IN or IS NULL, joined by AND: status = 'open'.`;
    const message = `${(error as Error).message}. ${remedy}`;
    faults.push({ pointer: `${pointer}/where`, code: "bad-index-filter", message });
  }
  return faults;
}

/** Why a field can't be NULL; `remedy` says what to do about it. */
function nullFaults(table: Table, field: Field, pointer: string, remedy: string): Fault[] {
  const isKey = [table.primaryKey, ...(table.uniqueKeys ?? [])].some((key) => key.includes(field.name));
  const fault = (code: string, what: string): Fault[] => [
    { pointer, code, message: `${field.name} is ${what} and can't be NULL; ${remedy}.` },
  ];
  if (isKey || field.constraints?.unique) return fault("null-key", "a key");
  return field.constraints?.required ? fault("null-required", "required") : [];
}

function unknownFields(table: Table, fields: readonly string[], pointer: string): Fault[] {
  return fields.flatMap((name) => {
    if (table.fields.some((field) => field.name === name)) return [];
    return [{ pointer, code: "unknown-field", message: `${table.name} has no field ${name}.` }];
  });
}

function foreignKeyFaults(
  schema: SchemaDocument,
  table: Table,
  key: ForeignKey,
  pointer: string,
  broken: Broken,
): Fault[] {
  const { resource, fields } = key.reference;
  const place = schema.tables.findIndex(({ name }) => name === parentTable(table, key));
  const parent = schema.tables[place];
  const fault = (code: string, message: string, below = ""): Fault[] => [{ pointer: pointer + below, code, message }];
  if (resource === table.name) {
    return fault(
      "bad-relation",
      `A table refers to itself by "", not by its name; its rows then form a tree.`,
      "/reference/resource",
    );
  }
  const own = [
    ...unknownFields(table, key.fields, `${pointer}/fields`),
    ...duplicateFaults(`${pointer}/fields`, key.fields),
  ];
  if (own.length > 0) return own;
  const twin = table.foreignKeys?.find((other) => isSameSet(other.fields, key.fields));
  if (twin !== key) {
    return fault(
      "two-references",
      `${key.fields.join(", ")} can refer to one table only; remove one of its foreign keys.`,
    );
  }
  // It may be the table whose name could not be read.
  if (broken.has(`/tables/${place}`) || (!parent && schema.tables.some(({ name }) => name === ""))) return [];
  if (!parent) return fault("unknown-table", `There is no table ${resource} to refer to.`);
  if (!keysOfTable(parent).some((candidate) => isSameSet(candidate, fields))) {
    const keys = keysOfTable(parent).map((candidate) => candidate.join(", "));
    const parts = ["primaryKey", "uniqueKeys", "fields"];
    if (parts.some((part) => hasBroken(broken, `/tables/${place}/${part}`))) return [];
    return fault("not-a-key", `${table.name} must refer to a key of ${parent.name}: ${keys.join(" or ")}.`);
  }
  if (key.fields.length !== fields.length) {
    return fault(
      "not-a-key",
      `${key.fields.length} fields refer to ${fields.length}; name one for each.`,
      "/reference/fields",
    );
  }
  const isReadable = ({ name }: Field, { fields }: Table, of: string) =>
    !broken.has(`${of}/fields/${fields.findIndex((field) => field.name === name)}`);
  for (const [i, name] of key.fields.entries()) {
    const field = table.fields.find((candidate) => candidate.name === name) as Field;
    const target = parent.fields.find((candidate) => candidate.name === fields[i]) as Field;
    const areTyped = isReadable(field, table, tableOf(pointer)) && isReadable(target, parent, `/tables/${place}`);
    if (areTyped && field.type !== target.type) {
      return fault("type-mismatch", `${name} is ${field.type}, but ${parent.name}.${target.name} is ${target.type}.`);
    }
    if (field.generator || field.nullRate) {
      const remedy = field.generator ? "its generator" : "nullRate, or give it to the foreign key";
      return fault("not-a-reference", `${name} takes its parent's key; remove ${remedy}.`);
    }
  }
  return [...relationFaults(table, key, parent, pointer, broken), ...missingFaults(table, key, pointer)];
}

/** The pointer of the table that a foreign key's belongs to. */
function tableOf(pointer: string): string {
  return pointer.slice(0, pointer.indexOf("/foreignKeys"));
}

/** What the parts of a foreign key ask for together. */
function relationFaults(table: Table, key: ForeignKey, parent: Table, pointer: string, broken: Broken): Fault[] {
  const faults: Fault[] = [];
  const add = (below: string, code: string, message: string) =>
    faults.push({ pointer: pointer + below, code, message });
  const owners = table.foreignKeys?.filter(({ children }) => children) ?? [];
  if (key.children) {
    if (owners[0] !== key) add("/children", "two-owners", `Two foreign keys of ${table.name} have children; keep one.`);
    if (isSelf(key)) add("/children", "bad-relation", "A table can't decide its own number of rows; use depth.");
    if (key.pick) add("/pick", "bad-relation", "Where the parent decides by children, nothing is picked; remove pick.");
    if (key.nullRate)
      add("/nullRate", "bad-relation", "A row that its parent decides has that parent; remove nullRate.");
    if (table.rows !== undefined && "by" in key.children) {
      add(
        "/children",
        "two-row-counts",
        `${table.name}: rows can't be kept where children hang on a field; remove rows.`,
      );
    }
  }
  if (key.depth !== undefined && !isSelf(key))
    add("/depth", "bad-relation", "Only a self reference has a depth; remove it.");
  if (!hasBroken(broken, `${tableOf(pointer)}/foreignKeys`)) {
    faults.push(...differenceFaults(table, key, parent, pointer), ...groupFaults(table, key, pointer));
  }
  if (isSelf(key) && key.pick) add("/pick", "bad-relation", "A self reference is a tree; remove pick.");
  if ((table.rows ?? 0) > 0 && parent.rows === 0 && key.nullRate !== 1 && !key.children) {
    add("", "no-parents", `${table.name} has rows but ${parent.name} has none; give ${parent.name} at least 1.`);
  }
  return faults;
}

/** A field that a self reference takes from the same field of its parent must be given to both by their owner. */
function groupFaults(table: Table, key: ForeignKey, pointer: string): Fault[] {
  const shared = isSelf(key) ? key.fields.filter((name, i) => name === key.reference.fields[i]) : [];
  const owner = table.foreignKeys?.find(({ children }) => children);
  return shared.flatMap((name) => {
    if (owner?.fields.includes(name)) return [];
    const other = table.foreignKeys?.find((candidate) => candidate !== key && candidate.fields.includes(name));
    const remedy = other ? `give the foreign key ${parentName(other)} children` : `remove ${name} from it`;
    const message = `${parentName(key)}: rows can refer to rows with the same ${name} only where a parent owns them; ${remedy}.`;
    return [{ pointer, code: "unsupported-key", message }];
  });
}

/** Two foreign keys can be told to differ when they refer to one key of one table, with at least two rows. */
function differenceFaults(table: Table, key: ForeignKey, parent: Table, pointer: string): Fault[] {
  if (key.differsFrom === undefined) return [];
  const fault = (message: string): Fault[] => [{ pointer: `${pointer}/differsFrom`, code: "bad-relation", message }];
  const other = table.foreignKeys?.find((candidate) => candidate !== key && parentName(candidate) === key.differsFrom);
  if (!other) return fault(`${table.name} has no other foreign key called ${key.differsFrom}.`);
  const isSame = parentTable(table, other) === parent.name && isSameSet(other.reference.fields, key.reference.fields);
  if (!isSame) return fault(`${key.differsFrom} refers to another table or key; remove differsFrom.`);
  if (isSelf(key) || isSelf(other)) return fault("A row of a tree differs from its parent anyway; remove differsFrom.");
  return parent.rows === 1 ? fault(`${parent.name} has one row only; give it at least 2.`) : [];
}

/** A row without a parent has NULL in the fields that no other foreign key gives it. */
function missingFaults(table: Table, key: ForeignKey, pointer: string): Fault[] {
  if (!mayBeNull(key)) return [];
  const others = table.foreignKeys?.filter((other) => other !== key).flatMap(({ fields }) => fields) ?? [];
  const own = key.fields.filter((name) => !others.includes(name));
  const at = key.nullRate === undefined ? pointer : `${pointer}/nullRate`;
  const remedy = isSelf(key) ? "the roots of a self reference are: loosen the field" : "remove nullRate";
  return own.flatMap((name) => {
    const field = table.fields.find((candidate) => candidate.name === name) as Field;
    return nullFaults(table, field, at, remedy);
  });
}

/** The primary key, the unique keys and the unique fields. */
function keysOfTable({ primaryKey, uniqueKeys = [], fields }: Table): string[][] {
  const single = fields.filter(({ constraints }) => constraints?.unique).map(({ name }) => [name]);
  return [primaryKey, ...uniqueKeys, ...single];
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function rowCountFaults({ name, rows, foreignKeys = [] }: Table, pointer: string): Fault[] {
  if (rows !== undefined || foreignKeys.some(({ children }) => children)) return [];
  const message = `${name} needs a number of rows, or a foreign key with children.`;
  return [{ pointer: `${pointer}/rows`, code: "missing-rows", message }];
}

/** Follows references that can't be NULL from each table until it meets itself; says the whole way round. */
function cycleFaults(schema: SchemaDocument, broken: Set<string>): Fault[] {
  const faults: Fault[] = [];
  let done = new Set<number>();
  for (let start = 0; start < schema.tables.length; ) {
    const way = findCycle(schema, start, [], done, broken);
    if (!way) {
      start++;
      continue;
    }
    const names = way.map(({ place }) => schema.tables[place]?.name);
    const { place, key } = way[0] as Step;
    const pointer = `/tables/${place}/foreignKeys/${key}`;
    const message = `Tables refer to each other in a circle: ${[...names, names[0]].join(" -> ")}. Remove one reference, or let one be NULL (nullRate).`;
    faults.push({ pointer, code: "cycle", message });
    // Without this reference there may be other circles.
    broken.add(pointer);
    done = new Set();
  }
  return faults;
}

/** From a table by one of its foreign keys. */
interface Step {
  readonly place: number;
  readonly key: number;
}

function findCycle(
  schema: SchemaDocument,
  place: number,
  path: readonly Step[],
  done: Set<number>,
  broken: Broken,
): readonly Step[] | undefined {
  const again = path.findIndex((step) => step.place === place);
  if (again >= 0) return path.slice(again);
  if (done.has(place)) return undefined;
  for (const [k, key] of (schema.tables[place]?.foreignKeys ?? []).entries()) {
    if (mayBeNull(key) || broken.has(`/tables/${place}`) || broken.has(`/tables/${place}/foreignKeys/${k}`)) continue;
    const way = findCycle(schema, parentPlace(schema, place, key), [...path, { place, key: k }], done, broken);
    if (way) return way;
  }
  done.add(place);
  return undefined;
}
