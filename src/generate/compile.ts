/**
 * Compiles a schema document into an engine, or into all its faults at once.
 *
 * First every field's generator and every rule, on demand, so that one may read another in any order
 * as long as they don't run in a circle (`scope.ts`); then the relations (`relations/settle.ts`).
 */
import { type Fault, Unprocessable } from "../dataset/errors.ts";
import type { Pool } from "../dataset/pool.ts";
import type { Children, SchemaDocument } from "../dataset/schema.ts";
import { findCircle } from "./awaits.ts";
import { type Column, cellAt, parseDay } from "./column.ts";
import { draftedFields } from "./drafts/drafted.ts";
import { type CompiledTable, type Engine, makeEngine } from "./engine.ts";
import { GeneratorFault } from "./kind.ts";
import { lawOf } from "./relations/children.ts";
import { planLinks } from "./relations/links.ts";
import { type Draft, type Laws, settlerOf } from "./relations/settle.ts";
import { awaitLink, type Compilation, collect, demandsOf, generatorOf, scopeOf, tableAt } from "./scope.ts";

/**
 * Compiles a structurally sound document (see `plan/structure.ts`) for one seed and today, with the
 * texts of the pools where there are any. Throws Unprocessable with every fault; pointers start at the document.
 */
export function compileSchema(
  schema: SchemaDocument,
  seed: number,
  referenceDate: string,
  pools: readonly Pool[] = [],
): Engine {
  const tables: CompiledTable[] = [];
  const engine = makeEngine(tables);
  const faults: Fault[] = [];
  const compilation: Compilation = {
    seed,
    referenceDay: parseDay(referenceDate),
    faults,
    drafted: draftedFields(schema, pools),
    tables: schema.tables.map((table) => ({
      table,
      links: planLinks(schema, table),
      generators: [],
      ways: [],
    })),
    awaits: new Map(),
    notes: [],
    engine,
    settle: (place) => settle(place),
  };
  const awaited: ReadonlySet<number>[] = [];
  const drafts = compilation.tables.map((_, place) => compileTable(compilation, place, awaited));
  const circle = findCircle(awaited, (place) => schema.tables[place]?.name as string);
  if (circle) faults.push(circle);
  if (faults.length > 0) throw new Unprocessable(faults);
  const report = (pointer: string, fault: GeneratorFault) => {
    faults.push({ pointer: pointer + fault.pointer, code: fault.code, message: fault.message });
  };
  const isSound = () => faults.length === 0;
  const settle = settlerOf({ schema, seed, drafts, tables, engine, report, isSound });
  for (const place of drafts.keys()) settle(place);
  if (faults.length > 0) throw new Unprocessable(faults);
  return engine;
}

/** A table with its generators and rules; the tables that its rules wait for go to `awaited`. */
function compileTable(compilation: Compilation, place: number, awaited: ReadonlySet<number>[]): Draft {
  const { table, links } = tableAt(compilation, place);
  const at = `/tables/${place}`;
  for (const field of table.fields.keys()) collect(compilation, "", () => generatorOf(compilation, place, field));
  const { demands, awaits } = demandsOf(compilation, place);
  awaited[place] = awaits;
  const keys = table.foreignKeys ?? [];
  const ways = keys.map((_, i) => collect(compilation, "", () => awaitLink(compilation, place, i)));
  return {
    table,
    links,
    generators: tableAt(compilation, place).generators.map((made) =>
      typeof made === "object" ? made : { column: never },
    ),
    demands,
    laws: keys.map(({ children }, i) =>
      collect(compilation, `${at}/foreignKeys/${i}/children`, () =>
        children && ways[i] ? lawsOf(compilation, links[i]?.parent as number, children) : undefined,
      ),
    ),
    weights: ways.map((way) => way?.weight),
  };
}

/** Stands in for a generator with a fault, which is never asked. */
function never(): Column {
  throw new Error("A field with a fault was asked for its values.");
}

/** A law for all parents, or one for each value of their field. */
function lawsOf(compilation: Compilation, parent: number, children: Children): Laws {
  if (!("by" in children)) return { all: [lawOf(children)] };
  const reader = scopeOf(compilation, parent).reader(children.by);
  const words = Object.keys(children.values);
  const all = words.map((word) => lawOf(children.values[word] as never));
  const unnamed = reader.vocabulary?.words.find((word) => !words.includes(word));
  if (unnamed !== undefined) {
    throw new GeneratorFault(
      "missing-values",
      `${children.by} can be "${unnamed}", for which no number of children is given.`,
      "/values",
    );
  }
  const none = all.push(lawOf({ kind: "fixed", n: 0 })) - 1;
  const placeOf = (column: Column) => (i: number) => {
    const place = words.indexOf(String(cellAt(column, i)));
    return place < 0 ? none : place;
  };
  return { all, by: { reader, placeOf } };
}
