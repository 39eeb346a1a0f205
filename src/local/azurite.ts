/**
 * Azurite, the storage emulator, as a child process with its data in a folder of ours.
 *
 * It keeps its metadata in memory and saves it every 5 s and on a proper end, so it must outlive the host, must not
 * be killed, and two of them must never write one folder. Hence: it is out of the terminal's reach (Ctrl-C goes to
 * us alone), it ends itself properly when this process is gone, however that came about, and a lock file names the
 * one that has the folder.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface Azurite {
  readonly connectionString: string;
  /** Returns when the data is on disk and the process is gone. Safe to repeat. */
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);

const STOP_GRACE_MS = 10_000;

// Runs inside the child. When the channel to this process closes, Azurite takes its own way of ending; what it then
// prints has no reader any more, which must not stop it from saving.
const END_WITH_PARENT = `
  process.once("disconnect", () => process.emit("SIGTERM") || process.exit());
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
`;

// The account every Azurite has. The key is public and opens nothing but an emulator.
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/**
 * Starts Azurite on free ports of 127.0.0.1, with the data `folder` has from earlier runs. Throws an Error when
 * another process uses the folder, or with Azurite's own words when it does not start.
 */
export async function startAzurite(options: { folder: string; log: (line: string) => void }): Promise<Azurite> {
  const folder = resolve(options.folder);
  const lock = join(folder, "azurite.lock");
  mkdirSync(folder, { recursive: true });
  await waitForFolder(folder, lock);

  const child = spawn(
    process.execPath,
    [
      ...["--import", `data:text/javascript,${encodeURIComponent(END_WITH_PARENT)}`],
      require.resolve("azurite/dist/src/azurite.js"),
      ...["--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--location", folder],
      // The SDKs speak newer API versions than Azurite lists, which it would refuse although it understands them.
      ...["--silent", "--disableTelemetry", "--skipApiVersionCheck"],
    ],
    { detached: true, windowsHide: true, stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  writeFileSync(lock, JSON.stringify({ host: process.pid, azurite: child.pid }));
  const exited = once(child, "exit");
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= end(child, exited).then(() => rmSync(lock, { force: true }));
    return stopping;
  };
  try {
    const endpoints = await listening(child);
    exited.then(() => {
      if (!stopping) options.log("error Azurite ended by itself: there is no storage until the service is restarted");
    });
    return { connectionString: connectionString(endpoints), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves with Azurite's endpoints once all three answer, rejects with its output when it ends before that. */
function listening(child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((done, fail) => {
    const endpoints: Record<string, string> = {};
    let output = "";
    const read = (chunk: Buffer) => {
      output = (output + chunk).slice(-4096);
      for (const [, service, url] of output.matchAll(/Azurite (\w+) service is successfully listening at (\S+)\n/g)) {
        endpoints[String(service)] = String(url);
      }
      if (Object.keys(endpoints).length === 3) done(endpoints);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("error", fail);
    child.on("exit", () => fail(new Error(`Azurite did not start: ${output.trim()}`)));
  });
}

function connectionString(endpoints: Record<string, string>): string {
  const urls = Object.entries(endpoints).map(([service, url]) => `${service}Endpoint=${url}/${ACCOUNT};`);
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};${urls.join("")}`;
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (child.connected) child.disconnect();
  const timer = new AbortController();
  const late = delay(STOP_GRACE_MS, undefined, { signal: timer.signal }).then(
    () => child.kill("SIGKILL"),
    () => {},
  );
  await exited;
  timer.abort();
  await late;
}

/** Returns when no Azurite of an earlier host has the folder. One whose host is gone is already on its way out. */
async function waitForFolder(folder: string, lock: string): Promise<void> {
  let holder: { host: number; azurite: number };
  try {
    holder = JSON.parse(readFileSync(lock, "utf8"));
  } catch {
    return;
  }
  const since = Date.now();
  while (commandLine(holder.azurite).includes(folder)) {
    // A host that was told to stop a moment ago may take this second to do so.
    const patienceMs = commandLine(holder.host) === "" ? STOP_GRACE_MS : 1000;
    if (Date.now() - since > patienceMs) {
      throw new Error(
        `${folder} is in use by another Relata (process ${holder.host}, its storage is process ${holder.azurite}). ` +
          "Stop it, or choose another folder with RELATA_HOME=…",
      );
    }
    await delay(50);
  }
}

/** How a process was started, "" when there is none. A process number alone may since belong to anyone. */
function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" });
  } catch {
    return "";
  }
}
