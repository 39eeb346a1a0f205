/**
 * The reference CSV writer: csv-stringify with the options that define our format.
 *
 * It is the plain reading of the contract (clear, slow) and the authority that `csv.ts` is tested
 * against; the header line of every file comes from here.
 */
import { stringify } from "csv-stringify/sync";
import { type Column, cellAt, decimalText } from "../column.ts";

/** The CSV of these columns' first `count` rows, each line ended by LF. */
export function stringifyRows(columns: readonly Column[], count: number, formulaGuard: boolean): string {
  const scales = columns.map((column) => (column.kind === "numbers" && column.as === "number" ? column.scale : 0));
  const rows = Array.from({ length: count }, (_, i) =>
    columns.map((column) => {
      // Decimals go in as numbers of units, so that the guard can tell a negative amount from a formula.
      const isDecimal = column.kind === "numbers" && column.as === "number" && !column.nulls?.[i];
      return isDecimal ? column.values[i] : cellAt(column, i);
    }),
  );
  return stringify(rows, {
    record_delimiter: "\n",
    quote_record_delimiter: true,
    // An empty string is quoted, NULL is not: this pattern is asked only about strings.
    quoted_match: /^$/,
    escape_formulas: formulaGuard,
    cast: {
      number: (units, { index }) => decimalText(units, scales[index] as number),
      boolean: (value) => String(value),
    },
  });
}

/** The header line, with its LF. */
export function headerLine(names: readonly string[]): string {
  return stringify([names], { record_delimiter: "\n" });
}
