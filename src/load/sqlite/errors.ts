/** What SQLite's result codes mean to a load. */
const BUSY = 5;
const CONSTRAINT = 19;

/** Another connection has the lock. */
export const isBusy = (error: unknown): error is Error => primaryCode(error) === BUSY;

/** A row breaks a key, a check or a type, or (at the commit) a foreign key. */
export const isConstraint = (error: unknown): error is Error => primaryCode(error) === CONSTRAINT;

/** SQLite's result code without its extension, 0 for another error. */
function primaryCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}
