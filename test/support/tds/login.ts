/** The two messages before a session, PRELOGIN and LOGIN7. Passwords are neither checked nor kept. */
import { Reader } from "./bytes.ts";
import { CHANGE, changeBytes, changeText, done, loginAck } from "./tokens.ts";
import { COLLATION } from "./types.ts";

export interface Login {
  readonly user: string;
  readonly database: string;
  readonly application: string;
  /** Bytes of a packet, headers included, as the client wishes. */
  readonly packetSize: number;
}

const VERSION = 0;
const ENCRYPTION = 1;
const END = 0xff;

/** What a server says about encryption: a client that insists on it hangs up at "notSupported". */
export const ENCRYPTION_IS = { on: 1, notSupported: 2 } as const;

/** The answer to PRELOGIN: option list (number, offset and length big-endian), then the options' bytes. */
export function preloginAnswer(encryption: number): Buffer {
  const options = [
    [VERSION, Buffer.from([16, 0, 0, 0, 0, 0])],
    [ENCRYPTION, Buffer.from([encryption])],
  ] as const;
  const list: number[] = [];
  let offset = options.length * 5 + 1;
  for (const [option, bytes] of options) {
    list.push(option, offset >> 8, offset & 255, bytes.length >> 8, bytes.length & 255);
    offset += bytes.length;
  }
  return Buffer.concat([Buffer.from([...list, END]), ...options.map(([, bytes]) => bytes)]);
}

/** LOGIN7: texts are found by (offset, characters) pairs at fixed places. Source: MS-TDS 2.2.6.4. */
export function readLogin(message: Buffer): Login {
  const text = (at: number): string => new Reader(message, message.readUInt16LE(at)).text(message.readUInt16LE(at + 2));
  return { user: text(40), application: text(48), database: text(68), packetSize: message.readUInt32LE(8) };
}

export function loginAnswer({ database, packetSize }: Login): Buffer {
  return Buffer.concat([
    changeText(CHANGE.database, database || "master", "master"),
    changeBytes(CHANGE.collation, COLLATION, Buffer.alloc(0)),
    loginAck(),
    changeText(CHANGE.packetSize, String(packetSize), "4096"),
    done(),
  ]);
}
