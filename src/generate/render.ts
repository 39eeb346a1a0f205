/** A chunk's rows as CSV bytes, checked while they are made: the pure heart of a worker. */
import type { Checks } from "../dataset/chunk.ts";
import { checkBlock } from "./check.ts";
import { makeOutput, type Output, writeRows } from "./csv/csv.ts";
import { headerLine, stringifyRows } from "./csv/reference.ts";
import type { CompiledTable, Engine } from "./engine.ts";
import { BLOCK_ROWS, reusing } from "./reuse.ts";

interface Rendered {
  readonly bytes: Uint8Array;
  readonly checks: Checks;
  /** Rows that break each rule, or the limits of each field, even after they were made again. */
  readonly broken: ReadonlyMap<string, number>;
  /** Of each text field that a model was asked for: where each cell comes from, as places in ORIGIN_NAMES. */
  readonly origins: ReadonlyMap<string, Uint8Array>;
}

/**
 * The bytes of rows [first, first + count) of table number `place`; the first chunk starts with the
 * header line. The bytes are a view into `output`, valid until it is written again.
 */
export function renderChunk(
  engine: Engine,
  place: number,
  range: { first: number; count: number },
  formulaGuard: boolean,
  output: Output = makeOutput(0),
): Rendered {
  const compiled = engine.tables[place] as CompiledTable;
  const checks: Checks = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };
  const broken = new Map<string, number>();
  const origins = new Map<string, Uint8Array>();
  for (const [i, { name }] of compiled.table.fields.entries()) {
    if (compiled.generators[i]?.origins) origins.set(name, new Uint8Array(range.count));
  }
  output.length = 0;
  if (range.first === 0) writeHeader(output, compiled);
  const end = range.first + range.count;
  for (let first = range.first; first < end; first += BLOCK_ROWS) {
    reusing(() => {
      const count = Math.min(BLOCK_ROWS, end - first);
      const block = engine.block(place, first, count);
      writeRows(output, columnsOf(compiled, block), count, formulaGuard);
      const found = checkBlock(engine, compiled, block);
      for (const [i, { name }] of compiled.table.fields.entries()) {
        origins.get(name)?.set(compiled.generators[i]?.origins?.(block) ?? [], first - range.first);
      }
      checks.orphans += found.orphans;
      checks.duplicateKeys += found.duplicateKeys;
      checks.brokenRules += found.brokenRules;
      for (const [name, rows] of found.broken) broken.set(name, (broken.get(name) ?? 0) + rows);
    });
  }
  return { bytes: output.buffer.subarray(0, output.length), checks, broken, origins };
}

/** The same rows by the reference writer, without the header: for small results and as the authority in tests. */
export function renderReference(
  engine: Engine,
  place: number,
  first: number,
  count: number,
  formulaGuard: boolean,
): string {
  const compiled = engine.tables[place] as CompiledTable;
  return stringifyRows(columnsOf(compiled, engine.block(place, first, count)), count, formulaGuard);
}

function columnsOf(compiled: CompiledTable, block: ReturnType<Engine["block"]>) {
  return compiled.generators.map((_, field) => block.column(field));
}

function writeHeader(output: Output, { table }: CompiledTable): void {
  const header = new TextEncoder().encode(headerLine(table.fields.map(({ name }) => name)));
  if (output.buffer.length < header.length) output.buffer = new Uint8Array(header.length);
  output.buffer.set(header);
  output.length = header.length;
}
