import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileSchema } from "../../src/generate/compile.ts";
import { makeOutput } from "../../src/generate/csv/csv.ts";
import { headerLine } from "../../src/generate/csv/reference.ts";
import { renderChunk, renderReference } from "../../src/generate/render.ts";
import { type ExampleRequest, readExamples } from "../support/examples.ts";

const sound = { orphans: 0, duplicateKeys: 0, brokenRules: 0 };
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const engineOf = ({ schema, seed, referenceDate }: ExampleRequest) => compileSchema(schema, seed, referenceDate);

/** The hash of each whole table, written by the reference writer from an engine that made nothing before. */
function expectedHashes(request: ExampleRequest): string[] {
  return request.schema.tables.map(({ fields }, place) => {
    const engine = engineOf(request);
    const rows = engine.tables[place]?.rows as number;
    return sha256(headerLine(fields.map(({ name }) => name)) + renderReference(engine, place, 0, rows, false));
  });
}

interface Chunk {
  place: number;
  chunk: number;
  first: number;
  count: number;
}

/** All chunks of all tables: some whole tables, some of a few rows, whatever `sizes` has for the table. */
function chunksOf(request: ExampleRequest, sizes: readonly number[]): Chunk[] {
  return engineOf(request).tables.flatMap(({ rows }, place) => {
    const size = Math.max(1, Math.ceil(rows / (sizes[place % sizes.length] as number)));
    const count = Math.max(1, Math.ceil(rows / size));
    return Array.from({ length: count }, (_, chunk) => {
      return { place, chunk, first: chunk * size, count: Math.min(size, rows - chunk * size) };
    });
  });
}

/** Tables in the document's order, put together from chunks that `workers` engines have made in the order given. */
function hashesOf(request: ExampleRequest, workers: number, chunks: readonly Chunk[]): string[] {
  const teams = Array.from({ length: Math.min(workers, chunks.length) }, () => ({
    engine: engineOf(request),
    output: makeOutput(0),
  }));
  const files = request.schema.tables.map((): Buffer[] => []);
  for (const [turn, { place, chunk, first, count }] of chunks.entries()) {
    const { engine, output } = teams[turn % teams.length] as (typeof teams)[number];
    const made = renderChunk(engine, place, { first, count }, false, output);
    expect([place, made.checks]).toEqual([place, sound]);
    (files[place] as Buffer[])[chunk] = Buffer.from(made.bytes);
  }
  return files.map((parts) => sha256(Buffer.concat(parts)));
}

describe.each(readExamples().map(({ name, request }) => [name, request] as const))("the example %s", (_, request) => {
  test.each([1, 4, 16])(
    "has the same SHA-256 of every table from %i workers, in any order of any chunks",
    (workers) => {
      const hashes = expectedHashes(request);
      const order = fc
        .array(fc.integer({ min: 1, max: 24 }), { minLength: 3, maxLength: 8 })
        .map((sizes) => chunksOf(request, sizes))
        .chain((chunks) => fc.shuffledSubarray(chunks, { minLength: chunks.length }));
      fc.assert(
        fc.property(order, (chunks) => {
          expect(hashesOf(request, workers, chunks)).toEqual(hashes);
        }),
        { numRuns: 2 },
      );
    },
  );
});
