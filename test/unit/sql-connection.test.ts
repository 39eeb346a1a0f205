import { expect, test } from "vitest";
import { poolConfig } from "../../src/load/sqlserver/connection.ts";

test("a login by password is encrypted, one pool is small, and the driver's own clocks are off", () => {
  const config = poolConfig(`Server=tcp:sql.example.com,1444;Database=shop;User Id=relata;Password=${"any"}`);
  expect(config).toMatchObject({
    ...{ server: "sql.example.com", port: 1444, database: "shop", user: "relata", requestTimeout: 0 },
    pool: { min: 0, max: 4 },
    options: { encrypt: true, useUTC: true, abortTransactionOnError: true },
  });
});

test("encryption is left out only where the string says so", () => {
  const base = `Server=127.0.0.1;Database=shop;User Id=relata;Password=${"any"}`;
  expect(poolConfig(`${base};Encrypt=false`).options?.encrypt).toBe(false);
  expect(poolConfig(`${base};Encrypt=true;TrustServerCertificate=false`).options).toMatchObject({
    encrypt: true,
    trustServerCertificate: false,
  });
});

test("a managed identity needs no password, and may be a user-assigned one", () => {
  const base = "Server=shop.database.windows.net;Database=shop;Authentication=Active Directory Default";
  const type = "azure-active-directory-default";
  expect(poolConfig(base)).toMatchObject({
    authentication: { type, options: {} },
    options: { encrypt: true },
  });
  expect(poolConfig(`${base};Client Id=0000-1111`)).toMatchObject({
    authentication: { type, options: { clientId: "0000-1111" } },
  });
});
