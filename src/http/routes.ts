/**
 * Every call as it is told to clients: the source of /openapi.json. A test holds it to the
 * registrations in main.ts and to the README, so that none knows a call that the others don't.
 */
import type { BodyName } from "./answers.ts";
import type { JsonSchema } from "./json-schemas.ts";

export interface Call {
  /** The function's name. */
  readonly name: string;
  readonly methods: readonly ("GET" | "HEAD" | "POST" | "PUT" | "DELETE")[];
  readonly path: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** Request headers that change the answer, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What may be sent: by media type, as for answers. */
  readonly body?: Answer["content"];
  /** Answers but problems: by status, the body by media type. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses of the problems a client should expect, beside 500 and 503 which any call may have. */
  readonly problems: readonly number[];
  /** True when no key is needed. */
  readonly isOpen?: true;
}

interface Answer {
  readonly description: string;
  /** A named body, or "binary" for bytes, by media type; none for an empty answer. */
  readonly content?: Readonly<Record<string, BodyName | "binary">>;
}

const json = (description: string, body: BodyName): Answer => ({ description, content: { "application/json": body } });
const EMPTY = (description: string): Answer => ({ description });

const REQUEST: Answer["content"] = { "application/json": "request" };
const SCHEMA: Answer["content"] = { "application/json": "schema" };
const VALUES: Answer["content"] = { "application/json": "values", "text/csv": "binary" };

const PAGED = {
  limit: { type: "integer", minimum: 1, maximum: 200, default: 50 },
  after: { type: "string", description: "Where to go on; nextLink has it." },
};
const rowsBy = (limit: number) => ({
  offset: { type: "integer", minimum: 0, default: 0 },
  limit: { type: "integer", minimum: 1, maximum: 1_000, default: limit },
});
const STATUS = { enum: ["NotStarted", "Running", "Succeeded", "Failed", "Canceled"] };
const IDEMPOTENT = {
  "Idempotency-Key": "1 to 255 characters; repeating the request with it gives the first answer again.",
};
const CACHED = { "If-None-Match": "An ETag of before: 304 while it is still the same." };
const CONDITIONAL = {
  "If-Match": "The ETag that is to be changed, or *; 412 when there is another one or none.",
  "If-None-Match": "* to write only what is new; 412 when there is one already.",
};
const NOT_MODIFIED = EMPTY("It is still what If-None-Match names.");
const ACCEPTED = json("The job; Location tells where to ask for it.", "job");

export const CALLS: readonly Call[] = [
  {
    ...{ name: "post-generate", methods: ["POST"], path: "/generate", headers: IDEMPOTENT, body: REQUEST },
    summary: "Makes a dataset, as a job.",
    answers: { 202: ACCEPTED },
    problems: [400, 409, 413, 422],
  },
  {
    ...{ name: "post-preview", methods: ["POST"], path: "/preview", query: rowsBy(1_000), body: REQUEST },
    summary: "Some rows of every table, at once: those the dataset would have.",
    answers: { 200: json("Rows by table.", "preview") },
    problems: [400, 413, 422],
  },
  {
    ...{ name: "post-plan", methods: ["POST"], path: "/plan", body: REQUEST },
    summary: "A dry run: rows, estimated bytes, chunks and model calls of a request.",
    answers: { 200: json("What it would cost.", "plan") },
    problems: [400, 413, 422],
  },
  {
    ...{ name: "list-jobs", methods: ["GET"], path: "/jobs", query: { status: STATUS, ...PAGED } },
    summary: "Jobs, newest first.",
    answers: { 200: json("A part of the list.", "jobs") },
    problems: [400],
  },
  {
    ...{ name: "get-job", methods: ["GET"], path: "/jobs/{id}", headers: CACHED },
    summary: "One job with its progress; Retry-After until it has ended.",
    answers: { 200: json("The job.", "job"), 304: NOT_MODIFIED },
    problems: [404],
  },
  {
    ...{ name: "cancel-job", methods: ["POST"], path: "/jobs/{id}/cancel" },
    summary: "Ends a job as Canceled.",
    answers: { 202: ACCEPTED },
    problems: [404, 409],
  },
  {
    ...{ name: "list-datasets", methods: ["GET"], path: "/datasets", query: PAGED },
    summary: "Finished datasets by name.",
    answers: { 200: json("A part of the list.", "datasets") },
    problems: [400],
  },
  {
    ...{ name: "get-dataset", methods: ["GET"], path: "/datasets/{name}" },
    summary: "A zip of all files, or the manifest where JSON is accepted.",
    answers: {
      200: { description: "The dataset.", content: { "application/json": "manifest", "application/zip": "binary" } },
    },
    problems: [404],
  },
  {
    ...{ name: "delete-dataset", methods: ["DELETE"], path: "/datasets/{name}" },
    summary: "Deletes a dataset with its files.",
    answers: { 204: EMPTY("It is gone.") },
    problems: [404, 409],
  },
  {
    ...{ name: "get-table", methods: ["GET", "HEAD"], path: "/datasets/{name}/{table}.csv" },
    summary: "A table's CSV file.",
    headers: { ...CACHED, Range: "One range of bytes.", "If-Range": "The ETag the range belongs to." },
    answers: {
      200: { description: "The whole file.", content: { "text/csv": "binary" } },
      206: { description: "A part of the file.", content: { "text/csv": "binary" } },
      304: NOT_MODIFIED,
    },
    problems: [404, 416],
  },
  {
    ...{ name: "get-rows", methods: ["GET"], path: "/datasets/{name}/tables/{table}/rows", query: rowsBy(100) },
    summary: "Rows of a table; any offset costs the same.",
    answers: { 200: json("The rows; none beyond the end.", "rows") },
    problems: [400, 404, 409],
  },
  {
    ...{ name: "post-load", methods: ["POST"], path: "/datasets/{name}/load", headers: IDEMPOTENT },
    body: { "application/json": "loadOptions" },
    summary: "Loads a dataset into SQL, as a job; loading it again changes nothing.",
    answers: { 202: ACCEPTED },
    problems: [400, 404, 409, 413, 422],
  },
  {
    ...{ name: "list-loads", methods: ["GET"], path: "/datasets/{name}/loads", query: PAGED },
    summary: "What became of a dataset's loads, newest first: reports, and what the failed ones failed of.",
    answers: { 200: json("A part of the list.", "loads") },
    problems: [400, 404],
  },
  {
    ...{ name: "list-schemas", methods: ["GET"], path: "/schemas", query: PAGED },
    summary: "Presets and saved schemas, by name.",
    answers: { 200: json("A part of the list.", "schemas") },
    problems: [400],
  },
  {
    ...{
      name: "draft-schema",
      methods: ["POST"],
      path: "/schemas/draft",
      body: { "application/json": "draftRequest" },
    },
    summary: "A model proposes a schema for a description, to look at and post; nothing is kept.",
    answers: { 200: json("The document, and its faults where it still has some.", "draft") },
    problems: [400, 413, 422, 503],
  },
  {
    ...{ name: "get-schema", methods: ["GET"], path: "/schemas/{name}", headers: CACHED },
    summary: "A preset or saved schema, to change and post back.",
    answers: { 200: json("The document.", "schema"), 304: NOT_MODIFIED },
    problems: [404],
  },
  {
    ...{ name: "put-schema", methods: ["PUT"], path: "/schemas/{name}", headers: CONDITIONAL, body: SCHEMA },
    summary: "Saves a schema under its name, for use as a preset.",
    answers: { 200: json("It replaced one.", "schema"), 201: json("It is new.", "schema") },
    problems: [400, 409, 412, 413, 422],
  },
  {
    ...{ name: "delete-schema", methods: ["DELETE"], path: "/schemas/{name}", headers: CONDITIONAL },
    summary: "Deletes a saved schema; datasets made from it stay.",
    answers: { 204: EMPTY("It is gone.") },
    problems: [404, 409, 412],
  },
  {
    ...{ name: "list-lists", methods: ["GET"], path: "/lists", query: PAGED },
    summary: "The names of saved lists.",
    answers: { 200: json("A part of the list.", "lists") },
    problems: [400],
  },
  {
    ...{ name: "get-list", methods: ["GET"], path: "/lists/{name}", headers: CACHED },
    summary: "A saved list with its values.",
    answers: { 200: json("The list.", "list"), 304: NOT_MODIFIED },
    problems: [404],
  },
  {
    ...{ name: "put-list", methods: ["PUT"], path: "/lists/{name}", headers: CONDITIONAL, body: VALUES },
    summary: "Saves values for generators to take by name: CSV with a header line, or a JSON array.",
    answers: { 200: json("It replaced one.", "list"), 201: json("It is new.", "list") },
    problems: [400, 412, 413, 422],
  },
  {
    ...{ name: "delete-list", methods: ["DELETE"], path: "/lists/{name}", headers: CONDITIONAL },
    summary: "Deletes a saved list; datasets made from it stay.",
    answers: { 204: EMPTY("It is gone.") },
    problems: [404, 412],
  },
  {
    ...{ name: "list-generators", methods: ["GET"], path: "/generators" },
    summary: "Every kind of generator, its parameters and an example.",
    answers: { 200: json("The catalogue.", "generators") },
    problems: [],
  },
  {
    ...{ name: "get-document-schema", methods: ["GET"], path: "/schema.json" },
    summary: "The JSON Schema (2020-12) of a schema document.",
    answers: { 200: json("A JSON Schema.", "document") },
    problems: [],
  },
  {
    ...{ name: "get-openapi", methods: ["GET"], path: "/openapi.json" },
    summary: "This description (OpenAPI 3.1).",
    answers: { 200: json("An OpenAPI document.", "document") },
    problems: [],
  },
  {
    ...{ name: "get-health", methods: ["GET"], path: "/health", isOpen: true },
    summary: "200 while storage answers.",
    answers: { 200: json("The service is well.", "health") },
    problems: [503],
  },
];
