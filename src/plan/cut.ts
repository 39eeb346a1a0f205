/** Cuts tables into chunks of equal rows whose CSV is about one storage block each. */
import { createHash } from "node:crypto";
import { ENGINE_VERSION, type Plan, type PlannedTable, PROMPT_VERSION } from "../dataset/plan.ts";
import type { SchemaDocument, Table } from "../dataset/schema.ts";
import { parentsFirst } from "./structure.ts";

/** 4 to 8 MiB a block: few transactions, small memory, and 50,000 blocks still hold 250 GiB. */
const CHUNK_BYTES = 6 * 1024 * 1024;

/** What a blob can hold. */
const MAX_BLOCKS = 50_000;

/** How large a table is: its rows, and an estimate of a row's CSV. */
export interface TableSize {
  rows: number;
  bytesPerRow: number;
}

/** A table's part of the plan. `chunkRows` overrides the size in bytes. */
export function cutTable(name: string, { rows, bytesPerRow }: TableSize, chunkRows?: number): PlannedTable {
  const wanted = chunkRows ?? Math.max(1, Math.floor(CHUNK_BYTES / bytesPerRow));
  const size = Math.max(wanted, Math.ceil(rows / MAX_BLOCKS));
  return { name, rows, chunkRows: size, chunks: Math.max(1, Math.ceil(rows / size)) };
}

/** What decides the bytes of a dataset, apart from its text pools. */
export type Recipe = Pick<Plan, "seed" | "referenceDate" | "schema" | "csv"> & Partial<Pick<Plan, "text">>;

/**
 * The plan of an accepted request. `sizes` are those of the schema's tables, in its order.
 * The chunk size is in the plan but not in the fingerprint, since the bytes don't depend on it.
 */
export function makePlan(
  recipe: Recipe & Pick<Plan, "dataset" | "createdAt" | "load"> & Partial<Pick<Plan, "reusePools" | "drafts">>,
  sizes: readonly TableSize[],
  chunkRows?: number,
): Plan {
  const tables = parentsFirst(recipe.schema).map((place) => {
    return cutTable((recipe.schema.tables[place] as Table).name, sizes[place] as TableSize, chunkRows);
  });
  const noModel = { text: "faker" as const, reusePools: false, drafts: [] };
  return { engineVersion: ENGINE_VERSION, ...noModel, ...recipe, tables, fingerprint: fingerprint(recipe) };
}

/**
 * SHA-256 of all that decides the bytes: engine version, seed, reference date, schema with its row
 * counts, CSV options; and that a model writes the text, though not what it writes. Left out: names and
 * times of the job, chunk size, whether it is loaded and with which indexes. The document's key order
 * counts, since a category's weights are drawn in their order.
 */
export function fingerprint({ seed, referenceDate, schema, csv, text }: Recipe): string {
  const tables = schema.tables.map(({ indexes: _, ...table }) => table);
  const bytes = { ...schema, tables };
  const writer = text === "model" ? { text, promptVersion: PROMPT_VERSION } : {};
  const identity = JSON.stringify({
    engineVersion: ENGINE_VERSION,
    seed,
    referenceDate,
    schema: bytes,
    csv,
    ...writer,
  });
  return createHash("sha256").update(identity).digest("hex");
}

/** The schema with the request's row counts put in. */
export function withRows(schema: SchemaDocument, rows: Readonly<Record<string, number>>): SchemaDocument {
  // A table may be called "constructor", which every object inherits.
  const given = new Map(Object.entries(rows));
  const tables = schema.tables.map((table) => {
    const own = given.get(table.name);
    return own === undefined ? table : { ...table, rows: own };
  });
  return { ...schema, tables };
}

/** Text cells asked for: rows x text fields, over all tables. */
export function countTexts(tables: readonly Table[], planned: readonly Pick<PlannedTable, "name" | "rows">[]): number {
  return planned.reduce((sum, { name, rows }) => {
    const { fields = [] } = tables.find((table) => table.name === name) ?? {};
    return sum + rows * fields.filter(({ generator }) => generator?.kind === "text").length;
  }, 0);
}
