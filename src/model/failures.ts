/**
 * What a failed request means. Statuses and bodies are those of NVIDIA's endpoint, which sends RFC 7807
 * documents, strings and pages; the client's error classes tell less than the status does.
 */
import { APIError, OpenAIError } from "openai";

export type Failure =
  /** The key is refused, or the account may not: nobody can be asked. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** This model is not served any more, or not to us. */
  | { readonly kind: "gone"; readonly status: number }
  /** Something in the body is not taken. */
  | { readonly kind: "body"; readonly refusal: string }
  /** Too many requests, of ours or of everybody's. */
  | { readonly kind: "busy"; readonly retryAfterMs: number | undefined }
  /** The network, the server, or an answer that is none: the next may be right. */
  | { readonly kind: "transient" };

const PAYMENT = 402;
const TOO_MANY = 429;
const UNAVAILABLE = 503;

/** What an error thrown by the client means. Throws on what the client has against the call itself: that is a defect of ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof OpenAIError && !(error instanceof APIError)) throw error;
  if (!(error instanceof APIError) || error.status === undefined) return { kind: "transient" };
  const { status } = error as { status: number };
  return failureOfStatus(
    status,
    `${error.message} ${JSON.stringify(error.error ?? "")}`,
    error.headers as Headers | undefined,
  );
}

export function failureOfStatus(status: number, text: string, headers?: Headers): Failure {
  if (status === TOO_MANY || status === UNAVAILABLE) {
    return { kind: "busy", retryAfterMs: retryAfterOf(headers?.get("retry-after")) };
  }
  if (status >= 500 || status === 408 || status === 409) return { kind: "transient" };
  switch (status) {
    case 400:
    case 422:
      return { kind: "body", refusal: text };
    case 401:
    case 403:
      return {
        kind: "refused",
        code: "model-refused-key",
        message: "The model's server refuses the key; check NVIDIA_API_KEY.",
      };
    case PAYMENT:
      return { kind: "refused", code: "model-refused-key", message: "The model's account has no credit left." };
    case 404:
    case 410:
      return { kind: "gone", status };
    default:
      return {
        kind: "refused",
        code: "model-misconfigured",
        message: `The model's server answers with status ${status}; check NEMOTRON_BASE_URL.`,
      };
  }
}

/** Of seconds; a date would have to be read by a clock that may not be the server's, and is taken as no word. */
function retryAfterOf(header: string | null | undefined): number | undefined {
  return header && /^\d+$/.test(header) ? Number(header) * 1_000 : undefined;
}
