/**
 * How fast a model is asked: a budget of requests a minute that all hosts of a deployment share, and a
 * number of requests under way that gives way when the server is busy.
 *
 * The budget is a time in a saved document: when the next request may be sent. A host moves it on by as
 * many places as it takes (a generic cell rate algorithm), and sends its requests at the times it took. A
 * busy server moves the time on for everybody.
 */
import { createHash } from "node:crypto";
import type { ModelSettings } from "../dataset/model.ts";
import type { World } from "../dataset/world.ts";
import type { Sleep } from "./client.ts";

/** Sleeps on an injected clock. */
export type PaceNeeds = Pick<World, "readSaved" | "writeSaved" | "now"> & { sleep: Sleep };

const MINUTE_MS = 60_000;

/**
 * Places lie so much further apart than the budget asks that a request may come late by 4 % of a minute (2.4 s)
 * and no minute has more requests than allowed: n places of 1.04 M / n span M + 0.04 M. A place is used up to a
 * second late; the rest is left to clocks and the network.
 */
const SPREAD = 1.04;
const LATE_MS = 1_000;

/** Places are taken for so long ahead at most, to ask the storage less often; and no more than can be used at once. */
const AHEAD_MS = 4_000;

/** Without the storage each host keeps to a small share, whatever the others do. */
const SHARE = 8;

/** Hosts that write at the same time try again; so many in a row is no chance any more. */
const MOST_TRIES = 50;

/** After the first busy answer, and the longest after many. */
const COOLDOWN_MS = 15_000;
const LONGEST_COOLDOWN_MS = 120_000;

/** What a server may ask for itself. */
const LONGEST_WAIT_MS = 600_000;

/** Failures in a row after which the server is left alone like a busy one, and for how long at first. */
const BREAKER_FAILURES = 5;
const BREAKER_MS = 30_000;

/** Requests under way: fewer after a busy answer, one more after so many good ones. */
const SHRINK = 0.75;
const GOOD_FOR_MORE = 10;

export interface Pace {
  /**
   * Waits for a place and a turn; false when they don't come before `until`, or the request is not wanted any
   * more when they do. Every true needs an `end`.
   */
  begin(until: Date, isWanted?: () => boolean): Promise<boolean>;
  /** The request is over: it was answered, met a busy server, or failed otherwise. */
  end(outcome: "answered" | "failed" | { busyMs: number | undefined }): Promise<void>;
}

export function makePace({ requestsPerMinute, concurrency, baseUrl, apiKey }: ModelSettings, needs: PaceNeeds): Pace {
  const interval = (MINUTE_MS * SPREAD) / requestsPerMinute;
  const budget = makeBudget(`budgets/${hashOf(baseUrl, apiKey)}.json`, interval, concurrency, needs);
  const turns = makeTurns(concurrency);
  const now = () => needs.now().getTime();
  let failures = 0;
  let coolUntil = 0;
  let cooldowns = 0;
  let good = 0;

  const cool = async (ms: number): Promise<void> => {
    // What else was under way meets the same busy server and tells nothing new.
    if (now() < coolUntil) return;
    coolUntil = now() + Math.min(LONGEST_WAIT_MS, ms);
    cooldowns++;
    await budget.postpone(coolUntil);
  };

  return {
    begin: async (until, isWanted = () => true) => {
      await turns.take();
      const isIn = isWanted() && (await budget.wait(until.getTime())) && isWanted();
      if (!isIn) turns.give();
      return isIn;
    },
    end: async (outcome) => {
      turns.give();
      if (outcome === "answered") {
        failures = 0;
        cooldowns = 0;
        if (++good % GOOD_FOR_MORE === 0) turns.resize(Math.min(concurrency, turns.size() + 1));
      } else if (outcome === "failed") {
        if (++failures < BREAKER_FAILURES) return;
        // The first request after the pause goes alone: it shows whether the server is back.
        turns.resize(1);
        await cool(Math.min(LONGEST_COOLDOWN_MS, BREAKER_MS * 2 ** cooldowns));
      } else {
        if (now() >= coolUntil) turns.resize(Math.max(1, turns.size() * SHRINK));
        await cool(outcome.busyMs ?? Math.min(LONGEST_COOLDOWN_MS, COOLDOWN_MS * 2 ** cooldowns));
      }
    },
  };
}

/** The shared document's name tells neither the server nor the key. */
function hashOf(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 32);
}

interface Budget {
  /** Waits for the next place; false when it lies beyond `until`. */
  wait(until: number): Promise<boolean>;
  /** No place before this time is used any more, by anybody. */
  postpone(time: number): Promise<void>;
}

function makeBudget(
  blob: string,
  interval: number,
  most: number,
  { readSaved, writeSaved, now, sleep }: PaceNeeds,
): Budget {
  let places: number[] = [];
  let taking: Promise<void> | undefined;
  let notBefore = 0;
  let alone = 0;
  const time = () => now().getTime();

  /** Moves the shared time on to what `move` makes of it, and returns what it was. */
  const change = async (move: (next: number) => number): Promise<number> => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const saved = await readSaved(blob);
      const next = saved ? Number(JSON.parse(saved.text).next) || 0 : 0;
      const moved = move(next);
      if (moved === next || (await writeSaved(blob, JSON.stringify({ next: moved }), saved))) return next;
    }
    throw new Error("Too many hosts write the budget at once.");
  };

  const takePlaces = async (): Promise<void> => {
    const count = Math.max(1, Math.min(most, Math.floor(AHEAD_MS / interval)));
    try {
      const from = (next: number) => Math.max(next, time(), notBefore);
      let first = 0;
      await change((next) => {
        first = from(next);
        return first + count * interval;
      });
      places = Array.from({ length: count }, (_, k) => first + k * interval);
    } catch {
      alone = Math.max(time(), notBefore, alone) + interval * SHARE;
      places = [alone];
    }
  };

  return {
    wait: async (until) => {
      for (;;) {
        places = places.filter((place) => place >= time() - LATE_MS && place >= notBefore);
        const place = places[0];
        if (place === undefined) {
          taking ??= takePlaces().finally(() => {
            taking = undefined;
          });
          await taking;
          continue;
        }
        if (place > until) return false;
        places.shift();
        if (place > time()) await sleep(place - time());
        if (place >= notBefore) return true;
      }
    },
    postpone: async (later) => {
      notBefore = Math.max(notBefore, later);
      await change((next) => Math.max(next, later)).catch(() => undefined);
    },
  };
}

/** Turns to have a request under way: at most `size`, first come first served. */
interface Turns {
  take(): Promise<void>;
  give(): void;
  size(): number;
  resize(size: number): void;
}

function makeTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  let size = most;
  let taken = 0;
  const serve = (): void => {
    while (taken < Math.floor(size) && waiting.length > 0) {
      taken++;
      waiting.shift()?.();
    }
  };
  return {
    take: () => {
      const turn = new Promise<void>((resolve) => waiting.push(resolve));
      serve();
      return turn;
    },
    give: () => {
      taken--;
      serve();
    },
    size: () => size,
    resize: (wanted) => {
      size = wanted;
      serve();
    },
  };
}
