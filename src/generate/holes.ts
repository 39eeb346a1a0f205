/**
 * The holes of a template or prompt: {{a name}}, of a field of the row, of a parent's, or of a generator
 * beside the text. Braces that open none would stand as they are in every row, which nobody means.
 */
import { GeneratorFault } from "./kind.ts";

/** A text's literals, at even places, and the names in its holes, at odd ones. */
export function piecesOf(text: string): string[] {
  // Splitting on a capturing group leaves what it captured between the rest.
  return text.split(/\{\{\s*([\w.]+)\s*\}\}/);
}

/** Characters of the text that a fault shows. */
const SHOWN = 20;

/** Throws GeneratorFault, at the text's own pointer, where a hole is opened and not closed. */
export function demandClosed(text: string, pointer: string): void {
  const open = piecesOf(text).find((piece, place) => place % 2 === 0 && piece.includes("{{"));
  if (open === undefined) return;
  const shown = JSON.stringify(open.slice(open.indexOf("{{")).slice(0, SHOWN));
  const message = `${shown} opens no hole; put a name of letters, digits, _ and . between {{ and }}.`;
  throw new GeneratorFault("bad-template", message, pointer);
}
