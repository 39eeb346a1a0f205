/** The generated T-SQL, read by a parser that is not ours, says what the schema document says. */
import { describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { FieldType, SchemaDocument } from "../../src/dataset/schema.ts";
import { schemaDdl } from "../../src/load/ddl.ts";
import { tsql } from "../../src/load/dialects/tsql.ts";
import { readExamples } from "../support/examples.ts";
import { expectedModel, modelOf } from "../support/tsql-model.ts";

const SHAPES: Record<FieldType, RegExp> = {
  string: /^nvarchar\((\d+|MAX)\)$/i,
  integer: /^(int|bigint)$/,
  number: /^decimal\(19,\d\)$/,
  boolean: /^bit$/,
  date: /^date$/,
  datetime: /^datetime2\([03]\)$/,
  time: /^time\([03]\)$/,
  uuid: /^uniqueidentifier$/,
};

const examples = readExamples().map(({ name, request }) => [name, request.schema] as const);
const schemas: (readonly [string, SchemaDocument])[] = [...PRESETS, ...examples];

describe.each(schemas)("the tables of %s", (name, schema) => {
  const ddl = schemaDdl(schema, tsql(name));
  const sql = (["create", "references", "indexes"] as const).flatMap((part) => ddl.flatMap((table) => table[part]));
  const model = modelOf(sql.join(";\n"), name);

  test("have the document's keys, references, indexes and required fields", () => {
    const withoutColumns = Object.entries(model).map(([table, { columns: _, ...rest }]) => [table, rest]);
    expect(Object.fromEntries(withoutColumns)).toEqual(expectedModel(schema, name));
  });

  test("have a column of the fitting type for every field, in the document's order", () => {
    for (const table of schema.tables) {
      const columns = model[table.name]?.columns.map((column) => column.split(" ")) as [string, string][];
      expect(columns.map(([column]) => column)).toEqual(table.fields.map((field) => field.name));
      const wrong = table.fields.filter(({ type }, i) => !SHAPES[type].test(columns[i]?.[1] as string));
      expect(wrong).toEqual([]);
    }
  });

  test("refer to each other by columns of the same type, collation and all", () => {
    const typeOf = (table: string, column: string) =>
      ddl.find((one) => one.table === table)?.columns.find((one) => one.name === column)?.type;
    const pairs = ddl.flatMap(({ table, foreignKeys }) =>
      foreignKeys.flatMap(({ columns, parent, parentColumns }) =>
        columns.map((column, i) => [typeOf(table, column), typeOf(parent, parentColumns[i] as string)]),
      ),
    );
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.filter(([child, parent]) => child === undefined || child !== parent)).toEqual([]);
  });

  test("have keys that fit an index of SQL Server", () => {
    const bytes = { int: 4, bigint: 8, bit: 1, date: 3, uniqueidentifier: 16, decimal: 9, datetime2: 8, time: 5 };
    const sizes = ddl.flatMap(({ columns, primaryKey, uniqueKeys, foreignKeys }) => {
      const size = (names: readonly string[]) =>
        columns
          .filter((column) => names.includes(column.name))
          .map(({ shape }) =>
            shape.base === "nvarchar" ? 2 * Number(shape.length) : bytes[shape.base as keyof typeof bytes],
          )
          .reduce((sum, one) => sum + one, 0);
      return [
        { size: size(primaryKey.columns), most: 900 },
        ...[...uniqueKeys, ...foreignKeys].map((key) => ({ size: size(key.columns), most: 1700 })),
      ];
    });
    expect(sizes.filter(({ size, most }) => !(size > 0 && size <= most))).toEqual([]);
  });
});
