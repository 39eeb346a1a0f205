/**
 * What a SQLite file says of its tables: rows, keys and indexes from its catalogue, checksums from its
 * rows. The measures are those of checksums.ts; SQLite has no SHA-256 and is lent ours.
 */
import type { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { type Field, scaleOf, type Table } from "../dataset/schema.ts";
import { type Checksums, measureOf, textDigest } from "./checksums.ts";
import type { TableDdl } from "./ddl.ts";
import { sqlite } from "./dialects/sqlite.ts";
import type { TableProof } from "./target.ts";

const { quote } = sqlite;

/** Rows a statement: about 10 ms. */
const RANGE_ROWS = 5000;

/** Every constraint of SQLite is enforced, so a table made as declared has them all. */
export function proveTable(db: DatabaseSync, ddl: TableDdl): TableProof {
  const list = (pragma: string) => db.prepare(`PRAGMA ${pragma}(${quote(ddl.table)})`).all();
  const indexes = list("index_list").map(({ name }) => String(name));
  const foreignKeys = new Set(list("foreign_key_list").map(({ id }) => id)).size;
  const text = db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").get(ddl.table)?.sql;
  const isDeclared = text === ddl.create[0];
  return {
    total: Number(db.prepare(`SELECT count(*) AS rows FROM ${quote(ddl.table)}`).get()?.rows),
    indexes: indexes.sort(),
    constraints: { foreignKeys, checks: isDeclared ? ddl.checks.length : 0, trusted: isDeclared },
    missing: [
      ...(isDeclared ? [] : ["the table is not as declared"]),
      ...(foreignKeys === ddl.foreignKeys.length ? [] : ["a foreign key is missing"]),
      ...ddl.indexNames.filter((name) => !indexes.includes(name)).map((name) => `index ${name} is missing`),
    ],
  };
}

/** The checksums of all rows, by ranges of them with a turn of the event loop after each. */
export async function sumTable(db: DatabaseSync, table: Table, ddl: TableDdl): Promise<Checksums> {
  const digests = table.fields.map(() => textDigest("utf8"));
  digests.forEach((digest, i) => {
    db.function(`relata_digest_${i}`, { deterministic: true }, (text) => digest(String(text)));
  });
  const measures = table.fields.map((field, i) => {
    const column = quote(ddl.columns[i]?.name as string);
    return { column, sql: measureSql(field, column, i) };
  });
  // Two halves, as a sum of 64 bit numbers may take more than 64 bits.
  const sums = measures.map(
    ({ column, sql }, i) =>
      `count(${column}) AS n${i}, ifnull(sum(${sql} >> 32), 0) AS high${i}, ifnull(sum(${sql} & 4294967295), 0) AS low${i}`,
  );
  const columns = measures.map(({ column }) => column).join(", ");
  const query = db.prepare(
    `SELECT max(place) AS last, ${sums.join(", ")} FROM
     (SELECT rowid AS place, ${columns} FROM ${quote(ddl.table)} WHERE rowid > ? ORDER BY rowid LIMIT ${RANGE_ROWS})`,
  );
  query.setReadBigInts(true);
  const totals = table.fields.map(() => ({ count: 0n, sum: 0n }));
  for (let last: bigint | null = -(2n ** 63n); ; await turn()) {
    const found = query.get(last) as Record<string, bigint | null>;
    if (found.last === null) break;
    last = found.last as bigint;
    totals.forEach((total, i) => {
      total.count += found[`n${i}`] as bigint;
      total.sum += ((found[`high${i}`] as bigint) << 32n) + (found[`low${i}`] as bigint);
    });
  }
  return Object.fromEntries(table.fields.map(({ name }, i) => [name, `${totals[i]?.count}:${totals[i]?.sum}`]));
}

function measureSql(field: Field, column: string, place: number): string {
  switch (measureOf(field)) {
    case "text":
      return `CASE WHEN ${column} IS NOT NULL THEN relata_digest_${place}(${column}) END`;
    case "uuid":
      return `CASE WHEN ${column} IS NOT NULL THEN relata_digest_${place}(upper(${column})) END`;
    case "days":
      return `(unixepoch(${column}) / 86400)`;
    case "milliseconds": {
      const [text, length] = field.type === "time" ? [`'1970-01-01T' || ${column}`, 8] : [column, 19];
      const seconds = `unixepoch(substr(${text}, 1, 19))`;
      const fraction = scaleOf(field) === 3 ? ` + CAST(substr(${column}, ${length + 2}, 3) AS INTEGER)` : "";
      return `(${seconds} * 1000${fraction})`;
    }
    default:
      return column;
  }
}
