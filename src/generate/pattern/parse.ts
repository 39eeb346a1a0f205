/**
 * Reads a regular expression as a description of text to make: words, sequences, choices, repeats.
 *
 * The parser is a library's; here everything that describes no text (lookaround, references) or that
 * JavaScript reads otherwise than other dialects (\A, \p) is refused, with its place.
 */
import { type AST, RegExpParser } from "@eslint-community/regexpp";
import { GeneratorFault } from "../kind.ts";

/** What text to make. */
export type Shape =
  /** One of these, each equally likely. */
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "sequence"; readonly items: readonly Shape[] }
  /** One of these, each equally likely. */
  | { readonly kind: "choice"; readonly branches: readonly Shape[] }
  /** `min` to `max` times, each number equally likely. */
  | { readonly kind: "repeat"; readonly item: Shape; readonly min: number; readonly max: number };

/** Most characters of a value, and most times that anything is repeated. */
const MAX_CHARACTERS = 200;
const MAX_REPEATS = 100;
/** Where * and + and {m,} end. */
const OPEN_REPEATS = 8;
/** Most characters of a class: an alphabet, not all of Unicode. */
const MAX_CLASS = 1_000;

/** Printable ASCII: what "." and what is left of it by a negated class. */
const PRINTABLE = codesFrom(0x20, 0x7e);
const SETS = {
  digit: codesFrom(0x30, 0x39),
  space: [0x20],
  word: PRINTABLE.filter((code) => /\w/.test(String.fromCharCode(code))),
};

/** Throws GeneratorFault, at "/pattern", for what is no regular expression and for what can't be made. */
export function parsePattern(source: string): Shape {
  let tree: AST.Pattern;
  try {
    tree = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, false);
  } catch (cause) {
    throw fault(`"${source}" can't be read: ${(cause as Error).message.replace(/^.*: /s, "")}.`);
  }
  const shape = choiceOf(tree.alternatives.map((alternative) => sequenceOf(withoutAnchors(alternative), source)));
  const characters = longest(shape);
  if (characters <= MAX_CHARACTERS) return shape;
  throw fault(`"${source}" can be ${characters} characters long; keep it at ${MAX_CHARACTERS} or less.`);
}

function fault(message: string): GeneratorFault {
  return new GeneratorFault("bad-pattern", message, "/pattern");
}

function refused(what: string, node: AST.Node, source: string, remedy: string): GeneratorFault {
  return fault(`${what} at character ${node.start + 1} of "${source}": ${remedy}.`);
}

/** A value is always whole, so ^ at its beginning and $ at its end say nothing. */
function withoutAnchors({ elements }: AST.Alternative): AST.Element[] {
  const isAnchor = (element: AST.Element | undefined, kind: string) =>
    element?.type === "Assertion" && element.kind === kind;
  return elements.slice(isAnchor(elements[0], "start") ? 1 : 0, isAnchor(elements.at(-1), "end") ? -1 : undefined);
}

function sequenceOf(elements: readonly AST.Element[], source: string): Shape {
  const items = elements.map((element) => shapeOf(element, source));
  if (items.length === 1) return items[0] as Shape;
  return items.length === 0 ? { kind: "words", words: [""] } : { kind: "sequence", items };
}

function choiceOf(branches: readonly Shape[]): Shape {
  return branches.length === 1 ? (branches[0] as Shape) : { kind: "choice", branches };
}

function shapeOf(element: AST.Element, source: string): Shape {
  switch (element.type) {
    case "Character":
      return { kind: "words", words: [String.fromCharCode(codeOf(element, source))] };
    case "CharacterClass":
    case "CharacterSet":
      return { kind: "words", words: codesOf(element, source).map((code) => String.fromCharCode(code)) };
    case "Group":
    case "CapturingGroup":
      if (element.type === "Group" && element.modifiers) {
        throw refused("A modifier", element, source, "write the letters of both cases as a class");
      }
      return choiceOf(element.alternatives.map(({ elements }) => sequenceOf(elements, source)));
    case "Quantifier":
      return repeatOf(element, source);
    default: {
      const what = element.type === "Assertion" ? "An assertion" : "A reference back";
      throw refused(what, element, source, "describe the text itself by literals, classes, groups, | and {m,n}");
    }
  }
}

function repeatOf({ element, min, max: given, ...node }: AST.Quantifier, source: string): Shape {
  const max = given === Number.POSITIVE_INFINITY ? Math.max(min, OPEN_REPEATS) : given;
  if (max > MAX_REPEATS) {
    throw refused("A repeat", node as AST.Quantifier, source, `repeat at most ${MAX_REPEATS} times`);
  }
  const item = shapeOf(element, source);
  return max === 0 || longest(item) === 0 ? { kind: "words", words: [""] } : { kind: "repeat", item, min, max };
}

/** The characters of a class or set, in the order of their codes, each once. */
function codesOf(node: AST.CharacterClass | AST.CharacterSet, source: string): number[] {
  if (node.type === "CharacterSet") return setOf(node, source);
  const codes = new Set(
    node.elements.flatMap((element) => {
      if (element.type === "Character") return [codeOf(element, source)];
      if (element.type === "CharacterSet") return setOf(element, source);
      if (element.type !== "CharacterClassRange") throw refused("A set", element, source, "list the characters");
      const [from, to] = [codeOf(element.min, source), codeOf(element.max, source)];
      if (to - from < MAX_CLASS) return codesFrom(from, to);
      throw refused("A range", element, source, `keep it below ${MAX_CLASS} characters`);
    }),
  );
  const chosen = node.negate ? PRINTABLE.filter((code) => !codes.has(code)) : [...codes].sort((a, b) => a - b);
  if (chosen.length === 0) throw refused("A class", node, source, "leave it at least one printable ASCII character");
  // Ranges over surrogates would make halves of characters.
  if (chosen.some(isSurrogate)) throw refused("A class", node, source, "use characters below U+D800");
  return chosen;
}

function setOf(node: AST.CharacterSet, source: string): number[] {
  if (node.kind === "any") return PRINTABLE;
  if (node.kind === "property") throw refused("A Unicode class", node, source, "list the characters");
  const codes = SETS[node.kind];
  return node.negate ? PRINTABLE.filter((code) => !codes.includes(code)) : codes;
}

function codeOf(node: AST.Character, source: string): number {
  const isLetterItself = /^\\[a-z]$/i.test(node.raw) && node.raw.charCodeAt(1) === node.value;
  if (isLetterItself || /^\\\d/.test(node.raw)) {
    throw refused(node.raw, node, source, "of the escapes by letter, \\d, \\w, \\s, \\t, \\n and \\uXXXX are known");
  }
  if (isSurrogate(node.value)) throw refused("A character", node, source, "use characters below U+D800");
  return node.value;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function codesFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Characters of the longest text. */
function longest(shape: Shape): number {
  switch (shape.kind) {
    case "words":
      return Math.max(...shape.words.map((word) => word.length));
    case "sequence":
      return shape.items.reduce((sum, item) => sum + longest(item), 0);
    case "choice":
      return Math.max(...shape.branches.map(longest));
    case "repeat":
      return shape.max * longest(shape.item);
  }
}
