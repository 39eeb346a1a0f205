/**
 * What names mean while a schema is compiled: fields of the row, of its parents through foreign keys,
 * and of the children it owns. Generators and rules are compiled when a name first leads to them.
 */
import { type Fault, failingAt } from "../dataset/errors.ts";
import { misfitsOf } from "../dataset/misfit.ts";
import type { Field, GeneratorSpec, Table } from "../dataset/schema.ts";
import { type Awaits, type Notes, note, noting } from "./awaits.ts";
import { type Column, eitherNull, nullColumn, withMissing } from "./column.ts";
import type { Engine } from "./engine.ts";
import { compileExpression, type Expression } from "./expression/expression.ts";
import {
  type Block,
  type Children,
  type Drafted,
  type FieldContext,
  faultsAt,
  type Generator,
  GeneratorFault,
  type Reader,
  throwAll,
} from "./kind.ts";
import { KINDS } from "./kinds.ts";
import { withNulls } from "./nulls.ts";
import { demandEnumInside, demandPossible } from "./possible.ts";
import { makeStream } from "./random.ts";
import { decider } from "./relations/keys.ts";
import type { LinkPlan } from "./relations/links.ts";
import { childPieces } from "./relations/pieces.ts";
import { collect, REPORTED } from "./reported.ts";
import { type Demand, demandLimits, hasLimits, limitDemand, ruleDemand } from "./rules.ts";

export interface Compilation {
  readonly seed: number;
  readonly referenceDay: number;
  readonly faults: Fault[];
  /** Pointers to parts of the document that have a fault already: they are not compiled, nor is what needs them. */
  readonly broken: ReadonlySet<string>;
  /** What is being compiled, outermost first: "table.field". */
  readonly path: string[];
  /** What a model wrote, by "table.field". */
  readonly drafted: ReadonlyMap<string, Drafted>;
  readonly tables: readonly {
    readonly table: Table;
    readonly links: readonly LinkPlan[];
    readonly generators: Progress<Generator>[];
    /** By foreign key: "compiling" while what decides its parents is compiled, which must not lead back to it. */
    readonly ways: Progress<Way>[];
  }[];
  /** What the compiled generators wait for, and what is being compiled now does. */
  readonly awaits: Map<Generator, Awaits>;
  readonly notes: Notes;
  /** To be asked for blocks once all is compiled and settled. */
  readonly engine: Engine;
  /** Settles a table that is needed before its turn: one that another table's number of rows hangs on. */
  settle(place: number): void;
}

/** What a foreign key's parents hang on besides chance. */
interface Way {
  /** The weight of a parent, over its own fields. */
  readonly weight: Expression | undefined;
  readonly awaits: Awaits;
}

type Progress<T> = T | "compiling" | "broken" | undefined;

export function tableAt(compilation: Compilation, place: number): Compilation["tables"][number] {
  return compilation.tables[place] as Compilation["tables"][number];
}

/** The generator of a field, compiled on first use; what it waits for is noted for whoever asks. */
export function generatorOf(compilation: Compilation, place: number, fieldPlace: number): Generator {
  const { notes, awaits } = compilation;
  const noted = noting(notes, () => compiledOnce(compilation, place, fieldPlace));
  if (noted.awaits.isBroken) {
    tableAt(compilation, place).generators[fieldPlace] = "broken";
    throw new GeneratorFault(REPORTED, "");
  }
  const known = awaits.get(noted.value) ?? noted.awaits;
  awaits.set(noted.value, known);
  note(notes, known);
  return noted.value;
}

function compiledOnce(compilation: Compilation, place: number, fieldPlace: number): Generator {
  const { table, generators } = tableAt(compilation, place);
  const done = generators[fieldPlace];
  const name = table.fields[fieldPlace]?.name as string;
  if (done === "compiling") throw circular(compilation, name, `${table.name}.${name}`);
  if (done === "broken") throw new GeneratorFault(REPORTED, "");
  if (done) return done;
  generators[fieldPlace] = "compiling";
  const pointer = `/tables/${place}/fields/${fieldPlace}/generator`;
  const generator = collect(compilation, pointer, () =>
    within(compilation, `${table.name}.${name}`, () => compileField(compilation, place, fieldPlace)),
  );
  generators[fieldPlace] = generator ? telling(pointer, generator) : "broken";
  if (!generator) throw new GeneratorFault(REPORTED, "");
  return generators[fieldPlace] as Generator;
}

/** Runs a step of compiling what is called `name`. */
function within<T>({ path }: Compilation, name: string, step: () => T): T {
  path.push(name);
  try {
    return step();
  } finally {
    path.pop();
  }
}

/** What is needed to compile itself, with the way round where that is longer than a step. */
function circular({ path }: Compilation, what: string, name: string): GeneratorFault {
  const way = [...path.slice(path.indexOf(name)), name];
  const round = way.length > 2 ? `: ${way.join(" -> ")}` : "";
  return new GeneratorFault("circular", `${what} depends on itself${round}; break the circle.`);
}

/** The same, whose failures in making rows say where in the document it stands. */
function telling<T extends Pick<Generator, "column">>(pointer: string, made: T): T {
  return { ...made, column: (block: Block) => failingAt(pointer, () => made.column(block)) };
}

/**
 * What rows of a table must fulfil: its rules, and limits that its generators do not keep of themselves;
 * and the tables whose own rules must hold before it is known whether these do.
 */
export function demandsOf(compilation: Compilation, place: number): { demands: Demand[]; awaits: Set<number> } {
  const { table } = tableAt(compilation, place);
  const demands: Demand[] = [];
  const awaits = new Set<number>();
  const add = (pointer: string, make: () => Demand | undefined) => {
    const noted = noting(compilation.notes, () => collect(compilation, pointer, make));
    if (!noted.value || noted.awaits.isBroken) return;
    const { ofChildren, climbs, tables } = noted.awaits;
    const { broken } = noted.value;
    demands.push({ ...noted.value, ofChildren, climbs, broken: (block) => failingAt(pointer, () => broken(block)) });
    if (!ofChildren) for (const table of tables) awaits.add(table);
  };
  for (const [i, { name, expr }] of (table.rules ?? []).entries()) {
    if (compilation.broken.has(`/tables/${place}/rules/${i}`)) continue;
    add(`/tables/${place}/rules/${i}/expr`, () => {
      const expression = scopeOf(compilation, place).expression(expr);
      if (expression.type === "boolean") return ruleDemand(name, expression);
      throw new GeneratorFault("type-mismatch", `Rule ${name} is ${expression.type}; it must be true or false.`);
    });
  }
  for (const [i, field] of table.fields.entries()) {
    add(`/tables/${place}/fields/${i}/constraints`, () => {
      demandLimits(field);
      demandEnumInside(field);
      if (!hasLimits(field)) return undefined;
      const generator = generatorOf(compilation, place, i);
      demandPossible(field, generator);
      return limitDemand(field, i, generator);
    });
  }
  return { demands, awaits };
}

/** Names and expressions as a row of this table reads them. */
export function scopeOf(
  compilation: Compilation,
  place: number,
): { reader(path: string): Reader; expression(source: string): Expression } {
  const reader = (path: string) => readerOf(compilation, place, path);
  const { referenceDay } = compilation;
  // Of a field with a fault the type is enough to judge the rest of an expression.
  const typed = { referenceDay, reader: (path: string) => readerOf(compilation, place, path, true) };
  return { reader, expression: (source) => compileExpression(source, typed) };
}

function compileField(compilation: Compilation, place: number, fieldPlace: number): Generator {
  const { table, links } = tableAt(compilation, place);
  const field = table.fields[fieldPlace] as Field;
  const link = decider(links, fieldPlace);
  if (link) {
    const parentField = link.parentFields[link.fields.indexOf(fieldPlace)] as number;
    const { vocabulary, within, rowOf } = generatorOf(compilation, link.parent, parentField);
    awaitLink(compilation, place, link.place);
    if (!rowOf)
      note(compilation.notes, link.key.reference.resource === "" ? { climbs: true } : { tables: [link.parent] });
    return {
      vocabulary,
      within,
      column: (block) =>
        withMissing(block.parent(link.place).column(parentField), block.missing(link.place), block.rows.length),
    };
  }
  if (!field.generator) {
    throw new GeneratorFault(
      "missing-generator",
      `${field.name} needs a generator; kinds are ${[...KINDS.keys()].join(", ")}.`,
    );
  }
  const name = fieldName(table, field);
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
    throwAll(
      misfitsOf(parsed.error).map(
        ({ pointer, text }) => new GeneratorFault("bad-parameter", `${kindName}: ${text}.`, pointer),
      ),
    );
  }
  return kind.compile(parsed.data as never, contextOf(compilation, place, field, name));
}

function contextOf(compilation: Compilation, place: number, field: Field, name: string): FieldContext {
  const { table, links } = tableAt(compilation, place);
  return {
    field,
    drafted: name === fieldName(table, field) ? compilation.drafted.get(name) : undefined,
    referenceDay: compilation.referenceDay,
    stream: (purpose) => makeStream(compilation.seed, `${name} ${purpose}`),
    tableStream: (purpose) => makeStream(compilation.seed, `${table.name} ${purpose}`),
    ...scopeOf(compilation, place),
    nested: (within, inner, as = field) =>
      faultsAt(`/${within}`, () => compileSpec(compilation, place, as, inner, `${name}/${within}`)),
    owner: links.find(({ mode }) => mode === "owner")?.name,
    children: (of, via) => childrenOf(compilation, place, of, via),
  };
}

/** What a field's streams and drafts are called by; generators inside its own have longer names. */
function fieldName(table: Table, field: Field): string {
  return `${table.name}.${field.name}`;
}

/** Follows foreign keys by name, then finds the field; with `isTyped`, also one that has a fault but a type. */
function readerOf(compilation: Compilation, place: number, path: string, isTyped = false): Reader {
  const steps = path.split(".");
  const fieldName = steps.pop() as string;
  const keys: number[] = [];
  const passed: number[] = [];
  let at = place;
  let climbs = false;
  for (const step of steps) {
    const { table, links } = tableAt(compilation, at);
    const key = links.findIndex(({ name }) => name === step);
    if (key < 0) {
      // It may be one whose name could not be read.
      if (links.some(({ name }) => name === "")) throw new GeneratorFault(REPORTED, "");
      const known = links.map(({ name }) => name).join(", ") || "none";
      throw new GeneratorFault(
        "unknown-parent",
        `${path}: ${table.name} has no parent called ${step}; it has ${known}.`,
      );
    }
    keys.push(key);
    awaitLink(compilation, at, key);
    const { parent, key: foreignKey } = links[key] as LinkPlan;
    // Up a tree rows wait for rows of the level above only, never for each other.
    if (foreignKey.reference.resource === "") climbs = true;
    else passed.push(parent);
    at = parent;
  }
  const { table } = tableAt(compilation, at);
  const fieldPlace = table.fields.findIndex(({ name }) => name === fieldName);
  if (fieldPlace < 0) {
    const known = table.fields.map(({ name }) => name).join(", ");
    throw new GeneratorFault("unknown-field", `${path}: ${table.name} has no field ${fieldName}; it has ${known}.`);
  }
  const field = table.fields[fieldPlace] as Field;
  // What climbs a tree may read itself: there is always a root, which reads NULL.
  const isOwn = climbs && tableAt(compilation, at).generators[fieldPlace] === "compiling";
  const generator = isOwn ? undefined : readable(compilation, at, fieldPlace, isTyped);
  // A key is made from its row's number alone and waits for nothing.
  note(compilation.notes, { climbs, tables: generator?.rowOf ? passed.slice(0, -1) : passed });
  return {
    field,
    vocabulary: generator?.vocabulary,
    deck: generator?.deck,
    bounds: generator?.bounds,
    within: generator?.within,
    rowOf: keys.length === 0 ? generator?.rowOf : undefined,
    column: (block) => readColumn(block, keys, field, fieldPlace),
  };
}

/** The generator of a field; with `isTyped`, undefined for a broken one whose type can be read. */
function readable(compilation: Compilation, place: number, field: number, isTyped: boolean): Generator | undefined {
  try {
    return generatorOf(compilation, place, field);
  } catch (error) {
    const isKnown = error instanceof GeneratorFault && error.code === REPORTED;
    if (!isTyped || !isKnown || compilation.broken.has(`/tables/${place}/fields/${field}/type`)) throw error;
    note(compilation.notes, { isBroken: true });
    return undefined;
  }
}

/** Compiles what decides a foreign key's parents, once: fields decided elsewhere, weights, numbers of children. */
export function awaitLink(compilation: Compilation, place: number, key: number): Way {
  const { table, ways, links } = tableAt(compilation, place);
  const link = links[key] as LinkPlan;
  const done = ways[key];
  if (done === "compiling") throw circular(compilation, `${link.name} of ${table.name}`, `${table.name}.${link.name}`);
  if (done === "broken") throw new GeneratorFault(REPORTED, "");
  const way = done ?? compileWay(compilation, place, link);
  // Children that a weight adds up are others' than those that follow from the row.
  note(compilation.notes, { tables: way.awaits.tables });
  return way;
}

function compileWay(compilation: Compilation, place: number, link: LinkPlan): Way {
  const { table, ways } = tableAt(compilation, place);
  ways[link.place] = "compiling";
  const { value, awaits } = noting(compilation.notes, () => {
    const pointer = `/tables/${place}/foreignKeys/${link.place}`;
    const read = () => ({ weight: readWay(compilation, place, link) });
    return collect(compilation, pointer, () => within(compilation, `${table.name}.${link.name}`, read));
  });
  const isSound = value && !awaits.isBroken;
  ways[link.place] = isSound ? { ...value, awaits } : "broken";
  if (!isSound) throw new GeneratorFault(REPORTED, "");
  return { ...value, awaits };
}

function readWay(compilation: Compilation, place: number, link: LinkPlan): Expression | undefined {
  const { mode, fields, decides, key, parent } = link;
  const { children, pick } = key;
  if (mode === "within" || mode === "follow") {
    for (const [i, field] of fields.entries()) if (!decides[i]) generatorOf(compilation, place, field);
  }
  if (children && "by" in children) faultsAt("/children/by", () => readerOf(compilation, parent, children.by));
  const owner = tableAt(compilation, parent).links.find((link) => link.mode === "owner");
  if (owner && parent !== place) awaitLink(compilation, parent, owner.place);
  if (pick?.kind !== "weighted") return undefined;
  note(compilation.notes, { tables: [parent] });
  return faultsAt("/pick/weight", () => {
    const weight = scopeOf(compilation, parent).expression(pick.weight);
    const pointer = `/tables/${place}/foreignKeys/${link.place}/pick/weight`;
    if (weight.type === "number") return telling(pointer, weight);
    throw new GeneratorFault("type-mismatch", `The weight "${pick.weight}" is ${weight.type}; it must be a number.`);
  });
}

/** A field of the row that the keys lead to; NULL where one of them leads nowhere. */
function readColumn(block: Block, keys: readonly number[], field: Field, fieldPlace: number): Column {
  let at = block;
  let missing: Uint8Array | undefined;
  for (const key of keys) {
    missing = eitherNull(at.missing(key), missing);
    // Where nobody has this parent there is nothing to read: so ends the climb up a tree.
    if (missing?.every((isMissing) => isMissing === 1)) return nullColumn(field, missing);
    at = at.parent(key);
  }
  return withMissing(at.column(fieldPlace), missing, block.rows.length);
}

/** The rows of table `of` that a row of this table owns through the foreign key called `via`. */
function childrenOf(compilation: Compilation, place: number, of: string, via: string): Children {
  const { table } = tableAt(compilation, place);
  const child = compilation.tables.findIndex((candidate) => candidate.table.name === of);
  const link = tableAt(compilation, child)?.links.find(({ name, parent }) => name === via && parent === place);
  if (!link) {
    const isHidden = compilation.tables.some(({ table, ways }) => {
      return table.name === "" || (table.name === of && (table.fields.length === 0 || ways.includes("broken")));
    });
    if (isHidden) throw new GeneratorFault(REPORTED, "");
    throw new GeneratorFault(
      "unknown-children",
      `No table ${of} refers to ${table.name} by a foreign key called ${via}.`,
    );
  }
  if (link.mode !== "owner") {
    const message = `${of} does not lie by its ${via}: give that foreign key children, so that a row's ${of} can be found.`;
    throw new GeneratorFault("not-owned", message);
  }
  const { reader, expression } = scopeOf(compilation, child);
  awaitLink(compilation, child, link.place);
  note(compilation.notes, { ofChildren: true, tables: [child] });
  const pieces: Children["pieces"] = (block) => {
    compilation.settle(child);
    return childPieces(compilation.engine, child, block);
  };
  return { reader, expression, pieces };
}
