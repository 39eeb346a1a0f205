/**
 * Text that a model may write. Without a model the fallback generator makes it, at full speed and by
 * address like every other field; the manifest counts which of the two it was.
 */
import { z } from "zod";
import { USUAL_MAX_CHARS } from "../../dataset/pool.ts";
import { generatorSpec } from "../../dataset/schema.ts";
import { draftedText } from "../drafts/drafted.ts";
import { fitColumn } from "../drafts/fit.ts";
import { mentionsOf } from "../drafts/groups.ts";
import { demandClosed } from "../holes.ts";
import { both, demandType, everyOne, type Generator, type Kind, readerAt } from "../kind.ts";

const parameters = z.strictObject({
  /** Names in it are fields of the row or of its parents: {{customer.first_name}}. */
  prompt: z.string().min(1),
  maxChars: z.int().min(1).max(10_000).default(USUAL_MAX_CHARS),
  fallback: generatorSpec.default({ kind: "faker", method: "lorem.sentence" }),
  /** Fields of a table with the same name here share one answer of the model. */
  draft: z.string().optional(),
});

export const text: Kind<z.infer<typeof parameters>> = {
  summary: "Text that a model writes by a prompt with fields of the row in it; the fallback's without a model.",
  example: { type: "string", generator: { kind: "text", prompt: "A note on {{parent.colour}}", maxChars: 120 } },
  parameters,
  compile: ({ prompt, maxChars, fallback }, context) => {
    demandType(context, ["string"], "Text is a string");
    const paths = mentionsOf({ name: "", type: "string", generator: { kind: "text", prompt } });
    const { maxLength = maxChars } = context.field.constraints ?? {};
    const most = Math.min(maxChars, maxLength);
    const [mentions, made] = both(
      () => everyOne(paths.map((path) => () => ({ path, reader: readerAt(context, path, "/prompt") }))),
      () => {
        const inside = () => context.nested("fallback", fallback);
        return both(() => demandClosed(prompt, "/prompt"), inside)[1];
      },
    );
    // Only the column: whatever the fallback promises of its values, a model's text need not keep.
    const column: Generator["column"] = (block) => fitColumn(made.column(block), most, block);
    return { mentions, ...(context.drafted ? draftedText(context.drafted, context, most, column) : { column }) };
  },
};
