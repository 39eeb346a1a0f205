/** The presets: schema documents that ship with Relata, to use by name or to copy and change. */
import ecommerce from "./presets/ecommerce.json" with { type: "json" };
import { type SchemaDocument, schemaDocument } from "./schema.ts";

export const PRESETS: ReadonlyMap<string, SchemaDocument> = new Map(
  [ecommerce].map((document) => [document.name, schemaDocument.parse(document)]),
);

/** Used when a request names neither a preset nor a schema. */
export const DEFAULT_PRESET = "ecommerce";
