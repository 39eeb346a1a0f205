/**
 * The `where` of an index: comparisons of a field with literals, IN, IS [NOT] NULL, joined by AND.
 *
 * That is what both SQL Server and SQLite accept in a filtered index. It is read into parts here, so that
 * a fault is found when the schema is posted, and no text of a user ever gets into the DDL as it is.
 */
import type { Field, FieldType, Table } from "./schema.ts";

/** One condition; `values` are as many literals as the operator takes, fit for the field's type. */
export interface IndexCondition {
  readonly field: Field;
  readonly operator: "=" | "<>" | "<" | "<=" | ">" | ">=" | "IN" | "IS NULL" | "IS NOT NULL";
  /** Of a number or a boolean (0 or 1) as it is written in SQL, of all other types as text. */
  readonly values: readonly string[];
}

interface Token {
  readonly kind: "word" | "text" | "number" | "sign" | "end";
  readonly value: string;
}

const TOKEN = /\s*(?:([a-z]\w*)|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)(?!\w)|(<=|>=|<>|[=<>(),]))/iy;
const KINDS = ["word", "text", "number", "sign"] as const;

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?`;

/** What a literal of a type looks like, and how that is said. */
const LITERALS: Record<FieldType, readonly [kind: Token["kind"], shape: RegExp, said: string]> = {
  string: ["text", /^.*$/s, "a text such as 'open'"],
  integer: ["number", /^-?\d{1,16}$/, "a whole number"],
  number: ["number", /^-?\d{1,16}(\.\d{1,9})?$/, "a number"],
  boolean: ["number", /^[01]$/, "true or false"],
  date: ["text", new RegExp(`^${DAY}$`), "a date such as '2026-01-31'"],
  datetime: ["text", new RegExp(`^${DAY}T${CLOCK}Z?$`), "a datetime such as '2026-01-31T12:00:00Z'"],
  time: ["text", new RegExp(`^${CLOCK}$`), "a time such as '08:30:00'"],
  uuid: ["text", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "a uuid"],
};

/**
 * The conditions of an index of `table`, all of which must hold.
 * @throws Error whose message says what is wrong and what may stand there instead.
 */
export function parseIndexFilter(where: string, table: Table): IndexCondition[] {
  const tokens = tokensOf(where);
  let at = 0;
  const next = (): Token => tokens[at++] ?? END;
  const accept = (value: string): boolean => {
    const isNext = tokens[at]?.kind !== "text" && tokens[at]?.value.toUpperCase() === value;
    if (isNext) at++;
    return isNext;
  };
  const conditions: IndexCondition[] = [];
  do conditions.push(condition(table, next, accept));
  while (accept("AND"));
  const rest = next();
  if (rest !== END) throw new Error(`${shown(rest)} can't stand there; join conditions by AND`);
  return conditions;
}

const END: Token = { kind: "end", value: "" };

function tokensOf(where: string): Token[] {
  const tokens: Token[] = [];
  const text = where.trimEnd();
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`${JSON.stringify(text.slice(at, at + 20).trim())} is no part of a condition`);
    const place = match.slice(1).findIndex((part) => part !== undefined);
    const kind = KINDS[place] as Token["kind"];
    const value = match[place + 1] as string;
    tokens.push({ kind, value: kind === "text" ? value.replaceAll("''", "'") : value });
    at = TOKEN.lastIndex;
  }
  return tokens;
}

const shown = ({ kind, value }: Token): string => (kind === "end" ? "The end" : JSON.stringify(value));

function condition(table: Table, next: () => Token, accept: (value: string) => boolean): IndexCondition {
  const name = next();
  const field = name.kind === "word" ? table.fields.find((candidate) => candidate.name === name.value) : undefined;
  if (!field) throw new Error(`${shown(name)} is no field of ${table.name}`);
  if (accept("IS")) {
    const operator = accept("NOT") ? "IS NOT NULL" : "IS NULL";
    if (!accept("NULL")) throw new Error(`${shown(next())} can't follow IS; write IS NULL or IS NOT NULL`);
    return { field, operator, values: [] };
  }
  if (accept("IN")) {
    if (!accept("(")) throw new Error("IN needs a list: IN ('a', 'b')");
    const values = [literal(field, next())];
    while (accept(",")) values.push(literal(field, next()));
    if (!accept(")")) throw new Error("the list of IN is not closed by )");
    return { field, operator: "IN", values };
  }
  for (const operator of ["<=", ">=", "<>", "=", "<", ">"] as const) {
    if (accept(operator)) return { field, operator, values: [literal(field, next())] };
  }
  throw new Error(`${shown(next())} can't follow ${field.name}; compare it by = <> < <= > >=, IN or IS NULL`);
}

function literal({ name, type }: Field, token: Token): string {
  const [kind, shape, said] = LITERALS[type];
  const truth = type === "boolean" && token.kind === "word" ? ["false", "true"].indexOf(token.value.toLowerCase()) : -1;
  if (truth >= 0) return String(truth);
  if (token.kind !== kind || !shape.test(token.value)) {
    throw new Error(`${name} is compared with ${shown(token)}; it must be ${said}`);
  }
  return token.value;
}
