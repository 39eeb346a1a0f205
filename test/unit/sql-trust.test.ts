/**
 * The check of sql/checks/trust.sql for foreign keys without an index, over a catalogue of one table t (a, b, x)
 * with a foreign key of (a, b). The statement is plain SQL, so its logic can be run here.
 */
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { readSql, statementsOf } from "../support/sql-files.ts";

const CHECK = statementsOf(readSql("sql/checks/trust.sql")).find(({ title }) =>
  title.startsWith("foreign keys that no"),
);
const COLUMNS = ["a", "b", "x"];

interface Made {
  columns: string;
  filter?: string;
  disabled?: boolean;
}

/** The foreign keys that the check finds beside these indexes; each index carries `x`, too. */
function found(...indexes: Made[]): unknown[] {
  const db = new DatabaseSync(":memory:");
  for (const name of ["OBJECT_SCHEMA_NAME", "OBJECT_NAME"]) db.function(name, (_id) => "t");
  db.function("LEN", (text) => (text === null ? null : String(text).length));
  db.function("CHARINDEX", (part, text) => (text === null ? null : String(text).indexOf(String(part)) + 1));
  db.function("QUOTENAME", (name) => `[${name}]`);
  db.exec(`ATTACH DATABASE ':memory:' AS sys;
    CREATE TABLE sys.foreign_keys AS SELECT 9 AS object_id, 1 AS parent_object_id, 'fk_t' AS name;
    CREATE TABLE sys.foreign_key_columns (constraint_object_id, parent_object_id, parent_column_id);
    INSERT INTO sys.foreign_key_columns VALUES (9, 1, 1), (9, 1, 2);
    CREATE TABLE sys.columns (object_id, column_id, name);
    CREATE TABLE sys.indexes (object_id, index_id, is_disabled, has_filter, filter_definition);
    CREATE TABLE sys.index_columns (object_id, index_id, column_id, key_ordinal);`);
  COLUMNS.forEach((name, i) => void db.prepare("INSERT INTO sys.columns VALUES (1, ?, ?)").run(i + 1, name));
  indexes.forEach(({ columns, filter, disabled = false }, i) => {
    const index = db.prepare("INSERT INTO sys.indexes VALUES (1, ?, ?, ?, ?)");
    index.run(i, Number(disabled), Number(filter !== undefined), filter ?? null);
    const column = db.prepare("INSERT INTO sys.index_columns VALUES (1, ?, ?, ?)");
    [...columns].forEach((name, place) => void column.run(i, COLUMNS.indexOf(name) + 1, place + 1));
    if (!columns.includes("x")) column.run(i, 3, 0);
  });
  // Texts are joined by another sign here.
  const sql = CHECK?.sql.replace("+ ' IS NOT NULL'", "|| ' IS NOT NULL'") as string;
  const rows = db.prepare(sql).all();
  db.close();
  return rows;
}

const [a, b] = ["[a] IS NOT NULL", "[b] IS NOT NULL"];

test.each<[string, Made]>([
  ["of just its columns", { columns: "ab" }],
  ["of its columns the other way round", { columns: "ba" }],
  ["that goes on", { columns: "bax" }],
  ["without rows that have no parent", { columns: "ab", filter: `(${a} AND ${b})` }],
  ["without rows that have none of one column", { columns: "ab", filter: `(${b})` }],
])("an index %s is one for the foreign key", (_, made) => {
  expect(found({ columns: "x" }, made)).toEqual([]);
});

test.each<[string, Made]>([
  ["of its second column", { columns: "b" }],
  ["of its first column and another", { columns: "axb" }],
  ["that begins with another", { columns: "xab" }],
  ["that is off", { columns: "ab", disabled: true }],
  ["of some rows", { columns: "ab", filter: "([x]>(5))" }],
  ["of some rows with a parent", { columns: "ab", filter: `(${a} AND [x]>(5))` }],
  ["of rows with another column, too", { columns: "abx", filter: `(${a} AND ${b} AND [x] IS NOT NULL)` }],
])("an index %s is none for the foreign key", (_, made) => {
  expect(found(made)).toEqual([{ schema: "t", table: "t", name: "fk_t" }]);
});

test("two indexes with a column each are none for the foreign key", () => {
  expect(found({ columns: "a" }, { columns: "b" })).toHaveLength(1);
});
