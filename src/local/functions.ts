/**
 * What the app registered, read as HTTP and queue functions. Whatever this host does not emulate is refused here,
 * by the name of the function and with a remedy: a binding silently left out would only show in Azure.
 */

import { type Environment, type HostSettings, resolveNames } from "./config.ts";
import { type Binding, isTrigger, type RegisteredFunction } from "./core.ts";
import { parseRoute, type Route } from "./route.ts";

export interface HttpFunction {
  readonly target: RegisteredFunction;
  readonly template: string;
  readonly route: Route;
  readonly methods: readonly string[];
  readonly authLevel: string;
}

interface QueueFunction {
  readonly target: RegisteredFunction;
  readonly queueName: string;
  readonly connectionString: string;
}

export interface Surroundings {
  readonly settings: HostSettings;
  readonly environment: Environment;
  /** Connection string of the setting AzureWebJobsStorage. */
  readonly storage: string;
}

export type AppFunction = ({ kind: "http" } & HttpFunction) | ({ kind: "queue" } & QueueFunction);

/** Leaves out functions disabled by `AzureWebJobs.<name>.Disabled`. Throws an Error for what is not supported. */
export function readFunctions(registered: Iterable<RegisteredFunction>, given: Surroundings): AppFunction[] {
  const enabled = [...registered].filter(({ name }) => {
    return !/^(true|1)$/i.test(given.environment[`AzureWebJobs.${name}.Disabled`] ?? "");
  });
  return enabled.map((target) => readFunction(target, given));
}

function readFunction(target: RegisteredFunction, given: Surroundings): AppFunction {
  const owner = `Function "${target.name}"`;
  const bindings = Object.entries(target.bindings);
  const trigger = bindings.map(([, binding]) => binding).find(isTrigger);
  const type = trigger?.type.toLowerCase();
  if (trigger === undefined || (type !== "httptrigger" && type !== "queuetrigger")) {
    throw new Error(
      `${owner} has the trigger "${trigger?.type}", which the local host does not support. ` +
        `Run it under Core Tools, or leave it out here with "AzureWebJobs.${target.name}.Disabled=true".`,
    );
  }
  const other = bindings.find(([, b]) => b !== trigger && !(type === "httptrigger" && b.type === "http"));
  if (other) {
    throw new Error(
      `${owner} has the ${other[1].direction}put binding "${other[1].type}", which the local host does not support. ` +
        "Use the service's client library in the function instead.",
    );
  }
  if (target.retryOptions) {
    throw new Error(`${owner} has a retry policy, which the local host does not support. Remove it.`);
  }
  const text = (property: string) => resolveNames(String(trigger[property] ?? ""), given.environment, owner);
  return type === "httptrigger"
    ? { kind: "http", ...readHttp(target, trigger, text("route") || target.name, given.settings.routePrefix) }
    : { kind: "queue", target, queueName: text("queueName"), connectionString: connection(owner, text, given) };
}

function readHttp(target: RegisteredFunction, trigger: Binding, route: string, prefix: string): HttpFunction {
  const owner = `Function "${target.name}"`;
  const authLevel = String(trigger.authLevel ?? "anonymous").toLowerCase();
  if (authLevel !== "anonymous" && authLevel !== "function") {
    throw new Error(`${owner} has authLevel "${authLevel}"; the local host knows anonymous and function. Use one.`);
  }
  if (/^(admin|runtime)(\/|$)/i.test(route)) {
    throw new Error(`${owner} has the route "${route}"; admin and runtime belong to the host. Choose another route.`);
  }
  const template = prefix === "" ? route : `${prefix}/${route}`;
  const methods = (trigger.methods as string[]).map((method) => method.toUpperCase());
  try {
    return { target, template, route: parseRoute(template), methods, authLevel };
  } catch (error) {
    throw new Error(`${owner} has the route "${template}": ${(error as Error).message}. Rewrite the route.`);
  }
}

function connection(owner: string, text: (property: string) => string, given: Surroundings): string {
  const name = text("connection") || "AzureWebJobsStorage";
  const value = name === "AzureWebJobsStorage" ? given.storage : given.environment[name];
  if (value) return value;
  throw new Error(`${owner} uses the connection "${name}", which is not set. Set ${name} to a connection string.`);
}
