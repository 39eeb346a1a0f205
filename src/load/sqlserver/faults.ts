/**
 * What an error of SQL Server or of its driver means: it passes by itself, or the job ends with it.
 *
 * Numbers are those of the documentation of Azure SQL (transient faults) and SQL Server; the driver's own
 * errors have codes. Nothing of the server's text gets into a message where it could name a login.
 */
import { JobFailure, RelataError, Unavailable } from "../../dataset/errors.ts";

/** Failover, throttling, resource limits, a resuming serverless database, deadlocks and lock timeouts. */
const TRANSIENT = new Set([
  ...[4060, 40197, 40501, 40613, 10928, 10929, 49918, 49919, 49920, 4221, 233, 1205, 1222],
  // A connection that was broken off, as the driver reports it.
  ...["ETIMEOUT", "ECONNRESET", "ESOCKET", "ECONNCLOSED", "EPIPE", "ENOTOPEN", "EINVALIDSTATE"],
]);

/** Node's codes for a certificate that it refuses. Unsigned, or of another name or time: waiting mends none of them. */
const CERTIFICATE_CODES = [
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ...["UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "CERT_SIGNATURE_FAILURE"],
  ...["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"],
  ...["CERT_REVOKED", "CERT_UNTRUSTED", "CERT_REJECTED", "CERT_CHAIN_TOO_LONG"],
  ...["INVALID_CA", "INVALID_PURPOSE", "PATH_LENGTH_EXCEEDED"],
];

/** Login failures lose their number on the way through the driver, and keep their text. */
const PASSING_LOGIN = /not currently available|resource limit|try again later|error processing your request/i;

const KEY_NUMBERS = new Set([2601, 2627]);
const RULE_NUMBERS = new Set([515, 547, 2628, 8152, 8115]);
const FULL_NUMBERS = new Set([1105, 9002, 40544]);
/** A table can't be dropped; only where the login may not see the constraint is it not known before (outside.ts). */
const STILL_REFERENCED = 3726;
const PERMISSION_NUMBERS = new Set([229, 230, 262, 297, 300, 2760, 15247]);

/** True when the same work may well succeed a little later. */
function isTransient(error: unknown): boolean {
  if (error instanceof Unavailable) return true;
  if (error instanceof RelataError) return false;
  const { number, code, message = "" } = faultOf(error);
  if (code === "ELOGIN") return PASSING_LOGIN.test(message);
  if (["ENOTFOUND", "EFEDAUTH", ...CERTIFICATE_CODES].some((one) => hasCode(error, one))) return false;
  return TRANSIENT.has(number ?? Number.NaN) || (number === undefined && TRANSIENT.has(code ?? ""));
}

/** The error as a job's, with what to do about it; errors that are not the server's stay as they are. */
function asJobFailure(error: unknown): unknown {
  if (error instanceof RelataError) return error;
  if (isTransient(error)) {
    const text = hasCode(error, "ECONNREFUSED")
      ? "Nothing listens where the Server of SQL_CONNECTION_STRING is: check host and port, or start it."
      : "The SQL server of SQL_CONNECTION_STRING can't be reached or is busy.";
    return new Unavailable(text, error);
  }
  const { number, message = "" } = faultOf(error);
  const failure = (kind: string, text: string) => new JobFailure(kind, text, error);
  const refused = connectionFailure(error);
  if (refused) return refused;
  if (number === undefined) return error;
  if (FULL_NUMBERS.has(number)) {
    return failure("load-database-full", `The database is full (error ${number}): make room, or raise its size.`);
  }
  if (PERMISSION_NUMBERS.has(number)) {
    return failure("load-permission", `The login may not do this (error ${number}): ${message}`);
  }
  if (number === STILL_REFERENCED) {
    const remedy = "Drop the constraint by which another table refers to this one, or load into another schema.";
    return failure("load-referenced", `Error ${number}: ${message} ${remedy}`);
  }
  if (KEY_NUMBERS.has(number)) return failure("load-duplicate-key", `Error ${number}: ${message}`);
  if (RULE_NUMBERS.has(number)) return failure("load-broken-rule", `Error ${number}: ${message}`);
  return failure("load-refused", `The SQL server refuses the load with error ${number}: ${message}`);
}

/** What no connection comes about for. */
function connectionFailure(error: unknown): JobFailure | undefined {
  const { number, code, message = "" } = faultOf(error);
  const failure = (kind: string, text: string) => new JobFailure(kind, text, error);
  if (code === "ELOGIN" || number === 18456) {
    return /not allowed to access|firewall/i.test(message)
      ? failure("load-firewall", "The SQL server's firewall refuses this host: add a rule for its address.")
      : failure(
          "load-login",
          "The SQL server refuses the login of SQL_CONNECTION_STRING: check user, password or identity, and the database.",
        );
  }
  if (hasCode(error, "EFEDAUTH")) {
    return failure(
      "load-login",
      "No identity can log in as SQL_CONNECTION_STRING says: give this host one, or a user.",
    );
  }
  if (hasCode(error, "ENOTFOUND")) {
    return failure("load-connection", "No host is called as the Server of SQL_CONNECTION_STRING: check its name.");
  }
  const certificate = CERTIFICATE_CODES.find((one) => hasCode(error, one));
  if (certificate !== undefined) {
    return failure(
      "load-connection",
      `This host does not trust the SQL server's certificate (${certificate}): give the server one that it trusts, for the name in ` +
        "SQL_CONNECTION_STRING, or, for a server on this machine, add TrustServerCertificate=true there.",
    );
  }
  if (code === "EENCRYPT" || code === "EINSTLOOKUP") {
    return failure("load-connection", "The SQL server can't be talked to as SQL_CONNECTION_STRING says: check it.");
  }
  if (number === 40615)
    return failure("load-firewall", "The SQL server's firewall refuses this host: add a rule for it.");
  return undefined;
}

/** Whether an error, or one that it wraps, has this code: the driver says some in the innermost only. */
function hasCode(error: unknown, wanted: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause, originalError, errors = [] } = error as Error & Fault & Partial<Wrapping>;
  return code === wanted || [cause, originalError, ...errors].some((inner) => hasCode(inner, wanted));
}

interface Wrapping {
  originalError: unknown;
  errors: unknown[];
}

interface Fault {
  number?: number | undefined;
  code?: string | undefined;
  message?: string | undefined;
}

/** The driver wraps errors; the number is the innermost one's. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return {};
  const { number: given, code, message, originalError, cause } = error as Error & Fault & { originalError?: unknown };
  // The driver's own errors have their code there, too.
  const number = typeof given === "number" ? given : undefined;
  const inner =
    number === undefined && (originalError ?? cause) instanceof Error ? faultOf(originalError ?? cause) : {};
  return { message, code: code ?? inner.code, number: number ?? inner.number };
}

/** How often and how long: about two minutes and a half in all. */
const TRIES = 6;
/** Where nothing listens: a server may be starting, but more likely the port is wrong. */
const TRIES_REFUSED = 3;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

export interface Patience {
  sleep(ms: number): Promise<unknown>;
  /** 0 to 1. */
  random(): number;
}

/**
 * Does a whole unit of work again, after 5 s to 60 s with jitter, while what it dies of is transient.
 * @throws JobFailure for what won't pass; Unavailable when it did not pass in time.
 */
export async function retrying<T>(unit: () => Promise<T>, { sleep, random }: Patience): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await unit();
    } catch (error) {
      const isLast = tried >= (hasCode(error, "ECONNREFUSED") ? TRIES_REFUSED : TRIES);
      if (isLast || !isTransient(error)) throw asJobFailure(error);
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (tried - 1), LONGEST_WAIT_MS);
      // Half of it by chance, so that those who were refused together don't come back together.
      await sleep(wait / 2 + (wait / 2) * random());
    }
  }
}
