/**
 * Workers that are killed in the middle of a load of SQL Server, at every packet they send. Needs MSSQL_TEST_URL, as
 * only a database can show what is left behind; reported as skipped without it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import sql from "mssql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadDataset } from "../../src/load/load.ts";
import { startProxy } from "../support/counting-proxy.ts";
import { type Files, manifestOf, opener, shop, shopFiles } from "../support/load-fixtures.ts";
import type { LoadOrder } from "../support/load-process.ts";
import { type OpenTarget, TARGETS } from "../support/sql-targets.ts";

const url = process.env.MSSQL_TEST_URL ?? "";
const WORKER = join(import.meta.dirname, "../support/load-process.ts");

describe.skipIf(!url)("SQL Server (MSSQL_TEST_URL)", () => {
  let at: OpenTarget;
  beforeAll(async () => {
    at = (await TARGETS.find(({ name }) => name === "SQL Server")?.open()) as OpenTarget;
  });
  afterAll(() => at.close());

  const contents = async (): Promise<string> => {
    const tables = await Promise.all(shop.tables.map(({ name }) => at.contents(shop, name)));
    return JSON.stringify(tables);
  };
  const loadAll = async (files: Files, id: string): Promise<string> => {
    await loadDataset(at.target, { id, manifest: manifestOf(files, shop, at.dataset), open: opener(files) });
    return contents();
  };

  test("the worker's death at any packet leaves the old state or the new, and the same load again finishes", async () => {
    let from = { files: shopFiles, state: await loadAll(shopFiles, "first") };
    const orders = (shopFiles.orders as string).replace("2026-01-01", "2024-06-30");
    const changed: Files = { ...shopFiles, orders };
    let to = { files: changed, state: await loadAll(changed, "second") };
    expect(to.state).not.toBe(from.state);
    [from, to] = [to, from];
    const left = { from: 0, to: 0 };
    for (let place = 1; ; place++) {
      const order = { connectionString: url, dataset: at.dataset, id: `killed-${place}`, files: to.files };
      const isKilled = await loadAndKill(order, place);
      const found = await contents();
      expect([from.state, to.state], `killed at packet ${place}`).toContain(found);
      left[found === from.state ? "from" : "to"]++;
      expect(await loadAll(to.files, order.id), `loaded again after packet ${place}`).toBe(to.state);
      if (!isKilled) break;
      [from, to] = [to, from];
    }
    // Whoever is not killed at all has loaded; and the packets of a load are many.
    expect(left.to).toBeGreaterThan(0);
    expect(left.from).toBeGreaterThan(30);
  }, 900_000);
});

/** Kills a worker before its packet of that place reaches the server; false when it came to its end before. */
async function loadAndKill(order: LoadOrder, place: number): Promise<boolean> {
  const { server, port = 1433 } = sql.ConnectionPool.parseConnectionString(order.connectionString) as sql.config;
  let isKilled = false;
  const proxy = await startProxy({ host: server, port }, (packet) => {
    if (packet < place) return true;
    isKilled = true;
    worker.kill("SIGKILL");
    return false;
  });
  const connectionString = order.connectionString.replace(/(^|;)\s*Server=[^;]*/i, `$1Server=127.0.0.1,${proxy.port}`);
  const worker = spawn(process.execPath, [WORKER, JSON.stringify({ ...order, connectionString })], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  worker.stderr.on("data", (text) => {
    errors += text;
  });
  const [code] = await once(worker, "exit");
  await proxy.close();
  if (!isKilled && code !== 0) throw new Error(`the worker ended with ${code}: ${errors}`);
  return isKilled;
}
