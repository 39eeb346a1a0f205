/**
 * TDS packets: a header of 8 bytes (type, status, length big-endian, connection, number, 0) and data.
 * A message is one packet or more; the last one carries the end bit. Source: MS-TDS 2.2.3.
 */
import type { Socket } from "node:net";

/** Types of the messages a client sends. */
export const PACKET = { batch: 1, rpc: 3, attention: 6, bulk: 7, transaction: 14, login: 16, prelogin: 18 } as const;

const ANSWER = 4;
const HEADER = 8;
const END = 1;
const IGNORE = 2;

export interface Packet {
  readonly type: number;
  readonly isLast: boolean;
  /** The client takes the message back: what came so far must not be carried out. */
  readonly isIgnored: boolean;
  readonly data: Buffer;
}

/** The packets of a connection, read no faster than they are asked for. */
export async function* packets(socket: Socket): AsyncGenerator<Packet> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const cut = cutPackets(rest.length ? Buffer.concat([rest, chunk]) : chunk);
    yield* cut.packets;
    rest = cut.rest;
  }
}

/** The whole packets at the start of `bytes`, and what remains. */
export function cutPackets(bytes: Buffer): { packets: Packet[]; rest: Buffer } {
  const packets: Packet[] = [];
  let from = 0;
  while (bytes.length - from >= HEADER) {
    const length = bytes.readUInt16BE(from + 2);
    if (length < HEADER) throw new Error(`a packet of ${length} bytes is shorter than its header`);
    if (bytes.length - from < length) break;
    const status = bytes.readUInt8(from + 1);
    const data = bytes.subarray(from + HEADER, from + length);
    packets.push({ type: bytes.readUInt8(from), isLast: !!(status & END), isIgnored: !!(status & IGNORE), data });
    from += length;
  }
  return { packets, rest: bytes.subarray(from) };
}

/** One answer, cut into packets of at most `size` bytes. */
export function answerPackets(data: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  const room = size - HEADER;
  const count = Math.max(1, Math.ceil(data.length / room));
  for (let i = 0; i < count; i++) {
    const piece = data.subarray(i * room, (i + 1) * room);
    const header = Buffer.alloc(HEADER);
    header.writeUInt8(ANSWER, 0);
    header.writeUInt8(i === count - 1 ? END : 0, 1);
    header.writeUInt16BE(HEADER + piece.length, 2);
    header.writeUInt8((i + 1) & 255, 6);
    parts.push(header, piece);
  }
  return Buffer.concat(parts);
}
