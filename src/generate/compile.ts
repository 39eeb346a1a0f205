/**
 * Compiles a schema document into an engine, or into all its faults at once.
 *
 * It finds what needs more than the document's shape: unknown kinds, parameters out of bounds, paths
 * that lead nowhere, types that don't fit. Fields compile on demand, so one may read another in any
 * order as long as they don't run in a circle.
 */
import { type Fault, Unprocessable } from "../dataset/errors.ts";
import { type Field, type GeneratorSpec, parentName, type SchemaDocument, type Table } from "../dataset/schema.ts";
import { type Column, parseDay } from "./column.ts";
import { type CompiledTable, type Engine, makeEngine, type Parent } from "./engine.ts";
import { compileExpression } from "./expression.ts";
import { type Block, type FieldContext, type Generator, GeneratorFault, type Reader } from "./kind.ts";
import { KINDS } from "./kinds.ts";
import { makeStream, type Stream, uniform } from "./random.ts";
import { toNumber } from "./values.ts";

interface Compilation {
  readonly seed: number;
  readonly referenceDay: number;
  readonly faults: Fault[];
  readonly tables: readonly { table: Table; parents: readonly Parent[]; generators: Progress[] }[];
}

type Progress = Generator | "compiling" | "broken" | undefined;

/** A fault already on the list, thrown on to whoever needed the broken field. */
const REPORTED = "";

/**
 * Compiles a structurally sound document (see `plan/structure.ts`) for one seed and today.
 * Throws Unprocessable with every fault; pointers start at the document.
 */
export function compileSchema(schema: SchemaDocument, seed: number, referenceDate: string): Engine {
  const compilation: Compilation = {
    seed,
    referenceDay: parseDay(referenceDate),
    faults: [],
    tables: schema.tables.map((table) => ({ table, parents: parentsOf(schema, table, seed), generators: [] })),
  };
  const tables = compilation.tables.map((_, place) => compileTable(compilation, place));
  if (compilation.faults.length > 0) throw new Unprocessable(compilation.faults);
  return makeEngine(tables);
}

function compileTable(compilation: Compilation, place: number): CompiledTable {
  const { table, parents } = tableAt(compilation, place);
  const generators = table.fields.map((_, field) => {
    return collect(compilation, "", () => generatorOf(compilation, place, field)) as Generator;
  });
  for (const [i, field] of table.fields.entries()) {
    collect(compilation, `/tables/${place}/fields/${i}/constraints`, () => demandLimits(field));
  }
  const rules = (table.rules ?? []).flatMap(({ name, expr }, i) => {
    const rule = collect(compilation, `/tables/${place}/rules/${i}/expr`, () => {
      const scope = {
        reader: (path: string) => readerOf(compilation, place, path),
        referenceDay: compilation.referenceDay,
      };
      const expression = compileExpression(expr, scope);
      if (expression.type === "boolean") return { name, expression };
      throw new GeneratorFault("type-mismatch", `Rule ${name} is ${expression.type}; it must be true or false.`);
    });
    return rule ? [rule] : [];
  });
  for (const key of keysOf(table)) {
    const field = table.fields.findIndex(({ name }) => name === key.field);
    if (!generators[field] || generators[field].rowOf) continue;
    const message = `${key.field} must be unique, which its generator can't promise; use sequence, or person with part email.`;
    compilation.faults.push({ pointer: `/tables/${place}${key.pointer}`, code: "not-unique", message });
  }
  return { table, generators, parents, rules };
}

/** Limits must be values of the field's type; numbers as limits of numbers always are. */
function demandLimits(field: Field): void {
  const { minimum, maximum, enum: allowed = [] } = field.constraints ?? {};
  if (!["integer", "number", "boolean", "date"].includes(field.type)) return;
  for (const limit of [minimum, maximum, ...allowed]) {
    const isNumber = field.type === "integer" || field.type === "number";
    if (limit !== undefined && !(isNumber && typeof limit === "number")) toNumber(field, limit);
  }
}

/** The fields whose values must differ in every row, with the pointer that says so. */
export function keysOf(table: Table): { field: string; pointer: string }[] {
  const keys = [{ field: table.primaryKey[0] as string, pointer: "/primaryKey" }];
  for (const [i, key] of (table.uniqueKeys ?? []).entries())
    keys.push({ field: key[0] as string, pointer: `/uniqueKeys/${i}` });
  for (const [i, field] of table.fields.entries()) {
    if (field.constraints?.unique) keys.push({ field: field.name, pointer: `/fields/${i}/constraints/unique` });
  }
  return keys.filter((key, i) => keys.findIndex(({ field }) => field === key.field) === i);
}

/** Runs a step; a fault goes to the list (under `pointer`) and the result is undefined. */
function collect<T>(compilation: Compilation, pointer: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof GeneratorFault)) throw error;
    if (error.code !== REPORTED) {
      compilation.faults.push({ pointer: pointer + error.pointer, code: error.code, message: error.message });
    }
    return undefined;
  }
}

function tableAt(compilation: Compilation, place: number): Compilation["tables"][number] {
  return compilation.tables[place] as Compilation["tables"][number];
}

function parentsOf(schema: SchemaDocument, table: Table, seed: number): Parent[] {
  return (table.foreignKeys ?? []).map((key) => {
    const parent = schema.tables.findIndex(({ name }) => name === key.reference.resource);
    return {
      name: parentName(key),
      table: parent,
      keyField: schema.tables[parent]?.fields.findIndex(({ name }) => name === key.reference.fields[0]) ?? -1,
      field: table.fields.findIndex(({ name }) => name === key.fields[0]),
      pick: makeStream(seed, `${table.name}.${key.fields[0]} pick`),
    };
  });
}

/** The generator of a field, compiled on first use. */
function generatorOf(compilation: Compilation, place: number, fieldPlace: number): Generator {
  const { table, generators } = tableAt(compilation, place);
  const done = generators[fieldPlace];
  if (done === "compiling") {
    throw new GeneratorFault("circular", `${table.fields[fieldPlace]?.name} depends on itself; break the circle.`);
  }
  if (done === "broken") throw new GeneratorFault(REPORTED, "");
  if (done) return done;
  generators[fieldPlace] = "compiling";
  const pointer = `/tables/${place}/fields/${fieldPlace}/generator`;
  const generator = collect(compilation, pointer, () => compileField(compilation, place, fieldPlace));
  generators[fieldPlace] = generator ?? "broken";
  if (!generator) throw new GeneratorFault(REPORTED, "");
  return generator;
}

function compileField(compilation: Compilation, place: number, fieldPlace: number): Generator {
  const { table, parents } = tableAt(compilation, place);
  const field = table.fields[fieldPlace] as Field;
  const key = parents.findIndex((parent) => parent.field === fieldPlace);
  if (key >= 0) {
    const { keyField, table: parentPlace } = parents[key] as Parent;
    generatorOf(compilation, parentPlace, keyField);
    return { column: (block) => block.parent(key).column(keyField) };
  }
  if (!field.generator) {
    throw new GeneratorFault(
      "missing-generator",
      `${field.name} needs a generator; kinds are ${[...KINDS.keys()].join(", ")}.`,
    );
  }
  const name = `${table.name}.${field.name}`;
  const generator = compileSpec(compilation, place, field, field.generator, name);
  return field.nullRate
    ? withNulls(generator, field.nullRate, makeStream(compilation.seed, `${name} null`))
    : generator;
}

function compileSpec(
  compilation: Compilation,
  place: number,
  field: Field,
  spec: GeneratorSpec,
  name: string,
): Generator {
  const { kind: kindName, ...given } = spec;
  const kind = KINDS.get(kindName);
  if (!kind) {
    const known = [...KINDS.keys()].join(", ");
    throw new GeneratorFault("unknown-kind", `There is no generator kind "${kindName}"; kinds are ${known}.`, "/kind");
  }
  const parsed = kind.parameters.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const pointer = (issue?.path ?? []).map((step) => `/${String(step)}`).join("");
    throw new GeneratorFault("bad-parameter", `${kindName}: ${issue?.message}.`, pointer);
  }
  const context: FieldContext = {
    field,
    referenceDay: compilation.referenceDay,
    stream: (purpose) => makeStream(compilation.seed, `${name} ${purpose}`),
    tableStream: (purpose) => makeStream(compilation.seed, `${tableAt(compilation, place).table.name} ${purpose}`),
    reader: (path) => readerOf(compilation, place, path),
    nested: (within, inner) => {
      try {
        return compileSpec(compilation, place, field, inner, `${name}/${within}`);
      } catch (error) {
        if (!(error instanceof GeneratorFault)) throw error;
        throw new GeneratorFault(error.code, error.message, `/${within}${error.pointer}`);
      }
    },
  };
  return kind.compile(parsed.data, context);
}

/** Follows foreign keys by name, then finds the field. */
function readerOf(compilation: Compilation, place: number, path: string): Reader {
  const steps = path.split(".");
  const fieldName = steps.pop() as string;
  const keys: number[] = [];
  let at = place;
  for (const step of steps) {
    const { table, parents } = tableAt(compilation, at);
    const key = parents.findIndex((parent) => parent.name === step);
    if (key < 0) {
      const known = parents.map((parent) => parent.name).join(", ") || "none";
      throw new GeneratorFault(
        "unknown-parent",
        `${path}: ${table.name} has no parent called ${step}; it has ${known}.`,
      );
    }
    keys.push(key);
    at = (parents[key] as Parent).table;
  }
  const { table } = tableAt(compilation, at);
  const fieldPlace = table.fields.findIndex(({ name }) => name === fieldName);
  if (fieldPlace < 0) {
    const known = table.fields.map(({ name }) => name).join(", ");
    throw new GeneratorFault("unknown-field", `${path}: ${table.name} has no field ${fieldName}; it has ${known}.`);
  }
  const { vocabulary } = generatorOf(compilation, at, fieldPlace);
  const walk = (block: Block): Block => keys.reduce((from, key) => from.parent(key), block);
  const field = table.fields[fieldPlace] as Field;
  return { field, vocabulary, column: (block) => walk(block).column(fieldPlace) };
}

/** NULL in a share of the rows. Such a field can't be a key, so the left inverse is left out. */
function withNulls(generator: Generator, rate: number, stream: Stream): Generator {
  return {
    vocabulary: generator.vocabulary,
    column: (block): Column => {
      const made = generator.column(block);
      const nulls = Uint8Array.from(block.rows, (row, i) => (made.nulls?.[i] || uniform(stream, row) < rate ? 1 : 0));
      if (made.kind !== "literal") return { ...made, nulls };
      return { kind: "words", vocabulary: made.vocabulary, ids: new Uint32Array(block.rows.length), nulls };
    },
  };
}
