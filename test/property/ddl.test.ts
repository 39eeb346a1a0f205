/** Whatever the schema: SQLite takes its DDL, T-SQL's says what the document says, and names never meet. */
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field, FieldType, Index, SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { schemaDdl } from "../../src/load/ddl.ts";
import { sqlite } from "../../src/load/dialects/sqlite.ts";
import { tsql } from "../../src/load/dialects/tsql.ts";
import { structureFaults } from "../../src/plan/structure.ts";
import { expectedModel, modelOf } from "../support/tsql-model.ts";

/** Some literals of each type; a text is none of a number's. */
const LITERALS: Record<FieldType, string[]> = {
  string: ["'a'", "'it''s'", "''"],
  integer: ["-1", "3000000000"],
  number: ["0.5", "-2"],
  boolean: ["true", "0"],
  date: ["'2026-01-31'"],
  datetime: ["'2026-01-31T08:30Z'"],
  time: ["'08:30'"],
  uuid: ["'0190a6f0-0000-7000-8000-00000000000a'"],
};

/** Short, so that names made of several meet: a_b and c, a and b_c. */
const NAMES = ["a", "b", "c", "a_b", "b_c", "a_b_c", "order", "select", "a_minor"];

const fieldOf = (name: string): fc.Arbitrary<Field> =>
  fc
    .record({ type: fc.constantFrom(...(Object.keys(LITERALS) as FieldType[])), required: fc.boolean() })
    .map(({ type, required }) => ({ name, type, constraints: { required } }));

const fieldsOf = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 5 })
  .chain((names) => fc.tuple(...names.map(fieldOf)));

const condition = (field: Field): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(` is null`, ` IS NOT NULL`).map((tail) => field.name + tail),
    fc
      .tuple(fc.constantFrom("=", "<>", "<", ">="), fc.constantFrom(...LITERALS[field.type]))
      .map(([operator, value]) => `${field.name} ${operator} ${value}`),
    fc.constant(`${field.name} in (${LITERALS[field.type].join(", ")})`),
  );

const indexOf = (fields: readonly Field[]): fc.Arbitrary<Index> =>
  fc
    .record({
      order: fc.shuffledSubarray([...fields], { minLength: 1 }),
      keys: fc.integer({ min: 1, max: 3 }),
      backwards: fc.boolean(),
      unique: fc.boolean(),
      where: fc.option(
        fc.tuple(...fields.slice(0, 2).map(condition)).map((conditions) => conditions.join(" AND ")),
        { nil: undefined },
      ),
    })
    .map(({ order, keys, backwards, unique, where }) => ({
      fields: order.slice(0, keys).map(({ name }, i) => (backwards && i === 0 ? `${name} desc` : name)),
      include: order.slice(keys).map(({ name }) => name),
      ...(unique ? { unique } : {}),
      ...(where === undefined ? {} : { where }),
    }));

/** Without relations: those are added from the tables that are there. */
const tableOf = (name: string): fc.Arbitrary<Table> =>
  fieldsOf.chain((fields) => {
    const names = fields.map((field) => field.name);
    const some = fc.shuffledSubarray(names, { minLength: 1, maxLength: 2 });
    return fc
      .record({
        primaryKey: some,
        uniqueKeys: fc.array(some, { maxLength: 2 }),
        indexes: fc.array(indexOf(fields), { maxLength: 3 }),
      })
      .map((rest) => ({ name, rows: 5, fields, ...rest }));
  });

const schemas: fc.Arbitrary<SchemaDocument> = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .chain((names) => fc.tuple(...names.map(tableOf)))
  .map((tables) => ({ name: "s", tables: tables.map((table, i) => linked(table, tables.slice(0, i))) }));

/** Refers to the first key of every table before it, backwards, by fields of its own. */
function linked(table: Table, parents: readonly Table[]): Table {
  const links = parents.map((parent, n) => {
    const key = [...parent.primaryKey].reverse();
    const fields = key.map((name): Field => {
      const { type } = parent.fields.find((field) => field.name === name) as Field;
      return { name: `${name}_of_${n}`, type };
    });
    return {
      fields,
      key: { fields: fields.map(({ name }) => name), reference: { resource: parent.name, fields: key } },
    };
  });
  return {
    ...table,
    fields: [...table.fields, ...links.flatMap(({ fields }) => fields)],
    foreignKeys: links.map(({ key }) => key),
  };
}

test("every sound schema has DDL that runs, means the same and never changes", () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      fc.pre(structureFaults(schema).length === 0);
      const db = new DatabaseSync(":memory:");
      for (const { create, indexes } of schemaDdl(schema, sqlite))
        for (const sql of [...create, ...indexes]) db.exec(sql);
      db.close();

      const ddl = schemaDdl(schema, tsql("s"));
      const sql = (["create", "references", "indexes"] as const).flatMap((part) => ddl.flatMap((table) => table[part]));
      const model = Object.entries(modelOf(sql.join(";\n"), "s")).map(([name, { columns: _, ...rest }]) => [
        name,
        rest,
      ]);
      expect(Object.fromEntries(model)).toEqual(expectedModel(schema, "s"));

      const names = ddl.flatMap(({ table, primaryKey, uniqueKeys, foreignKeys, checks, indexNames }) => [
        table,
        ...[primaryKey, ...uniqueKeys, ...foreignKeys, ...checks].map(({ name }) => name),
        ...indexNames,
      ]);
      expect(new Set(names).size).toBe(names.length);
      expect(schemaDdl(structuredClone(schema), tsql("s"))).toEqual(ddl);
    }),
    { numRuns: 60 },
  );
});
