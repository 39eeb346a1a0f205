import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/dataset/schema.ts";
import { compileSchema } from "../../../src/generate/compile.ts";
import {
  cellsOf,
  cellsOfField,
  childOf,
  engineOf,
  faultsOf,
  fullFaultsOf,
  tableOf,
  tally,
} from "../../support/small-tables.ts";

const at = "/tables/0/fields/1/generator";
const text = (generator: Field["generator"]): Field => ({ name: "value", type: "string", generator });
const faults = (generator: Field["generator"], type: Field["type"] = "string") =>
  faultsOf([tableOf("things", [{ ...text(generator), type }])]);

describe("constant", () => {
  test("refuses a value that is not of the field's type", () => {
    expect(faults({ kind: "constant", value: "ten" }, "integer")).toEqual([`type-mismatch ${at}`]);
    expect(faults({ kind: "constant", value: null })).toEqual([`bad-parameter ${at}/value`]);
  });

  test("keeps text as it is: empty, with quotes, with a formula", () => {
    for (const value of ["", 'a "b", c', "=1+1"]) {
      expect(cellsOfField({ type: "string", generator: { kind: "constant", value } }, 2)).toEqual([value, value]);
    }
  });
});

describe("lookup", () => {
  const parent = tableOf(
    "parent",
    [
      { name: "address", type: "string", generator: { kind: "address" } },
      { name: "price", type: "number", generator: { kind: "uniform", min: 1, max: 99 } },
      { name: "note", type: "string", generator: { kind: "category", values: ["x", "y"] }, nullRate: 0.5 },
    ],
    { rows: 50 },
  );
  const { field, key } = childOf("parent");
  const lookup = (name: string, type: Field["type"] = "string", scale?: number): Field => {
    return {
      name,
      type,
      ...(scale === undefined ? {} : { scale }),
      generator: { kind: "lookup", field: `parent.${name}` },
    };
  };
  const child = tableOf("child", [field, lookup("address"), lookup("price", "number"), lookup("note")], {
    foreignKeys: [key],
  });

  test("is the cell of the parent that the row points at, NULL included", () => {
    const engine = engineOf([parent, child]);
    const ids = cellsOf(engine, "child.parent_id", 0, 500).map(Number);
    for (const name of ["address", "price", "note"]) {
      const own = cellsOf(engine, `parent.${name}`, 0, 50);
      expect(cellsOf(engine, `child.${name}`, 0, 500)).toEqual(ids.map((id) => own[id - 1]));
    }
    expect(cellsOf(engine, "child.note", 0, 500)).toContain(null);
  });

  test("goes through any number of parents", () => {
    const grandchild = tableOf(
      "grandchild",
      [
        childOf("child").field,
        { name: "address", type: "string", generator: { kind: "lookup", field: "child.parent.address" } },
      ],
      { foreignKeys: [childOf("child").key] },
    );
    const engine = engineOf([parent, child, grandchild]);
    const ids = cellsOf(engine, "grandchild.child_id", 0, 500).map(Number);
    const own = cellsOf(engine, "child.address", 0, 1_000);
    expect(cellsOf(engine, "grandchild.address", 0, 500)).toEqual(ids.map((id) => own[id - 1]));
  });

  test("refuses another type or scale, an unknown parent and an unknown field", () => {
    const refused = (wrong: Field) => faultsOf([parent, tableOf("child", [field, wrong], { foreignKeys: [key] })]);
    const here = "/tables/1/fields/2/generator";
    expect(refused(lookup("price", "string"))).toEqual([`type-mismatch ${here}/field`]);
    expect(refused(lookup("price", "number", 3))).toEqual([`type-mismatch ${here}/field`]);
    expect(refused(lookup("colour"))).toEqual([`unknown-field ${here}`]);
    expect(refused({ ...text({ kind: "lookup", field: "owner.name" }) })).toEqual([`unknown-parent ${here}`]);
  });
});

describe("template", () => {
  const template = (pattern: string, fillers: object = {}) =>
    text({ kind: "template", template: pattern, with: fillers });

  test("fills each hole by its generator or by the field of that name", () => {
    const word = { kind: "category", values: ["a"] };
    expect(cellsOfField(template("{{ w }}{{w}}-{{id}}!", { w: word }), 2)).toEqual(["aa-1!", "aa-2!"]);
    expect(cellsOfField(template("no hole, {single} {{}}"), 1)).toEqual(["no hole, {single} {{}}"]);
  });

  test("draws for holes of different names apart", () => {
    const word = { kind: "category", values: ["a", "b", "c", "d"] };
    const pairs = tally(cellsOfField(template("{{x}}{{y}}", { x: word, y: word }), 2_000));
    expect(pairs.size).toBe(16);
  });

  test("may hold templates and addresses, and writes nothing for NULL", () => {
    const fields: Field[] = [
      { name: "maybe", type: "string", generator: { kind: "constant", value: "m" }, nullRate: 0.5 },
      { name: "nick", type: "string", generator: { kind: "template", template: "({{id}}{{maybe}})" }, nullRate: 0.5 },
      { name: "country", type: "string", generator: { kind: "address", part: "country" }, nullRate: 0.5 },
      template("<{{nick}}|{{country}}>"),
    ];
    const engine = engineOf([tableOf("things", fields)]);
    const [nick, country] = ["nick", "country"].map((name) => cellsOf(engine, `things.${name}`, 0, 100));
    expect(cellsOf(engine, "things.value", 0, 100)).toEqual(
      nick?.map((one, i) => `<${one ?? ""}|${country?.[i] ?? ""}>`),
    );
    expect([nick?.includes(null), country?.includes(null)]).toEqual([true, true]);
  });

  test("refuses a hole that nothing fills, other names of objects included", () => {
    expect(faultsOf([tableOf("things", [template("{{nothing}}")])])).toEqual([`unknown-field ${at}`]);
    expect(faultsOf([tableOf("things", [template("{{constructor}}")])])).toEqual([`unknown-field ${at}`]);
    expect(faultsOf([tableOf("things", [template("{{x}}", { x: { kind: "magic" } })])])).toEqual([
      `unknown-kind ${at}/with/x/kind`,
    ]);
    expect(faults({ kind: "template", template: "x" }, "integer")).toEqual([`type-mismatch ${at}`]);
  });
});

describe("text", () => {
  test("without a model is what its fallback makes", () => {
    const fallback = { kind: "template", template: "note {{id}}" };
    expect(cellsOfField(text({ kind: "text", prompt: "A note", fallback }), 2)).toEqual(["note 1", "note 2"]);
    const sentences = cellsOfField(text({ kind: "text", prompt: "A note" }), 50).map(String);
    expect(sentences.every((sentence) => /^[A-Z][a-z ]+\.$/.test(sentence))).toBe(true);
    expect(tally(sentences).size).toBeGreaterThan(40);
  });

  test("refuses a prompt that names no field, and an unknown fallback", () => {
    expect(faults({ kind: "text", prompt: "About {{nothing}}" })).toEqual([`unknown-field ${at}`]);
    expect(faults({ kind: "text", prompt: "About", fallback: { kind: "magic" } })).toEqual([
      `unknown-kind ${at}/fallback/kind`,
    ]);
    expect(faults({ kind: "text", prompt: "About" }, "number")).toEqual([`type-mismatch ${at}`]);
  });
});

describe("faker", () => {
  const faker = (method: string, args: unknown[] = []) => ({ kind: "faker", method, args });

  test("passes the args on", () => {
    const cells = cellsOfField(text(faker("string.alpha", [{ length: 3, casing: "upper" }])), 100).map(String);
    expect(cells.filter((cell) => !/^[A-Z]{3}$/.test(cell))).toEqual([]);
  });

  test("gives the same words however often and in whatever order schemas are compiled", () => {
    const one = () => cellsOfField(text(faker("commerce.productName")), 20);
    const before = one();
    cellsOfField(text(faker("person.firstName")), 1);
    expect(one()).toEqual(before);
    const other = compileSchema(
      { name: "small", tables: [tableOf("things", [text(faker("commerce.productName"))])] },
      43,
      "2026-01-01",
    );
    expect(cellsOf(other, "things.value", 0, 20)).not.toEqual(before);
  });

  test("writes dates in ISO 8601, the same in every time zone", () => {
    const before = process.env.TZ;
    const inZone = (zone: string) => {
      process.env.TZ = zone;
      return cellsOfField(text(faker("date.past")), 5).map(String);
    };
    try {
      expect(inZone("Asia/Tokyo")).toEqual(inZone("America/New_York"));
      expect(inZone("UTC")[0]).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });

  test.each([
    "commerce.constructor",
    "constructor.constructor",
    "commerce.__proto__",
    "__proto__.toString",
    "commerce.toString",
    "commerce.hasOwnProperty",
    "commerce.__defineGetter__",
    "commerce",
    "commerce.",
    "commerce.nothing",
    "commerce.productName.call",
    "seed",
    "fakerCore.randomizer",
    "definitions.person",
    "",
  ])("has no method %j", (method) => {
    expect(faults(faker(method))).toEqual([`unknown-method ${at}/method`]);
  });

  test("refuses args that the method refuses, and a method that gives an object", () => {
    expect(fullFaultsOf([tableOf("things", [text(faker("number.int", [{ min: 9, max: 3 }]))])])).toEqual([
      {
        pointer: `${at}/args`,
        code: "faker-call",
        message: "faker.number.int refuses these args: Max 3 should be greater than min 9.",
      },
    ]);
    expect(faults(faker("finance.currency"))).toEqual([`faker-call ${at}/args`]);
  });

  test("refuses words that are not of the field's type", () => {
    expect(faults(faker("person.firstName"), "integer")).toEqual([`type-mismatch ${at}`]);
  });
});

describe("nullRate", () => {
  test("is the share of NULLs, in every kind of column", () => {
    const generators: [Field["type"], Field["generator"]][] = [
      ["string", { kind: "category", values: ["a"] }],
      ["string", { kind: "address" }],
      ["string", { kind: "address", part: "country" }],
      ["integer", { kind: "uniform", max: 9 }],
    ];
    for (const [type, generator] of generators) {
      const cells = cellsOfField({ type, generator, nullRate: 0.2 } as Field, 50_000);
      expect(Math.abs((tally(cells).get(null) as number) / 50_000 - 0.2)).toBeLessThan(0.009);
    }
  });

  test("takes nothing at 0 and everything at 1, and leaves the other values as they were", () => {
    const generator = { kind: "uniform", max: 1_000_000 };
    const whole = cellsOfField({ type: "integer", generator }, 1_000);
    expect(cellsOfField({ type: "integer", generator, nullRate: 0 }, 1_000)).toEqual(whole);
    expect([...tally(cellsOfField({ type: "integer", generator, nullRate: 1 }, 1_000)).keys()]).toEqual([null]);
    const half = cellsOfField({ type: "integer", generator, nullRate: 0.5 }, 1_000);
    expect(half.filter((cell, i) => cell !== null && cell !== whole[i])).toEqual([]);
  });

  test("differs from field to field", () => {
    const field = (name: string): Field => ({
      name,
      type: "integer",
      nullRate: 0.5,
      generator: { kind: "constant", value: 1 },
    });
    const engine = engineOf([tableOf("things", [field("a"), field("b")])]);
    const [a, b] = ["a", "b"].map((name) => cellsOf(engine, `things.${name}`, 0, 10_000));
    const both = a?.filter((cell, i) => cell === null && b?.[i] === null).length as number;
    expect(Math.abs(both / 10_000 - 0.25)).toBeLessThan(0.02);
  });
});
