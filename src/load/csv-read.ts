/**
 * CSV bytes to batches of typed rows, with the line each row starts on. `csv-scan.ts` cuts the text into fields;
 * here they are turned into values, in place: a row is made once.
 */
import { StringDecoder } from "node:string_decoder";
import { JobFailure } from "../dataset/errors.ts";
import { type Field, scaleOf, type Table } from "../dataset/schema.ts";
import { CsvFault, type CsvRecord, csvScanner } from "./csv-scan.ts";
import type { Reject, Row, Value } from "./row.ts";

/** Bytes parsed between two batches: about 800 rows, 4 ms with their inserts. */
const PIECE_BYTES = 65_536;

/**
 * The rows of a table's CSV file, header checked and left out; memory is flat in their number.
 * Numbers are exact (see `Value`). A row with a value that is not of its field's type is not among them:
 * `reject` is told its line and first such field. The source is closed when the consumer stops early.
 * @throws JobFailure naming file and line for what is not CSV or not this table.
 */
export async function* readCsv(bytes: AsyncIterable<Uint8Array>, table: Table, reject: Reject): AsyncGenerator<Row[]> {
  const decoder = new StringDecoder("utf8");
  const scan = csvScanner();
  const typed = typer(table, reject);
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const batch = typed(scan(decoder.write(chunk.subarray(at, at + PIECE_BYTES)), false));
        if (batch.length > 0) yield batch;
      }
    }
    const batch = typed(scan(decoder.end(), true), true);
    if (batch.length > 0) yield batch;
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw new JobFailure("load-bad-csv", `${table.name}.csv line ${error.line}: ${error.message}.`, error);
  }
}

/** Checks the first record, the header, and takes it away; turns the fields of the others into values. */
function typer(table: Table, reject: Reject): (records: CsvRecord[], isLast?: boolean) => Row[] {
  const converters = table.fields.map(converter);
  const width = converters.length;
  let isHeaderRead = false;
  const isGood = (row: Row): boolean => {
    if (row.length !== width + 1) {
      throw new CsvFault(row[0], `the record has ${row.length - 1} fields where there must be ${width}`);
    }
    for (let i = 0; i < width; i++) {
      const text = row[i + 1] as string | null;
      if (text === null) continue;
      const value = (converters[i] as (typeof converters)[number])(text);
      if (value === undefined) {
        reject(row[0], badValue(table.fields[i] as Field, text));
        return false;
      }
      row[i + 1] = value;
    }
    return true;
  };
  return (records, isLast = false) => {
    if (!isHeaderRead && (records.length > 0 || isLast)) {
      const [, ...header] = records.shift() ?? [1];
      checkHeader(header, table);
      isHeaderRead = true;
    }
    return records.filter(isGood);
  };
}

function checkHeader(header: readonly Value[], table: Table): void {
  const wanted = table.fields.map(({ name }) => name);
  if (wanted.length === header.length && wanted.every((name, i) => name === header[i])) return;
  throw new JobFailure("load-bad-header", `${table.name}.csv line 1: the header is not ${wanted.join(",")}.`);
}

function badValue(field: Field, text: string): string {
  const wanted = field.type === "number" ? `number with at most ${scaleOf(field)} decimals` : field.type;
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return `field ${field.name}: ${shown} is no ${wanted}`;
}

/** Text to value, undefined when it can't be; NULL never gets here. */
function converter(field: Field): (text: string) => Value | undefined {
  switch (field.type) {
    case "string":
      return (text) => text;
    case "integer":
      return (text) => units(text, 0);
    case "number": {
      const scale = scaleOf(field);
      return (text) => units(text, scale);
    }
    case "boolean":
      return (text) => (text === "true" ? 1 : text === "false" ? 0 : undefined);
    default: {
      const shape = shapeOf(field.type, scaleOf(field));
      const isDay = field.type === "date" || field.type === "datetime";
      return (text) => (shape.test(text) && (!isDay || isCalendarDay(text)) ? text : undefined);
    }
  }
}

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d`;

/** One spelling only, so that in SQL the order of the texts is the order of the values, and equal ones are equal. */
function shapeOf(type: "date" | "datetime" | "time" | "uuid", scale: number): RegExp {
  const clock = scale === 3 ? String.raw`${CLOCK}\.\d{3}` : CLOCK;
  const shapes = {
    date: DAY,
    datetime: `${DAY}T${clock}Z`,
    time: clock,
    uuid: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
  };
  return new RegExp(`^${shapes[type]}$`);
}

/** Whether a text that starts like a date is one: no 30 February, no year 0, which T-SQL lacks. */
function isCalendarDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  if (day <= 28) return !text.startsWith("0000");
  const [year, month] = [Number(text.slice(0, 4)), Number(text.slice(5, 7))];
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) && year > 0;
  return (day <= 30 || ![4, 6, 9, 11].includes(month)) && year > 0;
}

const INT64 = 2n ** 63n;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/**
 * A decimal in whole units of 10^-scale, never through a fraction: "19.9" at scale 2 is 1990, "-0.05" is -5.
 * Undefined for other text, more decimals than `scale`, or what 64 bits can't hold.
 */
function units(text: string, scale: number): number | bigint | undefined {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  let point = text.length;
  let value = 0;
  for (let at = first; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === POINT - ZERO && point === text.length) point = at;
    else return undefined;
  }
  const decimals = Math.max(0, text.length - point - 1);
  if (point === first || point === text.length - 1 || decimals > scale) return undefined;
  value *= 10 ** (scale - decimals);
  // Exact as long as it is safe: no step before it was larger.
  if (Number.isSafeInteger(value)) return first === 1 ? 0 - value : value;
  const exact = BigInt(text.replace(".", "") + "0".repeat(scale - decimals));
  return exact >= -INT64 && exact < INT64 ? exact : undefined;
}
