import { describe, expect, test } from "vitest";
import { ORIGIN_NAMES, type Pool } from "../../../src/dataset/pool.ts";
import type { Field, Table } from "../../../src/dataset/schema.ts";
import { keyOf } from "../../../src/generate/drafts/drafted.ts";
import { countOrigins, provenanceLines } from "../../../src/generate/drafts/provenance.ts";
import type { Engine } from "../../../src/generate/engine.ts";
import { renderChunk, renderReference } from "../../../src/generate/render.ts";
import { cellsOf, columnOf, engineOf, SEED, TODAY, tableOf } from "../../support/small-tables.ts";

const colour: Field = {
  name: "colour",
  type: "string",
  generator: { kind: "category", values: ["red", "green", "blue"] },
};
const size: Field = { name: "size", type: "integer", generator: { kind: "uniform", min: 1, max: 1_000_000 } };
const note: Field = {
  name: "note",
  type: "string",
  generator: { kind: "text", prompt: "A {{colour}} thing of {{size}}", maxChars: 40 },
};
const ROWS = 300;
const things = (more: Partial<Table> = {}) => tableOf("things", [colour, size, note], { rows: ROWS, ...more });

function poolOf(given: Partial<Pool>): Pool {
  const empty = { by: [], slots: [], isReused: false, entries: [], refused: [], models: {} };
  const spent = { calls: 0, promptTokens: 0, completionTokens: 0, warnings: [] };
  return { table: "things", fields: ["note"], mode: "rows", ...empty, ...spent, ...given };
}

const entryFor = (row: number, text: string, key = "") => ({ row, key, texts: [text], origin: "model" as const });

const drafted = (pool: Pool, more?: Partial<Table>) => engineOf([things(more)], SEED, TODAY, [pool]);
const plain = engineOf([things()]);

function originsOf(engine: Engine, first = 0, count = ROWS): string[] {
  const block = engine.block(0, first, count);
  const field = engine.tables[0]?.table.fields.findIndex(({ name }) => name === "note") as number;
  return [...(engine.tables[0]?.generators[field]?.origins?.(block) ?? [])].map(
    (place) => ORIGIN_NAMES[place] as string,
  );
}

describe("a text for each row", () => {
  const pool = poolOf({
    entries: [entryFor(0, "First, of all"), entryFor(2, "Third"), entryFor(150, "Last")],
    refused: [{ row: 1, reason: "refusal" }],
  });
  const engine = drafted(pool);

  test("stands in its own row; other rows have just what their fallback makes without a model", () => {
    const expected = cellsOf(plain, "things.note", 0, ROWS);
    for (const { row, texts } of pool.entries) expected[row] = texts[0] as string;
    expect(cellsOf(engine, "things.note", 0, ROWS)).toEqual(expected);
  });

  test("says of each cell where it comes from", () => {
    const origins = originsOf(engine, 0, 4);
    expect(origins).toEqual(["model", "fallback:refusal", "model", "fallback:not-answered"]);
  });

  test("is the same in any chunks, and as csv-stringify writes it", () => {
    const text = (first: number, count: number) =>
      Buffer.from(renderChunk(engine, 0, { first, count }, false).bytes).toString();
    const whole = text(0, ROWS);
    expect(text(0, 149) + text(149, 2) + text(151, ROWS - 151)).toBe(whole);
    expect(whole.slice(whole.indexOf("\n") + 1)).toBe(renderReference(engine, 0, 0, ROWS, false));
  });

  test("of an earlier dataset counts as cached", () => {
    expect(originsOf(drafted({ ...pool, isReused: true }), 0, 2)).toEqual(["cache", "fallback:refusal"]);
  });
});

describe("exemplars", () => {
  const key = (value: string) => JSON.stringify([value]);
  const pool = poolOf({
    mode: "exemplars",
    by: ["colour"],
    slots: ["size"],
    entries: [
      entryFor(0, "Red as can be", key("red")),
      entryFor(1, "A red one of {{size}}", key("red")),
      entryFor(2, "Blue, {{size}} wide, {{ size }} high", key("blue")),
    ],
  });
  const engine = drafted(pool);
  const cells = cellsOf(engine, "things.note", 0, ROWS).map(String);
  const colours = cellsOf(engine, "things.colour", 0, ROWS);
  const sizes = cellsOf(engine, "things.size", 0, ROWS);
  const fallback = cellsOf(plain, "things.note", 0, ROWS);

  test("go to rows that share what they are matched by, with slots filled from the row", () => {
    for (const [i, cell] of cells.entries()) {
      if (colours[i] === "red") expect(["Red as can be", `A red one of ${sizes[i]}`]).toContain(cell);
      if (colours[i] === "blue") expect(cell).toBe(`Blue, ${sizes[i]} wide, ${sizes[i]} high`);
      if (colours[i] === "green") expect(cell).toBe(fallback[i]);
    }
  });

  test("alike are used about evenly", () => {
    const red = cells.filter((_, i) => colours[i] === "red");
    const first = red.filter((cell) => cell === "Red as can be").length;
    // A fair coin over about 100 rows leaves this band once in 10^5.
    expect(Math.abs(first - red.length / 2)).toBeLessThan(4.5 * Math.sqrt(red.length / 4));
  });

  test("are missing where nothing alike was written, which the origins say", () => {
    const wanted = colours.map((value) => (value === "green" ? "fallback:no-exemplar" : "pool"));
    expect(originsOf(engine)).toEqual(wanted);
  });

  test("that grow too long in a row leave it its fallback", () => {
    const long = drafted({ ...pool, entries: [entryFor(0, `${"x".repeat(36)}{{size}}`, key("red"))] });
    const origins = originsOf(long);
    for (const [i, origin] of origins.entries()) {
      const fits = String(sizes[i]).length <= 4;
      if (colours[i] === "red") expect(origin).toBe(fits ? "pool" : "fallback:too-long");
    }
    expect(new Set(origins)).toContain("fallback:too-long");
  });

  test("with a slot that is NULL in a row leave it its fallback, and others their text", () => {
    const table = tableOf("things", [colour, { ...size, nullRate: 0.3 }, note], { rows: ROWS });
    const holed = engineOf([table], SEED, TODAY, [pool]);
    const sizes = cellsOf(holed, "things.size", 0, ROWS);
    const notes = cellsOf(holed, "things.note", 0, ROWS);
    for (const [i, origin] of originsOf(holed).entries()) {
      if (colours[i] !== "blue") continue;
      const isMissing = sizes[i] === null;
      expect(notes[i]).toBe(isMissing ? fallback[i] : `Blue, ${sizes[i]} wide, ${sizes[i]} high`);
      expect(origin).toBe(isMissing ? "fallback:null-slot" : "pool");
    }
    // Texts without a slot have no hole.
    const plainOnes = notes.filter((cell, i) => cell === "Red as can be" && sizes[i] === null);
    expect(plainOnes.length).toBeGreaterThan(0);
    expect(new Set(originsOf(holed))).toContain("fallback:null-slot");
  });

  test("that break the field's limits when filled leave it its fallback, and its other values", () => {
    const fields = [colour, size, { ...note, constraints: { pattern: "[^7]*" } }];
    const table = tableOf("things", fields, { rows: ROWS });
    const limited = engineOf([table], SEED, TODAY, [{ ...pool, entries: [entryFor(0, "A {{size}}", key("red"))] }]);
    expect(cellsOf(limited, "things.size", 0, ROWS)).toEqual(sizes);
    const wanted = sizes.map((value) => (String(value).includes("7") ? "fallback:constraint" : "pool"));
    for (const [i, origin] of originsOf(limited).entries()) if (colours[i] === "red") expect(origin).toBe(wanted[i]);
    expect(new Set(originsOf(limited))).toContain("fallback:constraint");
  });

  test("are matched by values, not by how they look side by side", () => {
    const columns = ["colour", "size"].map((name) => columnOf(plain, `things.${name}`, 0, 2));
    expect(keyOf(columns, 0)).toBe(JSON.stringify([colours[0], sizes[0]]));
    expect(keyOf([], 0)).toBe("");
  });
});

describe("a rule that hangs on the text", () => {
  const rules = [{ name: "short", expr: "length(note) <= 12" }];
  const fallback = { kind: "category", values: ["tiny", "much too long for the rule"] };
  const ruled: Field = { ...note, generator: { kind: "text", prompt: "A note", fallback } };
  const pool = poolOf({ entries: [entryFor(0, "fits"), entryFor(1, "does not fit at all")] });
  const engine = engineOf([tableOf("things", [colour, size, ruled], { rules })], SEED, TODAY, [pool]);

  test("keeps a text that fulfils it, and gives a row with one that doesn't its fallback", () => {
    expect(cellsOf(engine, "things.note", 0, 4)).toEqual(["fits", "tiny", "tiny", "tiny"]);
    expect(originsOf(engine, 0, 2)).toEqual(["model", "fallback:rule"]);
  });

  test("on other fields leaves a redrawn row its text", () => {
    const others = [{ name: "small", expr: "size < 500000" }];
    const pool = poolOf({ entries: Array.from({ length: ROWS }, (_, row) => entryFor(row, `text ${row}`)) });
    const cells = cellsOf(drafted(pool, { rules: others }), "things.note", 0, ROWS);
    expect(cells).toEqual(pool.entries.map(({ texts }) => texts[0]));
  });
});

test("provenance is runs of rows by origin, and adds up", () => {
  const place = (name: string) => ORIGIN_NAMES.indexOf(name as (typeof ORIGIN_NAMES)[number]);
  const names = ["model", "model", "fallback:refusal", "model", "repaired"];
  const origins = new Map([["note", Uint8Array.from(names, place)]]);
  expect(countOrigins(origins)).toEqual({ note: { model: 3, "fallback:refusal": 1, repaired: 1 } });
  expect(JSON.parse(provenanceLines(40, origins))).toEqual({
    field: "note",
    first: 40,
    runs: [
      ["model", 2],
      ["fallback:refusal", 1],
      ["model", 1],
      ["repaired", 1],
    ],
  });
  expect(provenanceLines(0, new Map([["note", new Uint8Array(0)]]))).toBe('{"field":"note","first":0,"runs":[]}\n');
});
