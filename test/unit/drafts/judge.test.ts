import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { judge, makeSeen } from "../../../src/generate/drafts/judge.ts";
import type { Draft, Item } from "../../../src/generate/drafts/lay-out.ts";

const PROMPT = "A short note for {{city}} about the delivery";

function judged(text: string, more: Partial<Field> = {}, slots: string[] = ["city"]) {
  const generator = { kind: "text", prompt: PROMPT, maxChars: 120 };
  const field: Field = { name: "note", type: "string", generator, ...more };
  const item = { style: { lengths: [{ least: 30, most: 90 }] } } as unknown as Item;
  const { texts, reason } = judge({ fields: [field], slots } as unknown as Draft, item, { note: text });
  return reason ?? texts?.[0];
}

const GOOD = "Left with the neighbour on the second floor, who signed for it.";

describe("texts are kept", () => {
  test.each([
    ["as they are", GOOD, GOOD],
    ["with blanks made single and trimmed", `  ${GOOD.replaceAll(" ", "  ")}\t`, GOOD],
    ["without invisible characters", `\u202e${GOOD.replace("the", "the\u0000\u200b")}\ufeff`, GOOD],
    ["without what a spreadsheet would run", `=+ -@\t${GOOD}`, GOOD],
    [
      "in composed form",
      "Un cafe\u0301 au coin de la rue, ouvert tard.",
      "Un caf\u00e9 au coin de la rue, ouvert tard.",
    ],
    [
      "with slots that are allowed",
      "Brought to {{city}} before noon, all dry.",
      "Brought to {{city}} before noon, all dry.",
    ],
    [
      "with words that only look like trouble",
      "She cannot wait to help; the writer was sorry.",
      "She cannot wait to help; the writer was sorry.",
    ],
  ])("%s", (_, text, expected) => {
    expect(judged(text)).toBe(expected);
  });

  test("paragraphs keep one empty line between them", () => {
    expect(judged("A first paragraph here.\r\n \n\n\nA second one.")).toBe("A first paragraph here.\n\nA second one.");
  });

  test("cut at their last sentence when most of them fits, and never within a word", () => {
    const sentence = "It came at nine and was gone by ten, as ever.";
    expect(judged(`${sentence} ${sentence} ${sentence}`)).toBe(`${sentence} ${sentence}`);
    expect(judged(`${sentence.slice(0, -1)}, ${sentence.slice(0, -1)}, ${sentence}`)).toBe("too-long");
  });
});

describe("texts are refused", () => {
  test.each([
    ["empty", " \u200b\n"],
    ["too-short", "Left it."],
    ["too-long", "word ".repeat(60)],
    ["refusal", "I'm sorry, but I can't help with that request today."],
    ["refusal", "As an AI language model, I do not have deliveries."],
    ["refusal", "I cannot write this note for the customer, sorry."],
    ["placeholder", "Dear [Name], your parcel is at the front door."],
    ["placeholder", "Lorem ipsum dolor sit amet, consectetur adipiscing."],
    ["placeholder", "Your parcel for <city name> is at the front door."],
    ["unknown-slot", "Brought to {{town}} before noon, all of it dry."],
    ["unknown-slot", "Brought to {{ before noon, all of it still dry."],
    ["echo", PROMPT],
    ["echo", `Note: ${PROMPT}.`],
    ["echo", '"tone": "dry", the note is about the delivery'],
    ["not-text", '{"note": "Left with the neighbour, who signed"}'],
    ["not-text", "# A note\nLeft with the neighbour, who signed."],
    ["not-text", "Left with the **neighbour** on the second floor."],
  ])("as %s: %s", (reason, text) => {
    expect(judged(text)).toBe(reason);
  });

  test("that break the field's constraints", () => {
    expect(judged(GOOD, { constraints: { pattern: "Left .*" } })).toBe(GOOD);
    expect(judged(GOOD, { constraints: { pattern: "[a-z]+" } })).toBe("constraint");
    expect(judged(GOOD, { constraints: { maxLength: 40 } })).toBe("constraint");
    expect(judged(GOOD, { constraints: { enum: [GOOD] } })).toBe(GOOD);
    expect(judged(GOOD, { constraints: { enum: ["Another"] } })).toBe("constraint");
  });
});

describe("repetitions", () => {
  test("are found whatever the case and punctuation", () => {
    const seen = makeSeen();
    seen.add(GOOD);
    expect(seen.find(GOOD.toUpperCase().replaceAll(",", " -"))).toBe("duplicate");
    expect(seen.find("Something else entirely happened at the depot.")).toBeUndefined();
  });

  test("nearly the same are found too, among many others", () => {
    const seen = makeSeen();
    const words =
      "amber basin cedar delta ember fjord grove heath inlet jetty knoll lagoon marsh north oasis pine".split(" ");
    const sentence = (n: number) =>
      Array.from({ length: 12 }, (_, k) => words[(n * (k + 3) + k * k) % words.length]).join(" ");
    for (let n = 0; n < 300; n++) seen.add(`${sentence(n)} ${n}`);
    const long = "The bench stands under two old oaks and is dry even after a long night of heavy rain in late October";
    seen.add(long);
    expect(seen.find(long.replace("October", "Oktober"))).toBe("near-duplicate");
    expect(seen.find(long.split(" ").reverse().join(" "))).toBeUndefined();
  });
});
