import { describe, expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import { constant, evaluate, refused, value } from "../support/evaluate.ts";
import { cellsOf, engineOf, tableOf } from "../support/small-tables.ts";

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
    ["word < 'reed'", true],
    ["word <= 'red'", true],
    ["word > 'Red'", true],
    ["'Z' >= 'a'", false],
    ["word < stamp", true],
    ["mail == 'red.2@example.org'", true],
    ["mail >= word", true],
    ["two in [1, 2, 3]", true],
    ["price in [19.9, 19.990]", true],
    ["price in [19.999]", false],
    ["-two in [-2]", true],
    ["!(word in ['blue', 'green'])", true],
    ["day in ['2024-02-28']", true],
    ["mail in ['red.2@example.org', 'x']", true],
    ["!yes", false],
    ["!yes == false", true],
    ["at > '2024-02-28T23:30:15Z'", true],
    ["at > day", true],
    ["at < '2024-02-29'", true],
    ["noon == '12:00'", true],
    ["noon < '12:00:00.001'", true],
    ["noon in ['11:59:59', '12:00:00']", true],
    ["word == '2024-02-28'", false],
    ["hours(48) == days(2)", true],
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
  ["yes && nothing > 1", "boolean"],
  ["no_truth || false", "boolean"],
  ["no_truth && true", "boolean"],
  ["no_truth || no_truth", "boolean"],
  ["!no_truth", "boolean"],
  ["two / nothing", "number"],
  ["nothing % two", "number"],
  ["nothing in [7]", "boolean"],
  ["no_word in ['red']", "boolean"],
  ["no_word < 'x'", "boolean"],
  ["abs(nothing)", "integer"],
  ["round(nothing * 1.55, 1)", "number"],
  ["floor(nothing * 1.5)", "integer"],
  ["min(1, nothing)", "integer"],
  ["max(nothing, 99)", "integer"],
  ["upper(no_word)", "string"],
  ["length(no_word)", "integer"],
  ["concat(word, nothing)", "string"],
  ["word + no_word", "string"],
  ["replace(mail, 'x', no_word)", "string"],
  ["padStart(nothing, 5, '0')", "string"],
  ["addMonths(day, nothing)", "date"],
  ["day + days(nothing)", "date"],
  ["null", "integer"],
  ["null", "string"],
  ["null", "datetime"],
  ["-nothing", "integer"],
  ["day + nothing", "date"],
  ["nothing", "number"],
] as const)("NULL in, NULL out: %s", (expr, type) => {
  expect(evaluate(expr, type)).toBe(null);
});

test.each([
  ["no_truth && false", false],
  ["false && no_truth", false],
  ["no_truth || true", true],
  ["yes || nothing > 1", true],
  ["nothing > 1 && two > 2", false],
])("three-valued logic as SQL has it: %s is %s", (expr, result) => {
  expect(evaluate(expr, "boolean")).toBe(result);
});

test.each([
  ["price / two", 6, "9.995000"],
  ["2 / 3", 6, "0.666667"],
  ["-2 / 3", 6, "-0.666667"],
  ["2 / 3", 2, "0.67"],
  ["1 / 3 * 3", 6, "0.999999"],
  ["rate / 0.0001", 4, "1250.0000"],
  ["0.00000001 / 2", 8, "0.00000001"],
  ["9007199254.740991 / 1", 6, "9007199254.740991"],
  ["9007199254740991 / 9007199254740991", 6, "1.000000"],
  ["7 % 3", 0, "1"],
  ["-7 % 3", 0, "-1"],
  ["-6 % 3", 0, "0"],
  ["price % 0.4", 2, "0.39"],
  ["price / 0", 2, null],
  ["price / (two - 2)", 2, null],
  ["price % 0", 2, null],
  ["1 + 1 / 0", 2, null],
  ["coalesce(1 / 0, -1)", 0, "-1"],
])("%s to %i decimals is %s", (expr, scale, result) => {
  const cell = evaluate(expr, "number", scale);
  expect(scale === 0 && cell !== null ? String(cell) : cell).toBe(result);
});

test.each([
  ["abs(-price)", 2, "19.99"],
  ["round(price, 1)", 2, "20.00"],
  ["round(-rate, 2)", 3, "-0.130"],
  ["round(2.5)", 1, "3.0"],
  ["round(price, 4)", 2, "19.99"],
  ["floor(price)", 1, "19.0"],
  ["floor(-rate)", 1, "-1.0"],
  ["ceil(rate)", 1, "1.0"],
  ["ceil(-rate)", 1, "0.0"],
  ["ceil(two)", 1, "2.0"],
  ["min(price, two, 2.5)", 2, "2.00"],
  ["max(price, 19.991, -1)", 3, "19.991"],
])("%s to %i decimals is %s", (expr, scale, result) => {
  expect(evaluate(expr, "number", scale)).toBe(result);
});

test.each([
  "-6 % 3",
  "two * 0 * -1",
  "ceil(-rate)",
  "round(-rate)",
  "-(two - 2)",
  "0 / -two",
  "floor(0 * -rate)",
  "abs(0 * -1)",
])("0 has no sign: %s", (expr) => {
  expect(evaluate(expr, "integer")).toBe(0);
});

test.each([
  ["if(two > 5, abs(two * 9007199254740991), 1)", 1],
  ["two > 5 ? 9007199254740991 + two : -(two * two)", -4],
  ["coalesce(two, two * 9007199254740991)", 2],
  ["yes ? nothing : two", null],
  ["!yes ? nothing : two", 2],
  ["no_truth ? two : 3", 3],
  ["if(no_truth, two, null)", null],
  ["coalesce(nothing, null, 4)", 4],
  ["nothing ?? nothing ?? 5", 5],
  ["if(isNull(nothing), if(two == 2, 5, 1 / 0 * 9007199254740991), two * 9007199254740991)", 5],
])("each row chooses, and what it doesn't choose can't end the job: %s is %s", (expr, result) => {
  expect(evaluate(expr, "integer")).toBe(result);
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
    ["94906266 * 94906266", "integer", '"94906266 * 94906266" exceeds 2^53 units of 10^-0; make its numbers smaller.'],
    [
      "90000000000000 + price * 10000000000",
      "number",
      '"90000000000000 + price * 10000000000" exceeds 2^53 units of 10^-2; round its numbers to fewer decimals.',
    ],
    [
      "price * 1000000000",
      "number",
      '"price * 1000000000" exceeds 2^53 units of 10^-9; round its numbers to fewer decimals.',
    ],
    [
      "-9007199254740991 - two",
      "integer",
      '"-9007199254740991 - two" exceeds 2^53 units of 10^-0; make its numbers smaller.',
    ],
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
  test.each([
    ["two *", '"two *" can\'t be read: Expected expression after * at character 5.'],
    ["word['length']", "computed access is not part of the language, in \"word['length']\"."],
    ["two ** 2", '** is not part of the language, in "two ** 2"; a square is x * x.'],
    ["two === 2", '=== is not part of the language, in "two === 2"; equal is == and unequal !=.'],
    ["~two", '~ is not part of the language, in "~two".'],
    ["two?.length", 'computed access is not part of the language, in "two?.length".'],
    ["(two, two)", 'SequenceExpression is not part of the language, in "(two, two)".'],
    ["round(two, 10)", 'The decimals of round must be a whole number from 0 to 9, in "round(two, 10)".'],
    ["round(two, two)", 'The decimals of round must be a whole number from 0 to 9, in "round(two, two)".'],
    ["padStart(two, 101)", 'The width of padStart must be a whole number from 0 to 100, in "padStart(two, 101)".'],
    ["padStart(two, 3, word)", 'padStart fills with a literal of some characters, in "padStart(two, 3, word)".'],
    ["abs()", 'abs takes 1 operands, not 0, in "abs()".'],
    ["min(1)", 'min takes 2 or more operands, not 1, in "min(1)".'],
    ["substr(word)", 'substr takes 2 to 3 operands, not 1, in "substr(word)".'],
    ["[1]", 'ArrayExpression is not part of the language, in "[1]".'],
    ["this", 'ThisExpression is not part of the language, in "this".'],
    ["two; two", '"two; two" is more than one value; one expression gives one value.'],
    ["1e-3", 'the number 1e-3 is not part of the language, in "1e-3"; write 0.001.'],
    ["1.5e3", 'the number 1.5e3 is not part of the language, in "1.5e3"; write 1500.'],
    [
      "9007199254740993",
      'the number 9007199254740993 is not part of the language, in "9007199254740993"; 2^53 units are the most.',
    ],
    ["day > '2026-02-30'", "There is no day 2026-02-30, in \"day > '2026-02-30'\"."],
  ])("%s is outside the language", (expr, message) => {
    expect(refused(expr, "integer")).toEqual([`bad-expression: ${message}`]);
  });

  test.each([
    ["word + 1", '+ can\'t join string and number, in "word + 1"; concat(x, y) writes any values one after the other.'],
    ["two == 'two'", "== can't join number and string, in \"two == 'two'\"; both sides must be of one type."],
    ["day == 20000", '== can\'t join date and number, in "day == 20000"; both sides must be of one type.'],
    [
      "word == null",
      '== can\'t join string and null, in "word == null"; isNull(x) asks for NULL, and coalesce(x, y) replaces it.',
    ],
    [
      "two + null",
      '+ can\'t join number and null, in "two + null"; isNull(x) asks for NULL, and coalesce(x, y) replaces it.',
    ],
    ["yes && two", '&& can\'t join boolean and number, in "yes && two"; both sides must be true or false, like x > 0.'],
    [
      "day * 2",
      '* can\'t join date and number, in "day * 2"; a date takes a number of days after it, a datetime a duration like hours(2).',
    ],
    [
      "2 + day",
      '+ can\'t join number and date, in "2 + day"; a date takes a number of days after it, a datetime a duration like hours(2).',
    ],
    [
      "at + 1",
      '+ can\'t join datetime and number, in "at + 1"; a date takes a number of days after it, a datetime a duration like hours(2).',
    ],
    [
      "noon + hours(1)",
      '+ can\'t join time and duration, in "noon + hours(1)"; times can only be compared and subtracted.',
    ],
    ["yes + 1", '+ can\'t join boolean and number, in "yes + 1"; if(x, 1, 0) makes a number of a boolean.'],
    ["!two", '! takes a boolean, not number, in "!two".'],
    ["-word", '- takes a number or duration, not string, in "-word".'],
    ["upper(two)", 'Operand 1 of upper must be string, not number, in "upper(two)".'],
    [
      "concat(hours(1), word)",
      'Operand 1 of concat must be string or number or boolean or date or datetime or time, not duration, in "concat(hours(1), word)".',
    ],
    [
      "two in ['a']",
      "in takes a list of literals of the type of its left side, not number and [string], in \"two in ['a']\"; write x in [1, 2].",
    ],
    [
      "two in [two]",
      'in takes a list of literals of the type of its left side, not number and [number], in "two in [two]"; write x in [1, 2].',
    ],
    [
      "two in two",
      'in takes a list of literals of the type of its left side, not number and [], in "two in two"; write x in [1, 2].',
    ],
    [
      "if(yes, 1, 'a')",
      "if can't give both number and string, in \"if(yes, 1, 'a')\"; give it values of one type, for example by concat(…), date(…) or datetime(…).",
    ],
    ["two == 2", '"two == 2" is boolean; value is integer: if(x, 1, 0) makes a number of it.'],
    ["word", '"word" is string; value is integer: make value string.'],
  ])("%s has types that don't fit", (expr, message) => {
    expect(refused(expr, "integer")).toEqual([`type-mismatch: ${message}`]);
  });

  test.each([
    [
      "colour + 1",
      "unknown-field: colour: things has no field colour; it has id, two, price, rate, word, yes, day, nothing, no_word, no_truth, stamp, at, noon, mail, value.",
    ],
    ["owner.age + 1", "unknown-parent: owner.age: things has no parent called owner; it has none."],
    ["word.length", "unknown-parent: word.length: things has no parent called word; it has none."],
    [
      "constructor",
      "unknown-field: constructor: things has no field constructor; it has id, two, price, rate, word, yes, day, nothing, no_word, no_truth, stamp, at, noon, mail, value.",
    ],
  ])("%s leads nowhere", (expr, fault) => {
    expect(refused(expr, "integer")).toEqual([fault]);
  });
});

describe("an expression is of bounded size", () => {
  const sum = (terms: number) => Array.from({ length: terms }, () => "two").join(" + ");

  test("in characters", () => {
    const long = `two${" ".repeat(1_997)}`;
    expect(evaluate(long, "integer")).toBe(2);
    expect(refused(`${long} `, "integer")).toEqual([
      `bad-expression: An expression has at most 2000 characters, "${long.slice(0, 40)}…" 2001; split it over fields.`,
    ]);
  });

  test("in operations inside each other", () => {
    expect(evaluate(sum(101), "integer")).toBe(202);
    const message =
      '"two + two + two + two + two + two + two …" has more than 100 operations inside each other; split it over fields.';
    expect(refused(sum(102), "integer")).toEqual([`bad-expression: ${message}`]);
    expect(refused("(".repeat(1_990), "integer")[0]).toMatch(/^bad-expression: /);
  });
});
