/** What connections die of, and how long they are waited for. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { connectSqlServer } from "../../src/load/sqlserver/connection.ts";
import { retrying } from "../../src/load/sqlserver/faults.ts";

test("without an identity the job ends at once and says what SQL_CONNECTION_STRING asks for", async () => {
  // As the driver wraps it when no credential of the default chain answers.
  const inner = Object.assign(new Error("Security token could not be authenticated."), { code: "EFEDAUTH" });
  const error = Object.assign(new Error("wrapped"), { originalError: new AggregateError([inner]) });
  let tries = 0;
  const unit = () => {
    tries++;
    return Promise.reject(error);
  };
  const patience = { sleep: () => Promise.reject(new Error("nothing is to be waited for")), random: () => 0 };
  await expect(retrying(unit, patience)).rejects.toMatchObject({
    name: "JobFailure",
    code: "load-login",
    message: expect.stringContaining("SQL_CONNECTION_STRING"),
  });
  expect(tries).toBe(1);
});

test("where nothing listens is soon told, as it is seldom a server on its way up", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  taken.close();
  await once(taken, "close");
  const server = connectSqlServer(`Server=127.0.0.1,${port};Database=d;User Id=u;Password=p;Encrypt=true`);
  const waits: number[] = [];
  const patience = { sleep: async (ms: number) => waits.push(ms), random: () => 1 };
  await expect(retrying(() => server.begin(), patience)).rejects.toMatchObject({
    name: "Unavailable",
    message: "Nothing listens where the Server of SQL_CONNECTION_STRING is: check host and port, or start it.",
  });
  expect(waits).toEqual([5000, 10_000]);
  await server.close();
});

test.each([
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
])("a certificate that is refused with %s is not waited for", async (code) => {
  // As the driver wraps it: test/integration/tds/loader.test.ts has a real one.
  const cause = Object.assign(new Error("certificate"), { code });
  const inner = Object.assign(new Error("failed to connect", { cause }), { code: "ESOCKET" });
  const error = Object.assign(new Error("failed to connect"), { code: "ESOCKET", originalError: inner });
  const patience = { sleep: () => Promise.reject(new Error("nothing is to be waited for")), random: () => 0 };
  await expect(retrying(() => Promise.reject(error), patience)).rejects.toMatchObject({
    ...{ name: "JobFailure", code: "load-connection", message: expect.stringContaining(code) },
  });
});
