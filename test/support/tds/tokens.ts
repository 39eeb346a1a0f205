/** The tokens that answers are made of. Source: MS-TDS 2.2.7. */
import { longText, shortText, u16, u32, u64 } from "./bytes.ts";
import type { Result, SqlError } from "./script.ts";
import { parseType, type Type, writeType } from "./types.ts";
import { type Value, writeValue } from "./values.ts";

const TOKEN = { columns: 0x81, error: 0xaa, info: 0xab, loginAck: 0xad, row: 0xd1, change: 0xe3, returnStatus: 0x79 };
/** After a batch; after a procedure; after a statement inside a procedure. */
const DONE = { batch: 0xfd, procedure: 0xfe, inProcedure: 0xff };
const STATUS = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 };

/** What ENVCHANGE tells the client. */
export const CHANGE = { database: 1, packetSize: 4, collation: 7, begin: 8, commit: 9, rollback: 10 } as const;

const SERVER = "test-server";
const NULLABLE = 0x09;

export function done(): Buffer {
  return doneToken(DONE.batch, 0);
}

export function doneCount(count: number): Buffer {
  return doneToken(DONE.batch, STATUS.count, count);
}

/** The end of a request that failed or was taken back. */
export function doneError(): Buffer {
  return doneToken(DONE.batch, STATUS.error);
}

/** The receipt for an attention. */
export function doneAttention(): Buffer {
  return doneToken(DONE.batch, STATUS.attention);
}

function doneToken(token: number, status: number, count = 0): Buffer {
  return Buffer.concat([Buffer.from([token]), u16(status), u16(0), u64(count)]);
}

function withLength(token: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([token]), u16(body.length), body]);
}

export function errorToken({ number, message = `error ${number}`, state = 1, severity }: SqlError): Buffer {
  return messageToken(TOKEN.error, number, state, severity ?? (number === 1205 ? 13 : 16), message);
}

function infoToken(number: number, message: string): Buffer {
  return messageToken(TOKEN.info, number, 1, 0, message);
}

function messageToken(token: number, number: number, state: number, severity: number, message: string): Buffer {
  const line = u32(1);
  const kind = Buffer.from([state, severity]);
  return withLength(token, u32(number), kind, longText(message), shortText(SERVER), shortText(""), line);
}

/** A changed text, such as the database. */
export function changeText(what: number, to: string, from: string): Buffer {
  return withLength(TOKEN.change, Buffer.from([what]), shortText(to), shortText(from));
}

/** A changed value of bytes, such as the transaction's descriptor. */
export function changeBytes(what: number, to: Buffer, from: Buffer): Buffer {
  const parts = [Buffer.from([what, to.length]), to, Buffer.from([from.length]), from];
  return withLength(TOKEN.change, ...parts);
}

/** Accepts the login with TDS 7.4. */
export function loginAck(): Buffer {
  const version = Buffer.from([0x74, 0, 0, 4]);
  return withLength(TOKEN.loginAck, Buffer.from([1]), version, shortText(SERVER), Buffer.from([16, 0, 0, 0]));
}

function columnsToken(columns: readonly (readonly [string, Type])[]): Buffer {
  const described = columns.flatMap(([name, type]) => [u32(0), u16(NULLABLE), writeType(type), shortText(name)]);
  return Buffer.concat([Buffer.from([TOKEN.columns]), u16(columns.length), ...described]);
}

function rowSet(columns: Readonly<Record<string, string>>, rows: readonly (readonly Value[])[]): Buffer {
  const types = Object.entries(columns).map(([name, type]) => [name, parseType(type)] as const);
  const cells = rows.flatMap((row) => {
    if (row.length !== types.length) throw new Error(`a row of ${row.length} values for ${types.length} columns`);
    return [Buffer.from([TOKEN.row]), ...types.map(([, type], i) => writeValue(row[i] as Value, type))];
  });
  return Buffer.concat([columnsToken(types), ...cells]);
}

/**
 * The whole answer to a statement. In a procedure each counted statement has its own end and the call has one more;
 * without that the driver would report no `rowsAffected`.
 */
export function answer(results: readonly Result[], isProcedure: boolean): Buffer {
  const parts: Buffer[] = [];
  for (const [i, { info, columns, rows = [], rowsAffected, error }] of results.entries()) {
    const hasMore = isProcedure || i < results.length - 1;
    const count = columns ? rows.length : rowsAffected;
    if (info) parts.push(infoToken(info.number ?? 0, info.message));
    if (columns) parts.push(rowSet(columns, rows));
    if (error) parts.push(errorToken(error));
    const status = (hasMore ? STATUS.more : 0) | (count === undefined ? 0 : STATUS.count) | (error ? STATUS.error : 0);
    if (isProcedure && count === undefined && !error) continue;
    parts.push(doneToken(isProcedure ? DONE.inProcedure : DONE.batch, status, count));
  }
  if (!isProcedure) return results.length ? Buffer.concat(parts) : done();
  const hasFailed = results.some(({ error }) => error);
  const returned = Buffer.concat([Buffer.from([TOKEN.returnStatus]), u32(results.at(-1)?.returns ?? 0)]);
  return Buffer.concat([...parts, returned, doneToken(DONE.procedure, hasFailed ? STATUS.error : 0)]);
}
