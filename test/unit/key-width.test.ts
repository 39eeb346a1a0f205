/** What is wider than SQL Server has it is refused with the schema, not by the load. */
import { expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { structureFaults } from "../../src/plan/structure.ts";
import { tableOf } from "../support/small-tables.ts";

const faults = (...tables: Table[]) => structureFaults({ name: "wide", tables });
const x = { type: "integer", generator: { kind: "uniform" } } as const;

test("too-many-fields, in what is wider than SQL Server has it", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i): Field => ({ ...x, name: `f${i}` }));
  const names = (count: number) => many(count).map(({ name }) => name);
  const keys = (count: number): Partial<Table> => ({
    primaryKey: names(count),
    uniqueKeys: [names(count).reverse()],
  });
  const indexes = (count: number) => ({ indexes: [{ fields: ["id"], include: names(count) }] });
  expect(faults(tableOf("a", many(32), keys(32)), tableOf("b", many(1023), indexes(1023)))).toEqual([]);
  const told = faults(tableOf("a", many(33), keys(33)), tableOf("b", many(1024), indexes(1024)));
  const message = "33 fields are more than SQL Server takes in a key: leave 32 at most.";
  expect(told).toEqual([
    { pointer: "/tables/0/primaryKey", code: "too-many-fields", message },
    { pointer: "/tables/0/uniqueKeys/0", code: "too-many-fields", message },
    expect.objectContaining({ pointer: "/tables/1/indexes/0/include", code: "too-many-fields" }),
  ]);
  const child = { reference: { resource: "a", fields: names(33) }, fields: names(33) };
  const children = tableOf(
    "c",
    many(33).map(({ name, type }) => ({ name, type })),
    { foreignKeys: [child] },
  );
  expect(faults(tableOf("a", many(33), { primaryKey: names(33) }), children)).toMatchObject([
    { code: "too-many-fields" },
  ]);
});
