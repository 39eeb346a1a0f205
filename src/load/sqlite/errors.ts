/** What SQLite's result codes mean to a load. */
const BUSY = 5;
const CONSTRAINT = 19;
/** SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE and _ROWID. */
const UNIQUE_CODES = new Set([1555, 2067, 2579]);
const FILE_FAULTS = new Map([
  [8, "can't be written; let the service write it"],
  [10, "can't be read or written; look after its disk"],
  [11, "is damaged; remove it"],
  [13, "has no room; make some on its disk"],
  [14, "can't be opened; let the service write its folder"],
  [26, "is no database; remove it"],
]);

/** Another connection has the lock. */
export const isBusy = (error: unknown): error is Error => primaryCode(error) === BUSY;

/** A row breaks a key, a check or a type, or (at the commit) a foreign key. */
export const isConstraint = (error: unknown): error is Error => primaryCode(error) === CONSTRAINT;

/** A row has a key that another has. */
export const isUnique = (error: unknown): error is Error => isConstraint(error) && UNIQUE_CODES.has(codeOf(error));

/** What is wrong with the file itself, where it is the file; a sentence's end. */
export function fileFault(error: unknown): string | undefined {
  return FILE_FAULTS.get(primaryCode(error));
}

/** SQLite's result code without its extension, 0 for another error. */
const primaryCode = (error: unknown): number => codeOf(error) & 0xff;

function codeOf(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
}
