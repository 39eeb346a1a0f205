/**
 * Faults found while a schema is compiled go to one list, each once. Whoever needs what has a fault
 * stops too, but has nothing to tell.
 */
import type { Fault } from "../dataset/errors.ts";
import { GeneratorFault } from "./kind.ts";

/** A fault already on the list, thrown on to whoever needed the broken field. */
export const REPORTED = "";

/** Runs a step; a fault goes to the list (under `pointer`) and the result is undefined. */
export function collect<T>({ faults }: { faults: Fault[] }, pointer: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof GeneratorFault)) throw error;
    for (const { code, message, pointer: at } of [error, ...error.others]) {
      if (code !== REPORTED) tell(faults, { pointer: pointer + at, code, message });
    }
    return undefined;
  }
}

/** Adds a fault, once: two conditions may have the same one. */
function tell(faults: Fault[], fault: Fault): void {
  const isTold = ({ pointer, code, message }: Fault) =>
    pointer === fault.pointer && code === fault.code && message === fault.message;
  if (!faults.some(isTold)) faults.push(fault);
}
