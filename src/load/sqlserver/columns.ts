/**
 * Columns of a staging table: what the driver is given, and how the server makes the real value of it.
 *
 * The driver sends decimals through a double, exact to 15 digits only. So a decimal is staged as its whole
 * units in a bigint and becomes a decimal on the server, where multiplying by 0.01 is exact. Instants are given
 * as Dates made from UTC, never as text, which the driver reads in the process's own zone.
 */
import { TYPES } from "tedious";
import { type Field, scaleOf, type Table } from "../../dataset/schema.ts";
import type { StoredColumn } from "../ddl.ts";
import type { Reject, Row, Value } from "../row.ts";

type DriverType = (typeof TYPES)[keyof typeof TYPES];

export interface BulkColumn {
  readonly name: string;
  readonly type: DriverType;
  readonly options: { nullable: boolean; length?: number; precision?: number; scale?: number };
}

export interface StageColumn extends BulkColumn {
  /** As CREATE TABLE of the staging table has it. */
  readonly definition: string;
  /** The value of the real column, from the staged one. */
  readonly value: string;
  /** What is wrong with a value that the column can't hold. */
  readonly refuse?: (value: NonNullable<Value>) => string | undefined;
  /** The driver's value of one of ours, where it is another. */
  readonly convert?: (value: NonNullable<Value>) => unknown;
}

/** No field is called so: theirs start with a letter. */
export const LINE = "_line";

export const LINE_COLUMN: BulkColumn = { name: LINE, type: TYPES.BigInt, options: { nullable: false } };

const INT_MOST = 2 ** 31;

export function stageColumns(table: Table, stored: readonly StoredColumn[]): StageColumn[] {
  return table.fields.map((field, i) => stageColumn(field, stored[i] as StoredColumn));
}

function stageColumn(field: Field, { name, type, shape }: StoredColumn): StageColumn {
  const column = (
    given: DriverType,
    options: Partial<BulkColumn["options"]> = {},
    how: Pick<StageColumn, "refuse" | "convert"> = {},
  ): StageColumn => ({
    ...{ name, type: unchecked(given), options: { nullable: true, ...options } },
    ...{ definition: `[${name}] ${type} NULL`, value: `[${name}]`, ...how },
  });
  switch (shape.base) {
    case "int":
      return column(TYPES.Int, {}, { refuse: refuseLarge });
    case "decimal": {
      const units = `CONVERT(decimal(19, 0), [${name}])${perUnit(field)}`;
      const value = `CONVERT(decimal(${shape.precision}, ${shape.scale}), ${units})`;
      return { ...column(TYPES.BigInt), definition: `[${name}] bigint NULL`, value };
    }
    case "bit":
      return column(TYPES.Bit, {}, { convert: (value) => value === 1 });
    case "date":
      return column(TYPES.Date, {}, { convert: (value) => new Date(`${value}T00:00:00Z`) });
    case "datetime2":
      return column(TYPES.DateTime2, { scale: shape.scale }, { convert: (value) => new Date(value as string) });
    case "time":
      return column(TYPES.Time, { scale: shape.scale }, { convert: (value) => new Date(`1970-01-01T${value}Z`) });
    case "uniqueidentifier":
      return column(TYPES.UniqueIdentifier);
    case "nvarchar": {
      if (shape.length === "max") return column(TYPES.NVarChar, { length: Number.POSITIVE_INFINITY });
      return column(TYPES.NVarChar, { length: shape.length }, { refuse: refuseLonger(shape.length) });
    }
    default:
      return column(TYPES.BigInt);
  }
}

/**
 * The driver's type without its own checks. In a bulk load they judge a date's year by the zone of the process,
 * so that 9999-12-31 is refused east of Greenwich; and every value has been checked by us.
 */
function unchecked(type: DriverType): DriverType {
  const validate = (value: unknown) => (type === TYPES.BigInt && typeof value === "number" ? BigInt(value) : value);
  return { ...type, validate };
}

const refuseLarge = (value: NonNullable<Value>): string | undefined =>
  Number(value) >= -INT_MOST && Number(value) < INT_MOST ? undefined : `${value} is beyond a column of 32 bits`;

const refuseLonger =
  (most: number) =>
  (value: NonNullable<Value>): string | undefined =>
    (value as string).length <= most ? undefined : `the text is longer than the ${most} characters of its column`;

/** " * 0.01" for two decimals: a literal of exactly that scale. */
function perUnit(field: Field): string {
  const scale = scaleOf(field);
  return scale === 0 ? "" : ` * 0.${"1".padStart(scale, "0")}`;
}

/** A row as the driver takes it, its line first; undefined when a column can't hold its value, which is told. */
export function driverRow(row: Row, columns: readonly StageColumn[], reject: Reject): unknown[] | undefined {
  const given: unknown[] = new Array(columns.length + 1);
  given[0] = row[0];
  for (let i = 0; i < columns.length; i++) {
    const value = row[i + 1] as Value;
    const { name, refuse, convert } = columns[i] as StageColumn;
    if (value === null) {
      given[i + 1] = null;
      continue;
    }
    const wrong = refuse?.(value);
    if (wrong !== undefined) {
      reject(row[0], `field ${name}: ${wrong}`);
      return undefined;
    }
    given[i + 1] = convert ? convert(value) : value;
  }
  return given;
}
