/**
 * T-SQL as a parser of others understands it: @dbml/core builds a model of tables, keys and references.
 *
 * It leaves out what it has no words for: COLLATE, the direction, INCLUDE and WHERE of an index. Those
 * are held to exact texts by the tests of the dialect.
 */
import { Parser } from "@dbml/core";
import { parentTable, type SchemaDocument, type Table } from "../../src/dataset/schema.ts";

export interface ModelTable {
  columns: string[];
  required: string[];
  primaryKey: string[];
  unique: string[];
  indexes: string[];
  foreignKeys: string[];
}

/** Column names that the parser takes for keywords even in brackets, which it then leaves on. */
const PARSER_SLIPS = new Map([["[value]", "value"]]);

/** The tables of a database schema by name; lists are sorted, each column list as `a, b`. */
export function modelOf(sql: string, schemaName: string): Record<string, ModelTable> {
  const database = new Parser().parse(sql, "mssql");
  const tables = database.schemas.filter(({ name }) => name === schemaName).flatMap((schema) => schema.tables);
  const refs = database.schemas.flatMap((schema) => schema.refs);
  const columnsOf = ({ columns }: { columns: { value: string }[] }) => columns.map(({ value }) => value).join(", ");
  return Object.fromEntries(
    tables.map((table) => {
      const { name, fields, indexes } = table;
      // The many end of a reference is the table that has the constraint.
      const foreignKeys = refs.flatMap(({ endpoints }) => {
        const [one, many] = ["1", "*"].map((relation) => endpoints.find((end) => end.relation === relation));
        if (!one || !many || many.tableName !== name || many.schemaName !== schemaName) return [];
        return [`${many.fieldNames.join(", ")} -> ${one.schemaName}.${one.tableName}: ${one.fieldNames.join(", ")}`];
      });
      const own = indexes.filter(({ pk, unique }) => !pk && !unique);
      const model: ModelTable = {
        columns: fields.map((field) => `${PARSER_SLIPS.get(field.name) ?? field.name} ${field.type.type_name}`),
        required: fields.filter(({ not_null }) => not_null).map((field) => field.name),
        primaryKey: indexes.filter(({ pk }) => pk).map(columnsOf),
        unique: indexes
          .filter(({ unique }) => unique)
          .map(columnsOf)
          .sort(),
        indexes: own.map(columnsOf).sort(),
        foreignKeys: foreignKeys.sort(),
      };
      return [name, model];
    }),
  );
}

/** What the model of a schema document's T-SQL must be, but for the types, from the document alone. */
export function expectedModel(
  { tables }: SchemaDocument,
  schemaName: string,
): Record<string, Omit<ModelTable, "columns">> {
  return Object.fromEntries(
    tables.map((table) => {
      const keys = keysOf(table);
      const required = table.fields.filter(
        ({ name, constraints }) => constraints?.required || keys.some((key) => key.includes(name)),
      );
      const unique = [...keys.slice(1), ...(table.indexes ?? []).filter((index) => index.unique).map(bareFields)];
      const declared = (table.indexes ?? []).filter((index) => !index.unique).map(bareFields);
      return [
        table.name,
        {
          required: required.map(({ name }) => name),
          primaryKey: [table.primaryKey.join(", ")],
          unique: unique.map((fields) => fields.join(", ")).sort(),
          indexes: [...declared, ...foreignIndexes(table, tables)].map((fields) => fields.join(", ")).sort(),
          foreignKeys: (table.foreignKeys ?? [])
            .map((key) => {
              const { own, target } = inKeyOrder(key, table, tables);
              return `${own.join(", ")} -> ${schemaName}.${parentTable(table, key)}: ${target.join(", ")}`;
            })
            .sort(),
        },
      ];
    }),
  );
}

const bareFields = ({ fields }: { fields: string[] }): string[] => fields.map((name) => name.split(" ")[0] as string);

function keysOf(table: Table): string[][] {
  const single = table.fields.filter(({ constraints }) => constraints?.unique).map(({ name }) => [name]);
  const all = [table.primaryKey, ...(table.uniqueKeys ?? []), ...single].map((key) => key.join());
  return [...new Set(all)].map((key) => key.split(","));
}

type ForeignKey = NonNullable<Table["foreignKeys"]>[number];

function inKeyOrder(key: ForeignKey, table: Table, tables: readonly Table[]): { own: string[]; target: string[] } {
  const parent = tables.find(({ name }) => name === parentTable(table, key)) as Table;
  const sorted = [...key.reference.fields].sort().join();
  const target = keysOf(parent).find((candidate) => [...candidate].sort().join() === sorted) as string[];
  return { own: target.map((name) => key.fields[key.reference.fields.indexOf(name)] as string), target };
}

/** The foreign keys whose fields begin no other key or unfiltered index, each set once. */
function foreignIndexes(table: Table, tables: readonly Table[]): string[][] {
  const begun = [...keysOf(table), ...(table.indexes ?? []).filter(({ where }) => !where).map(bareFields)];
  const added: string[][] = [];
  for (const key of table.foreignKeys ?? []) {
    const { own } = inKeyOrder(key, table, tables);
    const isBegun = [...begun, ...added].some(
      (fields) => fields.slice(0, own.length).sort().join() === [...own].sort().join(),
    );
    if (!isBegun) added.push(own);
  }
  return added;
}
