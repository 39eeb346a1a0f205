/**
 * The one place where HTTP meets errors: every handler is wrapped in `answering`, which turns what
 * is thrown into application/problem+json (RFC 9457).
 *
 * It must never throw itself: in streaming mode the Functions library leaves a request without any
 * answer when its handler fails. Only our own errors speak; of any other the client learns the trace
 * id, and the log the rest.
 */
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { RangeNotSatisfiable, RelataError } from "../dataset/errors.ts";

/** Wraps a handler so that it always answers. */
export function answering(
  handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      if (!(error instanceof RelataError) || error.status >= 500) context.error(error);
      return problemResponse(error, context.invocationId);
    }
  };
}

function problemResponse(error: unknown, traceId: string): HttpResponseInit {
  const known = error instanceof RelataError ? error : unexpected(error);
  const { status, title, message, code, faults, retryAfterSeconds } = known;
  const headers: Record<string, string> = { "content-type": "application/problem+json", "x-ms-error-code": code };
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  if (known instanceof RangeNotSatisfiable) headers["content-range"] = `bytes */${known.sizeBytes}`;
  const body = {
    type: `urn:relata:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(faults.length > 0 ? { errors: faults } : {}),
    traceId,
  };
  return { status, headers, body: JSON.stringify(body) };
}

function unexpected(cause: unknown): RelataError {
  const message = "Something went wrong on our side; the log has the details under this traceId.";
  return new RelataError(500, "Unexpected error", "unexpected-error", message, { cause });
}
