/**
 * Compiles a schema document into an engine, or into all its faults at once.
 *
 * First every field's generator and every rule, on demand, so that one may read another in any order
 * as long as they don't run in a circle (`scope.ts`); then the relations (`relations/settle.ts`).
 */
import { type Broken, hasBroken } from "../dataset/broken.ts";
import { type Fault, Unprocessable } from "../dataset/errors.ts";
import { escapePointer } from "../dataset/misfit.ts";
import type { Pool } from "../dataset/pool.ts";
import {
  type Children,
  type ChildrenLaw,
  type Field,
  parentName,
  type SchemaDocument,
  type Table,
} from "../dataset/schema.ts";
import { findCircle } from "./awaits.ts";
import { type Column, cellAt, parseDay } from "./column.ts";
import { draftedFields } from "./drafts/drafted.ts";
import { type CompiledTable, type Engine, makeEngine } from "./engine.ts";
import { everyOne, faultsAt, type Generator, GeneratorFault, type Reader } from "./kind.ts";
import { lawOf } from "./relations/children.ts";
import { planLinks } from "./relations/links.ts";
import { type Draft, type Laws, settlerOf } from "./relations/settle.ts";
import { collect } from "./reported.ts";
import { hasDemands } from "./rules.ts";
import { awaitLink, type Compilation, demandsOf, generatorOf, scopeOf, tableAt } from "./scope.ts";
import { MOST_REMEMBERED } from "./settled.ts";
import { valueColumns } from "./values.ts";

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
  const { engine, faults } = compile(schema, seed, referenceDate, pools, new Set());
  if (faults.length > 0) throw new Unprocessable(faults);
  return engine;
}

/** What else is wrong with a document some of whose parts are broken: with those that don't depend on them. */
export function faultsBeside(schema: SchemaDocument, seed: number, referenceDate: string, broken: Broken): Fault[] {
  return compile(schema, seed, referenceDate, [], broken).faults;
}

function compile(
  schema: SchemaDocument,
  seed: number,
  referenceDate: string,
  pools: readonly Pool[],
  broken: Broken,
): { engine: Engine; faults: Fault[] } {
  const tables: CompiledTable[] = [];
  const remembering = schema.tables.filter(hasDemands).length + schema.tables.filter(hasTree).length;
  const engine = makeEngine(tables, MOST_REMEMBERED / Math.max(1, remembering));
  const faults: Fault[] = [];
  const compilation: Compilation = {
    seed,
    referenceDay: parseDay(referenceDate),
    faults,
    broken,
    path: [],
    drafted: draftedFields(schema, pools),
    tables: schema.tables.map((table, place) => beginTable(schema, table, place, broken)),
    awaits: new Map(),
    notes: [],
    engine,
    settle: (place) => settle(place),
  };
  const awaited: ReadonlySet<number>[] = [];
  const drafts = compilation.tables.map((_, place) => compileTable(compilation, place, awaited));
  const circle = findCircle(awaited, (place) => schema.tables[place]?.name as string);
  if (circle) faults.push(circle);
  const skipped = unsettled(compilation);
  const report = (pointer: string, fault: GeneratorFault) => {
    faults.push({ pointer: pointer + fault.pointer, code: fault.code, message: fault.message });
  };
  const isSound = (at = "") => !hasBroken(new Set(faults.map(({ pointer }) => pointer)), at);
  const settle = settlerOf({ schema, seed, drafts, tables, engine, report, isSound });
  for (const place of drafts.keys()) if (!skipped.has(place)) settle(place);
  return { engine, faults };
}

/** A table before anything of it is compiled. A broken foreign key stands in its place, but leads nowhere. */
function beginTable(
  schema: SchemaDocument,
  table: Table,
  place: number,
  broken: Broken,
): Compilation["tables"][number] {
  const at = `/tables/${place}`;
  const isBroken = (part: string) => broken.has(at) || broken.has(`${at}/${part}`);
  const keys = table.foreignKeys ?? [];
  const names = table.fields.map(({ name }) => name);
  const foreignKeys = keys.map((key, k) => {
    if (!isBroken(`foreignKeys/${k}`)) return key;
    const fields = key.fields.filter((name) => names.includes(name));
    return { ...key, as: parentName(key), fields, reference: { resource: "", fields } };
  });
  return {
    table: {
      ...table,
      fields: table.fields.map((field, f) => (isBroken(`fields/${f}/scale`) ? unscaled(field) : field)),
    },
    links: planLinks(schema, { ...table, foreignKeys }),
    generators: names.map((_, f) => (isBroken(`fields/${f}`) ? "broken" : undefined)),
    ways: keys.map((_, k) => (isBroken(`foreignKeys/${k}`) ? "broken" : undefined)),
  };
}

/** A field whose scale has a fault, as if it had none: the rest of it is judged. */
function unscaled({ scale: _, ...field }: Field): Field {
  return field;
}

/**
 * Tables that can't be settled: those with a fault, and those below them. A number of children that
 * hangs on a field needs rows, which can't be made while anything has a fault.
 */
function unsettled({ tables, faults, broken }: Compilation): Set<number> {
  const skipped = new Set<number>();
  // A table whose limits nothing can keep has keys to judge nevertheless.
  const isInTheWay = ({ code, pointer }: Fault) => !(code.startsWith("impossible-") && /\/constraints\//.test(pointer));
  const wrong = new Set([...broken, ...faults.filter(isInTheWay).map(({ pointer }) => pointer)]);
  const isWrong = ({ table, generators, ways }: Compilation["tables"][number], place: number) =>
    generators.includes("broken") ||
    ways.includes("broken") ||
    hasBroken(wrong, `/tables/${place}`) ||
    (wrong.size + faults.length > 0 && table.foreignKeys?.some(({ children }) => children && "by" in children));
  for (const [place, table] of tables.entries()) if (isWrong(table, place)) skipped.add(place);
  for (let found = -1; found < skipped.size; ) {
    found = skipped.size;
    for (const [place, { links }] of tables.entries()) {
      if (links.some(({ parent }) => skipped.has(parent))) skipped.add(place);
    }
  }
  return skipped;
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
  const generators = tableAt(compilation, place).generators.map((made) =>
    typeof made === "object" ? made : { column: never },
  );
  return {
    table,
    links,
    generators,
    climbing: new Set(generators.flatMap((made, field) => (climbs(compilation, made) ? [field] : []))),
    demands,
    laws: keys.map(({ children }, i) =>
      collect(compilation, `${at}/foreignKeys/${i}/children`, () =>
        children && ways[i] ? lawsOf(compilation, links[i]?.parent as number, children) : undefined,
      ),
    ),
    weights: ways.map((way) => way?.weight),
  };
}

function hasTree({ foreignKeys = [] }: Table): boolean {
  return foreignKeys.some(({ reference }) => reference.resource === "");
}

/** Whether a generator reads rows further up in a tree. */
function climbs({ awaits }: Compilation, generator: Generator): boolean {
  return awaits.get(generator)?.climbs ?? false;
}

/** Throws GeneratorFault for a value, given as text, that a field certainly can't have. */
function demandValue({ field, vocabulary }: Reader, by: string, word: string): void {
  if (vocabulary?.words.includes(word)) return;
  const isText = field.type === "string" || field.type === "uuid";
  if (isText && !vocabulary) return;
  const column = isText ? undefined : valueColumns(field, [word]);
  const written = column && cellAt(column.make(new Uint32Array(1)), 0);
  if (written !== undefined && String(written) === word) return;
  const remedy = vocabulary ? `it can be ${vocabulary.words.slice(0, 20).join(", ")}` : `write it as ${written}`;
  throw new GeneratorFault("unknown-value", `${by} is never "${word}"; ${remedy}.`);
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
  const lawFor = (word: string) => () => {
    const at = `/values/${escapePointer(word)}`;
    return faultsAt(at, () => {
      demandValue(reader, children.by, word);
      return lawOf(children.values[word] as ChildrenLaw);
    });
  };
  const unnamed = (reader.vocabulary?.words ?? []).filter((word) => !words.includes(word));
  const missing = unnamed.map((word) => () => {
    const message = `${children.by} can be "${word}", for which no number of children is given.`;
    throw new GeneratorFault("missing-values", message, "/values");
  });
  const all = everyOne([...words.map(lawFor), ...missing]);
  const none = all.push(lawOf({ kind: "fixed", n: 0 })) - 1;
  const placeOf = (column: Column) => (i: number) => {
    const place = words.indexOf(String(cellAt(column, i)));
    return place < 0 ? none : place;
  };
  return { all, by: { reader, placeOf } };
}
