/** How the repository looks from outside: what lies at the top, and how long and how open files are. */
import { readdirSync } from "node:fs";
import { matchesGlob } from "node:path";
import { describe, expect, test } from "vitest";
import { code, files, ROOT, readText } from "./source.ts";

const TOP = [
  ".biome.json .ci .funcignore .git .github .gitignore .npmrc .secretlintignore .secretlintrc.json",
  "ARCHITECTURE.md CHANGELOG.md LICENSE README.md host.json infra local.settings.sample.json",
  "package-lock.json package.json sql src test tsconfig.json",
].flatMap((line) => line.split(" "));

const LINES = 400;
const HEAD = 12;

test("the top level holds nothing that was not decided", () => {
  const names = readdirSync(ROOT).filter((name) => !TOP.includes(name));
  // What git leaves out may lie about.
  expect(names.filter((name) => !isIgnored(name))).toEqual([]);
});

/** Read from .gitignore itself: a copy of the sources need not be a repository. */
function isIgnored(name: string): boolean {
  const patterns = readText(".gitignore").split("\n").filter(Boolean);
  return patterns.some((pattern) => matchesGlob(name, pattern.replace(/\/$/, "")));
}

describe.each(files("{src,test}/**/*.ts"))("%s", (file) => {
  test("is short, or says at its head why it is not", () => {
    const lines = readText(file).split("\n");
    if (lines.length - 1 <= LINES) return;
    expect(lines.slice(0, HEAD).join("\n")).toMatch(/\blines\b/);
  });

  test("exports what it makes itself, by name", () => {
    if (file.endsWith(".config.ts")) return;
    expect(code(file)).not.toMatch(/^export\s+default\b/m);
    expect(code(file)).not.toMatch(/^export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;]*\bfrom\b/m);
    expect(file).not.toMatch(/\/index\.ts$/);
  });

  test("has a name in kebab-case that is no drawer for everything", () => {
    const name = file.split("/").at(-1) as string;
    expect(name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.(?:test|config))?\.ts$/);
    expect(file).not.toMatch(/\b(?:utils?|helpers?|common|misc|shared|manager)\b/);
  });
});
