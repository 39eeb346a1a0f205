import { describe, expect, test } from "vitest";
import { parseIndexFilter } from "../../src/dataset/index-filter.ts";
import type { Field, FieldType } from "../../src/dataset/schema.ts";

const TYPES: FieldType[] = ["string", "integer", "number", "boolean", "date", "datetime", "time", "uuid"];
const fields: Field[] = [
  ...TYPES.map((type) => ({ name: `${type}_field`, type })),
  { name: "and", type: "integer" },
  { name: "in_stock", type: "boolean" },
];
const parse = (where: string) =>
  parseIndexFilter(where, { name: "things", primaryKey: ["integer_field"], fields }).map(
    ({ field, operator, values }) => [field.name, operator, ...values],
  );

describe("a filter is read into its conditions", () => {
  test.each([
    ["string_field = 'it''s'", [["string_field", "=", "it's"]]],
    ["string_field='a and b'", [["string_field", "=", "a and b"]]],
    [
      "integer_field >= -3 and number_field < 0.25",
      [
        ["integer_field", ">=", "-3"],
        ["number_field", "<", "0.25"],
      ],
    ],
    [
      "  boolean_field = true AND in_stock=0 ",
      [
        ["boolean_field", "=", "1"],
        ["in_stock", "=", "0"],
      ],
    ],
    [
      "and = 1 AND and <> 2",
      [
        ["and", "=", "1"],
        ["and", "<>", "2"],
      ],
    ],
    ["string_field IN ('a', '', 'c')", [["string_field", "IN", "a", "", "c"]]],
    ["date_field > '2026-01-31'", [["date_field", ">", "2026-01-31"]]],
    ["datetime_field <= '2026-01-31T08:30Z'", [["datetime_field", "<=", "2026-01-31T08:30Z"]]],
    ["time_field in ('08:30', '09:00:00.5')", [["time_field", "IN", "08:30", "09:00:00.5"]]],
    [
      "uuid_field is not null and date_field Is Null",
      [
        ["uuid_field", "IS NOT NULL"],
        ["date_field", "IS NULL"],
      ],
    ],
  ])("%s", (where, conditions) => {
    expect(parse(where)).toEqual(conditions);
  });
});

describe("a filter is refused, with the reason", () => {
  test.each([
    ["", "The end is no field of things"],
    ["lost = 1", '"lost" is no field of things'],
    ["'string_field' = 'a'", '"string_field" is no field of things'],
    ["integer_field", `The end can't follow integer_field; compare it by = <> < <= > >=, IN or IS NULL`],
    ["integer_field = 1 AND", "The end is no field of things"],
    ["integer_field = 1 OR integer_field = 2", `"OR" can't stand there; join conditions by AND`],
    ["integer_field = 1; DROP TABLE things", '"; DROP TABLE things" is no part of a condition'],
    ["integer_field = 1 -- all", '"-- all" is no part of a condition'],
    ["integer_field = integer_field", 'integer_field is compared with "integer_field"; it must be a whole number'],
    ["integer_field = 1.5", 'integer_field is compared with "1.5"; it must be a whole number'],
    ["integer_field = 1e3", '"1e3" is no part of a condition'],
    ["number_field = '1'", 'number_field is compared with "1"; it must be a number'],
    ["string_field = 1", `string_field is compared with "1"; it must be a text such as 'open'`],
    ["boolean_field = 2", 'boolean_field is compared with "2"; it must be true or false'],
    ["date_field = '2026-13-01'", `date_field is compared with "2026-13-01"; it must be a date such as '2026-01-31'`],
    ["time_field = '24:00'", `time_field is compared with "24:00"; it must be a time such as '08:30:00'`],
    ["uuid_field = 'a'", 'uuid_field is compared with "a"; it must be a uuid'],
    ["string_field = 'open", `"'open" is no part of a condition`],
    ["string_field IN 'a'", "IN needs a list: IN ('a', 'b')"],
    ["string_field IN ()", `string_field is compared with ")"; it must be a text such as 'open'`],
    ["string_field IN ('a' 'b')", "the list of IN is not closed by )"],
    ["string_field IS 'a'", `"a" can't follow IS; write IS NULL or IS NOT NULL`],
    ["string_field LIKE 'a%'", `"LIKE" can't follow string_field; compare it by = <> < <= > >=, IN or IS NULL`],
  ])("%s", (where, message) => {
    expect(() => parse(where)).toThrow(new Error(message));
  });
});
