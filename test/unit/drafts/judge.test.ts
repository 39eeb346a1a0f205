import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { judge, makeSeen } from "../../../src/generate/drafts/judge.ts";
import type { Draft, Item } from "../../../src/generate/drafts/lay-out.ts";

const PROMPT = "A short note for {{city}} about the delivery";

function judged(text: string, more: Partial<Field> = {}, slots: string[] = ["city"]) {
  const generator = { kind: "text", prompt: PROMPT, maxChars: 120 };
  const field: Field = { name: "note", type: "string", generator, ...more };
  const style = { tone: "wry", voice: "a nurse", angle: "begin with a verb", lengths: [{ least: 30, most: 90 }] };
  const item = { style } as unknown as Item;
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
    ["without quotes around", `\u201c${GOOD}\u201d`, GOOD],
    ["without quotes around what a spreadsheet would run", `"=${GOOD}"`, GOOD],
    [
      "without halves of characters, tags and soft hyphens",
      `\ud83dLe\u00adft \u{e0041}with\u200d${GOOD.slice(9)}`,
      GOOD,
    ],
    [
      "with joiners where emoji and scripts need them",
      "\ud83d\udc69\u200d\ud83c\udf73 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645, said the cook.",
      "\ud83d\udc69\u200d\ud83c\udf73 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645, said the cook.",
    ],
  ])("%s", (_, text, expected) => {
    expect(judged(text)).toBe(expected);
  });

  test("paragraphs keep one empty line between them", () => {
    expect(judged("A first paragraph here.\r\n \n\n\nA second one.")).toBe("A first paragraph here.\n\nA second one.");
  });

  test.each([
    "She cannot wait to help; the writer was sorry.",
    "I can't help smiling every time the parcel is early.",
    "I cannot help but recommend this courier to friends.",
    "We're late: I'm sorry, but your parcel comes on Friday.",
    "I can't create a mess with this box, said the mother.",
    "I couldn't write without my glasses, so I rang twice.",
    "Signed for by an AI engineer as an air-freight test.",
    "As an AI engineer, she tracked it by the minute.",
    "Skin tone: warm rose, as ordered by the customer.",
    "Here's the thing: nobody was at home before noon.",
    "Here is a parcel that was packed by somebody who cares.",
    "Sure-footed courier, who climbed all of the stairs.",
    "Weight < 3 kg and value > 50, so it was insured.",
    "Ask for Todd at #3, he takes parcels & letters too.",
    'The sign said "ring twice", then "ring once more".',
    "\u201cRing twice\u201d, said the sign; \u201conce\u201d, said the boy.",
  ])("with words that only look like trouble: %s", (text) => {
    expect(judged(text)).toBe(text);
  });

  test("with the few words of a short prompt in them", () => {
    const generator = { kind: "text", prompt: "Note for {{city}}", maxChars: 120 };
    expect(judged("Leave a note for the porter of the city hall.", { generator })).toBe(
      "Leave a note for the porter of the city hall.",
    );
    expect(judged("Note for {{city}}", { generator })).toBe("echo");
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
    ["refusal", "Sorry, I can't assist with that. Is there anything else?"],
    ["refusal", "I apologize, but I cannot generate this content."],
    ["refusal", "Unfortunately I\u2019m unable to provide a description."],
    ["refusal", "I must decline to write this delivery note."],
    ["refusal", "Thank you. I won't be able to complete this request."],
    ["refusal", "I am not able to fulfill requests of this kind."],
    ["refusal", "I can\u2019t help with this, but I can do something else."],
    ["refusal", "As a large language model I have no deliveries."],
    ["refusal", "Als KI-Sprachmodell kann ich keine Pakete liefern."],
    ["refusal", "En tant qu\u2019IA, je ne livre pas de colis au voisin."],
    ["not-text", "Sure! Here is a note about the delivery for you."],
    ["not-text", "Here's a short note: left with the neighbour."],
    ["not-text", "Here is the requested delivery note for row 7:"],
    ["placeholder", "Dear [Name], your parcel is at the front door."],
    ["placeholder", "Lorem ipsum dolor sit amet, consectetur adipiscing."],
    ["placeholder", "Your parcel for <city name> is at the front door."],
    ["placeholder", "LOREM IPSUM DOLOR SIT AMET, CONSECTETUR."],
    ["placeholder", "Dear {name}, your parcel is at the front door."],
    ["placeholder", "Dear <NAME>, your parcel is at the front door."],
    ["placeholder", "TODO: tell where the parcel was left, and when"],
    ["unknown-slot", "Brought to {{town}} before noon, all of it dry."],
    ["unknown-slot", "Brought to {{ before noon, all of it still dry."],
    ["echo", PROMPT],
    ["echo", `Note: ${PROMPT}.`],
    ["echo", '"tone": "dry", the note is about the delivery'],
    ["echo", "A short note for Paris about the delivery, then."],
    ["echo", "Begin with a verb: left it with the neighbour."],
    ["echo", "tone: wry, voice: a nurse, length: 30-90 characters"],
    ["not-text", "<p>Left with the neighbour, who signed for it.</p>"],
    ["not-text", "Left with the neighbour<br>who signed for it."],
    ["not-text", "Left at the Bed &amp; Breakfast on the corner."],
    ["not-text", "Left with the neighbour.\\nSigned for at noon."],
    ["not-text", "Left with [Ann](https://example.com), who signed."],
    ["not-text", "| where | when |\n| neighbour | noon, or later |"],
    ["not-text", "Left with the neighb\ufffdr, who signed for it."],
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
    const filled = "Brought to {{city}} before noon, all dry.";
    expect(judged(filled, { constraints: { pattern: "[A-Za-z ,.]+" } })).toBe(filled);
  });
});

describe("repetitions", () => {
  test("are found whatever the case and punctuation", () => {
    const seen = makeSeen();
    seen.add(GOOD);
    expect(seen.find(GOOD.toUpperCase().replaceAll(",", " -"))).toBe("duplicate");
    expect(seen.find("Something else entirely happened at the depot.")).toBeUndefined();
  });

  test("signs alone are told apart, and so are vowels that are marks", () => {
    const seen = makeSeen();
    seen.add("\ud83d\udc4d\ud83d\udc4d");
    seen.add("\u0915\u093f");
    expect(seen.find("\ud83c\udf89")).toBeUndefined();
    expect(seen.find("\u0915\u093e")).toBeUndefined();
    expect(seen.find("\ud83d\udc4d\ud83d\udc4d")).toBe("duplicate");
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
