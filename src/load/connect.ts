/** The database that datasets are loaded into: SQL Server where one is configured, else a SQLite file a dataset. */
import { join } from "node:path";
import type { World } from "../dataset/world.ts";
import { finishLoad, needsStaging, stageTable } from "./load.ts";
import { sqliteTarget } from "./sqlite/target.ts";
import { connectSqlServer } from "./sqlserver/connection.ts";
import type { Patience } from "./sqlserver/faults.ts";
import { sqlServerTarget } from "./sqlserver/target.ts";

type Loads = Pick<World, "checkLoad" | "needsStaging" | "stageTable" | "loadDataset" | "discardLoad">;

/** Connects when a load is asked for; `folder` is where SQLite files lie. */
export function connectLoads(connectionString: string | undefined, folder: string, patience: Patience): Loads {
  const server =
    connectionString === undefined ? undefined : sqlServerTarget(connectSqlServer(connectionString), patience);
  const targetOf = (dataset: string) => server ?? sqliteTarget(join(folder, `${dataset}.sqlite`));
  return {
    // No dataset's file is looked at.
    checkLoad: (options) => targetOf("any").refusals(options),
    needsStaging: async (load) => {
      const target = targetOf(load.manifest.name);
      return target.stagesApart && needsStaging(target, load);
    },
    stageTable: (load, table) => stageTable(targetOf(load.manifest.name), load, table),
    loadDataset: (load) => finishLoad(targetOf(load.manifest.name), load),
    discardLoad: async (id) => server?.discard(id),
  };
}
