/** One of some values, by weight; with `by`, the values depend on another field's word. */
import { z } from "zod";
import { type FieldContext, type Generator, GeneratorFault, type Kind } from "../kind.ts";
import { bits, idsBelow, type Stream } from "../random.ts";
import { type Value, valueColumns } from "../values.ts";

const value = z.union([z.string(), z.number(), z.boolean()]);
const choices = z.union([z.array(value).min(1), z.record(z.string(), z.number().min(0))]);
type Choices = z.infer<typeof choices>;

const parameters = z.union([
  z.strictObject({ by: z.string(), values: z.record(z.string(), choices) }),
  z.strictObject({ values: choices }),
]);

export const category: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: (given, context) =>
    "by" in given ? conditional(given.by, given.values, context) : unconditional(given.values, context),
};

function unconditional(choices: Choices, context: FieldContext): Generator {
  const draw = makeDraw(choices);
  const { vocabulary, make } = valueColumns(context.field, draw.values);
  const stream = context.stream("value");
  return { vocabulary, column: ({ rows }) => make(draw.ids(stream, rows)) };
}

function conditional(by: string, lists: Record<string, Choices>, context: FieldContext): Generator {
  const reader = context.reader(by);
  if (!reader.vocabulary) {
    throw new GeneratorFault("type-mismatch", `"by" names ${by}, whose values are no list of words.`, "/by");
  }
  const draws = new Map<string, Draw & { offset: number }>();
  const values: Value[] = [];
  for (const [word, choices] of Object.entries(lists)) {
    const draw = makeDraw(choices);
    draws.set(word, { ...draw, offset: values.length });
    values.push(...draw.values);
  }
  const { vocabulary, make } = valueColumns(context.field, values);
  const stream = context.stream("value");
  const byId = reader.vocabulary.words.map((word) => {
    const draw = draws.get(word);
    if (draw) return draw;
    throw new GeneratorFault("missing-values", `${by} can be "${word}", for which no values are listed.`, "/values");
  });
  return {
    vocabulary,
    column: (block) => {
      const given = reader.column(block);
      const ids = new Uint32Array(block.rows.length);
      for (let i = 0; i < ids.length; i++) {
        const draw = byId[given.kind === "words" ? (given.ids[i] as number) : 0] as Draw & { offset: number };
        ids[i] = draw.offset + draw.id(bits(stream, block.rows[i] as number));
      }
      return make(ids);
    },
  };
}

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
  const id = (bits: number) => {
    let id = 0;
    while (id < last && bits >= (bounds[id] as number)) id++;
    return id;
  };
  const ids = (stream: Stream, rows: Float64Array) => {
    const drawn = new Uint32Array(rows.length);
    for (let i = 0; i < drawn.length; i++) {
      const random = bits(stream, rows[i] as number);
      let id = 0;
      while (id < last && random >= (bounds[id] as number)) id++;
      drawn[i] = id;
    }
    return drawn;
  };
  return { values, id, ids };
}
