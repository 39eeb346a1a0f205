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

/**
 * Methods that are not offered, and what to use instead. Names of people and companies are offered: they
 * reach nobody by themselves. The patterns, in which JSON needs no escapes, are of what is set apart for
 * examples: RFC 2606 (names), 5737 and 3849 (machines); no card begins with 9999, no country is XX.
 */
const REFUSED = new Map([
  // A small language in their args, in which a few characters can ask for any amount of text.
  ...refuse("helpers.fake helpers.mustache", "the kind template"),
  ...refuse("helpers.fromRegExp helpers.replaceCreditCardSymbols", "the kind pattern"),
  // A list, whose length costs even where it would be refused for being one.
  ...refuse("date.betweens", "date.between"),
  // What may be somebody's: addresses at real providers, numbers that can be dialled or paid to, faces.
  ...refuse("internet.email", "the kind person with part email, or internet.exampleEmail"),
  ...refuse("internet.username internet.displayName", 'the kind template: "user{{id}}"'),
  ...refuse("internet.url", 'the kind pattern: "https://[a-z]{4,9}[.]example"'),
  ...refuse("internet.domainName", 'the kind pattern: "[a-z]{4,9}[.]example"'),
  ...refuse("internet.ip internet.ipv4", 'the kind pattern: "(192[.]0[.]2|198[.]51[.]100)[.][1-9][0-9]?"'),
  ...refuse("internet.ipv6", 'the kind pattern: "2001:db8(:[1-9a-f][0-9a-f]{3}){6}"'),
  ...refuse("phone.number", "the kind person with part phone"),
  ...refuse("finance.creditCardNumber", 'the kind pattern: "9999( [0-9]{4}){3}"'),
  ...refuse("finance.iban", 'the kind pattern: "XX00[0-9]{16}"'),
  ...refuse("finance.accountNumber finance.routingNumber", 'the kind pattern: "ACCT-[0-9]{8}"'),
  ...refuse("finance.bic", 'the kind pattern: "[A-Z]{4}XX[A-Z]{2}"'),
  ...refuse(
    "finance.bitcoinAddress finance.litecoinAddress finance.ethereumAddress",
    'the kind pattern: "wallet-[0-9a-f]{12}"',
  ),
  ...refuse("phone.imei", 'the kind pattern: "00-[0-9]{6}-[0-9]{6}-0"'),
  ...refuse("vehicle.vin vehicle.vrm", 'the kind pattern: "TEST-[0-9]{6}"'),
  ...refuse("git.commitEntry", "git.commitMessage"),
  ...refuse(
    "image.avatar image.avatarGitHub image.personPortrait image.url image.urlLoremFlickr image.urlPicsumPhotos",
    'image.dataUri, or the kind pattern: "https://images[.]example/[a-z]{8}[.]png"',
  ),
]);

function refuse(methods: string, instead: string): [string, string][] {
  return methods.split(" ").map((method) => [method, instead]);
}

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
