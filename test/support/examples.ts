/** The examples: requests to POST, and beside each the SQL that selects what would be wrong with its dataset. */
import { readdirSync, readFileSync } from "node:fs";
import type { GenerateRequest } from "../../src/dataset/request.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";

/** A request as it stands in its file: whole, so that the same data comes out for everybody. */
export interface ExampleRequest extends GenerateRequest {
  name: string;
  schema: SchemaDocument;
  seed: number;
  referenceDate: string;
}

export interface Example {
  /** The file's name without its ending. */
  name: string;
  request: ExampleRequest;
  checks: Check[];
}

/** A statement that selects rows which are wrong: none is a pass. */
export interface Check {
  /** The comment above the statement. */
  title: string;
  /** A change after which it must select something, or it could not fail. */
  brokenBy: string;
  sql: string;
}

const folder = new URL("../examples/", import.meta.url);

export function readExamples(): Example[] {
  const names = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return names.sort().map((file) => {
    const name = file.slice(0, -".json".length);
    const request = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as ExampleRequest;
    return { name, request, checks: readChecks(readFileSync(new URL(`${name}.sql`, folder), "utf8")) };
  });
}

const BREAKER = "-- broken by: ";

/** The statements of a file, each ended by a semicolon at the end of its line, after its comments. */
function readChecks(text: string): Check[] {
  const checks: Check[] = [];
  let next: Check = { title: "", brokenBy: "", sql: "" };
  for (const line of text.split("\n")) {
    if (line.startsWith(BREAKER)) next.brokenBy = line.slice(BREAKER.length);
    else if (line.startsWith("-- ")) next.title = line.slice("-- ".length);
    else next.sql += `${line}\n`;
    if (!line.endsWith(";")) continue;
    checks.push({ ...next, sql: next.sql.trim() });
    next = { title: next.title, brokenBy: "", sql: "" };
  }
  return checks;
}
