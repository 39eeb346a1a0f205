import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellsOf, correlation, engineOf, faultsOf, tableOf } from "../../support/small-tables.ts";

const part = (name: string, more: object = {}, kind = "company"): Field => ({
  name: Object.values(more).join("_").toLowerCase() + name.toLowerCase(),
  type: "string",
  generator: { kind, part: name, ...more },
});
const engine = engineOf([
  tableOf("firms", [
    part("name"),
    part("domain"),
    part("email"),
    part("catchPhrase"),
    part("name", { as: "rival" }),
    part("lastName", {}, "person"),
  ]),
]);
const cells = (name: string, first: number, count: number) =>
  cellsOf(engine, `firms.${name}`, first, count).map(String);
const PLACE = { domain: 2, email: 3 };

/** Rows in the first round through all pairs: the first domain with a number ends it. */
const PAIRS = cells("domain", 0, 40_000).findIndex((domain) => /\d/.test(domain));

describe("a company", () => {
  test("has a domain made of its name, and an e-mail in that domain", () => {
    const [names, domains, emails] = ["name", "domain", "email"].map((field) => cells(field, 0, 5_000));
    for (const [i, name] of (names as string[]).entries()) {
      const [, founder = "", trade = ""] = /^(\S+) (\S+) (?:Inc|LLC|Corp|Group)$/.exec(name) ?? [];
      expect(domains?.[i]).toBe(`${founder.replace(/'/g, "").toLowerCase()}-${trade.toLowerCase()}.example`);
      expect(emails?.[i]).toMatch(/^[a-z]+@[a-z]+-[a-z]+\.example$/);
      expect(emails?.[i]?.split("@")[1]).toBe(domains?.[i]);
    }
    expect(new Set(emails?.map((email) => email.split("@")[0])).size).toBe(5);
  });

  test("is another one under another name", () => {
    const same = cells("name", 0, 2_000).filter((name, i) => name === cells("rivalname", i, 1)[0]);
    expect(same.length).toBeLessThan(5);
  });

  test("has nothing to do with the person in its row", () => {
    const rank = (names: string[]) => names.map((name) => name.charCodeAt(0) * 128 + name.charCodeAt(1));
    const [founders, people] = [cells("name", 0, 9_000), cells("lastname", 0, 9_000)];
    expect(Math.abs(correlation(rank(founders), rank(people)))).toBeLessThan(4 / Math.sqrt(9_000));
  });

  test("needs a string field", () => {
    const field: Field = { ...part("name"), type: "integer" };
    expect(faultsOf([tableOf("firms", [field])])).toEqual(["type-mismatch /tables/0/fields/1/generator"]);
  });
});

describe("domains and e-mails are unique", () => {
  test("over three rounds through all pairs, by a number from the second on", () => {
    expect(PAIRS).toBeGreaterThan(9_000);
    const domains = cells("domain", 0, 3 * PAIRS);
    expect(new Set(domains).size).toBe(3 * PAIRS);
    expect(new Set(cells("email", 0, 3 * PAIRS)).size).toBe(3 * PAIRS);
    expect(domains[PAIRS]).toBe(domains[0]?.replace(".example", "2.example"));
    expect(domains[2 * PAIRS]).toBe(domains[0]?.replace(".example", "3.example"));
  });

  test.each(Object.entries(PLACE))("because each %s leads back to its row", (_, place) => {
    for (const first of [0, PAIRS - 3, 5 * PAIRS - 3, 2 ** 40]) {
      const column = engine.block(0, first, 6).column(place);
      const rowOf = engine.tables[0]?.generators[place]?.rowOf;
      expect([0, 1, 2, 3, 4, 5].map((i) => rowOf?.(column, i))).toEqual([0, 1, 2, 3, 4, 5].map((i) => first + i));
    }
  });

  test("so that they can be keys", () => {
    const keyed = tableOf("firms", [part("domain"), part("email")], { uniqueKeys: [["domain"], ["email"]] });
    expect(() => engineOf([keyed])).not.toThrow();
    const unkeyed = tableOf("firms", [part("name")], { uniqueKeys: [["name"]] });
    expect(faultsOf([unkeyed])).toEqual(["not-unique /tables/0/uniqueKeys/0"]);
  });
});
