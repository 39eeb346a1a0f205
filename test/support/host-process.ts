/** The service as its own process, as a user starts it, so that a test can kill it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface HostProcess {
  readonly url: string;
  readonly pid: number;
  /** All it has printed so far. */
  output(): string;
  /** Ends it as Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** Runs `src/local/start.ts` with these settings on a free port; resolves when it answers. Rejects with its output otherwise. */
export async function startHostProcess(settings: Record<string, string>): Promise<HostProcess> {
  const child = spawnHost({ PORT: "0", ...settings });
  let output = "";
  const url = await new Promise<string>((ready, failed) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const [, found] = /^ready (http:\/\/\S+)$/m.exec(output) ?? [];
      if (found) ready(found);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => failed(new Error(`The service ended with ${code}: ${output}`)));
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  return {
    url,
    pid: child.pid as number,
    output: () => output,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

function spawnHost(settings: Record<string, string>): ChildProcess {
  const { AzureWebJobsStorage: _, ...inherited } = process.env;
  return spawn(process.execPath, ["src/local/start.ts"], {
    env: { ...inherited, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
