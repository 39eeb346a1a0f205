/** One of some values, by weight; with `by`, the values depend on another field's word. */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { type Column, cellAt, type Numbers } from "../column.ts";
import { listDeck } from "../deck.ts";
import {
  type Deck,
  everyOne,
  type FieldContext,
  type Generator,
  GeneratorFault,
  type Kind,
  type Reader,
  readerAt,
} from "../kind.ts";
import { bits, bitsAll, idsBelow, type Stream } from "../random.ts";
import { type Value, valueColumns } from "../values.ts";

const value = z.union([z.string(), z.number(), z.boolean()]);
const choices = z.union([z.array(value).min(1), z.record(z.string(), z.number().min(0))]);
type Choices = z.infer<typeof choices>;

const parameters = z.union([
  z.strictObject({ by: z.string(), values: z.record(z.string(), choices) }),
  z.strictObject({ values: choices }),
]);

/** Most values of a number to depend on that are looked through when the schema is compiled. */
const MOST_NUMBERS = 1_000;

export const category: Kind<z.infer<typeof parameters>> = {
  summary: "One of some values, each as likely or by weight; with by, the values depend on another field's.",
  example: { type: "string", generator: { kind: "category", values: { Bronze: 60, Silver: 30, Gold: 10 } } },
  parameters,
  compile: (given, context) =>
    "by" in given ? conditional(given.by, given.values, context) : unconditional(given.values, context),
};

function unconditional(choices: Choices, context: FieldContext): Generator {
  const draw = makeDraw(choices);
  const { vocabulary, bounds, within, make } = valueColumns(context.field, draw.values);
  const stream = context.stream("value");
  const hasNoWeight = (id: number) => !Array.isArray(choices) && Object.values(choices)[id] === 0;
  return {
    vocabulary,
    bounds,
    within,
    deck: listDeck(draw.values.length, make, hasNoWeight),
    column: ({ draws }) => make(draw.ids(stream, draws)),
  };
}

function conditional(by: string, lists: Record<string, Choices>, context: FieldContext): Generator {
  const reader = readerAt(context, by, "/by");
  const draws = new Map<string, Placed>();
  const values: Value[] = [];
  for (const [word, choices] of Object.entries(lists)) {
    const draw = makeDraw(choices);
    draws.set(word, { ...draw, offset: values.length });
    values.push(...draw.values);
  }
  const { vocabulary, within, make } = valueColumns(context.field, values);
  const stream = context.stream("value");
  const drawOf = drawsBy(by, reader, draws);
  return {
    vocabulary,
    within,
    column: (block) => {
      const given = reader.column(block);
      const { nulls } = given;
      const ids = new Uint32Array(block.rows.length);
      for (let i = 0; i < ids.length; i++) {
        if (nulls?.[i]) continue;
        const draw = drawOf(given, i);
        ids[i] = draw.offset + draw.id(bits(stream, block.draws[i] as number));
      }
      return { ...make(ids), nulls };
    },
  };
}

/** Which values to draw from for the cell at place i of the other field. */
function drawsBy(by: string, reader: Reader, draws: Map<string, Placed>): (given: Column, i: number) => Placed {
  const missing = (text: string) => `${by} can be "${text}", for which no values are listed`;
  const demand = (text: string): Placed => {
    const draw = draws.get(text);
    if (draw) return draw;
    throw new GeneratorFault("missing-values", `${missing(text)}.`, "/values");
  };
  const { field, vocabulary } = reader;
  if (vocabulary) {
    const byId = everyOne(vocabulary.words.map((word) => () => demand(word)));
    return (given, i) => byId[given.kind === "words" ? (given.ids[i] as number) : 0] as Placed;
  }
  if (field.type !== "integer" && field.type !== "boolean") {
    throw new GeneratorFault("type-mismatch", `"by" names ${by}, whose values are no list of words.`, "/by");
  }
  everyOne(textsOf(reader).map((text) => () => demand(text)));
  const byNumber = new Map<number, Placed>();
  return (given, i) => {
    const number = (given as Numbers).values[i] as number;
    const known = byNumber.get(number);
    if (known) return known;
    const text = String(cellAt(given, i));
    const draw = draws.get(text);
    if (!draw) throw new JobFailure("missing-values", `${missing(text)}; add them.`);
    byNumber.set(number, draw);
    return draw;
  };
}

/** All texts of an integer or boolean, where they are known before any row is made. */
function textsOf({ field, deck }: Reader): string[] {
  if (!deck) return field.type === "boolean" ? ["true", "false"] : [];
  if (deck.size > MOST_NUMBERS) return [];
  return deckTexts(deck);
}

function deckTexts(deck: Deck): string[] {
  const column = deck.column(Float64Array.from({ length: deck.size }, (_, number) => number));
  return Array.from({ length: deck.size }, (_, i) => String(cellAt(column, i)));
}

/** The choices of one value of the other field, whose values begin at `offset` in the list of all. */
type Placed = Draw & { offset: number };

interface Draw {
  readonly values: readonly Value[];
  /** The id of the value for 32 random bits. */
  id(bits: number): number;
  /** An id for each row. */
  ids(stream: Stream, rows: Float64Array): Uint32Array;
}

function makeDraw(choices: Choices): Draw {
  const values = Array.isArray(choices) ? choices : Object.keys(choices);
  if (Array.isArray(choices)) {
    const count = values.length;
    return {
      values,
      id: (bits) => Math.floor((bits / 4294967296) * count),
      ids: (stream, rows) => idsBelow(stream, rows, count),
    };
  }
  const weights = Object.values(choices);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0))
    throw new GeneratorFault("no-weight", "The weights add up to 0; give at least one above 0.", "/values");
  const bounds = Float64Array.from(weights);
  for (let id = 1; id < bounds.length; id++) bounds[id] = (bounds[id] as number) + (bounds[id - 1] as number);
  for (let id = 0; id < bounds.length; id++) bounds[id] = ((bounds[id] as number) / total) * 4294967296;
  const last = weights.findLastIndex((weight) => weight > 0);
  // For each value of the highest 8 bits, the first id that they can lead to: most draws end there at once.
  const guide = Uint32Array.from({ length: 256 }, (_, high) => firstAbove(bounds, last, high * 2 ** 24));
  const ids = (stream: Stream, rows: Float64Array) => {
    const drawn = bitsAll(stream, rows);
    for (let i = 0; i < drawn.length; i++) {
      const random = drawn[i] as number;
      let id = guide[random >>> 24] as number;
      while (id < last && random >= (bounds[id] as number)) id++;
      drawn[i] = id;
    }
    return drawn;
  };
  return { values, id: (bits) => firstAbove(bounds, last, bits), ids };
}

/** The first id up to `last` whose bound is above the random bits; looked for by steps where they are few, by halves else. */
function firstAbove(bounds: Float64Array, last: number, random: number): number {
  let id = 0;
  if (last > 16) {
    for (let high = last; id < high; ) {
      const middle = (id + high) >> 1;
      if (random >= (bounds[middle] as number)) id = middle + 1;
      else high = middle;
    }
    return id;
  }
  while (id < last && random >= (bounds[id] as number)) id++;
  return id;
}
