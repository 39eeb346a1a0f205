/** A storage account behind small TCP relays, so that a test can cut the line and mend it without killing storage. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface Line {
  readonly connectionString: string;
  /** Ends all connections and takes no new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** Relays every endpoint of the connection string on ports of its own. */
export async function relayStorage(connectionString: string): Promise<Line> {
  const ports = [...new Set([...connectionString.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)))];
  const relays = await Promise.all(ports.map(startRelay));
  const relayed = relays.reduce((text, { from, to }) => text.replaceAll(`:${from}/`, `:${to}/`), connectionString);
  return {
    connectionString: relayed,
    cut: async () => void (await Promise.all(relays.map((relay) => relay.cut()))),
    mend: async () => void (await Promise.all(relays.map((relay) => relay.mend()))),
  };
}

async function startRelay(from: number) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const target = connect(from, "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      // A cut line resets both ends; that is its purpose.
      socket.on("error", () => {});
    }
    client.pipe(target).pipe(client);
    client.on("close", () => target.destroy());
    target.on("close", () => client.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    from,
    to: port,
    cut: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: async () => void (await once(server.listen(port, "127.0.0.1"), "listening")),
  };
}
