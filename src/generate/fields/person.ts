/**
 * A person whose parts cohere: the e-mail is made of the names, the telephone belongs to the town of
 * the row's address.
 *
 * A row's (first name, last name) pair is its place in a keyed shuffle of all pairs, so no two of the
 * first 1.3 million persons share a full name and e-mails are unique without remembering any; beyond
 * that a number is appended. Contact data is safe by construction: reserved example domains (RFC
 * 2606) and 555-01xx numbers, which are kept for fiction yet pass validation.
 */
import { faker } from "@faker-js/faker/locale/en";
import { z } from "zod";
import type { Column, Joined, Literal, Numbers, Words } from "../column.ts";
import { type Block, demandType, type FieldContext, type Generator, type Kind } from "../kind.ts";
import { drawFrom, placeIds, places, twoDigits } from "../places.ts";
import { permute, permuteBack } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({
  part: z.enum(["firstName", "lastName", "fullName", "email", "phone", "sex"]),
  /** Fields with the same name belong to one person; another name, another person in the row. */
  as: z.string().default("main"),
});

const { female, male } = faker.definitions.person.first_name;
const females = new Set(female);
const first = names([...(female ?? []), ...(male ?? [])]);
const last = names(faker.definitions.person.last_name.generic ?? []);
const firstInEmail = makeVocabulary(first.slugs.map((slug) => `${slug}.`));
const lastInEmail = makeVocabulary(last.slugs);
const PAIRS = first.names.words.length * last.names.words.length;

const domains = makeVocabulary(["@example.com", "@example.net", "@example.org"]);
const sexes = makeVocabulary(["female", "male"]);

const SPACE: Literal = { kind: "literal", vocabulary: makeVocabulary([" "]) };

export const person: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ part, as }, context) => {
    demandType(context, ["string"], "A person's parts are strings");
    const names = pairOfNames(context, as);
    const word = (vocabulary: Vocabulary, ids: Uint32Array): Words => ({ kind: "words", vocabulary, ids });
    const words = (vocabulary: Vocabulary, idsOf: (pair: ReturnType<typeof names>) => Uint32Array): Generator => ({
      vocabulary,
      column: (block) => word(vocabulary, idsOf(names(block))),
    });
    switch (part) {
      case "firstName":
        return words(first.names, (pair) => pair.first);
      case "lastName":
        return words(last.names, (pair) => pair.last);
      case "fullName":
        return {
          column: (block) => ({
            kind: "joined",
            parts: [word(first.names, names(block).first), SPACE, word(last.names, names(block).last)],
          }),
        };
      case "sex":
        return words(sexes, (pair) => pair.first.map((id) => first.sex[id] as number));
      case "email":
        return email(context, as, names);
      case "phone":
        return phone(context, as);
    }
  },
};

function email(context: FieldContext, as: string, names: ReturnType<typeof pairOfNames>): Generator {
  const domain = drawFrom(context, `domain ${as}`, domains);
  const stream = context.tableStream(`person ${as}`);
  return {
    column: (block): Column => {
      const pair = names(block);
      const firstName: Words = { kind: "words", vocabulary: firstInEmail, ids: pair.first };
      const lastName: Words = { kind: "words", vocabulary: lastInEmail, ids: pair.last };
      return { kind: "joined", parts: [firstName, lastName, pair.round, domain(block)] };
    },
    rowOf: (column, i) => {
      const [firstName, lastName, round] = (column as Joined).parts as [Words, Words, Numbers];
      const pair = (firstName.ids[i] as number) * last.names.words.length + (lastName.ids[i] as number);
      const before = round.nulls?.[i] ? 0 : (round.values[i] as number) - 1;
      return before * PAIRS + permuteBack(stream, PAIRS, pair);
    },
  };
}

function phone(context: FieldContext, as: string): Generator {
  const place = placeIds(context, as);
  const line = drawFrom(context, `phone ${as}`, twoDigits);
  return {
    column: (block) => ({
      kind: "joined",
      parts: [{ kind: "words", vocabulary: places.phoneStart, ids: place(block) }, line(block)],
    }),
  };
}

/** First and last name ids of each row, and the round through all pairs (2, 3, …; NULL in the first). */
function pairOfNames(context: FieldContext, as: string) {
  const name = `person ${as}`;
  const stream = context.tableStream(name);
  return (block: Block) =>
    block.shared(name, () => {
      const count = block.rows.length;
      const pair = { first: new Uint32Array(count), last: new Uint32Array(count) };
      const rounds = new Float64Array(count);
      const nulls = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        const row = block.rows[i] as number;
        const place = permute(stream, PAIRS, row % PAIRS);
        pair.first[i] = Math.floor(place / last.names.words.length);
        pair.last[i] = place % last.names.words.length;
        rounds[i] = Math.floor(row / PAIRS) + 1;
        nulls[i] = row < PAIRS ? 1 : 0;
      }
      const round: Numbers = { kind: "numbers", as: "number", scale: 0, values: rounds, nulls };
      return { ...pair, round };
    });
}

/** Names with their e-mail form; of names with equal e-mail forms the first is kept, so that pairs stay different. */
function names(all: readonly string[]) {
  const bySlug = new Map<string, string>();
  for (const name of all) {
    const slug = name
      .normalize("NFD")
      .toLowerCase()
      .replace(/[^a-z]/g, "");
    if (!bySlug.has(slug)) bySlug.set(slug, name);
  }
  const kept = [...bySlug.values()];
  return {
    names: makeVocabulary(kept),
    slugs: [...bySlug.keys()],
    sex: Uint8Array.from(kept, (name) => (females.has(name) ? 0 : 1)),
  };
}
