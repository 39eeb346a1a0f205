/**
 * Rows out of an answer, whatever came: fenced, wrapped in prose, cut in the middle, or with rows that
 * nobody asked for. What is whole is kept, so that only what is missing has to be asked for again.
 */
import { z } from "zod";
import type { Completion } from "../../dataset/model.ts";

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
  const row = z.object({ i: rowNumber, ...Object.fromEntries(fields.map((field) => [field, text])) });
  const isSilent = content.trim() === "";
  const source = isSilent ? reasoning : content;
  const whole = parseJson(source.trim());
  const objects = rowsOf(whole) ?? rowsOf(parseJson(unwrapped(source))) ?? wholeObjects(source);
  const wanted = new Set(asked);
  const rows = new Map<number, Record<string, string>>();
  for (const object of objects) {
    const parsed = row.safeParse(object);
    if (!parsed.success) continue;
    const { i, ...texts } = parsed.data as { i: number } & Record<string, string>;
    if (wanted.has(i) && !rows.has(i)) rows.set(i, texts);
  }
  return { rows, isRepaired: isSilent || rowsOf(whole) === undefined };
}

/** A JSON document out of an answer that may be fenced or have prose around it; undefined when there is none. */
export function readJson(content: string): unknown {
  return parseJson(content.trim()) ?? parseJson(unwrapped(content));
}

/** The rows of {"rows": […]}, of a bare list, or of a single row. */
function rowsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  if ("rows" in value) return Array.isArray(value.rows) ? value.rows : undefined;
  return "i" in value ? [value] : undefined;
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
 * The innermost objects that are complete, in order: exactly the whole rows of a list that was cut
 * anywhere, since a row has no object inside. Braces in strings don't count.
 */
function wholeObjects(source: string): unknown[] {
  const found: unknown[] = [];
  let start = -1;
  let isText = false;
  for (let i = 0; i < source.length; i++) {
    const character = source[i];
    if (isText) {
      if (character === "\\") i++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === "{") start = i;
    else if (character === "}" && start >= 0) {
      const object = parseJson(source.slice(start, i + 1));
      if (object !== undefined) found.push(object);
      start = -1;
    }
  }
  return found;
}
