import { describe, expect, test } from "vitest";
import type { Column, Numbers } from "../../src/generate/column.ts";
import { makeOutput, writeRows } from "../../src/generate/csv/csv.ts";
import { headerLine, stringifyRows } from "../../src/generate/csv/reference.ts";
import { makeVocabulary } from "../../src/generate/vocabulary.ts";

const words = (...list: string[]): Column => ({
  kind: "words",
  vocabulary: makeVocabulary(list),
  ids: Uint32Array.from(list.keys()),
});
const numbers = (as: Numbers["as"], scale: number, values: number[], nulls?: number[]): Column => ({
  kind: "numbers",
  as,
  scale,
  values: Float64Array.from(values),
  nulls: nulls && Uint8Array.from(nulls),
});

function write(columns: Column[], count: number, formulaGuard = false): string {
  const output = makeOutput(0);
  writeRows(output, columns, count, formulaGuard);
  return new TextDecoder().decode(output.buffer.subarray(0, output.length));
}

const WRITERS = [
  ["writeRows", write],
  ["stringifyRows", (columns: Column[], count: number, guard = false) => stringifyRows(columns, count, guard)],
] as const;

describe("each of the two writers gives RFC 4180", () => {
  test.each(WRITERS)("%s: quotes where they are needed, NULL empty, the empty string quoted", (_, writer) => {
    const text = words("plain", 'say "hi"', "a,b", "two\r\nlines", "", " spaced ", "Zoë 🚲 東京");
    const optional: Column = {
      ...words("x"),
      ids: new Uint32Array(7),
      nulls: Uint8Array.of(0, 1, 1, 0, 1, 0, 1),
    } as Column;
    expect(writer([text, optional], 7)).toBe(
      'plain,x\n"say ""hi""",\n"a,b",\n"two\r\nlines",x\n"",\n spaced ,x\nZoë 🚲 東京,\n',
    );
  });

  test.each(WRITERS)("%s: numbers to the last digit, days and booleans", (_, writer) => {
    const columns = [
      numbers("number", 0, [0, -7, 9_007_199_254_740_991, 10_000, 99_999_999]),
      numbers("number", 2, [5, -5, 9_007_199_254_740_991, 1_000_000, -199_999]),
      numbers("number", 9, [1, -1, 9_007_199_254_740_991, 1_000_000_000, 0]),
      numbers("date", 0, [0, -1, 47_847, 20_454, -719_528], [0, 0, 0, 1, 0]),
      numbers("boolean", 0, [0, 1, 1, 0, 1]),
    ];
    expect(writer(columns, 5)).toBe(`0,0.05,0.000000001,1970-01-01,false
-7,-0.05,-0.000000001,1969-12-31,true
9007199254740991,90071992547409.91,9007199.254740991,2101-01-01,true
10000,10000.00,1.000000000,,false
99999999,-1999.99,0.000000000,0000-01-01,true
`);
  });

  test.each(WRITERS)("%s: datetimes and times to the second or the millisecond", (_, writer) => {
    const columns = [
      numbers("datetime", 0, [0, -1, 951_868_799_999], [0, 0, 0]),
      numbers("datetime", 3, [0, -1, 951_868_799_999], [0, 1, 0]),
      numbers("time", 0, [0, 86_399_999, 45_296_007]),
      numbers("time", 3, [0, 86_399_999, 45_296_007]),
    ];
    expect(writer(columns, 3)).toBe(`1970-01-01T00:00:00Z,1970-01-01T00:00:00.000Z,00:00:00,00:00:00.000
1969-12-31T23:59:59Z,,23:59:59,23:59:59.999
2000-02-29T23:59:59Z,2000-02-29T23:59:59.999Z,12:34:56,12:34:56.007
`);
  });

  test.each(WRITERS)("%s: the guard marks what a spreadsheet would run, and no number", (_, writer) => {
    const text = words("=1+1", "+1-206", "-", "@x", "\tx", "\rx", "＝1", "a=1", '=",');
    const amount = numbers("number", 1, [-10, -11, -12, -13, -14, -15, -16, -17, -18]);
    expect(writer([text, amount], 9, true)).toBe(
      "'=1+1,-1.0\n'+1-206,-1.1\n'-,-1.2\n'@x,-1.3\n'\tx,-1.4\n\"'\rx\",-1.5\n'＝1,-1.6\na=1,-1.7\n\"'=\"\",\",-1.8\n",
    );
    expect(writer([text, amount], 2, false)).toBe("=1+1,-1.0\n+1-206,-1.1\n");
  });
});

test("the header names the fields", () => {
  expect(headerLine(["order_id", "total"])).toBe("order_id,total\n");
});

test("whatever stands where a number is NULL changes no byte", () => {
  const junk = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300];
  for (const as of ["number", "date", "datetime", "time", "boolean"] as const) {
    const columns = junk.map((value) => numbers(as, 0, [0, value, as === "boolean" ? 1 : 12_345], [0, 1, 0]));
    expect(write(columns, 3)).toBe(stringifyRows(columns, 3, false));
  }
  const amounts = junk.map((value) => numbers("number", 2, [value, 123_456_789_012], [1, 0]));
  expect(write(amounts, 2)).toBe(stringifyRows(amounts, 2, false));
});

describe("lines of any number and width", () => {
  const many = (count: number): Column[] => [
    numbers(
      "number",
      2,
      Array.from({ length: count }, (_, i) => i * 37 - 5_000),
    ),
    {
      ...words("short", "x".repeat(200), 'a "quoted" one', ""),
      ids: Uint32Array.from({ length: count }, (_, i) => i % 4),
    } as Column,
    { ...words("yes", "no"), ids: Uint32Array.from({ length: count }, (_, i) => i % 2) } as Column,
  ];

  test("more than a page takes, with words that are copied one by one, or without them", () => {
    const columns = many(5_000);
    expect(write(columns, 5_000)).toBe(stringifyRows(columns, 5_000, false));
    expect(write([columns[0] as Column, columns[2] as Column], 5_000)).toBe(
      stringifyRows([columns[0] as Column, columns[2] as Column], 5_000, false),
    );
  });

  test.each([1_000, 10_000])("%i fields: a line of some pages, or of more than a page has", (fields) => {
    const columns = Array.from({ length: fields }, (_, c) => numbers("number", 0, [c, 9_999, 123_456_789]));
    expect(write(columns, 3)).toBe(stringifyRows(columns, 3, false));
  });
});

test("words of every length from 0 to 40 bytes are copied whole, last in their vocabulary or not", () => {
  const list = Array.from({ length: 41 }, (_, length) =>
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".slice(0, length),
  );
  for (let from = 0; from <= 40; from++) {
    const some = list.slice(0, from + 1);
    expect(write([words(...some)], some.length)).toBe(some.map((word) => `${word || '""'}\n`).join(""));
  }
});

describe("an output", () => {
  test("grows across calls and keeps what it has", () => {
    const output = makeOutput(3);
    let expected = "";
    for (let call = 0; call < 40; call++) {
      writeRows(output, [words("word", "another word", `${call}`)], 3, false);
      expected += `word\nanother word\n${call}\n`;
      expect(new TextDecoder().decode(output.buffer.subarray(0, output.length))).toBe(expected);
    }
  });

  test("is overwritten from its length on, whatever lies there", () => {
    const output = makeOutput(1_000);
    output.buffer.fill(0xff);
    writeRows(output, [words("one"), words("two")], 1, false);
    expect(new TextDecoder().decode(output.buffer.subarray(0, output.length))).toBe("one,two\n");
    output.length = 4;
    writeRows(output, [numbers("number", 2, [12_345])], 1, false);
    expect(new TextDecoder().decode(output.buffer.subarray(0, output.length))).toBe("one,123.45\n");
  });

  test("takes no rows and leaves all as it is", () => {
    const output = makeOutput(0);
    writeRows(output, [words("one")], 0, false);
    expect(output.length).toBe(0);
  });
});
