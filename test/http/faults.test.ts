/** What one answer tells of all that is wrong: every fault at its place, each once, none that only follows from another. */
import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import { readPage } from "../../src/generate/page.ts";
import { mapTables, resolveRequest } from "../../src/http/resolve.ts";
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

/** Of a sound request, the faults that its rows show. */
async function told(request: object): Promise<string[]> {
  try {
    const wanted = await resolveRequest(world, request, LIMITS, "2026-01-01");
    mapTables(wanted, (place) => readPage(wanted.engine, place, 0, 100));
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

describe("a row that can't be made", () => {
  const number = (name: string, generator: object) => ({ name, type: "integer", generator });
  const huge = number("huge", { kind: "expression", expr: "id * 1000000000000000" });
  const tenFold = "exceeds 2^53 units of 10^-0";

  test("is a fault of its field, once, whoever reads it", async () => {
    const kids = tableOf(
      "kids",
      [{ name: "parent_id", type: "integer" }, number("v", { kind: "lookup", field: "parent.huge" })],
      {
        foreignKeys: [reference("parent_id", "parents")],
      },
    );
    const faults = await faultsOf(tableOf("parents", [huge]), kids);
    expect(faults).toEqual([expect.stringMatching(/^\/0\/fields\/1\/generator overflow /)]);
    expect(faults[0]).toContain(tenFold);
  });

  test("of a date whose bounds cross, or that starts past its limit", async () => {
    const day = (name: string, generator: object) => ({ name, type: "date", generator });
    const days = [
      day("first", { kind: "date", min: "2025-01-01", max: "2025-12-31" }),
      day("last", { kind: "date", min: { field: "first" }, max: "2025-01-02" }),
    ];
    const late = day("late", {
      kind: "after",
      field: "first",
      by: { kind: "constant", value: 1 },
      unit: "days",
      max: "2025-01-02",
    });
    const faults = await faultsOf(tableOf("crossed", days), tableOf("past", [days[0] as object, late]));
    expect(faults.map((fault) => fault.split(" ").slice(0, 2))).toEqual([
      ["/0/fields/2/generator", "impossible-range"],
      ["/1/fields/2/generator", "impossible-range"],
    ]);
  });

  test("for want of a parent with a weight, or for a rule", async () => {
    const kids = tableOf("kids", [{ name: "parent_id", type: "integer" }], {
      foreignKeys: [reference("parent_id", "parents", { pick: { kind: "weighted", weight: "id * 0" } })],
    });
    const ruled = tableOf("ruled", [number("v", { kind: "uniform", min: 1, max: 9 })], {
      rules: [{ name: "small", expr: `id * 1000000000000000 > 0` }],
    });
    const faults = await faultsOf(tableOf("parents"), kids, ruled);
    expect(faults.map((fault) => fault.split(" ").slice(0, 2))).toEqual([
      ["/1/foreignKeys/0", "no-weight"],
      ["/2/rules/0/expr", "overflow"],
    ]);
  });

  test("when a number of children hangs on it", async () => {
    const law = { by: "huge", values: { 1: { kind: "fixed", n: 1 } } };
    const kids = {
      ...tableOf("kids", [{ name: "parent_id", type: "integer" }]),
      rows: undefined,
      foreignKeys: [reference("parent_id", "parents", { children: law })],
    };
    const [fault] = await faultsOf(tableOf("parents", [huge]), kids);
    expect(fault).toMatch(/^\/0\/fields\/1\/generator overflow /);
  });
});
