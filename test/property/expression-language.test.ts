import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import { type Cell, cellAt, type Numbers, type Words } from "../../src/generate/column.ts";
import { compileExpression, type Scope } from "../../src/generate/expression/expression.ts";
import { type Block, GeneratorFault, type Reader } from "../../src/generate/kind.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";

const ROWS = 20;

/** A block whose fields are these columns, as far as expressions use one. */
function blockOf(columns: (Numbers | Words)[]): Block {
  const rows = Float64Array.from({ length: ROWS }, (_, i) => i);
  return { rows, draws: rows, column: (field: number) => columns[field] } as Block;
}

const nullsOf = fc.uint8Array({ minLength: ROWS, maxLength: ROWS, max: 1 });
const numbersOf = (as: Numbers["as"], scale: number, value: fc.Arbitrary<number>): fc.Arbitrary<Numbers> =>
  fc
    .tuple(fc.array(value, { minLength: ROWS, maxLength: ROWS }), nullsOf)
    .map(([values, nulls]) => ({ kind: "numbers", as, scale, values: Float64Array.from(values), nulls }));
const vocabulary = makeVocabulary(["", "a", "Ab", "b🚲", "2026-01-01"]);
const words: fc.Arbitrary<Words> = fc
  .tuple(fc.array(fc.nat(4), { minLength: ROWS, maxLength: ROWS }), nullsOf)
  .map(([ids, nulls]) => ({ kind: "words", vocabulary, ids: Uint32Array.from(ids), nulls }));

const TYPES = ["integer", "number", "boolean", "date", "string"] as const;
const NAMES = ["n", "price", "yes", "day", "word"];
const columns = fc.tuple(
  numbersOf("number", 0, fc.integer({ min: -3, max: 3 })),
  numbersOf("number", 2, fc.integer({ min: -1_000, max: 1_000 })),
  numbersOf("boolean", 0, fc.nat(1)),
  numbersOf("date", 0, fc.integer({ min: -30_000, max: 30_000 })),
  words,
);
const scope: Scope = {
  referenceDay: 20_454,
  reader: (path): Reader => {
    const place = NAMES.indexOf(path);
    if (place < 0) throw new GeneratorFault("unknown-field", path);
    const field = { name: path, type: TYPES[place] as Reader["field"]["type"] };
    return {
      field,
      vocabulary: path === "word" ? vocabulary : undefined,
      column: (block) => block.column(place),
    };
  },
};

describe("any text", () => {
  const token = fc.constantFrom(
    ...NAMES,
    ..."0 1 2.5 'a' '2026-01-01' '12:00' true null referenceDate ( ) , [ ] ? : . ; ! - + * / % == < && || ?? in".split(
      " ",
    ),
    ..."if( coalesce( isNull( concat( upper( length( round( padStart( substr( replace( addMonths( days( max( year(".split(
      " ",
    ),
    " ",
  );
  const text = fc.oneof(
    fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(" ")),
    fc.string({ maxLength: 60 }),
    fc
      .tuple(fc.constantFrom("(", "[", "!", "-", "-(", "if(yes,1,", "n+", "word+", "yes?1:", "n."), fc.nat(3_000))
      .map(([part, times]) => `${part.repeat(times)}1`),
  );

  test("is compiled or refused as a fault, and then evaluated or ends the job; nothing else ever comes out", () => {
    let compiled = 0;
    fc.assert(
      fc.property(text, columns, (source, given) => {
        const expression = outcomeOf(() => compileExpression(source, scope), GeneratorFault);
        if (!expression) return;
        compiled++;
        outcomeOf(() => expression.column(blockOf(given)), JobFailure);
      }),
      { numRuns: 2_000 },
    );
    expect(compiled).toBeGreaterThan(20);
  });
});

/** What the step gives; undefined when it throws this class of error, which it may. */
function outcomeOf<T>(step: () => T, allowed: abstract new (...args: never[]) => Error): T | undefined {
  try {
    return step();
  } catch (error) {
    expect(error).toBeInstanceOf(allowed);
    return undefined;
  }
}

/** A tree of the language with its meaning in plain JavaScript, a row at a time; null is NULL. */
interface Meaning {
  source: string;
  of(row: Record<string, Cell>): Cell;
}

const field = (name: string): Meaning => ({ source: name, of: (row) => row[name] as Cell });
const given = (source: string, value: Cell): Meaning => ({ source, of: () => value });
const strict = (source: string, parts: Meaning[], of: (...cells: never[]) => Cell): Meaning => ({
  source,
  of: (row) => {
    const cells = parts.map((part) => part.of(row));
    return cells.includes(null) ? null : of(...(cells as never[]));
  },
});

const { truth, string } = fc.letrec<{ truth: Meaning; string: Meaning }>((tie) => ({
  truth: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(field("yes"), given("true", true), given("false", false)),
    fc.tuple(fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("string"), tie("string")).map(([operator, a, b]) =>
      strict(`(${a.source} ${operator} ${b.source})`, [a, b], (x: string, y: string) => {
        const order = x < y ? -1 : x > y ? 1 : 0;
        return {
          "<": order < 0,
          "<=": order <= 0,
          ">": order > 0,
          ">=": order >= 0,
          "==": order === 0,
          "!=": order !== 0,
        }[operator] as boolean;
      }),
    ),
    tie("truth").map((a) => strict(`!${a.source}`, [a], (x: boolean) => !x)),
    tie("string").map((a): Meaning => ({ source: `isNull(${a.source})`, of: (row) => a.of(row) === null })),
    tie("string").map((a) => strict(`(${a.source} in ['a', 'A'])`, [a], (x: string) => x === "a" || x === "A")),
    fc.tuple(fc.constantFrom("&&", "||"), tie("truth"), tie("truth")).map(
      ([operator, a, b]): Meaning => ({
        source: `(${a.source} ${operator} ${b.source})`,
        of: (row) => {
          const [x, y] = [a.of(row), b.of(row)];
          const decisive = operator === "||";
          if (x === decisive || y === decisive) return decisive;
          return x === null || y === null ? null : !decisive;
        },
      }),
    ),
  ),
  string: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(field("word"), given("'a'", "a"), given("''", ""), given("'b🚲'", "b🚲")),
    tie("string").map((a) => strict(`upper(${a.source})`, [a], (x: string) => x.toUpperCase())),
    tie("string").map((a) => strict(`left(${a.source}, 1)`, [a], (x: string) => [...x].slice(0, 1).join(""))),
    fc
      .tuple(tie("string"), tie("string"))
      .map(([a, b]) => strict(`(${a.source} + ${b.source})`, [a, b], (x: string, y: string) => x + y)),
    fc.tuple(tie("string"), tie("string")).map(
      ([a, b]): Meaning => ({
        source: `(${a.source} ?? ${b.source})`,
        of: (row) => a.of(row) ?? b.of(row),
      }),
    ),
    fc.tuple(tie("truth"), tie("string"), tie("string")).map(
      ([test, a, b]): Meaning => ({
        source: `(${test.source} ? ${a.source} : ${b.source})`,
        of: (row) => (test.of(row) ? a.of(row) : b.of(row)),
      }),
    ),
    fc.tuple(tie("truth"), tie("string")).map(
      ([test, a]): Meaning => ({
        source: `if(${test.source}, null, ${a.source})`,
        of: (row) => (test.of(row) ? null : a.of(row)),
      }),
    ),
  ),
}));

describe("strings and truths of any shape", () => {
  test("mean in whole columns what they mean in each row", () => {
    fc.assert(
      fc.property(fc.oneof(truth, string), columns, (tree, given) => {
        fc.pre(tree.source.length < 2_000);
        const column = compileExpression(tree.source, scope).column(blockOf(given));
        const wanted = Array.from({ length: ROWS }, (_, i) =>
          tree.of(Object.fromEntries(NAMES.map((name, place) => [name, cellAt(given[place] as Numbers, i)]))),
        );
        expect(wanted.map((_, i) => cellAt(column, i))).toEqual(wanted);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a branch that would overflow is computed only where it is taken", () => {
    fc.assert(
      fc.property(columns, (given) => {
        const block = blockOf(given);
        const large = "9007199254740991";
        const column = compileExpression(`if(n < 0, n + ${large}, coalesce(n - ${large}, yes ? 5 : 6))`, scope).column(
          block,
        );
        const wanted = Array.from({ length: ROWS }, (_, i) => {
          const [n, , yes] = given.map((one) => cellAt(one, i));
          if (n === null) return yes ? 5 : 6;
          return (n as number) < 0 ? (n as number) + Number(large) : (n as number) - Number(large);
        });
        expect(wanted.map((_, i) => cellAt(column, i))).toEqual(wanted);
      }),
    );
  });
});
