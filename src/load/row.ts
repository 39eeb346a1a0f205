/** Rows of a CSV file on their way into SQL. */

/**
 * A field's value on its way into SQL. Decimals are whole units of 10^-scale, booleans 0 and 1, whole
 * numbers beyond 2^53 bigints; dates, times and all the rest are text.
 */
export type Value = string | number | bigint | null;

/** The line of the CSV file a row starts on (the header is line 1), then its values in field order. */
export type Row = [line: number, ...values: Value[]];

/** Told of each row that can't be read or stored; such a row goes no further. */
export type Reject = (line: number, reason: string) => void;
