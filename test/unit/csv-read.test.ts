import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Field, Table } from "../../src/dataset/schema.ts";
import { readCsv } from "../../src/load/csv-read.ts";
import type { Row } from "../../src/load/row.ts";
import { chunks } from "../support/load-fixtures.ts";

const fields: Field[] = [
  { name: "id", type: "integer" },
  { name: "price", type: "number", scale: 2 },
  { name: "active", type: "boolean" },
  { name: "day", type: "date" },
  { name: "text", type: "string" },
];
const HEADER = "id,price,active,day,text\n";

async function read(text: string, of = fields, chunkBytes = 5): Promise<Row[]> {
  const table: Table = { name: "things", rows: 0, primaryKey: ["id"], fields: of };
  const rows: Row[] = [];
  const rejected: string[] = [];
  const reject = (line: number, reason: string) => void rejected.push(`things.csv line ${line}, ${reason}.`);
  for await (const batch of readCsv(chunks(Buffer.from(text), chunkBytes), table, reject)) rows.push(...batch);
  if (rejected.length > 0) throw Object.assign(new Error(rejected.join(" ")), { code: "load-bad-value" });
  return rows;
}

describe("readCsv", () => {
  test("a row carries the line it starts on, also after text of several lines", async () => {
    expect(await read(`${HEADER}1,19.9,true,2024-02-29,"one\r\ntwo\n"\n2,-0.05,false,1999-12-31,x\n`)).toEqual([
      [2, 1, 1990, 1, "2024-02-29", "one\r\ntwo\n"],
      [5, 2, -5, 0, "1999-12-31", "x"],
    ]);
  });

  test("an empty field is NULL, a quoted empty one is the empty string", async () => {
    expect(await read(`${HEADER}1,,,,\n2,,,,""\n3,,,,\n`)).toEqual([
      [2, 1, null, null, null, null],
      [3, 2, null, null, null, ""],
      [4, 3, null, null, null, null],
    ]);
  });

  test("a file may end without a line feed, and a table without rows is its header", async () => {
    expect(await read(`${HEADER}1,,,,last`)).toEqual([[2, 1, null, null, null, "last"]]);
    expect(await read(HEADER)).toEqual([]);
  });

  test("whole numbers beyond 2^53 stay exact, to the ends of 64 bits", async () => {
    const text = "id\n9007199254740993\n-9223372036854775808\n9223372036854775807\n";
    const rows = await read(text, [{ name: "id", type: "integer" }]);
    expect(rows.map(([, id]) => id)).toEqual([9007199254740993n, -9223372036854775808n, 9223372036854775807n]);
  });

  test.each([
    ["id", "1.0,,,,", 'things.csv line 3, field id: "1.0" is no integer.'],
    ["id", "9223372036854775808,,,,", 'things.csv line 3, field id: "9223372036854775808" is no integer.'],
    ["price", "1,0.005,,,", 'things.csv line 3, field price: "0.005" is no number with at most 2 decimals.'],
    ["price", "1,1e3,,,", 'things.csv line 3, field price: "1e3" is no number with at most 2 decimals.'],
    ["price", "1,5.,,,", 'things.csv line 3, field price: "5." is no number with at most 2 decimals.'],
    ["price", '1,"",,,', 'things.csv line 3, field price: "" is no number with at most 2 decimals.'],
    ["active", "1,,yes,,", 'things.csv line 3, field active: "yes" is no boolean.'],
    ["day", "1,,,31.12.2024,", 'things.csv line 3, field day: "31.12.2024" is no date.'],
  ])(
    "a value that is not of its field's type is refused by table, line and field: %s in %s",
    async (_, row, message) => {
      await expect(read(`${HEADER}1,,,,\n${row}\n`)).rejects.toMatchObject({ code: "load-bad-value", message });
    },
  );

  test("points in time and uuids have one spelling each, that of their field's scale", async () => {
    const of: Field[] = [
      { name: "at", type: "datetime" },
      { name: "at_ms", type: "datetime", scale: 3 },
      { name: "opens", type: "time" },
      { name: "opens_ms", type: "time", scale: 3 },
      { name: "id", type: "uuid" },
    ];
    const header = "at,at_ms,opens,opens_ms,id\n";
    const right = [
      "2024-02-29T23:59:59Z",
      "2024-02-29T00:00:00.500Z",
      "00:00:00",
      "23:59:59.999",
      "0190a6f0-0000-7000-8000-00000000000a",
    ];
    expect(await read(`${header}${right}\n`, of)).toEqual([[2, ...right]]);
    const wrong = [
      [
        "2024-02-29T23:59:59.000Z",
        "2024-02-29 23:59:59Z",
        "2024-02-29T23:59:59",
        "2024-02-29T23:59:59+00:00",
        "2024-02-29T24:00:00Z",
      ],
      ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.50Z"],
      ["00:00", "24:00:00", "00:00:00.000"],
      ["00:00:00"],
      [(right[4] as string).toUpperCase(), (right[4] as string).replaceAll("-", "")],
    ];
    for (const [place, values] of wrong.entries()) {
      for (const value of values) {
        await expect(read(`${header}${right.with(place, value)}\n`, of)).rejects.toMatchObject({
          code: "load-bad-value",
        });
      }
    }
  });

  test.each([
    ["a quote that never closes", '1,,,,"open\n', "load-bad-csv"],
    ["text after a closing quote", '1,,,,"a"b\n', "load-bad-csv"],
    ["a quote inside an unquoted field", '1,,,,a"b\n', "load-bad-csv"],
    ["a missing field", "1,,,\n", "load-bad-csv"],
    ["a field too many", "1,,,,,\n", "load-bad-csv"],
  ])("%s is refused with its line", async (_, row, code) => {
    const message = expect.stringContaining("things.csv line 3:");
    await expect(read(`${HEADER}1,,,,\n${row}`)).rejects.toMatchObject({ code, message });
  });

  test.each([
    ["another header", "id,price\n1,2\n"],
    ["no header", ""],
    ["a byte order mark", `\ufeff${HEADER}`],
  ])("%s is refused before any row", async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: "load-bad-header" });
  });

  test.each(["2023-02-29", "2024-02-30", "2024-04-31", "1900-02-29", "0000-01-01", "0000-02-29"])(
    "%s is on no calendar and is refused, which a Date would make another day of",
    async (day) => {
      await expect(read(`${HEADER}1,,,${day},\n`)).rejects.toMatchObject({ code: "load-bad-value" });
    },
  );

  test("rows that can't be read are left out, each told with its line and first bad field, and the others read", async () => {
    const table: Table = { name: "things", rows: 0, primaryKey: ["id"], fields };
    const told: [number, string][] = [];
    const text = `${HEADER}1,,,,ok\nx,y,,,\n3,,,,"two\nlines"\n4,1.005,,,\n5,,,,ok\n`;
    const rows: Row[] = [];
    const reading = readCsv(chunks(Buffer.from(text), 5), table, (line, reason) => void told.push([line, reason]));
    for await (const batch of reading) rows.push(...batch);
    expect(rows.map(([line]) => line)).toEqual([2, 4, 7]);
    expect(told).toEqual([
      [3, 'field id: "x" is no integer'],
      [6, 'field price: "1.005" is no number with at most 2 decimals'],
    ]);
  });

  test("a consumer that stops closes the source", async () => {
    let closed = false;
    async function* endless() {
      try {
        yield Buffer.from("id\n");
        for (;;) yield Buffer.from("1\n");
      } finally {
        closed = true;
      }
    }
    const table: Table = { name: "things", rows: 0, primaryKey: ["id"], fields: [{ name: "id", type: "integer" }] };
    for await (const _ of readCsv(endless(), table, () => {})) break;
    expect(closed).toBe(true);
  });

  test("strings and decimals written by csv-stringify come back exactly, however the bytes are cut", async () => {
    const text = fc.option(fc.string({ unit: "binary" }).filter((s) => s.isWellFormed()));
    const row = fc.record({ cents: fc.bigInt(-(2n ** 62n), 2n ** 62n), text });
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 20 }), async (rows, chunkBytes) => {
        const cells = rows.map(({ cents, text }, i) => [String(i), decimal(cents), text]);
        const csv = `id,price,text\n${stringify(cells, { quoted_empty: false, quoted_match: /^$|["\r\n,]/ })}`;
        const of = fields.filter(({ name }) => ["id", "price", "text"].includes(name));
        const back = (await read(csv, of, chunkBytes)).map(([, id, price, text]) => ({
          id,
          cents: BigInt(price as number),
          text,
        }));
        expect(back).toEqual(rows.map(({ cents, text }, id) => ({ id, cents, text })));
      }),
    );
  });
});

function decimal(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
