/**
 * Reads a zip as its format says (PKWARE's APPNOTE, 4.3), from the directory at its end, and checks
 * every file's length and CRC-32. Knows stored and deflated files below 4 GiB, and nothing else.
 */
import { crc32, inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

/** The files by name, in the directory's order. Throws when the zip is not sound. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.length - 22;
  expectMark(zip, end, END);
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    expectMark(zip, at, ENTRY);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const packed = contentOf(zip, zip.readUInt32LE(at + 42), zip.readUInt32LE(at + 20));
    const bytes = zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    if (bytes.length !== zip.readUInt32LE(at + 24)) throw new Error(`${name} has another length`);
    if (crc32(bytes) !== zip.readUInt32LE(at + 16)) throw new Error(`${name} has another CRC-32`);
    files.set(name, bytes);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  if (at !== end) throw new Error("The directory has another length");
  return files;
}

function contentOf(zip: Buffer, local: number, length: number): Buffer {
  expectMark(zip, local, LOCAL);
  const first = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  return zip.subarray(first, first + length);
}

function expectMark(zip: Buffer, at: number, mark: number): void {
  if (zip.readUInt32LE(at) !== mark) throw new Error(`There is no mark ${mark.toString(16)} at ${at}`);
}
