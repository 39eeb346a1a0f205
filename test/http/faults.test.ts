/** What one answer tells of all that is wrong: every fault at its place, each once, none that only follows from another. */
import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import { readPage } from "../../src/generate/page.ts";
import { mapTables, resolveRequest } from "../../src/http/resolve.ts";
import { judgeSchema } from "../../src/http/schemas.ts";
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
      `${at}/kind unknown-kind kind: must be one of fixed, range, poisson, geometric, zipf, histogram.`,
    ],
    [
      { by: "id", values: { 1: { kind: "some" } } },
      `${at}/values/1/kind unknown-kind kind: must be one of fixed, range, poisson, geometric, zipf, histogram.`,
    ],
    [
      { values: {} },
      `${at}/by invalid-type by: must name a field of the parent; or give a kind: fixed, range, poisson, geometric, zipf, histogram.`,
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

describe("limits that nothing can keep", () => {
  const limited = (name: string, generator: object, constraints: object) => {
    return { name, type: "integer", generator, constraints };
  };
  const things = tableOf("things", [
    limited("a", { kind: "uniform", min: 1, max: 10 }, { minimum: 20 }),
    limited("b", { kind: "uniform", min: 1, max: 10 }, { enum: [0, 11] }),
    limited("c", { kind: "uniform", min: 1, max: 100 }, { unique: true, minimum: 92 }),
    limited("d", { kind: "sequence" }, { maximum: 9 }),
    limited("e", { kind: "poisson", mean: 2 }, { minimum: 5, maximum: 9, enum: [4, 10] }),
    limited("f", { kind: "list", values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, { unique: true, minimum: 11 }),
  ]);
  const faults = [
    "/fields/1/constraints/minimum impossible-range a: every value of its generator lies outside its minimum and maximum; change one of them.",
    "/fields/2/constraints/enum impossible-value b: no value of its generator is within its enum; change one of them.",
    "/fields/5/constraints/enum impossible-value e: no value of enum is within its minimum and maximum; change one of them.",
    "/fields/6/constraints/minimum impossible-range f: every value of its generator lies outside its minimum and maximum; change one of them.",
    "/fields/3/constraints/unique unsatisfiable-unique things: the key needs 10 different values, but its fields' limits leave 9; ask for fewer rows or allow more values.",
    "/fields/4/constraints/maximum impossible-range d: one of 10 rows has 10, whatever is drawn, which breaks its maximum; change its generator, the limit or the number of rows.",
  ];

  test("are told all at once, each once, in one table", async () => {
    expect(await faultsOf(things)).toEqual(faults.map((fault) => `/0${fault}`));
  });

  test("are told of a schema that is to be saved, too", async () => {
    const judged = judgeSchema(
      { ...world, now: () => new Date(0) },
      "faulty",
      { name: "faulty", tables: [things] },
      LIMITS,
    );
    const told = await judged.catch((error: Unprocessable) => error.faults.map(({ pointer }) => pointer));
    expect(told).toEqual(faults.map((fault) => `/tables/0${fault.split(" ")[0]}`));
  });

  test("hang on the rows that the request asks for", async () => {
    const schema = {
      name: "counted",
      tables: [tableOf("things", [limited("d", { kind: "sequence" }, { maximum: 20 })])],
    };
    expect(await told({ schema })).toEqual([]);
    const [fault, ...others] = await told({ schema, rows: { things: 21 } });
    expect([fault?.split(" ").slice(0, 2).join(" "), others]).toEqual([
      "/schema/tables/0/fields/1/constraints/maximum impossible-range",
      [],
    ]);
  });
});

/** Their pointers and codes alone. */
const short = (faults: string[]) => faults.map((fault) => fault.split(" ").slice(0, 2).join(" "));

const parentId = { name: "parent_id", type: "integer" };
const number = (name: string, expr: string) => ({ name, type: "integer", generator: { kind: "expression", expr } });
const toParents = { foreignKeys: [reference("parent_id", "parents")] };
const notUnique = {
  name: "u",
  type: "integer",
  constraints: { unique: true },
  generator: { kind: "uniform", min: 1, max: 5 },
};
const UNSATISFIABLE = "constraints/unique unsatisfiable-unique";

describe("what can't be read hides nothing else", () => {
  test("a field: not its neighbours, its table's keys, nor other tables", async () => {
    const faulty = tableOf("parents", [{ name: "bad", type: "colour" }, number("n", "zz + 1")], {
      uniqueKeys: [["nope"]],
    });
    expect(
      short(
        await faultsOf(faulty, tableOf("kids", [parentId, number("m", "yy")], toParents), tableOf("c", [notUnique])),
      ),
    ).toEqual([
      "/0/fields/1/type invalid-value",
      "/0/uniqueKeys/0 unknown-field",
      "/0/fields/2/generator/expr unknown-field",
      "/1/fields/2/generator/expr unknown-field",
      `/2/fields/1/${UNSATISFIABLE}`,
    ]);
  });

  test("nor does it add what only follows from it", async () => {
    const parents = tableOf(
      "parents",
      [{ name: "bad", type: "colour" }, number("n", "bad + 1"), number("n2", "bad + zz")],
      {
        uniqueKeys: [["bad"]],
        rules: [{ name: "r", expr: "bad > 3" }],
      },
    );
    const kids = tableOf("kids", [parentId, number("m", "parent.bad * 2")], toParents);
    expect(short(await faultsOf(parents, kids))).toEqual([
      "/0/fields/1/type invalid-value",
      "/0/fields/3/generator/expr unknown-field",
    ]);
  });

  test.each<[string, unknown, string[]]>([
    ["a table that is none", 5, ["/0 invalid-type"]],
    ["a table without a name", { ...tableOf("x"), name: 5 }, ["/0/name invalid-type"]],
    ["a misspelled key", tableOf("parents", [parentId], { foreignkeys: [] }), ["/0/foreignkeys unknown-key"]],
    ["a primary key", tableOf("parents", [], { primaryKey: [] }), ["/0/primaryKey too-small"]],
    ["a number of rows", tableOf("parents", [], { rows: -1 }), ["/0/rows too-small"]],
    ["a rate of NULLs", tableOf("parents", [{ ...ID, name: "n", nullRate: 2 }]), ["/0/fields/1/nullRate too-big"]],
  ])("%s: what refers to it is left out, the rest is judged", async (_, parents, faults) => {
    const kids = tableOf("kids", [parentId, number("m", "zz")], toParents);
    expect(short(await faultsOf(parents, kids, tableOf("c", [notUnique])))).toEqual([
      ...faults,
      "/1/fields/2/generator/expr unknown-field",
      `/2/fields/1/${UNSATISFIABLE}`,
    ]);
  });

  test("an unknown key of a table, unless it may be a misspelt one, hides nothing of that table", async () => {
    const given = tableOf("kids", [number("m", "zz"), { ...ID, name: "n", constraints: { pattern: "x" } }], {
      bogus: 1,
    });
    expect(short(await faultsOf(given))).toEqual([
      "/0/bogus unknown-key",
      "/0/fields/1/generator/expr unknown-field",
      "/0/fields/2/constraints/pattern type-mismatch",
    ]);
  });

  test("a foreign key: neither its fields nor what is read through it are told again", async () => {
    const kids = tableOf("kids", [parentId, number("m", "parent.id + parent_id"), number("o", "zz")], {
      rows: undefined,
      foreignKeys: [reference("parent_id", "parents", { childs: { kind: "fixed", n: 2 } })],
    });
    const count = { kind: "aggregate", of: "kids", via: "parent", fn: "count" };
    expect(
      short(await faultsOf(tableOf("parents", [{ name: "kids", type: "integer", generator: count }]), kids)),
    ).toEqual(["/1/foreignKeys/0/childs unknown-key", "/1/fields/3/generator/expr unknown-field"]);
  });
});

describe("a fault of the structure hides nothing else", () => {
  test("seconds of two decimals are one fault, beside what else is wrong with the field", async () => {
    const at = { name: "at", type: "datetime", scale: 2 };
    const moment = { ...at, generator: { kind: "datetime", min: "2025-01-01" } };
    const told = "/0/fields/1/scale bad-scale";
    expect(short(await faultsOf(tableOf("a", [moment])))).toEqual([told]);
    const unknown = { ...at, generator: { kind: "datetime", min: { field: "zz" } } };
    expect(short(await faultsOf(tableOf("a", [unknown])))).toEqual([told, "/0/fields/1/generator/min unknown-field"]);
  });

  test("no expression, rule or key of what has nothing to do with it", async () => {
    const lost = tableOf("lost", [{ name: "x_id", type: "integer" }, number("m", "x.id"), number("n", "zz")], {
      foreignKeys: [reference("x_id", "nowhere")],
      rules: [{ name: "r", expr: "n + 1" }],
    });
    expect(short(await faultsOf(lost, tableOf("c", [notUnique])))).toEqual([
      "/0/foreignKeys/0 unknown-table",
      "/0/fields/3/generator/expr unknown-field",
      "/0/rules/0/expr type-mismatch",
      `/1/fields/1/${UNSATISFIABLE}`,
    ]);
  });

  test("a circle is told at one of its keys, each circle once, beside an unknown field elsewhere", async () => {
    const to = (name: string, ...others: string[]) =>
      tableOf(
        name,
        others.map((other) => ({ name: `${other}_id`, type: "integer" })),
        {
          foreignKeys: others.map((other) => reference(`${other}_id`, other)),
        },
      );
    const faults = await faultsOf(
      to("a", "b"),
      to("b", "e", "a"),
      to("c", "d"),
      to("d", "c"),
      tableOf("e", [], { uniqueKeys: [["q"]] }),
    );
    expect(short(faults)).toEqual([
      "/4/uniqueKeys/0 unknown-field",
      "/0/foreignKeys/0 cycle",
      "/2/foreignKeys/0 cycle",
    ]);
  });

  test("a tree within a group that no parent owns names the key to give children", async () => {
    const employees = {
      name: "employees",
      rows: 9,
      primaryKey: ["dept_id", "emp_id"],
      fields: ["dept_id", "emp_id", "manager_id"].map((name) =>
        name === "emp_id" ? { ...ID, name } : { name, type: "integer" },
      ),
      foreignKeys: [
        reference("dept_id", "depts"),
        {
          fields: ["dept_id", "manager_id"],
          reference: { resource: "", fields: ["dept_id", "emp_id"] },
          as: "manager",
        },
      ],
    };
    expect(await faultsOf(tableOf("depts"), employees)).toEqual([
      "/1/foreignKeys/1 unsupported-key manager: rows can refer to rows with the same dept_id only where a parent owns them; give the foreign key dept children.",
    ]);
  });
});

test.each<[object, string[], string[]]>([
  [{ kind: "category", values: ["a", "b"] }, ["a", "c"], ["/c unknown-value", " missing-values"]],
  [{ kind: "boolean" }, ["true", "yes"], ["/yes type-mismatch"]],
  [{ kind: "sequence" }, ["1", "01", "x"], ["/01 unknown-value", "/x type-mismatch"]],
  [{ kind: "template", template: "{{id}}" }, ["any"], []],
])("children by values that a field of %o can't have", async (generator, values, faults) => {
  const { kind } = generator as { kind: string };
  const type = { boolean: "boolean", sequence: "integer" }[kind] ?? "string";
  const laws = Object.fromEntries(values.map((value) => [value, { kind: "fixed", n: 1 }]));
  const kids = {
    ...tableOf("kids", [parentId]),
    rows: undefined,
    foreignKeys: [reference("parent_id", "parents", { children: { by: "v", values: laws } })],
  };
  const found = await faultsOf(tableOf("parents", [{ name: "v", type, generator }]), kids);
  expect(short(found)).toEqual(faults.map((fault) => `/1/foreignKeys/0/children/values${fault}`));
});
