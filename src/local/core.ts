/**
 * Stands in for the Functions worker: supplies "@azure/functions-core", a module that exists only inside it.
 *
 * The library looks the module up on the first app.* call and remembers the answer for good, found or not. So
 * installCore() must run before the app is imported, and a process has one core and one app.
 */

import { EventEmitter } from "node:events";
import http from "node:http";
import Module from "node:module";

export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** One trigger, input or output of a function, as the library hands it to the worker. */
export interface Binding {
  readonly type: string;
  readonly direction: "in" | "out";
  readonly [property: string]: unknown;
}

export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
  readonly handler: (...inputs: unknown[]) => unknown;
}

/** A value as it crosses from host to worker. `string` is parsed as JSON where that is possible, `json` must be JSON. */
export type Data = { readonly string: string } | { readonly json: string };

export interface Call {
  readonly id: string;
  readonly input: Data;
  readonly metadata: Readonly<Record<string, Data>>;
  /** Says what is sent back, given what the handler returned or the error it threw. */
  readonly reply?: (result: unknown, error: unknown) => unknown;
}

type Log = (level: LogLevel, message: string, functionName?: string) => void;

export interface Core {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /**
   * Ends registration. Returns the library's own HTTP server, made not to listen: a request whose `request` event
   * is emitted on it, under its invocation id, is the one that invocation gets. Undefined when the app did not
   * call `app.setup({ enableHttpStream: true })`.
   */
  start(log: Log): Promise<EventEmitter | undefined>;
  /** Runs the hooks of the app's start or end, in the order they were registered. */
  runHooks(name: "appStart" | "appTerminate"): Promise<void>;
  /** Runs hooks, handler and the library's conversions. Throws what the handler threw, after `reply` was sent. */
  invoke(target: RegisteredFunction, call: Call): Promise<void>;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: RegisteredFunction["handler"]): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

interface ProgrammingModel {
  getInvocationModel(context: object): InvocationModel;
  getCapabilities(capabilities: object): Promise<{ HttpUri?: string }>;
}

type Hook = (context: object) => unknown;

type WorkerLog = (
  level: LogLevel,
  category: string,
  message: string,
  functionName?: string,
  invocationContext?: unknown,
) => void;

let installed: Core | undefined;

/** Makes `require("@azure/functions-core")` succeed in this process. Safe to repeat: the core stays the same. */
export function installCore(): Core {
  installed ??= createCore();
  return installed;
}

function createCore(): Core {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = createHooks();
  let model: ProgrammingModel | undefined;
  let proxy: Promise<EventEmitter | undefined> | undefined;
  let write: Log = () => {};

  const log: WorkerLog = (level, category, message, functionName, invocationContext) => {
    const entry = { hookData: {}, appHookData: hooks.appHookData, level, category, message, invocationContext };
    for (const hook of hooks.named("log")) hook(entry);
    write(entry.level, entry.message, functionName);
  };

  provideModule({
    version: "3.13.0",
    hostVersion: "4.1045.0",
    log: (level: LogLevel, category: string, message: string) => log(level, category, message),
    setProgrammingModel(given: ProgrammingModel) {
      model = given;
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: Omit<RegisteredFunction, "handler">, handler: RegisteredFunction["handler"]) {
      if (proxy) throw new Error(`Function "${metadata.name}" can't be registered after the app has started.`);
      if (functions.has(metadata.name)) throw new Error(`Two functions are named "${metadata.name}".`);
      functions.set(metadata.name, { ...metadata, handler });
      return { dispose: () => functions.delete(metadata.name) };
    },
    registerHook: hooks.register,
    Disposable: class {
      readonly dispose: () => unknown;
      constructor(dispose: () => unknown) {
        this.dispose = dispose;
      }
    },
  });

  return {
    functions,
    start(to) {
      write = to;
      proxy ??= withoutListening(async () => (await model?.getCapabilities({}))?.HttpUri !== undefined);
      return proxy;
    },
    async runHooks(name) {
      const context = { hookData: {}, appHookData: hooks.appHookData };
      for (const hook of hooks.named(name)) await hook(context);
    },
    invoke(target, call) {
      if (model === undefined) throw new Error("The app has not been loaded");
      return invoke(model, hooks, log, target, call);
    },
  };
}

interface Hooks {
  /** What hooks share for as long as the app lives. */
  readonly appHookData: object;
  /** The hooks of one name, in the order they were registered. Each may change the context it is called with. */
  named(name: string): Iterable<Hook>;
}

function createHooks() {
  const names = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"];
  const registered = new Map<string, Set<Hook>>(names.map((name) => [name, new Set()]));
  return {
    appHookData: {},
    named: (name: string) => registered.get(name) ?? [],
    register(name: string, hook: Hook) {
      const sameName = registered.get(name);
      if (!sameName) throw new RangeError(`Unrecognized hook "${name}"`);
      sameName.add(hook);
      return { dispose: () => sameName.delete(hook) };
    },
  };
}

async function invoke(
  model: ProgrammingModel,
  hooks: Hooks,
  log: WorkerLog,
  target: RegisteredFunction,
  call: Call,
): Promise<void> {
  const trigger = Object.keys(target.bindings).find((name) => isTrigger(target.bindings[name]));
  let context: unknown;
  const coreContext = {
    invocationId: call.id,
    metadata: target,
    request: { inputData: [{ name: trigger, data: call.input }], triggerMetadata: call.metadata },
    state: undefined as string | undefined,
    log: (level: LogLevel, category: string, message: string) => log(level, category, message, target.name, context),
  };
  const invocation = model.getInvocationModel(coreContext);
  const given = await invocation.getArguments();
  context = given.context;

  const shared = { hookData: {}, appHookData: hooks.appHookData, invocationContext: context };
  const before = { ...shared, inputs: given.inputs, functionCallback: target.handler };
  coreContext.state = "preInvocationHooks";
  for (const hook of hooks.named("preInvocation")) await hook(before);
  coreContext.state = undefined;

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  try {
    after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error("The handler threw nothing");
  }
  coreContext.state = "postInvocationHooks";
  for (const hook of hooks.named("postInvocation")) await hook(after);
  coreContext.state = undefined;

  if (call.reply) await invocation.getResponse(context, call.reply(after.result, after.error));
  if (after.error !== null) throw after.error;
}

/** True for the one binding that starts a function. The library itself goes by the type's ending. */
export function isTrigger(binding: Binding | undefined): boolean {
  return /trigger$/i.test(binding?.type ?? "");
}

/** Answers `require("@azure/functions-core")` everywhere in the process, the way the worker itself does it. */
function provideModule(core: object): void {
  const original = Module.prototype.require;
  Module.prototype.require = function (this: unknown, id: string) {
    return id === "@azure/functions-core" ? core : original.call(this as NodeJS.Module, id);
  };
}

/**
 * Runs the library's start-up with `http.createServer` replaced for that one synchronous moment. Its streaming
 * server would listen on every interface, could not be closed and would cost a second hop; all the library does
 * with it is wait for `request` events, so an emitter with `listen` and `address` will do.
 */
async function withoutListening(start: () => Promise<boolean>): Promise<EventEmitter | undefined> {
  const createServer = http.createServer;
  const proxy = Object.assign(new EventEmitter(), {
    listen: (done: () => void) => queueMicrotask(done),
    address: () => ({ port: 1 }),
  });
  let started: Promise<boolean>;
  try {
    http.createServer = (() => proxy) as unknown as typeof http.createServer;
    started = start();
  } finally {
    http.createServer = createServer;
  }
  return (await started) ? proxy : undefined;
}
