/** Documents that change, on the real wire: every write and deletion names the state it was decided on. */

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Saved } from "../../src/dataset/world.ts";
import { type Azurite, startAzurite } from "../../src/local/azurite.ts";
import { connect, type Outside } from "../../src/outside.ts";
import { MODEL_LIMITS } from "../support/dispatcher.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
let azurite: Azurite;
let outside: Outside;

beforeAll(async () => {
  azurite = await startAzurite({ folder: join(folder, "storage"), log: () => {} });
  const limits = { bodyBytes: 1, tableRows: 1, chunkRows: undefined, ...MODEL_LIMITS };
  outside = connect({ storage: azurite.connectionString, home: folder, limits });
  await outside.prepareStorage();
});
afterAll(() => azurite.stop());

const write = (blob: string, text: string, before?: Saved) => outside.writeSaved(blob, text, before);
const read = async (blob: string) => (await outside.readSaved(blob)) as Saved;

test("a first write succeeds once, and what is read is what was written", async () => {
  expect(await outside.readSaved("first.json")).toBeUndefined();
  expect(await write("first.json", '"é"')).toBe(true);
  expect(await write("first.json", '"other"')).toBe(false);
  expect((await read("first.json")).text).toBe('"é"');
});

test("a write replaces only the state it was decided on", async () => {
  await write("changed.json", "1");
  const before = await read("changed.json");
  expect(await write("changed.json", "2", before)).toBe(true);
  expect(await write("changed.json", "3", before)).toBe(false);
  expect((await read("changed.json")).text).toBe("2");
});

test("a write over what was deleted meanwhile does not bring it back", async () => {
  await write("deleted.json", "1");
  const before = await read("deleted.json");
  await outside.deleteSaved("deleted.json", before);
  expect(await write("deleted.json", "2", before)).toBe(false);
  expect(await outside.readSaved("deleted.json")).toBeUndefined();
});

test("a deletion spares a state that it was not decided on", async () => {
  await write("spared.json", "1");
  const before = await read("spared.json");
  await write("spared.json", "2", before);
  expect(await outside.deleteSaved("spared.json", before)).toBe(false);
  expect(await outside.deleteSaved("spared.json", await read("spared.json"))).toBe(true);
  expect(await outside.readSaved("spared.json")).toBeUndefined();
});

test("of ten writers that saw the same state one wins", async () => {
  await write("raced.json", "0");
  const before = await read("raced.json");
  const won = await Promise.all(Array.from({ length: 10 }, (_, n) => write("raced.json", `${n}`, before)));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect((await read("raced.json")).text).toBe(`${won.indexOf(true)}`);
});

test("names are listed by prefix, in their order", async () => {
  for (const name of ["list/b.json", "list/a.json", "lists/c.json"]) await write(name, "{}");
  expect(await outside.listSaved("list/")).toEqual(["list/a.json", "list/b.json"]);
  expect(await outside.listSaved("nothing/")).toEqual([]);
});
