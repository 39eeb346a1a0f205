/** The stub's writer: English of many frames about a row's own values, the same for the same row. */

const FRAMES = [
  "{a} {n} for {p}, {m}",
  "{m}: the {a} {n} that {p} asked for",
  "Few {n}s are this {a}; {m}, and {p} can tell",
  "{p} will find the {n} {a} and {m}",
  "Made for {p}: {a}, {m}, and a {n} at heart",
  "After a {t} of use the {n} is still {a}; {m}",
  "A {n} with a {a} side, {m}, best kept by {p}",
  "{t} by {t}, the {a} {n} earns its place; {m}",
];
const WORDS = {
  a: "sturdy quiet compact bright honest slim warm crisp even light plain deep soft keen neat mellow rugged airy tidy bold".split(
    " ",
  ),
  n: "companion tool piece finish corner design surface detail choice helper fixture partner build answer start".split(
    " ",
  ),
  m: [
    "easy to clean",
    "ready in minutes",
    "quiet at night",
    "cut by hand",
    "good in the rain",
    "packed flat",
    "light to carry",
    "made to be mended",
    "slow to wear",
    "true to its size",
    "kind to the floor",
    "warm to the touch",
    "free of fuss",
    "at home outdoors",
    "worth the wait",
    "simple to store",
  ],
  p: [
    "beginners",
    "families",
    "night owls",
    "old hands",
    "commuters",
    "makers",
    "small kitchens",
    "students",
    "careful owners",
    "weekend guests",
    "large teams",
    "patient cooks",
    "early risers",
    "shared flats",
  ],
  t: "week month season year winter summer decade shift morning evening".split(" "),
} as const;

/** FNV-1a over a text, for choices that hang on it alone. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A text of `least` to `most` characters that quotes some of the row's values (or their slots). */
export function writeText(
  row: Readonly<Record<string, unknown>>,
  field: string,
  [least, most]: [number, number],
): string {
  const own = new Set(["i", "tone", "voice", "angle", "length"]);
  const values = Object.entries(row)
    .filter(([key]) => !own.has(key))
    .map(([, value]) => String(value));
  let state = hashText(`${JSON.stringify(row)} ${field}`);
  const next = (count: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % count;
  };
  const sentence = (): string => {
    const filled = (FRAMES[next(FRAMES.length)] as string).replace(/\{(\w)\}/g, (_, kind: keyof typeof WORDS) => {
      const words = WORDS[kind];
      return words[next(words.length)] as string;
    });
    const quoted =
      values.length > 0 && next(2) === 0 ? `${filled}, with ${values[next(values.length)]} in mind` : filled;
    return `${quoted.charAt(0).toUpperCase()}${quoted.slice(1)}.`;
  };
  if (/name|title/.test(field)) {
    const words = [WORDS.a, WORDS.m, WORDS.n].map((from) => from[next(from.length)] as string);
    return trimTo(
      `${words[0]} ${words[2]}, ${words[1]}`.replace(/\b[a-z](?=[a-z]{3})/g, (letter) => letter.toUpperCase()),
      most,
    );
  }
  if (most < 60) return trimTo([WORDS.a, WORDS.n, WORDS.p].map((words) => words[next(words.length)]).join(" "), most);
  let text = sentence();
  while (text.length < least) text = `${text} ${sentence()}`;
  return trimTo(text, most);
}

/** Whole words, ended by a full stop where something was left out; never within a {{slot}}. */
function trimTo(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text
    .slice(0, most - 1)
    .replace(/\{\{[^}]*$/, "")
    .replace(/\s+\S*$/, "");
  return `${cut.replace(/[\s,;:.]+$/, "")}.`;
}
