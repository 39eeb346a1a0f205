/** All the ways in which a user ends a command, as one event. */

const LOOK_EVERY_MS = 300;

/**
 * Calls `end` once: on Ctrl-C, on SIGTERM, or when npm is gone. The last is no signal: npm passes its
 * own on to a shell, which ends without passing it on to us, and we would be left running.
 */
export function whenEnded(end: () => void): void {
  let isEnding = false;
  const once = () => {
    if (!isEnding) end();
    isEnding = true;
  };
  process.on("SIGINT", once);
  process.on("SIGTERM", once);
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && once(), LOOK_EVERY_MS).unref();
}
