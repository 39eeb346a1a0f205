/** Every locale: adding one is a file of data beside this one and a line here. */
import { z } from "zod";
import { deDE } from "./de-de.ts";
import { enGB } from "./en-gb.ts";
import { enUS } from "./en-us.ts";
import { esES } from "./es-es.ts";
import { frFR } from "./fr-fr.ts";
import { itIT } from "./it-it.ts";
import type { LocaleData } from "./locale.ts";
import { nlNL } from "./nl-nl.ts";

export const LOCALES = {
  en_US: enUS,
  en_GB: enGB,
  de_DE: deDE,
  fr_FR: frFR,
  es_ES: esES,
  it_IT: itIT,
  nl_NL: nlNL,
} satisfies Record<string, LocaleData>;

export type Locale = keyof typeof LOCALES;

/** Parameters of every kind that makes one thing in several parts. */
export const sharedParameters = {
  /** Fields with the same name belong to one thing; another name, another one in the row. */
  as: z.string().default("main"),
  locale: z.enum(Object.keys(LOCALES) as [Locale, ...Locale[]]).default("en_US"),
};

/** Whose part a field is. */
export interface Owner {
  readonly as: string;
  readonly locale: Locale;
}

/** The name under which the parts of one thing share their random numbers; en_US is the locale that needs no mention. */
export function sharedName(purpose: string, { as, locale }: Owner): string {
  return locale === "en_US" ? `${purpose} ${as}` : `${locale} ${purpose} ${as}`;
}

/** Makes something of a locale's words at first use and keeps it, since they never change. */
export function perLocale<T>(make: (data: LocaleData, locale: Locale) => T): (locale: Locale) => T {
  const made = new Map<Locale, T>();
  return (locale) => {
    const known = made.get(locale) ?? make(LOCALES[locale], locale);
    made.set(locale, known);
    return known;
  };
}
