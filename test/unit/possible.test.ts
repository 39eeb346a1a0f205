/** Limits that nothing can keep are refused before any row is made; what could work is taken. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Unprocessable } from "../../src/dataset/errors.ts";
import type { Field, GeneratorSpec, Table } from "../../src/dataset/schema.ts";
import { mayMatch } from "../../src/generate/pattern/match.ts";
import { cellsOf, engineOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const at = "/tables/0/fields/1";
type Limits = NonNullable<Field["constraints"]>;

/** None for tables that are taken. */
function faultsOf(tables: Table[]): string[] {
  try {
    engineOf(tables);
    return [];
  } catch (error) {
    if (!(error instanceof Unprocessable)) throw error;
    return error.faults.map(({ pointer, code }) => `${code} ${pointer}`);
  }
}

/** The faults of one field in a table of so many rows, without the pointer to its limits. */
function told(
  type: Field["type"],
  generator: GeneratorSpec,
  constraints: Limits,
  more: Partial<Field> = {},
  rows = 10,
) {
  const field: Field = { name: "x", type, generator, constraints, ...more };
  return faultsOf([tableOf("things", [field], { rows })]).map((fault) => fault.replace(`${at}/constraints`, ""));
}

const RANGE_LOW = ["impossible-range /minimum"];
const RANGE_HIGH = ["impossible-range /maximum"];
const ENUM = ["impossible-value /enum"];
const uniform = (min: number, max: number) => ({ kind: "uniform", min, max });

describe("a range that no value of the generator is in", () => {
  test.each<[string, Field["type"], GeneratorSpec, Limits, string[]]>([
    ["uniform", "integer", uniform(1, 10), { minimum: 20 }, RANGE_LOW],
    ["a list", "integer", { kind: "list", values: [3, 4] }, { maximum: 2 }, RANGE_HIGH],
    ["a constant", "number", { kind: "constant", value: 1.5 }, { minimum: 1.51 }, RANGE_LOW],
    ["gaps of a category", "integer", { kind: "category", values: [1, 9] }, { minimum: 2, maximum: 8 }, RANGE_LOW],
    ["weights of 0", "integer", { kind: "category", values: { 1: 1, 9: 0 } }, { minimum: 2 }, RANGE_LOW],
    ["poisson, from 0", "integer", { kind: "poisson", mean: 3 }, { maximum: -1 }, RANGE_HIGH],
    ["poisson, whole", "number", { kind: "poisson", mean: 3 }, { minimum: 1.2, maximum: 1.8 }, RANGE_LOW],
    ["binomial, to n", "integer", { kind: "binomial", n: 5 }, { minimum: 6 }, RANGE_LOW],
    ["zipf, from 1", "integer", { kind: "zipf", n: 5 }, { maximum: 0 }, RANGE_HIGH],
    ["beta, to 1", "number", { kind: "beta" }, { minimum: 1.01 }, RANGE_LOW],
    ["exponential, from 0", "number", { kind: "exponential" }, { maximum: -0.01 }, RANGE_HIGH],
    ["normal with one end", "number", { kind: "normal", max: 5 }, { minimum: 5.01 }, RANGE_LOW],
    ["a duration", "number", { kind: "duration", by: uniform(1, 2) }, { minimum: 3 }, RANGE_LOW],
    ["a mixture", "integer", { kind: "mixture", of: [{ generator: uniform(1, 2) }] }, { minimum: 3 }, RANGE_LOW],
    ["days", "date", { kind: "date", min: "2025-01-01", max: "2025-01-31" }, { minimum: "2025-02-01" }, RANGE_LOW],
    ["instants", "datetime", { kind: "datetime", min: "2025-01-01" }, { maximum: "2024-12-31T23:59:59Z" }, RANGE_HIGH],
    ["times", "time", { kind: "time", min: "09:00", max: "10:00" }, { minimum: "10:00:01" }, RANGE_LOW],
    ["a sequence, up", "integer", { kind: "sequence", start: 5 }, { maximum: 4 }, RANGE_HIGH],
    ["a sequence, down", "integer", { kind: "sequence", start: 5, step: -1 }, { minimum: 6 }, RANGE_LOW],
    ["a lookup", "integer", { kind: "lookup", field: "id" }, { maximum: 0 }, RANGE_HIGH],
  ])("%s", (_, type, generator, limits, faults) => {
    expect(told(type, generator, limits)).toEqual(faults);
  });

  test("a date after another, with one end known", () => {
    const start: Field = { name: "start", type: "date", generator: { kind: "date", min: "2025-01-01" } };
    const generator = { kind: "after", field: "start", by: { kind: "exponential", mean: 3 } };
    const later = (maximum: string): Field => ({ name: "x", type: "date", generator, constraints: { maximum } });
    expect(faultsOf([tableOf("things", [later("2024-12-31"), start])])).toEqual([
      `impossible-range ${at}/constraints/maximum`,
    ]);
    expect(faultsOf([tableOf("things", [later("2025-01-01"), start])])).toEqual([]);
  });

  test("but not where the generator's reach is unknown, or one value is in it", () => {
    expect(told("number", { kind: "normal" }, { minimum: 1e6 })).toEqual([]);
    expect(told("integer", { kind: "expression", expr: "id" }, { maximum: -1 })).toEqual([]);
    expect(told("integer", uniform(1, 10), { minimum: 10 })).toEqual([]);
    expect(told("number", { kind: "poisson", mean: 3 }, { minimum: 1.2, maximum: 2 })).toEqual([]);
  });
});

describe("an enum", () => {
  test.each<[string, Field["type"], GeneratorSpec, Limits]>([
    ["out of the generator's range", "integer", uniform(1, 10), { enum: [0, 11] }],
    ["between a law's whole numbers", "number", { kind: "poisson", mean: 3 }, { enum: [0.5, 2.25] }],
    ["out of a law's own ends", "integer", { kind: "binomial", n: 5 }, { enum: [6, -1] }],
    ["of none of the values", "integer", { kind: "category", values: [1, 3] }, { enum: [2, 4] }],
    ["of the boolean that never comes", "boolean", { kind: "boolean", probability: 0 }, { enum: ["true"] }],
    ["of words of another list", "string", { kind: "list", values: ["a", "b"] }, { enum: ["c"] }],
    ["outside the field's own range", "integer", { kind: "normal" }, { minimum: 1, maximum: 5, enum: [0, 6] }],
    [
      "against the field's own pattern",
      "string",
      { kind: "template", template: "{{id}}" },
      { pattern: "x", enum: ["y"] },
    ],
    ["of another version's UUID", "uuid", { kind: "uuid" }, { enum: ["0f8fad5b-d9cb-769f-a165-70867728950e"] }],
    ["of a UUID that no row has", "uuid", { kind: "uuid" }, { enum: ["0f8fad5b-d9cb-469f-a165-70867728950e"] }],
  ])("%s is refused", (_, type, generator, limits) => {
    expect(told(type, generator, limits, {}, 1)).toEqual(ENUM);
  });

  test("of which one value can come is taken", () => {
    expect(told("integer", uniform(1, 10), { enum: [0, 10] })).toEqual([]);
    expect(told("integer", uniform(1, 10), { enum: [0, 5], minimum: 5 })).toEqual([]);
    expect(told("boolean", { kind: "boolean" }, { enum: ["true"] })).toEqual([]);
  });

  test("and a pattern that exclude each other's values are refused together", () => {
    const words = { kind: "category", values: ["a", "b"] };
    expect(told("string", words, { enum: ["a"], maxLength: 1 })).toEqual([]);
    expect(told("string", { kind: "category", values: ["a", "bb"] }, { enum: ["bb", "c"], pattern: "a|c" })).toEqual([
      "impossible-value ",
    ]);
  });
});

describe("a UUID's form", () => {
  test.each<[Limits, string[]]>([
    [{ pattern: "[0-9]{8}" }, ["impossible-value /pattern"]],
    [{ pattern: ".{14}7.*" }, ["impossible-value /pattern"]],
    [{ pattern: ".*\\b[0-9]{3}" }, ["impossible-value /pattern"]],
    [{ maxLength: 35 }, ["impossible-value /maxLength"]],
    [{ maxLength: 36, pattern: "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" }, []],
    [{ pattern: ".{14}4.{4}[89ab].*" }, []],
  ])("%j", (limits, faults) => {
    expect(told("uuid", { kind: "uuid" }, limits)).toEqual(faults);
  });
});

test("a pattern may match characters at places just where it matches one of the texts they make", () => {
  const atom = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "1", "-", "a?", "(?:ab)*", "a|1", "^", "$");
  const pattern = fc.array(atom, { maxLength: 4 }).map((parts) => parts.join(""));
  const letters = fc.array(fc.constantFrom("a", "ab", "1", "-1", "a1-"), { maxLength: 4 });
  fc.assert(
    fc.property(pattern, letters, (source, places) => {
      const texts = places.reduce<string[]>(
        (all, own) => all.flatMap((text) => [...own].map((one) => text + one)),
        [""],
      );
      const whole = new RegExp(`^(?:${source})$`, "u");
      expect(mayMatch(source, places)).toBe(texts.some((text) => whole.test(text)));
    }),
    { numRuns: 2_000 },
  );
});

describe("a key", () => {
  const unique = (constraints: Limits, generator: GeneratorSpec, type: Field["type"] = "integer", rows = 10) =>
    told(type, generator, { unique: true, ...constraints }, {}, rows);
  const FEW = ["unsatisfiable-unique /unique"];

  test.each<[string, Limits, GeneratorSpec, Field["type"]]>([
    ["a minimum", { minimum: 92 }, uniform(1, 100), "integer"],
    ["a maximum of a range too large to list", { maximum: 9 }, uniform(1, 1e9), "integer"],
    ["an enum", { enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 200, 201] }, uniform(1, 100), "integer"],
    ["an enum of words", { enum: ["a", "b"] }, { kind: "list", values: [..."abcdefghijk"] }, "string"],
    ["a pattern", { pattern: "[a-i]" }, { kind: "category", values: [..."abcdefghijk"] }, "string"],
    ["a maxLength", { maxLength: 1 }, { kind: "list", values: [..."abcdefghi", "jj", "kk"] }, "string"],
  ])("whose limits leave fewer values than rows is refused: %s", (_, limits, generator, type) => {
    expect(unique(limits, generator, type)).toEqual(FEW);
  });

  test("says how many are left, and is taken where they are enough", () => {
    const field = (minimum: number): Field => {
      return { name: "x", type: "integer", generator: uniform(1, 100), constraints: { unique: true, minimum } };
    };
    expect(fullFaultsOf([tableOf("things", [field(92)], { rows: 10 })])).toEqual([
      {
        pointer: `${at}/constraints/unique`,
        code: "unsatisfiable-unique",
        message:
          "things: the key needs 10 different values, but its fields' limits leave 9; ask for fewer rows or allow more values.",
      },
    ]);
    expect(faultsOf([tableOf("things", [field(91)], { rows: 10 })])).toEqual([]);
  });

  test("of several fields has as many values as their limits leave together", () => {
    const digit = (name: string, maximum: number): Field => {
      return { name, type: "integer", generator: uniform(1, 9), constraints: { maximum } };
    };
    const table = (rows: number) =>
      tableOf("things", [digit("a", 3), digit("b", 4)], { uniqueKeys: [["a", "b"]], rows });
    expect(faultsOf([table(13)])).toEqual(["unsatisfiable-unique /tables/0/uniqueKeys/0"]);
    expect(faultsOf([table(12)])).toEqual([]);
  });
});

describe("what follows from the row's number", () => {
  const sequence = { kind: "sequence", start: 101, step: 2 };
  test.each<[string, Field["type"], GeneratorSpec, Limits, number, string[]]>([
    ["a sequence's last value", "integer", sequence, { maximum: 120 }, 11, RANGE_HIGH],
    ["the last value that fits", "integer", sequence, { maximum: 121 }, 11, []],
    ["a sequence's first value", "integer", sequence, { minimum: 102 }, 1, RANGE_LOW],
    ["no rows, no values", "integer", sequence, { maximum: 120 }, 0, []],
    ["a sequence between enum's values", "integer", sequence, { enum: [101, 103, 107] }, 3, ENUM],
    ["a sequence of enum's values", "integer", sequence, { enum: [101, 103, 107] }, 2, []],
    [
      "a sequence as text",
      "string",
      { kind: "sequence" },
      { pattern: "[0-9]{1,3}" },
      1_000,
      ["impossible-value /pattern"],
    ],
    ["the same, shorter", "string", { kind: "sequence" }, { pattern: "[0-9]{1,3}" }, 999, []],
    ["a list in its order", "string", { kind: "list", order: "cycle", values: ["a", "b"] }, { enum: ["a"] }, 2, ENUM],
    ["its beginning", "string", { kind: "list", order: "cycle", values: ["a", "b"] }, { enum: ["a"] }, 1, []],
    ["a list dealt whole", "string", { kind: "list", order: "shuffle", values: ["a", "b"] }, { enum: ["a"] }, 2, ENUM],
    ["a list dealt in part", "string", { kind: "list", order: "shuffle", values: ["a", "b"] }, { enum: ["a"] }, 1, []],
    ["a list drawn from", "string", { kind: "list", values: ["a", "b"] }, { enum: ["a"] }, 100, []],
  ])("%s", (_, type, generator, limits, rows, faults) => {
    expect(told(type, generator, limits, {}, rows)).toEqual(faults);
  });

  test("where it may be NULL instead, a row is drawn until it is", () => {
    expect(told("integer", { kind: "sequence" }, { maximum: 5 }, { nullRate: 0.5 })).toEqual([]);
  });

  test("within an owner counts up to the most rows that one owns", () => {
    const line = (maximum: number): Field => {
      return { name: "line", type: "integer", generator: { kind: "sequence", per: "order" }, constraints: { maximum } };
    };
    const lines = (maximum: number): Table => ({
      ...tableOf("lines", [{ name: "order_id", type: "integer" }, line(maximum)]),
      rows: undefined as never,
      foreignKeys: [
        {
          fields: ["order_id"],
          reference: { resource: "orders", fields: ["id"] },
          children: { kind: "fixed", n: 3 },
        },
      ],
    });
    expect(faultsOf([tableOf("orders", []), lines(2)])).toEqual([
      "impossible-range /tables/1/fields/2/constraints/maximum",
    ]);
    expect(faultsOf([tableOf("orders", []), lines(3)])).toEqual([]);
  });
});

/** Whole numbers by every kind whose values can be counted on the fingers, with the values. */
const counted = fc.oneof(
  fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 5 })).map(([min, more]) => ({
    generator: uniform(min, min + more) as GeneratorSpec,
    values: Array.from({ length: more + 1 }, (_, i) => min + i),
  })),
  fc.array(fc.integer({ min: -4, max: 6 }), { minLength: 1, maxLength: 6 }).map((values) => ({
    generator: { kind: "list", values } as GeneratorSpec,
    values: [...new Set(values)],
  })),
  fc.uniqueArray(fc.integer({ min: -4, max: 6 }), { minLength: 1, maxLength: 6 }).map((values) => ({
    generator: { kind: "category", values: Object.fromEntries(values.map((value, i) => [value, i % 3 === 2 ? 0 : 1])) },
    values: values.filter((_, i) => i % 3 !== 2),
  })),
);
const limits = fc.record(
  {
    minimum: fc.integer({ min: -5, max: 7 }),
    maximum: fc.integer({ min: -5, max: 7 }),
    enum: fc.uniqueArray(fc.integer({ min: -5, max: 7 }), { minLength: 1, maxLength: 4 }),
    unique: fc.boolean(),
  },
  { requiredKeys: [] },
);

test("limits are refused just where too few values keep them, and kept in every row where they are not", () => {
  fc.assert(
    fc.property(counted, limits, fc.integer({ min: 1, max: 5 }), ({ generator, values }, given, rows) => {
      const { minimum = -9, maximum = 9, enum: allowed, unique = false } = given;
      const isKept = (value: number) => value >= minimum && value <= maximum && (allowed?.includes(value) ?? true);
      const kept = values.filter(isKept).length;
      const isRefused = told("integer", generator, given as Limits, {}, rows).length > 0;
      expect(isRefused).toBe(kept < (unique ? rows : 1));
      if (isRefused) return;
      const field: Field = { name: "x", type: "integer", generator, constraints: given as Limits };
      const cells = cellsOf(engineOf([tableOf("things", [field], { rows })]), "things.x", 0, rows) as number[];
      expect(cells.filter((cell) => !isKept(cell))).toEqual([]);
      if (unique) expect(new Set(cells).size).toBe(rows);
    }),
    { numRuns: 2_000 },
  );
});
