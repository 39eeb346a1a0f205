/** The budget on an injected clock: no minute ever has more, and nearly all of it can be used. */
import { describe, expect, test } from "vitest";
import { makePace } from "../../src/model/pace.ts";
import { makeSaved } from "../support/saved.ts";

const settings = (requestsPerMinute: number, concurrency = 4) => ({
  apiKey: "key",
  baseUrl: "https://model.example/v1",
  models: ["m"],
  requestsPerMinute,
  concurrency,
});

/** Time moves to the next sleeper when all promises have settled: many hosts, one clock. */
function makeTime() {
  let time = 0;
  const sleepers: { until: number; wake: () => void }[] = [];
  const settle = async () => {
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
  };
  return {
    now: () => new Date(time),
    sleep: (ms: number) => new Promise<void>((wake) => sleepers.push({ until: time + ms, wake })),
    /** Runs until this time, or until nobody sleeps. */
    run: async (until: number) => {
      for (;;) {
        await settle();
        sleepers.sort((a, b) => a.until - b.until);
        const [next] = sleepers;
        if (!next || next.until > until) break;
        sleepers.shift();
        time = Math.max(time, next.until);
        next.wake();
      }
      time = until;
    },
  };
}

const MINUTE = 60_000;
const FAR = new Date(1e12);

/** The most requests that any minute has. */
function mostInAMinute(sent: readonly number[]): number {
  const times = sent.toSorted((a, b) => a - b);
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + MINUTE).length));
}

/** Hosts that ask as fast as they may, each request lasting `latencyMs`; when each request was sent. */
async function askFor(minutes: number, hosts: number, rpm: number, latencyMs: number): Promise<number[]> {
  const time = makeTime();
  const store = makeSaved();
  const sent: number[] = [];
  for (let host = 0; host < hosts; host++) {
    const pace = makePace(settings(rpm), { ...store, ...time });
    for (let line = 0; line < 6; line++) {
      void (async () => {
        while (await pace.begin(FAR)) {
          sent.push(time.now().getTime());
          await time.sleep(latencyMs);
          await pace.end("answered");
        }
      })();
    }
  }
  await time.run(minutes * MINUTE);
  return sent;
}

describe("the budget", () => {
  test.each([
    [1, 60, 1_000],
    [2, 60, 1_000],
    [3, 30, 2_500],
    [2, 40, 300],
    [1, 10, 8_000],
    [4, 600, 900],
  ])("of %i hosts at %i a minute is never exceeded and at least 95 %% used", async (hosts, rpm, latency) => {
    const minutes = 10;
    const sent = await askFor(minutes, hosts, rpm, latency);
    expect(mostInAMinute(sent)).toBeLessThanOrEqual(rpm);
    // A host may hold places of the last seconds that it has not come to use.
    expect(sent.length).toBeGreaterThanOrEqual(0.95 * rpm * minutes - hosts);
  });

  test("without the storage a host keeps to a small share", async () => {
    const time = makeTime();
    const down = () => Promise.reject(new Error("storage is down"));
    const pace = makePace(settings(60), { ...time, readSaved: down, writeSaved: down });
    let sent = 0;
    for (let line = 0; line < 4; line++) {
      void (async () => {
        while (await pace.begin(FAR)) {
          sent++;
          await time.sleep(500);
          await pace.end("answered");
        }
      })();
    }
    await time.run(10 * MINUTE);
    expect(sent).toBeGreaterThan(50);
    expect(sent).toBeLessThanOrEqual((10 * 60) / 8);
  });

  test("says no when the next place comes too late", async () => {
    const time = makeTime();
    const pace = makePace(settings(1), { ...makeSaved(), ...time });
    expect(await pace.begin(new Date(1_000))).toBe(true);
    await pace.end("answered");
    expect(await pace.begin(new Date(1_000))).toBe(false);
  });
});

describe("who is not wanted any more", () => {
  test("when the turn comes is not let through, takes no place, and leaves the turn to the next", async () => {
    const time = makeTime();
    const pace = makePace(settings(60, 1), { ...makeSaved(), ...time });
    expect(await pace.begin(FAR)).toBe(true);
    let isServed = true;
    const queued = Array.from({ length: 9 }, () => pace.begin(FAR, () => isServed));
    const next = pace.begin(FAR);
    isServed = false;
    await pace.end("answered");
    expect(await Promise.all(queued)).toEqual(Array(9).fill(false));
    await time.run(2_000);
    // The second place of the budget, 1.04 s after the first, is still there.
    expect(await Promise.race([next, "waits"])).toBe(true);
  });

  test("when the place comes is not let through, and gives the turn back", async () => {
    const time = makeTime();
    const pace = makePace(settings(60, 1), { ...makeSaved(), ...time });
    expect(await pace.begin(FAR)).toBe(true);
    await pace.end("answered");
    let isServed = true;
    const asleep = pace.begin(FAR, () => isServed);
    await time.run(500);
    isServed = false;
    await time.run(2_000);
    expect(await Promise.race([asleep, "waits"])).toBe(false);
    const next = pace.begin(FAR);
    await time.run(4_000);
    expect(await Promise.race([next, "waits"])).toBe(true);
  });
});

describe("a busy server", () => {
  test("stops everybody at once, also other hosts, and all go on when it is over", async () => {
    const time = makeTime();
    const store = makeSaved();
    const sent: number[] = [];
    const isBusy = () => time.now().getTime() >= MINUTE && time.now().getTime() < 2 * MINUTE;
    for (let host = 0; host < 2; host++) {
      const pace = makePace(settings(60), { ...store, ...time });
      for (let line = 0; line < 4; line++) {
        void (async () => {
          while (await pace.begin(FAR)) {
            sent.push(time.now().getTime());
            const met = isBusy();
            await time.sleep(1_000);
            await pace.end(met ? { busyMs: undefined } : "answered");
          }
        })();
      }
    }
    await time.run(8 * MINUTE);
    const during = sent.filter((at) => at >= MINUTE && at < 2 * MINUTE);
    expect(during.length).toBeLessThan(25);
    const after = sent.filter((at) => at >= 4 * MINUTE && at < 8 * MINUTE);
    expect(after.length).toBeGreaterThan(0.9 * 4 * 60);
    // The longest rest that a storm of a minute can leave behind.
    const first = sent.find((at) => at >= 2 * MINUTE) as number;
    expect(first - 2 * MINUTE).toBeLessThanOrEqual(MINUTE + 5_000);
  });

  test("has fewer requests under way afterwards, then more again", async () => {
    const time = makeTime();
    const pace = makePace(settings(6_000, 8), { ...makeSaved(), ...time });
    let under = 0;
    let most = 0;
    let busyLeft = 1;
    for (let line = 0; line < 8; line++) {
      void (async () => {
        while (await pace.begin(FAR)) {
          most = Math.max(most, ++under);
          await time.sleep(1_000);
          under--;
          await pace.end(busyLeft-- > 0 ? { busyMs: 1_000 } : "answered");
        }
      })();
    }
    await time.run(2_000);
    expect(most).toBe(8);
    most = 0;
    await time.run(2_900);
    expect(most).toBe(6);
    await time.run(60_000);
    expect(most).toBe(8);
  });

  test("that fails five times in a row is left alone for half a minute, and asked by one alone", async () => {
    const time = makeTime();
    const pace = makePace(settings(6_000), { ...makeSaved(), ...time });
    void (async () => {
      for (let i = 0; i < 5; i++) {
        await pace.begin(FAR);
        await pace.end("failed");
      }
    })();
    await time.run(1_000);
    const before = time.now().getTime();
    const turns = [pace.begin(FAR), pace.begin(FAR)];
    let done = 0;
    for (const turn of turns) void turn.then(() => done++);
    await time.run(before + 29_000);
    expect(done).toBe(0);
    await time.run(before + 60_000);
    expect(done).toBe(1);
  });
});
