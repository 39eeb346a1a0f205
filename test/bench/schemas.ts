/** The tables that are rendered against the clock. */
import { PRESETS } from "../../src/dataset/presets.ts";
import { type SchemaDocument, schemaDocument } from "../../src/dataset/schema.ts";
import { KINDS } from "../../src/generate/kinds.ts";
import { withRows } from "../../src/plan/cut.ts";

export const SEED = 42;
export const TODAY = "2026-01-01";

/** The preset: customers, products, orders. */
export const SHOP = withRows(PRESETS.get("ecommerce") as SchemaDocument, {
  customers: 100_000,
  products: 10_000,
  orders: 10_000_000,
});

const plans = { Free: 60, Team: 30, Enterprise: 10 };
const seats = { Free: [1], Team: { "3": 5, "5": 3, "10": 2 }, Enterprise: [50, 100, 250] };

/** Twelve fields of most sorts: what depends on what, conditions, expressions, NULLs, text of parts. */
export const MIXED = schemaDocument.parse({
  name: "mixed",
  tables: [
    {
      name: "subscriptions",
      rows: 10_000_000,
      primaryKey: ["id"],
      fields: [
        { name: "id", type: "integer", generator: { kind: "sequence", start: 1 } },
        KINDS.has("uuid")
          ? { name: "token", type: "uuid", generator: { kind: "uuid" } }
          : { name: "token", type: "string", generator: { kind: "person", part: "phone" } },
        { name: "plan", type: "string", generator: { kind: "category", values: plans } },
        { name: "seats", type: "integer", generator: { kind: "category", by: "plan", values: seats } },
        {
          name: "price",
          type: "number",
          scale: 2,
          generator: { kind: "normal", mean: 30, stddev: 8, min: 5, max: 90 },
        },
        { name: "total", type: "number", scale: 2, generator: { kind: "expression", expr: "seats * price" } },
        { name: "is_large", type: "boolean", generator: { kind: "expression", expr: "total >= 500.00 && seats > 5" } },
        { name: "started", type: "date", generator: { kind: "date", min: "referenceDate-1000d" } },
        { name: "ended", type: "date", nullRate: 0.7, generator: { kind: "date", min: { field: "started" } } },
        { name: "owner", type: "string", generator: { kind: "person", part: "fullName" } },
        { name: "city", type: "string", nullRate: 0.05, generator: { kind: "address", part: "city" } },
        { name: "label", type: "string", generator: { kind: "template", template: "{{plan}} of {{seats}}, {{city}}" } },
      ],
      rules: [{ name: "ends_after_start", expr: "ended >= started" }],
    },
  ],
});
