/** What zod finds wrong with a value, in words that say where it is and what to do about it. */
import type { z } from "zod";

export interface Misfit {
  /** JSON Pointer from the value that was parsed. */
  readonly pointer: string;
  readonly code: string;
  /** A sentence without its full stop; it needs `name` before it where there is one. */
  readonly text: string;
  readonly name?: string;
}

/** One for each issue, and for each key that is not known. */
export function misfitsOf({ issues }: z.ZodError): Misfit[] {
  return issues.flatMap(chosenBranch).flatMap((issue): Misfit[] => {
    const pointer = issue.path.map((step) => `/${escapePointer(String(step))}`).join("");
    const name = String(issue.path.at(-1) ?? "The body");
    const code = isKind(issue) ? "unknown-kind" : issue.code.replaceAll("_", "-");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        pointer: `${pointer}/${escapePointer(key)}`,
        code: "unknown-key",
        text: `${key} is not known here; remove it or check its spelling`,
      }));
    }
    if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
      const noun = NOUNS[issue.expected] ?? issue.expected;
      return [{ pointer, code, text: `${name} is missing; give ${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}` }];
    }
    return [{ pointer, code, name, text: textOf(issue) }];
  });
}

/** Of a union, the issues inside the one branch that has the value's type, where there is one. */
function chosenBranch(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const fitting = issue.errors.filter((issues) =>
    issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0),
  );
  const [only] = fitting;
  if (!only || fitting.length > 1) return [issue];
  return only.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** zod's types, as JSON calls them. */
const NOUNS: Readonly<Record<string, string>> = { int: "whole number", record: "object" };

/** Whether a `kind` is none of those that there are. */
function isKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_union" && "options" in issue && issue.path.at(-1) === "kind";
}

/** zod's own words, where they say enough. */
function textOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.code === "invalid_union" && "options" in issue && issue.options) {
    return `must be one of ${issue.options.filter((option) => option !== undefined).join(", ")}`;
  }
  return issue.message;
}

/** RFC 6901. */
export function escapePointer(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
