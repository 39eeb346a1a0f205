/**
 * Germany: cities with their Land and some of their postcodes.
 *
 * Telephone numbers are the Bundesnetzagentur's drama numbers (Mitteilung 148/2021): a thousand in each
 * of five cities, and elsewhere the hundred mobile numbers 0171 39200 00 to 99.
 */
import { faker } from "@faker-js/faker/locale/de";
import type { LocaleData, Place } from "./locale.ts";

const MOBILE = "171 39200##";

/** City, Land, postcodes, drama numbers. */
const PLACES: readonly (readonly [string, string, string, string])[] = [
  [
    "Berlin",
    "Berlin",
    "10115 10117 10119 10178 10179 10243 10245 10247 10405 10435 10437 10551 10585 10623 10707 10777 10823 10961 10967 10997 10999 12043 12047 13353",
    "30 23125###",
  ],
  [
    "Hamburg",
    "Hamburg",
    "20095 20099 20144 20146 20148 20249 20251 20253 20255 20257 20259 20354 20355 20357 20359 22303 22305 22765 22767",
    "40 66969###",
  ],
  [
    "München",
    "Bayern",
    "80331 80333 80335 80336 80337 80339 80469 80538 80539 80634 80636 80637 80796 80797 80798 80799 80801 80802 80803 81541 81667",
    "89 99998###",
  ],
  [
    "Köln",
    "Nordrhein-Westfalen",
    "50667 50668 50670 50672 50674 50676 50677 50678 50733 50735 50823 50825 50931 50937 51063 51065",
    "221 4710###",
  ],
  [
    "Frankfurt am Main",
    "Hessen",
    "60311 60313 60314 60316 60318 60320 60322 60323 60325 60326 60327 60329 60385 60486 60487 60594 60596 60598",
    "69 90009###",
  ],
  ["Stuttgart", "Baden-Württemberg", "70173 70174 70176 70178 70180 70182 70184 70188 70190 70191 70197 70199", MOBILE],
  [
    "Düsseldorf",
    "Nordrhein-Westfalen",
    "40210 40211 40212 40213 40215 40217 40219 40221 40223 40225 40227 40233 40235 40237 40239",
    MOBILE,
  ],
  ["Leipzig", "Sachsen", "04103 04105 04107 04109 04129 04155 04157 04177 04229 04275 04277 04315 04317", MOBILE],
  ["Dortmund", "Nordrhein-Westfalen", "44135 44137 44139 44141 44143 44145 44147", MOBILE],
  ["Essen", "Nordrhein-Westfalen", "45127 45128 45130 45131 45133 45134 45136 45138 45139 45141 45143", MOBILE],
  ["Bremen", "Bremen", "28195 28199 28201 28203 28205 28207 28209 28211 28213 28215 28217", MOBILE],
  ["Dresden", "Sachsen", "01067 01069 01097 01099 01127 01129 01157 01159 01187 01219 01277 01307 01309", MOBILE],
  ["Hannover", "Niedersachsen", "30159 30161 30163 30165 30167 30169 30171 30173 30175 30177", MOBILE],
  [
    "Nürnberg",
    "Bayern",
    "90402 90403 90408 90409 90419 90429 90431 90439 90441 90443 90459 90461 90478 90489 90491",
    MOBILE,
  ],
  ["Duisburg", "Nordrhein-Westfalen", "47051 47053 47055 47057 47058 47059", MOBILE],
  ["Bochum", "Nordrhein-Westfalen", "44787 44789 44791 44793 44795 44799 44801 44803", MOBILE],
  ["Wuppertal", "Nordrhein-Westfalen", "42103 42105 42107 42109 42115 42117 42119", MOBILE],
  ["Bielefeld", "Nordrhein-Westfalen", "33602 33604 33605 33607 33609 33611 33613 33615", MOBILE],
  ["Bonn", "Nordrhein-Westfalen", "53111 53113 53115 53117 53119 53121 53123 53125 53127 53129", MOBILE],
  ["Münster", "Nordrhein-Westfalen", "48143 48145 48147 48149 48151 48153 48155", MOBILE],
  ["Aachen", "Nordrhein-Westfalen", "52062 52064 52066 52068 52070 52072 52074 52076 52078 52080", MOBILE],
  ["Karlsruhe", "Baden-Württemberg", "76131 76133 76135 76137 76139", MOBILE],
  ["Mannheim", "Baden-Württemberg", "68159 68161 68163 68165 68167 68169", MOBILE],
  [
    "Freiburg im Breisgau",
    "Baden-Württemberg",
    "79098 79100 79102 79104 79106 79108 79110 79111 79112 79114 79115 79117",
    MOBILE,
  ],
  ["Heidelberg", "Baden-Württemberg", "69115 69117 69118 69120 69121 69123 69124 69126", MOBILE],
  ["Ulm", "Baden-Württemberg", "89073 89075 89077 89079 89081", MOBILE],
  ["Augsburg", "Bayern", "86150 86152 86153 86154 86156 86157 86159 86161", MOBILE],
  ["Regensburg", "Bayern", "93047 93049 93051 93053 93055 93057 93059", MOBILE],
  ["Würzburg", "Bayern", "97070 97072 97074 97076 97078 97080 97082 97084", MOBILE],
  ["Wiesbaden", "Hessen", "65183 65185 65187 65189 65191 65193 65195 65197", MOBILE],
  ["Kassel", "Hessen", "34117 34119 34121 34123 34125 34127 34128 34130 34131 34132 34134", MOBILE],
  ["Darmstadt", "Hessen", "64283 64285 64287 64289 64291 64293 64295 64297", MOBILE],
  ["Braunschweig", "Niedersachsen", "38100 38102 38104 38106 38108 38110 38112 38114 38116 38118", MOBILE],
  ["Osnabrück", "Niedersachsen", "49074 49076 49078 49080 49082 49084 49086 49088 49090", MOBILE],
  ["Oldenburg", "Niedersachsen", "26121 26122 26123 26125 26127 26129 26131 26133 26135", MOBILE],
  ["Göttingen", "Niedersachsen", "37073 37075 37077 37079 37081 37083 37085", MOBILE],
  ["Kiel", "Schleswig-Holstein", "24103 24105 24106 24107 24109 24111 24113 24114 24116 24118", MOBILE],
  ["Lübeck", "Schleswig-Holstein", "23552 23554 23556 23558 23560 23562 23564", MOBILE],
  ["Magdeburg", "Sachsen-Anhalt", "39104 39106 39108 39110 39112 39114", MOBILE],
  ["Halle (Saale)", "Sachsen-Anhalt", "06108 06110 06112 06114", MOBILE],
  ["Erfurt", "Thüringen", "99084 99085 99086 99089 99091 99092 99094 99096 99097 99099", MOBILE],
  ["Jena", "Thüringen", "07743 07745 07747 07749", MOBILE],
  ["Rostock", "Mecklenburg-Vorpommern", "18055 18057 18059 18106 18109", MOBILE],
  ["Schwerin", "Mecklenburg-Vorpommern", "19053 19055 19057 19059 19061 19063", MOBILE],
  ["Potsdam", "Brandenburg", "14467 14469 14471 14473 14478 14480 14482", MOBILE],
  ["Cottbus", "Brandenburg", "03042 03044 03046 03048 03050", MOBILE],
  [
    "Chemnitz",
    "Sachsen",
    "09111 09112 09113 09114 09116 09117 09119 09120 09122 09123 09126 09127 09128 09130 09131",
    MOBILE,
  ],
  ["Mainz", "Rheinland-Pfalz", "55116 55118 55120 55122 55124 55126 55128 55130 55131", MOBILE],
  ["Koblenz", "Rheinland-Pfalz", "56068 56070 56072 56073 56075 56076 56077", MOBILE],
  ["Trier", "Rheinland-Pfalz", "54290 54292 54293 54294 54295 54296", MOBILE],
  ["Saarbrücken", "Saarland", "66111 66113 66115 66117 66119 66121 66123", MOBILE],
];

export const deDE: LocaleData = {
  country: "Deutschland",
  places: PLACES.map(([city, region, postcodes, phones]): Place => [city, region, postcodes, `+49 ${phones}`]),
  highestHouse: 149,
  street: (name) => `${name} `,
  houseFirst: false,
  line: (city, _region, postcode) => `, ${postcode} ${city}`,
  streets: () => (faker.definitions.location.street_name ?? []).map((name) => name.replace(/([sS])tr\.$/, "$1traße")),
  people: () => {
    const { first_name, last_name } = faker.definitions.person;
    return { female: first_name.female ?? [], male: first_name.male ?? [], last: last_name.generic ?? [] };
  },
  spelling: { ä: "ae", ö: "oe", ü: "ue", ß: "ss" },
  company: {
    trades: [
      "Logistik",
      "Maschinenbau",
      "Elektrotechnik",
      "Beratung",
      "Software",
      "Lebensmittel",
      "Versicherungen",
      "Möbel",
      "Verpackungen",
      "Analytik",
      "Optik",
      "Gartenbau",
      "Druck",
      "Robotik",
      "Textil",
      "Reisen",
      "Fahrzeugbau",
      "Sanitär",
      "Bäckerei",
      "Bau",
    ],
    legalForms: [" GmbH", " AG", " KG", " GmbH & Co. KG"],
    desks: ["info", "kontakt", "vertrieb", "buero", "service"],
    promises: [
      ["Verlässliche", "Durchdachte", "Bezahlbare", "Nachhaltige", "Praktische", "Moderne", "Bewährte", "Flexible"],
      [
        " Lösungen für den Mittelstand",
        " Werkzeuge für wachsende Teams",
        " Ideen, die bleiben",
        " Leistungen zum fairen Preis",
        " Produkte aus einer Hand",
        " Konzepte ohne Umwege",
        " Dienste rund um die Uhr",
        " Ergebnisse ohne Überraschungen",
      ],
    ],
  },
};
