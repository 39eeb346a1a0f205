/**
 * What a client asks for once it is logged in, decoded: SQL batches, procedure calls and transaction requests.
 * All three start with ALL_HEADERS, which says in which transaction the client believes to be.
 */
import { Reader } from "./bytes.ts";
import { readType } from "./types.ts";
import { readValue, type Value } from "./values.ts";

export interface Request {
  readonly text: string;
  readonly transaction: number;
  readonly parameters: Record<string, Value>;
  readonly declared: string;
}

const TRANSACTION_HEADER = 2;
const EXECUTE_SQL = 10;
const OPERATIONS: Record<number, string> = {
  5: "BEGIN TRANSACTION",
  7: "COMMIT TRANSACTION",
  8: "ROLLBACK TRANSACTION",
  9: "SAVE TRANSACTION",
};

/** The number of the transaction, 0 for none; the reader stands behind the headers. */
function readHeaders(reader: Reader): number {
  const end = reader.offset + reader.u32();
  let transaction = 0;
  while (reader.offset < end) {
    const next = reader.offset + reader.u32();
    if (reader.u16() === TRANSACTION_HEADER) transaction = Number(reader.u64());
    reader.offset = next;
  }
  return transaction;
}

export function readBatch(message: Buffer): Request {
  const reader = new Reader(message);
  const transaction = readHeaders(reader);
  return { text: message.toString("utf16le", reader.offset), transaction, parameters: {}, declared: "" };
}

/** sp_executesql (statement, declarations, parameters …), or any procedure by name. Other numbered ones throw. */
export function readCall(message: Buffer): Request {
  const reader = new Reader(message);
  const transaction = readHeaders(reader);
  const nameLength = reader.u16();
  const procedure = nameLength === 0xffff ? reader.u16() : reader.text(nameLength);
  reader.u16();
  const values: (readonly [string, Value])[] = [];
  while (!reader.isAtEnd) {
    const name = reader.text(reader.u8()).replace(/^@/, "");
    reader.u8();
    values.push([name, readValue(reader, readType(reader))]);
  }
  if (typeof procedure === "string")
    return { text: `EXEC ${procedure}`, transaction, parameters: Object.fromEntries(values), declared: "" };
  if (procedure !== EXECUTE_SQL) throw new Error(`the procedure number ${procedure} is not known here`);
  const hasParameters = values.length > 1;
  const [, text] = values[0] ?? [];
  const [, declared] = values[1] ?? [];
  const parameters = Object.fromEntries(values.slice(hasParameters ? 2 : 1));
  return { text: String(text), transaction, parameters, declared: String(declared ?? "") };
}

export function readTransaction(message: Buffer): Request {
  const reader = new Reader(message);
  const transaction = readHeaders(reader);
  const operation = reader.u16();
  const text = OPERATIONS[operation];
  if (!text) throw new Error(`the transaction request ${operation} is not known here`);
  const parameters: Record<string, Value> = operation === 5 ? { isolation: reader.u8() } : {};
  return { text, transaction, parameters, declared: "" };
}
