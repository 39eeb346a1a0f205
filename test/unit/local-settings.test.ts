import { describe, expect, test } from "vitest";
import { readHostSettings, resolveNames } from "../../src/local/config.ts";
import { readFunctions } from "../../src/local/functions.ts";

describe("host.json", () => {
  test("has the real host's defaults", () => {
    expect(readHostSettings({ version: "2.0" }, {})).toEqual({
      routePrefix: "api",
      logLevel: "information",
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        maxDequeueCount: 5,
        visibilityTimeoutSeconds: 0,
        maxPollingIntervalMs: 2000,
        messageEncoding: "base64",
      },
    });
  });

  test("is overridden by settings, whatever their case", () => {
    const hostJson = {
      extensions: { http: { routePrefix: "v1" }, queues: { batchSize: 2, visibilityTimeout: "1.00:00:30" } },
    };
    const environment = {
      AzureFunctionsJobHost__extensions__http__routePrefix: "",
      AZUREFUNCTIONSJOBHOST__EXTENSIONS__QUEUES__BATCHSIZE: "4",
      AzureFunctionsJobHost__logging__logLevel__default: "Warning",
    };
    const settings = readHostSettings(hostJson, environment);
    expect([settings.routePrefix, settings.logLevel]).toEqual(["", "warning"]);
    expect(settings.queues).toMatchObject({ batchSize: 4, newBatchThreshold: 2, visibilityTimeoutSeconds: 86_430 });
  });

  test.each([
    [{ batchSize: 33 }, "host.json: extensions.queues.batchSize must be a whole number from 1 to 32."],
    [{ messageEncoding: "utf8" }, "host.json: extensions.queues.messageEncoding must be one of base64, none."],
    [{ visibilityTimeout: "30s" }, 'host.json: "30s" is not a time span like 00:00:30.'],
  ])("with the queue settings %o is refused", (queues, message) => {
    expect(() => readHostSettings({ extensions: { queues } }, {})).toThrow(message);
  });
});

test("%NAME% is a setting's value, and a missing one is named", () => {
  expect(resolveNames("a-%ENV%-b", { ENV: "test" }, "f")).toBe("a-test-b");
  expect(() => resolveNames("%ENV%", {}, 'Function "f"')).toThrow(
    'Function "f" uses %ENV%, which is not set. Set ENV.',
  );
});

test("a function is left out by AzureWebJobs.<name>.Disabled, even one the host does not support", () => {
  const binding = (type: string) => ({ t: { type, direction: "in" as const, methods: ["GET"], route: "" } });
  const registered = [
    { name: "on", bindings: binding("httpTrigger"), handler: () => {} },
    { name: "off", bindings: binding("timerTrigger"), handler: () => {} },
  ];
  const settings = readHostSettings({}, {});
  const read = (environment: Record<string, string>) =>
    readFunctions(registered, { settings, environment, storage: "" }).map((found) => found.target.name);
  expect(read({ "AzureWebJobs.off.Disabled": "true" })).toEqual(["on"]);
  expect(() => read({})).toThrow('leave it out here with "AzureWebJobs.off.Disabled=true"');
});
