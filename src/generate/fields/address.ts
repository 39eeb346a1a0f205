/** A postal address whose street, city, region and postcode agree; safe, since the houses are invented. */
import { z } from "zod";
import type { Joined, Literal, Numbers } from "../column.ts";
import { type Block, demandType, type FieldContext, type Generator, type Kind } from "../kind.ts";
import { LOCALES, type Owner, sharedName, sharedParameters } from "../locales/locales.ts";
import {
  citiesOf,
  columnOfPlace,
  drawFrom,
  drawOfPlace,
  linesOf,
  placeIds,
  postcodesOf,
  regionsOf,
  streetsOf,
} from "../locales/places.ts";
import { belowAll } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({
  part: z.enum(["street", "city", "region", "postcode", "country", "full"]).default("full"),
  ...sharedParameters,
});

export const address: Kind<z.infer<typeof parameters>> = {
  summary: "A postal address, or a part of one; the parts of a row belong together, in the order of the locale.",
  example: { type: "string", generator: { kind: "address", part: "full", locale: "de_DE" } },
  parameters,
  compile: ({ part, ...owner }, context) => {
    demandType(context, ["string"], "An address's parts are strings");
    switch (part) {
      case "street": {
        const street = makeStreet(context, owner);
        return { column: (block) => ({ kind: "joined", parts: street(block) }) };
      }
      case "city":
        return ofPlace(context, owner, citiesOf(owner.locale));
      case "region":
        return ofPlace(context, owner, regionsOf(owner.locale));
      case "postcode":
        return columnOfPlace(context, "postcode", owner, postcodesOf(owner.locale));
      case "country": {
        const country: Literal = { kind: "literal", vocabulary: makeVocabulary([LOCALES[owner.locale].country]) };
        return { vocabulary: country.vocabulary, column: () => country };
      }
      case "full": {
        const street = makeStreet(context, owner);
        const line = drawOfPlace(context, "postcode", owner, linesOf(owner.locale));
        return { column: (block) => ({ kind: "joined", parts: [...street(block), ...line(block)] }) };
      }
    }
  },
};

function ofPlace(context: FieldContext, owner: Owner, vocabulary: Vocabulary): Generator {
  const place = placeIds(context, owner);
  return { vocabulary, column: (block) => ({ kind: "words", vocabulary, ids: place(block) }) };
}

function makeStreet(context: FieldContext, owner: Owner): (block: Block) => Joined["parts"] {
  const { highestHouse, houseFirst } = LOCALES[owner.locale];
  const stream = context.tableStream(sharedName("house", owner));
  const street = drawFrom(context, sharedName("street", owner), streetsOf(owner.locale));
  return (block) => {
    const values = belowAll(stream, block.draws, highestHouse);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + 1;
    const house: Numbers = { kind: "numbers", as: "number", scale: 0, values };
    return houseFirst ? [house, street(block)] : [street(block), house];
  };
}
