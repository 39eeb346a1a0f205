/**
 * Values chosen row by row: if, coalesce, isNull.
 *
 * A branch that could end the job is computed only for the rows that take it, so that
 * "if(n < 1000, n * n * n * n, 0)" never overflows; the others are computed whole, which is faster.
 */
import { type Column, type Numbers, takeRows } from "../column.ts";
import type { Block } from "../kind.ts";
import {
  type Branch,
  chooseColumns,
  everyPlace,
  type Merged,
  mergeColumns,
  mergedOf,
  type Part,
  split,
  within,
} from "../merge.ts";
import type { Expression } from "./expression.ts";
import { asOf, type NumericType } from "./numbers.ts";

/** `yes` where the test is true, `no` where it is false or NULL. Both are of one type and scale. */
export function choose(test: Expression, yes: Expression, no: Expression): Expression {
  const { type, scale } = yes;
  const isSimple = type !== "string" && type !== "null" && !yes.mayFail && !no.mayFail;
  if (isSimple) return select(test, yes, no);
  const merged = mergedAs(yes, no);
  // NULL is what a row is that no branch makes: a choice of it is the other branch alone.
  const branches = yes.isNull ? [branchOf(otherwise(test), no)] : [branchOf(test, yes)];
  const rest = yes.isNull || no.isNull ? undefined : (others: Block) => no.column(others);
  return {
    type,
    scale,
    mayFail: true,
    vocabulary: merged.kind === "words" ? merged.vocabulary : undefined,
    column: (block) => chooseColumns(block, branches, rest, merged),
  };
}

function branchOf(test: Expression, made: Expression): Branch {
  return { test: (block) => test.column(block) as Numbers, column: (block) => made.column(block) };
}

/** True where the test is false or NULL. */
function otherwise(test: Expression): Expression {
  const column = (block: Block): Numbers => {
    const { values, nulls } = test.column(block) as Numbers;
    const others = values.map((value, i) => (value === 1 && !nulls?.[i] ? 0 : 1));
    return { kind: "numbers", as: "boolean", scale: 0, values: others };
  };
  return { type: "boolean", scale: 0, column };
}

function mergedAs(...branches: readonly Expression[]): Merged {
  const [{ type, scale }] = branches as [Expression];
  const numeric = type === "duration" || type === "null" ? "number" : type;
  const vocabularies = branches.filter(({ isNull }) => !isNull).map(({ vocabulary }) => vocabulary);
  return mergedOf(numeric, scale, vocabularies);
}

function select(test: Expression, yes: Expression, no: Expression): Expression {
  const { type, scale } = yes;
  return {
    type,
    scale,
    mayFail: test.mayFail,
    column: (block): Numbers => {
      const condition = test.column(block) as Numbers;
      const a = yes.column(block) as Numbers;
      const b = no.column(block) as Numbers;
      const values = new Float64Array(block.rows.length);
      const nulls = a.nulls || b.nulls ? new Uint8Array(values.length) : undefined;
      for (let i = 0; i < values.length; i++) {
        const { values: chosen, nulls: unknown } = condition.values[i] === 1 && !condition.nulls?.[i] ? a : b;
        values[i] = chosen[i] as number;
        if (nulls && unknown) nulls[i] = unknown[i] as number;
      }
      return { kind: "numbers", as: asOf(type as NumericType), scale, values, nulls };
    },
  };
}

/** The first of the two that is not NULL; both are of one type and scale. */
export function coalesce(first: Expression, second: Expression): Expression {
  if (first.isNull) return second;
  if (second.isNull) return first;
  const merged = mergedAs(first, second);
  return {
    type: first.type,
    scale: first.scale,
    mayFail: first.mayFail || second.mayFail,
    vocabulary: merged.kind === "words" ? merged.vocabulary : undefined,
    column: (block): Column => {
      const made = first.column(block);
      const count = block.rows.length;
      const every = everyPlace(count);
      if (!made.nulls) return mergeColumns([{ column: made, places: every }], count, merged);
      const [empty, given] = split(every, made.nulls);
      const parts: Part[] = [{ column: takeRows(made, given), places: given }];
      if (empty.length > 0) parts.push({ column: second.column(within(block, empty)), places: empty });
      return mergeColumns(parts, count, merged);
    },
  };
}

export function isNull(operand: Expression): Expression {
  return {
    type: "boolean",
    scale: 0,
    mayFail: operand.mayFail,
    column: (block): Numbers => {
      const { nulls } = operand.column(block);
      const values = nulls ? Float64Array.from(nulls) : new Float64Array(block.rows.length);
      return { kind: "numbers", as: "boolean", scale: 0, values };
    },
  };
}
