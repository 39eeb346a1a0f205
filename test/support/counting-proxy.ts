/** Stands between a client and a server and tells of every packet that the client sends, before it is passed on. */
import { connect, createServer, type Socket } from "node:net";

export interface CountingProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** `onPacket` gets the packet's place, from 1; what it returns `false` for goes no further, nor does anything after it. */
export async function startProxy(
  server: { host: string; port: number },
  onPacket: (place: number) => boolean,
): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let packets = 0;
  const proxy = createServer((client) => {
    const upstream = connect(server);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => other.destroy());
    }
    client.on("data", (packet) => {
      if (onPacket(++packets)) upstream.write(packet);
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as { port: number }).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
