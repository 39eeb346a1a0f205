/**
 * The one small interface behind every kind of generator.
 *
 * A kind turns its parameters into a generator once; the generator then fills whole blocks of rows.
 * A block is any list of row numbers of a table, not a range: a child asks its parent's generators
 * for exactly the parents' rows it points at, so nothing is looked up and no table is kept.
 */
import type { z } from "zod";
import type { Pool } from "../dataset/pool.ts";
import type { Field, FieldType, GeneratorSpec } from "../dataset/schema.ts";
import type { Column } from "./column.ts";
import type { Expression } from "./expression/expression.ts";
import type { Stream } from "./random.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Some rows of one table, with the columns made for them so far. */
export interface Block {
  /** Row numbers, 0-based, in any order, with repeats: what keys are made from. */
  readonly rows: Float64Array;
  /**
   * What random numbers are drawn by: the row number, plus a multiple of 2^44 for a row that is made
   * again because it broke a rule. A generator hashes these and never `rows`, unless its values are keys.
   */
  readonly draws: Float64Array;
  /** The column of field number `field`; made on first use. */
  column(field: number): Column;
  /** The parent rows of foreign key number `key`, one for each row of this block. */
  parent(key: number): Block;
  /** 1 where a row has no parent by foreign key number `key`; the parent block's row is then any. */
  missing(key: number): Uint8Array | undefined;
  /**
   * The place of each row among the rows of its owner, 0-based: the parent whose foreign key has
   * `children`. Throws in a table that no parent owns.
   */
  ordinals(): Float64Array;
  /** A value that several fields share (a person's names), made on first use. */
  shared<T>(name: string, make: () => T): T;
}

export interface Generator {
  /** One value for each of `block.rows`: a pure function of the row number and the compiled schema. */
  column(block: Block): Column;
  /**
   * The left inverse, for generators that never repeat a value: the row number whose value stands at
   * place `i` of `column`, or -1 when no row has it. Its existence is the proof that the values are
   * unique, and it lets every key be checked, in any chunk, without a set of keys seen.
   */
  rowOf?: (column: Column, i: number) => number;
  /** `rowOf` for a whole column. */
  rowsOf?: (column: Column) => Float64Array;
  /** The same for values that are unique among an owner's rows: the row's place there, or -1. */
  ordinalOf?: (column: Column, i: number) => number;
  /** Every word it can give, when they are a fixed list: the vocabulary of all its columns. */
  readonly vocabulary?: Vocabulary | undefined;
  /** Its values as a finite list, when they are one and don't depend on the row's other fields. */
  readonly deck?: Deck | undefined;
  /** The least and the greatest of its numbers, in the units of its column, when that is certain. */
  readonly bounds?: { readonly low: number; readonly high: number } | undefined;
  /** What its numbers certainly lie within, for judging limits: no value hangs on it, as some do on `bounds`. */
  readonly within?: Within | undefined;
  /** Of texts of one length: the characters that can stand at each place. */
  readonly letters?: readonly string[] | undefined;
  /** Whether any row at all has this text. */
  has?: ((text: string) => boolean) | undefined;
  /**
   * Values that stand in some of so many rows (where it has `ordinalOf`: of so many rows of one owner), whatever
   * the seed and however often a row is drawn again.
   */
  certain?: ((rows: number) => Column | undefined) | undefined;
  /** Of a text that a model may write: what its prompt mentions. */
  readonly mentions?: readonly Mention[] | undefined;
  /** Of a text that a model wrote: where each cell of a block comes from, as places in ORIGIN_NAMES. */
  readonly origins?: ((block: Block) => Uint8Array) | undefined;
}

/** Numbers from low to high, both inclusive, either of them infinite; whole numbers of steps apart. */
export interface Within {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** A field of the row or of a parent that a prompt names. */
export interface Mention {
  readonly path: string;
  readonly reader: Reader;
}

/** Values by number: what lets a key be dealt without repeats instead of drawn. */
export interface Deck {
  /** How many different values there are, at most 2^52. */
  readonly size: number;
  /** The values of these numbers, each a whole number from 0 to size - 1; the column looks as the generator's own. */
  column(ids: Float64Array): Column;
  /** The number of the value at place `i` of such a column, or -1. */
  idOf(column: Column, i: number): number;
}

/** A field of this table or of a parent, found by its path. */
export interface Reader {
  readonly field: Field;
  /** Every word it can give, when they are a fixed list. */
  readonly vocabulary: Vocabulary | undefined;
  /** As its generator's: the least and the greatest of its numbers, when that is certain. */
  readonly bounds?: Generator["bounds"];
  readonly within?: Generator["within"];
  /** Its values as a finite list, as of a generator. */
  readonly deck?: Deck | undefined;
  /** The left inverse of a field of the same row, as of a generator; a parent's value stands in many rows. */
  readonly rowOf?: Generator["rowOf"] | undefined;
  column(block: Block): Column;
}

/** What a kind may ask of the schema around it while it is compiled. */
export interface FieldContext {
  readonly field: Field;
  /** The name of the parent whose `children` decide this table's rows, when there is one. */
  readonly owner: string | undefined;
  /** Days since 1970-01-01 of the data's today. */
  readonly referenceDay: number;
  /** The stream of this field for one purpose; nested generators have their own. */
  stream(purpose: string): Stream;
  /** A stream that all fields of the table share under this name. */
  tableStream(name: string): Stream;
  /** Finds `field`, `parent.field`, `parent.grandparent.field`; throws GeneratorFault when there is none. */
  reader(path: string): Reader;
  /**
   * Compiles a generator given as a parameter of this one; `place` tells its pointer and stream. It
   * makes values of this field, or of the field `as`: the number of days that lie between two dates.
   */
  nested(place: string, spec: GeneratorSpec, as?: Field): Generator;
  /** Compiles an expression over the row and its parents; throws GeneratorFault. */
  expression(source: string): Expression;
  /** What a model wrote for this field; absent when nobody has asked it, and in generators inside others. */
  readonly drafted?: Drafted | undefined;
  /** The rows of table `of` that this table owns through its foreign key `via`; throws GeneratorFault when it owns none so. */
  children(of: string, via: string): Children;
}

/** A field's part of a text pool. */
export interface Drafted {
  readonly pool: Pool;
  /** Which of an entry's texts is the field's. */
  readonly place: number;
  /** True when a rule hangs on the text: a row that was made again for it takes its fallback. */
  readonly isRuled: boolean;
}

/** A child table as its owner sees it. */
export interface Children {
  /** Finds a field of the child, or of the child's parents. */
  reader(path: string): Reader;
  expression(source: string): Expression;
  /** The children of these rows in pieces of bounded size; `owners` are places in `block.rows`, in order. */
  pieces(block: Block): Iterable<{ block: Block; owners: Uint32Array }>;
}

export interface Kind<P> {
  /** What it makes, in a sentence for the catalogue. */
  readonly summary?: string;
  /** A field that shows it, in a table with the fields `id` and `parent_id`, whose parent has `colour` and `day`. */
  readonly example?: Omit<Field, "name">;
  readonly parameters: z.ZodType<P>;
  /** Throws GeneratorFault when parameters and schema don't fit. */
  compile(parameters: P, context: FieldContext): Generator;
}

/** Why a field can't be generated; becomes one fault of the 422, and one for each of `others`. */
export class GeneratorFault extends Error {
  readonly code: string;
  /** JSON Pointer below the generator, "" for the generator as a whole. */
  readonly pointer: string;
  /** What else is wrong with the same generator. */
  readonly others: readonly GeneratorFault[];
  constructor(code: string, message: string, pointer = "", others: readonly GeneratorFault[] = []) {
    super(message);
    this.code = code;
    this.pointer = pointer;
    this.others = others;
  }
}

/** Runs a step whose faults are of the parameter at `pointer`. */
export function faultsAt<T>(pointer: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof GeneratorFault)) throw error;
    throw below(pointer, error);
  }
}

function below(pointer: string, { code, message, pointer: own, others }: GeneratorFault): GeneratorFault {
  const moved = others.map((other) => below(pointer, other));
  return new GeneratorFault(code, message, pointer + own, moved);
}

/** What every one of these steps gives. Throws the faults of all as one, so that none hides another's. */
export function everyOne<T>(steps: readonly (() => T)[]): T[] {
  const faults: GeneratorFault[] = [];
  const made = steps.flatMap((step) => {
    try {
      return [step()];
    } catch (error) {
      if (!(error instanceof GeneratorFault)) throw error;
      faults.push(error);
      return [];
    }
  });
  throwAll(faults);
  return made;
}

/** The same for two steps that give different things. */
export function both<A, B>(first: () => A, second: () => B): [A, B] {
  return everyOne<A | B>([first, second]) as [A, B];
}

/** Throws these faults as one; nothing when there are none. */
export function throwAll([first, ...rest]: readonly GeneratorFault[]): void {
  if (!first) return;
  const others = [...first.others, ...rest.flatMap((fault) => [fault, ...fault.others])];
  throw new GeneratorFault(first.code, first.message, first.pointer, others);
}

/** The field at `path`; a fault in it is one of the parameter at `pointer`. */
export function readerAt(context: FieldContext, path: string, pointer: string): Reader {
  return faultsAt(pointer, () => context.reader(path));
}

/** Throws GeneratorFault unless the field is of one of these types; `what` says what the kind makes. */
export function demandType({ field }: FieldContext, types: readonly FieldType[], what: string): void {
  if (types.includes(field.type)) return;
  throw new GeneratorFault("type-mismatch", `${what}; ${field.name} is ${field.type}.`);
}
