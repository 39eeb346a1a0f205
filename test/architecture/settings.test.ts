/** Settings are written down where people look: the README's tables and the sample for Core Tools. */
import { expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { code, files, firstCells, readText } from "./source.ts";

/** The keys of the environment's zod object. */
const appSettings = [...code("src/settings.ts").matchAll(/^ {2}([A-Z]\w+): \w/gm)].map(([, name = ""]) => name);

/** What the embedded host takes from the environment by name. */
const hostSettings = files("src/local/**/*.ts").flatMap((file) =>
  [...code(file).matchAll(/\benv(?:ironment)?\.([A-Z]\w+)/g)].map(([, name = ""]) => name),
);

/** Told to Core Tools, not to the app. */
const CORE_TOOLS = ["FUNCTIONS_WORKER_RUNTIME"];

const sample = JSON.parse(readText("local.settings.sample.json")) as {
  IsEncrypted: boolean;
  Values: Record<string, string>;
};

test("the settings are found in the sources", () => {
  expect(appSettings).toContain("AzureWebJobsStorage");
  expect(appSettings).toContain("RELATA_HOME");
  expect(hostSettings).toContain("PORT");
});

test("the README's settings tables have each of them and no other", () => {
  const told = firstCells(/^[A-Z]\w+$/);
  expect(told.sort()).toEqual([...new Set([...appSettings, ...hostSettings])].sort());
});

test("the sample for Core Tools has each setting of the app and no other", () => {
  expect(Object.keys(sample.Values).sort()).toEqual([...CORE_TOOLS, ...appSettings].sort());
  expect(sample.IsEncrypted).toBe(false);
});

test("the sample's values are those the app has without them", () => {
  const { AzureWebJobsStorage } = sample.Values;
  expect(readSettings(sample.Values)).toEqual(readSettings({ AzureWebJobsStorage }));
});
