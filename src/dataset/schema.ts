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

const constraints = z.strictObject({
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  minimum: z.union([z.number(), z.string()]).optional(),
  maximum: z.union([z.number(), z.string()]).optional(),
  enum: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional(),
  maxLength: z.int().min(1).optional(),
});

const field = z.strictObject({
  name: identifier,
  type: fieldType,
  title: z.string().optional(),
  description: z.string().optional(),
  /** Decimal places of a `number`; values are integers of 10^-scale inside. */
  scale: z.int().min(0).max(9).optional(),
  constraints: constraints.optional(),
  /** Share of NULLs, 0 to 1. */
  nullRate: z.number().min(0).max(1).optional(),
  /** Absent on a foreign key field (its value is the parent's key), required on every other. */
  generator: generatorSpec.optional(),
});
export type Field = z.infer<typeof field>;

const foreignKey = z.strictObject({
  fields: z.array(identifier).min(1),
  reference: z.strictObject({ resource: identifier, fields: z.array(identifier).min(1) }),
  /** How expressions, lookups and prompts name the parent; default the field without `_id`. */
  as: identifier.optional(),
  /** Which parent a row gets. */
  pick: z.strictObject({ kind: z.literal("uniform") }).optional(),
});
export type ForeignKey = z.infer<typeof foreignKey>;

const rule = z.strictObject({ name: identifier, expr: z.string().min(1) });

const index = z.strictObject({
  fields: z.array(identifier).min(1),
  include: z.array(identifier).optional(),
  where: z.string().optional(),
  unique: z.boolean().optional(),
});

const table = z.strictObject({
  name: identifier,
  title: z.string().optional(),
  description: z.string().optional(),
  rows: z.int().min(0),
  primaryKey: z.array(identifier).min(1),
  uniqueKeys: z.array(z.array(identifier).min(1)).optional(),
  foreignKeys: z.array(foreignKey).optional(),
  fields: z.array(field).min(1),
  rules: z.array(rule).optional(),
  indexes: z.array(index).optional(),
});
export type Table = z.infer<typeof table>;

export const schemaDocument = z.strictObject({
  name: identifier,
  title: z.string().optional(),
  description: z.string().optional(),
  tables: z.array(table).min(1).max(200),
});
export type SchemaDocument = z.infer<typeof schemaDocument>;

/** The name by which a row reaches this foreign key's parent: `as`, else the field without `_id`. */
export function parentName(key: ForeignKey): string {
  return key.as ?? (key.fields[0] as string).replace(/_id$/, "");
}

/** Decimal places of the field's stored integers: its `scale` for a number (default 2), else 0. */
export function scaleOf(field: Field): number {
  return field.type === "number" ? (field.scale ?? 2) : 0;
}
