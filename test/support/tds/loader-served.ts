/** A TDS server for one test that expects loads of the shop, and the loader with the real driver connected to it. */
import { onTestFinished } from "vitest";
import { loadDataset } from "../../../src/load/load.ts";
import { connectSqlServer, type Timeouts } from "../../../src/load/sqlserver/connection.ts";
import { sqlServerTarget } from "../../../src/load/sqlserver/target.ts";
import { type Files, manifestOf, opener, shop, shopFiles } from "../load-fixtures.ts";
import { scriptLoader } from "./loader-script.ts";
import { startTds, type TdsOptions } from "./server.ts";

/** Waits take no time and are written down. */
export async function serveLoader(timeouts: Partial<Timeouts> = {}, options: TdsOptions = {}) {
  const tds = await startTds(options);
  onTestFinished(() => tds.close());
  const script = scriptLoader(tds, shop, "shop_demo");
  const server = connectSqlServer(tds.connectionString, timeouts);
  onTestFinished(() => server.close());
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const target = sqlServerTarget(server, { sleep, random: () => 0.5 });
  const load = (files: Files = shopFiles, more: object = {}) =>
    loadDataset(target, { id: "7e5d", manifest: manifestOf(files), open: opener(files, 65_536), ...more });
  return { tds, script, target, load, waits };
}
