/**
 * A person whose parts cohere: the e-mail is made of the names, the sex fits the first name, the
 * telephone belongs to the town of the row's address.
 *
 * E-mails are unique, as `locales/names.ts` deals the pairs of names (1.3 million in en_US); beyond the
 * last pair a number is appended. Contact data is safe by construction: reserved example domains
 * (RFC 2606) and the telephone numbers that each locale's file says are kept for fiction.
 */
import { z } from "zod";
import { asText, type Column, isWritableDay, type Joined, type Numbers, type Words } from "../column.ts";
import { demandType, type FieldContext, type Generator, GeneratorFault, type Kind } from "../kind.ts";
import { type Owner, sharedName, sharedParameters } from "../locales/locales.ts";
import {
  emailDomains,
  emailWordsOf,
  firstNamesOf,
  lastNamesOf,
  type Pairs,
  pairsOf,
  sexesOf,
  spacedLastNamesOf,
} from "../locales/names.ts";
import { columnOfPlace, phonesOf } from "../locales/places.ts";
import { belowAll, idsBelow } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({
  part: z.enum(["firstName", "lastName", "fullName", "email", "phone", "birthDate", "sex"]),
  ...sharedParameters,
});

const YOUNGEST_YEARS = 18;
const OLDEST_YEARS = 90;

const sexes = makeVocabulary(["female", "male"]);

export const person: Kind<z.infer<typeof parameters>> = {
  summary: "A part of a person: the parts of a row belong together, and e-mails are unique; safe contact data.",
  example: { type: "string", generator: { kind: "person", part: "fullName", locale: "de_DE" } },
  parameters,
  compile: ({ part, ...owner }, context) => {
    if (part === "birthDate") return birthDate(context, owner);
    demandType(context, ["string"], "A person's parts but the birthDate are strings");
    const { locale } = owner;
    const { pairs } = dealt(context, owner);
    const words = (vocabulary: Vocabulary, idsOf: (pair: Pairs) => Uint32Array): Generator => ({
      vocabulary,
      column: (block) => word(vocabulary, idsOf(pairs(block))),
    });
    switch (part) {
      case "firstName":
        return words(firstNamesOf(locale), (pair) => pair.first);
      case "lastName":
        return words(lastNamesOf(locale), (pair) => pair.second);
      case "fullName":
        return {
          column: (block): Joined => {
            const { first, second } = pairs(block);
            return {
              kind: "joined",
              parts: [word(firstNamesOf(locale), first), word(spacedLastNamesOf(locale), second)],
            };
          },
        };
      case "sex": {
        const sexOf = sexesOf(locale);
        return words(sexes, (pair) => pair.first.map((id) => sexOf[id] as number));
      }
      case "email":
        return email(context, owner);
      case "phone":
        return columnOfPlace(context, "phone", owner, phonesOf(locale));
    }
  },
};

function word(vocabulary: Vocabulary, ids: Uint32Array): Words {
  return { kind: "words", vocabulary, ids };
}

function dealt(context: FieldContext, owner: Owner): ReturnType<typeof pairsOf> {
  const { locale } = owner;
  return pairsOf(context, "person", owner, firstNamesOf(locale).words.length, lastNamesOf(locale).words.length);
}

/** Two parts, first. and last@domain; from the second round on four, as the number stands before the domain. */
function email(context: FieldContext, owner: Owner): Generator {
  const words = emailWordsOf(owner.locale);
  const { pairs, rowOf, rowsOf } = dealt(context, owner);
  const stream = context.tableStream(sharedName("domain", owner));
  const domainCount = emailDomains.words.length;
  const rowAt = (column: Column, i: number): number => {
    const [start, last, round] = (column as Joined).parts as [Words, Words, Numbers?];
    const first = start.ids[i] as number;
    const second = last.ids[i] as number;
    if (!round) return rowOf(first, Math.floor(second / domainCount), 1);
    return rowOf(first, second, round.nulls?.[i] ? 1 : (round.values[i] as number));
  };
  return {
    column: (block): Column => {
      const { first, second, round } = pairs(block);
      const domains = idsBelow(stream, block.draws, domainCount);
      const start = word(words.first, first);
      if (round) {
        return { kind: "joined", parts: [start, word(words.last, second), round, word(emailDomains, domains)] };
      }
      for (let i = 0; i < domains.length; i++) {
        domains[i] = (second[i] as number) * domainCount + (domains[i] as number);
      }
      return { kind: "joined", parts: [start, word(words.lastAtDomain, domains)] };
    },
    rowOf: rowAt,
    rowsOf: (column) => {
      const [start, last, round] = (column as Joined).parts as [Words, Words, Numbers?];
      if (round) return Float64Array.from(start.ids, (_, i) => rowAt(column, i));
      return rowsOf(start.ids, last.ids, domainCount);
    },
  };
}

/** Any day on which somebody was born who has turned 18 and not yet 91 today, each as likely. */
function birthDate(context: FieldContext, owner: Owner): Generator {
  demandType(context, ["date", "string"], "A birthDate is a date");
  const low = yearsBefore(context.referenceDay, OLDEST_YEARS + 1) + 1;
  const high = yearsBefore(context.referenceDay, YOUNGEST_YEARS);
  if (!isWritableDay(low)) {
    throw new GeneratorFault("impossible-range", "Births would lie before the year 0; choose another reference date.");
  }
  const stream = context.tableStream(sharedName("birth", owner));
  const column = (draws: Float64Array): Numbers => {
    const values = belowAll(stream, draws, high - low + 1);
    for (let i = 0; i < values.length; i++) values[i] = low + (values[i] as number);
    return { kind: "numbers", as: "date", scale: 0, values };
  };
  if (context.field.type === "string") return { column: ({ draws }) => asText(column(draws)) };
  return { bounds: { low, high }, column: ({ draws }) => column(draws) };
}

/** The same day of an earlier year, February 28 for a 29 that it lacks. */
function yearsBefore(day: number, years: number): number {
  const date = new Date(day * MS_PER_DAY);
  const month = date.getUTCMonth();
  const earlier = date.setUTCFullYear(date.getUTCFullYear() - years) / MS_PER_DAY;
  return date.getUTCMonth() === month ? earlier : earlier - 1;
}

const MS_PER_DAY = 86_400_000;
