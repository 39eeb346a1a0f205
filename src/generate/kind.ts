/**
 * The one small interface behind every kind of generator.
 *
 * A kind turns its parameters into a generator once; the generator then fills whole blocks of rows.
 * A block is any list of row numbers of a table, not a range: a child asks its parent's generators
 * for exactly the parents' rows it points at, so nothing is looked up and no table is kept.
 */
import type { z } from "zod";
import type { Field, FieldType, GeneratorSpec } from "../dataset/schema.ts";
import type { Column } from "./column.ts";
import type { Stream } from "./random.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Some rows of one table, with the columns made for them so far. */
export interface Block {
  /** Row numbers, 0-based, in any order, with repeats. */
  readonly rows: Float64Array;
  /** The column of field number `field`; made on first use. */
  column(field: number): Column;
  /** The parent rows of foreign key number `key`, one for each row of this block. */
  parent(key: number): Block;
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
  /** Every word it can give, when they are a fixed list: the vocabulary of all its columns. */
  readonly vocabulary?: Vocabulary | undefined;
}

/** A field of this table or of a parent, found by its path. */
export interface Reader {
  readonly field: Field;
  /** Every word it can give, when they are a fixed list. */
  readonly vocabulary: Vocabulary | undefined;
  column(block: Block): Column;
}

/** What a kind may ask of the schema around it while it is compiled. */
export interface FieldContext {
  readonly field: Field;
  /** Days since 1970-01-01 of the data's today. */
  readonly referenceDay: number;
  /** The stream of this field for one purpose; nested generators have their own. */
  stream(purpose: string): Stream;
  /** A stream that all fields of the table share under this name. */
  tableStream(name: string): Stream;
  /** Finds `field`, `parent.field`, `parent.grandparent.field`; throws GeneratorFault when there is none. */
  reader(path: string): Reader;
  /** Compiles a generator given as a parameter of this one; `place` tells its pointer and stream. */
  nested(place: string, spec: GeneratorSpec): Generator;
}

export interface Kind<P> {
  readonly parameters: z.ZodType<P>;
  /** Throws GeneratorFault when parameters and schema don't fit. */
  compile(parameters: P, context: FieldContext): Generator;
}

/** Why a field can't be generated; becomes one fault of the 422. */
export class GeneratorFault extends Error {
  readonly code: string;
  /** JSON Pointer below the generator, "" for the generator as a whole. */
  readonly pointer: string;
  constructor(code: string, message: string, pointer = "") {
    super(message);
    this.code = code;
    this.pointer = pointer;
  }
}

/** Throws GeneratorFault unless the field is of one of these types; `what` says what the kind makes. */
export function demandType({ field }: FieldContext, types: readonly FieldType[], what: string): void {
  if (types.includes(field.type)) return;
  throw new GeneratorFault("type-mismatch", `${what}; ${field.name} is ${field.type}.`);
}
