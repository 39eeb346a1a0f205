/** Values of a list: drawn, dealt like cards, or in their order. */
import { z } from "zod";
import { listDeck } from "../deck.ts";
import type { Block, Kind } from "../kind.ts";
import { idsBelow, permute, type Stream } from "../random.ts";
import { valueColumns } from "../values.ts";

/** As many as `idsBelow` draws evenly; a request's body holds fewer anyway. */
const MAX_VALUES = 1_000_000;

const value = z.union([z.string(), z.number(), z.boolean()]);
const parameters = z.strictObject({
  values: z.array(value).min(1).max(MAX_VALUES),
  order: z.enum(["sample", "shuffle", "cycle"]).default("sample"),
});

export const list: Kind<z.infer<typeof parameters>> = {
  summary:
    "Values of a list: sample draws each row's evenly, shuffle deals all before any comes again, cycle takes them in order.",
  example: { type: "string", generator: { kind: "list", values: ["north", "east", "south"], order: "shuffle" } },
  parameters,
  compile: ({ values, order }, context) => {
    const { vocabulary, within, make } = valueColumns(context.field, values);
    const ids = IDS[order];
    const stream = context.stream("value");
    return {
      vocabulary,
      within,
      certain: (rows) => {
        const count = CERTAIN[order](rows, values.length);
        return count === 0 ? undefined : make(Uint32Array.from({ length: count }, (_, id) => id));
      },
      deck: listDeck(values.length, make),
      column: (block) => make(ids(block, values.length, stream)),
    };
  },
};

/** How many of n values, from the first, come among so many rows whatever the seed. */
const CERTAIN: Record<z.infer<typeof parameters>["order"], (rows: number, n: number) => number> = {
  sample: () => 0,
  shuffle: (rows, n) => (rows < n ? 0 : n),
  cycle: (rows, n) => Math.min(rows, n),
};

/** The places in the list of n values, by order. What is dealt goes by the row, since chance would deal a value twice. */
const IDS: Record<z.infer<typeof parameters>["order"], (block: Block, n: number, stream: Stream) => Uint32Array> = {
  sample: ({ draws }, n, stream) => idsBelow(stream, draws, n),
  shuffle: ({ rows }, n, stream) => Uint32Array.from(rows, (row) => permute(stream, n, row % n, Math.floor(row / n))),
  cycle: ({ rows }, n) => Uint32Array.from(rows, (row) => row % n),
};
