/** NULL in a share of the rows of any generator. */
import { withMissing } from "./column.ts";
import type { Generator } from "./kind.ts";
import { type Stream, uniformAll } from "./random.ts";

/** Such a field can't be a key, so the left inverse is left out. */
export function withNulls(generator: Generator, rate: number, stream: Stream): Generator {
  return {
    vocabulary: generator.vocabulary,
    bounds: generator.bounds,
    within: generator.within,
    letters: generator.letters,
    has: generator.has,
    mentions: generator.mentions,
    origins: generator.origins,
    column: (block) => {
      const draws = uniformAll(stream, block.draws);
      const missing = new Uint8Array(draws.length);
      for (let i = 0; i < missing.length; i++) missing[i] = (draws[i] as number) < rate ? 1 : 0;
      return withMissing(generator.column(block), missing, missing.length);
    },
  };
}
