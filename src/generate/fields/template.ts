/**
 * Text with holes: "{{adjective}} {{noun}}", each filled by a generator of `with` or by a field of the
 * row. A code around a key, like "ORD-{{id}}", is a key too, where the key's text can be told from the rest.
 */
import { z } from "zod";
import { type Field, generatorSpec } from "../../dataset/schema.ts";
import { type Column, type Joined, join, withMissing } from "../column.ts";
import { demandClosed, piecesOf } from "../holes.ts";
import {
  type Block,
  both,
  demandType,
  everyOne,
  type FieldContext,
  type Generator,
  type Kind,
  readerAt,
} from "../kind.ts";
import { makeVocabulary } from "../vocabulary.ts";

const parameters = z.strictObject({
  template: z.string().min(1),
  with: z.record(z.string(), generatorSpec).default({}),
});

export const template: Kind<z.infer<typeof parameters>> = {
  summary: "Text with holes, each filled by a field of the row, of a parent, or by a generator of its own.",
  example: {
    type: "string",
    generator: {
      kind: "template",
      template: "{{size}} {{parent.colour}} no. {{id}}",
      with: { size: { kind: "category", values: ["small", "large"] } },
    },
  },
  parameters,
  compile: (given, context) => {
    demandType(context, ["string"], "A template makes strings");
    const pieces = piecesOf(given.template);
    const [holes] = both(
      () =>
        everyOne(
          pieces.map((text, place) => () => (place % 2 === 0 ? literal(text) : hole(text, given.with, context))),
        ),
      () => demandClosed(given.template, "/template"),
    );
    const key = findKey(pieces, holes);
    let keyColumn: Column | undefined;
    const column = (block: Block): Joined => {
      const columns = holes.map((one) => one.column(block));
      if (key !== undefined) keyColumn = columns[key];
      const parts = columns.flatMap((one) => flatten(one, block));
      return join(parts, given.template);
    };
    if (key === undefined) return { column };
    const rowOf = holes[key]?.rowOf as Required<Generator>["rowOf"];
    // The key's own form (how many parts it has) is the same in every block.
    const partsOfKey = takeOut(pieces, key, () => keyColumn);
    return { column, rowOf: (joined, i) => rowOf(partsOfKey(joined as Joined), i) };
  },
};

interface Hole {
  readonly column: Generator["column"];
  readonly rowOf?: Generator["rowOf"] | undefined;
  /** The characters of its values, when all are known. */
  readonly characters?: string | undefined;
}

function literal(text: string): Hole {
  const column: Column = { kind: "literal", vocabulary: makeVocabulary([text]) };
  return { column: () => column };
}

function hole(name: string, fillers: z.infer<typeof parameters>["with"], context: FieldContext): Hole {
  const filler = Object.hasOwn(fillers, name) ? fillers[name] : undefined;
  if (filler) return context.nested(`with/${name}`, filler);
  const { field, column, rowOf } = readerAt(context, name, "/template");
  return { column, rowOf, characters: charactersOf(field) };
}

/** The characters of a field's values, where its type tells them; a minus only where there can be one. */
function charactersOf({ type, generator }: Field): string | undefined {
  if (type === "uuid") return `-${DIGITS}abcdef`;
  if (type !== "integer") return undefined;
  const isCount =
    generator?.kind === "sequence" && Number(generator.start ?? 1) >= 0 && Number(generator.step ?? 1) > 0;
  return isCount ? DIGITS : `-${DIGITS}`;
}

const DIGITS = "0123456789";

/**
 * The place of the one hole whose value is unique, when the whole text then is: it stands alone, or
 * the others are all before it (or all after it), parted by a character that it never has. Otherwise
 * "1" and "11" could be "11" and "1".
 */
function findKey(pieces: readonly string[], holes: readonly Hole[]): number | undefined {
  const keys = holes.flatMap(({ rowOf }, place) => (rowOf ? [place] : []));
  const [key] = keys;
  if (key === undefined || keys.length > 1) return undefined;
  if (pieces.length === 3) return key;
  const { characters } = holes[key] as Hole;
  const isLast = key === pieces.length - 2;
  const border = isLast ? pieces[key - 1]?.at(-1) : key === 1 ? pieces[key + 1]?.at(0) : undefined;
  return characters && border && !characters.includes(border) ? key : undefined;
}

/** Finds the key's column among the parts of a joined one; from the side on which no other hole is. */
function takeOut(pieces: readonly string[], key: number, form: () => Column | undefined): (column: Joined) => Column {
  let last: Joined | undefined;
  let taken: Column | undefined;
  return (column) => {
    if (column === last && taken) return taken;
    const like = form();
    const count = like?.kind === "joined" ? like.parts.length : 1;
    const isLast = key === pieces.length - 2;
    const beside = pieces[isLast ? key + 1 : key - 1] === "" ? 0 : 1;
    const first = isLast ? column.parts.length - beside - count : beside;
    const parts = column.parts.slice(first, first + count);
    last = column;
    taken = like?.kind === "joined" ? { kind: "joined", parts } : (parts[0] as Column);
    return taken;
  };
}

/** A joined column's own parts take its place, NULL where it is; empty literals are left out. */
function flatten(column: Column, { rows }: Block): Joined["parts"] {
  if (column.kind === "literal" && column.vocabulary.words[0] === "") return [];
  if (column.kind !== "joined") return [column];
  return column.parts.map((part) => withMissing(part, column.nulls, rows.length));
}
