import { describe, expect, test, vi } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { cellAt } from "../../../src/generate/column.ts";
import type { Deck } from "../../../src/generate/kind.ts";
import { countBy, misfit, sum } from "../../support/profile.ts";
import { cellsOf, cellsOfField, childOf, engineOf, faultsOf, tableOf, tally } from "../../support/small-tables.ts";

const HOURS = [1, 0, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 11, 10, 9, 9, 10, 12, 14, 15, 14, 10, 6, 3];
const WEEKDAYS = [4, 3, 3, 3, 5, 2, 0];

const datetime = (generator: object, scale = 0): Omit<Field, "name"> => ({
  type: "datetime",
  scale,
  generator: { kind: "datetime", ...generator },
});
const instants = (generator: object, count: number, scale = 0) =>
  cellsOfField(datetime(generator, scale), count).map(String);
const kinds = (generator: object, scale = 0) => [...tally(instants(generator, 1_000, scale)).keys()].sort();

const hourOf = (instant: string) => Number(instant.slice(11, 13));

describe("datetime", () => {
  test("gives every second from min to max, both inclusive, equally often", () => {
    const generator = { min: "2024-02-28T23:59:58Z", max: "2024-02-29T00:00:01Z" };
    const all = ["2024-02-28T23:59:58Z", "2024-02-28T23:59:59Z", "2024-02-29T00:00:00Z", "2024-02-29T00:00:01Z"];
    const values = instants(generator, 40_000);
    expect(
      misfit(
        countBy(values, 4, (value) => all.indexOf(value)),
        [1, 1, 1, 1],
      ),
    ).toBeLessThan(1);
  });

  test("at scale 3 gives milliseconds, and takes finer bounds inwards at scale 0", () => {
    const bounds = { min: "2024-02-28T23:59:59.998Z", max: "2024-02-29T00:00:00.001Z" };
    expect(kinds(bounds, 3)).toEqual([
      "2024-02-28T23:59:59.998Z",
      "2024-02-28T23:59:59.999Z",
      "2024-02-29T00:00:00.000Z",
      "2024-02-29T00:00:00.001Z",
    ]);
    expect(kinds(bounds)).toEqual(["2024-02-29T00:00:00Z"]);
  });

  test("takes a day as its first instant for min and its last for max", () => {
    expect(kinds({ min: "2024-02-29T23:59:58Z", max: "2024-02-29" })).toEqual([
      "2024-02-29T23:59:58Z",
      "2024-02-29T23:59:59Z",
    ]);
    expect(kinds({ min: "2024-02-29T23:59:59.998Z", max: "2024-02-29" }, 3)).toEqual([
      "2024-02-29T23:59:59.998Z",
      "2024-02-29T23:59:59.999Z",
    ]);
    expect(kinds({ min: "2024-02-29", max: "2024-02-29T00:00:01Z" })).toEqual([
      "2024-02-29T00:00:00Z",
      "2024-02-29T00:00:01Z",
    ]);
  });

  test("counts from the reference date in days, hours, minutes and seconds", () => {
    expect(kinds({ min: "referenceDate-1s", max: "referenceDate+1s" })).toEqual([
      "2025-12-31T23:59:59Z",
      "2026-01-01T00:00:00Z",
      "2026-01-01T00:00:01Z",
    ]);
    expect(kinds({ min: "referenceDate-2h", max: "referenceDate-120m" })).toEqual(["2025-12-31T22:00:00Z"]);
    const whole = instants({ min: "referenceDate" }, 10_000).sort();
    expect([whole[0]?.slice(0, 13), whole.at(-1)?.slice(0, 13)]).toEqual(["2026-01-01T00", "2026-01-01T23"]);
    const yesterday = instants({ min: "referenceDate-1d", max: "referenceDate-1d" }, 1_000);
    expect(yesterday.every((value) => value.startsWith("2025-12-31T"))).toBe(true);
  });

  test("spreads evenly over a century of milliseconds", () => {
    const values = instants({ min: "1926-01-01", max: "2025-12-31" }, 100_000, 3);
    const [start, end] = [Date.parse("1926-01-01T00:00:00Z"), Date.parse("2026-01-01T00:00:00Z")];
    const shares = countBy(values, 50, (value) => Math.floor(((Date.parse(value) - start) / (end - start)) * 50));
    expect(misfit(shares, new Array(50).fill(1))).toBeLessThan(1);
    expect(
      misfit(
        countBy(values, 1_000, (value) => Number(value.slice(20, 23))),
        new Array(1_000).fill(1),
      ),
    ).toBeLessThan(1);
  });

  test("is text in a string field", () => {
    const generator = { kind: "datetime", min: "2024-02-29T12:00:00Z", max: "2024-02-29T12:00:00Z" };
    expect(cellsOfField({ type: "string", generator }, 1)).toEqual(["2024-02-29T12:00:00Z"]);
  });

  test("is the same whatever zone the machine is in", () => {
    const generator = {
      min: "2024-01-01",
      shape: { months: [9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9], weekdays: WEEKDAYS, hours: HOURS },
    };
    const here = instants(generator, 1_000);
    vi.stubEnv("TZ", "America/Los_Angeles");
    try {
      expect(new Date(0).getTimezoneOffset()).not.toBe(0);
      expect(instants(generator, 1_000)).toEqual(here);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("the shape of a datetime", () => {
  test("has its hours and weekdays, uniform within the hour", () => {
    const values = instants(
      { min: "2024-01-01", max: "2024-12-29", shape: { hours: HOURS, weekdays: WEEKDAYS } },
      200_000,
    );
    expect(misfit(countBy(values, 24, hourOf), HOURS)).toBeLessThan(1);
    const weekdayOf = (value: string) => (new Date(value).getUTCDay() + 6) % 7;
    expect(misfit(countBy(values, 7, weekdayOf), WEEKDAYS)).toBeLessThan(1);
    const secondOf = (value: string) => Number(value.slice(14, 16)) * 60 + Number(value.slice(17, 19));
    expect(misfit(countBy(values, 3_600, secondOf), new Array(3_600).fill(1))).toBeLessThan(1);
    // Hours and weekdays are independent.
    const joint = countBy(values, 168, (value) => weekdayOf(value) * 24 + hourOf(value));
    expect(
      misfit(
        joint,
        WEEKDAYS.flatMap((day) => HOURS.map((hour) => day * hour)),
      ),
    ).toBeLessThan(1);
  });

  test("without hours gives all instants of a day equally often", () => {
    const values = instants({ min: "2024-01-01", max: "2024-12-31", shape: { trend: 2 } }, 100_000, 3);
    expect(misfit(countBy(values, 24, hourOf), new Array(24).fill(1))).toBeLessThan(1);
    expect(
      misfit(
        countBy(values, 1_000, (value) => Number(value.slice(20, 23))),
        new Array(1_000).fill(1),
      ),
    ).toBeLessThan(1);
  });

  test("is cut within the first and the last day", () => {
    const values = instants(
      { min: "2024-03-04T18:30:00Z", max: "2024-03-06T08:59:59Z", shape: { hours: HOURS } },
      100_000,
    );
    const first = HOURS.map((weight, hour) => (hour < 18 ? 0 : hour === 18 ? weight / 2 : weight));
    const last = HOURS.map((weight, hour) => (hour < 9 ? weight : 0));
    const placeOf = (value: string) => (Number(value.slice(8, 10)) - 4) * 24 + hourOf(value);
    expect(misfit(countBy(values, 72, placeOf), [...first, ...HOURS, ...last])).toBeLessThan(1);
    expect(values.every((value) => value >= "2024-03-04T18:30:00Z" && value <= "2024-03-06T08:59:59Z")).toBe(true);
  });

  test("lies between row-dependent bounds to the second, on one day or over midnight", () => {
    const hours = HOURS.map((weight) => weight + 0.5);
    const begin: Field = { name: "begin", ...datetime({ min: "2024-03-04T09:00:00Z", max: "2024-03-05T20:00:00Z" }) };
    const end: Field = {
      name: "end",
      type: "datetime",
      generator: { kind: "after", field: "begin", by: { kind: "uniform", min: 0, max: 14 }, unit: "hours" },
    };
    const value: Field = {
      name: "value",
      ...datetime({ min: { field: "begin" }, max: { field: "end" }, shape: { hours } }),
    };
    const engine = engineOf([tableOf("things", [begin, end, value])]);
    const [begins, ends, values] = ["begin", "end", "value"].map((name) =>
      cellsOf(engine, `things.${name}`, 0, 50_000).map((cell) => Date.parse(String(cell))),
    ) as [number[], number[], number[]];
    expect(values.every((at, i) => (begins[i] as number) <= at && at <= (ends[i] as number))).toBe(true);
    expect(
      new Set(
        values.map((_, i) =>
          Number(Math.floor((begins[i] as number) / 86_400_000) === Math.floor((ends[i] as number) / 86_400_000)),
        ),
      ).size,
    ).toBe(2);
    const hour = (at: number) => Math.floor(at / 3_600_000) % 24;
    const expected = new Array<number>(24).fill(0);
    for (const [i, begin] of begins.entries()) {
      const shares = new Array<number>(24).fill(0);
      // The seconds from begin to end, an hour at a time.
      for (let at = begin, end = (ends[i] as number) + 1_000; at < end; ) {
        const next = Math.min(end, (Math.floor(at / 3_600_000) + 1) * 3_600_000);
        shares[hour(at)] = (shares[hour(at)] as number) + (next - at) * (hours[hour(at)] as number);
        at = next;
      }
      for (let h = 0; h < 24; h++) expected[h] = (expected[h] as number) + (shares[h] as number) / sum(shares);
    }
    expect(misfit(countBy(values, 24, hour), expected)).toBeLessThan(1);
  });

  test("of a field of days keeps the whole of them, and NULL where a bound is", () => {
    const day: Field = {
      name: "day",
      type: "date",
      nullRate: 0.3,
      generator: { kind: "date", min: "2024-03-04", max: "2024-03-05" },
    };
    const parent = tableOf("parent", [day]);
    const { field, key } = childOf("parent");
    const same: Field = { name: "same", type: "date", generator: { kind: "lookup", field: "parent.day" } };
    const at: Field = {
      name: "at",
      ...datetime({ min: { field: "parent.day" }, max: { field: "parent.day" }, shape: { hours: HOURS } }),
    };
    const even: Field = { name: "even", ...datetime({ min: { field: "parent.day" }, max: "2024-03-05" }) };
    const engine = engineOf([parent, tableOf("child", [field, same, at, even], { foreignKeys: [key] })]);
    const days = cellsOf(engine, "child.same", 0, 20_000);
    const ats = cellsOf(engine, "child.at", 0, 20_000);
    expect(ats.map((value) => value && String(value).slice(0, 10))).toEqual(days);
    expect(cellsOf(engine, "child.even", 0, 20_000).map((value) => value === null)).toEqual(
      days.map((value) => value === null),
    );
    expect(tally(days).size).toBe(3);
    expect(misfit(countBy(ats.filter((value) => value !== null).map(String), 24, hourOf), HOURS)).toBeLessThan(1);
  });

  test.each([["evenly"], ["by a shape"]])(
    "is NULL where a bound is, whatever number the bound keeps there, %s",
    (how) => {
      const shape = how === "evenly" ? {} : { shape: { hours: HOURS } };
      const day: Field = {
        name: "day",
        type: "date",
        nullRate: 0.3,
        generator: { kind: "date", min: "2024-03-04", max: "2024-03-05" },
      };
      // NULL with the day, and 1970-01-01 inside: before the next one's min.
      const by = { kind: "constant", value: 1 };
      const later: Field = { name: "later", type: "date", generator: { kind: "after", field: "day", by } };
      const value: Field = { name: "value", ...datetime({ min: "2024-03-04", max: { field: "later" }, ...shape }) };
      const engine = engineOf([tableOf("things", [day, later, value])]);
      const isNull = (name: string) => cellsOf(engine, `things.${name}`, 0, 1_000).map((cell) => cell === null);
      expect(isNull("value")).toEqual(isNull("day"));
      expect(new Set(isNull("day")).size).toBe(2);
    },
  );
});

describe("decks of time", () => {
  const deckOf = (field: Omit<Field, "name">) =>
    engineOf([tableOf("things", [{ name: "value", ...field }])]).tables[0]?.generators[1]?.deck;
  const all = (deck: Deck) => {
    const column = deck.column(Float64Array.from({ length: deck.size }, (_, id) => id));
    const ids = Array.from({ length: deck.size }, (_, i) => deck.idOf(column, i));
    expect(ids).toEqual([...ids.keys()]);
    return ids.map((i) => cellAt(column, i));
  };

  test.each([
    [
      "date",
      { type: "date", generator: { kind: "date", min: "2024-02-28", max: "2024-03-01" } },
      ["2024-02-28", "2024-02-29", "2024-03-01"],
    ],
    ["date as text", { type: "string", generator: { kind: "date", min: "2025-12-31" } }, ["2025-12-31", "2026-01-01"]],
    [
      "datetime",
      datetime({ min: "2024-02-28T23:59:59Z", max: "2024-02-29T00:00:00Z" }),
      ["2024-02-28T23:59:59Z", "2024-02-29T00:00:00Z"],
    ],
    [
      "datetime of scale 3",
      datetime({ min: "2024-02-28T23:59:59.999Z", max: "2024-02-29T00:00:00Z" }, 3),
      ["2024-02-28T23:59:59.999Z", "2024-02-29T00:00:00.000Z"],
    ],
    ["time", { type: "time", generator: { kind: "time", min: "00:00:59", max: "00:01" } }, ["00:00:59", "00:01:00"]],
  ] as const)("%s: every value by number, and back", (_, field, values) => {
    expect(all(deckOf(field as unknown as Omit<Field, "name">) as Deck)).toEqual(values);
  });

  test("know a value that is none of theirs", () => {
    const deck = deckOf(datetime({ min: "2024-02-28", max: "2024-02-29" })) as Deck;
    const column = (ms: number) =>
      ({ kind: "numbers", as: "datetime", scale: 0, values: Float64Array.of(ms) }) as const;
    expect(deck.size).toBe(172_800);
    expect(deck.idOf(column(Date.parse("2024-02-28T00:00:01Z")), 0)).toBe(1);
    expect(deck.idOf(column(Date.parse("2024-02-28T00:00:01.500Z")), 0)).toBe(-1);
    expect(deck.idOf(column(Date.parse("2024-02-27T23:59:59Z")), 0)).toBe(-1);
    expect(deck.idOf(column(Date.parse("2024-03-01T00:00:00Z")), 0)).toBe(-1);
    expect(deck.idOf({ ...column(Date.parse("2024-02-28T00:00:01Z")), nulls: Uint8Array.of(1) }, 0)).toBe(-1);
  });

  test("are none where values are unevenly likely or depend on other fields", () => {
    expect(deckOf(datetime({ min: "2024-02-28", shape: { trend: 1 } }))).toBeUndefined();
    expect(deckOf(datetime({ min: "2024-02-28", max: { expr: "referenceDate" } }))).toBeUndefined();
    expect(deckOf({ type: "time", generator: { kind: "time", hours: HOURS } })).toBeUndefined();
  });
});

describe("a datetime that can't be", () => {
  const at = "/tables/0/fields/1/generator";
  test.each([
    [
      "bounds the wrong way round",
      datetime({ min: "2026-01-01T00:00:01Z", max: "2026-01-01T00:00:00Z" }),
      `impossible-range ${at}/min`,
    ],
    [
      "bounds with no whole second between",
      datetime({ min: "2026-01-01T00:00:01.100Z", max: "2026-01-01T00:00:01.900Z" }),
      `impossible-range ${at}/min`,
    ],
    ["an hour that is none", datetime({ min: "2026-01-01T24:00:00Z" }), `bad-parameter ${at}/min`],
    ["another zone", datetime({ min: "2026-01-01T12:00:00+01:00" }), `bad-parameter ${at}/min`],
    ["a bound that is no instant", datetime({ min: { field: "id" } }), `type-mismatch ${at}/min`],
    [
      "a distance that leaves the calendar",
      datetime({ min: "referenceDate", max: "referenceDate+3000000d" }),
      `impossible-range ${at}/max`,
    ],
    ["tenths of a second", datetime({ min: "2026-01-01" }, 1), `type-mismatch ${at}`],
    ["a field of another type", { ...datetime({ min: "2026-01-01" }), type: "date" as const }, `type-mismatch ${at}`],
    [
      "hours of half a day",
      datetime({ min: "2026-01-01", shape: { hours: new Array(12).fill(1) } }),
      `bad-parameter ${at}/shape/hours`,
    ],
    [
      "no hour at all",
      datetime({ min: "2026-01-01", shape: { hours: new Array(24).fill(0) } }),
      `bad-parameter ${at}/shape/hours`,
    ],
  ])("is refused: %s", (_, field, fault) => {
    expect(faultsOf([tableOf("things", [{ name: "value", ...field }])])).toEqual([fault]);
  });

  test("is refused when its bounds are in order in no row", () => {
    const begin: Field = { name: "begin", ...datetime({ min: "2024-03-04", max: "2024-03-05" }) };
    const end: Field = { name: "end", ...datetime({ min: { field: "begin" }, max: "2024-03-03" }) };
    expect(faultsOf([tableOf("things", [begin, end])])).toEqual(["impossible-range /tables/0/fields/2/generator/min"]);
  });
});
