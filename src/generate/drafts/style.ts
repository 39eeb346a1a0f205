/**
 * What makes texts differ that are asked for in the same words: a manner sampled for each of them.
 *
 * Conditioning on sampled attributes gives more variety than a higher temperature (AttrPrompt, NeurIPS
 * 2023), costs a few tokens a row, and is by address like all else.
 */
import { below, makeStream } from "../random.ts";

const TONES = [
  "plain",
  "warm",
  "dry",
  "matter-of-fact",
  "cheerful",
  "sober",
  "wry",
  "confident",
  "modest",
  "precise",
  "relaxed",
  "brisk",
  "thoughtful",
  "practical",
  "vivid",
  "understated",
  "friendly",
  "laconic",
  "earnest",
  "playful",
];

const VOICES = [
  "an engineer",
  "a shop assistant",
  "a long-time customer",
  "a parent",
  "a student",
  "a journalist",
  "a craftsman",
  "a nurse",
  "a teacher",
  "an accountant",
  "a traveller",
  "a retiree",
  "a night-shift worker",
  "a small-town librarian",
  "a cook",
  "a cyclist",
  "a first-time buyer",
  "a reviewer of many such things",
  "a neighbour",
  "a team lead",
];

const ANGLES = [
  "begin with a noun",
  "begin with a verb",
  "begin with a number or an amount",
  "begin with an adjective",
  "begin with where or when",
  "lead with the most concrete detail",
  "lead with what it is for",
  "lead with a small drawback",
  "lead with a comparison",
  "name one detail that only this row has",
];

/** How long a text is to be, in shares of the most it may have. */
const BANDS = [
  [0.2, 0.4],
  [0.4, 0.6],
  [0.6, 0.8],
] as const;

/** What `BANDS` come to on average. */
export const USUAL_SHARE = 0.5;

export interface Style {
  readonly tone: string;
  readonly voice: string;
  readonly angle: string;
  /** Of each field: how many characters its text is to have. */
  readonly lengths: readonly { readonly least: number; readonly most: number }[];
}

/** The manner of a group's text number `serial`; `maxChars` are those of its fields. */
export function styleOf(seed: number, group: string, maxChars: readonly number[]): (serial: number) => Style {
  const stream = makeStream(seed, `${group} style`);
  const pick = <T>(from: readonly T[], serial: number, draw: number): T =>
    from[below(stream, serial, from.length, draw)] as T;
  return (serial) => ({
    tone: pick(TONES, serial, 0),
    voice: pick(VOICES, serial, 1),
    angle: pick(ANGLES, serial, 2),
    lengths: maxChars.map((most, field) => {
      const [from, to] = pick(BANDS, serial, 3 + field);
      return { least: Math.max(1, Math.round(most * from)), most: Math.max(2, Math.round(most * to)) };
    }),
  });
}
