/**
 * Column types between their T-SQL name ("decimal(19, 4)") and their bytes on the wire (TYPE_INFO), both ways.
 * Only the nullable forms are known, because the driver sends no other. A type that is not in these tables throws.
 */
import { type Reader, u16 } from "./bytes.ts";

export interface Type {
  /** The T-SQL name without arguments: the key of the codecs in values.ts. */
  readonly base: string;
  readonly id: number;
  /** Bytes of a value at most; MAX for nvarchar(max) and varchar(max). */
  readonly size: number;
  readonly precision: number;
  readonly scale: number;
}

export const MAX = 0xffff;

/** SQL_Latin1_General_CP1_CI_AS, whose code page is Windows-1252. */
export const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

/** Types whose id and size say all. */
const SIZED: Record<string, readonly [id: number, size: number]> = {
  bit: [0x68, 1],
  tinyint: [0x26, 1],
  smallint: [0x26, 2],
  int: [0x26, 4],
  bigint: [0x26, 8],
  real: [0x6d, 4],
  float: [0x6d, 8],
  smallmoney: [0x6e, 4],
  money: [0x6e, 8],
  smalldatetime: [0x6f, 4],
  datetime: [0x6f, 8],
  uniqueidentifier: [0x24, 16],
};
const DATE = 0x28;
const SCALED: Record<string, number> = { time: 0x29, datetime2: 0x2a };
const DECIMAL: Record<string, number> = { decimal: 0x6a, numeric: 0x6c };
/** Bytes of a character beside the id. */
const TEXT: Record<string, readonly [id: number, width: number]> = { nvarchar: [0xe7, 2], varchar: [0xa7, 1] };

const nameOf = <T>(table: Record<string, T>, is: (entry: T) => boolean): string | undefined =>
  Object.entries(table).find(([, entry]) => is(entry))?.[0];

/** Whether values carry a length of two bytes (or, at MAX, come in pieces) instead of one byte. */
export function isText({ id }: Type): boolean {
  return id === 0xe7 || id === 0xa7;
}

/** Reads "nvarchar(40)", "decimal(19, 4)", "datetime2(3)", "int" … Arguments left out: decimal (18, 0), time 7, text 1. */
export function parseType(text: string): Type {
  const [, base = "", first, second] = /^(\w+)(?:\((\w+)(?:, ?(\d+))?\))?$/.exec(text) ?? [];
  const [sizedId, sizedBytes] = SIZED[base] ?? [];
  if (sizedId !== undefined && sizedBytes !== undefined)
    return { base, id: sizedId, size: sizedBytes, precision: 0, scale: 0 };
  if (base === "date") return { base, id: DATE, size: 3, precision: 0, scale: 0 };
  const scaled = SCALED[base];
  if (scaled) return { base, id: scaled, size: 8, precision: 0, scale: Number(first ?? 7) };
  const decimal = DECIMAL[base];
  if (decimal) {
    const precision = Number(first ?? 18);
    return { base, id: decimal, size: decimalBytes(precision) + 1, precision, scale: Number(second ?? 0) };
  }
  const [textId, width] = TEXT[base] ?? [];
  if (textId === undefined || width === undefined) throw new Error(`the type ${text} is not known here`);
  const size = first === "max" ? MAX : Number(first ?? 1) * width;
  return { base, id: textId, size, precision: 0, scale: 0 };
}

/** The T-SQL name with its arguments: "decimal(19, 4)". */
export function typeName({ base, size, precision, scale }: Type): string {
  if (base in SCALED) return `${base}(${scale})`;
  if (base in DECIMAL) return `${base}(${precision}, ${scale})`;
  const [, width] = TEXT[base] ?? [];
  return width === undefined ? base : `${base}(${size === MAX ? "max" : size / width})`;
}

export function readType(reader: Reader): Type {
  const id = reader.u8();
  if (id === DATE) return parseType("date");
  const scaled = nameOf(SCALED, (known) => known === id);
  if (scaled) return { ...parseType(scaled), scale: reader.u8() };
  const decimal = nameOf(DECIMAL, (known) => known === id);
  if (decimal) return { base: decimal, id, size: reader.u8(), precision: reader.u8(), scale: reader.u8() };
  const text = nameOf(TEXT, ([known]) => known === id);
  if (text) {
    const size = reader.u16();
    reader.take(COLLATION.length);
    return { base: text, id, size, precision: 0, scale: 0 };
  }
  const size = reader.u8();
  const sized = nameOf(SIZED, ([known, bytes]) => known === id && bytes === size);
  if (!sized) throw new Error(`the type 0x${id.toString(16)} of ${size} bytes is not known here`);
  return parseType(sized);
}

export function writeType(type: Type): Buffer {
  if (type.id === DATE) return Buffer.from([type.id]);
  if (type.base in SCALED) return Buffer.from([type.id, type.scale]);
  if (type.base in DECIMAL) return Buffer.from([type.id, type.size, type.precision, type.scale]);
  if (isText(type)) return Buffer.concat([Buffer.from([type.id]), u16(type.size), COLLATION]);
  return Buffer.from([type.id, type.size]);
}

/** Bytes of a decimal's magnitude. Source: MS-TDS 2.2.5.5.1.6. */
export function decimalBytes(precision: number): number {
  if (precision <= 9) return 4;
  if (precision <= 19) return 8;
  return precision <= 28 ? 12 : 16;
}
