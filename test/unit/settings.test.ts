import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";

const storage = "UseDevelopmentStorage=true";

test("storage is all that must be given", () => {
  expect(readSettings({ AzureWebJobsStorage: storage })).toEqual({
    storage,
    home: ".relata",
    limits: {
      bodyBytes: 1_048_576,
      tableRows: 100_000_000,
      chunkRows: undefined,
      ownTexts: 2_000,
      modelCalls: 1_000,
      modelTokens: 2_000_000,
    },
  });
});

test("every setting is read", () => {
  const env = {
    AzureWebJobsStorage: storage,
    RELATA_HOME: "/var/relata",
    RELATA_MAX_BODY_BYTES: "1",
    RELATA_MAX_TABLE_ROWS: "30",
    RELATA_CHUNK_ROWS: "7",
  };
  expect(readSettings(env)).toEqual({
    storage,
    home: "/var/relata",
    limits: { bodyBytes: 1, tableRows: 30, chunkRows: 7, ownTexts: 2_000, modelCalls: 1_000, modelTokens: 2_000_000 },
  });
});

test("an empty setting is one that was not given", () => {
  const env = { AzureWebJobsStorage: storage, RELATA_HOME: "", RELATA_CHUNK_ROWS: "", SQL_CONNECTION_STRING: "" };
  expect(readSettings(env)).toEqual(readSettings({ AzureWebJobsStorage: storage }));
});

test("what is meant for others is left alone", () => {
  expect(readSettings({ AzureWebJobsStorage: storage, PATH: "/bin", RELATA_UNKNOWN: "1" }).storage).toBe(storage);
});

test("all that is missing or wrong is named at once", () => {
  const env = {
    RELATA_MAX_BODY_BYTES: "0",
    RELATA_MAX_TABLE_ROWS: "1.5",
    RELATA_CHUNK_ROWS: "-8",
    SQL_CONNECTION_STRING: "Server=db;Password=secret",
  };
  expect(() => readSettings(env)).toThrow(
    new Error(
      "Settings: AzureWebJobsStorage is missing: give the storage account's connection string; " +
        "RELATA_MAX_BODY_BYTES must be 1 or more; " +
        "RELATA_MAX_TABLE_ROWS must be a whole number; " +
        "RELATA_CHUNK_ROWS must be 1 or more; " +
        "SQL_CONNECTION_STRING must have Server, Database, and User Id with Password or Authentication, and must not " +
        "switch Encrypt off but for this machine.",
    ),
  );
});

describe("a connection string", () => {
  const read = (text: string) => readSettings({ AzureWebJobsStorage: storage, SQL_CONNECTION_STRING: text }).sql;
  const login = `User Id=relata;Password=${"any"}`;

  test.each([
    `Server=tcp:shop.database.windows.net,1433;Database=shop;${login};Encrypt=true`,
    `Data Source=sql;Initial Catalog=shop;UID=relata;PWD=${"any"}`,
    "Server=shop.database.windows.net;Database=shop;Authentication=Active Directory Default",
    `Server=127.0.0.1,14333;Database=shop;${login};Encrypt=false;TrustServerCertificate=true`,
    `Server=localhost;Database=shop;${login};Encrypt=no`,
  ])("that says all is taken as it is: %s", (text) => {
    expect(read(text)).toBe(text);
  });

  test.each([
    ["no server", `Database=shop;${login}`],
    ["no database", `Server=sql;${login}`],
    ["no login", "Server=sql;Database=shop"],
    ["no password", "Server=sql;Database=shop;User Id=relata"],
    ["no encryption over a network", `Server=sql;Database=shop;${login};Encrypt=false`],
    [
      "no encryption to a name that only begins like this machine's",
      `Server=localhost.evil.example;Database=shop;${login};Encrypt=false`,
    ],
  ])("with %s is refused without a word of it", (_, text) => {
    expect(() => read(text)).toThrow(/^Settings: SQL_CONNECTION_STRING must have Server, Database, [^=]*$/);
  });
});

describe("a number", () => {
  test.each([
    ["many", "must be a whole number"],
    ["NaN", "must be a whole number"],
    ["1e400", "must be a whole number"],
    ["0x", "must be a whole number"],
    ["-1", "must be 1 or more"],
  ])("that is %s is refused by its name", (value, message) => {
    const env = { AzureWebJobsStorage: storage, RELATA_MAX_TABLE_ROWS: value };
    expect(() => readSettings(env)).toThrow(new Error(`Settings: RELATA_MAX_TABLE_ROWS ${message}.`));
  });
});
