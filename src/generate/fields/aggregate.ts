/**
 * A value over the rows that a row owns: the order's total is the sum of its lines' amounts, exact to
 * the cent, because it is added up from the very values that the lines will have.
 *
 * The children must lie by this parent (`children` on their foreign key). Of no children the count and
 * the sum are 0, the least and the greatest NULL; a NULL among them is left out, as in SQL.
 */
import { z } from "zod";
import { JobFailure } from "../../dataset/errors.ts";
import { type Field, scaleOf } from "../../dataset/schema.ts";
import type { Numbers } from "../column.ts";
import {
  type Block,
  both,
  type Children,
  demandType,
  type FieldContext,
  faultsAt,
  GeneratorFault,
  type Kind,
} from "../kind.ts";

const parameters = z.strictObject({
  /** The child table, and how its foreign key calls this one. */
  of: z.string(),
  via: z.string(),
  fn: z.enum(["sum", "count", "min", "max"]),
  /** A field of the child, or a path from there; not for count. */
  field: z.string().optional(),
  /** Only the children for which this is true, over the child's fields. */
  where: z.string().optional(),
});
type Parameters = z.infer<typeof parameters>;

export const aggregate: Kind<Parameters> = {
  summary: "The sum, count, least or greatest value over the rows of a child table that this row owns.",
  example: {
    type: "integer",
    generator: { kind: "aggregate", of: "lines", via: "things", fn: "sum", field: "pieces" },
  },
  parameters,
  compile: (given, context) => {
    const children = context.children(given.of, given.via);
    const [read, where] = both(
      () => readerOf(given, context, children),
      () => conditionOf(given, children),
    );
    const { field } = context;
    const scale = scaleOf(field);
    const as = field.type === "integer" ? "number" : (field.type as Numbers["as"]);
    return {
      column: (block): Numbers => {
        const { values, seen } = fold(given.fn, block, children, read, where);
        if (as === "number") demandExact(values, field);
        if (given.fn === "sum" || given.fn === "count") return { kind: "numbers", as, scale, values };
        return { kind: "numbers", as, scale, values, nulls: seen.map((isSeen) => 1 - isSeen) };
      },
    };
  },
};

type Read = (block: Block) => Numbers;

/** The children's values in this field's units; of a count nothing is read. */
function readerOf({ fn, field: path }: Parameters, context: FieldContext, children: Children): Read | undefined {
  const { field } = context;
  if (fn === "count") {
    demandType(context, ["integer"], "A count makes integers");
    return undefined;
  }
  if (path === undefined)
    throw new GeneratorFault("bad-parameter", `aggregate: ${fn} needs the field to read.`, "/field");
  demandType(
    context,
    fn === "sum" ? ["integer", "number"] : ["integer", "number", "date", "datetime"],
    fn === "sum" ? "A sum makes integers and numbers" : `The ${fn} of numbers or times`,
  );
  const reader = faultsAt("/field", () => children.reader(path));
  const isNumber = (type: Field["type"]) => type === "integer" || type === "number";
  const fits = reader.field.type === field.type || (isNumber(reader.field.type) && isNumber(field.type));
  if (!fits || scaleOf(reader.field) > scaleOf(field)) {
    const message = `${path} is ${reader.field.type} with scale ${scaleOf(reader.field)}; give ${field.name} that type and at least that scale.`;
    throw new GeneratorFault("type-mismatch", message, "/field");
  }
  const factor = isNumber(field.type) ? 10 ** (scaleOf(field) - scaleOf(reader.field)) : 1;
  return (block) => {
    const column = reader.column(block) as Numbers;
    return factor === 1 ? column : { ...column, values: column.values.map((value) => value * factor) };
  };
}

function conditionOf({ where }: Parameters, children: Children): Read | undefined {
  if (where === undefined) return undefined;
  const condition = faultsAt("/where", () => children.expression(where));
  if (condition.type === "boolean") return (block) => condition.column(block) as Numbers;
  throw new GeneratorFault("type-mismatch", `"${where}" is ${condition.type}; it must be true or false.`, "/where");
}

/** One value for each row of the block, and 1 where any child had one. */
function fold(fn: Parameters["fn"], block: Block, children: Children, read: Read | undefined, where: Read | undefined) {
  const values = new Float64Array(block.rows.length);
  const seen = new Uint8Array(block.rows.length);
  for (const { block: child, owners } of children.pieces(block)) {
    const column = read?.(child);
    const condition = where?.(child);
    for (let i = 0; i < owners.length; i++) {
      if (column?.nulls?.[i] === 1 || (condition && (condition.values[i] === 0 || condition.nulls?.[i] === 1)))
        continue;
      const owner = owners[i] as number;
      const value = column ? (column.values[i] as number) : 1;
      const before = values[owner] as number;
      if (fn === "sum" || fn === "count") values[owner] = before + value;
      else if (seen[owner] === 0) values[owner] = value;
      else values[owner] = fn === "min" ? Math.min(before, value) : Math.max(before, value);
      seen[owner] = 1;
    }
  }
  return { values, seen };
}

function demandExact(values: Float64Array, field: Field): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i] as number) <= Number.MAX_SAFE_INTEGER) continue;
    throw new JobFailure("overflow", `${field.name} exceeds 2^53 units of 10^-${scaleOf(field)}.`);
  }
}
