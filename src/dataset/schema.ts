/**
 * The schema document: tables, fields, keys and how each value is made.
 *
 * Names follow Data Package Table Schema, plus a `generator` per field and a row count per table.
 * zod checks the shape here. What needs more than the shape is checked where it is known: keys and
 * table order in `plan/structure.ts`, a generator's parameters in `generate/fields/<kind>.ts`.
 */
import { z } from "zod";

/** Table, field and foreign key names: they become CSV headers, blob names and SQL identifiers. */
const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "must be 1 to 63 of a-z, 0-9 and _, starting with a letter");

export const fieldType = z.enum(["string", "integer", "number", "boolean", "date", "datetime", "time", "uuid"]);
export type FieldType = z.infer<typeof fieldType>;

/** A generator is named by its `kind`; the other keys are that kind's parameters. */
export const generatorSpec = z.looseObject({ kind: z.string() });
export type GeneratorSpec = z.infer<typeof generatorSpec>;

const LIMIT = "must be a number, or text like 2026-01-31";

const constraints = z.strictObject({
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  minimum: z.union([z.number(), z.string()], LIMIT).optional(),
  maximum: z.union([z.number(), z.string()], LIMIT).optional(),
  enum: z
    .array(z.union([z.string(), z.number()], LIMIT))
    .min(1)
    .optional(),
  /** A regular expression that the whole value must match. */
  pattern: z.string().min(1).max(1_000).optional(),
  maxLength: z.int().min(1).optional(),
});

export const fieldSchema = z.strictObject({
  name: identifier,
  type: fieldType,
  title: z.string().optional(),
  description: z.string().optional(),
  /**
   * Decimal places: of a `number` (default 2; values are whole units of 10^-scale inside), or of the
   * seconds of a `datetime` or `time`, 0 (default) or 3.
   */
  scale: z.int().min(0).max(9).optional(),
  constraints: constraints.optional(),
  /** Share of NULLs, 0 to 1. */
  nullRate: z.number().min(0).max(1).optional(),
  /** Absent on a foreign key field (its value is the parent's key), required on every other. */
  generator: generatorSpec.optional(),
});
export type Field = z.infer<typeof fieldSchema>;

/** Which parent a row gets, where the child table has its own number of rows. */
const pick = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("uniform") }),
  /** The parent of popularity rank k is picked in proportion to k^-s; ranks are shuffled over the parent's rows. */
  z.strictObject({ kind: z.literal("zipf"), s: z.number().gt(0).max(10).default(1) }),
  /** In proportion to an expression over the parent's own fields. */
  z.strictObject({ kind: z.literal("weighted"), weight: z.string().min(1) }),
]);
export type ParentPick = z.infer<typeof pick>;

/** Most children of one parent: a group is made as a whole where its members must differ. */
const MAX_CHILDREN = 1_000_000;
const childCount = z.int().min(0).max(MAX_CHILDREN);
const meanCount = z.number().gt(0).max(10_000);
/**
 * Share of the parents that have no children at all, whatever the law says of 0. The others have what it gives
 * from 1 on, so that the mean is 1 - zeroShare times the mean of those, where `rows` don't keep another total.
 */
const zeroShare = z.number().min(0).max(1).optional();

/** How many children each parent has. */
const childrenLaw = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), n: childCount, zeroShare }),
  z.strictObject({ kind: z.literal("range"), min: childCount, max: childCount, zeroShare }),
  z.strictObject({ kind: z.literal("poisson"), mean: meanCount, zeroShare }),
  /** 0, 1, 2, … failures before the first success, with this mean. */
  z.strictObject({ kind: z.literal("geometric"), mean: meanCount, zeroShare }),
  /** 1 to `max` in proportion to k^-s. */
  z.strictObject({ kind: z.literal("zipf"), s: z.number().gt(0).max(10), max: childCount.min(1), zeroShare }),
  /** Numbers of children with their weights. */
  z.strictObject({
    kind: z.literal("histogram"),
    values: z.record(
      z.string().regex(/^(?:0|[1-9]\d{0,5}|1000000)$/, "must be a whole number, 0 to 1000000"),
      z.number().min(0),
    ),
    zeroShare,
  }),
]);
export type ChildrenLaw = z.infer<typeof childrenLaw>;

const LAWS = childrenLaw.options.map(({ shape }) => shape.kind.value);

/** A law for all parents, or one for each value of a parent's field; without a `kind` it is the latter that is judged. */
const children = z.discriminatedUnion("kind", [
  childrenLaw,
  z.strictObject({
    kind: z.undefined().optional().meta({ not: {} }),
    by: z.string(`must name a field of the parent; or give a kind: ${LAWS.join(", ")}`),
    values: z.record(z.string(), childrenLaw),
  }),
]);
export type Children = z.infer<typeof children>;

export const foreignKeySchema = z.strictObject({
  fields: z.array(identifier).min(1),
  reference: z.strictObject({
    /** The parent table; "" is the table itself. */
    resource: z.union([identifier, z.literal("")], 'must be the name of a table, or "" for the table itself'),
    fields: z.array(identifier).min(1),
  }),
  /** How expressions, lookups and prompts name the parent; default the first field without `_id`. */
  as: identifier.optional(),
  /** Share of rows without a parent; of a self reference, the share of roots (default 0.1). */
  nullRate: z.number().min(0).max(1).optional(),
  /** Default uniform. */
  pick: pick.optional(),
  /** The name of another foreign key to the same table: a row never has the same parent by both. */
  differsFrom: identifier.optional(),
  /** The parent decides how many rows refer to it; the table's `rows`, where given, is then kept as the total. */
  children: children.optional(),
  /** Of a self reference: the most levels of the tree, roots included; default 5. */
  depth: z.int().min(1).max(100).optional(),
});
export type ForeignKey = z.infer<typeof foreignKeySchema>;

export const ruleSchema = z.strictObject({ name: identifier, expr: z.string().min(1) });

export const indexSchema = z.strictObject({
  /** In their order; "order_date desc" runs backwards. */
  fields: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,62}(?: desc)?$/, 'must be a field, or a field and " desc"'))
    .min(1)
    .max(16),
  /** Fields to be read from the index without its table, where the database can. */
  include: z.array(identifier).optional(),
  /** Rows to leave out: comparisons of a field with literals, IN, IS [NOT] NULL, joined by AND. */
  where: z.string().min(1).max(1_000).optional(),
  /** No two rows that have all fields have the same; looked at by the load, not by the generator. */
  unique: z.boolean().optional(),
});
export type Index = z.infer<typeof indexSchema>;

export const tableSchema = z.strictObject({
  name: identifier,
  title: z.string().optional(),
  description: z.string().optional(),
  /** Needed unless a foreign key's `children` decides. */
  rows: z.int().min(0).optional(),
  primaryKey: z.array(identifier).min(1),
  uniqueKeys: z.array(z.array(identifier).min(1)).optional(),
  foreignKeys: z.array(foreignKeySchema).optional(),
  fields: z.array(fieldSchema).min(1),
  rules: z.array(ruleSchema).optional(),
  indexes: z.array(indexSchema).optional(),
});
export type Table = z.infer<typeof tableSchema>;

export const MOST_TABLES = 200;

export const schemaDocument = z.strictObject({
  name: identifier,
  title: z.string().optional(),
  description: z.string().optional(),
  tables: z.array(tableSchema).min(1).max(MOST_TABLES),
});
export type SchemaDocument = z.infer<typeof schemaDocument>;

/** The name by which a row reaches this foreign key's parent: `as`, else the field without `_id`. */
export function parentName(key: ForeignKey): string {
  return key.as ?? (key.fields[0] as string).replace(/_id$/, "");
}

/**
 * Decimal places of the field's stored values: its `scale` for a number (default 2), for a datetime or
 * time those of the seconds (default 0), else 0.
 */
export function scaleOf(field: Field): number {
  if (field.type === "datetime" || field.type === "time") return field.scale ?? 0;
  return field.type === "number" ? (field.scale ?? 2) : 0;
}

/** The table that a foreign key of `table` refers to. */
export function parentTable(table: Table, key: ForeignKey): string {
  return key.reference.resource || table.name;
}
