/**
 * A schema document that zod refuses, made readable: its faults must not hide what else is wrong.
 *
 * What can't be read is replaced by a stand-in at the same place, so that pointers stay true, and
 * named in `broken`; nobody judges a broken part, nor what depends on it.
 */
import type { z } from "zod";
import {
  type Field,
  type ForeignKey,
  fieldSchema,
  fieldType,
  foreignKeySchema,
  type Index,
  indexSchema,
  MOST_TABLES,
  ruleSchema,
  type SchemaDocument,
  type Table,
  tableSchema,
} from "../dataset/schema.ts";

export interface Repaired {
  schema: SchemaDocument;
  /** Pointers from the document. */
  broken: Set<string>;
}

/** Undefined when not even the tables can be told apart. */
export function repairSchema(given: unknown): Repaired | undefined {
  const { name, tables } = Object(given) as { name?: unknown; tables?: unknown };
  if (!Array.isArray(tables) || tables.length === 0 || tables.length > MOST_TABLES) return undefined;
  const broken = new Set<string>();
  const readable = tables.map((table: unknown, i) => repairTable(table, `/tables/${i}`, broken));
  return { schema: { name: typeof name === "string" ? name : "schema", tables: readable }, broken };
}

type Raw = Readonly<Record<string, unknown>>;

/** Whether an unknown key of a table may be a known one that the table lacks, misspelled. */
function isMisspelt(key: string, table: Raw): boolean {
  const start = (name: string) => name.slice(0, 3).toLowerCase();
  return Object.keys(tableSchema.shape).some((known) => table[known] === undefined && start(known) === start(key));
}

/** A table whose fields have no names, or with a key that may be a misspelled one, is broken as a whole. */
function repairTable(given: unknown, at: string, broken: Set<string>): Table {
  const parsed = tableSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const raw = Object(given) as Raw;
  const name = typeof raw.name === "string" ? raw.name : "";
  const { fields, foreignKeys = [] } = raw;
  const isUnclear = parsed.error.issues.some((issue) => {
    const isUnknown = issue.code === "unrecognized_keys" && issue.path.length === 0;
    return isUnknown && issue.keys.some((key) => isMisspelt(key, raw));
  });
  const areNamed = Array.isArray(fields) && fields.every((one) => typeof Object(one).name === "string");
  if (isUnclear || name === "" || !areNamed || fields.length === 0 || !Array.isArray(foreignKeys)) {
    broken.add(at);
    return { name, primaryKey: [], fields: [] };
  }
  const parts = <T>(part: string, read: (one: unknown) => T | undefined, standIn: (one: Raw) => T): T[] => {
    const list = raw[part] ?? [];
    if (!Array.isArray(list)) broken.add(`${at}/${part}`);
    return (Array.isArray(list) ? list : []).map((one: unknown, i) => {
      const value = read(one);
      if (value === undefined) broken.add(`${at}/${part}/${i}`);
      return value ?? standIn(Object(one) as Raw);
    });
  };
  const primaryKey = keyIn(raw.primaryKey);
  if (!primaryKey) broken.add(`${at}/primaryKey`);
  const { rows } = tableSchema.pick({ rows: true }).safeParse({ rows: raw.rows }).data ?? {};
  if (rows !== raw.rows) broken.add(`${at}/rows`);
  return {
    name,
    ...(rows === undefined ? {} : { rows }),
    primaryKey: primaryKey ?? [],
    fields: fields.map((field: Raw, i) => repairField(field, at, i, broken)),
    foreignKeys: parts("foreignKeys", reading(foreignKeySchema), standInKey),
    uniqueKeys: parts<string[]>("uniqueKeys", keyIn, () => []),
    rules: parts("rules", reading(ruleSchema), () => ({ name: "", expr: "true" })),
    indexes: parts<Index>("indexes", reading(indexSchema), () => ({ fields: [] })),
  };
}

function reading<T>(schema: z.ZodType<T>): (one: unknown) => T | undefined {
  return (one) => schema.safeParse(one).data;
}

function keyIn(given: unknown): string[] | undefined {
  return tableSchema.pick({ primaryKey: true }).safeParse({ primaryKey: given }).data?.primaryKey;
}

/** The texts of a list; none unless all are. */
function namesIn(given: unknown): string[] {
  return Array.isArray(given) && given.every((one) => typeof one === "string") ? given : [];
}

/** A field without the keys that say nothing of its values, where they are at fault; else broken. */
function repairField(given: Raw, at: string, place: number, broken: Set<string>): Field {
  const name = given.name as string;
  const { title: _, description: __, ...rest } = given;
  const named = { ...rest, name: "x" };
  const bare = (key: "nullRate" | "constraints", of: Raw): Raw => {
    const isSound = fieldSchema
      .pick({ [key]: true } as { [K in typeof key]: true })
      .safeParse({ [key]: of[key] }).success;
    const { [key]: ___, ...others } = of;
    return isSound ? of : others;
  };
  const tried = bare("constraints", bare("nullRate", named));
  // It may have been said to be unique, which foreign keys need.
  if (!("constraints" in tried) && "constraints" in named) broken.add(`${at}/uniqueKeys`);
  const parsed = fieldSchema.safeParse(tried);
  if (parsed.success) return { ...parsed.data, name };
  broken.add(`${at}/fields/${place}`);
  const type = fieldType.safeParse(given.type).data;
  if (!type) broken.add(`${at}/fields/${place}/type`);
  return { name, type: type ?? "string" };
}

/** As much as others need to see that they depend on it: fields, name, and whether it decides the rows. */
function standInKey({ fields, reference, as, children }: Raw): ForeignKey {
  const known = namesIn(fields);
  const { resource } = Object(reference) as Raw;
  return {
    fields: known.length > 0 ? known : [""],
    reference: { resource: typeof resource === "string" ? resource : "", fields: [] },
    ...(typeof as === "string" ? { as } : {}),
    ...(children === undefined ? {} : { children: { kind: "fixed", n: 1 } }),
  };
}
