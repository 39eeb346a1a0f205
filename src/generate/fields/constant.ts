/** The same value in every row. */
import { z } from "zod";
import { listDeck } from "../deck.ts";
import type { Generator, Kind } from "../kind.ts";
import { demandUnquoted, valueColumns } from "../values.ts";

const parameters = z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) });

export const constant: Kind<z.infer<typeof parameters>> = {
  summary: "The same value in every row.",
  example: { type: "string", generator: { kind: "constant", value: "EUR" } },
  parameters,
  compile: ({ value }, { field }) => {
    demandUnquoted(field, value);
    const { vocabulary, within, make } = valueColumns(field, [value]);
    const column: Generator["column"] = ({ rows }) => make(new Uint32Array(rows.length));
    return { vocabulary, within, deck: listDeck(1, make), column };
  },
};
