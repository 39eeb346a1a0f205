/**
 * Text that a model may write. Without a model the fallback generator makes it, at full speed and by
 * address like every other field; the manifest counts which of the two it was.
 */
import { z } from "zod";
import { generatorSpec } from "../../dataset/schema.ts";
import { demandType, type Kind } from "../kind.ts";

const parameters = z.strictObject({
  prompt: z.string().min(1),
  maxChars: z.int().min(1).max(10_000).default(200),
  fallback: generatorSpec.default({ kind: "faker", method: "lorem.sentence" }),
  draft: z.string().optional(),
});

export const text: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ prompt, fallback }, context) => {
    demandType(context, ["string"], "Text is a string");
    for (const [, path] of prompt.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)) context.reader(path as string);
    return context.nested("fallback", fallback);
  },
};
