/** How a dataset is to be loaded into SQL: what a client may ask for, and what is meant when it doesn't. */
import { z } from "zod";

/** A database schema: what every database takes as a name, quoted. */
const SCHEMA_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** Schemas of the server and of the loader itself: nobody's tables belong there. */
const TAKEN = new Set(["sys", "information_schema", "guest", "relata", "relata_stage"]);

export const isTaken = (name: string): boolean => TAKEN.has(name.toLowerCase());

export const loadOptions = z.strictObject({
  /** The database schema of the tables; default: the dataset's name, with _ for -, and data_ before one that is taken. */
  schema: z
    .string()
    .regex(SCHEMA_NAME, "must be 1 to 63 letters, digits and _, starting with a letter")
    .refine((name) => !isTaken(name), "is the server's or the loader's own; choose another")
    .optional(),
  /**
   * replace: the tables hold the dataset's rows and no others afterwards. upsert: rows with a known primary key
   * are changed, others added. append: rows are only added, and a known key ends the load.
   */
  mode: z.enum(["replace", "upsert", "append"]).default("replace"),
  /** Drops the dataset's tables first, whoever made them. */
  dropFirst: z.boolean().default(false),
});
export type LoadOptions = z.infer<typeof loadOptions>;

export const DEFAULT_LOAD: LoadOptions = { mode: "replace", dropFirst: false };

/** `load` of a request: whether, or how. */
export const loadRequest = z.union([z.boolean(), loadOptions], "must be true, false, or how to load");

/** The options of a request's `load`; undefined when nothing is to be loaded. */
export function optionsOf(load: z.infer<typeof loadRequest>): LoadOptions | undefined {
  if (load === false) return undefined;
  return load === true ? DEFAULT_LOAD : load;
}
