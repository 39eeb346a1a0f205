/** A clock that stands still but for those who sleep: a minute of waiting takes no time. */

export interface Clock {
  now(): Date;
  /** Ends when everybody who is awake sleeps, and no one sleeps shorter. Rejects when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How long real work (a request to this machine) may take before time moves on without it. */
const SETTLE_MS = 30;

export function makeClock(startMs = Date.parse("2026-01-01T00:00:00Z")): Clock {
  let time = startMs;
  let timer: NodeJS.Timeout | undefined;
  const sleepers: { until: number; wake: () => void }[] = [];
  const wakeNext = (): void => {
    sleepers.sort((a, b) => a.until - b.until);
    const [next] = sleepers;
    if (!next) return;
    sleepers.shift();
    time = Math.max(time, next.until);
    next.wake();
    schedule();
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = sleepers.length > 0 ? setTimeout(wakeNext, SETTLE_MS) : undefined;
  };
  return {
    now: () => new Date(time),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        sleepers.push({ until: time + ms, wake: resolve });
        schedule();
      }),
  };
}
