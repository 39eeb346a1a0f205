/**
 * Whether a text matches a client's regular expression, in time that grows with the text and not beyond.
 *
 * JavaScript's own matcher tries ways one after the other, and some expressions have more ways than there is
 * time: (a+)+c. Here all ways are followed at once, a character at a time (Thompson 1968; the Pike VM). Single
 * characters and classes are asked of RegExp, which knows what they mean; there is nothing to try in them.
 */
import { type AST, RegExpParser } from "@eslint-community/regexpp";

/** Most steps of an expression when its repeats are written out. */
const MOST_STEPS = 4_000;

/** One step of following: a character that is taken, a fork, or a condition on the place. */
type Step =
  | { readonly kind: "take"; readonly isIt: (character: string) => boolean }
  | { readonly kind: "fork"; readonly to: readonly number[] }
  | { readonly kind: "at"; readonly isIt: (before: string, after: string) => boolean };

/**
 * A test of whole texts. Throws Error, with what is wrong, for what is no regular expression of the `u` flag,
 * and for lookaround and references back, which can't be followed so.
 */
export function compileMatcher(pattern: string): (text: string) => boolean {
  const tree = treeOf(pattern);
  if (isSingleWay(tree)) {
    const native = new RegExp(`^(?:${pattern})$`, "u");
    return (text) => native.test(text);
  }
  const steps = stepsOf(tree);
  return (text) => follow(steps, text);
}

/** False when no text matches that has one of these characters at each place; an assertion counts as kept where some neighbours keep it. */
export function mayMatch(pattern: string, letters: readonly string[]): boolean {
  const steps = stepsOf(treeOf(pattern));
  const at = (place: number) => [...(letters[place] ?? [])];
  const around = (place: number) => {
    const [before, after] = [at(place - 1), at(place)].map((own) => (own.length > 0 ? own : [""]));
    return (step: Step & { kind: "at" }) => !!before?.some((one) => after?.some((other) => step.isIt(one, other)));
  };
  let places = reach(steps, [0], around(0));
  for (const [i, choices] of letters.entries()) {
    const next = [...places].filter((place) => {
      const step = steps[place];
      return step?.kind === "take" && [...choices].some(step.isIt);
    });
    places = reach(
      steps,
      next.map((place) => place + 1),
      around(i + 1),
    );
  }
  return places.has(steps.length);
}

function treeOf(pattern: string): AST.Pattern {
  return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern, 0, pattern.length, true);
}

function stepsOf(tree: AST.Pattern): Step[] {
  const steps: Step[] = [];
  addChoice(steps, tree.alternatives);
  return steps;
}

/** At most one repeat that may vary, of a single character, and no choice: there is next to nothing to try. */
function isSingleWay({ alternatives }: AST.Pattern): boolean {
  const [only] = alternatives;
  if (!only || alternatives.length > 1) return false;
  const isAtom = ({ type }: AST.Node) => type === "Character" || type === "CharacterClass" || type === "CharacterSet";
  const repeats = only.elements.filter((element) => element.type === "Quantifier");
  const varying = repeats.filter(({ min, max }) => min !== max);
  return (
    varying.length <= 1 &&
    only.elements.every((element) => isAtom(element.type === "Quantifier" ? element.element : element))
  );
}

/** Appends what follows one of the alternatives; all go on after the last step. */
function addChoice(steps: Step[], alternatives: readonly AST.Alternative[]): void {
  const fork = alternatives.length > 1 ? reserve(steps) : undefined;
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { elements } of alternatives) {
    starts.push(steps.length);
    for (const element of elements) addElement(steps, element);
    if (fork !== undefined) ends.push(reserve(steps));
  }
  if (fork === undefined) return;
  steps[fork] = { kind: "fork", to: starts };
  for (const end of ends) steps[end] = { kind: "fork", to: [steps.length] };
}

function addElement(steps: Step[], element: AST.Element): void {
  switch (element.type) {
    case "Character":
    case "CharacterClass":
    case "CharacterSet":
      add(steps, { kind: "take", isIt: oneCharacter(element.raw) });
      return;
    case "Group":
    case "CapturingGroup":
      if (element.type === "Group" && element.modifiers) throw new Error("a modifier is not known here");
      addChoice(steps, element.alternatives);
      return;
    case "Quantifier":
      addRepeat(steps, element);
      return;
    case "Assertion":
      add(steps, { kind: "at", isIt: conditionOf(element) });
      return;
    default:
      throw new Error(`a reference back (${element.raw}) can't be followed; describe the text itself`);
  }
}

/** min times, then up to max or without end. */
function addRepeat(steps: Step[], { element, min, max }: AST.Quantifier): void {
  for (let times = 0; times < min; times++) addElement(steps, element);
  if (max === Number.POSITIVE_INFINITY) {
    const fork = reserve(steps);
    addElement(steps, element);
    add(steps, { kind: "fork", to: [fork] });
    steps[fork] = { kind: "fork", to: [fork + 1, steps.length] };
    return;
  }
  const forks: number[] = [];
  for (let times = min; times < max; times++) {
    forks.push(reserve(steps));
    addElement(steps, element);
  }
  for (const fork of forks) steps[fork] = { kind: "fork", to: [fork + 1, steps.length] };
}

/** A place for a fork whose ways are not known yet. */
function reserve(steps: Step[]): number {
  add(steps, { kind: "fork", to: [] });
  return steps.length - 1;
}

function add(steps: Step[], step: Step): void {
  if (steps.length >= MOST_STEPS)
    throw new Error(`it is longer than ${MOST_STEPS} characters when its repeats are written out`);
  steps.push(step);
}

function oneCharacter(raw: string): (character: string) => boolean {
  const test = new RegExp(`^(?:${raw})$`, "u");
  const known = new Map<string, boolean>();
  return (character) => {
    const isIt = known.get(character) ?? test.test(character);
    known.set(character, isIt);
    return isIt;
  };
}

function conditionOf(assertion: AST.Assertion): (before: string, after: string) => boolean {
  if (assertion.kind === "start") return (before) => before === "";
  if (assertion.kind === "end") return (_, after) => after === "";
  if (assertion.kind !== "word")
    throw new Error(`lookaround (${assertion.raw}) can't be followed; describe the text itself`);
  const isBorder = (before: string, after: string) => /^\w$/.test(before) !== /^\w$/.test(after);
  return assertion.negate ? (before, after) => !isBorder(before, after) : isBorder;
}

/** Follows all ways through the text at once; the step after the last is the end. */
function follow(steps: readonly Step[], text: string): boolean {
  const characters = [...text];
  const between = (before: string, after: string) => (step: Step & { kind: "at" }) => step.isIt(before, after);
  let places = reach(steps, [0], between("", characters[0] ?? ""));
  for (const [i, character] of characters.entries()) {
    const next: number[] = [];
    for (const place of places) {
      const step = steps[place];
      if (step?.kind === "take" && step.isIt(character)) next.push(place + 1);
    }
    if (next.length === 0) return false;
    places = reach(steps, next, between(character, characters[i + 1] ?? ""));
  }
  return places.has(steps.length);
}

/** Everywhere that can be reached from these steps without taking a character. */
function reach(
  steps: readonly Step[],
  from: readonly number[],
  isKept: (step: Step & { kind: "at" }) => boolean,
): Set<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (reached.has(place)) continue;
    reached.add(place);
    const step = steps[place];
    if (step?.kind === "fork") open.push(...step.to);
    if (step?.kind === "at" && isKept(step)) open.push(place + 1);
  }
  return reached;
}
