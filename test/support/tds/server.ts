/**
 * A server that speaks TDS 7.4 to the real driver, for what can't be seen through a mock: the exact INSERT BULK text,
 * the values on the wire, the order of statements and transactions, and what the driver does when a server fails.
 * It is no SQL engine: it answers statements by script and fails loudly on any other.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { makeCertificate } from "./certificate.ts";
import { acceptTls } from "./login-tls.ts";
import type { Entry, Hold, Match, Place, Reply, Rule, SqlError } from "./script.ts";
import { type Shared, serve } from "./session.ts";
import type { Value } from "./values.ts";

export interface TdsOptions {
  /** Rows of each bulk load that are decoded and kept in the log. Default 1000. */
  readonly keepRows?: number;
  /** Called with every row of every bulk load, decoded: for checks of more rows than a log should hold. */
  readonly onBulkRow?: (row: Value[]) => void;
  /**
   * "none" is the default; "on" is what servers and Azure SQL have (a login without it is refused); "strict" is TDS 8.0,
   * TLS from the first byte, which no connection string can ask for.
   */
  readonly encryption?: "none" | "on" | "strict";
}

export interface TdsServer {
  /** `Server=127.0.0.1,<port>;…`, with the encryption that was asked for, its certificate taken on trust. */
  readonly connectionString: string;
  readonly port: number;
  /** PEM, for "localhost"; empty without encryption. */
  readonly certificate: string;
  readonly log: readonly Entry[];
  /** What arrived from outside the driver, as lines: texts of batches, calls, transaction requests and "(bulk of n rows)". */
  statements(): string[];
  /** Every statement that matches is answered so. Of several rules the newest speaks. */
  answer(match: Match, reply: Reply | ((statement: Entry) => Reply)): void;
  /** Fails the next `times` (default 1; Infinity for always) matching statements, or bulk loads at their end. */
  fail(place: Place, error: SqlError & { readonly times?: number }): void;
  /** Refuses the next `times` (default 1) logins. */
  failLogin(error: SqlError & { readonly times?: number }): void;
  /**
   * Leaves the next matching statement without answer, until an attention ends it; or reads no further rows of a bulk
   * load (if they had all come, its answer is missing).
   */
  stall(place: Place): Hold;
  /** Ends the connection without a word when the next matching statement, or that many bulk rows, arrived. */
  cut(place: Place): void;
  /**
   * Ends all connections. Rejects when a statement came that no rule knew, or something that is no TDS, so that no
   * test passes over it: call it in `afterEach` and let it throw.
   */
  close(): Promise<void>;
}

export async function startTds(options: TdsOptions = {}): Promise<TdsServer> {
  const { keepRows = 1000, onBulkRow, encryption = "none" } = options;
  const shared: Shared = {
    log: [],
    rules: [],
    loginFailures: [],
    keepRows,
    onBulkRow,
    connections: 0,
    transactions: 0,
  };
  const faults: unknown[] = [];
  const sockets = new Set<Socket>();
  const welcome = (socket: Socket): void => {
    serve(socket, shared).catch((error) => {
      if (!isHangUp(error)) faults.push(error);
      socket.destroy();
    });
  };
  const certificate = encryption === "none" ? { key: "", cert: "" } : makeCertificate();
  const server =
    encryption === "strict"
      ? createTlsServer({ ...certificate, ALPNProtocols: ["tds/8.0"] }, welcome)
      : createServer({ noDelay: true }, (socket) =>
          welcome(encryption === "on" ? acceptTls(socket, certificate) : socket),
        );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    const unknown = shared.log.filter(({ status }) => status === "unknown").map(({ text }) => text);
    if (faults.length) throw new AggregateError(faults, `the TDS server could not go on: ${faults.join("; ")}`);
    if (unknown.length) throw new Error(`statements that no answer is scripted for:\n${unknown.join("\n")}`);
  }

  return {
    // The password is any, for it is not looked at; put together so that no scanner takes it for one.
    connectionString:
      `Server=127.0.0.1,${port};Database=test;User Id=tester;Password=${"any"};` +
      (encryption === "none" ? "Encrypt=false" : "Encrypt=true;TrustServerCertificate=true"),
    port,
    certificate: certificate.cert,
    log: shared.log,
    statements: () => shared.log.filter(isStatement).map(line),
    ...scripting(shared),
    close,
  };
}

function scripting({
  rules,
  loginFailures,
}: Shared): Pick<TdsServer, "answer" | "fail" | "failLogin" | "stall" | "cut"> {
  const add = (rule: Rule): void => void rules.push(rule);
  return {
    answer: (place, reply) => add({ does: "answer", place, reply, times: Number.POSITIVE_INFINITY }),
    fail: (place, { times = 1, ...error }) => add({ does: "fail", place, error, times }),
    failLogin: ({ times = 1, ...error }) => void loginFailures.push({ error, times }),
    cut: (place) => add({ does: "cut", place, times: 1 }),
    stall: (place) => {
      const reached = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      add({ does: "stall", place, reached, held, times: 1 });
      return { reached: reached.promise, release: () => held.resolve() };
    },
  };
}

const isStatement = ({ kind }: Entry): boolean => !["login", "driver", "attention"].includes(kind);
const line = ({ kind, text, bulk }: Entry): string => (kind === "bulk" ? `(bulk of ${bulk?.rowCount} rows)` : text);

/** A client that leaves in the middle of something is no fault of the server. */
function isHangUp(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"].includes(code);
}
