import { describe, expect, test } from "vitest";
import { type Field, schemaDocument, type Table } from "../../../src/dataset/schema.ts";
import { draftGroups } from "../../../src/generate/drafts/groups.ts";
import { layOut } from "../../../src/generate/drafts/lay-out.ts";
import { estimateDraft, renderPrompt } from "../../../src/generate/drafts/prompt.ts";
import { cellsOf, engineOf, SEED, tableOf, tally } from "../../support/small-tables.ts";

const text = (name: string, prompt: string, more: object = {}): Field => {
  return { name, type: "string", generator: { kind: "text", prompt, ...more } };
};
const category = (name: string, values: Record<string, number>): Field => {
  return { name, type: "string", generator: { kind: "category", values } };
};
const colour = category("colour", { red: 90, green: 9, blue: 1 });
const size: Field = { name: "size", type: "integer", generator: { kind: "uniform", min: 1, max: 1_000_000 } };

function groupsOf(tables: Table[], ownTexts = 2_000) {
  const schema = schemaDocument.parse({ name: "small", tables });
  const rows = tables.map((table) => table.rows as number);
  return draftGroups(schema, [...tables.keys()], rows, ownTexts);
}

describe("groups", () => {
  test("are the fields of a table with one draft, or single fields; each says how it is drafted", () => {
    const fields = [text("a", "x", { draft: "d" }), text("b", "y"), text("c", "z", { draft: "d" }), colour];
    expect(groupsOf([tableOf("small", fields, { rows: 10 }), tableOf("large", fields, { rows: 1_000_000 })])).toEqual([
      { table: "small", fields: ["a", "c"], mode: "rows", texts: 10, textsPerCall: 25 },
      { table: "small", fields: ["b"], mode: "rows", texts: 10, textsPerCall: 25 },
      { table: "large", fields: ["a", "c"], mode: "exemplars", texts: 2_000, textsPerCall: 25 },
      { table: "large", fields: ["b"], mode: "exemplars", texts: 2_000, textsPerCall: 25 },
    ]);
  });

  test("a table of rows x fields up to the limit has a text for each row, one row more has exemplars", () => {
    const fields = [text("a", "x"), text("b", "y")];
    const modeOf = (rows: number) => groupsOf([tableOf("t", fields, { rows })]).map(({ mode }) => mode);
    expect(modeOf(1_000)).toEqual(["rows", "rows"]);
    expect(modeOf(1_001)).toEqual(["exemplars", "exemplars"]);
  });

  test("exemplars are twice the root of the rows, 50 to 2,000", () => {
    const textsFor = (rows: number) => groupsOf([tableOf("t", [text("a", "x")], { rows })], 0)[0]?.texts;
    expect([10, 100, 10_000, 1_000_000, 100_000_000].map(textsFor)).toEqual([10, 50, 200, 2_000, 2_000]);
  });

  test("a prompt's own texts are drafted before it; long texts come a few at a time", () => {
    const fields = [text("summary", "Sum up {{body}}"), text("body", "A letter", { maxChars: 10_000 })];
    const groups = groupsOf([tableOf("letters", fields, { rows: 10 })]);
    expect(groups.map(({ fields }) => fields[0])).toEqual(["body", "summary"]);
    expect(groups[0]?.textsPerCall).toBe(1);
  });

  test("without rows or text fields there is nothing to draft", () => {
    expect(groupsOf([tableOf("a", [colour]), tableOf("b", [text("t", "x")], { rows: 0 })])).toEqual([]);
  });
});

describe("a text for each row", () => {
  const fields = [colour, size, text("note", "On {{colour}} of {{size}}", { maxChars: 100 })];
  const tables = [tableOf("things", fields, { rows: 60 })];
  const engine = engineOf(tables);
  const [group] = groupsOf(tables);
  const draft = layOut(engine, SEED, group as never);

  test("has the row's own values", () => {
    expect(draft.items.map(({ row, attributes }) => [row, attributes.colour, attributes.size])).toEqual(
      cellsOf(engine, "things.colour", 0, 60).map((value, row) => [
        row,
        value,
        cellsOf(engine, "things.size", row, 1)[0],
      ]),
    );
  });

  test("prompts list one row a line, each starting with its number, and nothing is left open", () => {
    const { user, answer, maxTokens } = renderPrompt(draft, draft.items.slice(3, 5), 0);
    const lines = user.split("\n").filter((line) => line.startsWith('{"i":'));
    expect(lines.map((line) => JSON.parse(line).i)).toEqual([3, 4]);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ colour: draft.items[3]?.attributes.colour });
    expect(JSON.parse(lines[0] as string).length).toMatch(/^\d+-\d+ characters$/);
    expect(user).toContain('- note: "On {{colour}} of {{size}} At most 100 characters."');
    expect(answer.schema).toMatchObject({
      required: ["rows"],
      properties: { rows: { items: { required: ["i", "note"], additionalProperties: false } } },
    });
    expect(maxTokens).toBeGreaterThan((2 * 100) / 4);
  });

  test("manners vary from row to row", () => {
    const manners = new Set(draft.items.map(({ style }) => `${style.tone}/${style.voice}/${style.angle}`));
    expect(manners.size).toBeGreaterThan(55);
    const lengths = tally(draft.items.map(({ style }) => style.lengths[0]?.most));
    expect([...lengths.keys()].sort((a, b) => Number(a) - Number(b))).toEqual([40, 60, 80]);
  });

  test("costs as many calls as there are batches", () => {
    expect(estimateDraft(draft).calls).toBe(3);
  });
});

describe("exemplars", () => {
  const grade = category("grade", { a: 1, b: 1 });
  const fields = [colour, grade, size, text("note", "On {{colour}}, {{grade}}, {{size}}")];
  const tables = [tableOf("things", fields, { rows: 100_000 })];
  const engine = engineOf(tables);
  const [group] = groupsOf(tables);
  const draft = layOut(engine, SEED, group as never);

  test("are matched by values of which there are few; others are slots", () => {
    expect([draft.by, draft.slots]).toEqual([["colour", "grade"], ["size"]]);
    expect(draft.items[0]?.attributes).toMatchObject({ size: "{{size}}" });
  });

  test("are shared out as often as combinations come, and every one has some", () => {
    const counts = tally(draft.items.map(({ key }) => key));
    expect(counts.size).toBe(6);
    const share = (key: string) => (counts.get(key) as number) / draft.items.length;
    expect(share('["red","a"]')).toBeCloseTo(0.45, 1);
    expect(counts.get('["blue","a"]')).toBeGreaterThanOrEqual(1);
    expect(draft.items.length).toBe(group?.texts);
  });

  test("have the values of the row they are written for", () => {
    for (const { row, attributes, key } of draft.items.slice(0, 20)) {
      const values = ["colour", "grade"].map((name) => cellsOf(engine, `things.${name}`, row, 1)[0]);
      expect(JSON.stringify(values)).toBe(key);
      expect([attributes.colour, attributes.grade]).toEqual(values);
    }
  });

  test("what would make too many combinations becomes a slot", () => {
    const many = category("many", Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`v${i}`, 1])));
    const wide = [many, category("more", Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`w${i}`, 1])))];
    const tables = [tableOf("t", [...wide, text("note", "{{many}} {{more}}")], { rows: 10_000 })];
    const draft = layOut(engineOf(tables), SEED, groupsOf(tables)[0] as never);
    expect([draft.by, draft.slots]).toEqual([["more"], ["many"]]);
  });
});

test("values of rows are data: no control characters, bounded, and no key of ours is taken", () => {
  const nasty = category("tone", { [`a\u0000b\u202ec${"x".repeat(500)}`]: 1 });
  const tables = [tableOf("t", [nasty, text("note", "Of {{tone}}\u0007")], { rows: 1 })];
  const draft = layOut(engineOf(tables), SEED, groupsOf(tables)[0] as never);
  const { user } = renderPrompt(draft, draft.items, 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(user).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  const line = JSON.parse(user.split("\n").at(-1) as string);
  expect(line._tone).toMatch(/^a b c/);
  expect(line._tone.length).toBe(301);
  expect(line.tone).toBe(draft.items[0]?.style.tone);
  expect(user).toContain('- note: "Of {{_tone}}');
});
