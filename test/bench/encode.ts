/**
 * Rows to CSV bytes on one core, with every row checked: the engine, the same without its checks, a
 * plain loop of faker objects through csv-stringify, and a hand-written kernel of the same bytes.
 */
import { createHash } from "node:crypto";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput, writeRows } from "../../src/generate/csv/csv.ts";
import type { CompiledTable, Engine } from "../../src/generate/engine.ts";
import { renderChunk } from "../../src/generate/render.ts";
import { printGate } from "./gate.ts";
import { interleave, type Side } from "./interleave.ts";
import { naiveCustomers, naiveOrders } from "./naive.ts";
import { ordersKernel } from "./orders-kernel.ts";
import { MIXED, SEED, SHOP, TODAY } from "./schemas.ts";

const ROWS = 65_536;
/** Not the first rows, so that neither side writes a header. */
const FIRST = 1_000_000;
const BLOCK_ROWS = 4_096;
const NAIVE_ROWS = 4_096;

const output = makeOutput(0);

function render(engine: Engine, place: number, first: number): Uint8Array {
  return renderChunk(engine, place, { first, count: ROWS }, false, output).bytes;
}

/** What `renderChunk` does, but for the checks. */
function renderUnchecked(engine: Engine, place: number, first: number): void {
  const { generators } = engine.tables[place] as CompiledTable;
  output.length = 0;
  for (let row = first; row < first + ROWS; row += BLOCK_ROWS) {
    const block = engine.block(place, row, BLOCK_ROWS);
    const columns = generators.map((_, field) => block.column(field));
    writeRows(output, columns, BLOCK_ROWS, false);
  }
}

/** Times the engine with and without checks beside the others, and prints each; best nanoseconds a row. */
function compare(name: string, engine: Engine, place: number, first: number, others: Side[]) {
  const best = interleave([
    { name: "engine", rows: ROWS, run: () => void render(engine, place, first) },
    { name: "engine without checks", rows: ROWS, run: () => renderUnchecked(engine, place, first) },
    ...others,
  ]);
  for (const [side, ns] of best) {
    console.log(`encode ${name} ${side}: ${ns.toFixed(0)} ns/row, ${(1e3 / ns).toFixed(2)} M rows/s`);
  }
  const bytes = render(engine, place, first);
  console.log(`encode ${name}: ${(bytes.length / ROWS).toFixed(1)} bytes/row, sha256 ${shaOf(bytes).slice(0, 16)}`);
  const ns = (side: string) => best.get(side) as number;
  printGate(`encode ${name} engine, M rows/s`, 1e3 / ns("engine"), ">=", { orders: 2.5, customers: 2 }[name] ?? 1);
  printGate(`encode ${name} time with checks / without`, ns("engine") / ns("engine without checks"), "<=", 1.3);
  return ns;
}

function shaOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const shop = compileSchema(SHOP, SEED, TODAY);
const kernel = ordersKernel(shop, SEED, TODAY);
if (shaOf(kernel(FIRST, ROWS)) !== shaOf(render(shop, 2, FIRST))) throw new Error("The kernel writes other bytes.");

const orders = compare("orders", shop, 2, FIRST, [
  { name: "naive", rows: NAIVE_ROWS, run: () => void naiveOrders(NAIVE_ROWS) },
  { name: "kernel", rows: ROWS, run: () => void kernel(FIRST, ROWS) },
]);
printGate("encode orders naive / engine", orders("naive") / orders("engine"), ">=", 10);
printGate("encode orders kernel / engine, same bytes", orders("kernel") / orders("engine"), ">=", 0.4);

const customers = compare("customers", shop, 0, 1, [
  { name: "naive", rows: NAIVE_ROWS / 4, run: () => void naiveCustomers(NAIVE_ROWS / 4) },
]);
printGate("encode customers naive / engine", customers("naive") / customers("engine"), ">=", 25);

compare("mixed", compileSchema(MIXED, SEED, TODAY), 0, FIRST, []);
