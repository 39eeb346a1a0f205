/** Text with holes: "{{adjective}} {{noun}}", each filled by a generator of `with` or by a field of the row. */
import { z } from "zod";
import { generatorSpec } from "../../dataset/schema.ts";
import type { Column, Joined } from "../column.ts";
import { type Block, demandType, type FieldContext, type Kind } from "../kind.ts";
import { makeVocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({
  template: z.string().min(1),
  with: z.record(z.string(), generatorSpec).default({}),
});

export const template: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: (given, context) => {
    demandType(context, ["string"], "A template makes strings");
    // Splitting on a capturing group leaves the literals at even places and the holes at odd ones.
    const parts = given.template.split(/\{\{\s*([\w.]+)\s*\}\}/).map((text, place) => {
      return place % 2 === 0 ? literal(text) : hole(text, given.with, context);
    });
    return {
      column: (block): Joined => ({ kind: "joined", parts: parts.flatMap((part) => flatten(part(block), block)) }),
    };
  },
};

function literal(text: string): (block: Block) => Column {
  const column: Column = { kind: "literal", vocabulary: makeVocabulary([text]) };
  return () => column;
}

function hole(
  name: string,
  fillers: z.infer<typeof parameters>["with"],
  context: FieldContext,
): (block: Block) => Column {
  const filler = Object.hasOwn(fillers, name) ? fillers[name] : undefined;
  const source = filler ? context.nested(`with/${name}`, filler) : context.reader(name);
  return (block) => source.column(block);
}

/** A joined column's own parts take its place, NULL where it is; empty literals are left out. */
function flatten(column: Column, { rows }: Block): Joined["parts"] {
  if (column.kind === "literal" && column.vocabulary.words[0] === "") return [];
  if (column.kind !== "joined") return [column];
  const { nulls } = column;
  if (!nulls) return column.parts;
  return column.parts.map((part) => {
    const own = part.nulls;
    const either = own ? nulls.map((isNull, i) => isNull | (own[i] as number)) : nulls;
    if (part.kind !== "literal") return { ...part, nulls: either };
    return { kind: "words", vocabulary: part.vocabulary, ids: new Uint32Array(rows.length), nulls: either };
  });
}
