/** The only reader of the environment: every setting, its default, and all that is wrong at once. */
import { z } from "zod";
import type { ModelSettings } from "./dataset/model.ts";

/** 1 MiB: a schema document of 200 tables is about a tenth of that. */
const BODY_BYTES = 1024 * 1024;

const wholeNumber = (least: number) =>
  z.coerce.number("must be a whole number").int("must be a whole number").min(least, `must be ${least} or more`);

/** Says nothing of what was given: it may hold a password. */
const SQL_FAULT =
  "must have Server, Database, and User Id with Password or Authentication, and must not switch Encrypt off but for this machine";

const environment = z.object({
  /** Connection string of the storage account; the embedded host fills it in when it starts Azurite. */
  AzureWebJobsStorage: z.string({ error: "is missing: give the storage account's connection string" }).min(1),
  /** Where local state lives: Azurite's files and the SQLite databases. */
  RELATA_HOME: z.string().min(1).default(".relata"),
  RELATA_MAX_BODY_BYTES: wholeNumber(1).default(BODY_BYTES),
  /** Rows of one table. 100 million orders are 10 GB, which one message can still hash in time. */
  RELATA_MAX_TABLE_ROWS: wholeNumber(1).default(100_000_000),
  /** Text cells of a table up to which each row has a text of its own; beyond, rows share exemplars. */
  RELATA_OWN_TEXTS: wholeNumber(0).default(2_000),
  /** Requests and tokens that one job may ask of the model; what is left then has its fallback. */
  RELATA_MODEL_CALLS: wholeNumber(1).default(1_000),
  RELATA_MODEL_TOKENS: wholeNumber(1).default(2_000_000),
  /** Rows a chunk, instead of chunks of about 6 MiB. */
  RELATA_CHUNK_ROWS: wholeNumber(1).optional(),
  /** The key of the model's server; without one the text is faker's. */
  NVIDIA_API_KEY: z.string().min(1).optional(),
  NEMOTRON_BASE_URL: z
    .string()
    .refine(isSafeUrl, "must be an https URL, or http on this machine, without a user or password")
    .default("https://integrate.api.nvidia.com/v1"),
  /** Asked in this order; one that is not served any more gives way to the next. */
  NEMOTRON_MODELS: z
    .string()
    .transform((list) =>
      list
        .split(",")
        .map((id) => id.trim())
        .filter((id) => id !== ""),
    )
    .refine((ids) => ids.length > 0, "must name at least one model")
    .default([
      "nvidia/nemotron-3-nano-30b-a3b",
      "nvidia/nemotron-3.5-lightning-30b-a3b",
      "nvidia/nemotron-3-super-120b-a12b",
    ]),
  /** Of the whole deployment: all hosts on one storage account together. */
  NEMOTRON_REQUESTS_PER_MINUTE: wholeNumber(1).default(30),
  /** Requests under way at once, a host. */
  NEMOTRON_CONCURRENCY: wholeNumber(1).default(4),
  /** The database to load into; without one, SQLite files in RELATA_HOME. */
  SQL_CONNECTION_STRING: z.string().refine(isSqlConnection, SQL_FAULT).optional(),
});

/** The key and the prompts travel there: in the clear only within this machine. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return (protocol === "https:" || (protocol === "http:" && isLocal)) && username === "" && password === "";
}

/** `Server=…;Database=…;…`, with a login by password or by identity, encrypted unless it stays on this machine. */
function isSqlConnection(text: string): boolean {
  const has = (key: string, value = ".+") =>
    new RegExp(`(?:^|;)\\s*(?:${key})\\s*=\\s*(?:${value})\\s*(?:;|$)`, "i").test(text);
  const isPlaced = has("Server|Data Source|Addr|Address|Network Address") && has("Database|Initial Catalog");
  const isKnown = has("Authentication", "Active Directory .+") || (has("User Id|UID|User") && has("Password|PWD"));
  const isLocal = has(
    "Server|Data Source|Addr|Address|Network Address",
    String.raw`(?:tcp:)?(?:127\.0\.0\.1|localhost|\[::1\]|\.|\(local\))(?:[,\\][^;]*)?`,
  );
  return isPlaced && isKnown && (isLocal || !has("Encrypt", "false|no|optional"));
}

export interface Settings {
  storage: string;
  home: string;
  /** Absent without a key. */
  model?: ModelSettings | undefined;
  /** The connection string of SQL Server; absent for SQLite. */
  sql?: string | undefined;
  limits: {
    bodyBytes: number;
    tableRows: number;
    chunkRows: number | undefined;
    ownTexts: number;
    modelCalls: number;
    modelTokens: number;
  };
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
    sql: data.SQL_CONNECTION_STRING,
    model:
      data.NVIDIA_API_KEY === undefined
        ? undefined
        : {
            apiKey: data.NVIDIA_API_KEY,
            baseUrl: data.NEMOTRON_BASE_URL,
            models: data.NEMOTRON_MODELS,
            requestsPerMinute: data.NEMOTRON_REQUESTS_PER_MINUTE,
            concurrency: data.NEMOTRON_CONCURRENCY,
          },
    limits: {
      bodyBytes: data.RELATA_MAX_BODY_BYTES,
      tableRows: data.RELATA_MAX_TABLE_ROWS,
      chunkRows: data.RELATA_CHUNK_ROWS,
      ownTexts: data.RELATA_OWN_TEXTS,
      modelCalls: data.RELATA_MODEL_CALLS,
      modelTokens: data.RELATA_MODEL_TOKENS,
    },
  };
}
