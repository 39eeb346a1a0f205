/** Words of a faker method, drawn once into a vocabulary of at most VOCABULARY_SIZE, never per row. */
import { faker } from "@faker-js/faker/locale/en";
import { z } from "zod";
import { listDeck } from "../deck.ts";
import { GeneratorFault, type Kind } from "../kind.ts";
import { bits, idsBelow } from "../random.ts";
import { nearestNumber, valueColumns } from "../values.ts";
import { drawWords } from "../words.ts";

/** Enough that repeats look natural; filling it costs 1 to 4 ms. */
const VOCABULARY_SIZE = 1_000;

/** What a posted schema may ask of a call: of the args as JSON, of a word, and of all words of a field as UTF-8. */
const MAX_ARGS = 1_000;
const MAX_WORD = 10_000;
const MAX_BYTES = 4 * 1_048_576;
/** Numbers in args are lengths and counts, whose cost is the number; except where they are magnitudes. */
const MAX_COUNT = 1_000;
const MAGNITUDES = /^(?:number|date|commerce|finance\.amount)\b/;

/** Methods that are not offered, and what to use instead. */
const REFUSED = new Map([
  // A small language in their args, in which a few characters can ask for any amount of text.
  ["helpers.fake", "the kind template"],
  ["helpers.mustache", "the kind template"],
  ["helpers.fromRegExp", "the kind pattern"],
  ["helpers.replaceCreditCardSymbols", "the kind pattern"],
  // A list, whose length costs even where it would be refused for being one.
  ["date.betweens", "date.between"],
  // Contact data that may be somebody's: addresses at real providers, numbers that can be dialled, faces.
  ["internet.email", "the kind person with part email, or internet.exampleEmail"],
  ["phone.number", "the kind person with part phone"],
  ["git.commitEntry", "git.commitMessage"],
  ["image.personPortrait", "image.avatar"],
  ["image.avatarGitHub", "image.avatar"],
  // Leaving faker, and writes so at every call.
  ["image.urlLoremFlickr", "image.url"],
]);

const parameters = z.strictObject({ method: z.string(), args: z.array(z.unknown()).default([]) });

export const fakerKind: Kind<z.infer<typeof parameters>> = {
  summary: "Words of a faker method that gives a single value, drawn from a list of up to 1,000 made for the field.",
  example: { type: "string", generator: { kind: "faker", method: "commerce.productName" } },
  parameters,
  compile: ({ method, args }, context) => {
    const call = fakerMethod(method);
    demandModest(method, args);
    const seed = bits(context.stream("vocabulary"), 0);
    const encoder = new TextEncoder();
    let bytes = 0;
    const words = drawWords(seed, VOCABULARY_SIZE, () => {
      const word = callOnce(method, () => textOf(call(...args)));
      bytes += encoder.encode(word).length;
      if (word.length > MAX_WORD || bytes > MAX_BYTES) {
        const message = `faker.${method} gives more text with these args than a field may have; ask for less.`;
        throw new GeneratorFault("too-much-text", message, "/args");
      }
      return word;
    });
    const { vocabulary, make } = valueColumns(context.field, words, nearestNumber);
    const stream = context.stream("value");
    return {
      vocabulary,
      deck: listDeck(words.length, make),
      column: ({ draws }) => make(idsBelow(stream, draws, words.length)),
    };
  },
};

function callOnce(method: string, call: () => string): string {
  try {
    return call();
  } catch (cause) {
    const message = `faker.${method} refuses these args: ${(cause as Error).message}`;
    throw new GeneratorFault("faker-call", message, "/args");
  }
}

/** Throws GeneratorFault for a call that could take memory or time without end. */
function demandModest(method: string, args: readonly unknown[]): void {
  const instead = REFUSED.get(method);
  if (instead) {
    throw new GeneratorFault("unknown-method", `faker.${method} is not offered; use ${instead}.`, "/method");
  }
  const json = JSON.stringify(args);
  if (json.length > MAX_ARGS) {
    throw new GeneratorFault(
      "too-much-text",
      `The args are longer than ${MAX_ARGS} characters; shorten them.`,
      "/args",
    );
  }
  const isCount = !MAGNITUDES.test(method);
  JSON.parse(json, (_, value: unknown) => {
    if (!isCount || typeof value !== "number" || Math.abs(value) <= MAX_COUNT) return value;
    const message = `${value} is too much for faker.${method}; keep numbers at ${MAX_COUNT} or less.`;
    throw new GeneratorFault("too-much-text", message, "/args");
  });
}

/** A date in ISO 8601, since its own text tells the machine's time zone. */
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" && value !== undefined) return String(value);
  throw new Error("it gives no single value.");
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
