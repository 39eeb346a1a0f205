import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import { decimalText, type Numbers } from "../../src/generate/column.ts";
import { compileExpression, rescale, type Scope } from "../../src/generate/expression/expression.ts";
import type { Block } from "../../src/generate/kind.ts";

/** A number as units of 10^-scale, NULL as undefined; arithmetic on it in BigInt is the oracle. */
interface Exact {
  units: bigint;
  scale: number;
}
type Values = Record<string, Exact | undefined>;

const NAMES = ["quantity", "price", "tax"];
const MAX = BigInt(Number.MAX_SAFE_INTEGER);

const exact = fc
  .record({
    units: fc.oneof(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 0, max: 20 }), fc.maxSafeInteger()),
    scale: fc.nat(4),
  })
  .map(({ units, scale }): Exact => ({ units: BigInt(units), scale }));
const values: fc.Arbitrary<Values> = fc
  .tuple(...NAMES.map(() => fc.option(exact, { nil: undefined, freq: 10 })))
  .map((list) => Object.fromEntries(list.map((value, i) => [NAMES[i], value])));

type Tree = string | { operator: string; left: Tree; right: Tree };

const literal = fc.tuple(fc.nat(1_000), fc.nat(3)).map(([units, scale]) => decimalText(units, scale));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.constantFrom(...NAMES), literal),
    fc.record({ operator: fc.constantFrom("+", "-", "*", "/", "%"), left: tie("tree"), right: tie("tree") }),
  ),
}));

const source = (node: Tree): string =>
  typeof node === "string" ? node : `(${source(node.left)} ${node.operator} ${source(node.right)})`;

/** The tree's value; "overflow" as soon as a step leaves the safe integers. */
function evaluate(node: Tree, given: Values): Exact | "overflow" | undefined {
  if (typeof node === "string") {
    if (NAMES.includes(node)) return given[node];
    const [whole, decimals = ""] = node.split(".") as [string, string?];
    return { units: BigInt(whole + decimals), scale: decimals.length };
  }
  const left = evaluate(node.left, given);
  const right = evaluate(node.right, given);
  if (left === "overflow" || right === "overflow") return "overflow";
  if (!left || !right) return undefined;
  if (node.operator === "*") return checked(left.units * right.units, left.scale + right.scale);
  if (node.operator === "/") return quotient(left, right);
  const scale = Math.max(left.scale, right.scale);
  const a = left.units * 10n ** BigInt(scale - left.scale);
  const b = right.units * 10n ** BigInt(scale - right.scale);
  if (checked(a, scale) === "overflow" || checked(b, scale) === "overflow") return "overflow";
  if (node.operator === "%") return b === 0n ? undefined : { units: a % b, scale };
  return checked(node.operator === "+" ? a + b : a - b, scale);
}

/** To the larger scale, at least six places, half away from zero; by 0 it is NULL. */
function quotient(left: Exact, right: Exact): Exact | "overflow" | undefined {
  if (right.units === 0n) return undefined;
  const scale = Math.max(6, left.scale, right.scale);
  const dividend = left.units * 10n ** BigInt(scale + right.scale - left.scale);
  const isNegative = dividend < 0n !== right.units < 0n;
  const [size, divisor] = [dividend, right.units].map((units) => (units < 0n ? -units : units)) as [bigint, bigint];
  const rounded = size / divisor + ((size % divisor) * 2n >= divisor ? 1n : 0n);
  return checked(isNegative ? -rounded : rounded, scale);
}

function checked(units: bigint, scale: number): Exact | "overflow" {
  return units > MAX || units < -MAX ? "overflow" : { units, scale };
}

/** One row with the given numbers as its fields; a NULL keeps a value under it, as fields do. */
function scopeOf(given: Values): { scope: Scope; block: Block } {
  const scope: Scope = {
    referenceDay: 0,
    reader: (path) => {
      const { units, scale } = given[path] ?? { units: 3n, scale: 1 };
      const column: Numbers = {
        kind: "numbers",
        as: "number",
        scale,
        values: Float64Array.of(Number(units)),
        nulls: given[path] ? undefined : Uint8Array.of(1),
      };
      return {
        field: { name: path, type: "number", scale },
        vocabulary: undefined,
        column: () => column,
      };
    },
  };
  return { scope, block: { rows: Float64Array.of(0) } as Block };
}

/** A NULL, unless the side that is not NULL overflows for itself. */
function isNullOrEnds(run: () => Numbers): boolean {
  try {
    expect(run().nulls?.[0]).toBe(1);
    return true;
  } catch (error) {
    if (error instanceof JobFailure) return false;
    throw error;
  }
}

describe("expressions over numbers", () => {
  test("are what whole numbers of any length give, or end the job", () => {
    let compared = 0;
    let ended = 0;
    let unknown = 0;
    fc.assert(
      fc.property(tree, values, (node, given) => {
        const { scope, block } = scopeOf(given);
        const wanted = evaluate(node, given);
        const run = () => compileExpression(source(node), scope).column(block) as Numbers;
        if (wanted === "overflow") {
          ended++;
          expect(run).toThrow(JobFailure);
          return;
        }
        if (!wanted) {
          unknown += isNullOrEnds(run) ? 1 : 0;
          return;
        }
        const column = run();
        expect(column.nulls?.[0] ?? 0).toBe(0);
        compared++;
        expect({ units: BigInt(column.values[0] as number), scale: column.scale }).toEqual(wanted);
      }),
      { numRuns: 3_000 },
    );
    // A run that compared or overflowed nothing would show nothing.
    expect([compared > 500, ended > 50, unknown > 50]).toEqual([true, true, true]);
  });

  test("of quantity and price add up to the cent", () => {
    const quantity = fc.integer({ min: 1, max: 10_000 });
    const price = fc.integer({ min: 0, max: 1_000_000_00 });
    fc.assert(
      fc.property(quantity, price, (pieces, cents) => {
        const given = { quantity: { units: BigInt(pieces), scale: 0 }, price: { units: BigInt(cents), scale: 2 } };
        const { scope, block } = scopeOf(given);
        const total = compileExpression("quantity * price", scope).column(block) as Numbers;
        expect([BigInt(total.values[0] as number), total.scale]).toEqual([BigInt(pieces) * BigInt(cents), 2]);
      }),
    );
  });

  test("compare as the numbers they are, whatever their scales", () => {
    fc.assert(
      fc.property(exact, exact, (a, b) => {
        const { scope, block } = scopeOf({ a, b });
        const scale = Math.max(a.scale, b.scale);
        const [x, y] = [a, b].map(({ units, scale: own }) => units * 10n ** BigInt(scale - own)) as [bigint, bigint];
        fc.pre([x, y].every((units) => checked(units, scale) !== "overflow"));
        const truth = (expr: string) => (compileExpression(expr, scope).column(block) as Numbers).values[0] === 1;
        expect(["a < b", "a <= b", "a == b", "a != b", "a >= b", "a > b"].map(truth)).toEqual([
          x < y,
          x <= y,
          x === y,
          x !== y,
          x >= y,
          x > y,
        ]);
      }),
    );
  });

  test("round to a scale with half a unit away from zero", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(9), fc.nat(9), (units, from, to) => {
        const { scope, block } = scopeOf({ x: { units: BigInt(units), scale: from } });
        const size = BigInt(Math.abs(units));
        const power = 10n ** BigInt(Math.abs(from - to));
        const rounded = to >= from ? size * power : (2n * size + power) / (2n * power);
        fc.pre(rounded <= MAX);
        const column = rescale(compileExpression("x", scope), to, "x").column(block) as Numbers;
        expect(BigInt(column.values[0] as number)).toBe(units < 0 ? -rounded : rounded);
      }),
      { numRuns: 2_000 },
    );
  });
});
