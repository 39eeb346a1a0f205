/**
 * One streamed bulk load through the driver under `mssql`: rows are pulled from an iterable as the server takes them,
 * and the timeout is the load's own. `mssql` itself would keep all rows in an array and use the pool's timeout.
 */
import sql from "mssql";
import type { BulkLoad, Connection, TYPES } from "tedious";

type ColumnOptions = Parameters<BulkLoad["addColumn"]>[2];
export type BulkColumnOf = readonly [name: string, type: (typeof TYPES)[keyof typeof TYPES], options: ColumnOptions];

/** What pools and transactions can do beside what their types say. */
interface Owner {
  acquire(request: sql.Request, done: (error: Error | null, connection: Connection) => void): void;
  release(connection: Connection): void;
}

export interface StreamedBulk {
  readonly table: string;
  readonly columns: readonly BulkColumnOf[];
  readonly rows: Iterable<unknown[]> | AsyncIterable<unknown[]>;
  readonly options?: { checkConstraints?: boolean; lockTable?: boolean; keepNulls?: boolean };
  /** 0, the default: none. */
  readonly timeoutMs?: number;
  /** Given the means to cancel once rows are under way. */
  readonly onStart?: (cancel: () => void) => void;
}

/** The number of rows the server counted. */
export async function streamBulk(pool: sql.ConnectionPool | sql.Transaction, load: StreamedBulk): Promise<number> {
  const { table, columns, rows, options = {}, timeoutMs = 0, onStart } = load;
  const owner = pool as unknown as Owner;
  const request = new sql.Request(pool as sql.Transaction);
  const connection = await new Promise<Connection>((resolve, reject) => {
    owner.acquire(request, (error, acquired) => (error ? reject(error) : resolve(acquired)));
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null | undefined, count?: number) => (error ? reject(error) : resolve(count ?? 0));
      const bulk = connection.newBulkLoad(table, options, done);
      bulk.setTimeout(timeoutMs);
      for (const [name, type, column] of columns) bulk.addColumn(name, type, column);
      connection.execBulkLoad(bulk, rows as AsyncIterable<unknown[]>);
      onStart?.(() => connection.cancel());
    });
  } finally {
    owner.release(connection);
    // The driver closes the source when a load fails or is cancelled, but not when the connection breaks.
    await (rows as Partial<AsyncGenerator>).return?.(undefined);
  }
}
