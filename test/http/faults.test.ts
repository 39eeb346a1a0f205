/** What one answer tells of all that is wrong: every fault at its place, each once, none that only follows from another. */
import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import { resolveRequest } from "../../src/http/resolve.ts";
import { LIMITS } from "../support/world.ts";

const world = { newSeed: () => 1, readSaved: async () => undefined, hasModel: () => false };

const ID = { name: "id", type: "integer", generator: { kind: "sequence" } };
const reference = (field: string, resource: string, more: object = {}) => ({
  fields: [field],
  reference: { resource, fields: ["id"] },
  ...more,
});

/** A table with an id. */
function tableOf(name: string, fields: object[] = [], more: object = {}): object {
  return { name, rows: 10, primaryKey: ["id"], fields: [ID, ...fields], ...more };
}

async function told(request: object): Promise<string[]> {
  try {
    await resolveRequest(world, request, LIMITS, "2026-01-01");
    return [];
  } catch (error) {
    if (!(error instanceof Unprocessable)) throw error;
    return error.faults.map(({ pointer, code, message }) => `${pointer} ${code} ${message}`);
  }
}

/** The faults of a schema of these tables, without the "/schema/tables" that all pointers start with. */
async function faultsOf(...tables: unknown[]): Promise<string[]> {
  const faults = await told({ schema: { name: "faulty", tables } });
  return faults.map((fault) => fault.replace(/^\/schema\/tables/, ""));
}

describe("children that can't be read", () => {
  const owned = (children: object) =>
    faultsOf(tableOf("parents"), {
      ...tableOf("kids", [{ name: "parent_id", type: "integer" }]),
      rows: undefined,
      foreignKeys: [reference("parent_id", "parents", { children })],
    });
  const at = "/1/foreignKeys/0/children";
  test.each<[object, string]>([
    [{ kind: "fixed" }, `${at}/n invalid-type n is missing; give a number.`],
    [{ kind: "zipf", s: 1 }, `${at}/max invalid-type max is missing; give a number.`],
    [{ kind: "histogram", values: { a: 1 } }, `${at}/values/a invalid-key a: must be a whole number, 0 to 1000000.`],
    [
      { kind: "some", n: 1 },
      `${at}/kind invalid-union kind: must be one of fixed, range, poisson, geometric, zipf, histogram.`,
    ],
    [{ by: "id" }, `${at}/values invalid-type values is missing; give an object.`],
    [{ by: "id", values: { 1: { kind: "fixed" } } }, `${at}/values/1/n invalid-type n is missing; give a number.`],
  ])("%o", async (children, fault) => {
    expect(await owned(children)).toEqual([fault]);
  });
});
