/**
 * A cursor over the bytes of one message. TDS is little-endian but for packet headers, PRELOGIN and versions;
 * text is UTF-16, counted in characters where a length byte or word stands before it.
 */
export class Reader {
  readonly bytes: Buffer;
  offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  u8(): number {
    return this.bytes.readUInt8(this.move(1));
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.move(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.move(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.move(8));
  }

  /** The next `count` bytes, not copied. */
  take(count: number): Buffer {
    const from = this.move(count);
    return this.bytes.subarray(from, this.offset);
  }

  /** The next `count` UTF-16 characters. */
  text(count: number): string {
    return this.take(count * 2).toString("utf16le");
  }

  private move(count: number): number {
    const from = this.offset;
    if (from + count > this.bytes.length)
      throw new RangeError(`${count} bytes wanted, ${this.bytes.length - from} left`);
    this.offset = from + count;
    return from;
  }
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

/** Text behind a length byte: B_VARCHAR of the specification. At most 255 characters. */
export function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), utf16(text)]);
}

/** Text behind a length word: US_VARCHAR of the specification. */
export function longText(text: string): Buffer {
  return Buffer.concat([u16(text.length), utf16(text)]);
}
