import { describe, expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import type { Field } from "../../src/dataset/schema.ts";
import { cellsOf, engineOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const constant = (name: string, type: Field["type"], value: unknown, more: Partial<Field> = {}): Field => {
  return { name, type, generator: { kind: "constant", value }, ...more };
};
const FIELDS: Field[] = [
  constant("two", "integer", 2),
  constant("price", "number", 19.99),
  constant("rate", "number", 0.125, { scale: 3 }),
  constant("word", "string", "red"),
  constant("yes", "boolean", true),
  constant("day", "date", "2024-02-28"),
  constant("nothing", "integer", 7, { nullRate: 1 }),
  constant("no_word", "string", "red", { nullRate: 1 }),
  constant("stamp", "string", "x"),
];

const value = (expr: string, type: Field["type"], scale?: number): Field => {
  return { name: "value", type, ...(scale === undefined ? {} : { scale }), generator: { kind: "expression", expr } };
};
const evaluate = (expr: string, type: Field["type"], scale?: number) =>
  cellsOf(engineOf([tableOf("things", [...FIELDS, value(expr, type, scale)])]), "things.value", 0, 1)[0];

describe("an expression is exact", () => {
  test.each([
    ["two * price", 2, "39.98"],
    ["price * price", 4, "399.6001"],
    ["price + rate", 3, "20.115"],
    ["price - two", 2, "17.99"],
    ["two - price", 2, "-17.99"],
    ["0.1 + 0.2", 1, "0.3"],
    ["-two * 1.5", 1, "-3.0"],
    ["-(price - 20)", 2, "0.01"],
    ["price * 3 - two * 10", 2, "39.97"],
    ["(price + 1) * two", 2, "41.98"],
    ["90071992547409.91", 2, "90071992547409.91"],
  ])("%s to %i decimals is %s", (expr, scale, result) => {
    expect(evaluate(expr, "number", scale)).toBe(result);
  });

  test.each([
    ["price", 1, "20.0"],
    ["rate", 2, "0.13"],
    ["-rate", 2, "-0.13"],
    ["0.124", 2, "0.12"],
    ["-0.004", 2, "0.00"],
    ["1.005", 2, "1.01"],
    ["two", 9, "2.000000000"],
  ])("%s rounded to %i decimals, half a unit away from zero, is %s", (expr, scale, result) => {
    expect(evaluate(expr, "number", scale)).toBe(result);
  });

  test("rounds to whole numbers for an integer field", () => {
    expect([evaluate("price", "integer"), evaluate("-2.5", "integer"), evaluate("2.4", "integer")]).toEqual([
      20, -3, 2,
    ]);
  });
});

describe("an expression compares", () => {
  test.each([
    ["price > two", true],
    ["price < 19.991", true],
    ["price >= 19.99", true],
    ["price <= 19.989", false],
    ["price == 19.990", true],
    ["price != 19.99", false],
    ["two > 2", false],
    ["two >= 2", true],
    ["word == 'red'", true],
    ["word != 'red'", false],
    ["word == stamp", false],
    ["yes == true", true],
    ["yes && false", false],
    ["yes || false", true],
    ["price > two && day < referenceDate", true],
    ["day == '2024-02-28'", true],
    ["day >= '2024-02-29'", false],
    ["referenceDate == '2026-01-01'", true],
    ["day + 2 == '2024-03-01'", true],
    ["day - 1.4 == '2024-02-27'", true],
  ])("%s: %s", (expr, result) => {
    expect(evaluate(expr, "boolean")).toBe(result);
  });
});

test.each([
  ["nothing * 2", "integer"],
  ["2 - nothing", "integer"],
  ["nothing + nothing", "integer"],
  ["nothing == 7", "boolean"],
  ["nothing != 7", "boolean"],
  ["no_word == 'red'", "boolean"],
  ["yes || nothing > 1", "boolean"],
  ["-nothing", "integer"],
  ["day + nothing", "date"],
  ["nothing", "number"],
] as const)("NULL in, NULL out: %s", (expr, type) => {
  expect(evaluate(expr, type)).toBe(null);
});

test("NULL in one row leaves the others", () => {
  const fields = [
    constant("a", "integer", 1, { nullRate: 0.5 }),
    constant("b", "integer", 2, { nullRate: 0.5 }),
    value("a + b", "integer"),
  ];
  const engine = engineOf([tableOf("things", fields)]);
  const [a, b] = ["a", "b"].map((name) => cellsOf(engine, `things.${name}`, 0, 200));
  const sums = a?.map((one, i) => (one === null || b?.[i] === null ? null : 3));
  expect(cellsOf(engine, "things.value", 0, 200)).toEqual(sums);
  expect(new Set(sums)).toEqual(new Set([null, 3]));
});

describe("an expression gives strings and days", () => {
  test("a literal is written as it stands", () => {
    expect(evaluate("'say \"hi\"'", "string")).toBe('say "hi"');
    expect(evaluate("word", "string")).toBe("red");
  });

  test("days go over leap days and years", () => {
    expect(evaluate("day + 1", "date")).toBe("2024-02-29");
    expect(evaluate("day + two + 305", "date")).toBe("2024-12-31");
    expect(evaluate("referenceDate - 1", "date")).toBe("2025-12-31");
  });
});

describe("an expression ends the job rather than lose a digit", () => {
  test.each([
    ["94906266 * 94906266", "integer", '"94906266 * 94906266" exceeds 2^53 units of 10^-0.'],
    [
      "90000000000000 + price * 10000000000",
      "number",
      '"90000000000000 + price * 10000000000" exceeds 2^53 units of 10^-2.',
    ],
    ["price * 1000000000", "number", '"price * 1000000000" exceeds 2^53 units of 10^-9.'],
    ["-9007199254740991 - two", "integer", '"-9007199254740991 - two" exceeds 2^53 units of 10^-0.'],
    ["day + 4000000", "date", '"day + 4000000" leaves the years 0000 to 9999.'],
    ["day - 1000000", "date", '"day - 1000000" leaves the years 0000 to 9999.'],
    ["day + 999999999999", "date", '"day + 999999999999" leaves the years 0000 to 9999.'],
  ] as const)("%s", (expr, type, message) => {
    const scale = expr === "price * 1000000000" ? 9 : undefined;
    expect(() => evaluate(expr, type, scale)).toThrow(JobFailure);
    expect(() => evaluate(expr, type, scale)).toThrow(message);
  });

  test("and takes the largest that is exact", () => {
    expect(evaluate("9007199254740989 + two", "integer")).toBe(9_007_199_254_740_991);
    expect(evaluate("day + 2913115", "date")).toBe("9999-12-31");
  });
});

describe("an expression is refused", () => {
  const refused = (expr: string, type: Field["type"]) =>
    fullFaultsOf([tableOf("things", [...FIELDS, value(expr, type)])]).map(({ code, message }) => `${code}: ${message}`);

  test.each([
    ["two *", '"two *" can\'t be read: Expected expression after * at character 5.'],
    ["two / price", '/ is not part of the language, in "two / price".'],
    ["two % 2", '% is not part of the language, in "two % 2".'],
    ["!yes", '! is not part of the language, in "!yes".'],
    ["process()", 'CallExpression is not part of the language, in "process()".'],
    ["word['length']", "computed access is not part of the language, in \"word['length']\"."],
    ["yes ? 1 : 2", 'ConditionalExpression is not part of the language, in "yes ? 1 : 2".'],
    ["[1]", 'ArrayExpression is not part of the language, in "[1]".'],
    ["this", 'ThisExpression is not part of the language, in "this".'],
    ["two; two", 'Compound is not part of the language, in "two; two".'],
    ["word < 'x'", "< between strings is not part of the language, in \"word < 'x'\"."],
    ["word == null", 'null is not part of the language, in "word == null".'],
    ["1e-3", 'the number 1e-3 is not part of the language, in "1e-3".'],
    ["1.5e3", 'the number 1.5e3 is not part of the language, in "1.5e3".'],
    ["9007199254740993", 'the number 9007199254740993 is not part of the language, in "9007199254740993".'],
    ["day > '2026-02-30'", "the day 2026-02-30 is not part of the language, in \"day > '2026-02-30'\"."],
  ])("%s is outside the language", (expr, message) => {
    expect(refused(expr, "integer")).toEqual([`bad-expression: ${message}`]);
  });

  test.each([
    ["word + 1", '+ can\'t join string and number, in "word + 1".'],
    ["two == 'two'", "== can't join number and string, in \"two == 'two'\"."],
    ["yes && two", '&& can\'t join boolean and number, in "yes && two".'],
    ["day * 2", '* can\'t join date and number, in "day * 2".'],
    ["day - day", '- can\'t join date and date, in "day - day".'],
    ["2 + day", '+ can\'t join number and date, in "2 + day".'],
    ["yes + 1", '+ can\'t join boolean and number, in "yes + 1".'],
    ["day == 20000", '== can\'t join date and number, in "day == 20000".'],
    ["two == 2", '"two == 2" is boolean; value is integer.'],
    ["word", '"word" is string; value is integer.'],
  ])("%s has types that don't fit", (expr, message) => {
    expect(refused(expr, "integer")).toEqual([`type-mismatch: ${message}`]);
  });

  test.each([
    [
      "colour + 1",
      "unknown-field: colour: things has no field colour; it has id, two, price, rate, word, yes, day, nothing, no_word, stamp, value.",
    ],
    ["owner.age + 1", "unknown-parent: owner.age: things has no parent called owner; it has none."],
    ["word.length", "unknown-parent: word.length: things has no parent called word; it has none."],
    [
      "constructor",
      "unknown-field: constructor: things has no field constructor; it has id, two, price, rate, word, yes, day, nothing, no_word, stamp, value.",
    ],
  ])("%s leads nowhere", (expr, fault) => {
    expect(refused(expr, "integer")).toEqual([fault]);
  });
});
