/** GET /schemas and /schemas/{name}: presets as documents that can be changed and posted back. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { NotFound } from "../dataset/errors.ts";
import { PRESETS } from "../dataset/presets.ts";
import { pathPart } from "./url.ts";

export async function listSchemas(): Promise<HttpResponseInit> {
  return { jsonBody: { value: [...PRESETS.values()] } };
}

export async function getSchema(request: HttpRequest): Promise<HttpResponseInit> {
  const schema = PRESETS.get(pathPart(request, 1));
  if (schema) return { jsonBody: schema };
  throw new NotFound("schema-not-found", "There is no schema of this name; GET /schemas lists them.");
}
