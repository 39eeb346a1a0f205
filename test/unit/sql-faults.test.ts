import { expect, test } from "vitest";
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
