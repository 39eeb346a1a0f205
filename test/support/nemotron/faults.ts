/** What a server of language models does wrong, in NVIDIA's manner: statuses, bodies and broken answers. */

/** A fault of one request. */
export type Fault =
  /** An answer by status; `retryAfter` in seconds, `field` is what a 400 or 422 complains of. */
  | { kind: "status"; status: number; retryAfter?: number; field?: string }
  /** 202 with a request id; the status address says 202 so many times more, then gives the answer. */
  | { kind: "accepted"; times?: number; forgets?: boolean }
  /** Never answers, or sends a byte now and then. */
  | { kind: "hang" }
  /** Goes on and on. */
  | { kind: "endless" }
  | { kind: "drip"; everyMs: number }
  /** The socket breaks in the middle of the body. */
  | { kind: "disconnect" }
  | { kind: "redirect"; to: string }
  | { kind: "html200" }
  | { kind: "empty200" }
  | { kind: "error200"; code?: number }
  /** Another form of a right answer. */
  | { kind: "fenced" | "thinkPrefix" | "reasoningOnly" | "noUsage" | "shuffledRows" | "duplicateRows" | "extraRows" }
  /** An answer that lacks texts: cut in the middle, not JSON, without the last rows, with wrong types. */
  | { kind: "cut" | "garbage" | "wrongTypes" | "filter" }
  | { kind: "missingRows"; rows: number }
  /** Texts that won't do, in every row. */
  | { kind: "refusal" | "placeholder" | "echo" | "duplicateTexts" };

export type FaultKind = Fault["kind"];

/** The body that NVIDIA sends with a status (facts of third parties; RFC 7807 in most cases). */
export function problemBody(status: number, model: string, field = "unknown"): { type: string; body: string } {
  const json = (value: object) => ({ type: "application/json", body: JSON.stringify(value) });
  const account = "Account 'abcdEFGH1234567890-_abcdEFGH1234567890-_ABC'";
  switch (status) {
    case 400:
    case 422:
      return json({
        error: `[{'type': 'extra_forbidden', 'loc': ('body', '${field}'), 'msg': 'Extra inputs are not permitted'}]`,
      });
    case 401:
      return json({ status, title: "Unauthorized", detail: "Header of type `authorization` was missing" });
    case 402:
      return json({
        status,
        title: "Payment Required",
        detail: `${account}: Cloud credits expired - Please contact sales`,
      });
    case 403:
      return json({ status, title: "Forbidden", detail: "Authorization failed" });
    case 404:
      return json({
        status,
        title: "Not Found",
        detail: `Function '0f7f2a6e-1111-2222-3333-444455556666': Not found for ${account}`,
      });
    case 410:
      return json({
        status,
        title: "Gone",
        detail: `The model '${model}' has reached its end of life on 2026-09-01T09:00:00Z`,
      });
    case 429:
      return json({ status, title: "Too Many Requests" });
    case 503:
      return json({
        error: { message: "ResourceExhausted: Worker local total request limit reached (16/16)", code: 503 },
      });
    case 502:
      return { type: "text/html", body: "<html><body><h1>502 Bad Gateway</h1></body></html>" };
    default:
      return { type: "text/plain", body: "" };
  }
}
