/** The value of another field, usually a parent's: the order's address is its customer's. */
import { z } from "zod";
import { scaleOf } from "../../dataset/schema.ts";
import { GeneratorFault, type Kind } from "../kind.ts";

const parameters = z.strictObject({ field: z.string() });

export const lookup: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ field: path }, { field, reader }) => {
    const source = reader(path);
    if (source.field.type !== field.type || scaleOf(source.field) !== scaleOf(field)) {
      const from = `${source.field.type} with scale ${scaleOf(source.field)}`;
      throw new GeneratorFault("type-mismatch", `${path} is ${from}; give ${field.name} the same.`, "/field");
    }
    return { vocabulary: source.vocabulary, column: (block) => source.column(block) };
  },
};
