/**
 * The whole service on one machine: Azurite unless a storage account is given, then the embedded
 * host with the app's own registrations.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import hostJson from "../../host.json" with { type: "json" };
import { type Azurite, startAzurite } from "./azurite.ts";
import { startHost } from "./host.ts";

export interface ServiceOptions {
  port: number;
  /** Takes one line a call. */
  log: (line: string) => void;
}

export interface Service {
  readonly url: string;
  /** Stops the host, then the storage it started. Safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts the service with the settings of the environment. Throws an Error with the remedy when a
 * setting is wrong or the port is taken; nothing it started is left behind then.
 */
export async function startService({ port, log }: ServiceOptions): Promise<Service> {
  const environment = process.env;
  const queueLeaseSeconds = Number(environment.RELATA_QUEUE_LEASE_SECONDS ?? 600);
  const functionKey = readFunctionKey(environment);
  const home = environment.RELATA_HOME || ".relata";
  let azurite: Azurite | undefined;
  if (!environment.AzureWebJobsStorage) {
    azurite = await startAzurite({ folder: join(home, "storage"), log });
    // The app reads its settings from the environment, as it does in Azure.
    environment.AzureWebJobsStorage = azurite.connectionString;
  }
  try {
    const storage = environment.AzureWebJobsStorage as string;
    // The bundle that Azure gets can be tried here too.
    const entry = environment.RELATA_APP ? pathToFileURL(environment.RELATA_APP).href : "../main.ts";
    const app = () => import(entry);
    const host = await startHost({ app, hostJson, storage, port, queueLeaseSeconds, functionKey, log });
    return {
      url: host.url,
      stop: async () => {
        await host.stop();
        await azurite?.stop();
      },
    };
  } catch (error) {
    await azurite?.stop();
    throw error;
  }
}

/** `RELATA_AUTH=keys` demands RELATA_FUNCTION_KEY; `none`, the default, is for loopback, where this host always is. */
function readFunctionKey(environment: NodeJS.ProcessEnv): string | undefined {
  const auth = environment.RELATA_AUTH || "none";
  if (auth === "none") return undefined;
  if (auth !== "keys") throw new Error(`RELATA_AUTH=${auth} is not known here: use none or keys.`);
  const key = environment.RELATA_FUNCTION_KEY;
  if (key) return key;
  throw new Error("RELATA_AUTH=keys needs a key: set RELATA_FUNCTION_KEY to a long random text.");
}
