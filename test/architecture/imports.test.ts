/** Who may know whom. A new edge is a decision: it is written here, with its reason, or it is not made. */
import { describe, expect, test } from "vitest";
import { code, files, home, imports } from "./source.ts";

const NOUNS = ["dataset"];
const PURE = ["plan", "generate", "quality"];
const IO = ["storage", "load", "model"];
const STORIES = ["http", "worker"];
const WIRING = ["main", "outside", "settings"];

/** Our own folders that a folder may import, beside itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  dataset: [],
  ...Object.fromEntries([...PURE, ...IO].map((folder) => [folder, NOUNS])),
  ...Object.fromEntries(STORIES.map((folder) => [folder, [...NOUNS, ...PURE]])),
  settings: NOUNS,
  outside: ["settings", ...NOUNS, ...IO],
  main: ["outside", "settings", ...NOUNS, ...STORIES],
  // The embedded host starts the app and knows nothing else of it.
  local: ["main"],
};

/** Packages and Node modules, and the only folders that may import them. */
const HOMES: Record<string, readonly string[]> = {
  zod: ["dataset", "http", "generate", "settings", "model"],
  openai: ["model"],
  "@azure/functions": ["http", "main"],
  "@azure/storage-blob": ["storage"],
  "@azure/storage-queue": ["storage", "local"],
  "@azure/data-tables": ["storage"],
  "@faker-js/faker": ["generate"],
  jsep: ["generate"],
  "@eslint-community/regexpp": ["generate"],
  "csv-stringify": ["generate"],
  // http reads lists that clients upload.
  "csv-parse": ["http"],
  "node:sqlite": ["load", "local"],
  mssql: ["load"],
  tedious: ["load"],
  yazl: ["http"],
  azurite: ["local"],
  esbuild: ["local"],
};

/** What a folder without clock and I/O may have of Node: hashing and compressing are arithmetic. */
const PURE_NODE = ["node:crypto", "node:zlib"];

const sources = files("src/**/*.ts");

test("every folder of src is known here", () => {
  const known = Object.keys(MAY_IMPORT);
  expect(sources.filter((file) => !known.includes(home(file)))).toEqual([]);
  expect(sources.length).toBeGreaterThan(50);
});

describe.each(sources)("%s", (file) => {
  const folder = home(file);

  test("imports only the folders that are below its own", () => {
    const ours = imports(file).filter((name) => name.startsWith("src/"));
    const allowed = [folder, ...(MAY_IMPORT[folder] ?? [])];
    expect(ours.filter((name) => !allowed.includes(home(name)))).toEqual([]);
  });

  test("imports only packages that are at home in its folder", () => {
    const foreign = imports(file).filter((name) => !name.startsWith("src/") && !name.endsWith(".json"));
    const isAllowed = (name: string) => {
      if (HOMES[name]) return HOMES[name].includes(folder);
      if (!name.startsWith("node:")) return false;
      return [...NOUNS, ...PURE].includes(folder) ? PURE_NODE.includes(name) : true;
    };
    expect(foreign.filter((name) => !isAllowed(name))).toEqual([]);
  });

  test("reads no environment unless that is its task", () => {
    if (folder === "settings" || folder === "local") return;
    expect(code(file)).not.toMatch(/\bprocess\s*\.\s*env\b/);
  });

  test("has no clock and no chance unless they come from outside", () => {
    if (![...NOUNS, ...PURE].includes(folder)) return;
    expect(code(file)).not.toMatch(
      /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\)|\bperformance\b|\brandom(?:Bytes|UUID|Int)\b/,
    );
  });
});

test("files outside src that are imported are documents", () => {
  const outside = sources.flatMap(imports).filter((name) => name.endsWith(".json") && !name.startsWith("src/"));
  expect([...new Set(outside)].sort()).toEqual(["host.json", "package.json"]);
});

test("nothing imports the wiring but the wiring and the embedded host", () => {
  const knowing = sources.filter((file) => imports(file).some((name) => WIRING.includes(home(name))));
  expect(knowing.filter((file) => ![...WIRING, "local"].includes(home(file)))).toEqual([]);
});
