/** Each locale against rules of its country and against libphonenumber, and all its parts against each other. */
import { isValidPhoneNumber } from "libphonenumber-js/max";
import { describe, expect, test } from "vitest";
import { companiesOf } from "../../src/generate/locales/companies.ts";
import { LOCALES, type Locale } from "../../src/generate/locales/locales.ts";
import { firstNamesOf, lastNamesOf, slugOf } from "../../src/generate/locales/names.ts";
import { type Choices, linesOf, phonesOf, postcodesOf } from "../../src/generate/locales/places.ts";
import { cellsOf, engineOf, faultsOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

/** What the country's regulator keeps for fiction or can't give out, and whether libphonenumber knows it. */
const RULES: Record<Locale, { country: string; phone: RegExp; isValid: boolean; postcode: RegExp; full: RegExp }> = {
  en_US: {
    country: "US",
    phone: /^\+1-[2-9]\d\d-555-01\d\d$/,
    isValid: true,
    postcode: /^\d{5}$/,
    full: /^\d+ [^,]+, [^,]+, [A-Z]{2} \d{5}$/,
  },
  en_GB: {
    country: "GB",
    phone:
      /^\+44 (?:(?:113|114|116|117|118|121|131|141|151|161) 496 0|20 7946 0|191 498 0|28 9649 6|29 2018 0|306 999 0)\d{3}$/,
    isValid: true,
    postcode: /^[A-Z]{1,2}\d{1,2} \d[ABD-HJLNP-UW-Z]{2}$/,
    full: /^\d+ [^,]+, [^,\d]+ [A-Z]{1,2}\d{1,2} \d[A-Z]{2}$/,
  },
  de_DE: {
    country: "DE",
    phone: /^\+49 (?:(?:30 23125|40 66969|221 4710|89 99998|69 90009)\d{3}|171 39200\d\d)$/,
    isValid: true,
    postcode: /^\d{5}$/,
    full: /^[^,]+ \d+, \d{5} [^,\d]+$/,
  },
  fr_FR: {
    country: "FR",
    phone: /^\+33 (?:1 99 00|2 61 91|3 53 01|4 65 71|5 36 49)(?: \d\d){2}$/,
    isValid: true,
    postcode: /^\d{5}$/,
    full: /^\d+ [^,]+, \d{5} [^,\d]+$/,
  },
  es_ES: {
    country: "ES",
    phone: /^\+34 2\d\d \d{3} \d{3}$/,
    isValid: false,
    postcode: /^(?:0[1-9]|[1-4]\d|5[0-2])\d{3}$/,
    full: /^[^,]+, \d+, \d{5} [^,\d]+$/,
  },
  it_IT: {
    country: "IT",
    phone: /^\+39 6\d\d \d{3} \d{4}$/,
    isValid: false,
    postcode: /^\d{5}$/,
    full: /^[^,]+ \d+, \d{5} [^,\d]+ [A-Z]{2}$/,
  },
  nl_NL: {
    country: "NL",
    phone: /^\+31 (?:[1-7]\d 0\d{2} \d{4}|[1-7]\d\d 0\d{2} \d{3})$/,
    isValid: true,
    postcode: /^[1-9]\d{3} [A-Z]{2}$/,
    full: /^[^,]+ \d+, \d{4} [A-Z]{2} [^,\d]+$/,
  },
};
const locales = Object.keys(LOCALES) as Locale[];
const ROWS = 3_000;

/** All that can come up in a place. */
function wordsOf({ vocabulary, first, count, ends }: Choices, place: number): string[] {
  const start = first[place] as number;
  const words = vocabulary.words.slice(start, start + (count[place] as number));
  return words.flatMap((word) => (ends?.words ?? [""]).map((end) => word + end));
}

/** The cells of one generator's parts, in one table. */
function partsOf(kind: string, parts: readonly string[], locale: Locale, first = 0, count = ROWS) {
  const fields = parts.map((part) => ({
    name: part.toLowerCase(),
    type: "string" as const,
    generator: { kind, part, locale },
  }));
  const engine = engineOf([tableOf("things", fields)]);
  return Object.fromEntries(
    parts.map((part) => [part, cellsOf(engine, `things.${part.toLowerCase()}`, first, count).map(String)]),
  ) as Record<string, string[]>;
}

describe.each(locales)("%s", (locale) => {
  const rules = RULES[locale];
  const { places } = LOCALES[locale];

  test("has at least thirty different cities, each with its own postcodes", () => {
    expect(new Set(places.map(([city]) => city)).size).toBe(places.length);
    expect(places.length).toBeGreaterThanOrEqual(30);
    const postcodes = places.flatMap((_, place) => wordsOf(postcodesOf(locale), place));
    expect(new Set(postcodes).size).toBe(postcodes.length);
    expect(postcodes.filter((postcode) => !rules.postcode.test(postcode))).toEqual([]);
  });

  test("calls only numbers kept for fiction or never given out", () => {
    const { words } = phonesOf(locale).vocabulary;
    expect(words.filter((phone) => !rules.phone.test(phone))).toEqual([]);
    const country = rules.country as "US";
    expect(words.filter((phone) => isValidPhoneNumber(phone, country) !== rules.isValid)).toEqual([]);
  });

  test("has places whose lines are the place's own city and postcode", () => {
    for (const [place, [city]] of places.entries()) {
      const lines = wordsOf(linesOf(locale), place);
      const postcodes = wordsOf(postcodesOf(locale), place);
      expect(lines.length).toBe(postcodes.length);
      expect(lines.filter((line, i) => !line.includes(city) || !line.includes(postcodes[i] as string))).toEqual([]);
    }
  });

  test("writes addresses in the order of the country, of parts that stand in the same row", () => {
    const parts = partsOf("address", ["full", "street", "city", "region", "postcode", "country"], locale);
    const regions = new Map(places.map(([city, region]) => [city, region]));
    const postcodes = new Map(places.map(([city], place) => [city, wordsOf(postcodesOf(locale), place)]));
    for (const [i, full] of (parts.full as string[]).entries()) {
      const [street, city, postcode] = [parts.street?.[i], parts.city?.[i], parts.postcode?.[i]] as [
        string,
        string,
        string,
      ];
      expect(full).toMatch(rules.full);
      expect(full.startsWith(`${street}, `)).toBe(true);
      const rest = full.slice(street.length);
      expect(rest.includes(city) && rest.includes(postcode)).toBe(true);
      expect(parts.region?.[i]).toBe(regions.get(city));
      expect(postcodes.get(city)).toContain(postcode);
    }
    expect(new Set(parts.city).size).toBe(places.length);
    expect(new Set(parts.country)).toEqual(new Set([LOCALES[locale].country]));
  });

  test("has people whose phone is of their address's place, and whose names make their e-mail", () => {
    const people = partsOf("person", ["firstName", "lastName", "fullName", "email", "phone", "sex"], locale);
    const { city = [] } = partsOf("address", ["city"], locale);
    const own = LOCALES[locale].people();
    const phones = new Map(places.map(([name, , , pattern]) => [name, pattern.replace(/#.*/, "")]));
    for (const [i, email] of (people.email as string[]).entries()) {
      const [first, last] = [people.firstName?.[i], people.lastName?.[i]] as [string, string];
      expect(people.fullName?.[i]).toBe(`${first} ${last}`);
      const [start = ""] = email.split("@");
      expect(email).toMatch(/^[a-z]+\.[a-z]+\d*@example\.(?:com|net|org)$/);
      expect(start.replace(/\d+$/, "")).toBe(`${slugOf(first, LOCALES[locale])}.${slugOf(last, LOCALES[locale])}`);
      expect(people.phone?.[i]?.startsWith(phones.get(city[i] as string) as string)).toBe(true);
      expect((people.sex?.[i] === "female" ? own.female : own.male).includes(first)).toBe(true);
    }
    expect(new Set(people.sex).size).toBe(2);
  });

  test("never gives an e-mail twice, over the end of the first round too", () => {
    const pairs = firstNamesOf(locale).words.length * lastNamesOf(locale).words.length;
    const { email = [] } = partsOf("person", ["email"], locale, pairs - 10_000, 20_000);
    expect(new Set(email).size).toBe(20_000);
    expect(email.slice(0, 10_000).filter((address) => /\d/.test(address))).toEqual([]);
    expect(
      email.slice(10_000).filter((address) => !/^[a-z]+\.[a-z]+2@example\.(?:com|net|org)$/.test(address)),
    ).toEqual([]);
  });

  test("spells no name wrongly: letters, apostrophes, hyphens and single blanks", () => {
    const words = [...firstNamesOf(locale).words, ...lastNamesOf(locale).words, ...companiesOf(locale).founders.words];
    expect(words.filter((name) => !/^\p{L}+(?:['’ -]\p{L}+)*$/u.test(name) || /[ÃÂ]/.test(name))).toEqual([]);
    const slugs = companiesOf(locale).domainEnds.words;
    expect(slugs.filter((slug) => !/^[a-z]{3,}\.example$/.test(slug))).toEqual([]);
  });

  test("promises a catch phrase in one piece", () => {
    const { words } = companiesOf(locale).catchPhrases;
    expect(new Set(words).size).toBe(words.length);
    expect(words.filter((phrase) => !/^\p{Lu}\S*(?: \S+)+$/u.test(phrase))).toEqual([]);
  });
});

test("e-mail spells letters by the language", () => {
  expect(slugOf("Jürgen Groß-Öztürk", LOCALES.de_DE)).toBe("juergengrossoeztuerk");
  expect(slugOf("Ju\u0308rgen", LOCALES.de_DE)).toBe("juergen");
  expect(slugOf("Zoë Núñez d’Œuvre", LOCALES.fr_FR)).toBe("zoenunezdoeuvre");
  expect(slugOf("O'Neill", LOCALES.en_GB)).toBe("oneill");
});

test("an unknown locale is a fault that lists the known ones", () => {
  for (const [kind, part] of [
    ["person", "phone"],
    ["address", "full"],
    ["company", "name"],
  ] as const) {
    const field = { name: "value", type: "string" as const, generator: { kind, part, locale: "tlh" } };
    const table = tableOf("things", [field]);
    expect(faultsOf([table])).toEqual(["bad-parameter /tables/0/fields/1/generator/locale"]);
    for (const locale of locales) expect(fullFaultsOf([table])[0]?.message).toContain(locale);
  }
});

test("two locales in one row don't mix, whatever the things are called", () => {
  const fields = (["en_US", "de_DE"] as const).map((locale) => ({
    name: locale.toLowerCase(),
    type: "string" as const,
    generator: { kind: "address", part: "city", locale, as: locale === "en_US" ? "de_DE place main" : "main" },
  }));
  const engine = engineOf([tableOf("things", fields)]);
  for (const locale of ["en_US", "de_DE"] as const) {
    const cities = new Set(cellsOf(engine, `things.${locale.toLowerCase()}`, 0, ROWS));
    expect(cities).toEqual(new Set(LOCALES[locale].places.map(([city]) => city)));
  }
});
