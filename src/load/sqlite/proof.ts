/**
 * What a SQLite file says of its tables: rows, keys and indexes from its catalogue, checksums from its
 * rows. The measures are those of checksums.ts; SQLite has no hash of texts and is lent ours.
 */
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { type Field, scaleOf, type Table } from "../../dataset/schema.ts";
import { measureOf, NULL_MEASURE, ROW_PRIME, rowWeights, type Sums, textDigest } from "../checksums.ts";
import type { TableDdl } from "../ddl.ts";
import { sqlite } from "../dialects/sqlite.ts";
import type { TableProof } from "../target.ts";

const { quote } = sqlite;

/** Rows a statement: about 10 ms. */
const RANGE_ROWS = 5000;

/**
 * SQLite keeps no record of trust. But a constraint comes with its table, never after rows, and can't be switched off
 * for it: in a table made as declared, only a connection that had enforcement off could have put a row past one.
 */
export function proveTable(db: DatabaseSync, ddl: TableDdl): TableProof {
  const foreignKeys = new Set(
    db
      .prepare(`PRAGMA foreign_key_list(${quote(ddl.table)})`)
      .all()
      .map(({ id }) => id),
  ).size;
  const text = db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").get(ddl.table)?.sql;
  const isDeclared = text === ddl.create[0];
  const checks = isDeclared ? ddl.checks.length : 0;
  const wanted = [ddl.primaryKey.name, ...ddl.uniqueKeys.map(({ name }) => name), ...ddl.indexNames];
  const indexes = indexesOf(db, ddl);
  return {
    total: Number(db.prepare(`SELECT count(*) AS rows FROM ${quote(ddl.table)}`).get()?.rows),
    indexes: [...indexes].sort(),
    constraints: { foreignKeys, checks, trusted: foreignKeys + checks === 0 ? null : isDeclared },
    missing: [
      ...(isDeclared ? [] : ["the table is not as declared"]),
      ...(foreignKeys === ddl.foreignKeys.length ? [] : ["a foreign key is missing"]),
      ...wanted.filter((name) => !indexes.has(name)).map((name) => `index ${name} is missing`),
    ],
  };
}

/** The declared keys and indexes that are there. SQLite gives the index of a key a name of its own: columns tell whose. */
function indexesOf(db: DatabaseSync, { table, primaryKey, uniqueKeys, indexNames }: TableDdl): Set<string> {
  const found = db
    .prepare(
      `SELECT list.name, list.origin, (SELECT json_group_array(name ORDER BY seqno) FROM pragma_index_info(list.name)) AS columns
       FROM pragma_index_list(?) AS list`,
    )
    .all(table);
  // A whole number as the primary key has no index: the table itself is ordered by it.
  const primary = db.prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk").all(table);
  const keys = new Set([
    JSON.stringify(primary.map(({ name }) => name)),
    ...found.filter(({ origin }) => origin === "u").map(({ columns }) => String(columns)),
  ]);
  const names = new Set(found.map(({ name }) => name));
  return new Set([
    ...[primaryKey, ...uniqueKeys].filter(({ columns }) => keys.has(JSON.stringify(columns))).map(({ name }) => name),
    ...indexNames.filter((name) => names.has(name)),
  ]);
}

/** What is made of a range of rows: `columns` of each row, `more` out of those, and `results` of all of its rows. */
interface RangeQuery {
  readonly columns: readonly string[];
  readonly more?: readonly string[];
  readonly results: readonly string[];
  /** The name of a table that has primary keys: then only of rows with those. */
  readonly keys?: string | undefined;
}

/**
 * The results over the table's rows, a range of them after the other, with a turn of the event loop after each. To
 * `results` a row is called `child`.
 */
export async function* rowRanges(
  db: DatabaseSync,
  { table, columns: all, primaryKey }: TableDdl,
  { columns, more = [], results, keys }: RangeQuery,
): AsyncGenerator<Record<string, bigint | number | null>> {
  const same = primaryKey.columns.map((name) => `keys.${quote(name)} = rows.${quote(name)}`).join(" AND ");
  const among = keys === undefined ? "" : ` AND EXISTS (SELECT 1 FROM ${keys} AS keys WHERE ${same})`;
  // A column of that name would hide it.
  const rowid = ["rowid", "_rowid_", "oid"].find((name) => !all.some((one) => one.name.toLowerCase() === name));
  // Without the limits SQLite would put what a column is made of wherever it is named, and make it as many times.
  const query = db.prepare(
    `SELECT max("#row") AS last, ${results.join(", ")} FROM (SELECT ${["*", ...more].join(", ")} FROM
     (SELECT ${[`${rowid} AS "#row"`, ...columns].join(", ")} FROM ${quote(table)} AS rows
      WHERE ${rowid} > ?${among} ORDER BY ${rowid} LIMIT ${RANGE_ROWS}) LIMIT ${RANGE_ROWS}) AS child`,
  );
  query.setReadBigInts(true);
  for (let last: bigint | null = -(2n ** 63n); ; await turn()) {
    const found = query.get(last) as Record<string, bigint | number | null>;
    if (found.last === null) return;
    last = found.last as bigint;
    yield found;
  }
}

/** The sums over all rows, or over those whose primary keys are in the table of `keys`. */
export async function sumTable(db: DatabaseSync, table: Table, ddl: TableDdl, keys?: string): Promise<Sums> {
  db.function("relata_digest", { deterministic: true }, textDigest("fnv1a") as (text: SQLOutputValue) => number);
  const measures = table.fields.map(
    (field, i) => `${measureSql(field, quote(ddl.columns[i]?.name as string))} AS "#m${i}"`,
  );
  const weights = rowWeights(measures.length);
  const parts = weights.map((weight, i) => `${weight} * (ifnull("#m${i}", ${NULL_MEASURE}) % ${ROW_PRIME})`);
  const mixed = `(${parts.join(" + ")}) % ${ROW_PRIME} AS "#mixed"`;
  const square = `("#mixed" * "#mixed" % ${ROW_PRIME})`;
  const sum = (low: string) => `CAST(ifnull(sum(${low}), 0) AS INTEGER)`;
  const results = table.fields.flatMap((field, i) => {
    // In two halves, as a sum of 64 bit numbers may take more than 64 bits. All other measures have less than 50.
    const isLarge = measureOf(field) === "units";
    const [low, high] = isLarge ? [sum(`"#m${i}" & 4294967295`), sum(`"#m${i}" >> 32`)] : [sum(`"#m${i}"`), "0"];
    return [`count("#m${i}") AS n${i}`, `${low} AS low${i}`, `${high} AS high${i}`];
  });
  results.push(`${sum(`${square} * ${square} % ${ROW_PRIME}`)} AS number`);
  const totals = table.fields.map(() => ({ count: 0n, sum: 0n }));
  let rowSum = 0n;
  for await (const found of rowRanges(db, ddl, { columns: measures, more: [mixed], results, keys })) {
    totals.forEach((total, i) => {
      total.count += found[`n${i}`] as bigint;
      total.sum += ((found[`high${i}`] as bigint) << 32n) + (found[`low${i}`] as bigint);
    });
    rowSum += found.number as bigint;
  }
  const checksums = table.fields.map(({ name }, i) => [name, `${totals[i]?.count}:${totals[i]?.sum}`]);
  return { checksums: Object.fromEntries(checksums), rowSum: String(rowSum) };
}

/** Whole, as a function of ours gives a double, and sums of their products must stay exact. */
const digestSql = (column: string, text: string): string =>
  `CASE WHEN ${column} IS NOT NULL THEN CAST(relata_digest(${text}) AS INTEGER) END`;

function measureSql(field: Field, column: string): string {
  switch (measureOf(field)) {
    case "text":
      return digestSql(column, column);
    case "uuid":
      return digestSql(column, `upper(${column})`);
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
