/** A postal address whose street, city, region and postcode agree; safe, since the houses are invented. */
import { z } from "zod";
import type { Joined, Literal, Numbers, Words } from "../column.ts";
import { type Block, demandType, type FieldContext, type Generator, type Kind } from "../kind.ts";
import { drawFrom, placeIds, places, streets, twoDigits } from "../places.ts";
import { belowAll } from "../random.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({
  part: z.enum(["street", "city", "region", "postcode", "country", "full"]).default("full"),
  /** Fields with the same name belong to one address; another name, another address in the row. */
  as: z.string().default("main"),
});

const HIGHEST_HOUSE_NUMBER = 9_999;

const COUNTRY: Literal = { kind: "literal", vocabulary: makeVocabulary(["United States"]) };

export const address: Kind<z.infer<typeof parameters>> = {
  parameters,
  compile: ({ part, as }, context) => {
    demandType(context, ["string"], "An address's parts are strings");
    const { house, street, ofPlace, postcodeEnd } = makeParts(context, as);
    const join = (...parts: ((block: Block) => Joined["parts"][number])[]): Generator => ({
      column: (block) => ({ kind: "joined", parts: parts.map((make) => make(block)) }),
    });
    switch (part) {
      case "street":
        return join(house, street);
      case "city":
        return { vocabulary: places.city, column: ofPlace(places.city) };
      case "region":
        return { vocabulary: places.region, column: ofPlace(places.region) };
      case "postcode":
        return join(ofPlace(places.postcodeStart), postcodeEnd);
      case "country":
        return { vocabulary: COUNTRY.vocabulary, column: () => COUNTRY };
      case "full":
        return join(house, street, ofPlace(places.lineStart), postcodeEnd);
    }
  },
};

function makeParts(context: FieldContext, as: string) {
  const place = placeIds(context, as);
  const houseStream = context.tableStream(`house ${as}`);
  return {
    house: (block: Block): Numbers => {
      const values = belowAll(houseStream, block.rows, HIGHEST_HOUSE_NUMBER);
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + 1;
      return { kind: "numbers", as: "number", scale: 0, values };
    },
    street: drawFrom(context, `street ${as}`, streets),
    ofPlace:
      (vocabulary: Vocabulary) =>
      (block: Block): Words => ({ kind: "words", vocabulary, ids: place(block) }),
    postcodeEnd: drawFrom(context, `postcode ${as}`, twoDigits),
  };
}
