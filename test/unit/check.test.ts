import { describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import { type Field, type SchemaDocument, schemaDocument, type Table } from "../../src/dataset/schema.ts";
import { checkBlock } from "../../src/generate/check.ts";
import type { Column, Numbers, Words } from "../../src/generate/column.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import type { CompiledTable } from "../../src/generate/engine.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";
import { withRows } from "../../src/plan/cut.ts";
import { childOf, engineOf, tableOf } from "../support/small-tables.ts";

const { field: customerId, key } = childOf("customer");
const customer: Table = tableOf(
  "customer",
  [
    { name: "email", type: "string", constraints: { unique: true }, generator: { kind: "person", part: "email" } },
    { name: "since", type: "date", generator: { kind: "date", min: "2025-01-01", max: "2025-06-30" } },
  ],
  { rows: 50 },
);
const FIELDS: Field[] = [
  customerId,
  {
    name: "pieces",
    type: "integer",
    constraints: { required: true, minimum: 1, maximum: 5 },
    generator: { kind: "uniform", min: 1, max: 5 },
  },
  {
    name: "price",
    type: "number",
    constraints: { minimum: 1, maximum: 9.99 },
    generator: { kind: "uniform", min: 1, max: 9.99 },
  },
  {
    name: "size",
    type: "string",
    constraints: { enum: ["S", "M", "L"], maxLength: 1 },
    generator: { kind: "category", values: ["S", "M", "L"] },
  },
  {
    name: "day",
    type: "date",
    constraints: { minimum: "2025-01-01", maximum: "2026-01-01" },
    generator: { kind: "date", min: { field: "customer.since" } },
  },
  { name: "unit", type: "number", generator: { kind: "uniform", min: 1, max: 9 } },
  { name: "total", type: "number", generator: { kind: "expression", expr: "unit * 3" } },
  {
    name: "grade",
    type: "integer",
    constraints: { enum: [1, 2, 3] },
    generator: { kind: "category", values: [1, 2, 3] },
  },
  {
    name: "label",
    type: "string",
    constraints: { maxLength: 20 },
    generator: { kind: "template", template: "no {{id}}" },
  },
  {
    name: "note",
    type: "string",
    generator: {
      kind: "text",
      prompt: "A note",
      maxChars: 12,
      fallback: { kind: "template", template: "note {{id}}" },
    },
  },
  {
    name: "city",
    type: "string",
    constraints: { enum: ["Here 1", "Here 2"] },
    generator: { kind: "template", template: "Here {{n}}", with: { n: { kind: "category", values: ["1", "2"] } } },
  },
];
const engine = engineOf([
  customer,
  tableOf("orders", FIELDS, {
    foreignKeys: [key],
    rules: [
      { name: "after", expr: "day >= customer.since" },
      { name: "worth", expr: "pieces * price > 0" },
      { name: "exact", expr: "total == unit * 3" },
    ],
  }),
]);
const ROWS = 100;
const CUSTOMER = 0;
const ORDERS = 1;

/** The checks of rows 200 to 299 of a table after some of its columns were changed. */
function checkWith(table: number, changes: Record<string, (column: Column) => Column>) {
  const compiled = engine.tables[table] as CompiledTable;
  const first = table === CUSTOMER ? 0 : 200;
  const sound = engine.block(table, first, table === CUSTOMER ? 50 : ROWS);
  const planted = new Map(
    Object.entries(changes).map(([name, change]) => {
      const place = compiled.table.fields.findIndex((field) => field.name === name);
      return [place, change(sound.column(place))];
    }),
  );
  const column = (field: number) => planted.get(field) ?? sound.column(field);
  // What the sound block knows of itself is forgotten: `shared` makes everything anew.
  const { broken: _, ...found } = checkBlock(engine, compiled, { ...sound, column, shared: (_, make) => make() });
  return found;
}

/** Puts values at some places of a column of numbers. */
const put = (values: Record<number, number>) => (column: Column) => {
  const changed = Float64Array.from((column as Numbers).values);
  for (const [place, value] of Object.entries(values)) changed[Number(place)] = value;
  return { ...(column as Numbers), values: changed };
};
const at = (column: Column, place: number) => (column as Numbers).values[place] as number;
const nullAt =
  (...places: number[]) =>
  (column: Column) =>
    ({ ...column, nulls: Uint8Array.from({ length: ROWS }, (_, i) => Number(places.includes(i))) }) as Column;
/** A column of one word but for another at some places. */
const wordAt = (usual: string, word: string, ...places: number[]): Words => ({
  kind: "words",
  vocabulary: makeVocabulary([usual, word]),
  ids: Uint32Array.from({ length: ROWS }, (_, i) => Number(places.includes(i))),
});
const none = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };

test("rows as they are made have nothing wrong", () => {
  expect(checkWith(CUSTOMER, {})).toEqual(none);
  expect(checkWith(ORDERS, {})).toEqual(none);
});

test.each([0, 1, 2])("a hundred thousand rows of the preset's table %i have nothing wrong", (table) => {
  const document = withRows(PRESETS.get("ecommerce") as SchemaDocument, {
    customers: 100_000,
    products: 100_000,
    orders: 100_000,
  });
  const large = compileSchema(document, 5, "2026-01-01");
  const found = checkBlock(large, large.tables[table] as CompiledTable, large.block(table, 0, 100_000));
  expect(found).toEqual({ ...none, broken: new Map() });
});

test("a schema document with an unknown key is refused where it stands", () => {
  const preset = PRESETS.get("ecommerce") as SchemaDocument;
  const parsed = schemaDocument.safeParse({ ...preset, tables: [{ ...preset.tables[0], colour: "red" }] });
  expect(parsed.error?.issues[0]).toMatchObject({ code: "unrecognized_keys", path: ["tables", 0], keys: ["colour"] });
});

describe("orphans are references to", () => {
  test("keys beyond the parent's rows on both sides", () => {
    expect(checkWith(ORDERS, { customer_id: put({ 3: 0, 50: 51, 99: -7 }) })).toEqual({ ...none, orphans: 3 });
    expect(checkWith(ORDERS, { customer_id: put({ 3: 1, 50: 50 }) })).toEqual(none);
  });

  test("keys that the parent's sequence leaves out", () => {
    expect(checkWith(ORDERS, { customer_id: put({ 8: 7.5 }) })).toEqual({ ...none, orphans: 1 });
  });

  test("nothing, which is no orphan", () => {
    expect(checkWith(ORDERS, { customer_id: (column) => nullAt(4)(put({ 4: 999 })(column)) })).toEqual(none);
  });
});

describe("duplicate keys are", () => {
  test("a number that another row has, in this block or elsewhere", () => {
    expect(checkWith(ORDERS, { id: put({ 5: 201 }) })).toEqual({ ...none, duplicateKeys: 1 });
    expect(checkWith(ORDERS, { id: put({ 5: 1, 6: 900 }) })).toEqual({ ...none, duplicateKeys: 2 });
  });

  test("an e-mail that another row has", () => {
    const same = (column: Column): Column => {
      if (column.kind !== "joined") throw new Error("An e-mail is joined of its parts.");
      const [first, last, ...rest] = column.parts;
      if (first?.kind !== "words" || last?.kind !== "words") throw new Error("Names are words.");
      const copy = (ids: Uint32Array) => ids.map((id, i) => (i === 9 ? (ids[2] as number) : id));
      return { ...column, parts: [{ ...first, ids: copy(first.ids) }, { ...last, ids: copy(last.ids) }, ...rest] };
    };
    expect(checkWith(CUSTOMER, { email: same })).toEqual({ ...none, duplicateKeys: 1 });
  });
});

describe("broken rules are", () => {
  test.each<[string, Record<string, (column: Column) => Column>, number]>([
    ["a day before the customer's", { day: put({ 1: 20_089, 2: 20_089 }) }, 2],
    ["an amount that is a cent off", { total: (column) => put({ 6: at(column, 6) + 1 })(column) }, 1],
    ["values below the minimum", { pieces: put({ 1: 0, 40: 0 }) }, 4],
    ["values above the maximum", { pieces: put({ 1: 6, 40: 5 }) }, 1],
    ["a decimal a cent below its minimum", { price: put({ 1: 99, 2: 100 }) }, 1],
    ["a decimal a cent above its maximum", { price: put({ 1: 1_000, 2: 999 }) }, 1],
    ["a day after the last", { day: put({ 7: 20_455, 8: 20_454 }) }, 1],
    ["a NULL where a value is required", { pieces: nullAt(3, 5) }, 2],
    ["no NULLs elsewhere, whatever lies under them", { price: (column) => nullAt(3)(put({ 3: 0 })(column)) }, 0],
    ["a number outside the enum", { grade: put({ 3: 4, 4: 3, 5: 0 }) }, 2],
    ["a NULL in an enum, which is none", { grade: (column) => nullAt(3)(put({ 3: 4 })(column)) }, 0],
    ["a word outside the enum", { size: () => wordAt("S", "X", 8, 9) }, 2],
    ["a word that differs from the enum's in a letter's case", { size: () => wordAt("S", "s", 8) }, 1],
    ["a NULL word in an enum, which is none", { size: () => nullAt(8)(wordAt("S", "X", 8)) }, 0],
    ["a joined word outside the enum", { city: () => ({ kind: "joined", parts: [wordAt("Here 1", "There", 5)] }) }, 1],
    ["a literal outside the enum", { size: () => ({ kind: "literal", vocabulary: makeVocabulary(["Z"]) }) }, ROWS],
    ["a word too long", { label: () => wordAt("x".repeat(20), "x".repeat(21), 1, 2, 3) }, 3],
    ["a word of as many bytes but not characters", { label: () => wordAt("é".repeat(20), "é".repeat(21), 1) }, 1],
    [
      "joined words too long",
      { label: (column) => ({ kind: "joined", parts: [wordAt("", "x".repeat(15), 4), ...partsOf(column)] }) },
      1,
    ],
    ["a text over its maxChars", { note: () => wordAt("twelve chars", "thirteen char", 4) }, 1],
    ["a word both too long and outside the enum, once", { size: () => wordAt("S", "XL", 4) }, 1],
  ])("%s", (_, changes, brokenRules) => {
    expect(checkWith(ORDERS, changes)).toEqual({ ...none, brokenRules });
  });
});

function partsOf(column: Column) {
  if (column.kind !== "joined") throw new Error("A template is joined of its parts.");
  return column.parts;
}

test("all that is wrong is counted apart", () => {
  const changes = { id: put({ 0: 5 }), customer_id: put({ 1: 0, 2: 0 }), pieces: put({ 3: 9 }) };
  expect(checkWith(ORDERS, changes)).toEqual({ orphans: 2, duplicateKeys: 1, brokenRules: 1 });
});
