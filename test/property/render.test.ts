import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { Field, SchemaDocument, Table } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput } from "../../src/generate/csv/csv.ts";
import { headerLine } from "../../src/generate/csv/reference.ts";
import type { CompiledTable, Engine } from "../../src/generate/engine.ts";
import { renderChunk, renderReference } from "../../src/generate/render.ts";
import { withRows } from "../../src/plan/cut.ts";
import { parentsFirst, structureFaults } from "../../src/plan/structure.ts";
import { childOf, tableOf } from "../support/small-tables.ts";

const sound = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };
const word = fc.constantFrom("", "plain", 'say "hi"', "a, b", "=1+1", "two\nlines", "Zoë 🚲", "-");
const words = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 4 }),
  fc.dictionary(word, fc.integer({ min: 1, max: 9 }), { minKeys: 1, maxKeys: 4 }),
);
const nullRate = fc.constantFrom(undefined, 0.3, 1);

type Leaf = Omit<Field, "name">;
const kindOf = <T extends object>(kind: string, parameters: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ kind: fc.constant(kind), ...parameters });
const leafOf = (
  type: Field["type"],
  generator: fc.Arbitrary<object>,
  more: Record<string, fc.Arbitrary<unknown>> = {},
) => fc.record({ type: fc.constant(type), generator, nullRate, ...more }) as fc.Arbitrary<Leaf>;

const ofWords = kindOf("category", { values: words });
const templates = fc.constantFrom("{{id}}", "{{x}}", "{{x}}{{x}} {{id}}", "-{{x}}", "{{n}}{{x}}");
/** A field of any kind that needs no other field. */
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  leafOf("string", ofWords),
  leafOf("string", kindOf("person", { part: fc.constantFrom("fullName", "email", "phone", "sex") })),
  leafOf("string", kindOf("address", { part: fc.constantFrom("full", "city", "postcode", "country") })),
  leafOf(
    "string",
    kindOf("template", {
      template: templates,
      with: fc.record({ x: ofWords, n: fc.constant({ kind: "sequence", start: -3 }) }),
    }),
  ),
  leafOf("integer", kindOf("uniform", { min: fc.constant(-10_000), max: fc.nat(1_000_000_000) })),
  leafOf("number", fc.record({ kind: fc.constantFrom("normal", "lognormal") }), { scale: fc.nat(6) }),
  leafOf("date", kindOf("date", { min: fc.constantFrom("1950-01-01", "referenceDate-3d") })),
  leafOf("boolean", kindOf("category", { values: fc.constant([true, false]) })),
);

/** The table's own fields, then its references, then a copy of each parent's first field. */
const schema: fc.Arbitrary<SchemaDocument> = fc
  .array(
    fc.record({
      fields: fc.array(leaf, { minLength: 1, maxLength: 4 }),
      rows: fc.integer({ min: 1, max: 40 }),
      parents: fc.uniqueArray(fc.nat(3), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .chain((shapes) => {
    const tables = shapes.map(({ fields, rows, parents }, place): Table => {
      const earlier = parents.filter((parent) => parent < place);
      const children = earlier.map((parent) => childOf(`t${parent}`));
      const copies = earlier.map((parent): Field => {
        const { type, scale } = (shapes[parent] as (typeof shapes)[number]).fields[0] as Leaf;
        const shape = scale === undefined ? { type } : { type, scale };
        return { ...shape, name: `copy_${parent}`, generator: { kind: "lookup", field: `t${parent}.f0` } };
      });
      const own = fields.map(({ nullRate: rate, ...field }, i): Field => {
        return { ...field, name: `f${i}`, ...(rate === undefined ? {} : { nullRate: rate }) };
      });
      return tableOf(`t${place}`, [...own, ...children.map(({ field }) => field), ...copies], {
        rows,
        foreignKeys: children.map(({ key }) => key),
      });
    });
    return fc.shuffledSubarray(tables, { minLength: tables.length }).map((list) => ({ name: "small", tables: list }));
  });

/** The bytes of a table, made in chunks of some rows; the chunks are made in the order of `order`, with one buffer. */
function inChunks(engine: Engine, place: number, chunkRows: number, order: "up" | "down", guard: boolean) {
  const rows = engine.tables[place]?.rows as number;
  const count = Math.max(1, Math.ceil(rows / chunkRows));
  const chunks = [...Array(count).keys()];
  const output = makeOutput(0);
  const parts: Buffer[] = [];
  const checks = { ...sound };
  for (const chunk of order === "up" ? chunks : chunks.toReversed()) {
    const first = chunk * chunkRows;
    const made = renderChunk(engine, place, { first, count: Math.min(chunkRows, rows - first) }, guard, output);
    parts[chunk] = Buffer.from(made.bytes);
    checks.orphans += made.checks.orphans;
    checks.duplicateKeys += made.checks.duplicateKeys;
    checks.brokenRules += made.checks.brokenRules;
  }
  return { text: Buffer.concat(parts).toString("utf8"), checks };
}

/** The whole file by the reference writer. */
function referenceOf(engine: Engine, place: number, guard: boolean): string {
  const { table, rows } = engine.tables[place] as CompiledTable;
  return headerLine(table.fields.map(({ name }) => name)) + renderReference(engine, place, 0, rows, guard);
}

describe("any cut of any table gives the same bytes, with one header, and nothing wrong", () => {
  test("of schemas with keys, references and every kind of column", () => {
    fc.assert(
      fc.property(
        schema,
        fc.maxSafeNat(),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (document, seed, size, guard) => {
          expect(structureFaults(document)).toEqual([]);
          for (const place of parentsFirst(document)) {
            // A fresh engine each, as another worker has.
            const whole = referenceOf(compileSchema(document, seed, "2026-01-01"), place, guard);
            for (const [chunkRows, order] of [
              [1_000, "up"],
              [size, "down"],
              [1, "up"],
            ] as const) {
              const engine = compileSchema(document, seed, "2026-01-01");
              expect(inChunks(engine, place, chunkRows, order, guard)).toEqual({ text: whole, checks: sound });
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  const preset = PRESETS.get("ecommerce") as SchemaDocument;
  test.each([
    [1, 1_500],
    [7, 3_000],
    [1_000, 10_000],
    [4_095, 10_000],
    [4_096, 10_000],
    [10_000, 10_000],
  ])("of the preset, in chunks of %i of %i rows", (chunkRows, orders) => {
    const document = withRows(preset, { customers: 3_000, products: 200, orders });
    const whole = compileSchema(document, 7, "2026-01-01");
    for (const place of [0, 1, 2]) {
      const cut = inChunks(compileSchema(document, 7, "2026-01-01"), place, chunkRows, "down", false);
      expect(cut.checks).toEqual(sound);
      expect(cut.text === referenceOf(whole, place, false)).toBe(true);
    }
  });

  test("of a table without rows, which is its header", () => {
    const document = withRows(preset, { customers: 0, products: 0, orders: 0 });
    const engine = compileSchema(document, 7, "2026-01-01");
    expect(inChunks(engine, 2, 1_000, "up", false).text).toBe(
      "order_id,customer_id,product_id,order_date,quantity,total_amount,status,shipping_address\n",
    );
  });
});

test("more rows of a table leave the first ones as they are, where its parents keep their counts", () => {
  const preset = PRESETS.get("ecommerce") as SchemaDocument;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.maxSafeNat(), (orders, seed) => {
      const few = compileSchema(withRows(preset, { orders }), seed, "2026-01-01");
      const many = compileSchema(withRows(preset, { orders: orders + 700 }), seed, "2026-01-01");
      expect(inChunks(many, 2, 2_000, "up", false).text.startsWith(inChunks(few, 2, 2_000, "up", false).text)).toBe(
        true,
      );
    }),
    { numRuns: 20 },
  );
});
