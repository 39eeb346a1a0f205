/** The commands as a user types them: what they print, how they end, what they leave behind. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { getHashes, postGenerate, waitForJob } from "../support/client.ts";
import { startHostProcess } from "../support/host-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
const run = promisify(execFile);

/** Processes whose command line has this text: Azurite names its folder there. */
function processesWith(text: string): string[] {
  const all = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  return all.filter((line) => line.includes(text) && !line.includes("ps -eo"));
}

test("npm run demo makes 70 related rows, shows them, and leaves nothing running", async () => {
  const temp = join(folder, "demo-temp");
  execFileSync("mkdir", ["-p", temp]);
  const script = join(process.cwd(), "src/local/demo.ts");
  const { stdout } = await run(process.execPath, [script], { cwd: folder, env: { ...process.env, TMPDIR: temp } });
  expect(stdout).toContain("70/70 rows, done");
  expect(stdout).toMatch(/ {2}tier +orders +revenue/);
  const lines = (table: string) =>
    readFileSync(join(folder, "out", `${table}.csv`), "utf8")
      .trimEnd()
      .split("\n").length;
  expect(["customers", "products", "orders"].map(lines)).toEqual([21, 21, 31]);
  expect(readdirSync(temp)).toEqual([]);
  expect(processesWith(temp)).toEqual([]);
});

test("Ctrl-C in the middle of the demo leaves no process and no folder behind", async () => {
  const temp = join(folder, "interrupted-temp");
  execFileSync("mkdir", ["-p", temp]);
  const script = join(process.cwd(), "src/local/demo.ts");
  const demo = spawn(process.execPath, [script], { cwd: folder, env: { ...process.env, TMPDIR: temp } });
  for await (const chunk of demo.stdout) if (String(chunk).includes("service at")) break;
  demo.kill("SIGINT");
  const [code] = await once(demo, "exit");
  expect(code).toBe(130);
  await expect.poll(() => processesWith(temp), { timeout: 10_000 }).toEqual([]);
  expect(readdirSync(temp)).toEqual([]);
});

test("npm start keeps its datasets over a restart", async () => {
  const settings = { RELATA_HOME: join(folder, "home") };
  const first = await startHostProcess(settings);
  const { id } = await postGenerate(first.url, { name: "kept", seed: 1, load: true });
  await waitForJob(first.url, id);
  const hashes = await getHashes(first.url, "kept");
  expect(await first.stop()).toBe(0);
  const second = await startHostProcess(settings);
  expect(await getHashes(second.url, "kept")).toEqual(hashes);
  expect(await second.stop()).toBe(0);
  expect(processesWith(settings.RELATA_HOME)).toEqual([]);
});

test("ending npm ends the service it started", async () => {
  const home = join(folder, "ended");
  const npm = spawn("npm", ["start"], { env: { ...process.env, PORT: "0", RELATA_HOME: home } });
  for await (const chunk of npm.stdout) if (String(chunk).includes("ready")) break;
  expect(processesWith(home)).not.toEqual([]);
  npm.kill("SIGTERM");
  await expect.poll(() => processesWith(home), { timeout: 10_000 }).toEqual([]);
});

test("npm start refuses a taken port, a wrong port and bad settings with a sentence each", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const home = join(folder, "refused");
  const start = (settings: Record<string, string>) => startHostProcess({ RELATA_HOME: home, ...settings });
  await expect(start({ PORT: String(port) })).rejects.toThrow(`Port ${port} is in use by another program. Stop it,`);
  server.close();
  await expect(start({ PORT: "http" })).rejects.toThrow("PORT=http is not a port");
  await expect(start({ RELATA_AUTH: "keys" })).rejects.toThrow("set RELATA_FUNCTION_KEY");
  const bad = { RELATA_CHUNK_ROWS: "0", SQL_CONNECTION_STRING: "Server=x" };
  await expect(start(bad)).rejects.toThrow(/RELATA_CHUNK_ROWS must be 1 or more; SQL_CONNECTION_STRING must have/);
  expect(processesWith(home)).toEqual([]);
});

test("with RELATA_AUTH=keys every call but health needs the key", async () => {
  const home = join(folder, "keyed");
  const host = await startHostProcess({
    RELATA_HOME: home,
    RELATA_AUTH: "keys",
    RELATA_FUNCTION_KEY: "only-for-this-test",
  });
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(host.url + path, { headers })).status;
  expect(await status("/health")).toBe(200);
  expect(await status("/datasets")).toBe(401);
  expect(await status("/datasets", { "x-functions-key": "wrong" })).toBe(401);
  expect(await status("/datasets", { "x-functions-key": "only-for-this-test" })).toBe(200);
  await host.stop();
});

test("the bundle for func start and Azure is the same app: it registers and answers alike", async () => {
  await run(process.execPath, ["src/local/build.ts"]);
  const host = await startHostProcess({ RELATA_HOME: join(folder, "bundled"), RELATA_APP: "dist/main.js" });
  const { id } = await postGenerate(host.url, { name: "bundled", seed: 1, load: true });
  expect(await waitForJob(host.url, id)).toMatchObject({ progress: { rowsDone: 70 } });
  await host.stop();
});
