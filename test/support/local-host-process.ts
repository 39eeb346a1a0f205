/**
 * The test app under a local host in a process of its own: prints the host's URL, how many ports are open, then every log line, and stops when
 * its input ends. Settings come from the environment: STORAGE, LEASE_SECONDS.
 */

import { once } from "node:events";
import { startHost } from "../../src/local/host.ts";

const host = await startHost({
  app: () => import("./local-app.ts"),
  hostJson: { extensions: { http: { routePrefix: "" } } },
  storage: String(process.env.STORAGE),
  port: 0,
  queueLeaseSeconds: Number(process.env.LEASE_SECONDS),
  log: console.log,
});
console.log(host.url);
const servers = process.getActiveResourcesInfo().filter((resource) => resource === "TCPServerWrap");
console.log(`listening on ${servers.length} port`);
process.stdin.resume();
await once(process.stdin, "end");
await host.stop();
