/** Request bodies: read within a limit, parsed, and checked with all faults at once. */
import type { HttpRequest } from "@azure/functions";
import type { z } from "zod";
import { type Fault, Malformed, TooLarge } from "../dataset/errors.ts";
import { misfitsOf } from "../dataset/misfit.ts";
import type { World } from "../dataset/world.ts";

/** The body's text. Throws TooLarge as soon as it exceeds the limit, whatever its Content-Length says. */
export async function readBody(request: HttpRequest, limitBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > limitBytes) throw new TooLarge(`The body is larger than the limit of ${limitBytes} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** The JSON value of a body; an empty body is an empty object. Throws Malformed. */
export function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Malformed("malformed-json", `The body is not JSON: ${(error as Error).message}.`);
  }
}

/** zod's issues as faults, each with its JSON Pointer and what to do. */
export function faultsOf(error: z.ZodError): Fault[] {
  return misfitsOf(error).map(({ pointer, code, name, text }) => {
    return { pointer, code, message: name === undefined ? `${text}.` : `${name}: ${text}.` };
  });
}

/** What a database can't do of a load's options, as faults of the part of the body at `pointer`. */
export function loadFaults(refusals: ReturnType<World["checkLoad"]>, pointer: string): Fault[] {
  return refusals.map(({ option, message }) => {
    return { pointer: `${pointer}/${option}`, code: "load-option", message: `${option}: ${message}.` };
  });
}
