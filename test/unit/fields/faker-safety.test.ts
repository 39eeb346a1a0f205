/**
 * faker gives nothing that leads to somebody. Every method is judged by the form of its words, not by the
 * list of refusals: each is refused with a remedy, gives no single value, or gives words that are harmless.
 */
import { faker as fakerOfEnglish } from "@faker-js/faker/locale/en";
import { describe, expect, test } from "vitest";
import { type Fault, Unprocessable } from "../../../src/dataset/errors.ts";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellsOfField, engineOf, tableOf } from "../../support/small-tables.ts";

/** Args for the methods that give nothing without: their words are these. */
const ARGS: Record<string, unknown[]> = {
  "date.between": [{ from: "2025-01-01", to: "2026-01-01" }],
  "helpers.arrayElement": [["a", "b"]],
  "helpers.enumValue": [{ a: "a" }],
  "helpers.objectKey": [{ a: "a" }],
  "helpers.objectValue": [{ a: "a" }],
  "helpers.weightedArrayElement": [[{ weight: 1, value: "a" }]],
  "string.fromCharacters": ["ab"],
};

/** Give no single value with any args: a list, an object or what a function gives. */
const NO_VALUE = [
  "airline.airline airline.airplane airline.airport color.cmyk color.colorByCSSColorSpace color.hsl color.hwb color.lab",
  "color.lch finance.currency helpers.arrayElements helpers.maybe helpers.multiple helpers.objectEntry helpers.shuffle",
  "helpers.uniqueArray location.language location.nearbyGPSCoordinate science.chemicalElement science.unit",
].flatMap((line) => line.split(" "));

/** Numbers of anything, and of books, some of which add up by chance. */
const CHANCE = ["number.int", "number.bigInt", "helpers.rangeToNumber", "commerce.isbn"];

/** What the best known robot says in its user agent of who made it. */
const ROBOT = "(+http://www.google.com/bot.html)";

/** Every method of every module, as a schema document names it. */
function allMethods(): string[] {
  const modules = Object.entries(fakerOfEnglish).filter(
    ([name, module]) => name !== "fakerCore" && Object(module) === module,
  );
  return modules.flatMap(([name, module]) =>
    Object.entries(module)
      .filter(([, method]) => typeof method === "function")
      .map(([method]) => `${name}.${method}`),
  );
}

function fieldOf(method: string): Field {
  return { name: "x", type: "string", generator: { kind: "faker", method, args: ARGS[method] ?? [] } };
}

/** All words that a field of this method draws from, or why there are none. */
function wordsOf(method: string): readonly string[] | Fault {
  try {
    return engineOf([tableOf("things", [fieldOf(method)])]).tables[0]?.generators[1]?.vocabulary?.words ?? [];
  } catch (error) {
    if (error instanceof Unprocessable) return error.faults[0] as Fault;
    throw error;
  }
}

/** Names of RFC 2606; machines of RFC 5737 and 3849, cards and accounts of no country, telephones under test. */
const RESERVED = /[@./]example(?:\.(?:com|net|org))?$/i;
const RESERVED_FORMS = /^(?:192\.0\.2\.|198\.51\.100\.|2001:db8:|9999 |XX00|00-)/;

/** What a text has the form of that may be somebody's; undefined for none. */
function whose(text: string): string | undefined {
  const hosts = [...text.matchAll(/\bhttps?:\/\/([\w.-]+)/gi), ...text.matchAll(/\S@([\w-]+(?:\.[\w-]+)+)/g)];
  if (hosts.some(([found]) => !RESERVED.test(found))) return "an address of the net";
  // A domain alone; files have other endings.
  if (/^[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|biz|name)$/i.test(text)) return "a domain";
  if (/(?<![\w./])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/.test(text) || /(?:[\da-f]{1,4}:){7}[\da-f]{1,4}/i.test(text))
    return "a machine";
  if (/(?<!\d)(?:\+?1[-. ]?)?\(?[2-9]\d\d\)?[-. ]\d{3}[-. ]\d{4}(?!\d)/.test(text)) return "a telephone";
  if (/^\d[\d -]{12,22}$/.test(text) && isLuhn(text.replace(/\D/g, ""))) return "a card or an IMEI";
  if (isIban(text.replaceAll(" ", ""))) return "an account";
  const isWallet = /^(?:0x[\da-f]{40}|bc1[ac-hj-np-z02-9]{25,62}|[13LM][1-9A-Za-z]{25,34})$/.test(text);
  return isWallet ? "a wallet" : undefined;
}

/** ISO/IEC 7812: every second digit from the right twice, and all add up to a multiple of 10. */
function isLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 13616: letters are 10 to 35, and the whole, its first four last, leaves 1 when divided by 97. */
function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z\d]{10,30}$/.test(text)) return false;
  const digits = (text.slice(4) + text.slice(0, 4)).replace(/[A-Z]/g, (letter) => `${letter.charCodeAt(0) - 55}`);
  return BigInt(digits) % 97n === 1n;
}

const methods = allMethods();
const outcomes = new Map(methods.map((method) => [method, wordsOf(method)]));
const refused = [...outcomes].flatMap(([method, told]) =>
  "code" in told && told.code === "unknown-method" ? [{ method, told }] : [],
);

test("every method is refused, gives no single value, or gives words", () => {
  expect(methods.length).toBeGreaterThan(200);
  const failed = [...outcomes].flatMap(([method, told]) =>
    "code" in told && told.code !== "unknown-method" ? [method] : [],
  );
  expect(failed.sort()).toEqual(NO_VALUE);
  expect([...outcomes].filter(([, told]) => Array.isArray(told) && told.length === 0)).toEqual([]);
});

test("no method that is offered gives what may be somebody's", () => {
  const found = [...outcomes].flatMap(([method, told]) => {
    if ("code" in told || CHANCE.includes(method)) return [];
    const word = told.find((one) => whose(one.replace(ROBOT, "")));
    return word === undefined ? [] : [`${method}: ${word}, ${whose(word)}`];
  });
  expect(found).toEqual([]);
});

test.each([
  ["internet.username", "template"],
  ["internet.displayName", "template"],
  ["internet.email", "person"],
  ["phone.number", "person"],
  ["finance.iban", "pattern"],
  ["finance.accountNumber", "pattern"],
  ["finance.bic", "pattern"],
  ["image.avatar", "image.dataUri"],
  ["vehicle.vin", "pattern"],
])("%s is refused for %s", (method, instead) => {
  const { told } = refused.find((one) => one.method === method) as (typeof refused)[number];
  expect(told.pointer).toBe("/tables/0/fields/1/generator/method");
  expect(told.message).toMatch(new RegExp(`^faker\\.${method} is not offered; use (?:the kind )?${instead}\\b`));
});

describe("what is refused has a remedy that works and is harmless:", () => {
  test.each(refused.map(({ method, told }) => [method, told.message] as const))("%s", (_, message) => {
    const [, kind, text] = /the kind (template|pattern): "(.*)"/.exec(message) ?? [];
    const [, other] = /use (?:.*, or )?([a-z]+\.\w+)[,.]/.exec(message) ?? [];
    if (other) expect(wordsOf(other)).not.toHaveProperty("code");
    if (kind) {
      const cells = cellsOfField({ type: "string", generator: { kind, [kind]: text } }, 200).map(String);
      expect(cells.filter((cell) => whose(cell) && !RESERVED_FORMS.test(cell))).toEqual([]);
    }
    expect(other ?? kind ?? /the kind (?:person|template|pattern)/.exec(message)?.[0]).toBeDefined();
  });
});

test.each([
  ["Piper_Marvin99@gmail.com", "an address of the net"],
  ["Author: Ellie <Ellie.McGlynn@example.co.uk>", "an address of the net"],
  ["https://normal-monocle.name/", "an address of the net"],
  ["normal-monocle.name", "a domain"],
  ["16.254.142.135", "a machine"],
  ["cf6b:dd24:190a:e6ec:0c59:6f93:bb64:8efe", "a machine"],
  ["831-384-4330", "a telephone"],
  ["(725) 981-2040 x41573", "a telephone"],
  ["4012 8888 8888 1881", "a card or an IMEI"],
  ["49-015420-323751-8", "a card or an IMEI"],
  ["GB82 WEST 1234 5698 7654 32", "an account"],
  ["0xcf6bdd24190ae6ec0c596f93bb648efedc82ec74", "a wallet"],
  ["a_word@mail.example", undefined],
  ["Mozilla/5.0 (X11; Linux x86_64) Chrome/123.8.2.4 Safari/537.36", undefined],
])("%s is told to be %s", (text, what) => {
  expect(whose(text)).toBe(what);
});
