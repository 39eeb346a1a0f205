/**
 * The connection to SQL Server or Azure SQL: one pool a process, sessions of one transaction each.
 *
 * Bulk loads go to the driver under `mssql` by the connection of the transaction: only there are rows pulled
 * as the server takes them, and named options and timeouts heeded (`mssql` keeps all rows in an array).
 */
import sql from "mssql";
import type { Connection } from "tedious";
import type { BulkColumn } from "./columns.ts";

/** The loader's own limits; the driver's are off. */
export interface Timeouts {
  /** One statement: moving 10^8 rows takes a while. */
  statementMs: number;
  /** Between two batches of a bulk load. */
  stallMs: number;
}

const TIMEOUTS: Timeouts = { statementMs: 60 * 60_000, stallMs: 2 * 60_000 };

/** A resuming serverless database needs about a minute. */
const LOGIN_TRIES = 12;
const LOGIN_WAIT_MS = 5_000;

/** How many connections one process may have: instances times this many count against the database's workers. */
const MOST_CONNECTIONS = 4;

export interface SqlServer {
  readonly database: string;
  begin(): Promise<Session>;
  close(): Promise<void>;
}

/** Rows in the order of the columns, as the driver takes their values. */
type Batches = AsyncGenerator<readonly unknown[][]>;

/** One transaction on one connection. */
export interface Session {
  /**
   * All results, and the rows of the last one, as a table's triggers may give some before. Parameters are texts,
   * numbers or NULL.
   */
  query(
    statement: string,
    parameters?: Readonly<Record<string, string | number | null>>,
  ): Promise<{ rows: Record<string, unknown>[]; sets: Record<string, unknown>[][] }>;
  /** Streams batches of rows into a heap, in one INSERT BULK; what their source throws is thrown on. */
  bulk(table: string, columns: readonly BulkColumn[], batches: Batches): Promise<number>;
  commit(): Promise<void>;
  /** Safe after anything. */
  rollback(): Promise<void>;
}

/** No call is made before `begin`. */
export function connectSqlServer(connectionString: string, timeouts: Partial<Timeouts> = {}): SqlServer {
  const config = poolConfig(connectionString);
  const limits = { ...TIMEOUTS, ...timeouts };
  let pool: Promise<sql.ConnectionPool> | undefined;
  const open = async (): Promise<sql.ConnectionPool> => {
    const made = new sql.ConnectionPool(config);
    // A broken connection is reported to the request that used it, too.
    made.on("error", () => {});
    return made.connect();
  };
  return {
    database: config.database ?? "default",
    begin: async () => {
      pool ??= open();
      const opening = pool;
      const opened = await opening.catch((error) => {
        if (pool === opening) pool = undefined;
        throw error;
      });
      const transaction = new sql.Transaction(opened);
      await transaction.begin(sql.ISOLATION_LEVEL.READ_COMMITTED);
      return sessionOf(transaction, limits);
    },
    close: async () => {
      const opened = await pool?.catch(() => undefined);
      pool = undefined;
      await opened?.close();
    },
  };
}

/** `mssql` takes "Active Directory Default" for a login by password: what it stands for is told the driver from here. */
const IDENTITY = /(?:^|;)\s*Authentication\s*=\s*Active Directory (?:Default|Managed Identity|MSI)\s*(?:;|$)/i;

/** Encrypted, unless the string says otherwise, which settings allow for this machine only. */
export function poolConfig(connectionString: string): sql.config {
  const { options, ...parsed } = sql.ConnectionPool.parseConnectionString(connectionString) as sql.config;
  const clientId = (parsed as { clientId?: string }).clientId;
  const identity = {
    authentication: { type: "azure-active-directory-default", options: clientId === undefined ? {} : { clientId } },
  };
  return {
    ...parsed,
    ...(IDENTITY.test(connectionString) ? (identity as object) : {}),
    requestTimeout: 0,
    // Costs no statement before each request.
    ...({ validateConnection: "socket" } as object),
    pool: { ...parsed.pool, min: 0, max: MOST_CONNECTIONS },
    options: {
      ...options,
      encrypt: options?.encrypt ?? true,
      appName: "relata",
      useUTC: true,
      // SET XACT_ABORT ON: an error leaves no half of a statement behind.
      abortTransactionOnError: true,
      ...({ maxRetriesOnTransientErrors: LOGIN_TRIES, connectionRetryInterval: LOGIN_WAIT_MS } as object),
    },
  };
}

function sessionOf(transaction: sql.Transaction, limits: Timeouts): Session {
  // An aborted transaction is gone already.
  let isOver = false;
  transaction.on("rollback", () => {
    isOver = true;
  });
  return {
    query: async (statement, parameters = {}) => {
      const request = new sql.Request(transaction);
      for (const [name, value] of Object.entries(parameters)) {
        if (typeof value === "number") request.input(name, sql.BigInt, value);
        else request.input(name, sql.NVarChar(sql.MAX), value);
      }
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        request.cancel();
      }, limits.statementMs);
      try {
        const { recordsets } = await request.query(statement);
        const sets = recordsets as Record<string, unknown>[][];
        return { rows: sets.at(-1) ?? [], sets };
      } catch (error) {
        throw isLate ? late("A statement took too long.", error) : error;
      } finally {
        clearTimeout(timer);
      }
    },
    bulk: (table, columns, batches) => streamBulk(transaction, table, columns, batches, limits),
    commit: async () => {
      await transaction.commit();
      isOver = true;
    },
    rollback: async () => {
      if (isOver) return;
      isOver = true;
      // EABORT after XACT_ABORT, EINVALIDSTATE on a dead connection: either way there is nothing to roll back.
      await transaction.rollback().catch(() => {});
    },
  };
}

/** Broken off by the loader's own clock; known to faults.ts as passing. */
function late(message: string, cause: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: "ETIMEOUT" });
}

/** What transactions can do beside what their types say. */
interface Owner {
  acquire(request: sql.Request, done: (error: Error | null, connection: Connection) => void): void;
  release(connection: Connection): void;
}

async function streamBulk(
  transaction: sql.Transaction,
  table: string,
  columns: readonly BulkColumn[],
  batches: Batches,
  { stallMs, statementMs }: Timeouts,
): Promise<number> {
  const owner = transaction as unknown as Owner;
  const connection = await new Promise<Connection>((resolve, reject) => {
    owner.acquire(new sql.Request(transaction), (error, acquired) => (error ? reject(error) : resolve(acquired)));
  });
  const source = rowsOf(batches);
  let isStalled = false;
  const timer = setInterval(() => {
    // With all rows given it is the server that works, as long as a statement may.
    isStalled = performance.now() - source.pulledAt() > (source.isDone() ? statementMs : stallMs);
    if (isStalled) connection.cancel();
  }, stallMs / 4);
  try {
    return await new Promise<number>((resolve, reject) => {
      // TABLOCK: a heap that nobody else reads, and minimal logging where the recovery model has it.
      const options = { checkConstraints: true, keepNulls: true, lockTable: true };
      const bulk = connection.newBulkLoad(table, options, (error, count) =>
        error ? reject(error) : resolve(count ?? 0),
      );
      bulk.setTimeout(0);
      for (const { name, type, options } of columns) bulk.addColumn(name, type, options);
      connection.execBulkLoad(bulk, source.rows as Iterable<unknown[]>);
    });
  } catch (error) {
    if (isStalled) throw late("The bulk load stood still.", error);
    throw source.fault() ?? error;
  } finally {
    clearInterval(timer);
    owner.release(connection);
    // The driver closes the source of a load that fails, but not when the connection breaks. One that hangs is left.
    const closing = batches.return(undefined).catch(() => {});
    if (!isStalled) await closing;
  }
}

type Pulled = IteratorResult<unknown[], undefined>;

/**
 * The rows of all batches, with what their source died of and when a batch was last asked for. The driver takes
 * a result where it could be given a promise: only the first row of a batch is waited for, as a turn of the
 * promise queue for each row costs a fifth of the rate.
 */
function rowsOf(batches: Batches) {
  let fault: unknown;
  let pulledAt = performance.now();
  let isDone = false;
  let batch: readonly unknown[][] = [];
  let place = 0;
  const pull = async (): Promise<Pulled> => {
    pulledAt = performance.now();
    try {
      for (;;) {
        const { value, done } = await batches.next();
        if (done) {
          isDone = true;
          return { value: undefined, done: true };
        }
        batch = value;
        place = 0;
        if (batch.length > 0) return { value: batch[place++] as unknown[], done: false };
      }
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  const next = (): Pulled | Promise<Pulled> =>
    place < batch.length ? { value: batch[place++] as unknown[], done: false } : pull();
  const iterator = { next, return: () => batches.return(undefined) };
  return {
    rows: { [Symbol.iterator]: () => iterator } as unknown,
    fault: () => fault,
    pulledAt: () => pulledAt,
    isDone: () => isDone,
  };
}
