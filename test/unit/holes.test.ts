/** Holes of templates and prompts that are opened and not closed. */
import { expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { faultsOf, fullFaultsOf, tableOf } from "../support/small-tables.ts";

const at = "/tables/0/fields/1/generator";
const text = (generator: Field["generator"]): Field => ({ name: "value", type: "string", generator });

test.each([
  ["{{id", "{{id"],
  ["a {{ id }} {{id", "{{id"],
  ["{{id}", "{{id}"],
  ["{{}}", "{{}}"],
  ["{{first name}} of {{id}}", "{{first name}} of "],
])("says that in %s the hole %s is none, and so does a prompt", (pattern, shown) => {
  const message = `${JSON.stringify(shown)} opens no hole; put a name of letters, digits, _ and . between {{ and }}.`;
  const code = "bad-template";
  const told = (field: Field) => fullFaultsOf([tableOf("things", [field])]);
  expect(told(text({ kind: "template", template: pattern }))).toEqual([{ code, pointer: `${at}/template`, message }]);
  expect(told(text({ kind: "text", prompt: pattern }))).toEqual([{ code, pointer: `${at}/prompt`, message }]);
});

test("says so of a template inside another generator, beside its other faults", () => {
  const inner = { kind: "template", template: "{{nope}} {{id" };
  const outer = text({ kind: "text", prompt: "{{gone}} {{id", fallback: inner });
  expect(faultsOf([tableOf("things", [outer])])).toEqual([
    `unknown-field ${at}/prompt`,
    `bad-template ${at}/prompt`,
    `unknown-field ${at}/fallback/template`,
    `bad-template ${at}/fallback/template`,
  ]);
});
