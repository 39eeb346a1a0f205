/** Request bodies: read within a limit, parsed, and checked with all faults at once. */
import type { HttpRequest } from "@azure/functions";
import type { z } from "zod";
import { type Fault, Malformed, TooLarge } from "../dataset/errors.ts";

/** The body's text. Throws TooLarge as soon as it exceeds the limit, whatever its Content-Length says. */
export async function readBody(request: HttpRequest, limitBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > limitBytes) throw new TooLarge(`The body is larger than the limit of ${limitBytes} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** The JSON value of a body; an empty body is an empty object. Throws Malformed. */
export function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Malformed("malformed-json", `The body is not JSON: ${(error as Error).message}.`);
  }
}

/** zod's issues as faults, each with its JSON Pointer and what to do. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const pointer = issue.path.map((step) => `/${escapePointer(String(step))}`).join("");
    const name = issue.path.at(-1) ?? "The body";
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        pointer: `${pointer}/${escapePointer(key)}`,
        code: "unknown-key",
        message: `${key} is not known here; remove it or check its spelling.`,
      }));
    }
    return [{ pointer, code: issue.code.replaceAll("_", "-"), message: `${String(name)}: ${wordOf(issue)}.` }];
  });
}

/** What is wrong, where zod's own words don't say what to do. */
function wordOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    const noun = NOUNS[issue.expected] ?? issue.expected;
    return `is missing; give ${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
  }
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.code === "invalid_union" && "options" in issue && issue.options) {
    return `must be one of ${issue.options.filter((option) => option !== undefined).join(", ")}`;
  }
  return issue.message;
}

/** zod's types, as JSON calls them. */
const NOUNS: Readonly<Record<string, string>> = { int: "whole number", record: "object" };

/** RFC 6901. */
export function escapePointer(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
