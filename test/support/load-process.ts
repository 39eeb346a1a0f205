/** Loads files into a SQL Server and ends: a worker to be killed. Its one argument is a LoadOrder as JSON. */
import { setTimeout as sleep } from "node:timers/promises";
import { loadDataset } from "../../src/load/load.ts";
import { connectSqlServer } from "../../src/load/sqlserver/connection.ts";
import { sqlServerTarget } from "../../src/load/sqlserver/target.ts";
import { type Files, manifestOf, opener, shop } from "./load-fixtures.ts";

export interface LoadOrder {
  connectionString: string;
  dataset: string;
  id: string;
  files: Files;
}

const { connectionString, dataset, id, files } = JSON.parse(process.argv[2] as string) as LoadOrder;
const server = connectSqlServer(connectionString);
const target = sqlServerTarget(server, { sleep: (ms) => sleep(ms / 100), random: Math.random });
await loadDataset(target, { id, manifest: manifestOf(files, shop, dataset), open: opener(files) });
await server.close();
