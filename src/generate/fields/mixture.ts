/** One of several generators, drawn for each row by weight: mostly small amounts with a few large ones. */
import { z } from "zod";
import { generatorSpec, scaleOf } from "../../dataset/schema.ts";
import { both, everyOne, GeneratorFault, type Kind } from "../kind.ts";
import { boundsOf, mergeColumns, mergedOf, type Part, within, withinOf } from "../merge.ts";
import { bits, type Stream } from "../random.ts";

const parameters = z.strictObject({
  of: z.array(z.strictObject({ weight: z.number().min(0).default(1), generator: generatorSpec })).min(1),
});

export const mixture: Kind<z.infer<typeof parameters>> = {
  summary: "One of several generators, drawn by weight.",
  example: {
    type: "number",
    generator: {
      kind: "mixture",
      of: [
        { weight: 9, generator: { kind: "uniform", min: 1, max: 10 } },
        { weight: 1, generator: { kind: "uniform", min: 100, max: 1_000 } },
      ],
    },
  },
  parameters,
  compile: ({ of }, context) => {
    const [limits, generators] = both(
      () => limitsOf(of.map(({ weight }) => weight)),
      () =>
        everyOne(
          of.map(
            ({ generator }, i) =>
              () =>
                context.nested(`of/${i}/generator`, generator),
          ),
        ),
    );
    const { field } = context;
    const merged = mergedOf(
      field.type,
      scaleOf(field),
      generators.map(({ vocabulary }) => vocabulary),
    );
    const stream = context.stream("branch");
    return {
      vocabulary: merged.kind === "words" ? merged.vocabulary : undefined,
      bounds: boundsOf(generators),
      within: withinOf(generators),
      column: (block) => {
        const placesOfEach = placesOf(stream, block.draws, limits);
        const parts = generators.flatMap((generator, i): Part[] => {
          const places = placesOfEach[i] as Float64Array;
          return places.length > 0 ? [{ column: generator.column(within(block, places)), places }] : [];
        });
        return mergeColumns(parts, block.rows.length, merged);
      },
    };
  },
};

/** Up to which of the 2^32 random numbers each branch reaches, exclusive: the last one to all of them. */
function limitsOf(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
    throw new GeneratorFault("no-weight", "The weights must add up to a number above 0.", "/of");
  }
  let sum = 0;
  return Float64Array.from(weights, (weight) => {
    sum += weight;
    return (sum / total) * 2 ** 32;
  });
}

/** The places of each branch's rows. */
function placesOf(stream: Stream, draws: Float64Array, limits: Float64Array): Float64Array[] {
  const places = Array.from(limits, () => new Float64Array(draws.length));
  const counts = new Uint32Array(limits.length);
  for (let i = 0; i < draws.length; i++) {
    const random = bits(stream, draws[i] as number);
    let branch = 0;
    while (random >= (limits[branch] as number)) branch++;
    const count = counts[branch] as number;
    (places[branch] as Float64Array)[count] = i;
    counts[branch] = count + 1;
  }
  return places.map((list, branch) => list.subarray(0, counts[branch]));
}
