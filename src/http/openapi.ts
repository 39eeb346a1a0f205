/** GET /openapi.json: the calls of `routes.ts` and the zod schemas as one OpenAPI 3.1 document. */
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { BODIES } from "./answers.ts";
import { namedSchemas } from "./json-schemas.ts";
import { CALLS, type Call } from "./routes.ts";
import { originOf } from "./url.ts";

const SCHEMAS = "#/components/schemas/";
const PROBLEM = { $ref: "#/components/responses/problem" };

export function getOpenapi(version: string) {
  return async (request: HttpRequest): Promise<HttpResponseInit> => {
    return { jsonBody: describeService(version, originOf(request)) };
  };
}

/** The OpenAPI document of the service at `url`. */
function describeService(version: string, url: string): object {
  const paths = [...new Set(CALLS.map(({ path }) => path))].map((path) => {
    const calls = CALLS.filter((call) => call.path === path);
    const operations = calls.flatMap((call) =>
      call.methods.map((method) => [method.toLowerCase(), operation(call, method)]),
    );
    return [path, { ...pathParameters(path), ...Object.fromEntries(operations) }];
  });
  const content = { "application/problem+json": { schema: { $ref: `${SCHEMAS}problem` } } };
  const headers = { "x-ms-error-code": { description: "The problem's code.", schema: { type: "string" } } };
  return {
    openapi: "3.1.0",
    info: {
      title: "Relata",
      version,
      summary: "Relational synthetic datasets as a service.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url }],
    security: [{ keyInHeader: [] }, { keyInQuery: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: namedSchemas(BODIES, SCHEMAS),
      responses: { problem: { description: "What is wrong (RFC 9457).", headers, content } },
      securitySchemes: {
        keyInHeader: { type: "apiKey", in: "header", name: "x-functions-key" },
        keyInQuery: { type: "apiKey", in: "query", name: "code" },
      },
    },
  };
}

function operation(call: Call, method: string): object {
  const { name, summary, query = {}, headers = {}, body, answers, problems, isOpen } = call;
  const parameters = [
    ...Object.entries(query).map(([name, schema]) => ({ name, in: "query", schema })),
    ...Object.entries(headers).map(([name, description]) => {
      return { name, in: "header", description, schema: { type: "string" } };
    }),
  ];
  const good = Object.entries(answers).map(([status, { description, content }]) => {
    return [status, { description, ...(content && method !== "HEAD" ? { content: describeBodies(content) } : {}) }];
  });
  // Any call refuses a query key that it doesn't have.
  const bad = [...[...new Set([400, ...problems])].map(String), "default"].map((status) => [status, PROBLEM]);
  return {
    operationId: method === "HEAD" ? name.replace("get", "head") : name,
    summary,
    ...(isOpen ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { content: describeBodies(body) } } : {}),
    responses: Object.fromEntries([...good, ...bad]),
  };
}

function describeBodies(content: Readonly<Record<string, string>>): object {
  const bodies = Object.entries(content).map(([type, body]) => {
    return [type, body === "binary" ? {} : { schema: { $ref: SCHEMAS + body } }];
  });
  return Object.fromEntries(bodies);
}

function pathParameters(path: string): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.length === 0) return {};
  return { parameters: names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })) };
}
