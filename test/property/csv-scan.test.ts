/** The loader's CSV scanner held against csv-parse, on any text and however it is cut. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CsvRecord, csvScanner } from "../../src/load/csv-scan.ts";

/** What goes wrong first, often side by side; a few of these are a whole file of records, sound or broken. */
const piece = fc.constantFrom(...['"', '""', '""""', '"a"', ",", "\n", "\r\n", "\r", " ", "é", "🐉", "\ufeff", "ab"]);
const soup = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
/** Sound records of one width, each field quoted or not. */
const field = fc.oneof(
  fc.constantFrom("", '""', "0", "-5.20", "word", "é", '"a,b"', '"a\nb"', '"a\r\n""b"""', '"🐉"', "a\rb"),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => `"${text.toWellFormed().replaceAll('"', '""')}"`),
);
const sound = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.boolean())
  .chain(([width, ends]) =>
    fc
      .array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 6 })
      .map((records) => records.map((fields) => fields.join()).join("\n") + (ends && records.length > 0 ? "\n" : "")),
  );

/** csv-parse's records, NULL apart from the empty string; undefined when it finds none. */
function reference(text: string): (string | null)[][] | undefined {
  try {
    return parse(text, {
      delimiter: ",",
      record_delimiter: "\n",
      relax_column_count: true,
      cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
    }) as unknown as (string | null)[][];
  } catch {
    return undefined;
  }
}

function scanned(text: string, cuts: readonly number[]): CsvRecord[] | undefined {
  const scan = csvScanner();
  const records: CsvRecord[] = [];
  const ends = [...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  try {
    ends.forEach((end, i) => {
      records.push(...scan(text.slice(i === 0 ? 0 : ends[i - 1], end), false));
    });
    return [...records, ...scan("", true)];
  } catch {
    return undefined;
  }
}

const cuts = fc.array(fc.nat(200), { maxLength: 6 });

test.each([
  ["any text", soup],
  ["sound records", sound],
])("the records of %s are csv-parse's, or there are none in either", (_, texts) => {
  let found = 0;
  fc.assert(
    fc.property(texts, cuts, (text, cuts) => {
      const records = scanned(text, cuts);
      expect(records?.map(([, ...fields]) => fields)).toEqual(reference(text));
      found += records === undefined || records.length === 0 ? 0 : 1;
    }),
    { numRuns: 2000 },
  );
  // Neither all refused nor all empty: then nothing would have been compared.
  expect(found).toBeGreaterThan(300);
});

test("each record tells the line it starts on", () => {
  fc.assert(
    fc.property(sound, cuts, (text, cuts) => {
      let line = 1;
      for (const [told, ...fields] of scanned(text, cuts) ?? []) {
        expect(told).toBe(line);
        line += fields.join("").split("\n").length;
      }
    }),
    { numRuns: 500 },
  );
});
