/** A hand-written shop of three tables, as the loader gets it: a manifest and the bytes of its files. */
import { createHash } from "node:crypto";
import type { Manifest } from "../../src/dataset/manifest.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { loadDataset } from "../../src/load/load.ts";
import { sqliteTarget } from "../../src/load/sqlite/target.ts";
import type { SqlLoad, SqlTarget } from "../../src/load/target.ts";

export type Files = Record<string, string>;

export const shop: SchemaDocument = {
  name: "shop",
  tables: [
    {
      name: "customers",
      rows: 3,
      primaryKey: ["customer_id"],
      fields: [
        { name: "customer_id", type: "integer" },
        { name: "name", type: "string", constraints: { required: true, maxLength: 40 } },
        { name: "email", type: "string", constraints: { required: true, unique: true } },
        { name: "note", type: "string" },
        { name: "active", type: "boolean" },
        { name: "customer_tier", type: "string", constraints: { enum: ["Bronze", "Silver", "Gold", "L'Or"] } },
      ],
    },
    {
      name: "products",
      rows: 2,
      primaryKey: ["product_id"],
      uniqueKeys: [["brand", "product_name"]],
      fields: [
        { name: "product_id", type: "integer" },
        { name: "product_name", type: "string" },
        { name: "brand", type: "string" },
        { name: "price", type: "number", scale: 2, constraints: { required: true, minimum: 0.01, maximum: 999999.99 } },
        { name: "rating", type: "number", scale: 1, constraints: { minimum: 1, maximum: 5 } },
      ],
    },
    {
      name: "orders",
      rows: 4,
      primaryKey: ["order_id"],
      foreignKeys: [
        { fields: ["customer_id"], reference: { resource: "customers", fields: ["customer_id"] } },
        { fields: ["product_id"], reference: { resource: "products", fields: ["product_id"] } },
      ],
      indexes: [
        { fields: ["order_date"], include: ["total_amount"] },
        { fields: ["product_id", "order_date"], where: "quantity >= 2 AND order_date IS NOT NULL" },
      ],
      fields: [
        { name: "order_id", type: "integer" },
        { name: "customer_id", type: "integer", constraints: { required: true } },
        { name: "product_id", type: "integer" },
        { name: "order_date", type: "date", constraints: { minimum: "2020-01-01" } },
        { name: "quantity", type: "integer", constraints: { minimum: 1 } },
        { name: "total_amount", type: "number", scale: 2 },
      ],
    },
  ],
};

export const shopFiles: Files = {
  customers: `customer_id,name,email,note,active,customer_tier
1001,Zoë Müller-Łukasz,zoe@example.com,"said ""hello, world""
on two lines",true,Gold
1002,李小龍 🐉,li@example.org,"",false,L'Or
1003,Ann,ann@example.net,,,
`,
  products: `product_id,product_name,brand,price,rating
2001,Lamp,Lumen,19.99,4.5
2002,"Desk, oak",Lumen,1249.00,
`,
  orders: `order_id,customer_id,product_id,order_date,quantity,total_amount
3001,1001,2001,2025-12-31,3,59.97
3002,1001,2002,2026-01-01,1,1249.00
3003,1002,2001,,2,39.98
3004,1003,,2025-02-28,1,0.10
`,
};

/** The manifest the finish step would have written for these files. */
export function manifestOf(files: Files, schema: SchemaDocument = shop, name = "shop-demo"): Manifest {
  const cells = { model: 0, pool: 0, cache: 0, repaired: 0, faker: 0, fallback: 0 };
  const tables = schema.tables.map((table) => {
    const text = files[table.name] as string;
    const bytes = Buffer.from(text);
    return [
      table.name,
      {
        rows: recordsIn(text) - 1,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        fields: table.fields.map(({ name, type }) => ({ name, type })),
        url: `/datasets/${name}/${table.name}.csv`,
      },
    ] as const;
  });
  return {
    name,
    engineVersion: 1,
    seed: 42,
    referenceDate: "2026-01-01",
    fingerprint: "f",
    createdAt: "2026-01-01T00:00:00.000Z",
    schema,
    tables: Object.fromEntries(tables),
    text: { model: null, calls: 0, promptTokens: 0, completionTokens: 0, cells },
    checks: { orphans: 0, duplicateKeys: 0, brokenRules: 0 },
  };
}

/** Line feeds outside quotes: records, as the files end with one. */
function recordsIn(text: string): number {
  return text.split('"').reduce((count, part, i) => (i % 2 ? count : count + part.split("\n").length - 1), 0);
}

/** Opens the files as a blob would be read: in chunks, which may cut a character or a record anywhere. */
export function opener(files: Files, chunkBytes = 7): (table: string) => Promise<AsyncIterable<Uint8Array>> {
  return async (table) => chunks(Buffer.from(files[table] as string), chunkBytes);
}

export async function* chunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** A shop with this many orders, for loads that take more than one batch and range. */
export function bigShopFiles(orders: number, quantity = 1): Files {
  const lines = Array.from(
    { length: orders },
    (_, i) => `${i + 1},${1001 + (i % 3)},${2001 + (i % 2)},2025-06-15,${quantity},${i % 1000}.${10 + (i % 90)}\n`,
  );
  const header = (shopFiles.orders as string).split("\n")[0];
  return { ...shopFiles, orders: `${header}\n${lines.join("")}` };
}

/** Steps of a load at which a process can be killed: before the commit, in the order they first happen. */
export const LOAD_STEPS = [
  ...["begin", "finished", "standing", "kept", "stage", "keep", "prepare", "apply"],
  ...["orphans", "restore", "proof", "sums", "log", "finish"],
] as const;

/** A target whose every step, once it has taken effect, calls `after`: which may throw, wait or look around. */
export function crashing(target: SqlTarget, after: (step: string) => unknown): SqlTarget {
  return {
    ...target,
    begin: async (task, stagedTable) => {
      const load = await target.begin(task, stagedTable);
      try {
        await after("begin");
      } catch (error) {
        await load.close();
        throw error;
      }
      const steps = Object.entries(load).map(([step, act]) => [
        step,
        typeof act !== "function"
          ? act
          : async (...args: unknown[]) => {
              const result = await (act as (...args: unknown[]) => Promise<unknown>)(...args);
              await after(step);
              return result;
            },
      ]);
      return Object.fromEntries(steps) as SqlLoad;
    },
  };
}

/** Loads the big shop up to a step, prints its name and hangs there: what a test runs in a process it kills. */
export async function loadUntil(file: string, until: string): Promise<void> {
  const files = bigShopFiles(9000);
  // Something must keep the process alive while it hangs.
  setInterval(() => {}, 1000);
  const target = crashing(sqliteTarget(file), (step) => {
    if (step !== until) return;
    console.log(step);
    return new Promise(() => {});
  });
  await loadDataset(target, { manifest: manifestOf(files), open: opener(files, 65_536) });
}
