/** Schemas by name: the presets, which ship with Relata, and where saved ones lie. */
import ecommerce from "./presets/ecommerce.json" with { type: "json" };
import { type SchemaDocument, schemaDocument } from "./schema.ts";

export const PRESETS: ReadonlyMap<string, SchemaDocument> = new Map(
  [ecommerce].map((document) => [document.name, schemaDocument.parse(document)]),
);

/** Used when a request names neither a preset nor a schema. */
export const DEFAULT_PRESET = "ecommerce";

/** The blobs of saved schemas; a preset's name is never among them. */
export const SCHEMA_FOLDER = "schemas/";
export const schemaBlob = (name: string): string => `${SCHEMA_FOLDER}${name}.json`;
export const schemaName = (blob: string): string => blob.slice(SCHEMA_FOLDER.length, -".json".length);
