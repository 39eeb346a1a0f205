import { faker as fakerOfEnglish } from "@faker-js/faker/locale/en";
import { describe, expect, test } from "vitest";
import { JobFailure, Unprocessable } from "../../../src/dataset/errors.ts";
import type { Field } from "../../../src/dataset/schema.ts";
import { takeRows } from "../../../src/generate/column.ts";
import { compileSchema } from "../../../src/generate/compile.ts";
import type { CompiledTable } from "../../../src/generate/engine.ts";
import type { Generator } from "../../../src/generate/kind.ts";
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

  test("takes decimals to its own scale, half a unit away from zero, and ends the job at 2^53", () => {
    const exact: Field[] = [
      {
        name: "id2",
        type: "number",
        scale: 3,
        generator: { kind: "list", order: "cycle", values: [1.005, -1.005, 2.344] },
      },
      { name: "large", type: "number", scale: 0, generator: { kind: "constant", value: 9_000_000_000_000 } },
    ];
    const own = (field: string, scale: number, name = `${field}${scale}`): Field => {
      return { name, type: "number", scale, generator: { kind: "lookup", field } };
    };
    const fields = [...exact, own("id2", 2), own("id2", 5), own("large", 2), own("large", 4)];
    const engine = engineOf([tableOf("things", fields)]);
    expect(cellsOf(engine, "things.id22", 0, 3)).toEqual(["1.01", "-1.01", "2.34"]);
    expect(cellsOf(engine, "things.id25", 0, 3)).toEqual(["1.00500", "-1.00500", "2.34400"]);
    expect(cellsOf(engine, "things.large2", 0, 1)).toEqual(["9000000000000.00"]);
    expect(() => cellsOf(engine, "things.large4", 0, 1)).toThrow(JobFailure);
  });

  test("refuses another type, an unknown parent and an unknown field", () => {
    const refused = (wrong: Field) => faultsOf([parent, tableOf("child", [field, wrong], { foreignKeys: [key] })]);
    const here = "/tables/1/fields/2/generator";
    expect(refused(lookup("price", "string"))).toEqual([`type-mismatch ${here}/field`]);
    expect(refused(lookup("colour"))).toEqual([`unknown-field ${here}/field`]);
    expect(refused({ ...text({ kind: "lookup", field: "owner.name" }) })).toEqual([`unknown-parent ${here}/field`]);
  });
});

describe("template", () => {
  const template = (pattern: string, fillers: object = {}) =>
    text({ kind: "template", template: pattern, with: fillers });

  test("fills each hole by its generator or by the field of that name", () => {
    const word = { kind: "category", values: ["a"] };
    expect(cellsOfField(template("{{ w }}{{w}}-{{id}}!", { w: word }), 2)).toEqual(["aa-1!", "aa-2!"]);
    expect(cellsOfField(template('{"no": {"hole": "{{w}}"}}', { w: word }), 1)).toEqual(['{"no": {"hole": "a"}}']);
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

  const uuid = { kind: "uuid" };
  const number = { kind: "sequence", start: 90 };
  const letter = { kind: "list", values: ["a", "b-1", "2"] };
  const whole: Field = { name: "n", type: "integer", generator: { kind: "uniform", max: 9 } };
  const negative: Field = { name: "down", type: "integer", generator: { kind: "sequence", start: 5, step: -1 } };
  const code: Field = { name: "code", type: "uuid", generator: uuid };

  test.each([
    ["ORD-{{id}}", {}],
    ["{{id}}", {}],
    ["{{id}}/x", {}],
    ["<{{c}}>", { c: uuid }],
    ["<{{c}}>", { c: number }],
    ["{{mail}}!", { mail: { kind: "person", part: "email" } }],
    ["({{t}})", { t: { kind: "template", template: "{{t}}.", with: { t: number } } }],
    ["{{w}}-{{id}}", { w: letter }],
    ["{{w}}{{n}}-{{id}}x", { w: letter }],
    ["x{{id}}-{{w}}{{w}}", { w: letter }],
    ["{{w}}/{{down}}", { w: letter }],
    ["{{code}}:{{w}}", { w: letter }],
  ])("is a key when its one unique hole can be told from the rest: %s", (pattern, fillers) => {
    const engine = engineOf([
      tableOf("things", [whole, negative, code, template(pattern, fillers)], { primaryKey: ["value"] }),
    ]);
    const column = engine.block(0, 300, 200).column(4);
    const { rowOf } = (engine.tables[0] as CompiledTable).generators[4] as Required<Generator>;
    const rows = Array.from({ length: 200 }, (_, i) => i + 300);
    expect(rows.map((_, i) => rowOf(column, i))).toEqual(rows);
    const backwards = takeRows(
      column,
      Float64Array.from(rows, (row) => 499 - row),
    );
    expect(rows.map((_, i) => rowOf(backwards, i))).toEqual(rows.toReversed());
  });

  test.each([
    ["{{w}}{{id}}", { w: letter }],
    ["{{id}}1{{w}}", { w: letter }],
    ["{{w}}-{{down}}", { w: letter }],
    ["{{w}}-{{code}}", { w: letter }],
    ["{{w}}-{{id}}-{{w}}", { w: letter }],
    ["{{w}}/{{c}}", { w: letter, c: number }],
    ["{{w}}", { w: letter }],
    ["no hole", {}],
  ])("is no key when two of its texts could be the same, or nothing tells: %s", (pattern, fillers) => {
    const table = tableOf("things", [negative, code, template(pattern, fillers)], { primaryKey: ["value"] });
    expect(faultsOf([table])).toEqual(["not-unique /tables/0/primaryKey"]);
  });

  test("refuses a hole that nothing fills, other names of objects included", () => {
    expect(faultsOf([tableOf("things", [template("{{nothing}}")])])).toEqual([`unknown-field ${at}/template`]);
    expect(faultsOf([tableOf("things", [template("{{constructor}}")])])).toEqual([`unknown-field ${at}/template`]);
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

  test("promises nothing of its values, which a model may write", () => {
    const fallback = { kind: "uuid" };
    const generator = engineOf([tableOf("things", [text({ kind: "text", prompt: "A code", fallback })])]).tables[0]
      ?.generators[1];
    expect(Object.keys(generator ?? {}).sort()).toEqual(["column", "mentions"]);
  });

  test("refuses a prompt that names no field, and an unknown fallback", () => {
    expect(faults({ kind: "text", prompt: "About {{nothing}}" })).toEqual([`unknown-field ${at}/prompt`]);
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

  test.each([
    ["string.alpha", [1_000_000_000]],
    ["string.alpha", [{ length: { min: 1, max: 1_001 } }]],
    ["lorem.words", [5_000]],
    ["finance.pin", [100_000]],
    ["internet.password", [{ length: 2_000 }]],
    ["lorem.sentences", [1_000]],
    ["lorem.word", [["x".repeat(1_000)]]],
  ])("refuses %s of %j, whose words would fill the memory", (method, args) => {
    expect(faults(faker(method, args))).toEqual([`too-much-text ${at}/args`]);
  });

  test("takes large numbers where they are not lengths", () => {
    const args: [string, unknown[], Field["type"]][] = [
      ["number.int", [{ min: 1_000_000, max: 1_000_000_000 }], "integer"],
      ["commerce.price", [{ min: 5_000, max: 90_000 }], "number"],
      ["finance.amount", [{ min: 5_000, max: 90_000 }], "number"],
    ];
    for (const [method, given, type] of args) {
      const cells = cellsOfField({ type, generator: faker(method, given) }, 100).map(Number);
      expect(cells.every((cell) => cell >= 5_000)).toBe(true);
    }
  });

  test.each([
    ["helpers.fake", "{{string.alpha(1e9)}}"],
    ["helpers.mustache", "{{a}}"],
    ["helpers.fromRegExp", "a{1e9}"],
    ["helpers.replaceCreditCardSymbols", "#{999999999}"],
    ["date.betweens", { from: "2025-01-01", to: "2026-01-01", count: 1e9 }],
  ])("does not offer %s, of which %j could ask for any amount of text", (method, arg) => {
    expect(faults(faker(method, [arg]))).toEqual([`unknown-method ${at}/method`]);
  });

  test("has for every other method without args either words or a fault", () => {
    const modules = Object.entries(fakerOfEnglish).filter(([, module]) => typeof module === "object");
    const methods = modules.flatMap(([name, module]) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(module)).map((method) => `${name}.${method}`),
    );
    const outcomes = methods.map((method) => {
      try {
        return typeof cellsOfField(text(faker(method)), 1)[0];
      } catch (error) {
        if (error instanceof Unprocessable) return error.faults.map(({ code }) => code).join();
        throw error;
      }
    });
    const counts = tally(outcomes);
    expect(Object.keys(Object.fromEntries(counts)).sort()).toEqual(["faker-call", "string", "unknown-method"]);
    expect(counts.get("string")).toBeGreaterThan(170);
  });

  test("has a deck of its different words", () => {
    const deck = engineOf([tableOf("things", [text(faker("datatype.boolean"))])]).tables[0]?.generators[1]?.deck;
    expect(deck?.size).toBe(2);
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
