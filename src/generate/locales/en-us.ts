/** United States: public facts of postcodes and areas; 555-0100 to 555-0199 are kept for fiction in every area. */
import { faker } from "@faker-js/faker/locale/en";
import { drawWords } from "../words.ts";
import type { LocaleData, People, Place } from "./locale.ts";

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

export const enUS: LocaleData = {
  country: "United States",
  places: PLACES.map(([city, region, postcode, area]): Place => {
    return [city, region, postcode, `+1-${area}-555-01##`];
  }),
  postcodeEnds: Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0")),
  highestHouse: 9_999,
  street: (name) => ` ${name}`,
  houseFirst: true,
  line: (city, region, postcode) => `, ${city}, ${region} ${postcode}`,
  streets: () => drawWords(1, STREET_NAMES, () => faker.location.street()),
  people: englishNames,
  company: {
    trades: [
      "Logistics",
      "Construction",
      "Electric",
      "Consulting",
      "Software",
      "Foods",
      "Insurance",
      "Interiors",
      "Packaging",
      "Analytics",
      "Outfitters",
      "Landscaping",
      "Printing",
      "Robotics",
      "Textiles",
      "Travel",
      "Motors",
      "Plumbing",
      "Bakery",
      "Optics",
    ],
    legalForms: [" Inc", " LLC", " Corp", " Group"],
    desks: ["info", "contact", "sales", "office", "hello"],
    promises: [
      ["Dependable", "Thoughtful", "Affordable", "Sustainable", "Practical", "Modern", "Proven", "Flexible"],
      [
        " tools for growing teams",
        " service, day and night",
        " solutions for every budget",
        " work, delivered on time",
        " ideas that last",
        " quality since day one",
        " support you can reach",
        " results without surprises",
      ],
    ],
  },
};

function englishNames(): People {
  const { first_name, last_name } = faker.definitions.person;
  return { female: first_name.female ?? [], male: first_name.male ?? [], last: last_name.generic ?? [] };
}
