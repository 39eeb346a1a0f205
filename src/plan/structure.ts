/**
 * What must hold between the tables of a schema document: names, keys, references, and an order in
 * which every parent comes before its children.
 */
import type { Fault } from "../dataset/errors.ts";
import { type ForeignKey, parentName, type SchemaDocument, type Table } from "../dataset/schema.ts";

/** Every fault of the document's structure, with pointers that start at the document; empty when sound. */
export function structureFaults(schema: SchemaDocument): Fault[] {
  const faults = duplicateFaults(
    "/tables",
    schema.tables.map(({ name }) => name),
  );
  for (const [i, table] of schema.tables.entries()) {
    const pointer = `/tables/${i}`;
    faults.push(
      ...duplicateFaults(
        `${pointer}/fields`,
        table.fields.map(({ name }) => name),
      ),
    );
    faults.push(...keyFaults(table, pointer));
    for (const [k, key] of (table.foreignKeys ?? []).entries()) {
      faults.push(...foreignKeyFaults(schema, table, key, `${pointer}/foreignKeys/${k}`));
    }
    faults.push(...duplicateFaults(`${pointer}/foreignKeys`, (table.foreignKeys ?? []).map(parentName)));
  }
  if (faults.length === 0) faults.push(...cycleFaults(schema));
  return faults;
}

/** The tables' places, parents before children, otherwise as in the document. Needs a sound structure. */
export function parentsFirst(schema: SchemaDocument): number[] {
  const order: number[] = [];
  const visit = (place: number): void => {
    if (order.includes(place)) return;
    for (const parent of parentPlaces(schema, place)) visit(parent);
    order.push(place);
  };
  for (let place = 0; place < schema.tables.length; place++) visit(place);
  return order;
}

function parentPlaces(schema: SchemaDocument, place: number): number[] {
  const keys = schema.tables[place]?.foreignKeys ?? [];
  return keys.map(({ reference }) => schema.tables.findIndex(({ name }) => name === reference.resource));
}

function duplicateFaults(pointer: string, names: readonly string[]): Fault[] {
  return names.flatMap((name, i) => {
    if (names.indexOf(name) === i) return [];
    return [{ pointer: `${pointer}/${i}`, code: "duplicate-name", message: `${name} is used twice; rename one.` }];
  });
}

function keyFaults(table: Table, pointer: string): Fault[] {
  const keys = [
    { fields: table.primaryKey, at: `${pointer}/primaryKey` },
    ...(table.uniqueKeys ?? []).map((fields, i) => ({ fields, at: `${pointer}/uniqueKeys/${i}` })),
  ];
  const faults = keys.flatMap(({ fields, at }) => [
    ...unknownFields(table, fields, at),
    ...compositeFaults(fields, at),
  ]);
  for (const [i, { fields, include = [] }] of (table.indexes ?? []).entries()) {
    faults.push(...unknownFields(table, [...fields, ...include], `${pointer}/indexes/${i}`));
  }
  for (const [i, field] of table.fields.entries()) {
    if (!field.nullRate) continue;
    const isKey = keys.some(({ fields }) => fields.includes(field.name)) || field.constraints?.unique;
    const fault = (code: string, what: string) => {
      const message = `${field.name} is ${what} and can't be NULL; remove nullRate.`;
      faults.push({ pointer: `${pointer}/fields/${i}/nullRate`, code, message });
    };
    if (isKey) fault("null-key", "a key");
    else if (field.constraints?.required) fault("null-required", "required");
  }
  return faults;
}

function unknownFields(table: Table, fields: readonly string[], pointer: string): Fault[] {
  return fields.flatMap((name) => {
    if (table.fields.some((field) => field.name === name)) return [];
    return [{ pointer, code: "unknown-field", message: `${table.name} has no field ${name}.` }];
  });
}

function compositeFaults(fields: readonly string[], pointer: string): Fault[] {
  if (fields.length === 1) return [];
  return [{ pointer, code: "unsupported", message: "Keys of several fields are not supported yet; use one field." }];
}

function foreignKeyFaults(schema: SchemaDocument, table: Table, key: ForeignKey, pointer: string): Fault[] {
  const { resource, fields } = key.reference;
  const parent = schema.tables.find(({ name }) => name === resource);
  const fault = (code: string, message: string): Fault[] => [{ pointer, code, message }];
  const own = [
    ...unknownFields(table, key.fields, `${pointer}/fields`),
    ...compositeFaults(key.fields, `${pointer}/fields`),
  ];
  if (own.length > 0) return own;
  if (table.foreignKeys?.find(({ fields: [first] }) => first === key.fields[0]) !== key) {
    return fault("two-references", `${key.fields[0]} can refer to one table only; remove one of its foreign keys.`);
  }
  if (!parent) return fault("unknown-table", `There is no table ${resource} to refer to.`);
  if (parent.primaryKey.length !== 1 || fields.length !== 1 || fields[0] !== parent.primaryKey[0]) {
    return fault(
      "not-a-key",
      `${table.name} must refer to the primary key of ${resource}: ${parent.primaryKey.join(", ")}.`,
    );
  }
  const field = table.fields.find(({ name }) => name === key.fields[0]);
  const target = parent.fields.find(({ name }) => name === fields[0]);
  if (field?.type !== target?.type) {
    return fault(
      "type-mismatch",
      `${field?.name} is ${field?.type}, but ${resource}.${target?.name} is ${target?.type}.`,
    );
  }
  if (field?.generator || field?.nullRate) {
    return fault("not-a-reference", `${field.name} takes its parent's key; remove its generator and nullRate.`);
  }
  if (table.rows > 0 && parent.rows === 0) {
    return fault("no-parents", `${table.name} has rows but ${resource} has none; give ${resource} at least 1.`);
  }
  return [];
}

/** Follows references from each table until it meets itself; says the whole way round. */
function cycleFaults(schema: SchemaDocument): Fault[] {
  const done = new Set<number>();
  for (let start = 0; start < schema.tables.length; start++) {
    const way = findCycle(schema, start, [], done);
    if (!way) continue;
    const names = way.map((place) => schema.tables[place]?.name).join(" -> ");
    const pointer = `/tables/${way[0]}/foreignKeys`;
    return [
      { pointer, code: "cycle", message: `Tables refer to each other in a circle: ${names}. Remove one reference.` },
    ];
  }
  return [];
}

function findCycle(schema: SchemaDocument, place: number, path: number[], done: Set<number>): number[] | undefined {
  if (path.includes(place)) return [...path.slice(path.indexOf(place)), place];
  if (done.has(place)) return undefined;
  for (const parent of parentPlaces(schema, place)) {
    const way = findCycle(schema, parent, [...path, place], done);
    if (way) return way;
  }
  done.add(place);
  return undefined;
}
