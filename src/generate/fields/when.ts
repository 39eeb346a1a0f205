/**
 * The generator of the first case whose condition is true, row by row; `else` where none is, and NULL
 * without it. Each is asked only for its own rows.
 */
import { z } from "zod";
import { type GeneratorSpec, generatorSpec, scaleOf } from "../../dataset/schema.ts";
import type { Numbers } from "../column.ts";
import { type Expression, expressionAt } from "../expression/expression.ts";
import { type Block, both, everyOne, type FieldContext, GeneratorFault, type Kind } from "../kind.ts";
import { type Branch, boundsOf, chooseColumns, mergedOf, withinOf } from "../merge.ts";

const parameters = z.strictObject({
  cases: z
    // biome-ignore lint/suspicious/noThenProperty: the contract's name; it is never awaited.
    .array(z.strictObject({ if: z.string().min(1), then: generatorSpec }))
    .min(1),
  else: generatorSpec.optional(),
});

export const when: Kind<z.infer<typeof parameters>> = {
  summary: "One of several generators, by conditions on the row.",
  example: {
    type: "string",
    generator: {
      kind: "when",
      // biome-ignore lint/suspicious/noThenProperty: the contract's name; it is never awaited.
      cases: [{ if: "parent.colour == 'red'", then: { kind: "category", values: ["rose", "ruby"] } }],
      else: { kind: "constant", value: "none" },
    },
  },
  parameters,
  compile: ({ cases, else: fallback }, context) => {
    const [branches, otherwise] = both(
      () =>
        everyOne(
          cases.map(
            ({ if: condition, then }, i) =>
              () =>
                branchOf(i, condition, then, context),
          ),
        ),
      () => fallback && context.nested("else", fallback),
    );
    const generators = [...branches.map(({ generator }) => generator), ...(otherwise ? [otherwise] : [])];
    const { field } = context;
    const merged = mergedOf(
      field.type,
      scaleOf(field),
      generators.map(({ vocabulary }) => vocabulary),
    );
    const rest = otherwise && ((block: Block) => otherwise.column(block));
    return {
      vocabulary: merged.kind === "words" ? merged.vocabulary : undefined,
      bounds: boundsOf(generators),
      within: withinOf(generators),
      column: (block) => chooseColumns(block, branches, rest, merged),
    };
  },
};

function branchOf(place: number, condition: string, spec: GeneratorSpec, context: FieldContext) {
  const [test, generator] = both(
    () => conditionOf(condition, `/cases/${place}/if`, context),
    () => context.nested(`cases/${place}/then`, spec),
  );
  const branch: Branch = { test: (block) => test.column(block) as Numbers, column: (block) => generator.column(block) };
  return { ...branch, generator };
}

function conditionOf(condition: string, pointer: string, context: FieldContext): Expression {
  const test = expressionAt(context, pointer, condition);
  if (test.type === "boolean") return test;
  const message = `"${condition}" is ${test.type}; a condition must be true or false, like quantity > 1.`;
  throw new GeneratorFault("type-mismatch", message, pointer);
}
