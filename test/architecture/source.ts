/** The sources as text, and what each imports: what the tests of the architecture read. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** The files of a pattern below the repository, with / as separator, sorted. */
export function files(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: (name) => name === "node_modules" })
    .map((name) => name.replaceAll("\\", "/"))
    .sort();
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** The source without its comments, so that a sentence about a clock is not taken for one. */
export function code(file: string): string {
  return readText(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
}

/**
 * What a file imports: "src/plan/cut.ts" for our own files, "@azure/functions" or "node:sqlite" for
 * the rest, without the part of a package that is meant.
 */
export function imports(file: string): string[] {
  const found = code(file).matchAll(/\b(?:from|import|require\.resolve)\s*\(?\s*"([\w@.:/-]+)"/g);
  return [...found].map(([, name = ""]) => {
    if (name.startsWith(".")) return posix.join(posix.dirname(file), name);
    return name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : (name.split("/")[0] as string);
  });
}

/** The folder below src that a file is in, or its name without .ts for those right in src. */
export function home(file: string): string {
  const [, first = ""] = /^src\/([^/.]+)/.exec(file) ?? [];
  return first;
}

/** The first cells of the table rows whose first cell is code, `like this`, in the README. */
export function firstCells(shape: RegExp): string[] {
  const cells = [...readText("README.md").matchAll(/^\| `([^`]+)` +\|/gm)].map(([, cell = ""]) => cell);
  return cells.filter((cell) => shape.test(cell));
}
