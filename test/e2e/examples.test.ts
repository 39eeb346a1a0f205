/**
 * Every example from POST to SQL, judged by SQLite alone: the file that the load leaves is opened with
 * node:sqlite, and what must hold is asked of it in SQL that knows nothing of how the rows were made.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parentTable, type SchemaDocument, type Table } from "../../src/dataset/schema.ts";
import { getManifest, type JobView, postGenerate, waitForJob } from "../support/client.ts";
import { readExamples } from "../support/examples.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const home = join(tempFolder(), "home");
let host: HostProcess;
beforeAll(async () => {
  host = await startHostProcess({ RELATA_HOME: home });
});
afterAll(() => host?.stop());

describe.each(readExamples().map((example) => [example.name, example] as const))("the example %s", (_, example) => {
  const { request, checks } = example;
  const { schema } = request;
  let job: JobView;
  let db: DatabaseSync;
  beforeAll(async () => {
    const { id } = await postGenerate(host.url, request);
    job = await waitForJob(host.url, id);
    db = new DatabaseSync(join(home, "sql", `${request.name}.sqlite`), { readOnly: true, timeout: 5_000 });
  });
  afterAll(() => db?.close());
  const rowsOf = (sql: string) => db.prepare(sql).all();

  test("is made and loaded as asked, with nothing wrong by its own account", async () => {
    const { checks, tables } = await getManifest(host.url, request.name);
    expect(checks).toEqual({ orphans: 0, duplicateKeys: 0, brokenRules: 0 });
    expect(Object.keys(tables).sort()).toEqual(schema.tables.map(({ name }) => name).sort());
    for (const { name, rows } of schema.tables)
      if (rows !== undefined) expect([name, tables[name]?.rows]).toEqual([name, rows]);
    const counts = Object.entries(tables).map(([name, { rows }]) => [name, rows]);
    expect(counts.map(([name]) => [name, rowsOf(`SELECT count(*) AS rows FROM "${name}"`)[0]?.rows])).toEqual(counts);
    expect(job.result).toMatchObject({ target: "sqlite", orphans: 0, alreadyLoaded: false });
  });

  test("has no reference without a parent, by SQLite's check and by a join", () => {
    expect(rowsOf("PRAGMA foreign_key_check")).toEqual([]);
    expect(schema.tables.flatMap((table) => orphanSql(schema, table)).flatMap(rowsOf)).toEqual([]);
  });

  test("repeats no key, and has no NULL in a primary key or where a value is required", () => {
    expect(schema.tables.flatMap(duplicateSql).flatMap(rowsOf)).toEqual([]);
    expect(schema.tables.flatMap(missingSql).flatMap(rowsOf)).toEqual([]);
  });

  test("keeps every pattern, list of values and length", () => {
    for (const { name, fields } of schema.tables) {
      for (const { name: field, constraints = {} } of fields) {
        const { pattern, enum: allowed, maxLength = Infinity } = constraints;
        const whole = new RegExp(`^(?:${pattern ?? "[^]*"})$`, "u");
        const values = rowsOf(`SELECT DISTINCT "${field}" AS value FROM "${name}" WHERE "${field}" IS NOT NULL`).map(
          ({ value }) => value,
        );
        const wrong = values.filter(
          (value) =>
            !whole.test(String(value)) ||
            [...String(value)].length > maxLength ||
            (allowed && !allowed.includes(value as string)),
        );
        expect(wrong, `${name}.${field}`).toEqual([]);
      }
    }
  });

  test.each(checks)("$title", ({ sql }) => {
    expect(rowsOf(sql)).toEqual([]);
  });

  test("would not pass with any of the changes that its checks name", () => {
    const copy = join(home, `${request.name}-broken.sqlite`);
    db.exec(`VACUUM INTO '${copy}'`);
    const broken = new DatabaseSync(copy, { enableForeignKeyConstraints: false });
    broken.exec("PRAGMA ignore_check_constraints = ON");
    const blind = checks.filter(({ sql, brokenBy }) => {
      broken.exec(`BEGIN; ${brokenBy}`);
      const found = broken.prepare(sql).all();
      broken.exec("ROLLBACK");
      return found.length === 0;
    });
    broken.close();
    expect(blind).toEqual([]);
  });
});

/** Decimals are stored in whole units, beside the field that people read. */
const stored = ({ fields }: Table, name: string): string => {
  const { type, scale = 2 } = fields.find((field) => field.name === name) as Table["fields"][number];
  return `"${name}${type === "number" && scale > 0 ? "_minor" : ""}"`;
};

function orphanSql(schema: SchemaDocument, table: Table): string[] {
  return (table.foreignKeys ?? []).map((key) => {
    const parent = schema.tables.find(({ name }) => name === parentTable(table, key)) as Table;
    const match = key.fields.map(
      (field, i) => `parent.${stored(parent, key.reference.fields[i] as string)} = child.${stored(table, field)}`,
    );
    const present = key.fields.map((field) => `child.${stored(table, field)} IS NOT NULL`);
    return `SELECT child.* FROM "${table.name}" AS child LEFT JOIN "${parent.name}" AS parent ON ${match.join(" AND ")}
      WHERE ${present.join(" AND ")} AND parent.${stored(parent, parent.primaryKey[0] as string)} IS NULL`;
  });
}

function duplicateSql(table: Table): string[] {
  const single = table.fields.filter(({ constraints }) => constraints?.unique).map(({ name }) => [name]);
  return [table.primaryKey, ...(table.uniqueKeys ?? []), ...single].map((fields) => {
    const columns = fields.map((field) => stored(table, field));
    return `SELECT ${columns}, count(*) FROM "${table.name}" WHERE ${columns.map((column) => `${column} IS NOT NULL`).join(" AND ")}
      GROUP BY ${columns} HAVING count(*) > 1`;
  });
}

function missingSql(table: Table): string[] {
  return table.fields
    .filter(({ name, constraints }) => constraints?.required || table.primaryKey.includes(name))
    .map(({ name }) => `SELECT * FROM "${table.name}" WHERE ${stored(table, name)} IS NULL`);
}
