/**
 * A certificate for "localhost", signed with its own key, made anew for each server: Node can sign but not write
 * certificates, and no private key belongs in a repository. X.509 version 1 is enough: no extensions.
 */
import { generateKeyPairSync, sign } from "node:crypto";

export interface Certificate {
  readonly key: string;
  /** PEM; to be trusted by the client, as its own issuer. */
  readonly cert: string;
}

const TAG = { integer: 0x02, bits: 0x03, text: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };
/** Object identifiers, encoded: ecdsa-with-SHA256 and commonName. */
const ECDSA_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");

export function makeCertificate(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = der(TAG.sequence, ECDSA_SHA256);
  const attribute = der(TAG.sequence, COMMON_NAME, der(TAG.text, Buffer.from("localhost")));
  const name = der(TAG.sequence, der(TAG.set, attribute));
  const times = ["200101000000Z", "491231235959Z"].map((time) => der(TAG.time, Buffer.from(time)));
  const key = publicKey.export({ type: "spki", format: "der" });
  const serial = der(TAG.integer, Buffer.from([1]));
  const body = der(TAG.sequence, serial, algorithm, name, der(TAG.sequence, ...times), name, key);
  const signature = der(TAG.bits, Buffer.from([0]), sign("sha256", body, privateKey));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem(der(TAG.sequence, body, algorithm, signature)),
  };
}

/** Tag, length, contents. Lengths above 127 stand behind a byte that says how many bytes they take. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
