/** A figure against the least or the most it should be: printed, since a machine's bad day is no failure. */
export function printGate(what: string, value: number, is: ">=" | "<=", gate: number): void {
  const isMet = is === ">=" ? value >= gate : value <= gate;
  console.log(`${what}: ${value.toFixed(2)}, gate ${is} ${gate}: ${isMet ? "met" : "missed"}`);
}
