/**
 * JSON Schemas (2020-12) made from the zod schemas that judge requests, so that what is published
 * can't differ from what is checked.
 *
 * zod knows a generator only as an object with a `kind`; here it becomes one of all kinds, each with
 * its parameters, and generators inside parameters refer back to it.
 */
import { z } from "zod";
import { LISTING_KINDS } from "../dataset/list.ts";
import { generatorSpec, schemaDocument } from "../dataset/schema.ts";
import type { Kind } from "../generate/kind.ts";
import { KINDS } from "../generate/kinds.ts";

export type JsonSchema = Record<string, unknown>;

/**
 * Named schemas that refer to each other below `prefix`, such as "#/$defs/". Always among them are
 * `generator` and, for each kind, `generator.<kind>`.
 */
export function namedSchemas(named: Readonly<Record<string, z.ZodType>>, prefix: string): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  registry.add(generatorSpec, { id: "generator" });
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  // A copy, since kinds may share their parameters and a schema has one name.
  for (const [kind, { parameters }] of KINDS) registry.add(parameters.clone(), { id: `generator.${kind}` });
  const { schemas } = z.toJSONSchema(registry, { ...OPTIONS, uri: (id) => prefix + id });
  const plain = Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]);
  return describeGenerators(Object.fromEntries(plain), prefix);
}

/** `input`: what a client may send, where defaults may be left out. */
const OPTIONS = { io: "input", unrepresentable: "any" } as const;

/** The JSON Schema of a schema document, complete in itself. */
export function documentSchema(): JsonSchema {
  const { schema, ...$defs } = namedSchemas({ schema: schemaDocument }, "#/$defs/");
  const title = "A Relata schema document: tables, fields, keys, and how each value is made";
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, ...schema, $defs };
}

/** A kind's parameters without its `kind`; generators among them are objects with a `kind`. */
export function parameterSchema(kind: string, { parameters }: Kind<unknown>): JsonSchema {
  return withLists(z.toJSONSchema(parameters, OPTIONS) as JsonSchema, kind);
}

function describeGenerators(schemas: Record<string, JsonSchema>, prefix: string): Record<string, JsonSchema> {
  const kinds = [...KINDS].map(([kind, { summary }]) => {
    const id = `generator.${kind}`;
    return [
      id,
      { ...(summary ? { description: summary } : {}), ...withKind(withLists(schemas[id] as JsonSchema, kind), kind) },
    ];
  });
  const generator = {
    type: "object",
    properties: { kind: { enum: [...KINDS.keys()] } },
    required: ["kind"],
    oneOf: kinds.map(([id]) => ({ $ref: `${prefix}${id}` })),
  };
  return { ...schemas, generator, ...Object.fromEntries(kinds) };
}

/** Parameters of a kind that takes a list: beside what it has, `from` and `field` in place of `values` alone. */
function withLists(schema: JsonSchema, kind: string): JsonSchema {
  if (!LISTING_KINDS.includes(kind)) return schema;
  const { $schema, ...own } = schema;
  const known = (own.anyOf ?? [own]) as { properties: Record<string, JsonSchema>; required?: string[] }[];
  const plain = known.find(({ required = [] }) => required.join() === "values");
  const { values: _, ...rest } = plain?.properties ?? {};
  const name = { type: "string", description: "A list that was saved by PUT /lists/{name}." };
  const field = { type: "string", description: "One of the list's fields; needed when it has several." };
  const listed = { type: "object", properties: { from: name, field, ...rest }, required: ["from"] };
  return { ...($schema ? { $schema } : {}), anyOf: [...known, { ...listed, additionalProperties: false }] };
}

/** Parameters with their `kind`, which each alternative of a union has for itself since all refuse unknown keys. */
function withKind(schema: JsonSchema, kind: string): JsonSchema {
  for (const union of ["anyOf", "oneOf"] as const) {
    const alternatives = schema[union] as JsonSchema[] | undefined;
    if (alternatives) return { ...schema, [union]: alternatives.map((one) => withKind(one, kind)) };
  }
  const { properties = {}, required = [] } = schema as { properties?: object; required?: string[] };
  return { ...schema, properties: { kind: { const: kind }, ...properties }, required: ["kind", ...required] };
}
