/**
 * Netherlands: cities with their province, the digits of their postcodes and their area code.
 *
 * No telephone numbers are kept for fiction. Within an area a number is dialled without its area code,
 * where a leading 0 is the trunk prefix, so no subscriber's number can begin with 0: those here do. They
 * ring nobody, tell the place and pass libphonenumber.
 */
import { faker } from "@faker-js/faker/locale/nl";
import { combine, type LocaleData, type Place } from "./locale.ts";

/** City, province, digits of the postcodes, area code. */
const PLACES: readonly (readonly [string, string, string, string])[] = [
  ["Amsterdam", "Noord-Holland", "1011-1019 1051-1059 1071-1079 1091-1098", "20"],
  ["Haarlem", "Noord-Holland", "2011-2015 2021-2026 2031-2037", "23"],
  ["Zaandam", "Noord-Holland", "1501-1509", "75"],
  ["Alkmaar", "Noord-Holland", "1811-1817 1821-1827", "72"],
  ["Hilversum", "Noord-Holland", "1211-1218", "35"],
  ["Hoorn", "Noord-Holland", "1621-1628", "229"],
  ["Den Helder", "Noord-Holland", "1781-1788", "223"],
  ["Purmerend", "Noord-Holland", "1441-1448", "299"],
  ["Rotterdam", "Zuid-Holland", "3011-3016 3021-3028 3031-3039", "10"],
  ["Den Haag", "Zuid-Holland", "2511-2518 2561-2566 2571-2574", "70"],
  ["Leiden", "Zuid-Holland", "2311-2318 2321-2324 2331-2334", "71"],
  ["Dordrecht", "Zuid-Holland", "3311-3319", "78"],
  ["Zoetermeer", "Zuid-Holland", "2711-2719", "79"],
  ["Delft", "Zuid-Holland", "2611-2616 2622-2629", "15"],
  ["Gouda", "Zuid-Holland", "2801-2806", "182"],
  ["Utrecht", "Utrecht", "3511-3515 3521-3527 3531-3534 3581-3584", "30"],
  ["Amersfoort", "Utrecht", "3811-3818", "33"],
  ["Veenendaal", "Utrecht", "3901-3907", "318"],
  ["Eindhoven", "Noord-Brabant", "5611-5617 5621-5629", "40"],
  ["Tilburg", "Noord-Brabant", "5011-5018 5021-5026 5041-5046", "13"],
  ["Breda", "Noord-Brabant", "4811-4818", "76"],
  ["'s-Hertogenbosch", "Noord-Brabant", "5211-5216", "73"],
  ["Helmond", "Noord-Brabant", "5701-5709", "492"],
  ["Roosendaal", "Noord-Brabant", "4701-4709", "165"],
  ["Oss", "Noord-Brabant", "5341-5349", "412"],
  ["Nijmegen", "Gelderland", "6511-6515 6521-6525 6531-6538", "24"],
  ["Apeldoorn", "Gelderland", "7311-7315 7321-7325", "55"],
  ["Arnhem", "Gelderland", "6811-6815 6821-6828", "26"],
  ["Ede", "Gelderland", "6711-6718", "318"],
  ["Wageningen", "Gelderland", "6701-6708", "317"],
  ["Doetinchem", "Gelderland", "7001-7009", "314"],
  ["Enschede", "Overijssel", "7511-7514 7521-7525", "53"],
  ["Zwolle", "Overijssel", "8011-8017 8021-8025", "38"],
  ["Deventer", "Overijssel", "7411-7419", "570"],
  ["Hengelo", "Overijssel", "7551-7559", "74"],
  ["Almelo", "Overijssel", "7601-7609", "546"],
  ["Maastricht", "Limburg", "6211-6218 6221-6229", "43"],
  ["Heerlen", "Limburg", "6411-6419", "45"],
  ["Venlo", "Limburg", "5911-5916", "77"],
  ["Sittard", "Limburg", "6131-6137", "46"],
  ["Roermond", "Limburg", "6041-6045", "475"],
  ["Weert", "Limburg", "6001-6006", "495"],
  ["Groningen", "Groningen", "9711-9718 9721-9728", "50"],
  ["Leeuwarden", "Friesland", "8911-8919 8921-8926", "58"],
  ["Sneek", "Friesland", "8601-8608", "515"],
  ["Heerenveen", "Friesland", "8441-8448", "513"],
  ["Drachten", "Friesland", "9201-9207", "512"],
  ["Assen", "Drenthe", "9401-9408", "592"],
  ["Emmen", "Drenthe", "7811-7815 7821-7828", "591"],
  ["Meppel", "Drenthe", "7941-7944", "522"],
  ["Almere", "Flevoland", "1312-1316 1324-1328", "36"],
  ["Lelystad", "Flevoland", "8223-8226 8231-8233", "320"],
  ["Middelburg", "Zeeland", "4331-4338", "118"],
  ["Vlissingen", "Zeeland", "4381-4389", "118"],
];

/** Letters of Dutch postcodes, without S, three of whose pairs are not given out. */
const LETTERS = "ABCDEGHJKLMNPRTVWXZ";

export const nlNL: LocaleData = {
  country: "Nederland",
  places: PLACES.map(([city, province, postcodes, area]): Place => {
    // Area code and subscriber's number have nine digits together.
    return [city, province, postcodes, area.length === 2 ? `+31 ${area} 055 01##` : `+31 ${area} 055 0##`];
  }),
  postcodeEnds: Array.from({ length: 19 }, (_, n) => ` ${LETTERS[n]}${LETTERS[(n * 7) % 19]}`),
  highestHouse: 199,
  street: (name) => `${name} `,
  houseFirst: false,
  line: (city, _region, postcode) => `, ${postcode} ${city}`,
  streets: () => combine(STREETS, ["straat", "laan", "weg", "plein", "hof", "dijk"]),
  people: () => {
    const { first_name, last_name } = faker.definitions.person;
    // One of faker's names is UTF-8 read as Latin-1.
    const male = first_name.male?.filter((name) => !name.startsWith("Ã")) ?? [];
    return { female: first_name.female ?? [], male, last: last_name.generic ?? [] };
  },
  company: {
    trades: [
      "Logistiek",
      "Bouw",
      "Elektro",
      "Advies",
      "Software",
      "Voeding",
      "Verzekeringen",
      "Meubelen",
      "Verpakkingen",
      "Analyse",
      "Optiek",
      "Tuinen",
      "Drukwerk",
      "Robotica",
      "Textiel",
      "Reizen",
      "Autotechniek",
      "Installatie",
      "Bakkerij",
      "Timmerwerk",
    ],
    legalForms: [" B.V.", " N.V.", " V.O.F.", " en Zonen B.V."],
    desks: ["info", "contact", "verkoop", "kantoor", "hallo"],
    promises: [
      ["Betrouwbare", "Doordachte", "Betaalbare", "Duurzame", "Praktische", "Moderne", "Bewezen", "Flexibele"],
      [
        " oplossingen voor elk bedrijf",
        " diensten, dag en nacht",
        " ideeën die blijven",
        " producten uit één hand",
        " hulp dicht bij huis",
        " kwaliteit zonder verrassingen",
        " plannen om mee te groeien",
        " systemen voor ieder budget",
      ],
    ],
  },
};

/** What streets are called after in most Dutch cities. */
const STREETS = [
  "Kerk",
  "School",
  "Molen",
  "Dorps",
  "Stations",
  "Linden",
  "Eiken",
  "Beuken",
  "Kastanje",
  "Esdoorn",
  "Berken",
  "Wilgen",
  "Populieren",
  "Rozen",
  "Tulpen",
  "Meidoorn",
  "Wilhelmina",
  "Juliana",
  "Beatrix",
  "Emma",
  "Oranje",
  "Prins Hendrik",
  "Vondel",
  "Rembrandt",
  "Vermeer",
  "Ruysdael",
  "Frans Hals",
  "Mozart",
  "Beethoven",
  "Park",
  "Haven",
  "Markt",
  "Nieuw",
  "Zuider",
  "Noorder",
  "Ooster",
  "Wester",
  "Burgemeester",
  "Raadhuis",
  "Zand",
];
