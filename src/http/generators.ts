/** GET /generators and /schema.json: what a schema document may say. */
import type { HttpResponseInit } from "@azure/functions";
import { KINDS } from "../generate/kinds.ts";
import { documentSchema, parameterSchema } from "./json-schemas.ts";

/** Every kind of generator, with its parameters as a JSON Schema and a field that shows it. */
export async function listGenerators(): Promise<HttpResponseInit> {
  const value = [...KINDS].map(([name, kind]) => {
    const { summary, example } = kind;
    return { kind: name, summary, parameters: parameterSchema(name, kind), example };
  });
  return { jsonBody: { value } };
}

export async function getDocumentSchema(): Promise<HttpResponseInit> {
  return { jsonBody: documentSchema() };
}
