/**
 * CSV bytes to batches of typed rows, with the line each row starts on.
 *
 * csv-parse does the parsing. Only its `cast` can tell an empty field (NULL) from a quoted one ("",
 * the empty string), so values are converted in there: 290k rows/s of 8 fields against 425k without
 * cast, while asking for the raw text instead gave 325k and left the work to do. Rows are collected
 * by `on_record` and never enter the stream's object queue, which alone would halve the rate.
 */
import { parse } from "csv-parse";
import { JobFailure } from "../dataset/errors.ts";
import { type Field, scaleOf, type Table } from "../dataset/schema.ts";
import type { Reject, Row, Value } from "./target.ts";

/** Bytes parsed between two batches: about 800 rows, 4 ms with their inserts. */
const PIECE_BYTES = 65_536;

/**
 * The rows of a table's CSV file, header checked and left out; memory is flat in their number.
 * Numbers are exact (see `Value`). A row with a value that is not of its field's type is not among them:
 * `reject` is told its line and first such field. The source is closed when the consumer stops early.
 * @throws JobFailure naming file and line for what is not CSV or not this table.
 */
export async function* readCsv(bytes: AsyncIterable<Uint8Array>, table: Table, reject: Reject): AsyncGenerator<Row[]> {
  const converters = table.fields.map(converter);
  let bad: string | undefined;
  let batch: Row[] = [];
  let line = 1;
  /** Line feeds inside the current record. csv-parse counts lines too, but a quoted CR LF as two. */
  let inner = 0;
  const parser = parse({
    delimiter: ",",
    record_delimiter: "\n",
    cast: (text, { quoting, index }) => {
      if (quoting) for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) inner++;
      else if (text === "") return null;
      const convert = converters[index];
      if (line === 1 || !convert) return text;
      const value = convert(text);
      if (value === undefined) bad ??= badValue(table.fields[index] as Field, text);
      return value ?? null;
    },
    on_record: (values: Value[]) => {
      if (line === 1) checkHeader(values, table);
      else if (bad === undefined) batch.push([line, ...values]);
      else reject(line, bad);
      bad = undefined;
      line += 1 + inner;
      inner = 0;
      return null;
    },
  });
  // Every error also reaches the callback of the write that met it.
  parser.on("error", () => {});
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        await called((done) => parser.write(chunk.subarray(at, at + PIECE_BYTES), done));
        if (batch.length > 0) yield batch;
        batch = [];
      }
    }
    await called((done) => parser.end(done));
    if (line === 1) checkHeader([], table);
    if (batch.length > 0) yield batch;
  } catch (error) {
    throw isCsvError(error)
      ? new JobFailure("load-bad-csv", `${table.name}.csv line ${line}: ${error.message}.`, error)
      : error;
  } finally {
    parser.destroy();
  }
}

function called(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}

function isCsvError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^(CSV_|INVALID_OPENING_QUOTE)/.test(String(error.code));
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

/**
 * A decimal in whole units of 10^-scale, never through a fraction: "19.9" at scale 2 is 1990, "-0.05" is -5.
 * Undefined for other text, more decimals than `scale`, or what 64 bits can't hold.
 */
function units(text: string, scale: number): number | bigint | undefined {
  const point = text.indexOf(".");
  const decimals = point < 0 ? 0 : text.length - point - 1;
  if (decimals > scale || point === text.length - 1 || point === 0) return undefined;
  const digits = (point < 0 ? text : text.slice(0, point) + text.slice(point + 1)) + "0".repeat(scale - decimals);
  if (!/^-?\d+$/.test(digits)) return undefined;
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(digits);
  return exact >= -INT64 && exact < INT64 ? exact : undefined;
}
