/** Everything that is wrong inside one generator or rule is told at once. */
import { describe, expect, test } from "vitest";
import type { Field, GeneratorSpec } from "../../src/dataset/schema.ts";
import { faultsOf, tableOf } from "../support/small-tables.ts";

const at = "/tables/0/fields/1/generator";
const x = (type: Field["type"], generator: GeneratorSpec): Field => ({ name: "x", type, generator });
const told = (field: Field) => faultsOf([tableOf("things", [field])]).map((fault) => fault.replace(at, ""));
const constant = (value: unknown): GeneratorSpec => ({ kind: "constant", value });

const branch = (condition: string, then: GeneratorSpec) => ({ if: condition, then });

describe("one generator", () => {
  test.each<[string, Field, string[]]>([
    [
      "every parameter",
      x("integer", { kind: "binomial", n: -2, p: 2, colour: 1, "a/b": 1 }),
      ["bad-parameter /n", "bad-parameter /p", "bad-parameter /colour", "bad-parameter /a~1b"],
    ],
    [
      "every name of an expression",
      x("integer", { kind: "expression", expr: "u + (w > 1 ? b.q : max(v, 2)) + (u in [zz])" }),
      Array(5).fill("unknown /expr"),
    ],
    [
      "every hole of a template",
      x("string", { kind: "template", template: "{{u}} {{w}} {{id}}" }),
      ["unknown /template", "unknown /template"],
    ],
    [
      "every name of a prompt, and its fallback",
      x("string", { kind: "text", prompt: "{{u}} {{w}} {{b.q}}", fallback: { kind: "magic" } }),
      [...Array(3).fill("unknown /prompt"), "unknown /fallback/kind"],
    ],
    [
      "every condition and branch of when",
      x("integer", {
        kind: "when",
        cases: [branch("u > 1", constant("a")), branch("id + 1", { kind: "magic" })],
        else: constant("b"),
      }),
      [
        "unknown /cases/0/if",
        "type-mismatch /cases/0/then",
        "type-mismatch /cases/1/if",
        "unknown /cases/1/then/kind",
        "type-mismatch /else",
      ],
    ],
    [
      "every branch of a mixture, and its weights",
      x("integer", {
        kind: "mixture",
        of: [
          { weight: 0, generator: constant("a") },
          { weight: 0, generator: constant("b") },
        ],
      }),
      ["no-weight /of", "type-mismatch /of/0/generator", "type-mismatch /of/1/generator"],
    ],
    [
      "both ends of a range",
      x("date", { kind: "date", min: { field: "u" }, max: { expr: "w + v" } }),
      ["unknown /min", "unknown /max", "unknown /max"],
    ],
  ])("%s", (_, field, faults) => {
    expect(told(field).map((fault) => fault.replace(/^unknown-\w+/, "unknown"))).toEqual(faults);
  });

  test("every value that a category has no choices for", () => {
    const by = (values: object): Field => x("string", { kind: "category", by: "good", values });
    const good: Field = { name: "good", type: "boolean", generator: { kind: "boolean" } };
    expect(faultsOf([tableOf("things", [by({}), good])])).toEqual(Array(2).fill(`missing-values ${at}/values`));
  });

  test("a name that is there twice is told once", () => {
    expect(told(x("integer", { kind: "expression", expr: "u + u * u" }))).toEqual(["unknown-field /expr"]);
  });
});
