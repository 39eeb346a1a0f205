/**
 * Which texts a model is asked for: the text fields of a table that share an answer form a group, and
 * a group is drafted either a row at a time or, where there are too many rows, by exemplars.
 */
import { type DraftGroup, USUAL_MAX_CHARS } from "../../dataset/pool.ts";
import type { Field, SchemaDocument, Table } from "../../dataset/schema.ts";
import { piecesOf } from "../holes.ts";
import { USUAL_SHARE } from "./style.ts";

/** Exemplars a group: about two for each row of a square table, so that reuse grows as slowly as variety is missed. */
const EXEMPLARS = { perRootOfRows: 2, least: 50, most: 2_000 };

/** What a model writes well in one go; longer answers lose quality and are cut more often. */
const ANSWER_TOKENS = 1_500;
const MOST_TEXTS_PER_CALL = 25;

/** Characters a token in English; quotes, braces, the field's name and the row's number beside each text. */
export const CHARS_PER_TOKEN = 4;
const TOKENS_PER_TEXT = 3;
const TOKENS_PER_ROW = 3;

/** A field whose text a model may write: one whose generator is a text itself, not one with a text inside. */
export function isText({ generator }: Field): boolean {
  return generator?.kind === "text";
}

/** The name of the group that a text field belongs to: fields of a table with the same `draft` share one. */
function groupName({ name, generator }: Field): string {
  return typeof generator?.draft === "string" ? `draft ${generator.draft}` : `field ${name}`;
}

/**
 * The groups in an order in which each prompt's own text fields are drafted before it. Tables with at
 * most `ownTexts` text cells have each row's text written for it. `rows` are the tables' row counts.
 */
export function draftGroups(
  schema: SchemaDocument,
  order: readonly number[],
  rows: readonly number[],
  ownTexts: number,
): DraftGroup[] {
  return order.flatMap((place) => {
    const table = schema.tables[place] as Table;
    const count = rows[place] as number;
    const fields = table.fields.filter(isText);
    if (count === 0 || fields.length === 0) return [];
    const mode = count * fields.length <= ownTexts ? "rows" : "exemplars";
    return sortGroups(Map.groupBy(fields, groupName)).map((members): DraftGroup => {
      const texts = mode === "rows" ? count : Math.min(count, exemplarsFor(count));
      const names = members.map(({ name }) => name);
      return { table: table.name, fields: names, mode, texts, textsPerCall: textsPerCall(members) };
    });
  });
}

function exemplarsFor(rows: number): number {
  const wanted = Math.ceil(EXEMPLARS.perRootOfRows * Math.sqrt(rows));
  return Math.min(EXEMPLARS.most, Math.max(EXEMPLARS.least, wanted));
}

/** Groups whose prompts mention another's fields come after it; groups in a circle stay in the document's order. */
function sortGroups(groups: ReadonlyMap<string, Field[]>): Field[][] {
  const sorted: Field[][] = [];
  const left = [...groups.values()];
  const isReady = (members: Field[]) => {
    const mentioned = new Set(members.flatMap(mentionsOf));
    return left.every((other) => other === members || !other.some(({ name }) => mentioned.has(name)));
  };
  while (left.length > 0) {
    const next = Math.max(0, left.findIndex(isReady));
    sorted.push(...left.splice(next, 1));
  }
  return sorted;
}

/** The paths in a prompt, each once, in its order. */
export function mentionsOf({ generator }: Field): string[] {
  const pieces = piecesOf(String(generator?.prompt ?? ""));
  return [...new Set(pieces.filter((_, place) => place % 2 === 1))];
}

/** Most characters of a text field. */
export function maxCharsOf({ generator }: Pick<Field, "generator">): number {
  return typeof generator?.maxChars === "number" ? generator.maxChars : USUAL_MAX_CHARS;
}

/** Tokens of a row's answer on average. */
export function answerTokens(fields: readonly Field[]): number {
  const texts = fields.reduce((sum, field) => {
    return sum + TOKENS_PER_TEXT + (maxCharsOf(field) * USUAL_SHARE) / CHARS_PER_TOKEN;
  }, 0);
  return texts + TOKENS_PER_ROW;
}

function textsPerCall(fields: readonly Field[]): number {
  return Math.max(1, Math.min(MOST_TEXTS_PER_CALL, Math.floor(ANSWER_TOKENS / answerTokens(fields))));
}
