/** A value computed from other fields of the row and of its parents, exact to the last decimal. */
import { z } from "zod";
import { scaleOf } from "../../dataset/schema.ts";
import { compileExpression, rescale } from "../expression.ts";
import { GeneratorFault, type Kind } from "../kind.ts";

const parameters = z.strictObject({ expr: z.string().min(1) });

export const expression: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ expr }, context) => {
    const { field } = context;
    const compiled = compileExpression(expr, context);
    const wanted = field.type === "integer" ? "number" : field.type;
    if (compiled.type !== wanted) {
      throw new GeneratorFault(
        "type-mismatch",
        `"${expr}" is ${compiled.type}; ${field.name} is ${field.type}.`,
        "/expr",
      );
    }
    const fitted = wanted === "number" ? rescale(compiled, scaleOf(field), expr) : compiled;
    return { column: (block) => fitted.column(block) };
  },
};
