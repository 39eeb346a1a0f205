/**
 * A company whose parts cohere: name, domain and e-mail are made of one family name and one trade.
 *
 * The pairs of both are dealt like a person's names (`locales/names.ts`), so domains and e-mails are
 * unique: beyond the last pair (9,460 in en_US) a number is appended. Domains lie below .example, which
 * RFC 2606 reserves. A person and a company of one row have nothing to do with each other.
 */
import { z } from "zod";
import type { Joined, Literal, Numbers, Words } from "../column.ts";
import { type Block, demandType, type FieldContext, type Generator, type Kind } from "../kind.ts";
import { companiesOf } from "../locales/companies.ts";
import { type Owner, sharedName, sharedParameters } from "../locales/locales.ts";
import { pairsOf } from "../locales/names.ts";
import { drawFrom } from "../locales/places.ts";
import { idsBelow } from "../random.ts";

const parameters = z.strictObject({
  part: z.enum(["name", "email", "domain", "catchPhrase"]).default("name"),
  ...sharedParameters,
});

export const company: Kind<z.infer<typeof parameters>> = {
  summary: "A part of a company: the parts of a row belong together, and domains and e-mails are unique.",
  example: { type: "string", generator: { kind: "company", part: "name" } },
  parameters,
  compile: ({ part, ...owner }, context) => {
    demandType(context, ["string"], "A company's parts are strings");
    const words = companiesOf(owner.locale);
    switch (part) {
      case "name":
        return companyName(context, owner);
      case "domain":
        return domain(context, owner);
      case "email": {
        const desk = drawFrom(context, sharedName("desk", owner), words.desks);
        return domain(context, owner, desk);
      }
      case "catchPhrase": {
        const column = drawFrom(context, sharedName("phrase", owner), words.catchPhrases);
        return { vocabulary: words.catchPhrases, column };
      }
    }
  },
};

function dealt(context: FieldContext, owner: Owner): ReturnType<typeof pairsOf> {
  const { founders, tradeSlugs } = companiesOf(owner.locale);
  return pairsOf(context, "company", owner, founders.words.length, tradeSlugs.words.length);
}

function companyName(context: FieldContext, owner: Owner): Generator {
  const { founders, nameEnds, forms } = companiesOf(owner.locale);
  const { pairs } = dealt(context, owner);
  const stream = context.tableStream(sharedName("form", owner));
  return {
    column: (block): Joined => {
      const { first, second } = pairs(block);
      const ids = idsBelow(stream, block.draws, forms);
      for (let i = 0; i < ids.length; i++) ids[i] = (second[i] as number) * forms + (ids[i] as number);
      return {
        kind: "joined",
        parts: [
          { kind: "words", vocabulary: founders, ids: first },
          { kind: "words", vocabulary: nameEnds, ids },
        ],
      };
    },
  };
}

/** Family name and trade.example, behind a desk's name@ in an e-mail; a round's number stands before the dot. */
function domain(context: FieldContext, owner: Owner, desk?: (block: Block) => Words): Generator {
  const { founderSlugs, tradeSlugs, domainEnds, topLevel } = companiesOf(owner.locale);
  const { pairs, rowOf } = dealt(context, owner);
  const dot: Literal = { kind: "literal", vocabulary: topLevel };
  const skipped = desk ? 1 : 0;
  return {
    column: (block): Joined => {
      const { first, second, round } = pairs(block);
      const founder: Words = { kind: "words", vocabulary: founderSlugs, ids: first };
      const trade: Words = { kind: "words", vocabulary: round ? tradeSlugs : domainEnds, ids: second };
      const parts = round ? [founder, trade, round, dot] : [founder, trade];
      return { kind: "joined", parts: desk ? [desk(block), ...parts] : parts };
    },
    rowOf: (column, i) => {
      const [founder, trade, round] = (column as Joined).parts.slice(skipped) as [Words, Words, Numbers?];
      const turn = round && !round.nulls?.[i] ? (round.values[i] as number) : 1;
      return rowOf(founder.ids[i] as number, trade.ids[i] as number, turn);
    },
  };
}
