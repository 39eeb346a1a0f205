/** The only reader of the environment: every setting, its default, and all that is wrong at once. */
import { z } from "zod";

/** 1 MiB: a schema document of 200 tables is about a tenth of that. */
const BODY_BYTES = 1024 * 1024;

const wholeNumber = (least: number) =>
  z.coerce.number("must be a whole number").int("must be a whole number").min(least, `must be ${least} or more`);

const environment = z.object({
  /** Connection string of the storage account; the embedded host fills it in when it starts Azurite. */
  AzureWebJobsStorage: z.string({ error: "is missing: give the storage account's connection string" }).min(1),
  /** Where local state lives: Azurite's files and the SQLite databases. */
  RELATA_HOME: z.string().min(1).default(".relata"),
  RELATA_MAX_BODY_BYTES: wholeNumber(1).default(BODY_BYTES),
  /** Rows of one table. 100 million orders are 10 GB, which one message can still hash in time. */
  RELATA_MAX_TABLE_ROWS: wholeNumber(1).default(100_000_000),
  /** Rows a chunk, instead of chunks of about 6 MiB. */
  RELATA_CHUNK_ROWS: wholeNumber(1).optional(),
  SQL_CONNECTION_STRING: z
    .undefined({ error: "is set, but this version loads into the embedded SQLite only: remove the setting" })
    .optional(),
});

export interface Settings {
  storage: string;
  home: string;
  limits: { bodyBytes: number; tableRows: number; chunkRows: number | undefined };
}

/** Throws an Error that names every setting that is missing or wrong, and what to do. */
export function readSettings(env: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new Error(`Settings: ${faults.join("; ")}.`);
  }
  const { data } = parsed;
  return {
    storage: data.AzureWebJobsStorage,
    home: data.RELATA_HOME,
    limits: {
      bodyBytes: data.RELATA_MAX_BODY_BYTES,
      tableRows: data.RELATA_MAX_TABLE_ROWS,
      chunkRows: data.RELATA_CHUNK_ROWS,
    },
  };
}
