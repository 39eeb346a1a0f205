/** The model's side over real HTTP with the real client: each fault of the other side, by name. */
import { afterEach, describe, expect, test } from "vitest";
import { type Completion, ModelFailure, type ModelSettings, type Prompt } from "../../../src/dataset/model.ts";
import { connectModel } from "../../../src/model/complete.ts";
import { makeClock } from "../../support/clock.ts";
import type { Fault } from "../../support/nemotron/faults.ts";
import { KEY, type Stub, type StubOptions, startNemotron } from "../../support/nemotron/server.ts";
import { makeSaved } from "../../support/saved.ts";

const NANO = "nvidia/nemotron-3-nano-30b-a3b";
const LIGHTNING = "nvidia/nemotron-3.5-lightning-30b-a3b";

const rowSchema = { type: "object", properties: { i: { type: "integer" }, note: { type: "string" } } };
const PROMPT: Prompt = {
  system: "Write rows.",
  user: ['- note: "A note"', '{"i":7,"city":"Oslo","length":"60-100 characters"}', '{"i":9,"city":"Rome"}'].join("\n"),
  answer: { name: "rows", schema: { type: "object", properties: { rows: { type: "array", items: rowSchema } } } },
  maxTokens: 200,
  seed: 5,
};

let stub: Stub;
afterEach(() => stub.close());

async function connect(options: StubOptions = {}, more: Partial<ModelSettings> = {}) {
  stub = await startNemotron({ key: KEY, ...options });
  const clock = makeClock();
  const settings = {
    apiKey: KEY,
    baseUrl: stub.url,
    models: [LIGHTNING],
    requestsPerMinute: 600,
    concurrency: 4,
    ...more,
  };
  const model = connectModel(settings, { ...makeSaved(), ...clock, random: () => 0.5 });
  const ask = (minutes = 10, calls = 20): Promise<Completion> => {
    return model.complete(PROMPT, { until: new Date(clock.now().getTime() + minutes * 60_000), calls });
  };
  return { ask, clock, settings };
}

const rowsIn = ({ content }: Pick<Completion, "content">): number[] =>
  (JSON.parse(content) as { rows: { i: number }[] }).rows.map(({ i }) => i);

async function failureOf(asked: Promise<Completion>): Promise<ModelFailure> {
  const error = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ModelFailure);
  const { message } = error as ModelFailure;
  for (const secret of [KEY, "127.0.0.1", "Account", "0f7f2a6e"]) expect(message).not.toContain(secret);
  return error as ModelFailure;
}

describe("a right answer", () => {
  test("is asked for by a minimal body, with thinking off and the form enforced", async () => {
    const { ask } = await connect();
    const answer = await ask();
    expect(rowsIn(answer)).toEqual([7, 9]);
    expect(answer).toMatchObject({ finish: "stop", model: LIGHTNING, calls: 1, warnings: [] });
    expect(answer.promptTokens).toBeGreaterThan(20);
    const [call] = stub.calls;
    expect(Object.keys(call?.body ?? {}).sort()).toEqual([
      "chat_template_kwargs",
      "max_tokens",
      "messages",
      "model",
      "response_format",
      "seed",
      "temperature",
      "top_p",
    ]);
    expect(call?.body.chat_template_kwargs).toEqual({ enable_thinking: false });
    expect(call?.body.response_format).toMatchObject({ type: "json_schema", json_schema: { strict: true } });
    expect(call?.headers["openai-organization"]).toBeUndefined();
    expect(Number(call?.headers["nvcf-poll-seconds"])).toBe(60);
  });

  test("takes nothing from variables that are meant for OpenAI", async () => {
    const foreign = {
      OPENAI_API_KEY: "sk-other",
      OPENAI_BASE_URL: "http://127.0.0.1:9",
      OPENAI_ORG_ID: "org",
      OPENAI_PROJECT_ID: "p",
      OPENAI_CUSTOM_HEADERS: "x-custom: 1",
    };
    Object.assign(process.env, foreign);
    try {
      const { ask } = await connect();
      await ask();
      expect(JSON.stringify(stub.calls[0]?.headers)).not.toMatch(
        /openai-(?:organization|project)|x-custom|x-stainless/,
      );
    } finally {
      for (const name of Object.keys(foreign)) delete process.env[name];
    }
  });

  test.each<[string, Fault]>([
    ["after 202 with NVCF-REQID", { kind: "accepted", times: 2 }],
    ["with a stray </think> in front", { kind: "thinkPrefix" }],
    ["in a fence", { kind: "fenced" }],
    ["without usage", { kind: "noUsage" }],
  ])("%s", async (_, fault) => {
    const { ask } = await connect();
    stub.plan(fault);
    const answer = await ask();
    expect(answer.content).toMatch(/^\s*(?:```json\s*)?\{"rows":\[\{"i":7/);
    if (fault.kind === "noUsage") expect([answer.promptTokens, answer.completionTokens]).toEqual([0, 0]);
    expect(stub.calls.length).toBe(1);
  });

  test("that came as reasoning with content null is handed on as such", async () => {
    const { ask } = await connect();
    stub.plan({ kind: "reasoningOnly" });
    const { content, reasoning } = await ask();
    expect(content).toBe("");
    expect(rowsIn({ content: reasoning })).toEqual([7, 9]);
  });

  test("that was cut or filtered says so and is not asked for again here", async () => {
    const { ask } = await connect();
    stub.plan({ kind: "cut" }, { kind: "filter" });
    expect((await ask()).finish).toBe("length");
    expect((await ask()).finish).toBe("filter");
    expect(stub.calls.length).toBe(2);
  });
});

describe("models", () => {
  test("nano is gone (410), before the key is looked at: lightning serves, and the job is told", async () => {
    const { ask } = await connect({}, { models: [NANO, LIGHTNING] });
    const answer = await ask();
    expect([answer.model, answer.calls]).toEqual([LIGHTNING, 2]);
    expect(answer.warnings).toEqual([
      {
        code: "model-gone",
        message: `The model ${NANO} is not served any more (status 410); ${LIGHTNING} served instead.`,
      },
    ]);
    expect((await ask()).warnings).toEqual(answer.warnings);
    expect(stub.calls.map(({ body }) => body.model)).toEqual([NANO, LIGHTNING, LIGHTNING]);
  });

  test("one that is found gone is asked no more, not even by those who waited for their turn", async () => {
    const { ask } = await connect({}, { models: [NANO, LIGHTNING], concurrency: 1 });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ model, calls }) => [model, calls])).toEqual([
      [LIGHTNING, 2],
      [LIGHTNING, 1],
      [LIGHTNING, 1],
    ]);
    expect(stub.calls.map(({ body }) => body.model)).toEqual([NANO, LIGHTNING, LIGHTNING, LIGHTNING]);
    await stub.close();
    const { ask: askNano } = await connect({}, { models: [NANO], concurrency: 1 });
    const failures = await Promise.all([1, 2, 3].map(() => failureOf(askNano())));
    expect(failures.map(({ code, calls }) => [code, calls])).toEqual([
      ["model-gone", 1],
      ["model-gone", 0],
      ["model-gone", 0],
    ]);
  });

  test("404 for the account moves on to the next; when all are gone it is said for good", async () => {
    const { ask } = await connect({}, { models: ["nvidia/none", NANO] });
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({ code: "model-gone", isLasting: true, calls: 2 });
    expect((await failureOf(ask())).calls).toBe(0);
  });
});

describe("what the server does not take", () => {
  test("json_schema: steps down to json_object, then to words, once and for all, without counting as a repeat", async () => {
    const { ask } = await connect({ refuses: ["json_schema", "json_object"] });
    const answer = await ask();
    expect(answer.calls).toBe(3);
    expect(answer.warnings).toMatchObject([{ code: "model-capability" }]);
    await ask();
    const formats = stub.calls.map(({ body }) => body.response_format?.type);
    expect(formats).toEqual(["json_schema", "json_object", undefined, undefined]);
    expect(stub.calls.at(-1)?.body.messages[0]?.content).toContain('"properties":{"rows"');
  });

  test("is left out once, also when several requests under way meet the same refusal", async () => {
    const { promise: allCame, resolve } = Promise.withResolvers<void>();
    let came = 0;
    const sleep = () => {
      if (++came === 4) resolve();
      return allCame;
    };
    const { ask } = await connect({ refuses: ["json_schema"], latencyMs: 1, clock: { now: () => new Date(), sleep } });
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(answers.map(({ calls }) => calls)).toEqual([2, 2, 2, 2]);
    await ask();
    expect(stub.calls.at(-1)?.body.response_format?.type).toBe("json_object");
  });

  test("a field by name is left out: the seed, and the switch for thinking", async () => {
    const { ask } = await connect({ refuses: ["seed", "chat_template_kwargs"] });
    expect((await ask()).calls).toBe(3);
    await ask();
    expect(Object.keys(stub.calls.at(-1)?.body ?? {})).not.toContain("seed");
    expect(stub.calls.length).toBe(4);
  });

  test("anything else in the body is our fault and is not tried again", async () => {
    const { ask } = await connect({ refuses: ["top_p"] });
    expect(await failureOf(ask())).toMatchObject({ code: "model-misconfigured", isLasting: true, calls: 1 });
  });
});

describe("the key and the account", () => {
  test.each([
    [401, "model-refused-key"],
    [402, "model-refused-key"],
    [403, "model-refused-key"],
    [418, "model-misconfigured"],
  ])("%i ends it at once, without key or account in the message", async (status, code) => {
    const { ask } = await connect();
    stub.plan({ kind: "status", status });
    expect(await failureOf(ask())).toMatchObject({ code, isLasting: true, calls: 1 });
  });

  test("a redirect is not followed: the prompt goes nowhere else", async () => {
    const other = await startNemotron();
    const { ask } = await connect();
    stub.plan({ kind: "redirect", to: `${other.url}/chat/completions` });
    expect(await failureOf(ask())).toMatchObject({ code: "model-misconfigured", isLasting: true });
    expect(other.calls.length).toBe(0);
    await other.close();
  });
});

describe("failures that may pass", () => {
  test("a status address that knows nothing of the answer says nothing of the model", async () => {
    const { ask } = await connect();
    stub.plan({ kind: "accepted", forgets: true });
    expect(await ask()).toMatchObject({ calls: 2, model: LIGHTNING, warnings: [] });
  });

  test("an answer that has no end is not read to it", async () => {
    const { ask } = await connect();
    stub.plan({ kind: "endless" });
    expect(await ask()).toMatchObject({ calls: 2 });
  });

  test.each<[string, Fault]>([
    ["500", { kind: "status", status: 500 }],
    ["502 with a page", { kind: "status", status: 502 }],
    ["504 without a body", { kind: "status", status: 504 }],
    ["an HTML page of status 200", { kind: "html200" }],
    ["an empty answer of status 200", { kind: "empty200" }],
    ["an error inside a 200", { kind: "error200" }],
    ["a cut connection", { kind: "disconnect" }],
  ])("%s: asked again, twice at most", async (_, fault) => {
    const { ask } = await connect();
    stub.plan(fault, fault);
    expect(await ask()).toMatchObject({ calls: 3 });
    stub.plan(fault, fault, fault);
    expect(await failureOf(ask())).toMatchObject({ code: "model-down", isLasting: false, calls: 3 });
  });

  test.each<[string, Fault]>([
    ["a server that hangs", { kind: "hang" }],
    ["an answer that drips", { kind: "drip", everyMs: 20 }],
  ])("%s ends with its attempt's time, and the next attempt is made", async (_, fault) => {
    const { ask } = await connect();
    stub.plan(fault);
    // 0.6 s left: the first attempt has 0.3 s of real time.
    expect(await ask(0.01)).toMatchObject({ calls: 2 });
  });

  test("an attempt's time may be any", async () => {
    const { ask } = await connect();
    expect(await ask(0.033_333)).toMatchObject({ calls: 1 });
  });

  test("no attempt is begun beyond the deadline, and none beyond the calls allowed", async () => {
    const { ask } = await connect();
    expect(await failureOf(ask(-1))).toMatchObject({ code: "model-deadline", isLasting: false, calls: 0 });
    stub.plan({ kind: "status", status: 500 }, { kind: "status", status: 500 });
    expect(await failureOf(ask(10, 2))).toMatchObject({ code: "model-budget", isLasting: false, calls: 2 });
  });
});

describe("a busy server", () => {
  const busy = (more: object = {}): Fault => ({ kind: "status", status: 429, ...more });

  test.each<[string, Fault, number]>([
    ["429 without a word: 15 seconds", busy(), 15],
    ["429 with Retry-After 2", busy({ retryAfter: 2 }), 2],
    ["429 with Retry-After 120", busy({ retryAfter: 120 }), 120],
    ["503 ResourceExhausted", { kind: "status", status: 503 }, 15],
    ["an error of code 429 inside a 200", { kind: "error200", code: 429 }, 15],
  ])("%s", async (_, fault, seconds) => {
    const { ask, clock } = await connect();
    stub.plan(fault);
    const before = clock.now().getTime();
    expect(await ask()).toMatchObject({ calls: 2 });
    expect((clock.now().getTime() - before) / 1_000).toBeCloseTo(seconds, 0);
  });

  test("that stays busy is asked after 15, 30, 60 and then every 120 seconds", async () => {
    const { ask, clock } = await connect();
    stub.plan(...Array.from({ length: 5 }, () => busy()));
    const before = clock.now().getTime();
    expect(await ask()).toMatchObject({ calls: 6 });
    expect(Math.round((clock.now().getTime() - before) / 1_000)).toBe(15 + 30 + 60 + 120 + 120);
  });
});

test("without settings there is no model, and asking says what to set", async () => {
  stub = await startNemotron();
  const model = connectModel(undefined, { ...makeSaved(), ...makeClock(), random: () => 0 });
  expect(model.hasModel()).toBe(false);
  const failure = await failureOf(model.complete(PROMPT, { until: new Date(), calls: 1 }));
  expect(failure).toMatchObject({
    code: "no-model",
    message: "No model is connected: set NVIDIA_API_KEY.",
    isLasting: true,
  });
});
