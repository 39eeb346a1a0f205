import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellAt } from "../../../src/generate/column.ts";
import { cellsOf, chiSquare, engineOf, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const part = (name: string, as?: string): Field => ({
  name: `${as ?? ""}${name}`.toLowerCase(),
  type: "string",
  generator: { kind: "person", part: name, ...(as ? { as } : {}) },
});
const PARTS = ["firstName", "lastName", "fullName", "email", "phone", "sex"];
const city: Field = { name: "city", type: "string", generator: { kind: "address", part: "city" } };
const engine = engineOf([
  tableOf("people", [...PARTS.map((name) => part(name)), part("email", "boss"), part("lastName", "boss"), city]),
]);
const cells = (name: string, first: number, count: number) =>
  cellsOf(engine, `people.${name}`, first, count).map(String);
const EMAIL = 4;

/** Rows one after the other share no pair of names; this is where the second round through all pairs begins. */
const PAIRS = findPairs();

/** The first row whose e-mail has a number. */
function findPairs(): number {
  let low = 0;
  let high = 2 ** 26;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (/\d/.test(cells("email", middle, 1)[0] as string)) high = middle;
    else low = middle;
  }
  return high;
}

/** As an e-mail writes a name, worked out apart from the generator. */
const slug = (name: string) => [...name.normalize("NFD").toLowerCase()].filter((c) => c >= "a" && c <= "z").join("");

describe("a person", () => {
  test("has one name in all parts, and the e-mail is made of it", () => {
    const [first, last, full, email] = ["firstname", "lastname", "fullname", "email"].map((name) =>
      cells(name, 0, 5_000),
    );
    for (let i = 0; i < 5_000; i++) {
      expect(full?.[i]).toBe(`${first?.[i]} ${last?.[i]}`);
      expect(email?.[i]).toMatch(/^[a-z]+\.[a-z]+@example\.(com|net|org)$/);
      expect(email?.[i]?.split("@")[0]).toBe(`${slug(first?.[i] as string)}.${slug(last?.[i] as string)}`);
    }
  });

  test("has an e-mail in a domain reserved for examples, each of the three as often", () => {
    const domains = cells("email", 0, 30_000).map((email) => email.split("@example.")[1] as string);
    expect(
      chiSquare(
        domains.map((domain) => ["com", "net", "org"].indexOf(domain)),
        3,
      ),
    ).toBeLessThan(18.4);
  });

  test("has a telephone number kept for fiction, in the area of its town", () => {
    const phones = cells("phone", 0, 5_000);
    expect(phones.filter((phone) => !/^\+1-[2-9]\d\d-555-01\d\d$/.test(phone))).toEqual([]);
    const areas = tally(cells("city", 0, 5_000).map((name, i) => `${name} ${phones[i]?.slice(3, 6)}`));
    expect(areas.size).toBe(56);
    expect([areas.has("Seattle 206"), areas.has("Honolulu 808"), areas.has("New York 212")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(new Set(phones.map((phone) => phone.slice(-2))).size).toBe(100);
  });

  test("has a sex that goes with the first name", () => {
    const sexes = new Map<string, string>();
    const names = cells("firstname", 0, 20_000);
    for (const [i, sex] of cells("sex", 0, 20_000).entries()) {
      expect(sexes.get(names[i] as string) ?? sex).toBe(sex);
      sexes.set(names[i] as string, sex);
    }
    expect([...tally(sexes.values()).keys()].sort()).toEqual(["female", "male"]);
    expect([sexes.get("Mary"), sexes.get("Roger")]).toEqual(["female", "male"]);
  });

  test("of another name in the same row is another person", () => {
    const same = cells("lastname", 0, 1_000).filter((name, i) => name === cells("bosslastname", i, 1)[0]);
    expect(same.length).toBeLessThan(30);
    const [mail, boss] = [cells("bossemail", 0, 100), cells("bosslastname", 0, 100)];
    expect(mail.every((email, i) => email.split("@")[0]?.endsWith(`.${slug(boss[i] as string)}`))).toBe(true);
  });
});

describe("e-mails are unique", () => {
  test("over 200,000 rows", () => {
    expect(new Set(cells("email", 0, 200_000)).size).toBe(200_000);
  });

  test("beyond the last pair of names, by a number: 2 in the second round, 3 in the third", () => {
    expect(PAIRS).toBeGreaterThan(1_000_000);
    const count = 2_000;
    const starts = [0, PAIRS, 2 * PAIRS].map((first) =>
      cells("email", first, count).map((email) => email.split("@")[0]),
    );
    expect(starts[1]).toEqual(starts[0]?.map((start) => `${start}2`));
    expect(starts[2]).toEqual(starts[0]?.map((start) => `${start}3`));
    const around = cells("email", PAIRS - 2, 4);
    expect(around.map((email) => /\d+/.exec(email)?.[0])).toEqual([undefined, undefined, "2", "2"]);
    expect(new Set(cells("email", PAIRS - 20_000, 40_000)).size).toBe(40_000);
  });

  test("because each leads back to its row, however large", () => {
    for (const first of [0, PAIRS - 3, 5 * PAIRS - 3, 2 ** 40]) {
      const column = engine.block(0, first, 6).column(EMAIL);
      const rowOf = engine.tables[0]?.generators[EMAIL]?.rowOf;
      expect([0, 1, 2, 3, 4, 5].map((i) => rowOf?.(column, i))).toEqual([0, 1, 2, 3, 4, 5].map((i) => first + i));
      expect(cellAt(column, 0)).toMatch(/@example\./);
    }
  });
});

test("a person needs a string field and a part that there is", () => {
  const at = "/tables/0/fields/1/generator";
  const field = (type: Field["type"], name: string): Field => ({ ...part(name), type });
  expect(faultsOf([tableOf("people", [field("integer", "phone")])])).toEqual([`type-mismatch ${at}`]);
  expect(faultsOf([tableOf("people", [field("string", "shoeSize")])])).toEqual([`bad-parameter ${at}/part`]);
});

describe("a birth date", () => {
  const birth = (today: string, type: Field["type"] = "date") => {
    const field: Field = { name: "born", type, generator: { kind: "person", part: "birthDate" } };
    return cellsOf(engineOf([tableOf("people", [field])], 42, today), "people.born", 0, 100_000).map(String);
  };
  /** Whole years lived, as people count them. */
  const age = (born: string, today: string) => {
    return Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (born.slice(5) > today.slice(5) ? 1 : 0);
  };

  test.each(["2026-01-01", "2026-07-15", "2024-02-29"])("makes adults from 18 to 90 years old on %s", (today) => {
    const ages = birth(today).map((born) => age(born, today));
    expect([Math.min(...new Set(ages)), Math.max(...new Set(ages))]).toEqual([18, 90]);
    expect(new Set(ages).size).toBe(73);
  });

  test("is the same as a string, and never before the year 0", () => {
    expect(birth("2026-01-01", "string").slice(0, 100)).toEqual(birth("2026-01-01").slice(0, 100));
    expect(() => birth("0050-01-01")).toThrow();
    const wrong: Field = { name: "born", type: "integer", generator: { kind: "person", part: "birthDate" } };
    expect(faultsOf([tableOf("people", [wrong])])).toEqual(["type-mismatch /tables/0/fields/1/generator"]);
  });
});
