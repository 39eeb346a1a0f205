/** The dataset as a Data Package (version 2), so that any tool of that ecosystem can read the CSVs. */
import type { Manifest } from "../dataset/manifest.ts";
import { type Field, type ForeignKey, parentTable, type SchemaDocument, type Table } from "../dataset/schema.ts";

/** The descriptor kept beside the manifest; resource paths are relative to it. */
export function dataPackage({ name, createdAt, schema, tables }: Manifest): object {
  return {
    $schema: "https://datapackage.org/profiles/2.0/datapackage.json",
    name,
    title: schema.title ?? schema.name,
    ...(schema.description ? { description: schema.description } : {}),
    created: createdAt,
    resources: Object.entries(tables).map(([table, { bytes, sha256 }]) => ({
      name: table,
      type: "table",
      path: `${table}.csv`,
      format: "csv",
      mediatype: "text/csv",
      encoding: "utf-8",
      bytes,
      hash: `sha256:${sha256}`,
      dialect: { lineTerminator: "\n", nullSequence: "" },
      schema: tableSchema(schema, table),
    })),
  };
}

function tableSchema(schema: SchemaDocument, name: string): object {
  const table = schema.tables.find((table) => table.name === name) as Table;
  const { fields, primaryKey, uniqueKeys, foreignKeys } = table;
  return {
    fields: fields.map(fieldSchema),
    primaryKey,
    ...(uniqueKeys ? { uniqueKeys } : {}),
    ...(foreignKeys ? { foreignKeys: foreignKeys.map((key) => foreignKeySchema(table, key)) } : {}),
    missingValues: [""],
  };
}

/** Version 1 wrote a table's reference to itself as the resource "", version 2 demands that it has none. */
function foreignKeySchema(table: Table, key: ForeignKey): object {
  const resource = parentTable(table, key);
  const { fields } = key.reference;
  return { fields: key.fields, reference: resource === table.name ? { fields } : { resource, fields } };
}

/**
 * Table Schema has no uuid type: it is a string with that format. Its `pattern` is for strings only,
 * and like ours must match the whole value.
 */
function fieldSchema({ name, type, title, description, constraints = {} }: Field): object {
  const known = type === "uuid" ? { type: "string", format: "uuid" } : { type };
  const { pattern, ...others } = constraints;
  const kept = known.type === "string" ? constraints : others;
  return {
    name,
    ...known,
    ...(title ? { title } : {}),
    ...(description ? { description } : {}),
    ...(Object.keys(kept).length > 0 ? { constraints: kept } : {}),
  };
}
