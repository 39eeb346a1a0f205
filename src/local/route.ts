/**
 * Route templates as ASP.NET Core reads them, in the part that function routes use: literals, `{name}`, `{name?}`,
 * `{*rest}`, inline constraints `{id:int:min(1)}`, and segments that mix both, `{table}.csv`.
 *
 * What is not understood is refused, never ignored: a route that means less here than in Azure is a trap.
 * Not supported: default values, optional parameters inside a mixed segment, the datetime and file constraints.
 */

export interface Route {
  /** One digit a segment, smaller is more specific. Compared like words in a dictionary. */
  readonly rank: readonly number[];
  /** The parameters when the path's segments fit, with absent optional ones left out. */
  match(segments: readonly string[]): Record<string, string> | undefined;
}

type Check = (value: string) => boolean;

interface Segment {
  readonly rank: number;
  readonly pattern: RegExp;
  readonly parameters: readonly { readonly name: string; readonly checks: readonly Check[] }[];
  readonly optional: boolean;
  readonly rest: boolean;
}

const RANK = { literal: 1, mixed: 2, constrained: 3, parameter: 4, optional: 5, rest: 6 } as const;

/** Throws an Error naming the part of the template that is not supported. */
export function parseRoute(template: string): Route {
  const segments = template.split("/").map(parseSegment);
  const early = segments.findIndex((segment) => segment.rest);
  if (early >= 0 && early < segments.length - 1) throw new Error("a catch-all parameter must come last");
  return {
    rank: segments.map((segment) => segment.rank),
    match(path) {
      const found: Record<string, string> = {};
      for (const [index, segment] of segments.entries()) {
        const text = segment.rest ? path.slice(index).join("/") || undefined : path[index];
        if (text === undefined && !segment.optional) return undefined;
        if (text === undefined) continue;
        const values = segment.pattern.exec(text)?.slice(1);
        if (values === undefined) return undefined;
        for (const [place, { name, checks }] of segment.parameters.entries()) {
          const value = values[place] ?? "";
          if (!checks.every((check) => check(value))) return undefined;
          found[name] = value;
        }
      }
      return path.length > segments.length && !segments.at(-1)?.rest ? undefined : found;
    },
  };
}

/** Orders routes by how specific they are; equal ones keep the order in which they were registered. */
export function compareRoutes(a: Route, b: Route): number {
  for (let i = 0; i < Math.max(a.rank.length, b.rank.length); i++) {
    const difference = (a.rank[i] ?? 0) - (b.rank[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Splits and percent-decodes a URL's path. `%2F` stays as it is, as in the real host, and so does broken UTF-8. */
export function pathSegments(pathname: string): string[] {
  const path = pathname.replace(/^\//, "").replace(/\/$/, "");
  return path === "" ? [] : path.split("/").map(decode);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment.replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`));
  } catch {
    return segment;
  }
}

function parseSegment(text: string): Segment {
  // Either a parameter, in which doubled braces are escapes (a regex may need them), or literal text.
  const parts = [...text.matchAll(/\{((?:[^{}]|\{\{|\}\})+)\}(?!\})|((?:[^{}]|\{\{|\}\})+)/g)];
  if (parts.map((part) => part[0]).join("") !== text || text === "") throw new Error(`can't read the part "${text}"`);
  const parameters = parts.flatMap((part) => (part[1] === undefined ? [] : [parseParameter(unescapeBraces(part[1]))]));
  const source = parts.map((part) => (part[2] === undefined ? "(.+)" : escapeRegExp(unescapeBraces(part[2]))));
  const pattern = new RegExp(`^${source.join("")}$`, "is");
  const [first] = parameters;
  if (first === undefined) return { rank: RANK.literal, pattern, parameters, optional: false, rest: false };
  if (parts.length > 1) {
    const odd = parameters.find((parameter) => parameter.optional || parameter.rest);
    if (odd) throw new Error(`"${odd.name}" can be optional or catch-all only when it is a whole segment`);
    return { rank: RANK.mixed, pattern, parameters, optional: false, rest: false };
  }
  const constrained = first.checks.length > 0 ? RANK.constrained : RANK.parameter;
  const rank = first.rest ? RANK.rest : first.optional ? RANK.optional : constrained;
  return { rank, pattern, parameters, optional: first.optional || first.rest, rest: first.rest };
}

function parseParameter(text: string) {
  const [, stars = "", name, constraints = "", mark] = /^(\*{0,2})(\w+)((?::.*?)?)(\??)$/s.exec(text) ?? [];
  if (name === undefined) throw new Error(`can't read the parameter "{${text}}"`);
  const pieces = [...constraints.matchAll(/:([a-z]+)(?:\((.*?)\))?(?=:[a-z]|$)/gis)];
  if (pieces.map((piece) => piece[0]).join("") !== constraints) throw new Error(`can't read "${constraints}"`);
  const checks = pieces.map(([, constraint = "", argument = ""]) => {
    const make = CONSTRAINTS[constraint.toLowerCase()];
    if (!make) throw new Error(`the constraint "${constraint}" is not supported by the local host`);
    return make(argument);
  });
  return { name, checks, optional: mark === "?", rest: stars !== "" };
}

const CONSTRAINTS: Readonly<Record<string, (argument: string) => Check>> = {
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  bool: () => (value) => /^(true|false)$/i.test(value),
  decimal: () => isNumber,
  double: () => isNumber,
  float: () => isNumber,
  guid: () => (value) => /^(\{?)[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\2){3}[0-9a-f]{12}\}?$/i.test(value),
  int: () => (value) => isInteger(value, 32),
  long: () => (value) => isInteger(value, 64),
  required: () => (value) => value !== "",
  length: (argument) => {
    const [min = 0, max = min] = numbers(argument, 1, 2);
    return (value) => value.length >= min && value.length <= max;
  },
  minlength: (argument) => {
    const [min = 0] = numbers(argument, 1, 1);
    return (value) => value.length >= min;
  },
  maxlength: (argument) => {
    const [max = 0] = numbers(argument, 1, 1);
    return (value) => value.length <= max;
  },
  min: (argument) => {
    const [min = 0] = numbers(argument, 1, 1);
    return (value) => isInteger(value, 64) && Number(value) >= min;
  },
  max: (argument) => {
    const [max = 0] = numbers(argument, 1, 1);
    return (value) => isInteger(value, 64) && Number(value) <= max;
  },
  range: (argument) => {
    const [min = 0, max = 0] = numbers(argument, 2, 2);
    return (value) => isInteger(value, 64) && Number(value) >= min && Number(value) <= max;
  },
  // Unanchored and case-insensitive, as ASP.NET has it.
  regex: (argument) => {
    const pattern = new RegExp(argument, "i");
    return (value) => pattern.test(value);
  },
};

function numbers(argument: string, least: number, most: number): number[] {
  const values = argument.split(",").map((text) => (isInteger(text.trim(), 64) ? Number(text) : Number.NaN));
  if (values.some(Number.isNaN) || values.length < least || values.length > most) {
    throw new Error(`"(${argument})" must hold ${least === most ? least : `${least} or ${most}`} whole numbers`);
  }
  return values;
}

function isInteger(text: string, bits: number): boolean {
  if (!/^[+-]?\d{1,20}$/.test(text)) return false;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(bits, value) === value;
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}

function unescapeBraces(text: string): string {
  return text.replaceAll("{{", "{").replaceAll("}}", "}");
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
