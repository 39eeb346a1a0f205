/**
 * TLS as SQL Server has always done it: PRELOGIN goes in the clear, then the records of the handshake travel inside
 * PRELOGIN packets, one message each way by turns, and after the handshake TDS travels inside TLS as usual.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Certificate } from "./certificate.ts";
import { ENCRYPTION_IS, preloginAnswer } from "./login.ts";
import { answerPackets, cutPackets } from "./packets.ts";

const PACKET_BYTES = 4096;

/** Answers PRELOGIN and gives the connection inside TLS, whose first message will be LOGIN7. */
export function acceptTls(raw: Socket, certificate: Certificate): TLSSocket {
  let phase: "greeting" | "handshake" | "open" = "greeting";
  let isSecure = false;
  let rest: Buffer = Buffer.alloc(0);
  let flight: Buffer[] = [];

  /** All records that TLS wrote in this turn, as one message; the last of them ends the handshake. */
  function sendFlight(): void {
    if (flight.length) raw.write(answerPackets(Buffer.concat(flight), PACKET_BYTES));
    flight = [];
    if (isSecure) phase = "open";
  }

  const records = new Duplex({
    read: () => void raw.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (phase === "open") return void raw.write(chunk, done);
      if (flight.push(chunk) === 1) setImmediate(sendFlight);
      done();
    },
    destroy: (error, done) => {
      raw.destroy();
      done(error);
    },
  });

  function greet(chunk: Buffer): void {
    const { packets, rest: left } = cutPackets(Buffer.concat([rest, chunk]));
    rest = left;
    for (const { data } of packets) {
      if (phase === "handshake") records.push(data);
      else raw.write(answerPackets(preloginAnswer(ENCRYPTION_IS.on), PACKET_BYTES));
      phase = "handshake";
    }
  }

  raw.on("data", (chunk: Buffer) => {
    if (phase !== "open") greet(chunk);
    else if (!records.push(chunk)) raw.pause();
  });
  raw.on("end", () => records.push(null));
  raw.on("error", (error) => records.destroy(error));
  raw.on("close", () => records.destroy());
  const secure = new TLSSocket(records, { isServer: true, ...certificate });
  secure.on("secure", () => {
    isSecure = true;
  });
  return secure;
}
