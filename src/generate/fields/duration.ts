/**
 * A length of time: in a numeric field the number of its unit, in a string field ISO 8601.
 *
 * Text is written in whole seconds, hours unlimited unless the unit is days: PT50H, P2DT2H.
 */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { generatorSpec } from "../../dataset/schema.ts";
import type { Joined, Literal, Numbers, Words } from "../column.ts";
import { distanceOf, UNITS } from "../instants/distance.ts";
import { demandType, type FieldContext, GeneratorFault, type Kind } from "../kind.ts";
import { makeVocabulary, type Vocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({ by: generatorSpec, unit: z.enum(UNITS).default("hours") });

export const duration: Kind<z.infer<typeof parameters>> = {
  summary: "A length of time: a number of its unit, or ISO 8601 text like PT2H30M in a string field.",
  example: {
    type: "string",
    generator: { kind: "duration", by: { kind: "lognormal", mu: 1, sigma: 0.5 }, unit: "hours" },
  },
  parameters,
  compile: ({ by, unit }, context) => {
    demandType(context, ["integer", "number", "string"], "A duration makes integers, numbers and strings");
    if (context.field.type !== "string") return context.nested("by", by);
    const { field, ms } = distanceOf(context.field.name, unit, 0, false);
    const lengths = context.nested("by", by, field);
    if (lengths.within && lengths.within.high < 0) {
      throw new GeneratorFault("impossible-range", "by is always negative; ISO 8601 has no negative durations.", "/by");
    }
    const spell = unit === "days" ? spellDays : spellClock;
    return {
      column: (block) => {
        const { values, nulls } = lengths.column(block) as Numbers;
        return { ...spell(toSeconds(values, nulls, ms, context)), nulls };
      },
    };
  },
};

/** Whole seconds, 0 where NULL. */
function toSeconds(
  values: Float64Array,
  nulls: Uint8Array | undefined,
  ms: number,
  context: FieldContext,
): Float64Array {
  const seconds = new Float64Array(values.length);
  for (let i = 0; i < seconds.length; i++) {
    if (nulls && nulls[i] === 1) continue;
    const count = Math.round(((values[i] as number) * ms) / 1_000);
    if (count < 0 || count > Number.MAX_SAFE_INTEGER) throw unwritable(context, count);
    seconds[i] = count;
  }
  return seconds;
}

function unwritable({ field }: FieldContext, seconds: number): JobFailure {
  const message = `${field.name} is a duration of ${seconds} seconds in a row; give by a min of 0 and a max.`;
  return new JobFailure("overflow", message);
}

const upTo = (count: number, letter: string) =>
  makeVocabulary(Array.from({ length: count }, (_, n) => (n === 0 ? "" : `${n}${letter}`)));

const CLOCK: Literal = { kind: "literal", vocabulary: makeVocabulary(["PT"]) };
const DATE: Literal = { kind: "literal", vocabulary: makeVocabulary(["P"]) };
/** What follows the number of hours, which may be none at all. */
const HOUR_MARKS = makeVocabulary(["", "H"]);
/** What follows the number of days: the T stands before a time only. */
const DAY_MARKS = makeVocabulary(["", "D", "T", "DT"]);
const HOURS = upTo(24, "H");
const MINUTES = upTo(60, "M");
const SECONDS = makeVocabulary([...upTo(60, "S").words, "0S"]);
const NO_SECONDS = 60;

/** PT50H, PT1H30M, PT0S. */
function spellClock(seconds: Float64Array): Joined {
  const hours = divide(seconds, 3_600);
  return {
    kind: "joined",
    parts: [
      CLOCK,
      numbers(hours, seconds, (count) => count === 0),
      words(HOUR_MARKS, seconds, (all) => (all >= 3_600 ? 1 : 0)),
      words(MINUTES, seconds, (all) => Math.floor(all / 60) % 60),
      words(SECONDS, seconds, (all) => (all === 0 ? NO_SECONDS : all % 60)),
    ],
  };
}

/** P2DT2H, P3D, PT30M, P0D. */
function spellDays(seconds: Float64Array): Joined {
  const days = divide(seconds, 86_400);
  const mark = (all: number) => (all >= 86_400 || all === 0 ? 1 : 0) + (all % 86_400 > 0 ? 2 : 0);
  return {
    kind: "joined",
    parts: [
      DATE,
      numbers(days, seconds, (count, all) => count === 0 && all !== 0),
      words(DAY_MARKS, seconds, mark),
      words(HOURS, seconds, (all) => Math.floor(all / 3_600) % 24),
      words(MINUTES, seconds, (all) => Math.floor(all / 60) % 60),
      words(SECONDS, seconds, (all) => all % 60),
    ],
  };
}

/** `isLeftOut(value, all)` of a row's own number and its seconds. */
function numbers(
  values: Float64Array,
  seconds: Float64Array,
  isLeftOut: (value: number, all: number) => boolean,
): Numbers {
  const nulls = new Uint8Array(values.length);
  for (let i = 0; i < nulls.length; i++) nulls[i] = isLeftOut(values[i] as number, seconds[i] as number) ? 1 : 0;
  return { kind: "numbers", as: "number", scale: 0, values, nulls };
}

function words(vocabulary: Vocabulary, seconds: Float64Array, idOf: (all: number) => number): Words {
  const ids = new Uint32Array(seconds.length);
  for (let i = 0; i < ids.length; i++) ids[i] = idOf(seconds[i] as number);
  return { kind: "words", vocabulary, ids };
}

function divide(seconds: Float64Array, by: number): Float64Array {
  const whole = new Float64Array(seconds.length);
  for (let i = 0; i < whole.length; i++) whole[i] = Math.floor((seconds[i] as number) / by);
  return whole;
}
