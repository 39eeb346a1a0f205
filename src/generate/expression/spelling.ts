/**
 * How this language writes what others write otherwise: SQL, Python and JavaScript have their own words for
 * the same operations, and a fault that names ours is mended at once.
 */

interface Foreign {
  readonly found: RegExp;
  readonly remedy: string;
}

/** Looked for outside quotes, in an expression that can't be read. */
const FOREIGN: readonly Foreign[] = [
  { found: /[!=]==/, remedy: "equal is == and unequal !=" },
  { found: /<>/, remedy: "unequal is !=" },
  { found: /(?:^|[^=!<>])=(?!=)/, remedy: "equal is ==" },
  { found: /\bis\s+(?:not\s+)?null\b/i, remedy: "isNull(x) asks for NULL and !isNull(x) for a value" },
  { found: /\bin\s*\(/i, remedy: "a list has square brackets, x in [1, 2]" },
  { found: /\band\b|(?:^|[^&])&(?!&)/i, remedy: "and is &&" },
  { found: /\bor\b|(?:^|[^|])\|(?!\|)/i, remedy: "or is ||" },
  { found: /\bnot\s+(?!\s|null\b)/i, remedy: "not is !, with brackets round what it is of: !(x > 1)" },
  { found: /\bbetween\b/i, remedy: "between is x >= 1 && x <= 9" },
  { found: /\blike\b/i, remedy: "like is startsWith(x, 'a'), endsWith(x, 'a') or contains(x, 'a')" },
  { found: /\bcase\b|\bif\s+(?![\s(])|\belse\b/i, remedy: "a choice is if(c, a, b)" },
  { found: /\*\*|\^/, remedy: "a square is x * x" },
  { found: /\bmod\b/i, remedy: "the rest of a division is x % y" },
  { found: /\bdiv\b|\/\//i, remedy: "a whole quotient is floor(x / y)" },
  { found: /(?:^|[(,=<>*/?:-])\s*\+/, remedy: "a number has no + before it" },
  { found: /\d_\d/, remedy: "digits stand without _" },
  { found: /;/, remedy: "one expression gives one value" },
];

/** Other languages' functions, as they are written here. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  isnull: "isNull(x)",
  is_null: "isNull(x)",
  ifnull: "coalesce(x, y)",
  nvl: "coalesce(x, y)",
  iif: "if(c, a, b)",
  iff: "if(c, a, b)",
  not: "!x",
  len: "length(x)",
  substring: "substr(x, 1, 2)",
  mid: "substr(x, 1, 2)",
  lpad: "padStart(x, 5, '0')",
  ceiling: "ceil(x)",
  now: "referenceDate",
  today: "referenceDate",
  datediff: "daysBetween(x, y)",
  dateadd: "x + days(1)",
};

/** Two strings in a row are one whose quote is doubled, as SQL does. */
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;
const DOUBLED = /'(?:[^'\\]|\\.)*''|"(?:[^"\\]|\\.)*""/;

/** What to write instead, for all that is found in an expression; undefined when nothing is. */
export function respelled(source: string): string | undefined {
  const bare = source.replace(QUOTED, "''");
  const remedies = FOREIGN.filter(({ found }) => found.test(bare)).map(({ remedy }) => remedy);
  if (DOUBLED.test(source)) remedies.push(`a quote inside quotes has a backslash or the other kind around it, "it's"`);
  return remedies.length > 0 ? remedies.join("; ") : undefined;
}

/** The function of this language that another language calls so. */
export function functionInstead(name: string): string | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(FUNCTIONS, key) ? FUNCTIONS[key] : undefined;
}

/** The literal that a name with large letters stands for, which no field has. */
export function literalInstead(name: string): string | undefined {
  if (!/^(?:true|false|null|none)$/i.test(name) || !/[A-Z]/.test(name)) return undefined;
  return name.toLowerCase().replace("none", "null");
}

/** A number without its exponent, where it has one and can be written so. */
export function writtenOut(raw: string): string | undefined {
  const [digits = "", exponent] = raw.toLowerCase().split("e");
  if (exponent === undefined || Math.abs(Number(exponent)) > MOST_ZEROS) return undefined;
  const decimals = (digits.split(".")[1]?.length ?? 0) - Number(exponent);
  return Number(raw).toFixed(Math.max(0, decimals));
}

const MOST_ZEROS = 15;
