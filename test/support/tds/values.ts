/**
 * Values between bytes and what a test compares. What can't be a JavaScript number exactly is text, made from the
 * bytes alone: a decimal is "123.4500", a date "2024-02-29", a datetime2(3) "2024-02-29T23:59:59.987", so that
 * neither a double nor a time zone comes between the wire and the test. bigint is a bigint, bit a boolean.
 */
import type { Reader } from "./bytes.ts";
import { u16, u32, u64, utf16 } from "./bytes.ts";
import { decimalBytes, isText, MAX, type Type } from "./types.ts";

export type Value = string | number | bigint | boolean | null;

interface Codec {
  decode(bytes: Buffer, type: Type): Value;
  encode(value: Value, type: Type): Buffer;
}

const DAY_MS = 86_400_000;
/** Days from 0001-01-01 and from 1900-01-01 to 1970-01-01. */
const DAYS_FROM_YEAR_1 = 719_162;
const DAYS_FROM_1900 = 25_567;

const integer: Codec = {
  // tinyint is the only one without sign.
  decode: (bytes) => (bytes.length === 1 ? bytes.readUInt8() : bytes.readIntLE(0, bytes.length)),
  encode: (value, { size }) => {
    const bytes = Buffer.alloc(size);
    if (size === 1) bytes.writeUInt8(Number(value));
    else bytes.writeIntLE(Number(value), 0, size);
    return bytes;
  },
};

const bigint: Codec = {
  decode: (bytes) => bytes.readBigInt64LE(),
  encode: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value as bigint));
    return bytes;
  },
};

const bit: Codec = {
  decode: (bytes) => bytes[0] === 1,
  encode: (value) => Buffer.from([value ? 1 : 0]),
};

const float: Codec = {
  decode: (bytes) => (bytes.length === 8 ? bytes.readDoubleLE() : bytes.readFloatLE()),
  encode: (value, { size }) => {
    const bytes = Buffer.alloc(size);
    if (size === 8) bytes.writeDoubleLE(Number(value));
    else bytes.writeFloatLE(Number(value));
    return bytes;
  },
};

const decimal: Codec = {
  decode: (bytes, { scale }) => {
    const magnitude = readUnsigned(bytes.subarray(1));
    return scaledText(bytes[0] === 1 ? magnitude : -magnitude, scale);
  },
  encode: (value, { precision, scale }) => {
    const units = scaledUnits(String(value), scale);
    const bytes = Buffer.alloc(1 + decimalBytes(precision));
    bytes[0] = units < 0n ? 0 : 1;
    writeUnsigned(bytes.subarray(1), units < 0n ? -units : units);
    return bytes;
  },
};

/** Ten-thousandths; in eight bytes the high half comes first. */
const money: Codec = {
  decode: (bytes) => {
    if (bytes.length === 4) return scaledText(BigInt(bytes.readInt32LE()), 4);
    return scaledText((BigInt(bytes.readInt32LE()) << 32n) | BigInt(bytes.readUInt32LE(4)), 4);
  },
  encode: (value, { size }) => {
    const units = scaledUnits(String(value), 4);
    const low = u32(Number(BigInt.asUintN(32, units)));
    return size === 4 ? low : Buffer.concat([u32(Number(BigInt.asUintN(32, units >> 32n))), low]);
  },
};

const date: Codec = {
  decode: (bytes) => dayText(bytes.readUIntLE(0, 3) - DAYS_FROM_YEAR_1),
  encode: (value) => unsigned(dayNumber(String(value)) + DAYS_FROM_YEAR_1, 3),
};

const time: Codec = {
  decode: (bytes, { scale }) => timeText(bytes.readUIntLE(0, bytes.length), scale),
  encode: (value, { scale }) => unsigned(timeUnits(String(value), scale), timeBytes(scale)),
};

const datetime2: Codec = {
  decode: (bytes, type) =>
    `${date.decode(bytes.subarray(-3), type)}T${time.decode(bytes.subarray(0, bytes.length - 3), type)}`,
  encode: (value, type) => {
    const [day = "", clock = ""] = String(value).split("T");
    return Buffer.concat([time.encode(clock, type), date.encode(day, type)]);
  },
};

/** Days since 1900 and three-hundredths of a second; in four bytes, minutes. */
const datetime: Codec = {
  decode: (bytes) => {
    const isSmall = bytes.length === 4;
    const day = isSmall ? bytes.readUInt16LE() : bytes.readInt32LE();
    const ms = isSmall ? bytes.readUInt16LE(2) * 60_000 : Math.round((bytes.readUInt32LE(4) * 10) / 3);
    return `${dayText(day - DAYS_FROM_1900)}T${timeText(ms, 3)}`;
  },
  encode: (value, { size }) => {
    const [day = "", clock = ""] = String(value).split("T");
    const days = dayNumber(day) + DAYS_FROM_1900;
    const ms = timeUnits(clock, 3);
    return size === 4
      ? Buffer.concat([u16(days), u16(Math.round(ms / 60_000))])
      : Buffer.concat([u32(days), u32(Math.round((ms * 3) / 10))]);
  },
};

/** The first three groups are little-endian numbers. */
const uniqueidentifier: Codec = {
  decode: (bytes) => {
    const hex = swapGroups(bytes).toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  },
  encode: (value) => swapGroups(Buffer.from(String(value).replaceAll("-", ""), "hex")),
};

const nvarchar: Codec = {
  decode: (bytes) => bytes.toString("utf16le"),
  encode: (value) => utf16(String(value)),
};

const WINDOWS_1252 = new TextDecoder("windows-1252");
const WINDOWS_1252_CHARACTERS = WINDOWS_1252.decode(Uint8Array.from({ length: 256 }, (_, i) => i));

const varchar: Codec = {
  decode: (bytes) => WINDOWS_1252.decode(bytes),
  encode: (value) => {
    const codes = [...String(value)].map((character) => WINDOWS_1252_CHARACTERS.indexOf(character));
    if (codes.includes(-1)) throw new Error(`${value} does not fit varchar`);
    return Buffer.from(codes);
  },
};

const CODECS: Record<string, Codec> = {
  ...{ bit, tinyint: integer, smallint: integer, int: integer, bigint, real: float, float },
  ...{ decimal, numeric: decimal, smallmoney: money, money },
  ...{ date, time, datetime2, datetime, smalldatetime: datetime },
  ...{ uniqueidentifier, nvarchar, varchar },
};

function codec({ base }: Type): Codec {
  const found = CODECS[base];
  if (!found) throw new Error(`values of ${base} are not known here`);
  return found;
}

/**
 * Where the value at `offset` ends, or -1 if its bytes are not all there yet. Reads lengths only, so that a million
 * rows can be counted without being decoded.
 */
export function valueEnd(bytes: Buffer, offset: number, type: Type): number {
  let end = offset;
  if (type.size === MAX && isText(type)) {
    if (offset + 8 > bytes.length) return -1;
    end += 8;
    if (bytes.readBigUInt64LE(offset) === PIECES_NULL) return end;
    for (;;) {
      if (end + 4 > bytes.length) return -1;
      const piece = bytes.readUInt32LE(end);
      end += 4 + piece;
      if (piece === 0) return end;
    }
  }
  if (isText(type)) {
    if (offset + 2 > bytes.length) return -1;
    const length = bytes.readUInt16LE(offset);
    end += 2 + (length === TEXT_NULL ? 0 : length);
  } else {
    if (offset >= bytes.length) return -1;
    end += 1 + (bytes[offset] as number);
  }
  return end <= bytes.length ? end : -1;
}

const TEXT_NULL = 0xffff;
const PIECES_NULL = 0xffff_ffff_ffff_ffffn;

export function readValue(reader: Reader, type: Type): Value {
  const bytes = isText(type) ? readTextBytes(reader, type) : reader.take(reader.u8());
  // For every type that is not text, no bytes means NULL.
  if (!bytes || (!isText(type) && bytes.length === 0)) return null;
  return codec(type).decode(bytes, type);
}

function readTextBytes(reader: Reader, { size }: Type): Buffer | undefined {
  if (size !== MAX) {
    const length = reader.u16();
    return length === TEXT_NULL ? undefined : reader.take(length);
  }
  if (reader.u64() === PIECES_NULL) return undefined;
  const pieces: Buffer[] = [];
  for (let length = reader.u32(); length > 0; length = reader.u32()) pieces.push(reader.take(length));
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}

export function writeValue(value: Value, type: Type): Buffer {
  const bytes = value === null ? undefined : codec(type).encode(value, type);
  if (!isText(type)) return bytes ? Buffer.concat([Buffer.from([bytes.length]), bytes]) : Buffer.from([0]);
  if (type.size !== MAX) return bytes ? Buffer.concat([u16(bytes.length), bytes]) : u16(TEXT_NULL);
  if (!bytes) return Buffer.alloc(8, 0xff);
  const piece = bytes.length ? [u32(bytes.length), bytes] : [];
  return Buffer.concat([u64(bytes.length), ...piece, u32(0)]);
}

/** Bytes of a time of day. Source: MS-TDS 2.2.5.5.1.8. */
function timeBytes(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

function unsigned(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
}

function readUnsigned(bytes: Buffer): bigint {
  let value = 0n;
  for (let at = bytes.length - 4; at >= 0; at -= 4) value = (value << 32n) | BigInt(bytes.readUInt32LE(at));
  return value;
}

function writeUnsigned(bytes: Buffer, value: bigint): void {
  for (let at = 0; at < bytes.length; at += 4)
    bytes.writeUInt32LE(Number((value >> BigInt(at * 8)) & 0xffff_ffffn), at);
}

/** scaledText(-1234500n, 4) is "-123.4500". */
function scaledText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const sign = units < 0n ? "-" : "";
  return scale ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : sign + digits;
}

function scaledUnits(text: string, scale: number): bigint {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (!whole || fraction.length > scale) throw new Error(`${text} is no decimal of scale ${scale}`);
  return BigInt(sign + whole + fraction.padEnd(scale, "0"));
}

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
const dayNumber = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS;

/** Not folded at midnight: units of a whole day read "24:00:00", which is what stands on the wire. */
function timeText(units: number, scale: number): string {
  const perSecond = 10 ** scale;
  const seconds = Math.floor(units / perSecond);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return scale ? `${clock}.${String(units % perSecond).padStart(scale, "0")}` : clock;
}

function timeUnits(text: string, scale: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * 10 ** scale);
}

function swapGroups(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
