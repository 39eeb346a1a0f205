/**
 * What else is in a database than the dataset's tables, as the loader meets it on the TDS test server: schemas whose
 * names differ in case, others who make the same schema, and tables that refer to the dataset's.
 */
import { expect, test } from "vitest";
import { shopFiles } from "../../support/load-fixtures.ts";
import { standLoaded } from "../../support/tds/loader-script.ts";
import { serveLoader } from "../../support/tds/loader-served.ts";

test("a schema that the server has in another case is that one: in every statement, and locked by one name", async () => {
  const { tds, script, load } = await serveLoader();
  script.schemas.push("shop_demo");
  const options = { schema: "Shop_DEMO", mode: "replace", dropFirst: false };
  expect((await load(shopFiles, { options })).database).toBe("test.shop_demo");
  expect(tds.statements().join("\n")).not.toContain("Shop_DEMO");
  const locks = tds.log.filter(({ text }) => text.includes("sp_getapplock")).map(({ parameters }) => parameters.name);
  expect(locks.slice(-3)).toEqual(["customers", "orders", "products"].map((table) => `relata:shop_demo.${table}`));
  const logged = tds.log.filter(({ text }) => text.includes("INSERT INTO [relata].[load_log]"));
  expect(new Set(logged.map(({ parameters }) => parameters.schema))).toEqual(new Set(["shop_demo"]));
});

test("a schema that is not there is made under a lock, and looked for again once that is held", async () => {
  const { tds, load } = await serveLoader();
  await load();
  const last = Math.max(...tds.log.map(({ transaction }) => transaction));
  const steps = tds.log
    .filter(
      ({ transaction, text }) => transaction === last && /sp_getapplock|FROM sys.schemas|CREATE SCHEMA/.test(text),
    )
    .map(({ text, parameters }) => parameters.name ?? (/sys.schemas/.test(text) ? "look" : "make"));
  expect(steps.slice(3)).toEqual(["look", "relata:schema:shop_demo", "look", "make"]);
});

test("a row that a table of others refers to is told with that table, another rule by the server's own words", async () => {
  const { tds, script, load } = await serveLoader();
  await load();
  standLoaded(tds, "other");
  const before = tds.statements().length;
  script.outside.push(["FK_Notes_Orders", "crm", "Notes", "orders"], ["FK_Calls_Orders", "crm", "Calls", "orders"]);
  const refuse = (constraint: string) =>
    tds.fail("DELETE t FROM [shop_demo].[orders]", {
      number: 547,
      message: `The DELETE statement conflicted with the REFERENCE constraint "${constraint}". The statement has been terminated.`,
    });
  refuse("FK_Notes_Orders");
  await expect(load()).rejects.toMatchObject({
    name: "JobFailure",
    code: "load-referenced",
    message:
      "crm.Notes refers to orders by FK_Notes_Orders, of which the load would delete or change rows that are referred to. " +
      "Drop that constraint, load with mode upsert, or load into another schema.",
  });
  refuse("fk_lines_orders");
  await expect(load()).rejects.toMatchObject({
    code: "load-broken-rule",
    message: expect.stringMatching(/^Error 547: .*"fk_lines_orders"/),
  });
  const said = tds.statements().slice(before);
  const asked = said.findIndex((text) => text.includes("FROM sys.foreign_keys AS f WHERE f.[referenced"));
  const changed = said.findIndex((text) => /^IF SCHEMA_ID\(N'shop_demo|^ALTER|^DELETE t/.test(text));
  expect(asked).toBeGreaterThan(0);
  expect(changed).toBeGreaterThan(asked);
});

test("what has a table's name and is none is told by its kind, and nothing is dropped or made", async () => {
  const { tds, script, load } = await serveLoader();
  script.namesakes.push(["ORDERS", "SYNONYM"], ["products", "SQL_STORED_PROCEDURE"]);
  await expect(load(undefined, { options: { mode: "replace", dropFirst: true } })).rejects.toMatchObject({
    name: "JobFailure",
    code: "load-foreign-table",
    message:
      "Schema shop_demo has what is no table under names of tables: products (sql stored procedure), orders (synonym). Drop or rename it, or choose another schema.",
  });
  expect(tds.statements().filter((text) => /^(?:DROP|CREATE) .*\[shop_demo\]/.test(text))).toEqual([]);
});
