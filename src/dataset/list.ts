/**
 * A list: a small table of values that a client uploads once, for generators to take a field of.
 *
 * A generator with `from` names one. Its values are put into the schema when a request is accepted,
 * so that a plan needs no list and a list that changes later changes no dataset.
 */
import { z } from "zod";
import { schemaDocument } from "./schema.ts";

export const listDocument = z.strictObject({
  name: schemaDocument.shape.name,
  fields: z.array(z.string().min(1)).min(1),
  /** A cell is null where the upload had none. */
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});
export type ListDocument = z.infer<typeof listDocument>;

/** Generators that take `from`, a list's name, and `field`, one of its fields, in place of `values`. */
export const LISTING_KINDS: readonly string[] = ["list", "category"];

export const LIST_FOLDER = "lists/";
export const listBlob = (name: string): string => `${LIST_FOLDER}${name}.json`;
export const listName = (blob: string): string => blob.slice(LIST_FOLDER.length, -".json".length);
