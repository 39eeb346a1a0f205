/** What a company is made of: a family name, a trade and a legal form; its domain is made of the first two. */
import { makeVocabulary } from "../vocabulary.ts";
import { combine } from "./locale.ts";
import { perLocale } from "./locales.ts";
import { named } from "./names.ts";

/** Never registered (RFC 2606), so that no real company's name is taken. */
const TOP_LEVEL = ".example";

/** The end of a name is trade x legal form, number forms x trade + form; of a domain the trade. */
export const companiesOf = perLocale((data) => {
  const { trades, legalForms, desks, promises } = data.company;
  const founders = named(data.people().last, data);
  const tradeNames = named(trades, data);
  return {
    founders: makeVocabulary(founders.names.map((name) => name.charAt(0).toUpperCase() + name.slice(1))),
    founderSlugs: makeVocabulary(founders.slugs.map((slug) => `${slug}-`)),
    nameEnds: makeVocabulary(
      combine(
        tradeNames.names.map((trade) => ` ${trade}`),
        legalForms,
      ),
    ),
    tradeSlugs: makeVocabulary(tradeNames.slugs),
    domainEnds: makeVocabulary(tradeNames.slugs.map((slug) => slug + TOP_LEVEL)),
    topLevel: makeVocabulary([TOP_LEVEL]),
    desks: makeVocabulary(desks.map((desk) => `${desk}@`)),
    catchPhrases: makeVocabulary(combine(...promises)),
    forms: legalForms.length,
  };
});
