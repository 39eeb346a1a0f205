/**
 * What a test tells the server to do, and what it reads afterwards. The server knows no SQL: a statement is answered
 * by the rule that matches its text, and one that no rule matches is an error of the test.
 */
import type { Value } from "./values.ts";

/** One thing that arrived, in the order of arrival over all connections. */
export interface Entry {
  /**
   * "login"; "batch" (a plain SQL batch, INSERT BULK among them); "rpc" (sp_executesql with its statement, or a named
   * procedure); "transaction" (BEGIN, COMMIT, ROLLBACK or SAVE TRANSACTION); "bulk" (the rows after an INSERT BULK);
   * "attention" (a request is to be stopped); "driver" (session settings and SELECT 1, which the driver sends by itself).
   */
  readonly kind: "login" | "driver" | "batch" | "rpc" | "transaction" | "bulk" | "attention";
  /** 1 for the first connection of the server's life, and so on. */
  readonly connection: number;
  /** Which transaction the client says it is in: 1 for the server's first, 0 for none. */
  readonly transaction: number;
  /** The statement to the letter; of "bulk" the INSERT BULK statement before it; of a named procedure "EXEC name". */
  readonly text: string;
  /** Decoded parameters of "rpc", without "@"; of "login" user, database and application. */
  readonly parameters: Readonly<Record<string, Value>>;
  /** "rpc" only: the parameter types the statement was sent with, such as "@id int,@name nvarchar(4)". */
  readonly declared: string;
  /** Of "bulk" alone. */
  readonly bulk?: Bulk;
  status: "answered" | "failed" | "unknown" | "stalled" | "cut" | "ignored" | "cancelled";
}

export interface Bulk {
  readonly columns: BulkColumn[];
  /** The first rows, decoded: `keepRows` of them at most. */
  readonly rows: Value[][];
  rowCount: number;
  /** CRC-32 over the bytes of all rows: equal for equal rows, however they were cut into packets. */
  checksum: number;
}

export interface BulkColumn {
  readonly name: string;
  /** "decimal(19, 4)": as in the column descriptions before the rows, not as in the statement. */
  readonly type: string;
  readonly nullable: boolean;
}

/** A string matches a statement that contains it; a run of white space equals one space, case counts. */
export type Match = string | RegExp;

/** A statement; or the rows of a bulk load (of any, or of one whose INSERT BULK matches `of`), once `afterBulkRows` came. */
export type Place = Match | { readonly afterBulkRows: number; readonly of?: Match };

/** One result of a statement, in this order: messages, rows or a count, an error. `{}` is success without a count. */
export interface Result {
  readonly info?: { readonly message: string; readonly number?: number };
  /** Names and T-SQL types of a row set: `{ id: "int", total: "decimal(19, 4)" }`. A row set is there, if this is. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Values in the order of `columns`, in the form described in values.ts. */
  readonly rows?: readonly (readonly Value[])[];
  readonly rowsAffected?: number;
  readonly error?: SqlError;
  /** The return value of a procedure that was called by name; 0 if left out. */
  readonly returns?: number;
}

export type Reply = Result | readonly Result[];

export interface SqlError {
  readonly number: number;
  readonly message?: string;
  /** 1 if left out. */
  readonly state?: number;
  /** Severity: 16 if left out, 13 for a deadlock. */
  readonly severity?: number;
  /** The open transaction is rolled back with it, as XACT_ABORT does. True for 1205 if left out. */
  readonly aborts?: boolean;
}

/** Something that a test holds back. */
export interface Hold {
  /** Settles when the place has been reached. */
  readonly reached: Promise<void>;
  /** Goes on with the answer, or with reading rows. May be called before the place is reached. */
  release(): void;
}

export type Rule = { readonly place: Place; times: number } & (
  | { readonly does: "answer"; readonly reply: Reply | ((statement: Entry) => Reply) }
  | { readonly does: "fail"; readonly error: SqlError }
  | { readonly does: "cut" }
  | { readonly does: "stall"; readonly held: PromiseWithResolvers<void>; readonly reached: PromiseWithResolvers<void> }
);

const plain = (text: string): string => text.replace(/\s+/g, " ").trim();

function matches(match: Match, text: string): boolean {
  return typeof match === "string" ? plain(text).includes(plain(match)) : match.test(text);
}

const isStatementPlace = (place: Place): place is Match => typeof place === "string" || place instanceof RegExp;

/** The newest rule that speaks for a statement; what goes wrong comes before what is answered. */
export function ruleFor(rules: readonly Rule[], text: string): Rule | undefined {
  const found = rules.filter(({ place, times }) => times > 0 && isStatementPlace(place) && matches(place, text));
  return take(found.findLast(({ does }) => does !== "answer") ?? found.findLast(({ does }) => does === "answer"));
}

/** The newest rule that speaks for the rows of a bulk load, of those that do `what`. */
export function bulkRuleFor(rules: readonly Rule[], text: string, rowCount: number, what: Rule["does"]) {
  const found = rules.findLast(({ place, times, does }) => {
    if (times <= 0 || does !== what || isStatementPlace(place)) return false;
    return rowCount >= place.afterBulkRows && (place.of === undefined || matches(place.of, text));
  });
  return take(found);
}

function take(rule: Rule | undefined): Rule | undefined {
  if (rule) rule.times--;
  return rule;
}
