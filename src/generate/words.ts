/** Lists of words taken from faker, the same in every process. */
import { faker } from "@faker-js/faker/locale/en";

/** faker's relative dates hang on this day, not on the clock. */
const FAKER_TODAY = "2026-01-01T00:00:00Z";

/**
 * Up to `size` different words, in the order drawn. faker's one shared generator is seeded first and
 * the draws run without a break, so that neither the order of compilation nor other users can matter.
 */
export function drawWords(seed: number, size: number, draw: () => string): string[] {
  faker.seed(seed);
  faker.setDefaultRefDate(FAKER_TODAY);
  const words = new Set<string>();
  for (let attempt = 0; attempt < size; attempt++) words.add(draw());
  return [...words];
}
