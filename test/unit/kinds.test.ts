import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Field } from "../../src/dataset/schema.ts";
import { KINDS } from "../../src/generate/kinds.ts";
import { cellsOf, childOf, engineOf, tableOf } from "../support/small-tables.ts";

/**
 * The first five values of each kind by seed 42 and 2026-01-01. They change only together with
 * ENGINE_VERSION, since whoever asks again for the same dataset must get the same bytes.
 */
const GOLDEN: Record<string, { field: Omit<Field, "name">; values: unknown[] }[]> = {
  sequence: [
    { field: { type: "integer", generator: { kind: "sequence" } }, values: [1, 2, 3, 4, 5] },
    {
      field: { type: "integer", generator: { kind: "sequence", start: 1001, step: -3 } },
      values: [1001, 998, 995, 992, 989],
    },
    { field: { type: "string", generator: { kind: "sequence", start: 7 } }, values: ["7", "8", "9", "10", "11"] },
  ],
  constant: [
    {
      field: { type: "string", generator: { kind: "constant", value: "EUR" } },
      values: ["EUR", "EUR", "EUR", "EUR", "EUR"],
    },
    {
      field: { type: "number", scale: 3, generator: { kind: "constant", value: 1.5 } },
      values: ["1.500", "1.500", "1.500", "1.500", "1.500"],
    },
    {
      field: { type: "boolean", generator: { kind: "constant", value: true } },
      values: [true, true, true, true, true],
    },
    {
      field: { type: "date", generator: { kind: "constant", value: "2024-02-29" } },
      values: ["2024-02-29", "2024-02-29", "2024-02-29", "2024-02-29", "2024-02-29"],
    },
  ],
  category: [
    {
      field: { type: "string", generator: { kind: "category", values: ["a", "b", "c"] } },
      values: ["c", "a", "a", "a", "a"],
    },
    {
      field: { type: "integer", generator: { kind: "category", values: { 1: 62, 2: 21, 3: 9, 4: 8 } } },
      values: [2, 1, 1, 1, 1],
    },
    {
      field: {
        type: "string",
        generator: {
          kind: "category",
          by: "parent.colour",
          values: { red: ["rose", "ruby"], blue: { sky: 3, sea: 1 } },
        },
      },
      values: ["ruby", "sky", "rose", "sky", "sky"],
    },
  ],
  uniform: [
    { field: { type: "integer", generator: { kind: "uniform", min: 1, max: 100 } }, values: [69, 21, 21, 31, 13] },
    {
      field: { type: "number", generator: { kind: "uniform", min: -1, max: 1 } },
      values: ["0.37", "-0.60", "-0.59", "-0.40", "-0.76"],
    },
  ],
  normal: [
    {
      field: { type: "number", scale: 3, generator: { kind: "normal" } },
      values: ["0.483", "-0.841", "-0.825", "-0.523", "-1.171"],
    },
    {
      field: { type: "integer", generator: { kind: "normal", mean: 50, stddev: 20, min: 0, max: 60 } },
      values: [49, 29, 29, 34, 23],
    },
  ],
  lognormal: [
    {
      field: { type: "number", generator: { kind: "lognormal", mu: 3.6, sigma: 0.8, min: 2.5 } },
      values: ["53.89", "18.69", "18.93", "24.10", "14.37"],
    },
    { field: { type: "integer", generator: { kind: "lognormal", mu: 4.2 } }, values: [108, 29, 29, 40, 21] },
  ],
  date: [
    {
      field: { type: "date", generator: { kind: "date", min: "referenceDate-1095d" } },
      values: ["2025-01-22", "2023-08-09", "2023-08-14", "2023-11-27", "2023-05-14"],
    },
    {
      field: { type: "date", generator: { kind: "date", min: { field: "parent.day" }, max: "2026-06-30" } },
      values: ["2026-02-22", "2025-07-06", "2025-09-25", "2025-09-17", "2025-04-21"],
    },
  ],
  person: [
    {
      field: { type: "string", generator: { kind: "person", part: "firstName" } },
      values: ["Roger", "Chasity", "Dedrick", "Garrison", "Anabel"],
    },
    {
      field: { type: "string", generator: { kind: "person", part: "lastName" } },
      values: ["Wilderman", "Stracke", "Weimann", "Ernser", "Runolfsson"],
    },
    {
      field: { type: "string", generator: { kind: "person", part: "fullName" } },
      values: ["Roger Wilderman", "Chasity Stracke", "Dedrick Weimann", "Garrison Ernser", "Anabel Runolfsson"],
    },
    {
      field: { type: "string", generator: { kind: "person", part: "email" } },
      values: [
        "roger.wilderman@example.com",
        "chasity.stracke@example.com",
        "dedrick.weimann@example.net",
        "garrison.ernser@example.org",
        "anabel.runolfsson@example.com",
      ],
    },
    {
      field: { type: "string", generator: { kind: "person", part: "phone" } },
      values: ["+1-860-555-0159", "+1-206-555-0180", "+1-210-555-0133", "+1-702-555-0162", "+1-816-555-0116"],
    },
    {
      field: { type: "string", generator: { kind: "person", part: "sex" } },
      values: ["male", "female", "male", "male", "female"],
    },
    {
      field: { type: "string", generator: { kind: "person", part: "email", as: "seller" } },
      values: [
        "jackie.gislason@example.org",
        "khalil.larkin@example.org",
        "lukas.hamill@example.org",
        "angelica.okon@example.org",
        "vincenzo.fisher@example.net",
      ],
    },
  ],
  address: [
    {
      field: { type: "string", generator: { kind: "address" } },
      values: [
        "5950 Sauer Lock, Hartford, CT 06109",
        "9602 Terry Flat, Seattle, WA 98192",
        "5125 Waters Centers, San Antonio, TX 78263",
        "6620 Larch Close, Las Vegas, NV 89193",
        "1226 Kris Cove, Kansas City, MO 64132",
      ],
    },
    {
      field: { type: "string", generator: { kind: "address", part: "street" } },
      values: ["5950 Sauer Lock", "9602 Terry Flat", "5125 Waters Centers", "6620 Larch Close", "1226 Kris Cove"],
    },
    {
      field: { type: "string", generator: { kind: "address", part: "city" } },
      values: ["Hartford", "Seattle", "San Antonio", "Las Vegas", "Kansas City"],
    },
    {
      field: { type: "string", generator: { kind: "address", part: "region" } },
      values: ["CT", "WA", "TX", "NV", "MO"],
    },
    {
      field: { type: "string", generator: { kind: "address", part: "postcode" } },
      values: ["06109", "98192", "78263", "89193", "64132"],
    },
    {
      field: { type: "string", generator: { kind: "address", part: "country" } },
      values: ["United States", "United States", "United States", "United States", "United States"],
    },
  ],
  faker: [
    {
      field: { type: "string", generator: { kind: "faker", method: "commerce.productName" } },
      values: [
        "Frozen Rubber Gloves",
        "Electronic Concrete Salad",
        "Unbranded Ceramic Shoes",
        "Intelligent Concrete Gloves",
        "Generic Aluminum Bacon",
      ],
    },
    {
      field: { type: "integer", generator: { kind: "faker", method: "number.int", args: [{ min: 10, max: 99 }] } },
      values: [30, 53, 53, 78, 12],
    },
    {
      field: { type: "string", generator: { kind: "faker", method: "date.past" } },
      values: [
        "2025-02-14T10:36:52.627Z",
        "2025-06-19T23:12:45.067Z",
        "2025-11-09T05:56:53.485Z",
        "2025-01-12T20:58:41.818Z",
        "2025-05-09T12:45:24.986Z",
      ],
    },
  ],
  lookup: [
    {
      field: { type: "string", generator: { kind: "lookup", field: "parent.colour" } },
      values: ["red", "blue", "red", "blue", "blue"],
    },
  ],
  expression: [
    {
      field: { type: "integer", generator: { kind: "expression", expr: "id * 10 + parent.id" } },
      values: [79, 22, 44, 95, 115],
    },
    {
      field: { type: "string", generator: { kind: "expression", expr: "'fixed'" } },
      values: ["fixed", "fixed", "fixed", "fixed", "fixed"],
    },
    {
      field: { type: "date", generator: { kind: "expression", expr: "parent.day + id" } },
      values: ["2025-05-19", "2025-04-09", "2025-07-19", "2025-05-22", "2025-02-26"],
    },
    {
      field: { type: "boolean", generator: { kind: "expression", expr: "parent.colour == 'red'" } },
      values: [true, false, true, false, false],
    },
  ],
  template: [
    {
      field: {
        type: "string",
        generator: {
          kind: "template",
          template: "{{size}} {{parent.colour}} no. {{id}}",
          with: { size: { kind: "category", values: ["small", "large"] } },
        },
      },
      values: ["small red no. 1", "small blue no. 2", "large red no. 3", "small blue no. 4", "large blue no. 5"],
    },
  ],
  text: [
    {
      field: { type: "string", generator: { kind: "text", prompt: "A note on {{parent.colour}}" } },
      values: [
        "Amita aliqua corrumpo pauper cras cibo.",
        "Stillicidium repudiandae suadeo virga verumtamen caelestis defetiscor.",
        "Barba aufero amiculum thermae.",
        "Necessitatibus demergo aduro xiphias trado summisse pariatur circumvenio suadeo.",
        "Adhuc tamen adversus adipisci vulariter aptus.",
      ],
    },
    {
      field: {
        type: "string",
        generator: { kind: "text", prompt: "A note", fallback: { kind: "category", values: ["good", "bad"] } },
      },
      values: ["good", "good", "bad", "bad", "bad"],
    },
  ],
};

const parent = tableOf(
  "parent",
  [
    { name: "colour", type: "string", generator: { kind: "category", values: ["red", "blue"] } },
    { name: "day", type: "date", generator: { kind: "date", min: "2025-01-01", max: "2025-12-31" } },
  ],
  { rows: 100 },
);
const { field: parentId, key } = childOf("parent");

describe("the first five values of", () => {
  const cases = Object.entries(GOLDEN).flatMap(([kind, list]) => list.map((one) => ({ kind, ...one })));
  test.each(cases)("$kind: $field", ({ field, values }) => {
    const child = tableOf("things", [parentId, { name: "value", ...field }], { foreignKeys: [key] });
    expect(cellsOf(engineOf([parent, child]), "things.value", 0, 5)).toEqual(values);
  });
});

test("every kind has golden values", () => {
  expect(Object.keys(GOLDEN).sort()).toEqual([...KINDS.keys()].sort());
});

test("every file of generate/fields gives a kind", () => {
  const files = readdirSync(new URL("../../src/generate/fields", import.meta.url)).map((name) =>
    name.replace(/\.ts$/, ""),
  );
  // One file holds the three distributions.
  const kinds = files.flatMap((file) => (file === "numbers" ? ["uniform", "normal", "lognormal"] : [file]));
  expect(kinds.sort()).toEqual([...KINDS.keys()].sort());
});
