/**
 * The rows of a bulk load, read as packets arrive: column descriptions, then rows, then an end token. A row may be cut
 * anywhere by a packet's end. Only the first rows are decoded and kept; all are measured by their lengths, counted and
 * summed up, so that a million rows need no more memory than a hundred.
 */
import { crc32 } from "node:zlib";
import { Reader } from "./bytes.ts";
import type { Bulk, SqlError } from "./script.ts";
import { isText, MAX, readType, type Type, typeName } from "./types.ts";
import { readValue, type Value, valueEnd } from "./values.ts";

const COLUMNS = 0x81;
const ROW = 0xd1;
const DONE = 0xfd;
const DONE_BYTES = 13;
const NULLABLE = 0x01;

export interface BulkReader {
  readonly bulk: Bulk;
  push(data: Buffer): void;
  /** Throws unless the end token came. Gives the error a server answers with when a text is longer than its column. */
  finish(): SqlError | undefined;
}

export function bulkReader(keepRows: number, onRow?: (row: Value[]) => void): BulkReader {
  const bulk: Bulk = { columns: [], rows: [], rowCount: 0, checksum: 0 };
  const types: Type[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let hasColumns = false;
  let hasEnded = false;
  let tooLong = 0;

  /** The number of bytes of `rest` that were read. */
  function readTokens(): number {
    let from = hasColumns ? 0 : readColumns();
    while (hasColumns && !hasEnded && from < rest.length) {
      const token = rest[from];
      if (token === DONE) {
        if (rest.length - from < DONE_BYTES) break;
        hasEnded = true;
        return from + DONE_BYTES;
      }
      if (token !== ROW) throw new Error(`the token 0x${token?.toString(16)} has no place among bulk rows`);
      const end = rowEnd(from + 1);
      if (end < 0) break;
      takeRow(from + 1, end);
      from = end;
    }
    return from;
  }

  function readColumns(): number {
    const reader = new Reader(rest);
    try {
      if (reader.u8() !== COLUMNS) throw new Error("a bulk load must start with its columns");
      for (let left = reader.u16(); left > 0; left--) {
        reader.u32();
        const nullable = !!(reader.u16() & NULLABLE);
        const type = readType(reader);
        types.push(type);
        bulk.columns.push({ name: reader.text(reader.u8()), type: typeName(type), nullable });
      }
    } catch (error) {
      // Descriptions of many columns take several packets: start again when the next one is there.
      if (!(error instanceof RangeError)) throw error;
      types.length = bulk.columns.length = 0;
      return 0;
    }
    hasColumns = true;
    return reader.offset;
  }

  function rowEnd(from: number): number {
    let at = from;
    for (let i = 0; i < types.length; i++) {
      const type = types[i] as Type;
      const end = valueEnd(rest, at, type);
      if (end < 0) return -1;
      if (isText(type) && type.size !== MAX && end - at - 2 > type.size) tooLong = i + 1;
      at = end;
    }
    return at;
  }

  function takeRow(from: number, to: number): void {
    bulk.rowCount++;
    bulk.checksum = crc32(rest.subarray(from, to), bulk.checksum);
    if (!onRow && bulk.rows.length >= keepRows) return;
    const reader = new Reader(rest, from);
    const row = types.map((type) => readValue(reader, type));
    if (bulk.rows.length < keepRows) bulk.rows.push(row);
    onRow?.(row);
  }

  return {
    bulk,
    push: (data) => {
      rest = rest.length ? Buffer.concat([rest, data]) : data;
      rest = rest.subarray(readTokens());
    },
    finish: () => {
      if (!hasEnded || rest.length) throw new Error(`a bulk load ended with ${rest.length} bytes that are no row`);
      const message = `Received an invalid column length from the bcp client for colid ${tooLong}.`;
      return tooLong ? { number: 4815, message } : undefined;
    },
  };
}
