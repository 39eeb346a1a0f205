/** The value of another field, usually a parent's: the order's address is its customer's. NULL where that is NULL. */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { scaleOf } from "../../dataset/schema.ts";
import type { Column, Numbers } from "../column.ts";
import { type FieldContext, GeneratorFault, type Kind, type Reader, readerAt } from "../kind.ts";

const parameters = z.strictObject({ field: z.string() });

export const lookup: Kind<z.infer<typeof parameters>> = {
  summary:
    "The value of another field of the row or of a parent, through any number of hops; decimals are rounded to the field's scale.",
  example: { type: "string", generator: { kind: "lookup", field: "parent.colour" } },
  parameters,
  compile: ({ field: path }, context) => {
    const { field } = context;
    const source = readerAt(context, path, "/field");
    if (source.field.type !== field.type) {
      throw new GeneratorFault(
        "type-mismatch",
        `${path} is ${source.field.type}; give ${field.name} that type.`,
        "/field",
      );
    }
    const within = scaleOf(source.field) === scaleOf(field) ? source.within : undefined;
    return { vocabulary: source.vocabulary, within, column: (block) => toScale(source.column(block), source, context) };
  },
};

/** Numbers in units of the field's own scale, half a unit away from zero; instants print as many decimals as the field has. */
function toScale(column: Column, source: Reader, { field }: FieldContext): Column {
  const [from, to] = [scaleOf(source.field), scaleOf(field)];
  if (from === to || column.kind !== "numbers") return column;
  if (column.as !== "number") return { ...column, scale: to };
  const factor = 10 ** Math.abs(to - from);
  const values = column.values.map((value) =>
    to > from ? value * factor : Math.sign(value) * Math.round(Math.abs(value) / factor),
  );
  if (!values.every((value, i) => Number.isSafeInteger(value) || column.nulls?.[i] === 1)) {
    throw new JobFailure("overflow", `${field.name} exceeds 2^53 units of 10^-${to}; give it a smaller scale.`);
  }
  return { ...column, scale: to, values } satisfies Numbers;
}
