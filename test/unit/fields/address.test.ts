import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellsOf, engineOf, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const part = (name: string, as?: string): Field => ({
  name: `${as ?? ""}${name}`,
  type: "string",
  generator: { kind: "address", part: name, ...(as ? { as } : {}) },
});
const PARTS = ["street", "city", "region", "postcode", "country", "full"];
const engine = engineOf([tableOf("places", [...PARTS.map((name) => part(name)), part("city", "billing")])]);
const cells = (name: string, count: number) => cellsOf(engine, `places.${name}`, 0, count).map(String);

describe("an address", () => {
  test("is one line of the parts that stand in other fields of the row", () => {
    const [street, city, region, postcode, , full] = PARTS.map((name) => cells(name, 5_000));
    const joined = street?.map((line, i) => `${line}, ${city?.[i]}, ${region?.[i]} ${postcode?.[i]}`);
    expect(full).toEqual(joined);
  });

  test("has a house number from 1 to 9999, a five-digit postcode and a region of two letters", () => {
    const full = cells("full", 50_000);
    expect(full.filter((line) => !/^[1-9]\d{0,3} [^,]+, [^,]+, [A-Z]{2} \d{5}$/.test(line))).toEqual([]);
    const houses = full.map((line) => Number.parseInt(line, 10));
    expect([Math.min(...houses) < 5, Math.max(...houses) > 9_990]).toEqual([true, true]);
    expect([...tally(cells("country", 10))]).toEqual([["United States", 10]]);
  });

  test("agrees with itself: a city has one region and one beginning of its postcodes", () => {
    const [city, region, postcode] = ["city", "region", "postcode"].map((name) => cells(name, 20_000));
    const places = new Set(city?.map((name, i) => `${name}, ${region?.[i]} ${postcode?.[i]?.slice(0, 3)}`));
    expect(places.size).toBe(56);
    expect([places.has("Seattle, WA 981"), places.has("Boston, MA 021"), places.has("Portland, OR 972")]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("of another name in the same row is elsewhere", () => {
    const other = cells("billingcity", 10_000);
    const same = cells("city", 10_000).filter((name, i) => name === other[i]).length;
    expect(Math.abs(same / 10_000 - 1 / 56)).toBeLessThan(0.007);
  });

  test("needs a string field and a part that there is", () => {
    const at = "/tables/0/fields/1/generator";
    expect(faultsOf([tableOf("places", [{ ...part("postcode"), type: "integer" }])])).toEqual([`type-mismatch ${at}`]);
    expect(faultsOf([tableOf("places", [part("planet")])])).toEqual([`bad-parameter ${at}/part`]);
  });
});
