/** The same value in every row. */
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { valueColumns } from "../values.ts";

const parameters = z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) });

export const constant: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ value }, { field }) => {
    const { vocabulary, make } = valueColumns(field, [value]);
    return { vocabulary, column: ({ rows }) => make(new Uint32Array(rows.length)) };
  },
};
