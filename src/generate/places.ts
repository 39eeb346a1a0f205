/**
 * Places whose parts agree: city, region, the first digits of the postcode and the telephone area.
 *
 * Persons and addresses of one row live in the same place, so a Seattle address comes with a Seattle
 * area code. Public facts of the United States; street names come from faker.
 */
import { faker } from "@faker-js/faker/locale/en";
import type { Words } from "./column.ts";
import type { Block, FieldContext } from "./kind.ts";
import { idsBelow } from "./random.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";
import { drawWords } from "./words.ts";

/** City, region, first three digits of the postcode, area code. */
const PLACES: readonly (readonly [string, string, string, string])[] = [
  ["Albuquerque", "NM", "871", "505"],
  ["Anchorage", "AK", "995", "907"],
  ["Atlanta", "GA", "303", "404"],
  ["Austin", "TX", "787", "512"],
  ["Baltimore", "MD", "212", "410"],
  ["Birmingham", "AL", "352", "205"],
  ["Boise", "ID", "837", "208"],
  ["Boston", "MA", "021", "617"],
  ["Buffalo", "NY", "142", "716"],
  ["Burlington", "VT", "054", "802"],
  ["Charlotte", "NC", "282", "704"],
  ["Chicago", "IL", "606", "312"],
  ["Cincinnati", "OH", "452", "513"],
  ["Cleveland", "OH", "441", "216"],
  ["Columbus", "OH", "432", "614"],
  ["Dallas", "TX", "752", "214"],
  ["Denver", "CO", "802", "303"],
  ["Detroit", "MI", "482", "313"],
  ["El Paso", "TX", "799", "915"],
  ["Hartford", "CT", "061", "860"],
  ["Honolulu", "HI", "968", "808"],
  ["Houston", "TX", "770", "713"],
  ["Indianapolis", "IN", "462", "317"],
  ["Jacksonville", "FL", "322", "904"],
  ["Kansas City", "MO", "641", "816"],
  ["Las Vegas", "NV", "891", "702"],
  ["Los Angeles", "CA", "900", "213"],
  ["Louisville", "KY", "402", "502"],
  ["Memphis", "TN", "381", "901"],
  ["Miami", "FL", "331", "305"],
  ["Milwaukee", "WI", "532", "414"],
  ["Minneapolis", "MN", "554", "612"],
  ["Nashville", "TN", "372", "615"],
  ["New Orleans", "LA", "701", "504"],
  ["New York", "NY", "100", "212"],
  ["Newark", "NJ", "071", "973"],
  ["Oklahoma City", "OK", "731", "405"],
  ["Omaha", "NE", "681", "402"],
  ["Orlando", "FL", "328", "407"],
  ["Philadelphia", "PA", "191", "215"],
  ["Phoenix", "AZ", "850", "602"],
  ["Pittsburgh", "PA", "152", "412"],
  ["Portland", "OR", "972", "503"],
  ["Providence", "RI", "029", "401"],
  ["Raleigh", "NC", "276", "919"],
  ["Richmond", "VA", "232", "804"],
  ["Sacramento", "CA", "958", "916"],
  ["Salt Lake City", "UT", "841", "801"],
  ["San Antonio", "TX", "782", "210"],
  ["San Diego", "CA", "921", "619"],
  ["San Francisco", "CA", "941", "415"],
  ["Seattle", "WA", "981", "206"],
  ["St. Louis", "MO", "631", "314"],
  ["Tampa", "FL", "336", "813"],
  ["Tucson", "AZ", "857", "520"],
  ["Washington", "DC", "200", "202"],
];

const STREET_NAMES = 600;

const ofPlaces = (text: (place: (typeof PLACES)[number]) => string): Vocabulary => makeVocabulary(PLACES.map(text));

/**
 * Made once a process; the id of each word is the place's number. What always stands together is one
 * word, since a cell's cost is its number of parts.
 */
export const places = {
  city: ofPlaces(([city]) => city),
  region: ofPlaces(([, region]) => region),
  postcodeStart: ofPlaces(([, , postcode]) => postcode),
  lineStart: ofPlaces(([city, region, postcode]) => `, ${city}, ${region} ${postcode}`),
  phoneStart: ofPlaces(([, , , area]) => `+1-${area}-555-01`),
};

/** With the space that parts a street from its house number. */
export const streets = makeVocabulary(drawWords(1, STREET_NAMES, () => ` ${faker.location.street()}`));

/** "00" to "99". */
export const twoDigits = makeVocabulary(Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0")));

/** The place number of each row; fields with the same `as` share it. */
export function placeIds(context: FieldContext, as: string): (block: Block) => Uint32Array {
  const name = `place ${as}`;
  const stream = context.tableStream(name);
  return (block) => block.shared(name, () => idsBelow(stream, block.rows, PLACES.length));
}

/** Words of a vocabulary drawn evenly from a stream of the table. */
export function drawFrom(context: FieldContext, name: string, vocabulary: Vocabulary): (block: Block) => Words {
  const stream = context.tableStream(name);
  return ({ rows }) => ({ kind: "words", vocabulary, ids: idsBelow(stream, rows, vocabulary.words.length) });
}
