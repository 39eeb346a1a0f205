/** `npm run bench`: each bench in a process of its own, since what V8 learned in one would colour the next. */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";

console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`);
for (const bench of ["encode.ts", "keys.ts", "workers.ts", "stage.ts", "load.ts", "service.ts", "model.ts"]) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, bench)], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
