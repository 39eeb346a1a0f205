/**
 * Limits that nothing can keep, found before any row is made.
 *
 * A row that breaks a limit is made again, which helps only where some value keeps it; a key's values are
 * dealt, each once, so that enough of them must; and what follows from the row's number stays as it is. The
 * kinds say what they can give (`within`, `deck`, `vocabulary`, `letters`, `certain`) and are judged here, by
 * the very test that the rows will stand. Where a kind says nothing, nothing is refused.
 */
import { JobFailure } from "../dataset/errors.ts";
import type { Field } from "../dataset/schema.ts";
import { type Column, cellAt } from "./column.ts";
import { type Generator, GeneratorFault, type Within } from "./kind.ts";
import { mayMatch } from "./pattern/match.ts";
import { limitsOf, outsideLimits } from "./rules.ts";
import { toNumber, valueColumns } from "./values.ts";

/** Most values that are looked at one by one. */
export const MOST_LISTED = 65_536;

const LIMITS = ["enum", "pattern", "maxLength", "minimum", "maximum"] as const;
type Limit = (typeof LIMITS)[number];

/** What a generator says of its values. */
type Known = Pick<Generator, "within" | "bounds" | "vocabulary" | "deck" | "letters" | "has">;

/** Throws GeneratorFault when no value of an enum keeps the field's other limits. */
export function demandEnumInside(field: Field): void {
  const { enum: allowed, ...others } = field.constraints ?? {};
  if (!allowed || countKept({ ...field, constraints: others }, valuesOf(field, allowed)) > 0) return;
  const names = LIMITS.filter((limit) => limit !== "enum" && others[limit] !== undefined).join(" and ") || "maxChars";
  const message = `${field.name}: no value of enum is within its ${names}; change one of them.`;
  throw new GeneratorFault("impossible-value", message, "/enum");
}

/** Throws GeneratorFault when no value of the generator can be within the field's limits, as far as its values are known. */
export function demandPossible(field: Field, known: Known): void {
  if (mostKept(field, known) > 0) return;
  const { constraints = {}, name } = field;
  const given = LIMITS.filter((limit) => constraints[limit] !== undefined);
  const alone = given.find((limit) => mostKept(withOnly(field, [limit]), known) === 0);
  if (alone ? isEnd(alone) : given.every(isEnd)) {
    const message = `${name}: every value of its generator lies outside its minimum and maximum; change one of them.`;
    throw new GeneratorFault("impossible-range", message, `/${alone ?? given[0]}`);
  }
  const message = `${name}: no value of its generator is within its ${alone ?? given.join(" and ")}; change one of them.`;
  throw new GeneratorFault("impossible-value", message, alone ? `/${alone}` : "");
}

function isEnd(limit: Limit): boolean {
  return limit === "minimum" || limit === "maximum";
}

function withOnly(field: Field, limits: readonly Limit[]): Field {
  const entries = Object.entries(field.constraints ?? {}).filter(([name]) => limits.includes(name as Limit));
  return { ...field, constraints: Object.fromEntries(entries) };
}

/** The most different values that a generator can give within the field's limits: infinite where it is not known. */
export function mostKept(field: Field, known: Known): number {
  const { enum: allowed, pattern, maxLength } = field.constraints ?? {};
  const { deck, letters, has, within = known.bounds && { ...known.bounds, step: 1 } } = known;
  const listed = listedValues(known, within);
  if (listed) return countKept(field, listed);
  if (within) return keptNumbers(field, within);
  if (letters && maxLength !== undefined && letters.length > maxLength) return 0;
  if (letters && pattern !== undefined && !mayMatch(pattern, letters)) return 0;
  const most = deck?.size ?? Number.POSITIVE_INFINITY;
  if (!allowed) return most;
  return Math.min(most, new Set(allowed.map(String).filter((text) => has?.(text) ?? true)).size);
}

/** All values of a generator as a column, where they are few or are words; none of a range, which is counted instead. */
function listedValues({ deck, vocabulary }: Known, within: Within | undefined): Column | undefined {
  const isRange = deck && within && deck.size === countSteps(within);
  if (deck && !isRange && deck.size <= MOST_LISTED) {
    return deck.column(Float64Array.from({ length: deck.size }, (_, id) => id));
  }
  return vocabulary && { kind: "words", vocabulary, ids: Uint32Array.from(vocabulary.words, (_, id) => id) };
}

/** A column of values as they are listed in the document. */
export function valuesOf(field: Field, values: readonly (string | number)[]): Column {
  return valueColumns(field, values).make(Uint32Array.from(values, (_, id) => id));
}

function countKept(field: Field, values: Column): number {
  const count = lengthOf(values);
  return outsideLimits(field, values, count)?.reduce((kept, isOut) => kept - isOut, count) ?? count;
}

/** Rows of a column that is no literal. */
function lengthOf(column: Column): number {
  if (column.kind === "numbers") return column.values.length;
  if (column.kind === "words") return column.ids.length;
  return column.kind === "literal" ? 1 : Math.max(...column.parts.map(lengthOf));
}

/** How many numbers of a range are within the field's limits. */
function keptNumbers(field: Field, range: Within): number {
  const limits = limitsOf(field);
  const kept = { ...range, low: Math.max(range.low, limits.low), high: Math.min(range.high, limits.high) };
  const anchor = Number.isFinite(range.low) ? range.low : range.high;
  const { enum: allowed } = field.constraints ?? {};
  if (!allowed) return countSteps(kept, anchor);
  const isOn = (value: number) => rest(value, range.step) === rest(anchor, range.step);
  const values = new Set(allowed.map((value) => toNumber(field, value)));
  return [...values].filter((value) => value >= kept.low && value <= kept.high && isOn(value)).length;
}

/** The numbers of a range a whole number of steps away from the anchor. */
export function countSteps({ low, high, step }: Within, anchor = low): number {
  if (low > high) return 0;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return Number.POSITIVE_INFINITY;
  const first = low + rest(rest(anchor, step) - rest(low, step), step);
  return first > high ? 0 : Math.floor((high - first) / step) + 1;
}

/** What is left of a division, from 0 on. */
function rest(value: number, step: number): number {
  return ((value % step) + step) % step;
}

/**
 * Throws GeneratorFault when one of the values that certainly stand in so many rows breaks a limit, or can't be
 * made; pointers start at the field.
 */
export function demandCertain(field: Field, { certain, rowOf }: Generator, rowsOf: () => number): void {
  const { constraints = {}, name } = field;
  const given = LIMITS.filter((limit) => constraints[limit] !== undefined);
  // A key is judged without limits too, as it may run out of numbers.
  if (!certain || (given.length === 0 && !rowOf)) return;
  const rows = rowsOf();
  const values = made(certain, rows);
  if (!values) return;
  const count = lengthOf(values);
  for (const limit of given) {
    const place = outsideLimits(withOnly(field, [limit]), values, count)?.indexOf(1) ?? -1;
    if (place < 0) continue;
    const remedy = "change its generator, the limit or the number of rows";
    const message = `${name}: one of ${rows} rows has ${cellAt(values, place)}, whatever is drawn, which breaks its ${limit}; ${remedy}.`;
    throw new GeneratorFault(isEnd(limit) ? "impossible-range" : "impossible-value", message, `/constraints/${limit}`);
  }
}

function made(certain: NonNullable<Generator["certain"]>, rows: number): Column | undefined {
  try {
    return certain(rows);
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    throw new GeneratorFault(
      error.code,
      `${error.message.replace(/\.$/, "")} in ${rows} rows; ask for fewer.`,
      "/generator",
    );
  }
}
