/**
 * What every row must fulfil: the table's rules, and the limits of fields whose generators could break
 * them. A row that breaks one is made again from other draws; its key stays, so nobody notices.
 */
import { type Field, scaleOf, type Table } from "../dataset/schema.ts";
import { type Column, cellAt, mostBytes, type Numbers } from "./column.ts";
import { maxCharsOf } from "./drafts/groups.ts";
import type { Expression } from "./expression/expression.ts";
import { type Block, everyOne, faultsAt, type Generator, GeneratorFault } from "./kind.ts";
import { compileMatcher } from "./pattern/match.ts";
import { demandDecimals, toNumber, unitsFrom, unitsTo, valueColumns } from "./values.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** `broken` has 1 where a row breaks it, and is undefined where none can; a NULL breaks nothing. */
export interface Demand {
  readonly name: string;
  /** The field whose limits it stands for; absent for a rule. */
  readonly field?: number;
  /** Reads children, which follow from this row: it is checked, but no row is made again for it. */
  readonly ofChildren?: boolean;
  /** Reads rows further up in the row's own tree, which must be settled first. */
  readonly climbs?: boolean;
  broken(block: Block): Uint8Array | undefined;
}

/** Distance between the draws of a row's attempts: beyond any row number, far below 2^53 for all attempts. */
export const LANE = 2 ** 44;

/** Enough for a rule that one row in ten keeps, in a table of 10^9 rows (0.9^200 = 7e-10). */
export const MOST_ATTEMPTS = 200;

/** Demands that none of at least so many rows came to keep in as many attempts are not tried any further. */
const HOPELESS_ROWS = 32;
const HOPELESS_ATTEMPTS = 20;

/** Draws the rows at some places of a block again. */
export type Redraw = (rows: Float64Array, draws: Float64Array, places: Float64Array) => Block;

/**
 * The draws by which all demands hold, those of `first` where they hold at once. Rows that break one
 * even after MOST_ATTEMPTS keep their last draws; checking them counts them. `areGivenUp` tells whether those
 * that still break one after HOPELESS_ATTEMPTS are: `isNone` when many were drawn again and none keeps all yet.
 */
export function drawAgain(
  demands: readonly Demand[],
  first: Block,
  make: Redraw,
  areGivenUp: (isNone: boolean) => boolean,
): Float64Array {
  let places = brokenPlaces(demands, first);
  if (places.length === 0) return first.draws;
  const draws = first.rows.slice();
  const most = places.length;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS && places.length > 0; attempt++) {
    const isNone = most >= HOPELESS_ROWS && places.length === most;
    if (attempt === HOPELESS_ATTEMPTS + 1 && areGivenUp(isNone)) break;
    const still = stillBroken(demands, first, make, places, attempt);
    let next = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      if (next < still.length && still[next] === place) next++;
      else draws[place] = (first.rows[place] as number) + attempt * LANE;
    }
    places = still;
  }
  for (const place of places) draws[place] = (first.rows[place] as number) + MOST_ATTEMPTS * LANE;
  return draws;
}

/** Whether many rows of a block break a demand, and none of them keeps all however often it is drawn again. */
export function areHopeless(demands: readonly Demand[], block: Block, make: Redraw): boolean {
  const places = brokenPlaces(demands, block);
  if (places.length < HOPELESS_ROWS) return false;
  for (let attempt = 1; attempt <= HOPELESS_ATTEMPTS; attempt++) {
    if (stillBroken(demands, block, make, places, attempt).length < places.length) return false;
  }
  return true;
}

/** Those of these places of a block whose rows break any demand at this attempt, too. */
function stillBroken(
  demands: readonly Demand[],
  block: Block,
  make: Redraw,
  places: Float64Array,
  attempt: number,
): Float64Array {
  const rows = new Float64Array(places.length);
  const draws = new Float64Array(places.length);
  for (let i = 0; i < places.length; i++) {
    rows[i] = block.rows[places[i] as number] as number;
    draws[i] = (rows[i] as number) + attempt * LANE;
  }
  const still = brokenPlaces(demands, make(rows, draws, places));
  for (let i = 0; i < still.length; i++) still[i] = places[still[i] as number] as number;
  return still;
}

/** The places of the rows that break any demand, ascending. */
function brokenPlaces(demands: readonly Demand[], block: Block): Float64Array {
  const count = block.rows.length;
  let all: Uint8Array | undefined;
  for (const [i, demand] of demands.entries()) {
    const broken = demand.ofChildren ? undefined : brokenBy(demand, i, block);
    if (!broken) continue;
    if (!all) all = broken.slice();
    else for (let k = 0; k < count; k++) all[k] = (all[k] as number) | (broken[k] as number);
  }
  let open = 0;
  if (all) for (let k = 0; k < count; k++) open += all[k] as number;
  const places = new Float64Array(open);
  for (let k = 0, next = 0; next < open; k++) if (all?.[k] === 1) places[next++] = k;
  return places;
}

/** Demand number `i` of a table for a block, found out once: the checks ask again what making the rows has asked. */
export function brokenBy(demand: Demand, i: number, block: Block): Uint8Array | undefined {
  return block.shared(`demand ${i}`, () => demand.broken(block));
}

/** A rule of the table: an expression that must not be false. */
export function ruleDemand(name: string, expression: Expression): Demand {
  return {
    name,
    broken: (block) => {
      const { values, nulls } = expression.column(block) as Numbers;
      let broken: Uint8Array | undefined;
      for (let i = 0; i < values.length; i++) {
        if (values[i] !== 0 || nulls?.[i] === 1) continue;
        broken ??= new Uint8Array(values.length);
        broken[i] = 1;
      }
      return broken;
    },
  };
}

/** Kinds that never make a NULL of themselves. */
const NEVER_NULL: ReadonlySet<string> = new Set([
  ...[
    "sequence",
    "uuid",
    "constant",
    "category",
    "list",
    "pattern",
    "boolean",
    "person",
    "address",
    "company",
    "faker",
    "text",
  ],
  ...["uniform", "normal", "lognormal", "exponential", "gamma", "beta", "poisson", "binomial", "zipf"],
]);

/** Whether rows of a table may be made again. */
export function hasDemands({ rules = [], fields }: Table): boolean {
  return rules.length > 0 || fields.some(hasLimits);
}

/** Whether a field has limits that a row is made again for. */
export function hasLimits(field: Field): boolean {
  const { minimum, maximum, enum: allowed, pattern, maxLength } = field.constraints ?? {};
  return mayMiss(field) || [minimum, maximum, allowed, pattern, maxLength].some((limit) => limit !== undefined);
}

/** Whether a field must have a value and its generator may make none. */
function mayMiss({ constraints, generator }: Field): boolean {
  return constraints?.required === true && generator !== undefined && !NEVER_NULL.has(generator.kind);
}

/** Throws GeneratorFault for limits that are no values of the field's type, and for those that no value is within. */
export function demandLimits(field: Field): void {
  const { minimum, maximum, enum: allowed = [], pattern } = field.constraints ?? {};
  everyOne([
    () => demandEnd(field, "minimum", minimum),
    () => demandEnd(field, "maximum", maximum),
    ...allowed.map((value, i) => () => demandWritten(field, value, `/enum/${i}`)),
    () => {
      if (pattern !== undefined) demandPattern(field, pattern);
    },
  ]);
  if (minimum !== undefined && maximum !== undefined && isAbove(field)) {
    const message = `${field.name}: minimum ${minimum} is above maximum ${maximum}.`;
    throw new GeneratorFault("impossible-range", message, "/minimum");
  }
}

/** An end of a range, which numbers, dates and times have. */
function demandEnd(field: Field, end: "minimum" | "maximum", value: string | number | undefined): void {
  if (value === undefined) return;
  const { name, type } = field;
  if (type === "string" || type === "uuid") {
    const message = `${name} is ${type}, which has no ${end}; limit it by enum, pattern or maxLength instead.`;
    throw new GeneratorFault("type-mismatch", message, `/${end}`);
  }
  demandWritten(field, value, `/${end}`);
}

/** A limit is written as JSON writes the field's type, but for booleans, which are text here: numbers have no quotes. */
function demandWritten(field: Field, value: string | number, pointer: string): void {
  const { name, type } = field;
  const isNumeric = type === "integer" || type === "number";
  const isMistyped = isNumeric ? typeof value === "string" : type === "string" && typeof value === "number";
  if (isMistyped) {
    const form = isNumeric ? "as a number, without quotes" : "as text, in quotes";
    throw new GeneratorFault("type-mismatch", `${name} is ${type}; write ${JSON.stringify(value)} ${form}.`, pointer);
  }
  // A number beyond all that the field can have limits nothing, but is one.
  faultsAt(pointer, () => (isNumeric ? demandDecimals(field, value) : valueColumns(field, [value])));
}

function demandPattern({ name, type }: Field, pattern: string): void {
  if (type !== "string" && type !== "uuid") {
    const message = `${name} is ${type}, which has no pattern; limit it by minimum, maximum or enum instead.`;
    throw new GeneratorFault("type-mismatch", message, "/pattern");
  }
  try {
    wholePattern(pattern);
  } catch (cause) {
    const message = `${name}: ${(cause as Error).message}; mend the regular expression.`;
    throw new GeneratorFault("bad-pattern", message, "/pattern");
  }
}

function isAbove(field: Field): boolean {
  const { low, high } = limitsOf(field);
  return low > high;
}

/** Limits of a field that its generator does not keep of itself, if there are any; `place` is its number. */
export function limitDemand(field: Field, place: number, generator: Generator): Demand | undefined {
  const { vocabulary, bounds, within = bounds } = generator;
  const { minimum, maximum, enum: allowed, pattern, maxLength } = field.constraints ?? {};
  const { low, high } = limitsOf(field);
  const keepsRange =
    (minimum === undefined && maximum === undefined) || (within && within.low >= low && within.high <= high);
  const keepsText = (!allowed && pattern === undefined) || vocabulary?.words.every(limitsOfText(field));
  const keepsLength = maxLength === undefined || vocabulary?.words.every((word) => word.length <= maxLength);
  if (keepsRange && keepsText && keepsLength && !mayMiss(field)) return undefined;
  return {
    name: field.name,
    field: place,
    broken: (block) => outsideLimits(field, block.column(place), block.rows.length),
  };
}

/** 1 where a cell breaks its field's limits; undefined where none does. A NULL breaks nothing but `required`. */
export function outsideLimits(field: Field, column: Column, count: number): Uint8Array | undefined {
  const outside = outsideValues(field, column, count);
  const isMissing = field.constraints?.required ? column.nulls : undefined;
  const most = mostCharacters(field);
  const isLong = most !== undefined && mostBytes(column) > most;
  if (!isMissing?.includes(1) && !isLong) return outside;
  return markWhere(count, (i) => {
    if (outside?.[i] === 1 || isMissing?.[i] === 1) return true;
    return isLong && column.nulls?.[i] !== 1 && String(cellAt(column, i) ?? "").length > (most as number);
  });
}

/** Most UTF-16 units of a text, as SQL counts them. */
function mostCharacters({ constraints, generator }: Field): number | undefined {
  const own = generator?.kind === "text" ? maxCharsOf({ generator }) : undefined;
  return constraints?.maxLength ?? own;
}

function outsideValues(field: Field, column: Column, count: number): Uint8Array | undefined {
  const { minimum, maximum, enum: allowed, pattern } = field.constraints ?? {};
  if (column.kind === "numbers") {
    const outside = minimum === undefined && maximum === undefined ? undefined : outsideRange(field, column);
    if (!allowed) return outside;
    const isIn = new Set(allowed.map((value) => toNumber(field, value)));
    const { values, nulls } = column;
    return markWhere(count, (i) => outside?.[i] === 1 || (nulls?.[i] !== 1 && !isIn.has(values[i] as number)));
  }
  if (!allowed && pattern === undefined) return undefined;
  const keepsLimits = limitsOfText(field);
  const { nulls } = column;
  if (column.kind === "joined") {
    return markWhere(count, (i) => nulls?.[i] !== 1 && !keepsLimits(String(cellAt(column, i))));
  }
  const bad = badWords(field, column.vocabulary, keepsLimits);
  if (!bad) return undefined;
  if (column.kind === "literal") return new Uint8Array(count).fill(1);
  const { ids } = column;
  return markWhere(count, (i) => nulls?.[i] !== 1 && bad[ids[i] as number] === 1);
}

function outsideRange(field: Field, { values, nulls }: Numbers): Uint8Array | undefined {
  const { low, high } = limitsOf(field);
  let isAnyOut = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < low || value > high) isAnyOut = true;
  }
  if (!isAnyOut) return undefined;
  return markWhere(
    values.length,
    (i) => nulls?.[i] !== 1 && ((values[i] as number) < low || (values[i] as number) > high),
  );
}

/** 1 at the places where it is so; undefined when it is so nowhere. */
function markWhere(count: number, isSo: (i: number) => boolean): Uint8Array | undefined {
  let marks: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    if (!isSo(i)) continue;
    marks ??= new Uint8Array(count);
    marks[i] = 1;
  }
  return marks;
}

/** 1 for each word that breaks a field's enum or pattern, undefined when none does; found out once for both. */
function badWords(field: Field, vocabulary: Vocabulary, keeps: (word: string) => boolean): Uint8Array | undefined {
  const known = judged.get(vocabulary);
  if (known?.field === field) return known.bad;
  const bad = Uint8Array.from(vocabulary.words, (word) => (keeps(word) ? 0 : 1));
  const found = bad.includes(1) ? bad : undefined;
  judged.set(vocabulary, { field, bad: found });
  return found;
}

const judged = new WeakMap<Vocabulary, { field: Field; bad: Uint8Array | undefined }>();

/** Whether a text as it stands in a cell keeps its field's pattern and enum. */
export function limitsOfText({ constraints = {} }: Field): (text: string) => boolean {
  const { pattern, enum: allowed } = constraints;
  const matches = pattern === undefined ? undefined : wholePattern(pattern);
  const words = allowed && new Set(allowed.map(String));
  return (text) => (matches?.(text) ?? true) && (words?.has(text) ?? true);
}

/** Tests of constraints' patterns, which the whole value must match (Table Schema v2); each is compiled once. */
const matchers = new Map<string, (text: string) => boolean>();
const MOST_MATCHERS = 1_000;

function wholePattern(pattern: string): (text: string) => boolean {
  const matcher = matchers.get(pattern) ?? compileMatcher(pattern);
  if (matchers.size >= MOST_MATCHERS) matchers.clear();
  matchers.set(pattern, matcher);
  return matcher;
}

/** The field's range in the units of its column. */
export function limitsOf(field: Field): { low: number; high: number } {
  const { minimum, maximum } = field.constraints ?? {};
  const inUnits = (limit: string | number, round: typeof unitsFrom) =>
    typeof limit === "number" ? round(limit, scaleOf(field)) : toNumber(field, limit);
  return {
    low: minimum === undefined ? Number.NEGATIVE_INFINITY : inUnits(minimum, unitsFrom),
    high: maximum === undefined ? Number.POSITIVE_INFINITY : inUnits(maximum, unitsTo),
  };
}
