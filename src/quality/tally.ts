/** Adds up what the chunks counted, and says what is wrong with the whole. */
import type { Checks, ChunkRecord, OriginCounts } from "../dataset/chunk.ts";
import type { PlannedTable } from "../dataset/plan.ts";

/** The sums over all chunks. */
export function sumChecks(records: readonly ChunkRecord[]): Checks {
  const sum = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };
  for (const { checks } of records) {
    sum.orphans += checks.orphans;
    sum.duplicateKeys += checks.duplicateKeys;
    sum.brokenRules += checks.brokenRules;
  }
  return sum;
}

/** Text cells by where they came from: by "table.field", then by origin. `names` are the tables' by number. */
export function sumTexts(names: readonly string[], records: readonly ChunkRecord[]): OriginCounts {
  const sum: OriginCounts = {};
  for (const { table, texts = {} } of records) {
    for (const [field, counts] of Object.entries(texts)) {
      const path = `${names[table]}.${field}`;
      const own = sum[path] ?? {};
      for (const [origin, count] of Object.entries(counts)) own[origin] = (own[origin] ?? 0) + count;
      sum[path] = own;
    }
  }
  return sum;
}

/**
 * Why these chunks are not the dataset that was asked for, a sentence each; empty when they are:
 * every chunk there, as many rows as asked, no orphan, duplicate key or broken rule.
 */
export function findFlaws(tables: readonly PlannedTable[], records: readonly ChunkRecord[]): string[] {
  const flaws = tables.flatMap(({ name, rows, chunks }, table) => {
    const own = records.filter((record) => record.table === table);
    const made = own.reduce((sum, record) => sum + record.rows, 0);
    if (own.length !== chunks) return [`${name} has ${own.length} of ${chunks} chunks`];
    return made === rows ? [] : [`${name} has ${made} of ${rows} rows`];
  });
  const { orphans, duplicateKeys, brokenRules } = sumChecks(records);
  if (orphans > 0) flaws.push(`${orphans} references lead to no row`);
  if (duplicateKeys > 0) flaws.push(`${duplicateKeys} keys are not unique`);
  if (brokenRules > 0) flaws.push(`${brokenRules} values break a rule of the schema`);
  return flaws;
}
