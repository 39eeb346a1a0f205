import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startAzurite } from "../../src/local/azurite.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relata-azurite-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const start = () => startAzurite({ folder, log: () => {} });

async function queueNames(connectionString: string): Promise<string[]> {
  const names = [];
  for await (const queue of QueueServiceClient.fromConnectionString(connectionString).listQueues())
    names.push(queue.name);
  return names;
}

test("what was written just before a stop is there after the next start", async () => {
  const first = await start();
  await QueueServiceClient.fromConnectionString(first.connectionString).createQueue("kept");
  await first.stop();
  const second = await start();
  expect(await queueNames(second.connectionString)).toEqual(["kept"]);
  await second.stop();
});

test("a folder in use is refused by the process that has it", async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(`is in use by another Relata (process ${process.pid}`);
  await first.stop();
});

test("a host that is killed, or hit by Ctrl-C, takes its Azurite with it and loses nothing", async () => {
  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    // In a process group of its own, which gets the signal as a whole, as from a terminal.
    const program = `
      import { startAzurite } from "./src/local/azurite.ts";
      const { connectionString } = await startAzurite({ folder: ${JSON.stringify(folder)}, log() {} });
      console.log(connectionString);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { detached: true });
    const [line] = await once(child.stdout, "data");
    const { azurite } = JSON.parse(readFileSync(join(folder, "azurite.lock"), "utf8"));
    await QueueServiceClient.fromConnectionString(String(line).trim()).createQueue(signal.toLowerCase());
    process.kill(-Number(child.pid), signal);
    const heir = await start();
    expect(existsSync(`/proc/${azurite}/exe`)).toBe(false);
    expect(await queueNames(heir.connectionString)).toContain(signal.toLowerCase());
    await heir.stop();
  }
});
