/** uuid keys: as fast at four million rows as at one, since no key is remembered. */
import { schemaDocument } from "../../src/dataset/schema.ts";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput } from "../../src/generate/csv/csv.ts";
import { KINDS } from "../../src/generate/kinds.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { printGate } from "./gate.ts";
import { interleave } from "./interleave.ts";
import { SEED, TODAY } from "./schemas.ts";

const MILLION = 1_000_000;
const CHUNK_ROWS = 100_000;

if (KINDS.has("uuid")) benchKeys();
else console.log("keys: skipped, there is no kind uuid");

function benchKeys(): void {
  const output = makeOutput(0);
  const sides = [1, 4].map((millions) => {
    const rows = millions * MILLION;
    const fields = [{ name: "id", type: "uuid", generator: { kind: "uuid" } }];
    const table = { name: "keys", rows, primaryKey: ["id"], fields };
    const engine = compileSchema(schemaDocument.parse({ name: "keys", tables: [table] }), SEED, TODAY);
    const run = () => {
      for (let first = 0; first < rows; first += CHUNK_ROWS) {
        renderChunk(engine, 0, { first, count: CHUNK_ROWS }, false, output);
      }
    };
    return { name: `${millions}M rows`, rows, run };
  });
  const best = interleave(sides, 3);
  for (const [name, ns] of best) console.log(`keys uuid ${name}: ${ns.toFixed(0)} ns/row`);
  const [one = 0, four = 0] = best.values();
  printGate("keys uuid, M rows/s", 1e3 / four, ">=", 2);
  printGate("keys uuid, ns/row at 4M / at 1M", four / one, "<=", 1.2);
}
