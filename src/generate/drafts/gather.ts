/**
 * Gathers a group's texts out of answers: judges each row by itself, knows which are still open, and
 * makes the pool. The same answers in the same order give the same pool, so that a worker which takes
 * over reads the answers that are stored and goes on where the other one died.
 */
import type { FallbackReason } from "../../dataset/fallback.ts";
import type { Completion } from "../../dataset/model.ts";
import type { Pool } from "../../dataset/pool.ts";
import { readRows } from "./answer.ts";
import { judge, makeSeen } from "./judge.ts";
import type { Draft, Item } from "./lay-out.ts";

/** A row whose text is refused this often has its fallback. */
const TRIES = 2;

export interface Gathering {
  /** What is still to be asked for, by number. */
  open(): Item[];
  /** Items that have a text, or never will. */
  settled(): number;
  /** Judges an answer; true when it was whole and clean: every row there, none to be asked again. */
  take(asked: readonly number[], completion: Completion): boolean;
  /** Counts requests that brought no answer. */
  spend(calls: number): void;
  spent(): { calls: number; tokens: number };
  /** Leaves what is open to the fallback. */
  giveUp(reason: FallbackReason): void;
  warn(warning: Pool["warnings"][number]): void;
  pool(): Pool;
}

export function gather(draft: Draft): Gathering {
  const { fields, items } = draft;
  const entries = new Map<number, Pool["entries"][number]>();
  const tries = new Map<number, number>();
  const reasons = new Map<number, FallbackReason>();
  const spare = new Map<number, readonly string[]>();
  const told: Told = { models: {}, calls: 0, promptTokens: 0, completionTokens: 0, warnings: new Map() };
  const seen = fields.map(() => makeSeen());
  const names = fields.map(({ name }) => name);
  const isOpen = ({ i }: Item) => !entries.has(i) && (tries.get(i) ?? 0) < TRIES;

  const keep = (item: Item, texts: readonly string[], origin: "model" | "repaired"): void => {
    for (const [k, text] of texts.entries()) seen[k]?.add(text);
    entries.set(item.i, { row: item.row, key: item.key, texts: [...texts], origin });
    reasons.delete(item.i);
  };
  const takeRow = (item: Item, row: Readonly<Record<string, string>> | undefined, isRepaired: boolean): boolean => {
    const judged = row ? judge(draft, item, row) : { reason: "not-answered" as const };
    const repeated = judged.texts?.map((text, k) => seen[k]?.find(text)).find((found) => found !== undefined);
    if (judged.texts && !repeated) {
      keep(item, judged.texts, isRepaired || tries.has(item.i) ? "repaired" : "model");
      return true;
    }
    if (judged.texts) spare.set(item.i, judged.texts);
    reasons.set(item.i, judged.reason ?? (repeated as FallbackReason));
    tries.set(item.i, (tries.get(item.i) ?? 0) + 1);
    if (!isOpen(item)) settle(item);
    return entries.has(item.i);
  };
  /** A text that is only much like another row's is a text, when nothing better will come. */
  const settle = (item: Item): void => {
    const texts = spare.get(item.i);
    if (texts) keep(item, texts, "repaired");
  };

  return {
    open: () => items.filter(isOpen),
    settled: () => items.filter((item) => !isOpen(item)).length,
    take: (asked, completion) => {
      note(told, completion);
      const { rows, isRepaired } = readRows(completion, names, asked);
      const open = asked.map((i) => items[i] as Item).filter(isOpen);
      const kept = open.filter((item) => takeRow(item, rows.get(item.i), isRepaired));
      return completion.finish === "stop" && kept.length === open.length;
    },
    spend: (calls) => {
      told.calls += calls;
    },
    spent: () => ({ calls: told.calls, tokens: told.promptTokens + told.completionTokens }),
    giveUp: (reason) => {
      for (const item of items.filter(isOpen)) {
        reasons.set(item.i, reason);
        tries.set(item.i, TRIES);
        settle(item);
      }
    },
    warn: (warning) => {
      told.warnings.set(warning.message, warning);
    },
    pool: () => poolOf(draft, entries, reasons, told),
  };
}

/** What the answers told besides texts. */
interface Told {
  readonly models: Record<string, number>;
  readonly warnings: Map<string, Pool["warnings"][number]>;
  calls: number;
  promptTokens: number;
  completionTokens: number;
}

function note(told: Told, { model, calls, promptTokens, completionTokens, warnings }: Completion): void {
  for (const warning of warnings) told.warnings.set(warning.message, warning);
  told.models[model] = (told.models[model] ?? 0) + 1;
  told.calls += calls;
  told.promptTokens += promptTokens;
  told.completionTokens += completionTokens;
}

function poolOf(
  { group, by, slots, items }: Draft,
  entries: ReadonlyMap<number, Pool["entries"][number]>,
  reasons: ReadonlyMap<number, FallbackReason>,
  { warnings, ...spent }: Told,
): Pool {
  return {
    table: group.table,
    fields: group.fields,
    mode: group.mode,
    by: [...by],
    slots: [...slots],
    isReused: false,
    entries: items.flatMap(({ i }) => entries.get(i) ?? []),
    refused: items.flatMap(({ i, row }) => {
      const reason = reasons.get(i);
      return reason ? [{ row, reason }] : [];
    }),
    ...spent,
    warnings: [...warnings.values()],
  };
}
