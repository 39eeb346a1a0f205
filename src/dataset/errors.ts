/**
 * Everything that can be wrong, as errors that already know their HTTP answer.
 *
 * A story throws one of these; `http/problem.ts` turns it into application/problem+json and the
 * worker into a job's `error`. Messages name the field and the remedy, never a path, key or account.
 */

/** One thing wrong with a request: where (JSON Pointer, "" is the whole body), a stable code, and what to do about it. */
export interface Fault {
  pointer: string;
  code: string;
  message: string;
}

/** An error with an HTTP status and a stable machine-readable code. */
export class RelataError extends Error {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    title: string,
    code: string,
    message: string,
    options: { faults?: readonly Fault[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.status = status;
    this.title = title;
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** 400: the body is not JSON, or a query parameter or header can't be read. */
export class Malformed extends RelataError {
  constructor(code: string, message: string) {
    super(400, "Malformed request", code, message);
  }
}

/** 422: the request parses but can't be done; carries all faults at once. */
export class Unprocessable extends RelataError {
  constructor(faults: readonly Fault[]) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    super(422, "Request can't be done", "invalid-request", `${count}: ${faults[0]?.message ?? ""}`, { faults });
  }
}

/** 404: no job, dataset, table or schema of that name. */
export class NotFound extends RelataError {
  constructor(code: string, message: string) {
    super(404, "Not found", code, message);
  }
}

/** 409: the name is taken, or the state does not allow it. */
export class Conflict extends RelataError {
  constructor(code: string, message: string, retryAfterSeconds?: number) {
    super(409, "Conflict", code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
}

/** 412: what is there is not what If-Match or If-None-Match supposes. */
export class PreconditionFailed extends RelataError {
  constructor(message: string) {
    super(412, "Precondition failed", "precondition-failed", message);
  }
}

/** 413: the body is over the limit. */
export class TooLarge extends RelataError {
  constructor(message: string) {
    super(413, "Request too large", "body-too-large", message);
  }
}

/** 416: the byte range lies outside the file. */
export class RangeNotSatisfiable extends RelataError {
  readonly sizeBytes: number;
  constructor(sizeBytes: number) {
    super(416, "Range not satisfiable", "range-not-satisfiable", `The file has ${sizeBytes} bytes.`);
    this.sizeBytes = sizeBytes;
  }
}

/** 503: storage or another dependency can't be reached; asking again later is right. */
export class Unavailable extends RelataError {
  constructor(message: string, cause: unknown) {
    super(503, "Temporarily unavailable", "dependency-unavailable", message, { retryAfterSeconds: 5, cause });
  }
}

/**
 * The job can never succeed, whoever retries it: it ends `Failed` at once instead of after
 * five deliveries.
 */
export class JobFailure extends RelataError {
  /** The part of the schema document whose values can't be made, as a JSON Pointer; undefined where none is to blame. */
  readonly pointer: string | undefined;

  constructor(code: string, message: string, cause?: unknown, pointer?: string) {
    super(500, "Job failed", code, message, { cause });
    this.pointer = pointer;
  }
}

/** Runs a step of making rows; a failure that doesn't say which part of the document it is about is of the one at `pointer`. */
export function failingAt<T>(pointer: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof JobFailure) || error.pointer !== undefined) throw error;
    throw new JobFailure(error.code, error.message, error, pointer);
  }
}
