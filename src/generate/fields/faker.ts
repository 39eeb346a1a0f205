/** Words of a faker method, drawn once into a vocabulary of at most VOCABULARY_SIZE, never per row. */
import { faker } from "@faker-js/faker/locale/en";
import { z } from "zod";
import { GeneratorFault, type Kind } from "../kind.ts";
import { bits, idsBelow } from "../random.ts";
import { valueColumns } from "../values.ts";
import { drawWords } from "../words.ts";

/** Enough that repeats look natural; filling it costs 1 to 4 ms. */
const VOCABULARY_SIZE = 1_000;

const parameters = z.strictObject({ method: z.string(), args: z.array(z.unknown()).default([]) });

export const fakerKind: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ method, args }, context) => {
    const call = fakerMethod(method);
    const seed = bits(context.stream("vocabulary"), 0);
    const words = drawWords(seed, VOCABULARY_SIZE, () => {
      try {
        return textOf(call(...args));
      } catch (cause) {
        throw new GeneratorFault(
          "faker-call",
          `faker.${method} refuses these args: ${(cause as Error).message}`,
          "/args",
        );
      }
    });
    const { vocabulary, make } = valueColumns(context.field, words);
    const stream = context.stream("value");
    return { vocabulary, column: ({ rows }) => make(idsBelow(stream, rows, words.length)) };
  },
};

/** A date in ISO 8601, since its own text tells the machine's time zone. */
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object") return String(value);
  throw new Error("it gives an object, not a value");
}

/** `commerce.productName` → the function; own modules and methods only, so no path leaves faker. */
function fakerMethod(path: string): (...args: unknown[]) => unknown {
  const [module, method, ...rest] = path.split(".");
  const found = Object.hasOwn(faker, module ?? "")
    ? (faker as unknown as Record<string, unknown>)[module as string]
    : undefined;
  const call = (found as Record<string, unknown> | undefined)?.[method ?? ""];
  if (rest.length > 0 || typeof call !== "function" || (method as string) in Object.prototype) {
    throw new GeneratorFault("unknown-method", `faker has no ${path}; name one like commerce.productName.`, "/method");
  }
  return call.bind(found) as (...args: unknown[]) => unknown;
}
