/** A TDS server and a pool of the real driver for one test, both gone after it; an unscripted statement fails it. */
import sql from "mssql";
import { onTestFinished } from "vitest";
import { startTds, type TdsOptions, type TdsServer } from "./server.ts";

type Settings = Partial<Omit<sql.config, "options">> & { readonly options?: sql.IOptions };

export interface Served {
  readonly tds: TdsServer;
  readonly pool: sql.ConnectionPool;
}

/** `settings` come on top of what the connection string says; the driver's own timeouts stay unless they are set. */
export async function serveTds(settings: Settings = {}, tdsOptions: TdsOptions = {}): Promise<Served> {
  const tds = await startTds(tdsOptions);
  onTestFinished(() => tds.close());
  const config = sql.ConnectionPool.parseConnectionString(tds.connectionString);
  const options = { ...config.options, ...settings.options };
  const pool = new sql.ConnectionPool({ ...config, ...settings, options });
  // A broken connection is reported to the pool as well as to the request; here only the request is looked at.
  pool.on("error", () => {});
  onTestFinished(() => pool.close());
  return { tds, pool: await pool.connect() };
}
