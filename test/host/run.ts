/**
 * `npm run test:host`: the end-to-end story on the real Functions host.
 *
 * The host, the Node worker and the extension bundle are prebuilt NuGet packages. Where the .NET SDK
 * and the packages are at hand they are restored into a temporary folder and the bundled app runs on
 * them; elsewhere this says that it is skipped, and why, and is no failure.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startAzurite } from "../../src/local/azurite.ts";

const PORT = "7191";
const URL_OF_HOST = `http://127.0.0.1:${PORT}`;
const READY_WITHIN_MS = 90_000;

const folder = mkdtempSync(join(tmpdir(), "relata-real-host-"));
const reason = restorePackages();
if (reason) console.log(`real host: skipped, ${reason}`);
else process.exitCode = await runStory();
rmSync(folder, { recursive: true, force: true });

/** Why the packages can't be had; undefined when they are restored. */
function restorePackages(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "its package is for Linux on x64";
  if (spawnSync("dotnet", ["--version"]).status !== 0) return "there is no .NET SDK on this machine";
  const project = join(import.meta.dirname, "real-host.csproj");
  const restore = ["restore", project, "--packages", folder, `-p:MSBuildProjectExtensionsPath=${folder}/obj/`];
  const { status, stdout } = spawnSync("dotnet", restore, { encoding: "utf8" });
  if (status === 0) return undefined;
  const missing = [
    ...new Set([...stdout.matchAll(/NU\d{4}: [^[]*?(Azure\.Functions\.Cli[\w.-]*\w)/g)].map(([, name]) => name)),
  ];
  return `dotnet restore does not find ${missing.join(", ") || "its packages"}`;
}

async function runStory(): Promise<number> {
  spawnSync(process.execPath, ["src/local/build.ts"], { stdio: "inherit" });
  const azurite = await startAzurite({ folder: join(folder, "storage"), log: console.error });
  const host = startRealHost(azurite.connectionString);
  try {
    await waitUntilReady(host);
    const vitest = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--config",
      "test/vitest.config.ts",
      "test/e2e/service.test.ts",
    ];
    const story = spawn(process.execPath, vitest, {
      stdio: "inherit",
      env: { ...process.env, RELATA_TEST_URL: URL_OF_HOST },
    });
    const [code] = await once(story, "exit");
    return code ?? 1;
  } finally {
    // The host's shell ends when its input does.
    host.stdin?.end();
    if (host.exitCode === null)
      await Promise.race([once(host, "exit"), delay(15_000).then(() => host.kill("SIGKILL"))]);
    await azurite.stop();
  }
}

function startRealHost(storage: string): ChildProcess {
  const tools = (name: string) => {
    const [version] = readdirSync(join(folder, name));
    return join(folder, name, version as string, "tools");
  };
  const hostTools = tools("azure.functions.cli.workloads.host.linux-x64");
  const hostFolder = existsSync(join(hostTools, "any")) ? join(hostTools, "any") : join(hostTools, "linux-x64");
  const executable = join(hostFolder, "Azure.Functions.Cli.Workloads.Host");
  return spawn(executable, ["--urls", URL_OF_HOST], {
    stdio: ["pipe", "inherit", "inherit"],
    env: {
      ...process.env,
      PATH: dirname(process.execPath) + delimiter + process.env.PATH,
      AzureWebJobsScriptRoot: process.cwd(),
      AzureWebJobsStorage: storage,
      AZURE_FUNCTIONS_ENVIRONMENT: "Development",
      FUNCTIONS_WORKER_RUNTIME: "node",
      WEBSITE_HOSTNAME: `localhost:${PORT}`,
      RELATA_HOME: join(folder, "home"),
      languageWorkers__node__workerDirectory: join(tools("azure.functions.cli.workloads.workers.node"), "any"),
      AzureFunctionsJobHost__extensionBundle__downloadPath: join(
        tools("azure.functions.cli.workloads.extensionbundles"),
        "any",
      ),
      AzureFunctionsJobHost__extensionBundle__ensureLatest: "false",
    },
  });
}

async function waitUntilReady(host: ChildProcess): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until && host.exitCode === null) {
    const answer = await fetch(`${URL_OF_HOST}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return;
    await delay(250);
  }
  throw new Error(`The real host did not answer; it ended with ${host.exitCode}.`);
}
