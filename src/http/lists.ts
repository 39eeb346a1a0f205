/** /lists: small tables of values, uploaded as CSV or JSON, that generators take their values from. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { parse } from "csv-parse/sync";
import { type Fault, Malformed, NotFound, Unprocessable } from "../dataset/errors.ts";
import { LIST_FOLDER, type ListDocument, listBlob, listName } from "../dataset/list.ts";
import { escapePointer } from "../dataset/misfit.ts";
import type { World } from "../dataset/world.ts";
import { parseJson, readBody } from "./body.ts";
import { listResponse, pageOf } from "./page.ts";
import { deleteDocument, isSavedName, saveDocument, savedResponse } from "./saved.ts";
import { pathPart } from "./url.ts";

/** Cells of a list: what a person looks up, not a dataset. */
const MOST_CELLS = 100_000;

/** Faults told of one upload: the rest is likely to be the same one. */
const MOST_FAULTS = 100;

/** Names only: a list may be long. */
export function listLists(world: Pick<World, "listSaved">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { limit, after = "" } = pageOf(request);
    const names = (await world.listSaved(LIST_FOLDER)).map(listName).filter((name) => name > after);
    const shown = names.slice(0, limit);
    const next = names.length > limit ? shown.at(-1) : undefined;
    return listResponse(
      request,
      shown.map((name) => ({ name })),
      next,
    );
  };
}

export function getList(world: Pick<World, "readSaved">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const name = pathPart(request, 1);
    const saved = isSavedName(name) ? await world.readSaved(listBlob(name)) : undefined;
    if (!saved) throw noList();
    return savedResponse(request, saved.text);
  };
}

/**
 * CSV with a header line, or JSON: an array of values (whose field is called `value`) or of flat
 * objects. CSV values are text; a generator turns them into its field's type.
 */
export function putList(world: Pick<World, "readSaved" | "writeSaved">, bodyBytes: number) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const name = pathPart(request, 1);
    const isCsv = /\btext\/csv\b/i.test(request.headers.get("content-type") ?? "");
    const body = await readBody(request, bodyBytes);
    const { fields, rows } = isCsv ? readCsv(body) : readValues(readJsonList(body));
    const faults: Fault[] = [];
    const fault = (code: string, message: string) => faults.push({ pointer: "", code, message });
    if (!isSavedName(name))
      fault("bad-name", "The list's name must be 1 to 63 of a-z, 0-9 and _, starting with a letter.");
    if (rows.length === 0) fault("empty-list", "The list has no values; give at least one.");
    if (rows.length * fields.length > MOST_CELLS) {
      fault("too-many-values", `The list has ${rows.length * fields.length} values; the limit is ${MOST_CELLS}.`);
    }
    if (faults.length > 0) throw new Unprocessable(faults);
    return saveDocument(world, request, listBlob(name), JSON.stringify({ name, fields, rows }));
  };
}

/** Datasets that were made from it keep their own copy; schemas that name it are refused from then on. */
export function deleteList(world: Pick<World, "readSaved" | "deleteSaved">) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    const name = pathPart(request, 1);
    if (!isSavedName(name) || !(await deleteDocument(world, request, listBlob(name)))) throw noList();
    return { status: 204 };
  };
}

type Values = Pick<ListDocument, "fields" | "rows">;

/** Throws Malformed, with a word for who has sent CSV as if it were JSON. */
function readJsonList(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Malformed(error.code, `${error.message} A list as CSV needs the header Content-Type: text/csv.`);
  }
}

/** An empty cell without quotes is none, as in the files that Relata writes. */
function readCsv(text: string): Values {
  const cast = (cell: string, { quoting }: { quoting: boolean }) => (cell === "" && !quoting ? null : cell);
  let lines: (string | null)[][];
  try {
    lines = parse(text, { bom: true, skip_empty_lines: true, cast });
  } catch (error) {
    throw new Malformed("malformed-csv", `The body is not CSV: ${(error as Error).message}.`);
  }
  const [fields = [], ...rows] = lines;
  const odd = fields.findIndex((field, i) => field === null || fields.indexOf(field) !== i);
  if (odd >= 0)
    throw new Malformed("malformed-csv", `Field ${odd + 1} of the header is empty or there twice; name it.`);
  return { fields: fields as string[], rows };
}

/** Throws Unprocessable for what is neither an array of values nor one of flat objects. */
function readValues(given: unknown): Values {
  const faults: Fault[] = [];
  const refuse = (pointer: string, message: string) => {
    if (faults.length < MOST_FAULTS) faults.push({ pointer, code: "invalid-type", message });
  };
  if (!Array.isArray(given)) {
    refuse("", "A list is an array of values, or of objects with the same keys.");
    throw new Unprocessable(faults);
  }
  const isValue = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);
  const isTable = typeof given[0] === "object" && given[0] !== null;
  const rows = isTable ? given : given.map((value: unknown) => ({ value }));
  const fields = new Set<string>();
  for (const [i, row] of rows.entries()) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      refuse(`/${i}`, "Must be an object like the first one.");
      continue;
    }
    for (const [field, value] of Object.entries(row)) {
      fields.add(field);
      const pointer = isTable ? `/${i}/${escapePointer(field)}` : `/${i}`;
      if (!isValue(value) && !(isTable && value === null)) refuse(pointer, "Must be a text, number, true or false.");
    }
  }
  if (fields.has("")) refuse("", "A key is empty; name it.");
  if (faults.length > 0) throw new Unprocessable(faults);
  const names = [...fields];
  return {
    fields: names,
    rows: rows.map((row: Record<string, string>) =>
      names.map((field) => (Object.hasOwn(row, field) ? (row[field] ?? null) : null)),
    ),
  };
}

function noList(): NotFound {
  return new NotFound("list-not-found", "There is no list of this name; GET /lists lists them.");
}
