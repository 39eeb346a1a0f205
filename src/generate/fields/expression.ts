/** A value computed from other fields of the row and of its parents, exact to the last decimal. */
import { z } from "zod";
import { fitField } from "../expression/convert.ts";
import { expressionAt } from "../expression/expression.ts";
import { faultsAt, type Kind } from "../kind.ts";

const parameters = z.strictObject({ expr: z.string().min(1) });

export const expression: Kind<z.infer<typeof parameters>> = {
  summary: "A value computed from other fields of the row and of its parents.",
  example: { type: "integer", generator: { kind: "expression", expr: "id * 10 + parent.id" } },
  parameters,
  compile: ({ expr }, context) => {
    const compiled = expressionAt(context, "/expr", expr);
    const { vocabulary, column } = faultsAt("/expr", () => fitField(compiled, context.field, expr));
    return { vocabulary, column };
  },
};
