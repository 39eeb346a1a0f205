/**
 * Rows out of an answer, whatever came: fenced, wrapped in prose, cut in the middle, or with rows that
 * nobody asked for. What is whole is kept, so that only what is missing has to be asked for again.
 */
import { z } from "zod";
import type { Completion } from "../../dataset/model.ts";
import { keyInPrompt } from "./prompt.ts";

export interface AnsweredRows {
  /** By the row's number: its texts by field. */
  readonly rows: ReadonlyMap<number, Readonly<Record<string, string>>>;
  /** True when the answer was not just the JSON that was asked for. */
  readonly isRepaired: boolean;
}

/** A text; paragraphs come as a list from servers whose guided answers can't hold a line break. */
const text = z.union([z.string(), z.array(z.string()).transform((paragraphs) => paragraphs.join("\n\n"))]);
const rowNumber = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

/**
 * The rows of an answer that were asked for and have every field, the first of each number. What a model
 * thought is read only where it said nothing. Never throws.
 */
export function readRows(
  { content, reasoning }: Pick<Completion, "content" | "reasoning">,
  fields: readonly string[],
  asked: readonly number[],
): AnsweredRows {
  const row = z.object({ i: rowNumber, ...Object.fromEntries(fields.map((field) => [keyInPrompt(field), text])) });
  const wanted = new Set(asked);
  const pick = (objects: readonly unknown[]) => {
    const rows = new Map<number, Record<string, string>>();
    for (const object of objects) {
      const parsed = row.safeParse(object);
      if (!parsed.success) continue;
      const { i, ...texts } = parsed.data as { i: number } & Record<string, string>;
      if (!wanted.has(i) || rows.has(i)) continue;
      rows.set(i, Object.fromEntries(fields.map((field) => [field, texts[keyInPrompt(field)] as string])));
    }
    return rows;
  };
  const isSilent = content.trim() === "";
  const source = isSilent ? reasoning : content;
  const plain = pick(rowsOf(parseJson(source.trim())));
  if (plain.size > 0) return { rows: plain, isRepaired: isSilent };
  const inProse = pick(rowsOf(parseJson(unwrapped(source))));
  return { rows: inProse.size > 0 ? inProse : pick(flatObjects(source)), isRepaired: true };
}

/** A JSON document out of an answer that may be fenced or have prose around it; undefined when there is none. */
export function readJson(content: string): unknown {
  return parseJson(content.trim()) ?? parseJson(unwrapped(content));
}

/** The rows of {"rows": […]}, of a bare list, or of a single row. */
function rowsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return [];
  return "rows" in value && Array.isArray(value.rows) ? value.rows : [value];
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

/** From the first brace or bracket to the last: without fences and prose. */
function unwrapped(source: string): string {
  const first = source.search(/[[{]/);
  const last = Math.max(source.lastIndexOf("}"), source.lastIndexOf("]"));
  return first < 0 ? "" : source.slice(first, last + 1);
}

/**
 * The objects without objects inside, in order: of a list that was cut anywhere exactly its whole rows. What
 * can't be read is looked through from its second character on, so that one quote too many, which turns
 * all strings after it inside out, costs no other row.
 */
function flatObjects(source: string): unknown[] {
  const found: unknown[] = [];
  for (let start = source.indexOf("{"); start >= 0; start = source.indexOf("{", start)) {
    const end = endOfFlat(source, start);
    const object = end === undefined ? undefined : parseLoosely(source.slice(start, end));
    if (object !== undefined) found.push(object);
    start = end === undefined || object === undefined ? start + 1 : end;
  }
  return found;
}

/** Where the object ends that starts here; undefined when another one starts before, or nothing ends it. Braces in strings don't count. */
function endOfFlat(source: string, start: number): number | undefined {
  let isText = false;
  for (let i = start + 1; i < source.length; i++) {
    const character = source[i];
    if (character === '"') isText = !isText;
    else if (character === "\\") {
      // Outside of strings there is none in JSON.
      if (!isText) return undefined;
      i++;
    } else if (isText) continue;
    else if (character === "}") return i + 1;
    else if (character === "{") return undefined;
  }
  return undefined;
}

/** With line breaks within strings, which servers without guidance send, as blanks. */
function parseLoosely(source: string): unknown {
  return parseJson(source) ?? parseJson(source.replace(/\p{Cc}+/gu, " "));
}
