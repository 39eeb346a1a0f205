/** GET /health: 200 while storage answers, else 503. Says nothing that a stranger should not know. */
import type { HttpResponseInit } from "@azure/functions";
import type { World } from "../dataset/world.ts";

export function getHealth(world: Pick<World, "ping">, version: string) {
  return async (): Promise<HttpResponseInit> => {
    await world.ping();
    return { jsonBody: { status: "ok", version } };
  };
}
