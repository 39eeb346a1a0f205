/** What a locale says of its people, places and companies: plain data, one file a locale. */

/** City, region, postcodes, telephone numbers kept for fiction there, and what else its address line needs. */
export type Place = readonly [city: string, region: string, postcodes: string, phones: string, more?: string];

export interface LocaleData {
  /** In the language of the locale. */
  readonly country: string;
  /**
   * Real cities. Postcodes are numbers and ranges parted by blanks ("10115 75001-75020"); the phones are a
   * pattern in which # is any digit.
   */
  readonly places: readonly Place[];
  /** What may follow a postcode of `places`: the last two digits in the United States. */
  readonly postcodeEnds?: readonly string[];
  /** Whole numbers from 1 to this. */
  readonly highestHouse: number;
  /** A street with the blank or comma that parts it from its house number. */
  readonly street: (name: string) => string;
  readonly houseFirst: boolean;
  /** What follows street and house number in one line. */
  readonly line: (city: string, region: string, postcode: string, more?: string) => string;
  /** Made at first use, as are the names. */
  readonly streets: () => readonly string[];
  readonly people: () => People;
  readonly company: CompanyWords;
  /** How e-mail spells letters that are not just a letter with an accent. */
  readonly spelling?: Readonly<Record<string, string>>;
}

export interface People {
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly last: readonly string[];
}

interface CompanyWords {
  /** Follow a family name: "Weber Logistik". */
  readonly trades: readonly string[];
  /** Follow the trade: "Weber Logistik GmbH". */
  readonly legalForms: readonly string[];
  /** Local parts of e-mail addresses. */
  readonly desks: readonly string[];
  /** Beginnings and ends of catch phrases, any with any. */
  readonly promises: readonly [readonly string[], readonly string[]];
}

/** Every beginning with every end. */
export function combine(beginnings: readonly string[], ends: readonly string[]): string[] {
  return beginnings.flatMap((beginning) => ends.map((end) => beginning + end));
}
